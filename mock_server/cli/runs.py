"""`runs …`."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.commands import Target, world_command
from mock_server.cli.common import (
    complain,
    iso,
    length,
    write,
    write_facts,
    write_json,
    write_table,
)

if TYPE_CHECKING:
    from mock_server.wire.control import RunPlan
    from mock_server.wire.runs import RunInfo


class Outcome(StrEnum):
    """How runs went."""

    UNFINISHED = "unfinished"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"


group = typer.Typer(
    help="List the runs of a world, show what drives one, or stop it.", no_args_is_help=True, rich_markup_mode=None
)

RunArgument = Annotated[str, typer.Argument(metavar="ID", help="The id of a computation.")]


@group.command("list")
@world_command
def list_runs(
    target: Target,
    state: Annotated[Outcome | None, typer.Option(help="Only runs that went like this.")] = None,
    capsule: Annotated[
        str | None, typer.Option(help="Only runs of this capsule or pipeline: its id, or a part of its name.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="How many of the newest; 100 by default.")] = None,
) -> None:
    """List runs of all users, newest first."""
    found = target.world.runs(state=state.value if state else None, capsule=capsule, limit=limit)
    if target.as_json:
        write_json(found, exclude_none=True)
        return
    if not found.runs:
        write("no such runs" if state or capsule else "no runs")
        return
    write_table(
        ("ID", "STATE", "CREATED", "TIME", "CAPSULE", "NAME", "SCENARIO"), map(_row, found.runs), coloured=("STATE",)
    )
    if found.more:
        complain("there are more; give a larger --limit")


def _row(run: "RunInfo") -> tuple[object, ...]:
    state = run.end_status or run.state
    return (
        run.id,
        f"{state} ({run.exit_code})" if run.exit_code else state,
        iso(run.created),
        length(run.run_time),
        run.capsule_name or run.capsule,
        run.name,
        run.scenario,
    )


@group.command()
@world_command
def show(
    target: Target,
    computation_id: RunArgument,
) -> None:
    """Show what drives a run. Its scenario, the times of its stages, how it will end."""
    _show(target.world.plan(computation_id), target.as_json)


@group.command()
@world_command
def stop(
    target: Target,
    computation_id: RunArgument,
) -> None:
    """Stop a run, as the app's button does. A pipeline keeps the results it has so far."""
    _show(target.world.stop(computation_id), target.as_json)


def _show(plan: "RunPlan", as_json: bool) -> None:
    if as_json:
        write_json(plan, exclude_none=True)
        return
    write_facts(_facts(plan))
    stages = [(one.state, iso(one.since), iso(one.until)) for one in plan.stages]
    write_table(("STAGE", "SINCE", "UNTIL"), stages, coloured=("STAGE",))


def _facts(plan: "RunPlan") -> Iterator[tuple[str, object]]:
    yield "run", plan.id
    yield "scenario", plan.scenario
    yield "state", f"{plan.state}, {plan.end_status}" if plan.end_status else plan.state
    yield "end", plan.end
