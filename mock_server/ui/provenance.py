"""Where a data asset comes from and what was made from it, as a picture: boxes in columns, from left to right."""

import textwrap
from typing import NamedTuple

from mock_server.services.lineage import Kind, Lineage, Thing
from mock_server.ui.page_context import PageContext
from mock_server.wire.data_assets import DataAsset

BOX_WIDTH, BOX_HEIGHT = 190, 76
ACROSS, DOWN = 36, 16
"""The space between columns and between boxes."""

MOST = 6
"""How many boxes a column has; what is left out is counted."""

LETTERS = 20
"""How much of a name goes into a line; a box has two."""

NAMES: dict[Kind, str] = {
    "capsule": "Capsule",
    "pipeline": "Pipeline",
    "computation": "Computation",
    "data_asset": "Data asset",
    "bucket": "Bucket",
}

SECTIONS: dict[Kind, str] = {
    "capsule": "capsules",
    "pipeline": "pipelines",
    "computation": "computations",
    "data_asset": "data_assets",
}


class Box(NamedTuple):
    """A thing in the picture. `href` is empty when there is no page to go to; `itself` is what the picture is of."""

    x: int
    y: int
    kind: Kind
    label: str
    name: str
    lines: list[str]
    href: str
    itself: bool


class Line(NamedTuple):
    """A curve from the right side of one box to the left side of another, as an SVG path."""

    path: str


class Picture(NamedTuple):
    """Boxes in so many columns, lines, and how many things there was no room for."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]
    columns: int
    left_out: int
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT


def draw(context: PageContext, asset: DataAsset, lineage: Lineage) -> Picture:
    """The picture of one data asset."""
    itself = Thing("data_asset", asset.id, asset.name)
    origins = [*lineage.sources, *([lineage.capsule] if lineage.capsule else [])]
    run = [lineage.computation] if lineage.computation else []
    columns = [origins, run, [itself], lineage.used_by, [made.thing for made in lineage.made]]
    shown = [column[:MOST] for column in columns]
    tallest = max(len(column) for column in shown)
    placed: dict[str, Box] = {}
    x = 0
    for column in shown:
        top = (tallest - len(column)) * (BOX_HEIGHT + DOWN) // 2
        for number, thing in enumerate(column):
            y = top + number * (BOX_HEIGHT + DOWN)
            placed.setdefault(thing.id, _box(context, thing, x, y, itself=thing is itself))
        x += BOX_WIDTH + ACROSS if column else 0
    ends = [(start.id, (run[0] if run else itself).id) for start in origins]
    ends += [(start.id, itself.id) for start in run]
    ends += [(itself.id, user.id) for user in lineage.used_by]
    ends += [(made.by if made.by in placed else itself.id, made.thing.id) for made in lineage.made]
    lines = [_line(placed[start], placed[end]) for start, end in ends if start in placed and end in placed]
    left_out = sum(len(column) - len(part) for column, part in zip(columns, shown, strict=True))
    height = tallest * (BOX_HEIGHT + DOWN) - DOWN
    return Picture(x - ACROSS, height, list(placed.values()), lines, sum(map(bool, columns)), left_out)


def _box(context: PageContext, thing: Thing, x: int, y: int, *, itself: bool) -> Box:
    name = thing.name or "not to be seen"
    section = SECTIONS.get(thing.kind)
    href = context.to(section, thing.id) if section and thing.name is not None and not itself else ""
    lines = textwrap.wrap(name, LETTERS, max_lines=2, placeholder="…")
    return Box(x, y, thing.kind, NAMES[thing.kind], name, lines, href, itself)


def _line(start: Box, end: Box) -> Line:
    left, right = start.x + BOX_WIDTH, end.x
    from_y, to_y = start.y + BOX_HEIGHT // 2, end.y + BOX_HEIGHT // 2
    middle = (left + right) // 2
    return Line(f"M{left} {from_y} C{middle} {from_y} {middle} {to_y} {right} {to_y}")
