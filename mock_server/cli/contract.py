"""`contract`: the contract suite (`contract_tests`) on the command line."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.common import TokenOption, write, write_bytes
from mock_server.cli.contract_options import (
    PATIENCE,
    AddressOption,
    AdminOption,
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
    ReaderOption,
    RequestsOption,
    RunsOption,
    SecondsOption,
    SpecOption,
    TimeoutOption,
    deployment_at,
    failing_cleanly,
    options_of,
)
from mock_server.signals import raise_interrupts

if TYPE_CHECKING:
    from contract_tests.options import Options
    from contract_tests.reports.report import Report


def run(
    context: typer.Context,
    url: AddressOption = None,
    token: OwnerOption = None,
    other_token: OtherOption = None,
    admin_token: AdminOption = None,
    reader_token: ReaderOption = None,
    profile: ProfileOption = None,
    allow_host: HostOption = None,
    layer: LayerOption = None,
    quick: QuickOption = False,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Seed of the generated requests; random and reported when omitted."),
    ] = None,
    spec: SpecOption = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="A file of known differences.")] = None,
    capsule: CapsuleOption = None,
    pipeline: PipelineOption = None,
    computation: ComputationOption = None,
    data_asset: DataAssetOption = None,
    allow_operation: OperationOption = None,
    ledger: LedgerOption = None,
    max_requests: RequestsOption = None,
    max_created: CreatedOption = None,
    max_runs: RunsOption = None,
    max_seconds: SecondsOption = None,
    rate: RateOption = None,
    patience: Annotated[
        float, typer.Option("--patience", min=1, help="Seconds that a run or data asset may take.")
    ] = PATIENCE,
    timeout: TimeoutOption = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="A folder for report.html, report.json and junit.xml.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the summary.")] = False,
    control_token: TokenOption = None,
) -> None:
    """Check a deployment against the contract. Exit code 0: it conforms; 1: it violates the contract; 2: no verdict."""
    if context.invoked_subcommand is not None:
        return
    budgets = {
        "requests": max_requests,
        "created": max_created,
        "runs": max_runs,
        "seconds": max_seconds,
        "per_second": rate,
    }
    with deployment_at(url) as address, failing_cleanly():
        options = options_of(
            address,
            {"owner": token, "other": other_token, "admin": admin_token, "reader": reader_token},
            profile,
            {"capsule": capsule, "pipeline": pipeline, "computation": computation, "data_asset": data_asset},
            allow_host=allow_host,
            layers=layer,
            quick=quick,
            seed=seed,
            spec=spec,
            ledger=ledger,
            budgets=budgets,
            allow_operations=allow_operation,
            is_own=url is None,
            control_token=control_token,
            patience=patience,
            timeout=timeout,
            baseline=baseline,
        )
        done = _run(options, quiet or as_json)
        # Shown first: what cannot be written is not lost then.
        _print_report(done, as_json)
        if report is not None:
            from contract_tests.reports.folder import write_reports

            write_reports(done, report)
    raise typer.Exit(done.verdict.exit_code)


def _run(options: "Options", quiet: bool) -> "Report":
    from rich.console import Console

    from contract_tests import baseline as baselines
    from contract_tests import run_identity, suite
    from contract_tests.reports import progress

    raise_interrupts()
    known = baselines.read(options.baseline) if options.baseline is not None else None
    with progress.progress_display(Console(stderr=True), quiet) as display:
        return suite.run(options, run_identity.tag(), display, run_identity.now, known)


def _print_report(done: "Report", as_json: bool) -> None:
    from rich.console import Console

    from contract_tests.reports.json_text import json_text
    from contract_tests.reports.terminal import write_summary

    if as_json:
        write(json_text(done))
        return
    console = Console()
    with console.capture() as output:
        write_summary(done, console)
    write_bytes(output.get().encode("utf-8", "backslashreplace"))
