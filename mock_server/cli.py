"""The command line: `serve`, `seed check`, `seed schema`, `openapi`."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from mock_server import __version__
from mock_server.domain import versions
from mock_server.domain.versions import NEWEST
from mock_server.errors import StartError
from mock_server.settings import DEFAULT_DATA_DIR, LogFormat, Settings, UnknownBuckets

PREFIX = "CODEOCEAN_MOCK_"

app = typer.Typer(
    help="A local, stateful fake of the Code Ocean REST API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
seed_app = typer.Typer(
    help="Seed files: the worlds that a server starts from.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(seed_app, name="seed")


class LegacyNames(StrEnum):
    """Which of the old names data assets have."""

    RECORDED = "recorded"
    DOCUMENTED = "documented"


class SpecFormat(StrEnum):
    """How the OpenAPI document is written."""

    JSON = "json"
    YAML = "yaml"


def _stop(problem: str) -> NoReturn:
    typer.echo(f"codeocean-mock: {problem}", err=True)
    raise typer.Exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"codeocean-mock {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """A local, stateful fake of the Code Ocean REST API."""


@app.command()
def serve(
    host: Annotated[str, typer.Option(envvar=f"{PREFIX}HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(envvar=f"{PREFIX}PORT", min=0, max=65535, help="Port; 0 takes a free one.")
    ] = 8000,
    data_dir: Annotated[
        Path, typer.Option(envvar=f"{PREFIX}DATA_DIR", help="Where the data is kept.")
    ] = DEFAULT_DATA_DIR,
    in_memory: Annotated[
        bool, typer.Option("--in-memory", envvar=f"{PREFIX}IN_MEMORY", help="Keep nothing after the stop.")
    ] = False,
    seed: Annotated[
        str,
        typer.Option(envvar=f"{PREFIX}SEED", help="demo, empty or a seed file; used when there is no data yet."),
    ] = "demo",
    random_seed: Annotated[
        int | None,
        typer.Option(envvar=f"{PREFIX}RANDOM_SEED", help="Makes the ids and durations of a new world repeatable."),
    ] = None,
    time_scale: Annotated[
        float, typer.Option(envvar=f"{PREFIX}TIME_SCALE", help="Seconds of the clock per real second.")
    ] = 1.0,
    unknown_buckets: Annotated[
        UnknownBuckets,
        typer.Option(envvar=f"{PREFIX}UNKNOWN_BUCKETS", help="What a bucket that the seed does not declare gives."),
    ] = UnknownBuckets.SIMULATE,
    platform_version: Annotated[
        str, typer.Option(envvar=f"{PREFIX}PLATFORM_VERSION", help="The platform version to be, as X.Y or X.Y.Z.")
    ] = str(NEWEST),
    legacy_names: Annotated[
        LegacyNames,
        typer.Option(
            envvar=f"{PREFIX}LEGACY_NAMES", help="documented adds names that only the oldest documentation prints."
        ),
    ] = LegacyNames.RECORDED,
    log_format: Annotated[
        LogFormat, typer.Option(envvar=f"{PREFIX}LOG_FORMAT", help="How messages are written.")
    ] = LogFormat.TEXT,
) -> None:
    """Start a Code Ocean on this machine."""
    from mock_server import server  # Late: the other commands need none of it.

    try:
        settings = Settings(
            data_dir=None if in_memory else data_dir,
            seed=seed,
            random_seed=random_seed,
            time_scale=time_scale,
            unknown_buckets=unknown_buckets,
            platform_version=versions.platform_version(platform_version),
            documented_names=legacy_names is LegacyNames.DOCUMENTED,
        )
        server.serve(settings, host, port, log_format)
    except StartError as problem:
        _stop(str(problem))


@app.command()
def openapi(
    format: Annotated[SpecFormat, typer.Option("--format", help="How to write it.")] = SpecFormat.JSON,  # noqa: A002
    platform_version: Annotated[str, typer.Option(help="The platform version, as X.Y or X.Y.Z.")] = str(NEWEST),
) -> None:
    """Print the OpenAPI document of the public API."""
    import yaml

    from mock_server.api.edition import Edition
    from mock_server.api.openapi import document
    from mock_server.api.public import declare, routers

    try:
        version = versions.platform_version(platform_version)
    except StartError as problem:
        _stop(str(problem))
    spec = document(declare(routers(), version), Edition(version))
    if format is SpecFormat.JSON:
        sys.stdout.write(json.dumps(spec, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(yaml.safe_dump(spec, sort_keys=True, allow_unicode=True, width=120))


@seed_app.command("check")
def seed_check(
    file: Annotated[str, typer.Argument(help="A seed file, or the name of one that comes with the package.")],
) -> None:
    """Say what is wrong with a seed file, by line and field."""
    from mock_server.store.seed_file import SeedError, read

    try:
        seed = read(file)
    except SeedError as failure:
        for problem in failure.problems:
            typer.echo(f"{failure.source}: {problem}", err=True)
        raise typer.Exit(1) from None
    sections = ("users", "capsules", "pipelines", "computations", "data_assets", "buckets")
    counts = ", ".join(f"{len(getattr(seed, name))} {name.replace('_', ' ')}" for name in sections)
    typer.echo(f"{file}: fine: {counts}")


@seed_app.command("schema")
def seed_schema() -> None:
    """Print the JSON Schema of seed files."""
    from mock_server.store.seed_model import json_schema

    sys.stdout.write(json.dumps(json_schema(), indent=2, sort_keys=True) + "\n")
