"""Options, deployment and error handling shared by the `contract` commands."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.common import stop

if TYPE_CHECKING:
    from contract_tests.options import Options

COULD_NOT_RUN = 2
PATIENCE = 600.0
"""Real seconds that a run or data asset may take."""
LONGEST_TIMEOUT = 86_400.0
"""A day: sockets take no timeout of more than three weeks."""
NEEDED = ("schemathesis", "codeocean", "jinja2", "jsonschema_rs", "requests")

AddressOption = Annotated[
    str | None, typer.Option("--url", help="The deployment (default: a fake started for the run).")
]
OwnerOption = Annotated[
    str | None, typer.Option("--token", envvar="CODEOCEAN_TOKEN", help="The token to test with.", show_envvar=True)
]
OtherOption = Annotated[
    str | None, typer.Option("--other-token", help="A token of another user, with whom nothing is shared.")
]
AdminOption = Annotated[str | None, typer.Option("--admin-token", help="A token of an administrator.")]
ReaderOption = Annotated[
    str | None, typer.Option("--reader-token", help="A token of the first user with read scopes only.")
]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="What the run may do: observe, sandboxed or full.")
]
HostOption = Annotated[str | None, typer.Option("--allow-host", help="Confirms the host name of a remote deployment.")]
LayerOption = Annotated[
    list[str] | None,
    typer.Option("--layer", help="Run only this layer: oracles, scenarios, probes or spec. Repeatable."),
]
QuickOption = Annotated[bool, typer.Option("--quick", help="Fewer generated requests: about a minute.")]
SpecOption = Annotated[
    Path | None, typer.Option("--spec", help="An OpenAPI document to use instead of the packaged one.")
]
CapsuleOption = Annotated[str | None, typer.Option("--capsule", help="The capsule to run.")]
PipelineOption = Annotated[str | None, typer.Option("--pipeline", help="The pipeline to run.")]
ComputationOption = Annotated[str | None, typer.Option("--computation", help="A completed computation with results.")]
DataAssetOption = Annotated[str | None, typer.Option("--data-asset", help="A ready data asset with files.")]
OperationOption = Annotated[
    list[str] | None,
    typer.Option("--allow-operation", help="An administrators' operation that may be sent. Repeatable."),
]
LedgerOption = Annotated[
    Path | None, typer.Option("--ledger", help="The file that records what runs create on a deployment.")
]
RequestsOption = Annotated[int | None, typer.Option("--max-requests", min=1, help="Maximum number of requests.")]
CreatedOption = Annotated[
    int | None, typer.Option("--max-created", min=0, help="Maximum number of data assets created.")
]
RunsOption = Annotated[int | None, typer.Option("--max-runs", min=0, help="Maximum number of computations started.")]
SecondsOption = Annotated[float | None, typer.Option("--max-seconds", min=1, help="Maximum duration in seconds.")]
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        min=0.1,
        max=LONGEST_TIMEOUT,
        help="Seconds that a response may take (default: 60, the first one 5).",
    ),
]
RateOption = Annotated[float | None, typer.Option("--rate", min=0.01, help="Maximum requests per second.")]


def options_of(
    url: str,
    tokens: Mapping[str, str | None],
    profile: str | None,
    subjects: Mapping[str, str | None],
    *,
    is_own: bool = False,
    allow_host: str | None = None,
    layers: Sequence[str] | None = None,
    quick: bool = False,
    seed: int | None = None,
    spec: Path | None = None,
    ledger: Path | None = None,
    budgets: Mapping[str, float | None] | None = None,
    allow_operations: Sequence[str] | None = None,
    control_token: str | None = None,
    patience: float = PATIENCE,
    timeout: float | None = None,
    baseline: Path | None = None,
) -> "Options":
    """Build the options of a run; None leaves a default. Raises `CannotRunError` for an unknown profile."""
    from contract_tests import run_identity
    from contract_tests.deployment import Subjects
    from contract_tests.options import DEFAULT_LEDGER, LAYERS, CannotRunError, Options
    from contract_tests.transport.profiles import Profile

    if profile is not None and profile not in list(Profile):
        raise CannotRunError(f"unknown profile: {profile}; choose observe, sandboxed or full")
    return Options(
        url=url,
        is_own=is_own,
        tokens={user: token for user, token in tokens.items() if token},
        profile=Profile(profile) if profile is not None else None,
        allow_host=allow_host,
        named=Subjects(**subjects),
        layers=tuple(layers) if layers else LAYERS,
        quick=quick,
        seed=seed if seed is not None else run_identity.seed(),
        spec=spec,
        ledger=ledger or DEFAULT_LEDGER,
        budgets={name: value for name, value in (budgets or {}).items() if value is not None},
        allow_operations=tuple(allow_operations or ()),
        control_token=control_token,
        patience=patience,
        timeout=timeout,
        baseline=baseline,
    )


@contextmanager
def deployment_at(url: str | None) -> Iterator[str]:
    """Yield `url`, or the URL of a fake that runs inside the block."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        stop(f"the contract suite requires {', '.join(missing)}: pip install 'codeocean-mock[contract]'", COULD_NOT_RUN)
    if url is not None:
        yield url
        return
    import logging

    from mock_server.embedded import MockCodeOcean  # Late: the other commands need no server.

    # The suite sends hostile requests on purpose: warnings about them are noise.
    logger = logging.getLogger("uvicorn.error")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with MockCodeOcean(world_idle=0) as started:
            yield started.url
    finally:
        logger.setLevel(level)


@contextmanager
def failing_cleanly() -> Iterator[None]:
    """End the command with one line when the suite cannot run."""
    from contract_tests.baseline import BaselineError
    from contract_tests.options import CannotRunError
    from contract_tests.transport.ledger import LedgerError

    try:
        yield
    except (CannotRunError, BaselineError, LedgerError) as problem:
        stop(" ".join(str(problem).split()), COULD_NOT_RUN)
    except OSError as problem:
        stop(f"the report cannot be written: {problem}", COULD_NOT_RUN)
