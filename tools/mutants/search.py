"""Mutants that search for something else, in another order, or with another's token."""

import re
from collections.abc import Callable
from typing import Any

from tools.mutants.changes import bodies, pages
from tools.mutants.mutant import Answer, Ask, Change, Mutant, Request

ASSETS = ("search_data_assets",)
CAPSULES = ("search_capsules", "search_pipelines")
LEAST = 1e-6


def _each_filter(edit: Callable[[dict[str, Any]], object]) -> Callable[[], Change]:
    """Change each filter of a search for data assets."""

    def change(search: dict[str, Any]) -> None:
        for one in search.get("filters") or ():
            if isinstance(one, dict):
                edit(one)

    return bodies(*ASSETS, edit=change)


def _narrow(one: dict[str, Any]) -> None:
    ends = one.get("range") or {}
    if "min" in ends:
        ends["min"] += LEAST
    if "max" in ends and ends["max"] > ends.get("min", -LEAST):
        ends["max"] -= LEAST


def _first_value(one: dict[str, Any]) -> None:
    if one.get("values"):
        one["values"] = one["values"][:1]


def _first_filter(search: dict[str, Any]) -> None:
    if search.get("filters"):
        search["filters"] = search["filters"][:1]


def _anywhere(field: str) -> Callable[[dict[str, Any]], None]:
    """What is to stand in one field is looked for in all."""
    term = re.compile(rf"(?i)\b{field}:(?=[\w\"])")

    def edit(search: dict[str, Any]) -> None:
        if isinstance(search.get("query"), str):
            search["query"] = term.sub("", search["query"])

    return edit


def _newest(search: dict[str, Any]) -> None:
    if not search.get("sort_field"):
        search.update(sort_field="created", sort_order="desc")


def _own_alone(search: dict[str, Any]) -> None:
    if search.get("ownership") == "private":
        search["ownership"] = "created"


def _from_first(search: dict[str, Any]) -> None:
    if "from" in search:
        search.pop("offset", None)


def _reordered(field: str, form: Callable[[Any], Any]) -> Callable[[], Change]:
    """A page of all rows in the order of a field is sorted by another form of it."""

    async def changed(ask: Ask, request: Request) -> Answer:
        answer = await ask(request)
        search = request.json() if request.name in ASSETS else None
        if not answer.ok or not isinstance(search, dict) or search.get("sort_field") != field:
            return answer
        page = answer.json()
        rows = sorted(
            page["results"], key=lambda row: form(row.get(field, 0)), reverse=search.get("sort_order") == "desc"
        )
        return answer.with_json(page | {"results": rows})

    return lambda: changed


async def _begin_anew(ask: Ask, request: Request) -> Answer:
    answer = await ask(request)
    search = request.json() if request.name in ASSETS else None
    if answer.status != 400 or not isinstance(search, dict) or not search.get("next_token"):
        return answer
    return await ask(request.with_json({name: value for name, value in search.items() if name != "next_token"}))


def _count_page(page: dict[str, Any]) -> None:
    page["total"] = len(page["results"])


def _mutant(
    name: str, summary: str, check: str, make: Callable[[], Change], operations: tuple[str, ...] = ASSETS
) -> Mutant:
    """A mutant that a scenario has to see."""
    return Mutant(name, summary, check, operations, make, scenarios=(check,))


SEARCH = (
    _mutant(
        "exclude_ignored",
        "A filter that excludes finds what it should leave out.",
        "filters_of_data_assets",
        _each_filter(lambda one: one.pop("exclude", None)),
    ),
    _mutant("range_open", "A range does not include its ends.", "filters_of_data_assets", _each_filter(_narrow)),
    _mutant(
        "range_without_max",
        "A range has no upper end.",
        "filters_of_data_assets",
        _each_filter(
            lambda one: (one.get("range") or {}).pop("max", None) if "min" in (one.get("range") or {}) else None
        ),
    ),
    _mutant(
        "first_value_alone",
        "Of several values of a filter only the first is looked for.",
        "filters_of_data_assets",
        _each_filter(_first_value),
    ),
    _mutant(
        "first_filter_alone",
        "Of several filters only the first has to match.",
        "filters_of_data_assets",
        bodies(*ASSETS, edit=_first_filter),
    ),
    _mutant(
        "shared_is_private",
        "What is shared with others counts as private.",
        "traits_of_data_assets",
        bodies(*ASSETS, edit=_own_alone),
    ),
    _mutant(
        "name_anywhere",
        "What is to stand in the name is looked for everywhere.",
        "words_of_data_assets",
        bodies(*ASSETS, edit=_anywhere("name")),
    ),
    _mutant(
        "field_anywhere",
        "What is to stand in the field of a capsule is looked for everywhere.",
        "words_of_capsules",
        bodies(*CAPSULES, edit=_anywhere("field")),
        CAPSULES,
    ),
    _mutant(
        "relevance_ignored",
        "What words find comes newest first.",
        "queries_of_data_assets",
        bodies(*ASSETS, edit=_newest),
    ),
    _mutant(
        "sizes_as_text",
        "1000 bytes come before 900.",
        "orders_of_data_assets",
        _reordered("size", str),
    ),
    _mutant(
        "names_without_case",
        "Names are sorted as if capitals made no difference.",
        "orders_of_data_assets",
        _reordered("name", str.casefold),
    ),
    _mutant(
        "foreign_token_taken",
        "A token of another search begins this one anew.",
        "tokens_of_searches",
        lambda: _begin_anew,
    ),
    _mutant(
        "from_over_offset",
        "Of offset and from the second is taken.",
        "page_limits",
        bodies(*ASSETS, edit=_from_first),
    ),
    _mutant(
        "total_of_page",
        "The total of the older search is the number of rows on the page.",
        "totals_of_data_assets",
        pages("search_data_assets_legacy", edit=_count_page),
        ("search_data_assets_legacy",),
    ),
)
