"""Tags: from jinja2's nodes to functions that write text. A turn of a loop costs a step for each node of its body."""

from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import nodes

from mock_server.run_templates.budget import RenderingError
from mock_server.run_templates.expressions import Expressions, truth
from mock_server.run_templates.source import TemplateError
from mock_server.run_templates.state import Evaluate, Execute, State
from mock_server.run_templates.values import CHEAP, Namespace, elements, written

LOOP = "loop"

NOT_TAKEN: dict[type[nodes.Node], str] = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from … import",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
}


class Statements:
    """Reads the body of a template that may use `names`, and those that it sets."""

    def __init__(self, tree: nodes.Template, names: Iterable[str]) -> None:
        assigned = {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
        self.expressions = Expressions({*names, *assigned})
        self._readers: dict[type[nodes.Node], Callable[[Any], Execute]] = {
            nodes.Output: self._output,
            nodes.For: self._loop,
            nodes.If: self._choice,
            nodes.Assign: self._assignment,
            nodes.AssignBlock: self._block_assignment,
            nodes.With: self._with,
        }

    def read(self, body: list[nodes.Node]) -> Execute:
        """The function that executes nodes. Raises `TemplateError` for what cannot be written."""
        statements = [self._statement(node) for node in body]

        def execute(state: State) -> None:
            for statement in statements:
                statement(state)

        return execute

    def _statement(self, node: nodes.Node) -> Execute:
        reader = self._readers.get(type(node))
        if reader is None:
            raise TemplateError.at(node, f"{NOT_TAKEN.get(type(node), type(node).__name__)} is not taken here")
        return reader(node)

    def _output(self, node: nodes.Output) -> Execute:
        parts = [(int(part.lineno), self.expressions.read(part)) for part in node.nodes]

        def write(state: State) -> None:
            for line, part in parts:
                state.line = line
                state.out.append(state.budget.write(written(part(state), state.budget)))

        return write

    def _choice(self, node: nodes.If) -> Execute:
        cases = [
            (int(case.lineno), self.expressions.read(case.test), self.read(case.body)) for case in (node, *node.elif_)
        ]
        otherwise = self.read(node.else_)

        def choose(state: State) -> None:
            for line, test, then in cases:
                state.line = line
                if truth(test(state)):
                    then(state)
                    return
            otherwise(state)

        return choose

    def _assignment(self, node: nodes.Assign) -> Execute:
        line, value, assign = int(node.lineno), self.expressions.read(node.node), _target(node.target)

        def execute(state: State) -> None:
            state.line = line
            assign(state, value(state))

        return execute

    def _block_assignment(self, node: nodes.AssignBlock) -> Execute:
        if node.filter is not None:
            raise TemplateError.at(node, "a filter is not taken here: write it behind the name later")
        body, assign = self.read(node.body), _target(node.target)

        def execute(state: State) -> None:
            before, state.out = state.out, []
            body(state)
            value, state.out = "".join(state.out), before
            assign(state, value)

        return execute

    def _with(self, node: nodes.With) -> Execute:
        values = [self.expressions.read(value) for value in node.values]
        targets = [_target(target) for target in node.targets]
        body, steps = self.read(node.body), cost(node.body)

        def execute(state: State) -> None:
            found = [value(state) for value in values]
            outer = _scope(state, steps)
            for assign, value in zip(targets, found, strict=True):
                assign(state, value)
            body(state)
            state.variables = outer

        return execute

    def _loop(self, node: nodes.For) -> Execute:
        if node.recursive:
            raise TemplateError.at(node, "recursive is not taken here")
        line, values, assign = int(node.lineno), self.expressions.read(node.iter), _target(node.target)
        test = self.expressions.read(node.test) if node.test else None
        self.expressions.names.add(LOOP)
        body, steps = self.read(node.body), cost([*node.body, *([node.test] if node.test else [])])
        otherwise = self.read(node.else_)

        def kept(state: State, found: list[Any], holds: Evaluate) -> Iterable[Any]:
            for element in found:
                outer = _scope(state, steps)
                assign(state, element)
                if truth(holds(state)):
                    yield element
                state.variables = outer

        def execute(state: State) -> None:
            state.line = line
            found = elements(values(state), "a loop", state.budget)
            if test is not None:
                found = list(kept(state, found, test))
            for number, element in enumerate(found):
                outer = _scope(state, steps)
                state.variables[LOOP] = _place(number, len(found))
                assign(state, element)
                body(state)
                state.variables = outer
            if not found:
                otherwise(state)

        return execute


def _scope(state: State, steps: int) -> dict[str, Any]:
    """Begin a scope in which work of some steps is done; the variables outside of it."""
    outer = state.variables
    state.budget.spend(steps + len(outer) // CHEAP)
    state.variables = dict(outer)
    return outer


def _place(number: int, length: int) -> dict[str, Any]:
    """What a loop knows of its turn, in jinja2's words."""
    return {
        "index": number + 1,
        "index0": number,
        "revindex": length - number,
        "revindex0": length - number - 1,
        "first": number == 0,
        "last": number == length - 1,
        "length": length,
    }


def cost(body: list[Any]) -> int:
    """The steps of executing nodes once; loops in them count their own turns."""
    return 3 + sum(1 + sum(1 for _ in node.find_all(nodes.Node)) for node in body)


def _target(node: nodes.Node) -> Callable[[State, Any], None]:
    """What gives a value to a name, to several, or to a field of a namespace."""
    match node:
        case nodes.Name(name=name):
            return lambda state, value: state.variables.__setitem__(name, value)
        case nodes.NSRef(name=name, attr=field):
            return lambda state, value: _set(state, name, field, value)
        case nodes.Tuple(items=items):
            targets = [_target(item) for item in items]
            return lambda state, value: _unpack(state, targets, value)
    raise TemplateError.at(node, "nothing can be assigned to this")


def _set(state: State, name: str, field: str, value: Any) -> None:
    namespace = state.variables.get(name)
    if not isinstance(namespace, Namespace):
        raise RenderingError(f'"{name}" is no namespace: begin with {{% set {name} = namespace() %}}')
    namespace.fields[field] = value


def _unpack(state: State, targets: list[Callable[[State, Any], None]], value: Any) -> None:
    found = elements(value, "an assignment to several names", state.budget)
    if len(found) != len(targets):
        raise RenderingError(f"{len(targets)} names are given {len(found)} values")
    for assign, element in zip(targets, found, strict=True):
        assign(state, element)
