"""What the `contract` commands share: options, the deployment, how failures end."""

import logging
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
INTERRUPTED = 130
PATIENCE = 600.0
"""Real seconds that a run or data asset may take."""
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
    )


@contextmanager
def deployment_at(url: str | None) -> Iterator[str]:
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
def failing_cleanly() -> Iterator[None]:
    """What keeps the harness from telling anything ends the command with one line."""
    from contract_tests.baseline import BaselineError
    from contract_tests.options import CannotRunError
    from contract_tests.transport.ledger import LedgerError

    try:
        yield
    except (CannotRunError, BaselineError, LedgerError) as problem:
        stop(" ".join(str(problem).split()), COULD_NOT_RUN)
    except OSError as problem:
        stop(f"the report cannot be written: {problem}", COULD_NOT_RUN)
    except KeyboardInterrupt:
        stop("interrupted", INTERRUPTED)
