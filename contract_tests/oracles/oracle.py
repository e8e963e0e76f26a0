"""Base class of oracles."""

from collections.abc import Iterable
from typing import ClassVar, Self

from contract_tests.oracles.observation import Observation


class Oracle:
    """Watches all exchanges of a run for one rule, and remembers what it needs to. It never sends anything.

    `judged` counts how often it had something to judge: one that never did has not held, it has not been tried. What is
    ambiguous it does not judge: an answer that was lost or refused for the moment, another client's change. What it
    does not understand makes it forget: a request that may have changed something, and whose effect cannot be foretold,
    takes with it what was known of the record or the field.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    """The rule, in a sentence."""
    remembers: ClassVar[bool] = False
    """Whether an exchange is judged by what earlier ones showed."""

    def __init__(self) -> None:
        self.judged = 0
        self.rules: set[str] = set()
        """The ids of the rules that it has judged in the exchange at hand, besides its own."""
        self.broken: set[str] = set()
        """Those of them that were not kept, in any exchange."""

    @classmethod
    def rule(cls) -> str:
        """The id of the rule that the oracle is."""
        return f"always.{cls.name}"

    def observe(self, seen: Observation) -> Iterable[str]:
        """Report what is wrong with an exchange that has just ended; usually nothing."""
        raise NotImplementedError

    def without_memory(self) -> Self:
        """Make one that knows of nothing yet, and has judged the same."""
        fresh = type(self)()
        fresh.judged, fresh.broken = self.judged, self.broken
        return fresh

    def finish(self) -> Iterable[str]:
        """Report what is wrong with the run as a whole."""
        return ()
