"""What an evaluation knows: the values of names, what is left of the budget, random numbers, and the text so far."""

from collections.abc import Callable
from typing import Any

from mock_server.run_templates.budget import Budget
from mock_server.run_templates.functions import Random


class State:
    """The state of one evaluation; `line` is where in the template it is."""

    __slots__ = ("budget", "line", "out", "random", "variables")

    def __init__(self, variables: dict[str, Any], budget: Budget, random: Random) -> None:
        self.variables, self.budget, self.random = variables, budget, random
        self.out: list[str] = []
        self.line = 1


Evaluate = Callable[[State], Any]
"""An expression that was read, as a function of the state."""

Execute = Callable[[State], None]
"""A statement that was read."""
