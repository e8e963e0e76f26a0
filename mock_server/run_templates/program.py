"""Templates and expressions that were read once, and can be evaluated with the values of any run."""

from functools import lru_cache
from typing import Any, NamedTuple

from jinja2 import nodes

from mock_server.run_templates import source
from mock_server.run_templates.budget import Budget, RenderingError
from mock_server.run_templates.expressions import Expressions
from mock_server.run_templates.functions import Random
from mock_server.run_templates.state import Evaluate, Execute, State
from mock_server.run_templates.statements import Statements, cost

NAMES = frozenset({"capsule", "data_assets", "owner", "parameters", "processes", "run"})
"""What every template may use."""

NAMES_OF_EACH = NAMES | {"item", "number"}
"""What a template that is rendered for each of several things may use."""

REMEMBERED = 256
"""How many templates are kept that were read."""


OF_ONE_RUN = frozenset({"data_assets", "owner", "random", "rows", "run"})
"""Names that stand for something else in each run, whatever it is given: of what is known of it, and of functions."""


class Use(NamedTuple):
    """A parameter that a template cannot do without, and where it says so."""

    name: str
    line: int
    column: int


class Program(NamedTuple):
    """A template that was read, how many words and signs it has, the parameters that it needs, whether runs of one
    capsule with equal parameters get the same text, and the steps that it takes beside those of its loops.
    """

    execute: Execute
    tokens: int
    needs: tuple[Use, ...]
    repeats: bool
    steps: int

    def render(self, variables: dict[str, Any], budget: Budget, random: Random) -> str:
        """The text that a run makes of it. Raises `RenderingError`, whose message names the line."""
        state = State(dict(variables), budget, random)
        try:
            budget.spend(self.steps)
            self.execute(state)
        except RenderingError as problem:
            raise RenderingError(f"line {state.line}: {problem}") from None
        except RecursionError:
            raise RenderingError(f"line {state.line}: is nested too deep") from None
        return "".join(state.out)


class Formula(NamedTuple):
    """An expression that was read."""

    evaluate: Evaluate
    tokens: int
    needs: tuple[Use, ...]
    repeats: bool

    def value(self, variables: dict[str, Any], budget: Budget, random: Random) -> Any:
        """Its value in a run. Raises `RenderingError`."""
        try:
            return self.evaluate(State(dict(variables), budget, random))
        except RecursionError:
            raise RenderingError("is nested too deep") from None


@lru_cache(REMEMBERED)
def template(text: str, names: frozenset[str]) -> Program:
    """A template that may use `names`. Raises `TemplateError`."""
    tree, tokens = source.parse(text)
    statements = Statements(tree, names)
    execute = statements.read(tree.body)
    return Program(execute, tokens, _uses(statements.expressions), _repeats(tree), cost(tree.body))


@lru_cache(REMEMBERED)
def expression(text: str, names: frozenset[str]) -> Formula:
    """An expression that may use `names`. Raises `TemplateError`."""
    node, tokens = source.parse_expression(text)
    expressions = Expressions(names)
    return Formula(expressions.read(node), tokens, _uses(expressions), _repeats(node))


def _uses(expressions: Expressions) -> tuple[Use, ...]:
    return tuple(Use(name, *source.place(node)) for name, node in expressions.parameters)


def _repeats(tree: nodes.Node) -> bool:
    names = [node.name for node in tree.find_all(nodes.Name)]
    own = [tree.name] if isinstance(tree, nodes.Name) else []
    return OF_ONE_RUN.isdisjoint(names + own)
