"""Filters of the search for data assets: every key, form and kind of value; excluding; several together."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, OTHER, OWNER, Deployment
from contract_tests.scenarios.search.catalog import MAKES, UNDECLARED, Catalog, make_catalog
from contract_tests.scenarios.search.items import FOUND, ITEMS, LONG_NAME, NEW_YEAR


class Row(NamedTuple):
    """A filter and what it finds. `key` is that of the API, or the role of a custom metadata field."""

    key: str
    part: dict[str, Any]
    finds: tuple[str, ...] = ()


def value(key: str, one: Any, *finds: str) -> Row:
    """A filter with one value."""
    return Row(key, {"value": one}, finds)


def values(key: str, several: list[Any], *finds: str) -> Row:
    """A filter with several values."""
    return Row(key, {"values": several}, finds)


def between(key: str, low: float | None, high: float | None, *finds: str) -> Row:
    """A filter with a range; None leaves an end open."""
    ends = {"min": low, "max": high}
    return Row(key, {"range": {end: number for end, number in ends.items() if number is not None}}, finds)


def rules_of(row: Row) -> Iterator[str]:
    """Yield the rules that a filter judges: those of its key, of its form and of its values."""
    yield f"search.filter.{row.key if row.key in OWN_KEYS else 'metadata'}"
    if "values" in row.part:
        yield "search.filter.values"
    given = [one for one in (row.part.get("value"), *row.part.get("values", ())) if one is not None]
    if row.key != "date" and any(isinstance(one, str) is (row.key == "number") for one in given):
        yield "search.filter.number"
    ends = row.part.get("range", {})
    if ends and row.key not in ("number", "date"):
        yield "search.filter.range.text"
        return
    yield from (f"search.filter.range.{name}" for end, name in (("min", "low"), ("max", "high")) if end in ends)
    if len(ends) == 1:
        yield "search.filter.range.open"
    if ends and row.key == "date":
        yield "search.filter.range.date"


OWN_KEYS = ("name", "description", "tags")
"""Keys of filters that are not custom metadata."""

NUMBERS = ("vein9", "vein10", "seam", "far", "lineage", "ecephys", "lent")
"""Items with a number: 9, 10, 100, 30.5, 0, 30, 11."""

ROWS = (
    value("name", "vein", "vein9", "vein10"),
    value("name", "VEIN 9", "vein9"),
    value("name", "tz ve", "vein9", "vein10"),
    value("name", "mica", "seam"),
    value("name", "\U0001d410uartz v", "vein9", "vein10"),
    value("name", "strasse", "near"),
    value("name", "basalt", "seam"),
    value("name", "granite"),
    value("name", "no such name"),
    value("name", LONG_NAME, "ecephys"),
    value("name", "Quartz of other people", "theirs"),
    value("name", "Quartz of other peopl"),
    value("name", LONG_NAME[:20], "ecephys", "sorted"),
    value("name", LONG_NAME[:21]),
    value("name", LONG_NAME[-20:], "ecephys", "sorted"),
    values("name", ["talc", "wit", "seam", "win"], "lineage", "seam", "twin", "double"),
    values("name", ["no such name", "far"], "far"),
    value("description", "mica", "vein9", "lineage"),
    value("description", "MICA, unearthed", "vein9"),
    value("description", "unearthed mica"),
    value("description", "earth"),
    value("description", "quartz", "vein10"),
    value("description", "basalt", "vein10", "lineage", "theirs"),
    value("description", "grosse küche", "near"),
    values("description", ["seam", "granite slabs", "no such word"], "seam", "vein9"),
    value("tags", "mica", "vein9", "near", "lent"),
    value("tags", "GNEISS", "vein10"),
    value("tags", "\U0001d40cica", "vein9", "near", "lent"),
    value("tags", "gneis"),
    value("tags", "two words", "vein9"),
    value("tags", "two"),
    value("tags", "basalt", "vein9", "lineage"),
    value("tags", "kÜste", "near"),
    value("tags", 668759, "ecephys"),
    values("tags", ["raw", "jade"], "far", "lineage", "whole", "theirs"),
    values("tags", ["raw"], "lineage", "whole", "theirs"),
    value("text", "marble", "vein10"),
    value("text", "MARBLE hall", "vein9"),
    value("text", "hall"),
    value("text", "mica", "far"),
    value("text", "Ku\u0308che SÜD", "lineage"),
    value("text", 10, "seam"),
    value("text", "668759", "ecephys"),
    value("text", "66875"),
    values("text", ["marble", "Marble Hall", "jade"], "vein9", "vein10"),
    between("text", 0, None),
    value("number", 9, "vein9"),
    value("number", 10, "vein10"),
    value("number", "100", "seam"),
    value("number", 30.5, "far"),
    value("number", "30.5", "far"),
    value("number", 30.0, "ecephys"),
    value("number", 11, "lent"),
    value("number", "11", "lent"),
    value("number", 0, "lineage"),
    value("number", 1),
    values("number", [9, "30", 30.5], "vein9", "ecephys", "far"),
    between("number", 10, None, "vein10", "seam", "far", "ecephys", "lent"),
    between("number", None, 10, "vein9", "vein10", "lineage"),
    between("number", 10, 10, "vein10"),
    between("number", 9, 10, "vein9", "vein10"),
    between("number", 9.5, 30.25, "vein10", "ecephys", "lent"),
    between("number", 30, 30.5, "far", "ecephys"),
    between("number", 30.0001, 30.4999),
    between("number", 30.5, 99.9999, "far"),
    between("number", 100.0001, None),
    between("number", None, -0.0001),
    between("number", None, 0, "lineage"),
    between("number", 0, None, *NUMBERS),
    between("number", 0, 9, "lineage", "vein9"),
    value("date", NEW_YEAR, "vein10", "remote"),
    value("date", -86_400, "lent"),
    between("date", None, -1, "lent"),
    between("date", -86_400, 0, "lent"),
    between("date", -86_399, NEW_YEAR - 1, "vein9"),
    values("date", [NEW_YEAR - 1, NEW_YEAR + 1], "vein9", "seam"),
    between("date", NEW_YEAR, None, "vein10", "seam", "far", "remote"),
    between("date", None, NEW_YEAR, "vein9", "vein10", "remote", "lent"),
    between("date", NEW_YEAR - 1, NEW_YEAR, "vein9", "vein10", "remote"),
    between("date", NEW_YEAR + 1, NEW_YEAR * 2, "seam", "far"),
    between("date", 1, NEW_YEAR - 2),
    value("many", "opal", "vein9", "vein10"),
    value("many", "ONYX", "vein9"),
    value("many", "jade", "seam"),
    value("many", "talc"),
    value("many", "A\u0308rger", "lineage"),
    values("many", ["mica", "jade"], "vein9", "seam"),
    between("many", 0, None),
)

TOGETHER = (
    value("name", "9", "vein9", "remote", "ecephys", "sorted"),
    value("description", "mica", "vein9", "lineage"),
    values("tags", ["mica", "raw"], "vein9", "near", "lineage", "whole", "lent", "theirs"),
    values("text", ["marble", "10", "mica"], "vein10", "seam", "far"),
    between("number", 9, 30, "vein9", "vein10", "ecephys", "lent"),
    between("date", -86_400, NEW_YEAR - 1, "vein9", "lent"),
    value("many", "opal", "vein9", "vein10"),
)
"""One filter of each kind, of which every two have matches of their own."""

BUCKETS = ("far", "remote", "near", "theirs")

TRAITS: tuple[tuple[dict[str, Any], tuple[str, ...]], ...] = (
    ({"type": "dataset"}, BUCKETS),
    ({"type": "result"}, tuple(key for key in FOUND if key not in (*BUCKETS, "whole"))),
    ({"type": "combined"}, ("whole",)),
    ({"type": "model"}, ()),
    ({"origin": "external"}, ("far", "remote", "whole")),
    ({"origin": "internal"}, tuple(key for key in FOUND if key not in ("far", "remote", "whole"))),
    ({"ownership": "created"}, tuple(key for key in FOUND if key != "theirs")),
    ({"ownership": "private"}, tuple(key for key in FOUND if key not in ("theirs", "lent"))),
    ({"ownership": "shared"}, ("theirs",)),
    ({"favorite": True}, ()),
    ({"favorite": False}, FOUND),
)
"""Conditions beside the filters, and what they find of what is not archived."""

OF_OLD = (
    {"type": "result"},
    {"origin": "internal"},
    {"ownership": "created"},
    {"ownership": "private"},
    {"favorite": False},
)
"""Those that the archived item fulfils."""

TAGS = {"raw", "mica", "jade"}

MENTION_MICA = ("vein9", "seam", "far", "near", "lineage", "lent")

SEEN_BY = {
    OWNER: FOUND,
    OTHER: ("lent", "theirs", "hidden"),
    ADMIN: tuple(key for key, item in ITEMS.items() if not item.archived),
}


def usable(catalog: Catalog, rows: tuple[Row, ...] = ROWS) -> list[tuple[dict[str, Any], Row]]:
    """The filters as they are sent, each with its row; without those for whose role there is no field."""
    keys = {key: key for key in OWN_KEYS} | catalog.fields
    return [({"key": keys[row.key], **row.part}, row) for row in rows if row.key in keys]


@check(*MAKES, full=True)
def filters_of_data_assets(deployment: Deployment) -> None:
    """Each filter on name, description, tags and custom metadata finds what it says, and excludes the rest when told
    to; several have to match together.
    """
    with make_catalog(deployment) as catalog:
        for one, row in usable(catalog):
            catalog.expect_found(row.finds, {"filters": [one]}, rules=rules_of(row))
            rest = [key for key in FOUND if key not in row.finds]
            excluding = {"filters": [one | {"exclude": True}]}
            catalog.expect_found(rest, excluding, rules=["search.filter.exclude"])
        _check_together(catalog)


def _check_together(catalog: Catalog) -> None:
    """Of two filters both have to match, whichever comes first, and whichever of them excludes."""
    for (one, row), (other, other_row) in combinations(usable(catalog, TOGETHER), 2):
        both = [key for key in row.finds if key in other_row.finds]
        first_alone = [key for key in row.finds if key not in other_row.finds]
        neither = [key for key in FOUND if key not in (*row.finds, *other_row.finds)]
        without, without_other = one | {"exclude": True}, other | {"exclude": True}
        for finds, filters in (
            (both, [one, other | {"exclude": False}]),
            (first_alone, [one, without_other]),
            (first_alone, [without_other, one]),
            (neither, [without, without_other]),
        ):
            catalog.expect_found(finds, {"filters": filters}, rules=["search.filter.every"])


@check(*MAKES, full=True)
def traits_of_data_assets(deployment: Deployment) -> None:
    """Type, origin, ownership, archived and favorite find what they say: alone, each with each, with a filter and with
    a query; each user finds what they may see.
    """
    with make_catalog(deployment) as catalog:
        for who, sees in SEEN_BY.items():
            rule = "search.select.admins" if who == ADMIN else "search.select.visible"
            catalog.expect_found(sees, {}, who, rules=[rule])
            catalog.expect_found(sees, {"archived": False}, who, rules=["search.select.archived"])
        for trait, finds in TRAITS:
            catalog.expect_found(finds, trait, rules=[f"search.select.{name}" for name in trait])
            old = ("old",) if trait in OF_OLD else ()
            catalog.expect_found(old, trait | {"archived": True}, rules=["search.select.archived"])
            tagged = {"filters": [{"key": "tags", "values": list(TAGS)}]}
            has_tag = [key for key in finds if TAGS & set(ITEMS[key].tags)]
            catalog.expect_found(has_tag, trait | tagged)
            catalog.expect_found([key for key in has_tag if key in MENTION_MICA], trait | tagged | {"query": "mica"})
        for (one, finds), (other, other_finds) in combinations(TRAITS, 2):
            if not set(one) & set(other):
                catalog.expect_found([key for key in finds if key in other_finds], one | other)
        _check_other_users(catalog)
        _check_refusals(catalog)


def _check_other_users(catalog: Catalog) -> None:
    """The same conditions mean other things to others."""
    for who, request, finds in (
        (OTHER, {"ownership": "created"}, ("theirs", "hidden")),
        (OTHER, {"ownership": "private"}, ("hidden",)),
        (OTHER, {"ownership": "shared"}, ("lent",)),
        (OTHER, {"archived": True}, ()),
        (OTHER, {"filters": [{"key": "name", "value": "quartz"}]}, ("lent", "theirs", "hidden")),
        (OTHER, {"filters": [{"key": "name", "value": "quartz", "exclude": True}]}, ()),
        (ADMIN, {"archived": True}, ("old",)),
        (ADMIN, {"ownership": "created"}, ()),
        (ADMIN, {"ownership": "private"}, ()),
        (ADMIN, {"ownership": "shared"}, SEEN_BY[ADMIN]),
        (ADMIN, {"type": "dataset"}, ("far", "remote", "near", "theirs", "hidden")),
        (ADMIN, {"type": "result", "archived": True}, ("old",)),
    ):
        rules = [f"search.select.{name}" for name in request if name != "filters"]
        catalog.expect_found(finds, request, who, rules=rules or ["search.select.visible"])


def _check_refusals(catalog: Catalog) -> None:
    """Filters that contradict themselves are refused, and empty parts count as absent."""
    number = catalog.fields.get("number", "name")
    for rule, parts in REFUSED.items():
        for part in parts:
            catalog.expect_refused({"filters": [{"key": number} | part]}, f"search.refused.{rule}")
    for filters in TOO_MANY:
        catalog.expect_refused({"filters": filters}, "search.refused.filter_count")
    if catalog.fields != UNDECLARED:
        catalog.expect_refused({"filters": [{"key": f"no {number}", "value": 1}]}, "search.filter.undeclared")
        for near in {number.upper(), number.title(), f"{number} "} - {number}:
            catalog.expect_refused({"filters": [{"key": near, "value": 1}]}, "search.filter.key")
    for part in ({"value": "raw", "values": [], "range": {}}, {"value": "", "values": ["raw"], "range": None}):
        raw = ("lineage", "whole", "theirs")
        catalog.expect_found(raw, {"filters": [{"key": "tags"} | part]}, rules=["search.filter.empty"])


REFUSED: Mapping[str, tuple[dict[str, Any], ...]] = {
    "filter_form": (
        {},
        {"value": 1, "values": [2]},
        {"value": 1, "range": {"min": 1}},
        {"values": [1], "range": {"min": 1}},
        {"value": "", "values": [], "range": {}},
    ),
    "range_empty": ({"range": {"min": None}},),
    "range_reversed": ({"range": {"min": 2, "max": 1}},),
    "range_of_text": (
        {"key": "name", "range": {"min": 1}},
        {"key": "description", "range": {"max": 1}},
        {"key": "tags", "range": {"min": 1, "max": 2}},
    ),
}
"""Filters that are refused, by what refuses them."""

TOO_MANY: tuple[list[dict[str, Any]], ...] = (
    [{"key": "name", "value": "x"}] * 101,
    [{"key": "tags", "values": ["x"] * 1001}],
    [{"key": "tags", "values": ["x" * 1001] * 100}],
)
"""Filters of which there are too many, with too many values, or with too much text."""
