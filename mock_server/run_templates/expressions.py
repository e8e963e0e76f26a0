"""Expressions: from jinja2's nodes to functions that evaluate them. What is not named here cannot be written."""

import inspect
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from jinja2 import nodes

from mock_server.run_templates.budget import MissingValueError
from mock_server.run_templates.filters import FILTERS, TESTS
from mock_server.run_templates.functions import FUNCTIONS, RANDOM
from mock_server.run_templates.operators import COMPARISONS, arithmetic, concatenate
from mock_server.run_templates.selection import SELECTION_FILTERS
from mock_server.run_templates.source import TemplateError
from mock_server.run_templates.state import Evaluate, State
from mock_server.run_templates.texts import METHODS, TEXT_FILTERS
from mock_server.run_templates.values import MAX_INTEGER, Lookup, Namespace, field, name_of, number, slice_of

_FILTERS = FILTERS | SELECTION_FILTERS | TEXT_FILTERS

_DEFAULT = ("default", "d")

_RANDOM = "random"

_PARAMETERS = "parameters"

FIELDS = {
    "capsule": ("id", "kind", "name", "slug"),
    "owner": ("email", "id", "name"),
    "run": ("created", "id", "name"),
}
"""What the names of one thing each hold."""

Read = Callable[[Any], Evaluate]


