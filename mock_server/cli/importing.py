"""`import`."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mock_server.cli.common import complain, stop, write, write_table
from mock_server.cli.contract_options import HostOption, RateOption, RequestsOption, SecondsOption, TimeoutOption
from mock_server.domain.naming import ID_PATTERN
from mock_server.signals import INTERRUPTED, raise_interrupts

if TYPE_CHECKING:
    from mock_server.importing.session import Done, Request

FAILED = 2
"""The exit code of an import that could not be made; 1 is that of a difference."""

NEEDED = ("requests", "codeocean")

SHOWN = 20
"""How many lines of one kind are printed."""


class FilesChoice(StrEnum):
    """How much of results and data assets comes along; the same as the importer's own, which is loaded late."""

    NONE = "none"
    LISTING = "listing"
    SMALL = "small"


class DurationsChoice(StrEnum):
    """How long imported runs take when they are started anew."""

    REAL = "real"
    DEMO = "demo"


class PermissionsChoice(StrEnum):
    """Whose permissions are read."""

    NONE = "none"
    CAPSULES = "capsules"
    ALL = "all"


IdsOption = list[str] | None


def import_(
    url: Annotated[str, typer.Option("--url", help="The deployment.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The seed file to write.")] = None,
    token: Annotated[
        str | None,
        typer.Option("--token", envvar="CODEOCEAN_TOKEN", help="A token that may read.", show_envvar=True),
    ] = None,
    allow_host: HostOption = None,
    capsule: Annotated[IdsOption, typer.Option("--capsule", help="The id of a capsule. Repeatable.")] = None,
    pipeline: Annotated[IdsOption, typer.Option("--pipeline", help="The id of a pipeline. Repeatable.")] = None,
    data_asset: Annotated[IdsOption, typer.Option("--data-asset", help="The id of a data asset. Repeatable.")] = None,
    capsules: Annotated[
        str | None, typer.Option("--capsules", help="Capsules and pipelines that this search finds.")
    ] = None,
    data_assets: Annotated[
        str | None, typer.Option("--data-assets", help="Data assets that this search finds.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many objects each search may find.")] = 1000,
    computations: Annotated[
        int, typer.Option("--computations", min=0, help="How many of the newest runs of each capsule.")
    ] = 20,
    follow: Annotated[
        bool, typer.Option("--follow", help="Take along what is attached, combined, run, or named by a provenance.")
    ] = False,
    files: Annotated[
        FilesChoice, typer.Option("--files", help="What of files: their number, their names, or small ones whole.")
    ] = FilesChoice.LISTING,
    max_file: Annotated[int, typer.Option("--max-file", min=0, help="Bytes of the largest small file.")] = 64 * 1024,
    max_listing: Annotated[
        int, typer.Option("--max-listing", min=1, help="How many files of a tree are listed at most.")
    ] = 1000,
    permissions: Annotated[
        PermissionsChoice, typer.Option("--permissions", help="Whose permissions are read, a request for each.")
    ] = PermissionsChoice.ALL,
    durations: Annotated[
        DurationsChoice, typer.Option("--durations", help="How long new runs take: as there, or seconds.")
    ] = DurationsChoice.REAL,
    keep: Annotated[str, typer.Option("--keep", help="What is not replaced: people, buckets, secrets, or all.")] = "",
    redact: Annotated[str, typer.Option("--redact", help="What is left out: descriptions.")] = "",
    map_file: Annotated[
        Path | None, typer.Option("--map", help="Where stand-ins are written down, and taken from the next time.")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Print what would be sent, without sending it.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without a selection: all that the user owns.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted import.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    diff: Annotated[
        Path | None, typer.Option("--diff", help="Show what has changed since this file was imported.")
    ] = None,
    max_requests: RequestsOption = None,
    max_seconds: SecondsOption = None,
    rate: RateOption = None,
    timeout: TimeoutOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only print errors.")] = False,
) -> None:
    """Read a deployment into a seed file, with requests that change nothing. Exit code 1: --diff found a difference."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        stop(f"import requires {', '.join(missing)}: pip install 'codeocean-mock[contract]'", FAILED)
    from mock_server.importing.options import Address, Durations, Files, Roles, Selection
    from mock_server.importing.session import Request

    selection = Selection(
        _ids(capsule, "--capsule"),
        _ids(pipeline, "--pipeline"),
        _ids(data_asset, "--data-asset"),
        capsules,
        data_assets,
        limit=limit,
        computations=computations,
        follow=follow,
        files=Files(files),
        max_file=max_file,
        max_listing=max_listing,
        roles=Roles(permissions),
    )
    budgets = {"requests": max_requests, "seconds": max_seconds, "per_second": rate}
    given = {name: value for name, value in budgets.items() if value is not None}
    address = Address(url, token, allow_host, given, timeout)
    with _failing_cleanly():
        request = Request(address, selection, _privacy(keep, redact), Durations(durations), map_file)
        if diff is not None:
            _compare(request, diff, plan=plan, quiet=quiet)
            return
        if selection.is_empty:
            request = _owned(request, asks=not (plan or yes or resume))
        if plan:
            _print_plan(request)
        elif out is None:
            stop("nothing to write to: pass --out", FAILED)
        else:
            _import(request, out, force=force, resume=resume, quiet=quiet)


def _import(request: "Request", out: Path, *, force: bool, resume: bool, quiet: bool) -> None:
    from mock_server.importing import session
    from mock_server.importing.spool import path_beside

    raise_interrupts()
    try:
        with _progress(quiet) as progress:
            done = session.run(request, out, progress, force=force, resume=resume)
    except KeyboardInterrupt:
        stop(f"interrupted; go on with --resume from {path_beside(out)}", INTERRUPTED)
    if not quiet:
        _report(done, out)


def _report(done: "Done", out: Path) -> None:
    counts = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in done.counts.items() if number)
    write(f"{out}: {counts}; {done.requests} requests")
    replaced = ", ".join(f"{number} {kind}" for kind, number in sorted(done.replaced.items()))
    write(f"replaced: {replaced or 'nothing'}")
    _complain_of(done)


def _complain_of(done: "Done") -> None:
    for line in (*done.lacking, *done.warnings):
        complain(line)
    lines = [f"not imported: {what} cannot be seen with this token" for what in done.unseen]
    lines += [f"left out of {what}: {'; '.join(reasons)}" for what, reasons in done.left_out.items()]
    for line in lines[:SHOWN]:
        complain(line)
    if len(lines) > SHOWN:
        complain(f"and {len(lines) - SHOWN} more")


def _compare(request: "Request", seed: Path, *, plan: bool, quiet: bool) -> None:
    from mock_server.importing import comparison

    raise_interrupts()
    wanted = comparison.since(request, seed)
    if plan:
        _print_plan(wanted.request)
        return
    with _progress(quiet) as progress:
        found, done = wanted.differences(progress)
    for line in found:
        write(line.text)
    if not quiet:
        _complain_of(done)
        if not found:
            complain(f"nothing that {seed} holds has changed")
    if any(line.is_change for line in found):
        raise typer.Exit(1)


def _print_plan(request: "Request") -> None:
    from mock_server.importing import plan
    from mock_server.importing.connection import budgets_of, target_of

    target = target_of(request.address)
    budgets = budgets_of(request.address)
    steps = plan.steps(request.selection)
    write_table(("REQUESTS", "FOR"), ((_span(step.least, step.most), step.what) for step in steps))
    least, most = plan.total(steps)
    pace = budgets.per_second or float("inf")
    took = f", {_span(round(least / pace), None if most is None else round(most / pace))} seconds"
    write(f"{_span(least, most)} requests to {target.url}{took}; nothing was sent")
    if budgets.requests is not None and (most is None or most > budgets.requests):
        write(f"no more than {budgets.requests} are sent: raise it with --max-requests")


def _span(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return f"{least}" if least == most else f"{least} to {most}"


def _owned(request: "Request", *, asks: bool) -> "Request":
    """The request for all that the token's user owns, if somebody agrees."""
    from dataclasses import replace

    question = "Nothing is selected. Import all that the token's user owns?"
    if asks and not sys.stdin.isatty():
        stop("nothing is selected: name capsules, pipelines or data assets, or pass --yes for all that you own", FAILED)
    if asks and not typer.confirm(question):
        raise typer.Exit(FAILED)
    return replace(request, selection=replace(request.selection, owned=True))


def _ids(given: list[str] | None, option: str) -> tuple[str, ...]:
    for id_ in given or ():
        if not re.fullmatch(ID_PATTERN, id_):
            stop(f"{option}: not an id: {id_!r}", FAILED)
    return tuple(dict.fromkeys(given or ()))


def _privacy(keep: str, redact: str) -> Any:
    from mock_server.importing.options import KEEPABLE, REDACTABLE, Privacy

    kept = _words(keep, (*KEEPABLE, "all"), "--keep")
    return Privacy(frozenset(KEEPABLE) if "all" in kept else kept, _words(redact, REDACTABLE, "--redact"))


def _words(text: str, choices: tuple[str, ...], option: str) -> frozenset[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in choices:
            stop(f"{option}: not one of {', '.join(choices)}: {word!r}", FAILED)
    return frozenset(words)


@contextmanager
def _failing_cleanly() -> Iterator[None]:
    """End the command with one line when the deployment cannot be imported."""
    from mock_server.importing.options import ImportFailedError

    try:
        yield
    except ImportFailedError as problem:
        stop(" ".join(str(problem).split()), FAILED)


@contextmanager
def _progress(quiet: bool) -> Iterator[Any]:
    """A display of the requests that are sent, and of the time that is left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    display = Progress(*columns, console=console, transient=True)
    # One that is disabled ends with an empty line in some releases of rich.
    with nullcontext() if quiet or not console.is_terminal else display:
        yield _Display(display)


class _Display:
    def __init__(self, display: Any) -> None:
        self._display = display
        self._task = display.add_task("Requests", total=0)
        self._expected = 0

    def expect(self, requests: int) -> None:
        """Count requests that are to come."""
        self._expected += requests
        self._display.update(self._task, total=self._expected)

    def sent(self) -> None:
        """Count a request."""
        self._display.advance(self._task)

    def writing(self) -> None:
        """Say that everything is read."""
        self._display.update(self._task, description="Writing")
