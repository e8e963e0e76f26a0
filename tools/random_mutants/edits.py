"""Edits of source text, and what in a module is not worth one."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

SPEC_ALONE = frozenset(
    {"summary", "description", "answers", "example", "examples", "title", "tags", "links", "evidence", "failures",
     "openapi_extra", "json_schema_extra", "responses"}
)  # fmt: skip
"""Arguments that say something in the OpenAPI document alone."""

LOGGERS = frozenset({"log", "logger", "LOG", "LOGGER"})


@dataclass(frozen=True, slots=True)
class Edit:
    """Text that takes the place of what stands from `start` to `end` in a source."""

    operator: str
    start: int
    end: int
    text: str

    def apply(self, source: str) -> str:
        """The source with the change."""
        return source[: self.start] + self.text + source[self.end :]


@dataclass(slots=True)
class Module:
    """A parsed source, with the positions of its nodes as offsets."""

    source: str
    tree: ast.Module = field(init=False)
    silent: list[tuple[int, int]] = field(init=False)
    """Where a change could not be seen over HTTP, or is one of wording: documentation, annotations, imports, logs."""
    _lines: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.source)
        self._lines = [0, *accumulate(len(line) for line in self.source.splitlines(keepends=True))]
        self.silent = [self.span(node) for node in self._silent()]

    def offset(self, line: int, column: int) -> int:
        """The offset of a position as `ast` has it: a line from 1, a column in bytes."""
        start = self._lines[line - 1]
        text = self.source[start : self._lines[line]] if line < len(self._lines) else ""
        return start + len(text.encode()[:column].decode(errors="ignore"))

    def at(self, line: int, column: int) -> int:
        """The offset of a position as parso has it: a line from 1, a column in characters."""
        return self._lines[line - 1] + column

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends."""
        at: Any = node
        return self.offset(at.lineno, at.col_offset), self.offset(at.end_lineno, at.end_col_offset)

    def code(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.source[start:end]

    def line(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return self.source.count("\n", 0, offset) + 1

    def is_silent(self, start: int, end: int) -> bool:
        """Whether a part of the source lies within what is not worth a change."""
        return any(first <= start and end <= last for first, last in self.silent)

    def statements(self) -> dict[int, range]:
        """The lines of the statement that each line belongs to, without those of its body."""
        found: dict[int, range] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt | ast.match_case):
                lines = _own_lines(node)
                found |= dict.fromkeys(lines, lines)
        return found

    def _silent(self) -> Iterator[ast.AST]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert) or (
                isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            ):
                yield node
            elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
                yield node.annotation
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
                yield node.returns
            elif isinstance(node, ast.Call):
                yield from (word.value for word in node.keywords if word.arg in SPEC_ALONE)
                if _is_log(node):
                    yield node


def _own_lines(node: ast.stmt | ast.match_case) -> range:
    start = node.pattern if isinstance(node, ast.match_case) else node
    first = min([start.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if not body:
        return range(first, (getattr(node, "end_lineno", None) or first) + 1)
    inner = body[0].pattern if isinstance(body[0], ast.match_case) else body[0]
    return range(first, max(first + 1, inner.lineno))


def _is_log(call: ast.Call) -> bool:
    function = call.func
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in LOGGERS
