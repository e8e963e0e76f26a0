"""`seed check` and `seed schema`."""

import json
import sys
from typing import Annotated

import typer

group = typer.Typer(
    help="Seed files: the worlds that a server starts from.", no_args_is_help=True, rich_markup_mode=None
)


@group.command()
def check(
    file: Annotated[str, typer.Argument(help="A seed file, or the name of one that comes with the package.")],
) -> None:
    """Say what is wrong with a seed file, by line and field."""
    from mock_server.store.documents import SeedError
    from mock_server.store.seed_file import read

    try:
        seed = read(file)
    except SeedError as failure:
        for problem in failure.problems:
            typer.echo(f"{failure.source}: {problem}", err=True)
        raise typer.Exit(1) from None
    sections = ("users", "capsules", "pipelines", "computations", "data_assets", "buckets")
    counts = ", ".join(f"{len(getattr(seed, name))} {name.replace('_', ' ')}" for name in sections)
    typer.echo(f"{file}: fine: {counts}")


@group.command()
def schema() -> None:
    """Print the JSON Schema of seed files."""
    from mock_server.store.seed_model import json_schema

    sys.stdout.write(json.dumps(json_schema(), indent=2, sort_keys=True) + "\n")
