"""What a search cannot be, beside the table in docs/search.md: 400 with a message, and at once."""

import json
from typing import Any

import pytest

from tests.conftest import Client

FILTER = {"key": "name", "value": "x"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"query": "x" * 100_000}, "query: String should have at most 10000 characters"),
        ({"query": "x " * 101}, "query has more than 100 terms"),
        ({"query": "a\0b"}, "query"),
        ({"query": 5}, "query"),
        ({"filters": [FILTER] * 10_000}, "filters: List should have at most 100 items"),
        (
            {"filters": [{"key": "name", "values": ["x"] * 1001}]},
            "filters.0.values: List should have at most 1000 items",
        ),
        ({"filters": [{"key": "name", "values": ["x"] * 600}] * 2}, "filters have more than 1000 values"),
        (
            {"filters": [{"key": "name", "values": ["x" * 1000] * 100}, {"key": "tags", "value": "x"}]},
            "the values of all filters have more than 100000 characters",
        ),
        ({"filters": [{"key": "", "value": "x"}]}, "filters.0.key"),
        ({"filters": [{"value": "x"}]}, "filters.0.key: Field required"),
        ({"filters": [{"key": "tags", "value": ""}]}, 'filter "tags" needs exactly one of value, values and range'),
        (
            {"filters": [{"key": "name", "values": [""]}]},
            "filters.0.values.0: Value error, has to be a text with something in it",
        ),
        ({"filters": [{"key": "name", "value": []}]}, "filters.0.value: Value error, has to be a text"),
        ({"filters": [{"key": "name", "values": ""}]}, "filters.0.values: Input should be a valid array"),
        ({"filters": [{"key": "name", "value": {"a": 1}}]}, "filters.0.value: Value error, has to be a text"),
        ({"filters": [{"key": "name", "range": {"min": "x"}}]}, "filters.0.range.min"),
        ({"filters": "name"}, "filters: Input should be a valid array"),
        ({"filters": [[[[[FILTER]]]]]}, "filters.0"),
        ({"sort_field": "owner"}, "sort_field"),
        ({"limit": 1001}, "limit"),
        ({"limit": 0}, "limit"),
        ({"offset": -1}, "offset"),
        ({"next_token": "W10=.0"}, "next_token does not belong to this search"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_what_is_refused(client: Client, body: dict[str, Any], message: str) -> None:
    for path in ("/data_assets/search", "/capsules/search", "/pipelines/search"):
        assert message in client.ask("POST", path, 400, json=body)["message"]


def test_a_field_that_is_declared_nowhere_is_refused(client: Client) -> None:
    for path in ("/data_assets/search", "/capsules/search"):
        refused = client.ask("POST", path, 400, json={"filters": [{"key": "no such", "value": 1}]})
        assert refused["message"] == 'filter "no such": there is no such custom metadata field'


def test_deep_nesting_is_refused(client: Client) -> None:
    deep = '{"filters": ' + "[" * 10_000 + "]" * 10_000 + "}"
    client.ask("POST", "/data_assets/search", 400, content=deep)
    brackets = "(" * 4_000 + "iris" + ")" * 4_000
    assert len(client.ask("POST", "/data_assets/search", json={"query": brackets})["results"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"query": "name:x " * 100},
        {"query": " ".join(f"w{number}" for number in range(100))},
        {"query": "a" * 10_000},
        {"query": "name:" + "a" * 9_990},
        {"query": '"' + "a " * 4_999 + '"'},
        {"filters": [{"key": "name", "value": f"x{number}", "exclude": True} for number in range(100)]},
        {"filters": [{"key": "subject id", "values": [f"x{number}" for number in range(1000)]}]},
        {"filters": [{"key": "description", "values": [f"x {number}" for number in range(1000)]}]},
        {"filters": [{"key": "sampling rate", "range": {"min": -1.234567e-300, "max": 9.87654321e299}}] * 100},
        *(
            {"filters": [{"key": key, "values": [f"iris {number}" for number in range(999)] + ["a"], **more}], **sort}
            for key in ("name", "description", "tags")
            for more in ({}, {"exclude": True})
            for sort in ({}, {"sort_field": "name"})
        ),
        {"filters": [{"key": "name", "values": ["i"] * 900}] + [{"key": "name", "value": "i"}] * 99},
        {"filters": [{"key": "name", "values": ["\ufdfa" * 990] * 100}]},
        {"query": "name:" + "\ufdfa" * 9_990},
        {"offset": 2**63 - 1},
        {"offset": 2**63 - 1, "sort_field": "name"},
        {"offset": 2**63 - 1, "query": "data"},
    ],
    ids=lambda body: json.dumps(body)[:40],
)
def test_what_is_large_but_allowed_is_answered(client: Client, body: dict[str, Any]) -> None:
    client.ask("POST", "/data_assets/search", json=body)
