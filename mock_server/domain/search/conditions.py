"""The conditions of a search, as a tree; `store.search.compiler` turns it into SQL."""

from dataclasses import dataclass
from typing import TypeAlias

from mock_server.domain.search.text import Phrase


@dataclass(frozen=True, slots=True)
class Mentions:
    """A text field contains a phrase; `fields` are among `TEXT_FIELDS`. Without words, nothing contains it."""

    phrase: Phrase
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameContains:
    """A text is a part of the name."""

    text: str


@dataclass(frozen=True, slots=True)
class Is:
    """A trait of the object has one of these values, whatever their case."""

    trait: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """A number of a custom metadata field lies in a range, ends included; None leaves an end open."""

    key: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    """All of these hold; without any, every object matches."""

    conditions: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of these holds; without any, nothing matches."""

    conditions: tuple["Condition", ...] = ()


Condition: TypeAlias = Mentions | NameContains | Is | Within | Not | All | AnyOf

TEXT_FIELDS = ("name", "tags", "description", "more")
"""What free text is matched with: `more` is the custom metadata of a data asset, or article, journal and authors of a
capsule.
"""

WEIGHTS = {"name": 8, "tags": 4, "description": 2, "more": 1}
"""What a match in each field counts; one in a better field outweighs all lesser fields together."""