class Expressions:
    """Reads expressions that may use `names`, and finds the `parameters` that they cannot do without."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = set(names)
        self.parameters: list[tuple[str, nodes.Node]] = []
        self._readers: dict[type[nodes.Node], Read] = {
            nodes.Const: self._constant,
            nodes.TemplateData: self._data,
            nodes.Name: self._name,
            nodes.Getattr: self._attribute,
            nodes.Getitem: self._item,
            nodes.List: self._list,
            nodes.Tuple: self._tuple,
            nodes.Dict: self._mapping,
            nodes.CondExpr: self._condition,
            nodes.And: self._and,
            nodes.Or: self._or,
            nodes.Not: self._not,
            nodes.Neg: self._negative,
            nodes.Pos: self._positive,
            nodes.Concat: self._concatenation,
            nodes.Compare: self._comparison,
            nodes.Filter: self._filter,
            nodes.Test: self._test,
            nodes.Call: self._call,
            **dict.fromkeys(
                (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow), self._arithmetic
            ),
        }

    def read(self, node: nodes.Node) -> Evaluate:
        """The function that evaluates a node. Raises `TemplateError` for what cannot be written."""
        reader = self._readers.get(type(node))
        if reader is None:
            raise TemplateError.at(node, f"{type(node).__name__} is not taken here")
        return reader(node)

    def _all(self, several: Iterable[nodes.Node]) -> list[Evaluate]:
        return [self.read(node) for node in several]

    def _constant(self, node: nodes.Const) -> Evaluate:
        value = node.value
        if isinstance(value, int) and abs(value) >= MAX_INTEGER:
            raise TemplateError.at(node, "the number is too large")
        return lambda _state: value

    def _data(self, node: nodes.TemplateData) -> Evaluate:
        data = node.data
        return lambda _state: data

    def _name(self, node: nodes.Name) -> Evaluate:
        name = node.name
        if name not in self.names:
            raise TemplateError.at(node, f'unknown name "{name}"; {self._what_there_is(name)}')

        def value(state: State) -> Any:
            try:
                return state.variables[name]
            except KeyError:
                raise MissingValueError(f'"{name}" has no value here') from None

        return value

    def _what_there_is(self, name: str) -> str:
        if name in FUNCTIONS or name == _RANDOM:
            return "it is a function: call it"
        return f"there are {', '.join(sorted(self.names))}"

    def _attribute(self, node: nodes.Getattr) -> Evaluate:
        of, key = self.read(node.node), node.attr
        self._look_up(node, key)
        return lambda state: field(of(state), key)

    def _look_up(self, node: nodes.Getattr | nodes.Getitem, key: Any) -> None:
        """Refuse a field that is never there, and note a parameter."""
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if name in FIELDS and key not in FIELDS[name]:
            raise TemplateError.at(node, f"{name} has no {name_of(key)}; it has {', '.join(FIELDS[name])}")
        if name == _PARAMETERS and isinstance(key, str):
            self.parameters.append((key, node))

    def _item(self, node: nodes.Getitem) -> Evaluate:
        of = self.read(node.node)
        if isinstance(node.arg, nodes.Slice):
            bounds = (node.arg.start, node.arg.stop, node.arg.step)
            start, stop, step = (self.read(end) if end else _nothing for end in bounds)
            return lambda state: slice_of(of(state), start(state), stop(state), step(state), state.budget)
        key = self.read(node.arg)
        if isinstance(node.arg, nodes.Const):
            self._look_up(node, node.arg.value)
        return lambda state: field(of(state), key(state))

    def _list(self, node: nodes.List) -> Evaluate:
        items = self._all(node.items)
        return lambda state: [item(state) for item in items]

    def _tuple(self, node: nodes.Tuple) -> Evaluate:
        items = self._all(node.items)
        return lambda state: tuple([item(state) for item in items])

    def _mapping(self, node: nodes.Dict) -> Evaluate:
        for pair in node.items:
            if not isinstance(pair.key, nodes.Const) or not isinstance(pair.key.value, str):
                raise TemplateError.at(pair, "the keys of a mapping are texts in quotes")
        pairs = [(pair.key.value, self.read(pair.value)) for pair in node.items]  # type: ignore[attr-defined]
        return lambda state: {key: value(state) for key, value in pairs}

    def _condition(self, node: nodes.CondExpr) -> Evaluate:
        test, then = self.read(node.test), self.read(node.expr1)
        otherwise = self.read(node.expr2) if node.expr2 else lambda _state: ""
        return lambda state: then(state) if truth(test(state)) else otherwise(state)

    def _and(self, node: nodes.And) -> Evaluate:
        left, right = self.read(node.left), self.read(node.right)

        def both(state: State) -> Any:
            first = left(state)
            return right(state) if truth(first) else first

        return both

    def _or(self, node: nodes.Or) -> Evaluate:
        left, right = self.read(node.left), self.read(node.right)

        def either(state: State) -> Any:
            first = left(state)
            return first if truth(first) else right(state)

        return either

    def _not(self, node: nodes.Not) -> Evaluate:
        of = self.read(node.node)
        return lambda state: not truth(of(state))

    def _negative(self, node: nodes.Neg) -> Evaluate:
        of = self.read(node.node)
        return lambda state: -number(of(state), "-")

    def _positive(self, node: nodes.Pos) -> Evaluate:
        of = self.read(node.node)
        return lambda state: number(of(state), "+")

    def _concatenation(self, node: nodes.Concat) -> Evaluate:
        parts = self._all(node.nodes)
        return lambda state: concatenate([part(state) for part in parts], state.budget)

    def _arithmetic(self, node: nodes.BinExpr) -> Evaluate:
        left, right, work_out = self.read(node.left), self.read(node.right), arithmetic(node.operator)
        return lambda state: work_out(left(state), right(state), state.budget)

    def _comparison(self, node: nodes.Compare) -> Evaluate:
        first = self.read(node.expr)
        others = [(COMPARISONS[other.op], self.read(other.expr)) for other in node.ops]

        def compare(state: State) -> bool:
            left = first(state)
            for holds, of in others:
                right = of(state)
                if not holds(left, right, state.budget):
                    return False
                left = right
            return True

        return compare

    def _filter(self, node: nodes.Filter) -> Evaluate:
        name = node.name
        if node.node is None:
            raise TemplateError.at(node, "a filter stands behind a value")
        if name in _DEFAULT:
            return self._default(node)
        if name not in _FILTERS:
            raise TemplateError.at(node, f'unknown filter "{name}"; there are {", ".join(sorted(_FILTERS))}, default')
        return self._applied(node, f"the filter {name}", _FILTERS[name], self.read(node.node))

    def _optional(self, node: nodes.Node) -> Evaluate:
        """An expression whose parameters need not be there."""
        known = list(self.parameters)
        value = self.read(node)
        self.parameters = known
        return value

    def _default(self, node: nodes.Filter) -> Evaluate:
        value = self._optional(node.node)  # type: ignore[arg-type]
        given, named = self._arguments(node, "the filter default", _default)
        otherwise = given[0] if given else named[0][1]

        def present(state: State) -> Any:
            try:
                return value(state)
            except MissingValueError:
                return otherwise(state)

        return present

    def _test(self, node: nodes.Test) -> Evaluate:
        if node.name in ("defined", "undefined"):
            value, is_expected = self._optional(node.node), node.name == "defined"
            return lambda state: _is_there(value, state) == is_expected
        if node.name not in TESTS:
            known = ", ".join(sorted((*TESTS, "defined", "undefined")))
            raise TemplateError.at(node, f'unknown test "{node.name}"; there are {known}')
        return self._applied(node, f"the test {node.name}", TESTS[node.name], self.read(node.node))

    def _applied(self, node: Any, what: str, apply: Callable[..., Any], value: Evaluate) -> Evaluate:
        """A filter, test or method with its arguments."""
        given, named = self._arguments(node, what, apply, taken=2)
        if not given and not named:
            return lambda state: apply(state.budget, value(state))
        return lambda state: apply(
            state.budget,
            value(state),
            *[argument(state) for argument in given],
            **{key: argument(state) for key, argument in named},
        )

    def _call(self, node: nodes.Call) -> Evaluate:
        match node.node:
            case nodes.Name(name=name) if name in FUNCTIONS:
                return self._function(node, name, FUNCTIONS[name])
            case nodes.Getattr(node=nodes.Name(name="random"), attr=name) if name in RANDOM:
                return self._function(node, f"{_RANDOM}.{name}", RANDOM[name])
            case nodes.Getattr(node=nodes.Name(name="random"), attr=name):
                raise TemplateError.at(node, f'unknown function "random.{name}"; there are {", ".join(RANDOM)}')
            case nodes.Getattr(node=of, attr=name) if name in METHODS:
                return self._applied(node, name, METHODS[name], self.read(of))
            case nodes.Getattr(attr=name):
                raise TemplateError.at(node, f'unknown method "{name}"; there are {", ".join(sorted(METHODS))}')
            case nodes.Name(name=name):
                known = ", ".join((*FUNCTIONS, *(f"{_RANDOM}.{function}" for function in RANDOM)))
                raise TemplateError.at(node, f'unknown function "{name}"; there are {known}')
        raise TemplateError.at(node, "only functions and methods can be called")

    def _function(self, node: nodes.Call, what: str, call: Callable[..., Any]) -> Evaluate:
        given, named = self._arguments(node, what, call, taken=2)
        return lambda state: call(
            state.random,
            state.budget,
            *[argument(state) for argument in given],
            **{key: argument(state) for key, argument in named},
        )

    def _arguments(
        self, node: Any, what: str, function: Callable[..., Any], taken: int = 0
    ) -> tuple[list[Evaluate], list[tuple[str, Evaluate]]]:
        """The arguments of a call, which fit the function behind those that are `taken`. Raises `TemplateError`."""
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise TemplateError.at(node, "* and ** are not taken in a call")
        given = self._all(node.args)
        named = [(pair.key, self.read(pair.value)) for pair in node.kwargs]
        try:
            _signature(function).bind(*[None] * taken, *given, **dict(named))
        except TypeError as problem:
            raise TemplateError.at(node, f"{what}: {problem}") from None
        if len(dict(named)) < len(named):
            raise TemplateError.at(node, f"{what}: an argument is given twice")
        return given, named


def _default(default_value: Any) -> Any:
    """The argument that `default` takes."""
    return default_value


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def _nothing(_state: State) -> None:
    return None


def _is_there(value: Evaluate, state: State) -> bool:
    try:
        value(state)
    except MissingValueError:
        return False
    return True


def truth(value: Any) -> bool:
    """Whether a value counts as true."""
    if isinstance(value, Lookup):
        return bool(value.entries)
    return True if isinstance(value, Namespace) else bool(value)
