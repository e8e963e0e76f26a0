"""No template runs code, reads what it is not given, or takes more than it may, and each ends the same every time."""

import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.domain.files import FileTree
from mock_server.domain.scenarios import BUILT_IN, ResultTemplates
from mock_server.ids import Ids
from mock_server.run_templates import program
from mock_server.run_templates.budget import OUTPUT_BYTES, Budget, RenderingError
from mock_server.run_templates.filters import FILTERS, TESTS
from mock_server.run_templates.messages import LONGEST
from mock_server.run_templates.results import applied
from mock_server.run_templates.selection import SELECTION_FILTERS
from mock_server.run_templates.source import TemplateError
from mock_server.run_templates.texts import METHODS, TEXT_FILTERS
from tests.processor import seconds
from tests.run_templates.hostile import HOSTILE
from tests.run_templates.rendering import numbers, render, values

MOST_SECONDS = 0.05 if sys.gettrace() is None else 0.2
"""Where coverage is measured, that takes most of the time."""

MOST_MEMORY = 48 * 1024**2

ATTEMPTS = 5
"""Another process may have pushed what this one had in the processor's caches out of them: the fastest counts."""

_HARMLESS = {"builtins.id", "object.__getattr__", "sys._getframe"}
"""What Python's own `inspect` does while it compares arguments with a function's."""

_seen: list[str] | None = None


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    # jinja2 reads numbers with a point by `literal_eval`.
    if event == "compile" and isinstance(arguments[0], bytes) and re.fullmatch(rb"[0-9.eE+-]+", arguments[0]):
        return
    if _seen is not None and event not in _HARMLESS:
        _seen.append(event)


sys.addaudithook(_audit)


@contextmanager
def audited() -> Iterator[list[str]]:
    """What Python's own audit notices meanwhile: files and modules that are opened, code that is compiled or run."""
    global _seen
    seen: list[str] = []
    _seen = seen
    try:
        yield seen
    finally:
        _seen = None


def outcome(text: str) -> tuple[str, str]:
    """What becomes of a template that nobody has read before, and what it writes or why not."""
    try:
        read = program.template.__wrapped__(text, program.NAMES_OF_EACH)
    except TemplateError as problem:
        return "wrong", f"{problem.line}:{problem.column} {problem}"
    try:
        budget = Budget()
        budget.read(read.tokens)
        return "written", read.render(values() | {"item": "x", "number": 1}, budget, numbers())
    except RenderingError as problem:
        return "failed", str(problem)


def fastest(call: Callable[[], object]) -> float:
    """The processor time that a call takes when nothing disturbs it."""
    least = float("inf")
    for _ in range(ATTEMPTS):
        least = min(least, seconds(call, enough=MOST_SECONDS / 2))
        if least <= MOST_SECONDS / 2:
            break
    return least


def check(text: str) -> None:
    with audited() as seen:
        first = outcome(text)
    assert seen == [], text
    assert outcome(text) == first
    assert len(first[1].encode()) <= OUTPUT_BYTES
    assert first[0] == "written" or first[1].isprintable()
    assert first[0] == "written" or len(first[1]) <= 2 * LONGEST
    if first[0] == "wrong":
        in_its_text(text, *map(int, first[1].partition(" ")[0].split(":")))
    assert "<class" not in first[1]
    assert " object at 0x" not in first[1]
    assert "__globals__" not in first[1] or first[0] != "written"
    assert fastest(partial(outcome, text)) <= MOST_SECONDS, text


def in_its_text(text: str, line: int, column: int) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert 1 <= line <= len(lines)
    assert 1 <= column <= len(lines[line - 1]) + 2


@pytest.fixture(autouse=True, scope="module")
def _everything_is_imported() -> None:
    with suppress(RenderingError):
        render("{{ rows(3)|csv }}{{ [1]|json }}{{ run.created|time }}{{ 'x'.upper() }}")


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_nobody_breaks_out_or_brings_it_down(number: int) -> None:
    check(HOSTILE[number])


@pytest.mark.slow
def test_no_template_takes_much_memory() -> None:
    for text in HOSTILE:
        tracemalloc.start()
        outcome(text)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak <= MOST_MEMORY, text[:200]


_WORDS = st.sampled_from(
    ["run", "owner", "parameters", "data_assets", "processes", "capsule", "item", "number", "x", "y", "loop", "self"]
)
_FIELDS = st.sampled_from(
    ["id", "name", "rows", "value", "tags", "metadata", "n", "__class__", "__init__", "entries", "mro", "items", "0"]
)
_CONSTANTS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(
        ["''", "'a'", "'a, b'", "'{n}'", "'x' * 1000", "true", "none", "[]", "{}", "range(1000)", "rows(300)"]
    ),
    st.text("ab{}%'\\ \n_é", max_size=6).map(repr),
)
_FILTERS = st.sampled_from([*FILTERS, *SELECTION_FILTERS, *TEXT_FILTERS, "default", "attr", "safe"])
_METHODS = st.sampled_from([*METHODS, "format", "encode", "center", "__init__"])
_SIGNS = st.sampled_from(
    ["+", "-", "*", "/", "//", "%", "**", "~", "==", "<", "in", "not in", "and", "or", "if x else"]
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, _SIGNS, inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, _FIELDS).map(lambda parts: f"{parts[0]}.{parts[1]}"),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
        st.tuples(inner, _FILTERS).map(lambda parts: f"({parts[0]}|{parts[1]})"),
        st.tuples(inner, _FILTERS, inner).map(lambda parts: f"({parts[0]}|{parts[1]}({parts[2]}))"),
        st.tuples(inner, _METHODS, inner).map(lambda parts: f"{parts[0]}.{parts[1]}({parts[2]})"),
        st.tuples(inner, st.sampled_from([*TESTS, "defined", "callable"])).map(lambda p: f"({p[0]} is {p[1]})"),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.tuples(inner, inner).map(lambda parts: f"rows({parts[0]}, a={parts[1]})"),
        st.tuples(inner, inner).map(lambda parts: f"random.uniform({parts[0]}, 5, key={parts[1]})"),
        st.tuples(st.sampled_from(["choice", "shuffle", "normal", "integer"]), inner).map(
            lambda p: f"random.{p[0]}({p[1]})"
        ),
        inner.map(lambda part: f"namespace(a={part})"),
    )


