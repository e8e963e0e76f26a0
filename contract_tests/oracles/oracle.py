"""Base class of oracles."""

from collections.abc import Iterable
from typing import ClassVar

from contract_tests.oracles.observation import Observation


class Oracle:
    """Watches all exchanges of a run for one rule, and remembers what it needs to. It never sends anything.

    `judged` counts how often it had something to judge: one that never did has not held, it has not been tried. What is
    ambiguous it does not judge: an answer that was lost or refused for the moment, another client's change.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    """The rule, in a sentence."""

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

    def finish(self) -> Iterable[str]:
        """Report what is wrong with the run as a whole."""
        return ()
