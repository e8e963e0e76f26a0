"""What clients have called and what they have never called, by what it is about."""

from collections import Counter
from typing import NamedTuple

from starlette.responses import Response

from mock_server.domain.versions import OPERATIONS
from mock_server.ui.page import Page
from mock_server.ui.page_context import PageContext

GROUPS = {
    "capsule": "Capsules",
    "pipeline": "Pipelines",
    "computation": "Computations",
    "result": "Computations",
    "data_asset": "Data assets",
}
"""What an operation is about: the first of these words in its name."""

OTHERS = "Other"


class Group(NamedTuple):
    """The operations about one thing: those that were called, with how often, and those that never were."""

    label: str
    called: list[tuple[str, int]]
    never: list[str]


def show(context: PageContext) -> Response:
    """All operations of the platform that is emulated."""
    journal = context.world.journal
    counts = Counter(record.operation.name for _, record in journal.records() if record.operation)
    served = [name for name, since in OPERATIONS.items() if since <= context.worlds.settings.platform_version]
    groups = [
        Group(
            label,
            sorted((name, counts[name]) for name in served if group(name) == label and counts[name]),
            sorted(name for name in served if group(name) == label and not counts[name]),
        )
        for label in (*dict.fromkeys(GROUPS.values()), OTHERS)
    ]
    never = sum(len(one.never) for one in groups)
    return context.show("journal/unused.html", groups=groups, never=never, served=len(served), dropped=journal.dropped)


def group(name: str) -> str:
    """What an operation is about."""
    found = [(name.index(word), label) for word, label in GROUPS.items() if word in name]
    return min(found)[1] if found else OTHERS


PAGES = (Page("/journal/unused", show),)
