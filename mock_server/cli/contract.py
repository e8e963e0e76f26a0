"""`contract …`: whether a deployment, fake or real, keeps the contract. It is `contract_tests` on the command line."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mock_server.cli.common import TokenOption, stop, write, write_bytes

if TYPE_CHECKING:
    from contract_tests.options import Options
    from contract_tests.reports.report import Report

group = typer.Typer(help="Whether a deployment, fake or real, keeps the contract.", rich_markup_mode=None)

COULD_NOT_RUN = 2
INTERRUPTED = 130
NEEDED = ("schemathesis", "codeocean", "jinja2", "jsonschema_rs", "requests")

AddressOption = Annotated[
    str | None, typer.Option("--url", help="The deployment. Without it a fake is started for the run.")
]
OwnerOption = Annotated[
    str | None, typer.Option("--token", envvar="CODEOCEAN_TOKEN", help="The token to work with.", show_envvar=True)
]
OtherOption = Annotated[str | None, typer.Option("--other-token", help="A token of a user who is shared nothing.")]
AdminOption = Annotated[str | None, typer.Option("--admin-token", help="A token of an administrator.")]
ReaderOption = Annotated[str | None, typer.Option("--reader-token", help="One of the first user, with read scopes.")]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="What the run may do there: observe, sandboxed or full.")
]
HostOption = Annotated[
    str | None, typer.Option("--allow-host", help="The host's name once more, when it is not this machine.")
]
LayerOption = Annotated[
    list[str] | None, typer.Option("--layer", help="Only this one: spec, oracles, scenarios, probes. Repeatable.")
]
QuickOption = Annotated[bool, typer.Option("--quick", help="Fewer generated requests: about a minute.")]
SpecOption = Annotated[Path | None, typer.Option("--spec", help="An OpenAPI document in place of the packaged one.")]
CapsuleOption = Annotated[str | None, typer.Option("--capsule", help="The capsule to run.")]
PipelineOption = Annotated[str | None, typer.Option("--pipeline", help="The pipeline to run.")]
ComputationOption = Annotated[str | None, typer.Option("--computation", help="A completed run that has results.")]
DataAssetOption = Annotated[str | None, typer.Option("--data-asset", help="A ready data asset that has files.")]
OperationOption = Annotated[
    list[str] | None,
    typer.Option("--allow-operation", help="An operation for administrators that may be sent. Repeatable."),
]
LedgerOption = Annotated[
    Path | None, typer.Option("--ledger", help="Where it is written down what is made on a deployment.")
]
RequestsOption = Annotated[int | None, typer.Option("--max-requests", min=1, help="Send at most so many requests.")]
CreatedOption = Annotated[int | None, typer.Option("--max-created", min=0, help="Make at most so many data assets.")]
RunsOption = Annotated[int | None, typer.Option("--max-runs", min=0, help="Start at most so many computations.")]
SecondsOption = Annotated[float | None, typer.Option("--max-seconds", min=1, help="Stop after so many seconds.")]
RateOption = Annotated[float | None, typer.Option("--rate", min=0.01, help="At most so many requests a second.")]


@group.callback(invoke_without_command=True)
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
        int | None, typer.Option("--seed", min=0, help="Repeats what was generated; drawn and told when left out.")
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
        float, typer.Option("--patience", min=1, help="Seconds that a run or data asset may take there.")
    ] = 600.0,
    report: Annotated[
        Path | None, typer.Option("--report", help="A folder for report.html, report.json and junit.xml.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the summary alone.")] = False,
    control_token: TokenOption = None,
) -> None:
    """Run the suite. Exit code 0: the contract is kept; 1: it is broken; 2: nothing can be said."""
    if context.invoked_subcommand is not None:
        return
    budgets = {
        "requests": max_requests,
        "created": max_created,
        "runs": max_runs,
        "seconds": max_seconds,
        "per_second": rate,
    }
    with _deployment(url) as address, _failures():
        options = _options(
            address,
            {"owner": token, "other": other_token, "admin": admin_token, "reader": reader_token},
            profile,
            {"capsule": capsule, "pipeline": pipeline, "computation": computation, "data_asset": data_asset},
            allow_host=allow_host,
            layers=tuple(layer) if layer else None,
            quick=quick,
            seed=seed,
            spec=spec,
            ledger=ledger,
            budgets={name: value for name, value in budgets.items() if value is not None},
            allow_operations=tuple(allow_operation or ()),
            control_token=control_token,
            patience=patience,
        )
        done = _run(options, baseline, quiet or as_json)
        if report is not None:
            from contract_tests.reports.folder import write_reports

            write_reports(done, report)
        _show(done, as_json)
    raise typer.Exit(done.verdict.exit_code)


def _options(
    url: str, tokens: dict[str, str | None], profile: str | None, named: dict[str, str | None], **more: Any
) -> "Options":
    from contract_tests.deployment import Ground
    from contract_tests.options import CannotRunError, Options
    from contract_tests.profiles import Profile

    if profile is not None and profile not in list(Profile):
        raise CannotRunError(f"there is no profile called {profile}: observe, sandboxed or full")
    return Options(
        url=url,
        tokens={who: token for who, token in tokens.items() if token},
        profile=Profile(profile) if profile is not None else None,
        named=Ground(**named),
        **{name: value for name, value in more.items() if value is not None},
    )


def _run(options: "Options", baseline: Path | None, quiet: bool) -> "Report":
    from rich.console import Console

    from contract_tests import baseline as baselines
    from contract_tests import fresh, suite
    from contract_tests.reports import progress

    known = baselines.read(baseline) if baseline is not None else None
    with progress.shown(Console(stderr=True), quiet) as shown:
        return suite.run(options, fresh.tag(), shown, fresh.now, known)


def _show(done: "Report", as_json: bool) -> None:
    from rich.console import Console

    from contract_tests.reports.json_text import json_text
    from contract_tests.reports.terminal import write_summary

    if as_json:
        write(json_text(done))
        return
    console = Console()
    with console.capture() as shown:
        write_summary(done, console)
    write_bytes(shown.get().encode("utf-8", "backslashreplace"))


@contextmanager
def _deployment(url: str | None) -> Iterator[str]:
    """The address, or that of a fake which is there as long as the block."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        stop(f"the harness needs {', '.join(missing)}: pip install 'codeocean-mock[contract]'", COULD_NOT_RUN)
    if url is not None:
        yield url
        return
    from mock_server.embedded import MockCodeOcean  # Late: the other commands need no server.

    # Hostile requests are what it is for: what it says of them is not news.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    with MockCodeOcean(world_idle=0) as started:
        yield started.url


@contextmanager
def _failures() -> Iterator[None]:
    """What keeps the harness from telling anything ends the command with one line."""
    from contract_tests.baseline import BaselineError
    from contract_tests.ledger import LedgerError
    from contract_tests.options import CannotRunError

    try:
        yield
    except (CannotRunError, BaselineError, LedgerError) as problem:
        stop(" ".join(str(problem).split()), COULD_NOT_RUN)
    except OSError as problem:
        stop(f"the report cannot be written: {problem}", COULD_NOT_RUN)
    except KeyboardInterrupt:
        stop("interrupted", INTERRUPTED)
