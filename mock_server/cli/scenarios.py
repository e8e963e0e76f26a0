"""`scenarios …`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from mock_server.cli.common import (
    DEFAULT_URL,
    DEFAULT_WORLD,
    JsonOption,
    TokenOption,
    UrlOption,
    WorldOption,
    complain,
    connected,
    refuse_file,
    write,
    write_json,
    write_table,
)

group = typer.Typer(help="Scenarios: how things go.", no_args_is_help=True, rich_markup_mode=None)

FileArgument = Annotated[str, typer.Argument(help="A scenario file.")]


@group.command("list")
def list_scenarios(
    world: WorldOption = DEFAULT_WORLD,
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what is loaded, in the order in which it is asked."""
    with connected(url, control_token) as control:
        found = control.world(world).scenarios()
    if as_json:
        write_json(found)
        return
    rows = [(one.name, one.kind.replace("_", " "), one.matched, one.spec.get("when")) for one in found.scenarios]
    if rows:
        write_table(("NAME", "KIND", "MATCHED", "WHEN"), rows)
    write(f"built in: {', '.join(found.built_in)}")
    for warning in found.warnings:
        complain(f"warning: {warning}")


@group.command()
def load(
    file: FileArgument,
    keep: Annotated[bool, typer.Option("--keep", help="Add to what is loaded already.")] = False,
    world: WorldOption = DEFAULT_WORLD,
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load a scenario file in place of what is loaded."""
    from mock_server.client import ControlError

    with connected(url, control_token) as control:
        try:
            found = control.world(world).load_scenarios(Path(file), replace=not keep)
        except ControlError as refusal:
            if not refusal.problems:
                raise
            refuse_file(file, refusal.problems)
    if as_json:
        write_json(found)
    else:
        write(f"{len(found.scenarios)} scenarios are loaded: {', '.join(one.name for one in found.scenarios)}")
    for warning in found.warnings:
        complain(f"warning: {warning}")


@group.command()
def check(file: FileArgument, as_json: JsonOption = False) -> None:
    """Say what is wrong with a scenario file, by line and field. No server is needed."""
    from mock_server.documents.problems import DocumentError
    from mock_server.documents.scenario_file import read

    try:
        found = read(file)
    except DocumentError as failure:
        if as_json:
            write_json({"problems": [problem._asdict() for problem in failure.problems]})
        refuse_file(file, failure.problems)
    names = [one.spec.name for one in found]
    write_json({"scenarios": names, "problems": []}) if as_json else write(f"{file}: fine: {len(names)} scenarios")


@group.command()
def delete(
    name: Annotated[str, typer.Argument(help="Its name.")],
    world: WorldOption = DEFAULT_WORLD,
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget a scenario."""
    with connected(url, control_token) as control:
        control.world(world).delete_scenario(name)
    write_json({}) if as_json else write(f"the scenario {name} is gone")


@group.command()
def clear(
    world: WorldOption = DEFAULT_WORLD,
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget all scenarios; the built-in ones stay."""
    with connected(url, control_token) as control:
        control.world(world).clear_scenarios()
    write_json({}) if as_json else write("only the built-in scenarios are left")


@group.command()
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    from mock_server.documents.scenario_model import json_schema

    write(json.dumps(json_schema(), indent=2, sort_keys=True))
