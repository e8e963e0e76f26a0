"""`journal …`."""

from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.commands import Target, world_command
from mock_server.cli.common import (
    complain,
    iso,
    number,
    painted,
    refuse_file,
    stop,
    write,
    write_json,
    write_table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mock_server.client import MatchFields
    from mock_server.wire.journal import Check, CheckResult, Entry

group = typer.Typer(
    help="List, await and check the requests that clients sent.", no_args_is_help=True, rich_markup_mode=None
)

OperationOption = Annotated[str | None, typer.Option("--operation", help="Only this operation, such as run_capsule.")]
MethodOption = Annotated[str | None, typer.Option("--method", help="Only this method.")]
PathOption = Annotated[str | None, typer.Option("--path", help="Only this path, a pattern with *.")]
EntityOption = Annotated[str | None, typer.Option("--entity", help="Only about the object with this id.")]
UserOption = Annotated[str | None, typer.Option("--user", help="Only of this user, by id or address.")]
StatusOption = Annotated[str | None, typer.Option("--status", help="Only with this status, 429 or 4xx.")]
FaultOption = Annotated[str | None, typer.Option("--fault", help="Only hit by this fault; * for any.")]
AfterOption = Annotated[int | None, typer.Option("--after", help="Only after the request with this number.")]


@group.command("list")
@world_command
def list_requests(
    target: Target,
    operation: OperationOption = None,
    method: MethodOption = None,
    path: PathOption = None,
    entity: EntityOption = None,
    user: UserOption = None,
    status: StatusOption = None,
    fault: FaultOption = None,
    after: AfterOption = None,
    limit: Annotated[int | None, typer.Option(help="How many of the newest; 100 by default.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing new requests until Ctrl-C.")] = False,
) -> None:
    """List requests, oldest first."""
    match = _match(operation, method, path, entity, user, status, fault, after)
    if follow:
        from mock_server.cli.following import Follower

        Follower(target.world, match, limit, target.as_json).run()
    journal = target.world.journal(limit=limit, **match)
    if target.as_json:
        write_json(journal)
        return
    if journal.requests:
        _write_requests(journal.requests)
    else:
        write("the journal is empty" if set(match.values()) == {None} else "no such requests")
    _warn_of_dropped(journal.dropped)


@group.command()
@world_command
def wait(
    target: Target,
    count: Annotated[int, typer.Option(help="How many requests have to match.")] = 1,
    timeout: Annotated[str, typer.Option(help="How long to wait for them, at most 10m.")] = "10s",
    operation: OperationOption = None,
    method: MethodOption = None,
    path: PathOption = None,
    entity: EntityOption = None,
    user: UserOption = None,
    status: StatusOption = None,
    fault: FaultOption = None,
    after: AfterOption = None,
) -> None:
    """Wait until enough requests match. Exit code 1 on timeout."""
    match = _match(operation, method, path, entity, user, status, fault, after)
    waited = target.world.wait(count, number(timeout) or 0, **match)
    requests = waited.requests if waited.met else waited.nearest
    if target.as_json:
        write_json(waited)
    elif requests:
        _write_requests(requests)
    if not waited.met:
        what = "; the nearest are above" if requests and not target.as_json else ""
        stop(f"{waited.seen} of {count} requests came within {timeout}{what}")


@group.command()
@world_command
def verify(
    target: Target,
    file: Annotated[str | None, typer.Argument(help="A YAML file with the list `checks`.")] = None,
    unique: Annotated[bool, typer.Option("--unique", help="Nothing took effect twice.")] = False,
    final: Annotated[bool, typer.Option("--final", help="Nothing was polled again once it had ended.")] = False,
    retry_after: Annotated[
        bool, typer.Option("--retry-after", help="The client waited for every Retry-After.")
    ] = False,
) -> None:
    """Check the requests against expectations. Exit code 1 when a check fails."""
    named = (("unique", unique), ("final", final), ("retry_after", retry_after))
    wanted = [{"check": name} for name, chosen in named if chosen]
    from_file = _checks(file) if file else []
    if not wanted and not from_file:
        raise typer.BadParameter("give a FILE, --unique, --final or --retry-after")
    verdict = target.world.verify(*from_file, *wanted)
    if target.as_json:
        write_json(verdict)
    else:
        for result in verdict.results:
            _write_result(result)
        _warn_of_dropped(verdict.dropped)
    if not verdict.passed:
        failed = sum(not result.passed for result in verdict.results)
        stop(f"{failed} of {len(verdict.results)} checks failed")


@group.command()
@world_command
def clear(
    target: Target,
) -> None:
    """Delete all recorded requests."""
    target.world.clear_journal()
    target.report({}, "the journal is empty")


def _match(
    operation: str | None,
    method: str | None,
    path: str | None,
    entity: str | None,
    user: str | None,
    status: str | None,
    fault: str | None,
    after: int | None,
) -> "MatchFields":
    match: MatchFields = {
        "operation": operation,
        "method": method,
        "path": path,
        "entity": entity,
        "user": user,
        "status": status,
        "fault": fault,
        "after": after,
    }
    return match


def _checks(file: str) -> "list[Check]":
    from mock_server.cli import files
    from mock_server.documents.document_error import DocumentError

    try:
        return files.checks(file).checks
    except DocumentError as failure:
        refuse_file(file, failure.problems)


def _write_requests(requests: "Sequence[Entry]") -> None:
    heading = ("NUMBER", "TIME", "METHOD", "PATH", "OPERATION", "ENTITY", "STATUS", "FAULT")
    rows = [
        (one.number, iso(one.time), one.method, one.path, one.operation, one.entity, one.status or "closed", one.fault)
        for one in requests
    ]
    write_table(heading, rows, coloured=("STATUS",))


def _write_result(result: "CheckResult") -> None:
    write(f"{painted('ok    ' if result.passed else 'FAILED')}  {result.check}: {result.message}")
    if not result.passed and result.nearest:
        _write_requests(result.nearest)


def _warn_of_dropped(dropped: int) -> None:
    if dropped:
        complain(f"warning: {dropped} earlier requests had fallen out of the journal (serve --journal-size)")
