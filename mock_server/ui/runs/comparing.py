"""Two runs side by side: what they were asked for, how they went, and what differs in their results."""

from typing import NamedTuple

from starlette.responses import Response

from mock_server.domain.access import READ_CAPSULES
from mock_server.domain.content import Content
from mock_server.errors import ApiError, BadRequestError, NotFoundError
from mock_server.services import data_assets, file_content, runs
from mock_server.services.dashboard import line_diff, run_comparison
from mock_server.ui import files, formats
from mock_server.ui.page import Page
from mock_server.ui.page_context import PageContext
from mock_server.ui.paging import part
from mock_server.wire.computations import Param

AT_ONCE = 50

MOST_LINES = 2000
MOST_EDITS = 300
"""How many lines of two texts are compared, and how many may differ for a difference to be worked out."""

BEGINNING = 100
"""How many lines are shown of texts that have little in common."""


class Row(NamedTuple):
    """A fact about both runs; None where it is not one of theirs. `href` leads to what it is about."""

    name: str
    first: str | None
    second: str | None
    href: str = ""

    @property
    def differs(self) -> bool:
        """Whether the runs differ in it."""
        return self.first != self.second


class Texts(NamedTuple):
    """What differs in two texts: `lines` of a unified difference, or None when they have so little in common that
    their beginnings `first` and `second` are shown. `cut` when only the beginnings were compared.
    """

    lines: list[line_diff.Line] | None
    first: str
    second: str
    cut: bool


def show(context: PageContext) -> Response:
    """The page of two runs, the one that was started first on the left; with `path`, of one file of their results."""
    chosen = context.each_asked("run")
    if len(chosen) != 2:
        raise BadRequestError(f"select two runs to compare, not {len(chosen)}")
    first, second = sorted(
        (runs.get(context.world, context.caller, key) for key in chosen), key=lambda run: run.plan.started
    )
    path = context.asked("path")
    if path:
        return _file(context, first, second, path)
    compared = run_comparison.results(context.world, context.caller, first.shown.id, second.shown.id)
    sections = {
        "Outcome": _facts(first, second),
        "Parameters": _together(_parameters(first), _parameters(second)),
        "Data assets": [_named_asset(context, row) for row in _together(_inputs(first), _inputs(second))],
    }
    return context.show(
        "runs/comparison.html",
        first=first,
        second=second,
        keys=[first.shown.id, second.shown.id],
        sections=sections,
        files=part(compared.pairs, context.page_number(), AT_ONCE),
        differing=sum(pair.verdict != "same" for pair in compared.pairs),
        cut=compared.cut,
    )


def _facts(first: runs.Run, second: runs.Run) -> list[Row]:
    def of(run: runs.Run) -> dict[str, str]:
        shown = run.shown
        facts = {
            run.kind.capitalize(): run.capsule_name or run.capsule_id,
            "Version": str(shown.version or ""),
            "Nextflow profile": shown.nextflow_profile or "",
            "Scenario": run.plan.scenario,
            "State": shown.end_status or shown.state,
            "Exit code": "" if shown.exit_code is None else str(shown.exit_code),
            "Run time": "no planned end" if run.endless else formats.lasting(shown.run_time),
            "Owner": shown.owner_email or shown.owner,
        }
        return {name: value for name, value in facts.items() if value}

    return _together(of(first), of(second))


def _parameters(run: runs.Run) -> dict[str, str]:
    found = _named(run.shown.parameters or [])
    for process in run.shown.processes or []:
        found |= {f"{process.name}: {name}": value for name, value in _named(process.parameters or []).items()}
    return found


def _named(parameters: list[Param]) -> dict[str, str]:
    names = (parameter.name or parameter.param_name or f"no. {n}" for n, parameter in enumerate(parameters, 1))
    return {name: parameter.value or "" for name, parameter in zip(names, parameters, strict=True)}


def _inputs(run: runs.Run) -> dict[str, str]:
    return {asset.id: f"/data/{asset.mount}" for asset in run.shown.data_assets or []}


def _named_asset(context: PageContext, row: Row) -> Row:
    """A row about a data asset with its name instead of its id, where the user may see it."""
    try:
        name = data_assets.shown(context.world, context.caller, row.name).name
    except ApiError:
        return row
    return row._replace(name=name, href=context.to("data_assets", row.name))


def _together(first: dict[str, str], second: dict[str, str]) -> list[Row]:
    return [Row(name, first.get(name), second.get(name)) for name in dict.fromkeys([*first, *second])]


def _file(context: PageContext, first: runs.Run, second: runs.Run, path: str) -> Response:
    contents = [file_content.result(context.world, context.caller, run.shown.id, path) for run in (first, second)]
    if contents == [None, None]:
        raise NotFoundError("file not found")
    kinds = {files.preview(path, content).kind for content in contents if content is not None}
    texts = None
    if kinds <= {"text", "table"} or (kinds == {"page"} and not any(map(_is_binary, contents))):
        texts = _texts(*map(_text, contents))
    return context.show(
        "runs/compared_file.html",
        path=path,
        sides=[(run, content and content.size) for run, content in zip((first, second), contents, strict=True)],
        keys=[first.shown.id, second.shown.id],
        images=kinds == {"image"},
        texts=texts,
    )


def _is_binary(content: Content | None) -> bool:
    return content is not None and b"\0" in b"".join(content.read(0, files.PREVIEW_BYTES))


def _text(content: Content | None) -> tuple[list[str], bool]:
    """The first lines of a file, and whether there are more."""
    if content is None:
        return [], False
    start = b"".join(content.read(0, files.PREVIEW_BYTES)).decode("utf-8", "replace")
    lines = start.split("\n")
    return lines[:MOST_LINES], content.size > files.PREVIEW_BYTES or len(lines) > MOST_LINES


def _texts(first: tuple[list[str], bool], second: tuple[list[str], bool]) -> Texts:
    lines = line_diff.unified(first[0], second[0], MOST_EDITS)
    beginnings = ["\n".join(lines[:BEGINNING]) for lines, _ in (first, second)]
    return Texts(lines, beginnings[0], beginnings[1], first[1] or second[1])


PAGES = (Page("/computations/compare", show, READ_CAPSULES),)
