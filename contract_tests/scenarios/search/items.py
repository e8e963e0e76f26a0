"""The data assets of the catalog: what each is called, says, weighs and comes from.

Each word stands in several fields of different items, each order is another one, and what is compared as text differs
from what is compared as a number: 9 and 10, 900 and 1000 bytes.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from contract_tests.deployment import OTHER, OWNER

NEW_YEAR = 1640995200
"""The first second of 2022, as Unix seconds."""

LONG_NAME = "ecephys_668759_2023-04-11_13-06-20"
"""A name as real ones are: a single word, with others made from it."""

COMMIT = "9F2C1D7"
RUN_SCRIPT = "code/Gneiss run"


class Origin(Enum):
    """What an item is made from."""

    RUN = "a folder of a run's results"
    EXTERNAL = "a bucket, where its files stay"
    INTERNAL = "a bucket, from which its files are copied"
    LINEAGE = "a bucket, as the result of a run elsewhere"
    COMBINED = "other items"


@dataclass(frozen=True, slots=True)
class Item:
    """A data asset of the catalog. `values` are custom metadata by role: text, number, date or many."""

    name: str
    origin: Origin
    size: int = 0
    """Bytes in the folder of the run."""
    tags: tuple[str, ...] = ()
    description: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    who: str = OWNER
    archived: bool = False
    shared: bool = False
    """Whether the other of the two users is a viewer."""
    at_once: bool = False
    """Whether it is made in the same second as the one before, where the clock stands."""


ITEMS: dict[str, Item] = {
    "vein9": Item(
        "Quartz vein 9",
        Origin.RUN,
        size=900,
        tags=("basalt", "two words", "mica"),
        description="Granite slabs with mica, unearthed.",
        values={"text": "Marble Hall", "number": 9, "date": NEW_YEAR - 1, "many": ["onyx", "opal", "mica"]},
    ),
    "vein10": Item(
        "quartz vein 10",
        Origin.RUN,
        size=1000,
        tags=("Gneiss",),
        description="Marble and basalt; talc, but no quartz.",
        values={"text": "marble", "number": 10, "date": NEW_YEAR, "many": ["opal", "basalt"]},
    ),
    "seam": Item(
        "Mica, basalt: seam",
        Origin.RUN,
        size=10_000,
        tags=("granite",),
        description="A seam.",
        values={"text": "10", "number": 100, "date": NEW_YEAR + 1, "many": ["jade", "talcum"]},
    ),
    "far": Item(
        "zircon far", Origin.EXTERNAL, tags=("jade",), values={"text": "Mica", "number": 30.5, "date": NEW_YEAR * 2}
    ),
    "remote": Item("Remote 9", Origin.EXTERNAL, tags=("Twin",), values={"date": NEW_YEAR}),
    "near": Item("Straße détector", Origin.INTERNAL, tags=("Küste", "mica"), description="Große Küche."),
    "lineage": Item(
        "Talc lineage 10",
        Origin.LINEAGE,
        tags=("raw", "basalt"),
        description="Some mica, and talc; basalt.",
        values={"text": "Küche Süd", "number": 0, "many": ["Ärger", "basalt"]},
    ),
    "whole": Item("Both of them", Origin.COMBINED, tags=("raw", "jade"), parts=("far", "remote")),
    "ecephys": Item(LONG_NAME, Origin.RUN, size=9, tags=("ecephys", "668759"), values={"text": "668759", "number": 30}),
    "sorted": Item(f"{LONG_NAME}_sorted", Origin.RUN, size=9, tags=("derived",), values={"text": "668759 b"}),
    "lent": Item(
        "Lent quartzite", Origin.RUN, size=90, tags=("mica",), shared=True, values={"number": 11.0, "date": -86_400}
    ),
    "twin": Item(
        "Twin", Origin.RUN, size=1000, tags=("twin",), description="Old red iron, red sand, and then iron sand."
    ),
    "double": Item("Twin", Origin.RUN, size=1000, tags=("twin",), at_once=True),
    "theirs": Item(
        "quartz of other people", Origin.INTERNAL, tags=("raw",), description="Basalt.", who=OTHER, shared=True
    ),
    "hidden": Item("Mica, quartz and talc", Origin.INTERNAL, tags=("mica", "raw"), description="Basalt.", who=OTHER),
    "old": Item(
        "Quartz vein 9, mica",
        Origin.RUN,
        size=900,
        tags=("basalt", "mica", "raw"),
        description="Granite slabs with talc.",
        values={"text": "marble", "number": 10, "date": NEW_YEAR, "many": ["opal", "jade"]},
        archived=True,
    ),
}

FOUND = tuple(key for key, item in ITEMS.items() if not item.archived and (item.who == OWNER or item.shared))
"""What the owner's searches find, the oldest first."""
