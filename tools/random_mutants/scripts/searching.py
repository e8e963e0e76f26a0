"""Searches over data assets that are made for them: no two orders, and no two filters, have the same answer."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from tests import ids
from tools.replay.recorder import Recorder

ASSETS: tuple[dict[str, Any], ...] = (
    {"name": "Zebra finch", "tags": ["song", "Raw"], "description": "alpha beta", "custom_metadata": {
        "subject id": "100", "sampling rate": 10, "acquisition date": 1700000000, "data level": "raw",
        "modalities": ["ophys", "behavior"]}},
    {"name": "zebra fish", "tags": ["raw"], "description": "beta alpha", "custom_metadata": {
        "subject id": "99", "sampling rate": 9.5, "acquisition date": 1690000000, "data level": "derived"}},
    {"name": "Straße 10", "tags": ["x y", "song"], "description": "alpha gamma beta", "custom_metadata": {
        "subject id": "1e2", "sampling rate": 100000, "modalities": ["ophys"]}},
    {"name": "strasse 9", "tags": [], "description": "", "custom_metadata": {"sampling rate": 0}},
    {"name": "Cafe\u0301", "tags": ["caf\u00e9"], "description": "Zebra", "custom_metadata": {"subject id": "Mouse 5"}},
    {"name": "caf\u00e9", "tags": ["Zebra"], "description": "finch", "custom_metadata": {
        "acquisition date": 1700000001, "subject id": "mouse"}},
    {"name": "a_b-c.d", "tags": ["a_b"], "description": "a b c d"},
    {"name": "100% of 10", "tags": ["100"], "description": "ten percent", "custom_metadata": {"subject id": "10"}},
)  # fmt: skip

WORDS = (
    "zebra", "ZEBRA", "zebra finch", '"zebra finch"', '"finch zebra"', "alpha beta", '"alpha beta"', '"beta alpha"',
    "strasse", "stra\u00dfe", "cafe", "caf\u00e9", "cafe\u0301", "a_b", "a b", "a_b-c.d", "100", "10", "1e2", "mouse",
    "name:zebra", "tag:zebra", "description:zebra", "name:raw", "tag:raw", "tag:Raw", 'tag:"x y"', "tag:x", "tag:100",
    "name:100", "name:zebra tag:raw", "zebra raw", "zebra -raw", "zebr", "ebra", "name:zebr", "name:ebra", "tag:son",
    f"id:{ids.IRIS}", "ophys", "behavior", "subject", "100%", "*", "z*", "name:", "tag:", "nothing zebra",
    "name:nothing",
)  # fmt: skip

VALUES: dict[str, tuple[Any, ...]] = {
    "name": ("zebra", "Zebra finch", "finch", "caf\u00e9", "10"),
    "description": ("alpha beta", "beta", "zebra", "alph"),
    "tags": ("raw", "song", "x y", "x", "zebra"),
    "subject id": ("100", 100, "1e2", "mouse", "Mouse 5", "MOUSE"),
    "data level": ("raw", "derived", "Raw"),
    "modalities": ("ophys", "behavior", "ophy"),
    "sampling rate": (10, 10.0, "10", 9.5, 0, 100000),
    "acquisition date": (1700000000, "1700000000", 1690000000),
}
ENDS: dict[str, tuple[float, ...]] = {
    "sampling rate": (0, 9.4, 9.5, 9.6, 10, 30.5, 100000),
    "acquisition date": (1644883200, 1690000000, 1699999999, 1700000000, 1700000001),
}
SORTS = ("created", "name", "type", "size", "last_accessed")
KINDS = ("data_assets", "capsules", "pipelines")


def record(to: Recorder) -> None:
    """All of them."""
    to.section = "data assets to search for"
    for number, asset in enumerate(ASSETS):
        source = {"aws": {"bucket": f"bucket-{number % 3}", "prefix": f"p{number}", "public": number % 2 == 0}}
        to.api("POST /data_assets", {"mount": f"searched-{number}", "source": source} | asset)
        to.control("POST /worlds/default/clock/advance", {"by": 7 if number % 2 else 0})
    to.control("POST /worlds/default/clock/advance", {"by": "1h"})
    to.section = "searches for words"
    for kind, query in product(KINDS, WORDS):
        to.api(f"POST /{kind}/search", {"query": query, "limit": 50})
    to.section = "searches by filters"
    for kind, one in product(KINDS[:2], _filters()):
        to.api(f"POST /{kind}/search", {"filters": [one]})
    to.section = "searches in an order"
    for kind, field, order in product(KINDS, SORTS, ("asc", "desc", None)):
        body = {"sort_field": field} | ({"sort_order": order} if order else {})
        to.api(f"POST /{kind}/search", body | {"limit": 1000})
        to.api(f"POST /{kind}/search", body | {"limit": 3, "offset": 2})
        to.api(f"POST /{kind}/search", body | {"query": "zebra"})
        _pages(to, kind, body, {})
    for kind, query, offset in product(KINDS, ("zebra", "genomics", "alpha", ""), (1, 2)):
        _pages(to, kind, {"query": query}, {"offset": offset})
    to.section = "searches of several conditions"
    for body in _combined():
        to.api("POST /data_assets/search", body)


def _filters() -> Iterator[dict[str, Any]]:
    for key, values in VALUES.items():
        for exclude in ({}, {"exclude": True}, {"exclude": False}):
            yield from ({"key": key, "value": value} | exclude for value in values)
            yield {"key": key, "values": [values[0], values[-1]]} | exclude
    for key, ends in ENDS.items():
        for exclude in ({}, {"exclude": True}):
            yield from ({"key": key, "range": {"min": end}} | exclude for end in ends)
            yield from ({"key": key, "range": {"max": end}} | exclude for end in ends)
            yield from ({"key": key, "range": {"min": low, "max": high}} | exclude for low, high in product(ends, ends))


def _pages(to: Recorder, kind: str, body: dict[str, Any], start: dict[str, Any]) -> None:
    token = None
    for _ in range(12):
        place = {"next_token": token} if token else start
        answer = to.api(f"POST /{kind}/search", body | {"limit": 2} | place).json()
        token = answer.get("next_token") if isinstance(answer, dict) else None
        if not token:
            return
        # A token is for its own search alone.
        if body == {"sort_field": "name"}:
            to.api(f"POST /{kind}/search", {"limit": 2, "next_token": token})
            to.api(f"POST /{kind}/search", body | {"limit": 3, "next_token": token})
            to.api(f"POST /{kind}/search", body | {"limit": 2, "offset": 1, "next_token": token})
            to.api(f"POST /{kind}/search", body | {"limit": 2, "next_token": token}, token="cop_demo_viewer")


def _combined() -> Iterator[dict[str, Any]]:
    filters = ({"key": "tags", "value": "raw"}, {"key": "sampling rate", "range": {"min": 9.6}},
               {"key": "name", "value": "zebra", "exclude": True})  # fmt: skip
    yield from ({"filters": [one, other]} for one, other in product(filters, filters))
    for kind, origin, archived in product(("dataset", "result", "combined", "model"), (None, "external", "internal"),
                                          (False, True)):  # fmt: skip
        yield {"type": kind, "archived": archived} | ({"origin": origin} if origin else {})
    for ownership, favorite in product(("private", "created", "shared"), (True, False)):
        yield {"ownership": ownership, "favorite": favorite}
        yield {"ownership": ownership, "query": "zebra"}
    yield from ({"limit": limit, "offset": offset} for limit, offset in product((1, 2, 999, 1000), (0, 1, 5, 1000)))
    yield {"limit": 10, "offset": 2**63 - 1}
    yield {"query": "zebra", "filters": [filters[0]], "type": "dataset", "sort_field": "name", "sort_order": "desc"}
