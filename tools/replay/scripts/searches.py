"""Searches: queries, filters, sorts, pages, and the old form of 2022."""

from collections.abc import Iterator
from typing import Any

from tests import ids
from tools.replay.recorder import USER, Recorder

PATHS = ("/data_assets/search", "/capsules/search", "/pipelines/search")
QUERIES = (
    "iris", "IRIS", "iri", "genome reference", '"reference genome"', '"genome reference"', "name:co tag:x1",
    'name:fastqc tag:"quality control"', "tag:RNA", "tag:genomics name:a", "668759", "rna-seq", "-", '"iris', " ", "",
    "http://example.com", "name:alignment", "run_script:code/run", f"id:{ids.CAPSULE}", "doi:10.24433/co.0000001.v1",
    "field:genomics", "author:nobody", f"contained_data_id:{ids.IRIS}", ids.ATTACHED, "ß é", "x" * 1500,
    "name:averyveryverylongnameofsomething", "commit_id:4be7a1c09d2f5e63b8a74d10c9e2f6a5b3d8c701",
)  # fmt: skip
FIELDS: tuple[tuple[str, Any], ...] = (
    ("sort_field", "created"), ("sort_field", "name"), ("sort_field", "type"), ("sort_field", "size"),
    ("sort_field", "last_accessed"), ("sort_field", "mount"), ("sort_order", "asc"), ("sort_order", "up"),
    ("ownership", "created"), ("ownership", "private"), ("ownership", "shared"), ("ownership", "mine"),
    ("archived", True), ("archived", "yes"), ("favorite", True), ("favorite", False), ("type", "result"),
    ("type", "dataset"), ("type", "nothing"), ("origin", "external"), ("origin", "internal"), ("status", "release"),
    ("status", "non_release"), ("status", "x"), ("limit", 0), ("limit", 1), ("limit", 1001), ("limit", 1.0),
    ("limit", "1"), ("offset", 3), ("offset", -1), ("offset", 2**63), ("next_token", "nonsense"), ("filters", {}),
    ("filters", [{}]), ("unknown", {"deep": [1]}), ("query", 5), ("query", None),
)  # fmt: skip
FILTERS: tuple[dict[str, Any], ...] = (
    {"key": "name", "value": "IRIS"}, {"key": "name", "values": ["iris", "fastqc", "table"]},
    {"key": "name", "value": "e", "exclude": True}, {"key": "description", "value": "small reference"},
    {"key": "tags", "value": "genomics"}, {"key": "tags", "values": ["genomics", "x1"], "exclude": True},
    {"key": "data level", "value": "raw"}, {"key": "subject id", "value": 668759},
    {"key": "Subject ID", "value": "668759"},
    {"key": "sampling rate", "range": {"min": 10, "max": 30.5}}, {"key": "acquisition date", "range": {"max": 1}},
    {"key": "sampling rate", "value": "30.5"}, {"key": "name", "range": {"min": 1}}, {"key": "name"},
    {"key": "name", "value": "a", "values": ["b"]}, {"key": "nothing", "value": "x"},
)  # fmt: skip
LEGACY = (
    "", "?limit=3", "?start=2&limit=3", "?limit=0", "?start=-1", "?start=x", "?query=genome", "?query=name:co+tag:x1",
    "?type=dataset", "?type=result", "?type=x", "?ownership=created", "?ownership=x", "?favorite=true",
    "?archived=true",
    "?archived=x", "?sort_field=name&sort_order=asc", "?sort_field=created&sort_order=desc", "?sort_field=x",
    "?sort_order=x", "?query=%00",
)  # fmt: skip


def record(to: Recorder) -> None:
    """All searches."""
    for path in PATHS:
        to.section = f"searches of {path}"
        for body in _bodies():
            to.api(f"POST {path}", body)
        for user in (USER, "cop_demo_admin", "cop_demo_viewer", "cop_demo_readonly", "cop_demo_noscope"):
            to.api(f"POST {path}", {"limit": 1000}, token=user)
        for order in ({}, {"sort_field": "name", "sort_order": "asc"}, {"query": "genomics"}):
            pages(to, path, {"limit": 2} | order)
    to.section = "searches by the old form"
    for query in LEGACY:
        to.api(f"GET /data_assets{query}")
    to.api("GET /data_assets?limit=1000", token="cop_demo_admin")


def pages(to: Recorder, path: str, body: dict[str, Any]) -> None:
    """All pages of a search, by token and by offset."""
    token: str | None = None
    for number in range(8):
        answer = to.api(f"POST {path}", body | ({"next_token": token} if token else {})).json() or {}
        to.api(f"POST {path}", body | {"offset": number * body["limit"]})
        token = answer.get("next_token")
        if not token:
            break


def _bodies() -> Iterator[dict[str, Any]]:
    yield {}
    yield from ({"query": query} for query in QUERIES)
    yield from ({name: value} for name, value in FIELDS)
    yield from ({"filters": [one]} for one in FILTERS)
    yield {"filters": [FILTERS[4], FILTERS[2]], "query": "reference", "sort_field": "name", "sort_order": "desc"}
    yield {"filters": [FILTERS[0]] * 101}
