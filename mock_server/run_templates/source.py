"""From the text of a template to jinja2's nodes, each of which knows its line and column."""

from collections.abc import Iterator
from copy import copy
from typing import Any, NamedTuple

from jinja2 import TemplateSyntaxError, nodes
from jinja2.lexer import Lexer
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mock_server.run_templates.budget import TOKENS
from mock_server.run_templates.messages import one_line

MAX_CHARACTERS = 100_000
"""The characters of the longest template."""

MAX_BRACKETS = 20
"""How deep brackets may be nested."""

MAX_DEPTH = 50
"""How deep the nodes of a template may be nested."""

TOO_MANY_TOKENS = f"has more than {TOKENS} words and signs in its tags"
TOO_MANY_BRACKETS = f"has brackets that are nested more than {MAX_BRACKETS} deep"

_BEFORE = "{{"

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class TemplateError(ValueError):
    """A template that is wrong, whatever the values are. `line` and `column` count from 1, in its own text."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(one_line(message))
        self.line, self.column = line, column

    @classmethod
    def at(cls, node: nodes.Node, message: str) -> "TemplateError":
        """The error of a node."""
        return cls(message, *place(node))


def place(node: nodes.Node) -> tuple[int, int]:
    """The line and column of a node."""
    return int(node.lineno or 1), getattr(node.lineno, "column", 1)


class _Line(int):
    """A line number, which jinja2 hands on from token to node, that brings its column along."""

    column: int

    @classmethod
    def of(cls, line: int, column: int) -> "_Line":
        placed = cls(line)
        placed.column = column
        return placed


class _Lexer(Lexer):
    """jinja2's lexer, which gives columns too, counts `tokens`, and refuses what is too long or too deep."""

    tokens = 0

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        starts = [0]
        for text in source.split("\n"):
            starts.append(starts[-1] + len(text) + 1)
        at = depth = 0
        try:
            for line, token, value in super().tokeniter(source, name, filename, state):
                # Blanks that a tag has removed are not told.
                at = max(at, starts[line - 1])
                found = source.find(value, at)
                start, at = (found, found + len(value)) if found >= 0 else (at, at)
                place = _Line.of(line, start - starts[line - 1] + 1)
                yield place, token, value
                if token != "whitespace":  # noqa: S105 - a token of the language
                    self.tokens += 1
                    depth += _depth(token, value)
                if self.tokens > TOKENS:
                    raise TemplateError(TOO_MANY_TOKENS, line, place.column)
                if depth > MAX_BRACKETS:
                    raise TemplateError(TOO_MANY_BRACKETS, line, place.column)
        except TemplateSyntaxError as problem:
            problem.lineno = _Line.of(problem.lineno, max(0, at - starts[min(problem.lineno, len(starts)) - 1]) + 1)
            raise


def _depth(token: str, value: str) -> int:
    if token != "operator":  # noqa: S105 - a token of the language
        return 0
    return (value in _OPENING) - (value in _CLOSING)


class _Environment(ImmutableSandboxedEnvironment):
    """An environment that only parses; `counting` is its lexer."""

    counting: Lexer

    @property
    def lexer(self) -> Lexer:
        return self.counting


class Parsed(NamedTuple):
    """The nodes of a template or expression, and how many words and signs it has."""

    tree: Any
    tokens: int


_ENVIRONMENT = _Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
_LEXER = _Lexer(_ENVIRONMENT)


def parse(text: str) -> Parsed:
    """The nodes of a template, which is a `Template`. Raises `TemplateError`."""
    if len(text) > MAX_CHARACTERS:
        raise TemplateError(f"has more than {MAX_CHARACTERS} characters")
    # Of its own: others may parse at the same time, in other threads.
    environment, lexer = copy(_ENVIRONMENT), copy(_LEXER)
    environment.counting = lexer
    try:
        text.encode()
        # Not by the environment: that would compile code to improve tracebacks.
        tree = Parser(environment, text.replace("\r\n", "\n").replace("\r", "\n")).parse()
    except TemplateSyntaxError as problem:
        message = " ".join((problem.message or "is not a template").split())
        raise TemplateError(message, int(problem.lineno), getattr(problem.lineno, "column", 1)) from None
    except RecursionError:
        raise TemplateError(f"is nested more than {MAX_DEPTH} deep") from None
    except UnicodeEncodeError:
        raise TemplateError("is not Unicode text") from None
    except TemplateError:
        raise
    except (ValueError, OverflowError):
        raise TemplateError("has a number that is too long") from None
    _refuse_deep(tree)
    return Parsed(tree, lexer.tokens)


def parse_expression(text: str) -> Parsed:
    """The node of an expression without tags around it, which is an `Expr`. Raises `TemplateError`."""
    try:
        tree, tokens = parse(f"{_BEFORE}{text}}}}}")
    except TemplateError as problem:
        before = len(_BEFORE) if problem.line == 1 else 0
        raise TemplateError(str(problem), problem.line, max(1, problem.column - before)) from None
    match tree.body:
        case [nodes.Output(nodes=[node])] if not isinstance(node, nodes.TemplateData):
            return Parsed(node, tokens)
    raise TemplateError("is not one expression")


def _refuse_deep(tree: nodes.Template) -> None:
    level: list[Any] = [tree]
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise TemplateError.at(level[0], f"is nested more than {MAX_DEPTH} deep")
        level = [child for node in level for child in node.iter_child_nodes()]
