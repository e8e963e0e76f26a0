"""What a search asks of an object, as a tree; `store.search.compiler` turns it into SQL."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Mentions:
    """A phrase of one or more words stands in one of `places`, which are among `PLACES`; without words nothing does."""

    words: tuple[str, ...]
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameHolds:
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
    """All of these hold; without any, everything fits."""

    conditions: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of these holds; without any, nothing fits."""

    conditions: tuple["Condition", ...] = ()


Condition: TypeAlias = Mentions | NameHolds | Is | Within | Not | All | AnyOf

PLACES = ("name", "tags", "description", "more")
"""Where words may stand: `more` is the custom metadata of a data asset, article, journal and authors of a capsule."""

WEIGHTS = {"name": 8, "tags": 4, "description": 2, "more": 1}
"""What a word counts in each place; one in a better place outweighs all lesser places together."""
