"""`contract plan`, `contract rules`, `contract drift`, `contract sweep`."""

import sys
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.common import counted, write, write_bytes, write_json, write_table
from mock_server.cli.contract_options import (
    AddressOption,
    CapsuleOption,
    ComputationOption,
    CreatedOption,
    DataAssetOption,
    HostOption,
    LayerOption,
    LedgerOption,
    OperationOption,
    OtherOption,
    OwnerOption,
    PipelineOption,
    ProfileOption,
    QuickOption,
    RateOption,
    RequestsOption,
    RunsOption,
    SecondsOption,
    SpecOption,
    TimeoutOption,
    deployment_at,
    failing_cleanly,
    options_of,
)
from mock_server.domain.naming import USUAL_URL
from mock_server.signals import raise_interrupts

if TYPE_CHECKING:
    from contract_tests.cleanup import SweepResult
    from contract_tests.plan import Planned


class DriftFormat(StrEnum):
    """Output formats of `contract drift`."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


def plan(
    url: Annotated[str, typer.Option("--url", help="The deployment.")] = USUAL_URL,
    profile: ProfileOption = "observe",
    allow_host: HostOption = None,
    layer: LayerOption = None,
    quick: QuickOption = False,
    capsule: CapsuleOption = None,
    allow_operation: OperationOption = None,
    max_requests: RequestsOption = None,
    max_created: CreatedOption = None,
    max_runs: RunsOption = None,
    max_seconds: SecondsOption = None,
    rate: RateOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Print what a run would send, without sending anything."""
    with failing_cleanly():
        from contract_tests import plan as plans
        from contract_tests.transport.profiles import Profile

        options = options_of(
            url,
            {},
            profile,
            {"capsule": capsule},
            allow_host=allow_host,
            layers=layer,
            quick=quick,
            allow_operations=allow_operation,
            budgets={
                "requests": max_requests,
                "created": max_created,
                "runs": max_runs,
                "seconds": max_seconds,
                "per_second": rate,
            },
        )
        planned = plans.plan(options, Profile(profile or "observe"))
    rows = planned.rows
    if as_json:
        write_json([_planned(row) for row in rows])
        return
    would = [row for row in rows if row.reason is None]
    if would:
        cells = [(row.layer, row.check, row.cost.requests, " ".join(row.effects)) for row in would]
        write_table(("layer", "check", "requests", "effects"), cells)
    for reason, number in Counter(row.reason for row in rows if row.reason is not None).most_common():
        write(f"not run: {counted(number, 'check')}: {reason}")
    write(f"{len(would)} of {len(rows)} would run with the profile {profile}, with about {planned.requests} requests")
    if planned.left_out:
        write(f"left out to fit the budgets: {', '.join(planned.left_out)}")


def _planned(row: "Planned") -> dict[str, object]:
    return {
        "layer": row.layer,
        "check": row.check,
        "summary": row.summary,
        "runs": row.reason is None,
        "reason": row.reason,
        "requests": row.cost.requests,
        "effects": list(row.effects),
        "operations": [
            {"name": operation.name, "method": operation.method, "path": operation.template}
            for operation in row.operations
        ],
    }


def rules(
    text: Annotated[str, typer.Argument(help="Only rules with this text in their id, sentence or source.")] = "",
    operation: Annotated[str | None, typer.Option("--operation", help="Only rules of this operation.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rules as JSON.")] = False,
) -> None:
    """List the rules of the contract with the checks that judge each in a complete run."""
    with failing_cleanly():
        from mock_server.cli.contract_rules import write_rules

        write_rules(text, operation, as_json)


def drift(
    url: AddressOption = None,
    token: OwnerOption = None,
    other_token: OtherOption = None,
    allow_host: HostOption = None,
    layer: LayerOption = None,
    spec: SpecOption = None,
    capsule: CapsuleOption = None,
    pipeline: PipelineOption = None,
    computation: ComputationOption = None,
    data_asset: DataAssetOption = None,
    max_requests: RequestsOption = None,
    max_seconds: SecondsOption = None,
    rate: RateOption = None,
    timeout: TimeoutOption = None,
    output_format: Annotated[DriftFormat, typer.Option("--format", help="Output format.")] = DriftFormat.TABLE,
) -> None:
    """Show how the responses of a deployment differ from the spec. Only reads; no value is shown."""
    budgets = {"requests": max_requests, "seconds": max_seconds, "per_second": rate}
    with deployment_at(url) as address, failing_cleanly():
        from rich.console import Console

        from contract_tests import run_identity, suite
        from contract_tests.drift import render
        from contract_tests.reports.progress import progress_display

        options = options_of(
            address,
            {"owner": token, "other": other_token},
            "observe",
            {"capsule": capsule, "pipeline": pipeline, "computation": computation, "data_asset": data_asset},
            allow_host=allow_host,
            layers=layer,
            quick=True,
            spec=spec,
            budgets=budgets,
            timeout=timeout,
        )
        raise_interrupts()
        with progress_display(Console(stderr=True)) as display:
            drift_report = suite.drift(options, run_identity.tag(), display)
        if output_format is DriftFormat.JSON:
            write(render.json_text(drift_report))
        elif output_format is DriftFormat.MARKDOWN:
            write(render.markdown(drift_report))
        else:
            console = Console(width=None if sys.stdout.isatty() else render.WIDEST)
            with console.capture() as output:
                render.write_table(drift_report, console)
            lines = (f"{line.rstrip()}\n" for line in output.get().splitlines())
            write_bytes("".join(lines).encode("utf-8", "backslashreplace"))
    raise typer.Exit(1 if drift_report.differences else 0)


def sweep(
    token: OwnerOption = None,
    ledger: LedgerOption = None,
    allow_host: HostOption = None,
    rate: RateOption = 5.0,
    timeout: TimeoutOption = None,
    tag: Annotated[str | None, typer.Option("--tag", help="Only what this run created.")] = None,
) -> None:
    """Delete what earlier runs left behind, according to their ledger. Exit code 1 when something is left."""
    with failing_cleanly():
        import requests

        from contract_tests.cleanup import SweepResult, sweep_run
        from contract_tests.greeting import NO_TOKEN, describe_failure
        from contract_tests.options import DEFAULT_LEDGER, CannotRunError, Options
        from contract_tests.transport import ledger as ledgers
        from contract_tests.transport.profiles import Profile

        place = ledger or DEFAULT_LEDGER
        runs = [run for run in ledgers.read(place) if tag in (None, run.tag)]
        if tag is not None and not runs:
            raise CannotRunError(f"no run with the tag {tag} in {place}")
        # Of the others there is nothing to ask, wherever they were.
        runs = [run for run in runs if run.left]
        tokens = {"owner": token} if token is not None else {}
        if not runs and not tokens:
            raise CannotRunError(NO_TOKEN)
        total = SweepResult()
        raise_interrupts()
        for run in runs:
            where = Options(run.url, tokens=tokens, profile=Profile.OBSERVE, allow_host=allow_host)
            where.check()
            where.target()
        for run in runs:
            try:
                _add(total, sweep_run(place, run, token, rate, timeout))
            except requests.RequestException as problem:
                raise CannotRunError(f"{describe_failure(run.url, problem)}; its ledger entries are kept") from None
    for left in total.left:
        write(f"left behind: {left}")
    write(f"deleted {len(total.deleted)}, left {len(total.left)}")
    raise typer.Exit(1 if total.left else 0)


def _add(total: "SweepResult", result: "SweepResult") -> None:
    total.deleted += result.deleted
    total.left += result.left
