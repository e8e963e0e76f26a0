"""`scenarios …`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from mock_server.cli.commands import Target, world_command
from mock_server.cli.common import (
    JsonOption,
    complain,
    counted,
    refuse_file,
    write,
    write_json,
    write_table,
)

group = typer.Typer(
    help="Load and check scenarios: how runs and data assets turn out.", no_args_is_help=True, rich_markup_mode=None
)

FileArgument = Annotated[str, typer.Argument(help="A scenario file.")]


@group.command("list")
@world_command
def list_scenarios(
    target: Target,
) -> None:
    """List the loaded scenarios in matching order."""
    found = target.world.scenarios()
    if target.as_json:
        write_json(found)
        return
    rows = [(one.name, one.kind.replace("_", " "), one.matched, one.spec.get("when")) for one in found.scenarios]
    if rows:
        write_table(("NAME", "KIND", "MATCHED", "WHEN"), rows)
    write(f"built in: {', '.join(found.built_in)}")
    for warning in found.warnings:
        complain(f"warning: {warning}")


@group.command()
@world_command
def load(
    target: Target,
    file: FileArgument,
    keep: Annotated[bool, typer.Option("--keep", help="Add to the loaded scenarios.")] = False,
) -> None:
    """Load a scenario file, replacing the loaded scenarios."""
    from mock_server.client import ControlError

    try:
        found = target.world.load_scenarios(Path(file), replace=not keep)
    except ControlError as refusal:
        if not refusal.problems:
            raise
        refuse_file(file, refusal.problems)
    if target.as_json:
        write_json(found)
    else:
        names = ", ".join(one.name for one in found.scenarios)
        loaded = counted(len(found.scenarios), "scenario")
        write(f"{loaded} {'is' if len(found.scenarios) == 1 else 'are'} loaded: {names}")
    for warning in found.warnings:
        complain(f"warning: {warning}")


@group.command()
def check(file: FileArgument, as_json: JsonOption = False) -> None:
    """Check a scenario file; report problems by line and field. Needs no server."""
    from mock_server.documents.document_error import DocumentError
    from mock_server.documents.scenario_file import read

    try:
        found = read(file)
    except DocumentError as failure:
        if as_json:
            write_json({"problems": [problem.to_json() for problem in failure.problems]})
            raise typer.Exit(1) from None
        refuse_file(file, failure.problems)
    names = [one.spec.name for one in found]
    fine = f"{file}: fine: {counted(len(names), 'scenario')}"
    write_json({"scenarios": names, "problems": []}) if as_json else write(fine)


@group.command()
@world_command
def delete(
    target: Target,
    name: Annotated[str, typer.Argument(help="Its name.")],
) -> None:
    """Delete a scenario."""
    target.world.delete_scenario(name)
    target.report({}, f"the scenario {name} is gone")


@group.command()
@world_command
def clear(
    target: Target,
) -> None:
    """Delete all scenarios; the built-in ones stay."""
    target.world.clear_scenarios()
    target.report({}, "only the built-in scenarios are left")


@group.command()
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    from mock_server.documents.scenario_model import json_schema

    write(json.dumps(json_schema(), indent=2, sort_keys=True))
