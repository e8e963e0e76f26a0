"""`seed`, `seed check` and `seed schema`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mock_server.cli.common import PREFIX, JsonOption, counted, refuse_file, stop, write, write_json
from mock_server.domain.naming import printable
from mock_server.errors import ApiError, StartError
from mock_server.settings import DEFAULT_DATA_DIR, MAX_RANDOM_SEED, Settings
from mock_server.signals import INTERRUPTED, WORD, raise_interrupts

group = typer.Typer(help="Fill a world in bulk; check seed files.", rich_markup_mode=None)

MOST = 100_000_000

SECTIONS = ("user", "capsule", "pipeline", "computation", "data_asset", "bucket")
"""What the answer of a check counts, in the singular."""


@group.callback(invoke_without_command=True)
def fill(
    context: typer.Context,
    data_assets: Annotated[int, typer.Option(min=0, max=MOST, help="How many data assets to add.")] = 0,
    capsules: Annotated[int, typer.Option(min=0, max=MOST, help="How many capsules to add.")] = 0,
    computations: Annotated[int, typer.Option(min=0, max=MOST, help="How many runs that have ended to add.")] = 0,
    random_seed: Annotated[
        int, typer.Option(min=0, max=MAX_RANDOM_SEED, help="The same seed gives the same records.")
    ] = 0,
    data_dir: Annotated[
        Path, typer.Option(envvar=f"{PREFIX}DATA_DIR", help="Where the data is kept.")
    ] = DEFAULT_DATA_DIR,
    seed: Annotated[
        str, typer.Option(envvar=f"{PREFIX}SEED", help="demo, empty or a seed file; used when there is no data yet.")
    ] = "demo",
) -> None:
    """Fill a world with realistic records, or check a seed file."""
    if context.invoked_subcommand is not None:
        return
    wanted = data_assets + capsules + computations
    if not wanted:
        typer.echo(context.get_help())
        raise typer.Exit(2)
    from rich.console import Console
    from rich.progress import Progress

    from mock_server.services import populate
    from mock_server.worlds import Worlds

    raise_interrupts()
    added = 0
    try:
        worlds = Worlds(Settings(data_dir=data_dir, seed=seed, random_seed=random_seed))
    except StartError as problem:
        stop(str(problem))
    try:
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("Filling", total=wanted)
            for done in populate.fill(
                worlds.default,
                data_assets=data_assets,
                capsules=capsules,
                computations=computations,
                random_seed=random_seed,
            ):
                added += done
                progress.advance(task, done)
    except ApiError as problem:
        stop(problem.message)
    except KeyboardInterrupt:
        stop(f"{WORD}; {counted(added, 'record')} had been added to {data_dir} and will stay", INTERRUPTED)
    finally:
        worlds.close()
    numbers = ((capsules, "capsule"), (computations, "computation"), (data_assets, "data asset"))
    all_added = ", ".join(counted(*one) for one in numbers)
    typer.echo(f"{data_dir}: added {all_added}")


@group.command()
def check(
    file: Annotated[str, typer.Argument(help="A seed file, or the name of one that comes with the package.")],
    as_json: JsonOption = False,
) -> None:
    """Check a seed file; report all problems by line and field. Needs no server."""
    from mock_server.documents.document_error import DocumentError
    from mock_server.documents.seed_file import read_whole

    try:
        seed = read_whole(file)
    except DocumentError as failure:
        if as_json:
            write_json({"problems": [problem.to_json() for problem in failure.problems]})
            raise typer.Exit(1) from None
        refuse_file(failure.source, failure.problems)
    counts = {name: len(getattr(seed.model, f"{name}s")) for name in SECTIONS}
    if as_json:
        all_counts = {f"{name}s": number for name, number in counts.items()}
        write_json({"counts": all_counts, "warnings": [*seed.warnings], "problems": []})
        return
    for warning in seed.warnings:
        typer.echo(printable(f"{file}: warning: {warning}"), err=True)
    write(f"{file}: fine: {', '.join(counted(number, name.replace('_', ' ')) for name, number in counts.items())}")


@group.command()
def schema() -> None:
    """Print the JSON Schema of seed files."""
    from mock_server.documents.seed_model import json_schema

    sys.stdout.write(json.dumps(json_schema(), indent=2, sort_keys=True) + "\n")
