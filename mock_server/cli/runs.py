"""`runs …`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.commands import Target, world_command
from mock_server.cli.common import (
    iso,
    write_facts,
    write_json,
    write_table,
)

if TYPE_CHECKING:
    from mock_server.wire.control import RunPlan

group = typer.Typer(help="Runs: show the plan of one, or stop it.", no_args_is_help=True, rich_markup_mode=None)

RunArgument = Annotated[str, typer.Argument(metavar="ID", help="The id of a computation.")]


@group.command()
@world_command
def show(
    target: Target,
    computation_id: RunArgument,
) -> None:
    """Show what drives a run. Its scenario, its stages with their times, how it will end."""
    _show(target.world.plan(computation_id), target.as_json)


@group.command()
@world_command
def stop(
    target: Target,
    computation_id: RunArgument,
) -> None:
    """Stop a run, as the app's button does. What a pipeline has left by then stays."""
    _show(target.world.stop(computation_id), target.as_json)


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
