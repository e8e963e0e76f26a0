"""`runs …`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.common import (
    DEFAULT_URL,
    DEFAULT_WORLD,
    JsonOption,
    TokenOption,
    UrlOption,
    WorldOption,
    connected,
    iso,
    write_facts,
    write_json,
    write_table,
)

if TYPE_CHECKING:
    from mock_server.wire.control import RunPlan

group = typer.Typer(help="Runs: what drives one, and stopping it.", no_args_is_help=True, rich_markup_mode=None)

RunArgument = Annotated[str, typer.Argument(metavar="ID", help="The id of a computation.")]


@group.command()
def show(
    computation_id: RunArgument,
    world: WorldOption = DEFAULT_WORLD,
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what drives a run. Its scenario, its stages with their times, how it will end."""
    with connected(url, control_token) as control:
        _show(control.world(world).plan(computation_id), as_json)


@group.command()
def stop(
    computation_id: RunArgument,
    world: WorldOption = DEFAULT_WORLD,
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop a run, as the app's button does. Its results are lost."""
    with connected(url, control_token) as control:
        _show(control.world(world).stop(computation_id), as_json)


def _show(plan: "RunPlan", as_json: bool) -> None:
    if as_json:
        write_json(plan, exclude_none=True)
        return
    write_facts(_facts(plan))
    write_table(("STAGE", "SINCE", "UNTIL"), [(one.state, iso(one.since), iso(one.until)) for one in plan.stages])


def _facts(plan: "RunPlan") -> Iterator[tuple[str, object]]:
    yield "run", plan.id
    yield "scenario", plan.scenario
    yield "state", f"{plan.state}, {plan.end_status}" if plan.end_status else plan.state
    yield "end", plan.end
