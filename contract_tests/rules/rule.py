"""A rule of the contract."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that the contract says, small enough to be broken by itself."""

    id: str
    """Dotted and stable: `get_computation.answer.end_status`."""
    sentence: str
    source: str
    """Where it is written down."""
    unjudged: str | None = None
    """Why no check can judge it over HTTP on any profile; None when some check does."""

    @property
    def subject(self) -> str:
        """What it is about: an operation, or a part of the contract such as `search`."""
        return self.id.partition(".")[0]

    def mentions(self, text: str) -> bool:
        """Tell whether a text is in its id, sentence or source, in any case."""
        return any(text.lower() in part.lower() for part in (self.id, self.sentence, self.source))


def by_id(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Rules by their ids, sorted. Raises `ValueError` when two have the same."""
    known: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in known:
            raise ValueError(f"two rules have the id {rule.id}")
        known[rule.id] = rule
    return dict(sorted(known.items()))