_EXPRESSIONS = st.recursive(st.one_of(_WORDS, _CONSTANTS), _larger, max_leaves=8)


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(_EXPRESSIONS, inner).map(lambda p: f"{{% for x in {p[0]} %}}{p[1]}{{% endfor %}}"),
        st.tuples(_EXPRESSIONS, inner).map(lambda p: f"{{% for x in range(20000) if {p[0]} %}}{p[1]}{{% endfor %}}"),
        st.tuples(_EXPRESSIONS, inner).map(lambda p: f"{{% if {p[0]} %}}{p[1]}{{% else %}}b{{% endif %}}"),
        st.tuples(_EXPRESSIONS, inner).map(lambda p: f"{{% set x = {p[0]} %}}{p[1]}"),
        st.tuples(_EXPRESSIONS, inner).map(lambda p: f"{{% set y = namespace(n=x) %}}{{% set y.n = {p[0]} %}}{p[1]}"),
        inner.map(lambda part: f"{{% set x %}}{part}{{% endset %}}"),
        st.tuples(_EXPRESSIONS, inner).map(lambda p: f"{{% with y = {p[0]} %}}{p[1]}{{% endwith %}}"),
        st.tuples(inner, inner).map("\n".join),
    )


_OUTPUTS = st.one_of(_EXPRESSIONS.map(lambda part: f"{{{{ {part} }}}}"), st.text(max_size=20))
_TEMPLATES = st.recursive(_OUTPUTS, _nested, max_leaves=6)
_CONFETTI = st.lists(
    st.one_of(
        st.sampled_from(
            ["{{", "}}", "{%", "%}", "{#", "#}", "|", ".", "(", ")", "[", "]", " for ", " in ", " if ", "-", "\n"]
        ),
        st.sampled_from(["endfor", "set", "=", "run", "'", "1", "~", "*", "rows", "raw", "endraw", ",", "else"]),
        st.text(max_size=3),
    ),
    max_size=40,
).map("".join)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(_TEMPLATES)
def test_no_template_breaks_out_or_takes_long(text: str) -> None:
    check("{% set x = 'x' %}{% set y = 3 %}" + text)


@settings(max_examples=300, deadline=None)
@given(_CONFETTI)
def test_what_is_hardly_a_template_is_refused_or_rendered(text: str) -> None:
    check(text)


RUNS: dict[str, list[dict[str, Any]]] = {
    "many files": [{"for_each": "range(1000)", "path": "{{ item }}", "template": "x"}],
    "deep folders": [{"for_each": "range(1000)", "path": "{{ ('a' * 9 ~ '/') * 48 }}{{ item }}", "template": "x"}],
    "long paths": [{"for_each": "range(1000)", "path": "{{ 'a/' * 2000 }}{{ item }}", "template": "x"}],
    "large texts": [{"for_each": "range(1000)", "path": "{{ item }}", "text": "x" * 900_000}],
    "large bytes": [{"for_each": "range(1000)", "path": "{{ item }}", "base64": "AAAA" * 200_000}],
    "a long template for each": [{"for_each": "range(1000)", "path": "{{ item }}", "template": "{{ 1 }}" * 350}],
    "many templates": [{"path": f"{number}", "template": "{{ 1 }}" * 9} for number in range(100)],
    "more templates": [{"path": f"{number}", "template": "{{ 1 }}" * 450} for number in range(100)],
    "two long templates": [{"path": "a", "template": "{{ 1 }}" * 450}, {"path": "b", "template": "{{ 2 }}" * 450}],
    "a long template and a long loop": [
        {"path": "a", "template": "{{ 1 }}" * 450 + "{% for n in range(20000) %}{{ random.normal() }}{% endfor %}"}
    ],
    "a long template and a large table": [
        {"path": "a", "template": "{{ 1 }}" * 450 + "{{ rows(2000, a=(0, 1), b='x{n}') | json(8) }}"}
    ],
}


@pytest.mark.parametrize("what", RUNS)
def test_all_templates_of_a_run_together_take_no_more(what: str) -> None:
    scenario, templates = BUILT_IN["computation"]["succeeds"], ResultTemplates(tuple(RUNS[what]))

    def written() -> None:
        program.template.cache_clear()
        _, files = applied(scenario, templates, FileTree(), values(), partial(Ids(1).draws, "template"))
        assert files.size <= OUTPUT_BYTES

    assert fastest(written) <= MOST_SECONDS


@settings(max_examples=200, deadline=None)
@given(_EXPRESSIONS, st.integers(0, 5))
def test_an_expression_for_each_is_as_safe(text: str, lines: int) -> None:
    written = "\n" * lines + text
    with audited() as seen, suppress(RenderingError, TemplateError):
        program.expression.__wrapped__(written, program.NAMES).value(values(), Budget(), numbers())
    assert seen == []
