"""The files and the log that a run's templates give."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from mock_server.domain.content import Text
from mock_server.domain.files import Entry, FileTree, source_of
from mock_server.domain.paths import is_clean, refuse_file_and_folder
from mock_server.domain.runs import ADDED_BY_THE_SERVICE
from mock_server.domain.scenarios import BUILT_IN, LOG, ResultTemplates, Scenario
from mock_server.run_templates import program
from mock_server.run_templates.budget import Budget, RenderingError
from mock_server.run_templates.filters import as_list
from mock_server.run_templates.functions import Draws, Random
from mock_server.run_templates.program import NAMES, NAMES_OF_EACH
from mock_server.run_templates.source import TemplateError
from mock_server.run_templates.values import Lookup, elements, short

MAX_LOG = 100_000
"""The characters of the longest log."""

MAX_PARTS = 50
"""How deep the folders of a file that is rendered may be nested."""

CONTENTS = ("text", "base64", "size", "files", "drawn_from")
"""The fields that say what is in a file that is no template."""

T = TypeVar("T")

Variables = dict[str, Any]
Fields = dict[str, Any]


def applied(
    scenario: Scenario, own: ResultTemplates, tree: FileTree, variables: Variables, draws: Draws
) -> tuple[Scenario, FileTree]:
    """How a run goes whose capsule has the templates `own` and leaves `tree`: with its log and its files. A template
    that cannot be rendered makes the run fail, and its log says why.
    """
    run = _Run(variables, draws)
    try:
        log = run.log(_log_template(scenario, own))
        files = FileTree() if scenario.has_results is False else _files(scenario, own, tree, run)
    except RenderingError as problem:
        failed = replace(BUILT_IN["computation"]["fails"], ranges=scenario.ranges, log=str(problem), pipeline_log=None)
        return failed, FileTree()
    if log is not None:
        scenario = replace(scenario, log=log, pipeline_log=None)
    return scenario, files


def repeat(own: ResultTemplates) -> bool:
    """Whether runs of one capsule with these templates and equal parameters leave the same."""
    texts = [own.log] if own.log is not None else []
    for file in own.files:
        texts += [file[field] for field in ("path", "template") if file.get(field) is not None]
    formulas = [file["for_each"] for file in own.files if file.get("for_each") is not None]
    try:
        return all(program.template(text, NAMES_OF_EACH).repeats for text in texts) and all(
            program.expression(text, NAMES).repeats for text in formulas
        )
    except TemplateError:
        return False


def _log_template(scenario: Scenario, own: ResultTemplates) -> str | None:
    """A capsule's own log goes with its own results, unless the scenario says another."""
    if scenario.templates.log is not None:
        return scenario.templates.log
    return own.log if scenario.keeps_files and scenario.log == LOG else None


def _files(scenario: Scenario, own: ResultTemplates, tree: FileTree, run: "_Run") -> FileTree:
    kept = FileTree()
    if scenario.keeps_files:
        kept = FileTree((*tree.entries, *run.files(own.files, [entry.path for entry in tree.entries])))
    more = scenario.files.entries
    more = (*more, *run.files(scenario.templates.files, [entry.path for entry in more]))
    whole = kept.with_files(FileTree(more))
    try:
        refuse_file_and_folder({entry.path for entry in whole.entries})
    except ValueError as problem:
        raise RenderingError(f"the results cannot be written: {problem}") from None
    return whole


class _Run:
    """Renders what is of one run, which shares one budget."""

    def __init__(self, variables: Variables, draws: Draws) -> None:
        self._variables, self._draws, self._budget = variables, draws, Budget()
        self._read: set[str] = set()

    def log(self, text: str | None) -> str | None:
        """The log. Raises `RenderingError`."""
        if text is None:
            return None
        try:
            log = self._rendered(text, self._variables, "log").rstrip("\n")
            if len(log) > MAX_LOG:
                raise RenderingError(f"writes more than {MAX_LOG} characters")
        except RenderingError as problem:
            raise RenderingError(f"the log cannot be written: {problem}") from None
        return log

    def files(self, several: Iterable[Fields], taken: Iterable[str]) -> list[Entry]:
        """The files of all templates, at other paths than those that are `taken`. Raises `RenderingError`."""
        paths = set(taken)
        entries = []
        for one in several:
            try:
                for entry in self._of_one(one):
                    if entry.path in paths:
                        raise RenderingError(f"{short(entry.path)} is written twice")
                    paths.add(entry.path)
                    entries.append(entry)
            except RenderingError as problem:
                raise RenderingError(f"{one['path']} cannot be written: {problem}") from None
        return entries

    def _of_one(self, file: Fields) -> Iterator[Entry]:
        """The files that one template writes."""
        if file.get("for_each") is None:
            yield self._entry(file, self._variables, file["path"])
            return
        for number, item in enumerate(self._items(file), 1):
            yield self._entry(file, self._variables | {"item": item, "number": number}, f"{file['path']}\0{number}")

    def _items(self, file: Fields) -> list[Any]:
        formula = _known(program.expression, file["for_each"], NAMES)
        self._count(file["for_each"], formula.tokens)
        try:
            value = formula.value(self._variables, self._budget, Random(self._draws, f"{file['path']}\0"))
            if isinstance(value, str):
                return as_list(self._budget, value)
        except RenderingError as problem:
            raise RenderingError(f"for_each: {problem}") from None
        return list(value.entries) if isinstance(value, Lookup) else elements(value, "for_each", self._budget)

    def _entry(self, file: Fields, variables: Variables, name: str) -> Entry:
        self._budget.add_file()
        self._budget.write(file.get("text") or file.get("base64") or "")
        try:
            path = _checked(self._rendered(file["path"], variables, name))
        except RenderingError as problem:
            raise RenderingError(f"path: {problem}") from None
        if file.get("template") is not None:
            return Entry(path, Text(self._rendered(file["template"], variables, name)))
        return Entry(path, source_of(path, **{key: file.get(key) for key in CONTENTS}))

    def _count(self, text: str, tokens: int) -> None:
        """Count a template that is read, once."""
        if text not in self._read:
            self._read.add(text)
            self._budget.read(tokens)

    def _rendered(self, text: str, variables: Variables, name: str) -> str:
        read = _known(program.template, text, NAMES_OF_EACH if "number" in variables else NAMES)
        self._count(text, read.tokens)
        return read.render(variables, self._budget, Random(self._draws, name))


def _known(read: Callable[[str, frozenset[str]], T], text: str, names: frozenset[str]) -> T:
    """A template that was checked when it came in. Raises `RenderingError` where another release has let it in."""
    try:
        return read(text, names)
    except TemplateError as problem:
        raise RenderingError(f"line {problem.line}: {problem}") from None


def _checked(path: str) -> str:
    """A path that was rendered. Raises `RenderingError` for one that no result can have."""
    if not is_clean(path) or path.count("/") >= MAX_PARTS:
        raise RenderingError(f"{short(path)} is not a relative path of at most {MAX_PARTS} parts, none empty, . or ..")
    if path.split("/")[0] in ADDED_BY_THE_SERVICE:
        raise RenderingError(f"{short(path)} is a name that the service's own files have")
    return path
