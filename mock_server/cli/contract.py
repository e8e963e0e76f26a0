"""`contract …`: whether a deployment, fake or real, keeps the contract."""

import secrets  # noqa: TID251 - the tag of a run is no part of any world
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mock_server.cli.common import TokenOption, stop, write, write_json
from mock_server.errors import StartError

if TYPE_CHECKING:
    from contract_tests.options import Options
    from contract_tests.suite import Ran

group = typer.Typer(help="Whether a deployment, fake or real, keeps the contract.", rich_markup_mode=None)

BROKEN, NOT_RUN = 1, 2

UrlOption = Annotated[
    str | None,
    typer.Option("--url", help="The deployment; a fake that is started for the run when left out."),
]
OwnerOption = Annotated[str | None, typer.Option("--token", envvar="CODEOCEAN_TOKEN", help="Whose token it is.")]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="observe, sandboxed or full: what the run may do there.")
]
HostOption = Annotated[str | None, typer.Option("--allow-host", help="The host's name again, if it is not local.")]
LayerOption = Annotated[
    list[str] | None, typer.Option("--layer", help="spec, oracles, scenarios or probes; all when left out.")
]
SpecOption = Annotated[Path | None, typer.Option("--spec", help="Another OpenAPI document than the packaged one.")]
CapsuleOption = Annotated[str | None, typer.Option("--capsule", help="The capsule that is run.")]
PipelineOption = Annotated[str | None, typer.Option("--pipeline", help="The pipeline that is run.")]
ComputationOption = Annotated[str | None, typer.Option("--computation", help="A completed run that has results.")]
DataAssetOption = Annotated[str | None, typer.Option("--data-asset", help="A ready data asset that has files.")]
OperationOption = Annotated[
    list[str] | None, typer.Option("--allow-operation", help="An administrators' operation that may be sent.")
]
LedgerOption = Annotated[
    Path, typer.Option("--ledger", help="Where it is written down what a run makes on a deployment.")
]
