"""Null and empty values of optional fields count as absent, in every request of the API."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from mock_server.api import openapi, routers
from mock_server.wire import attachments, capsules, common, computations, data_assets, permissions, search
from mock_server.wire.common import NO_NUL, Request
from mock_server.wire.data_assets import DataAssetUpdateParams, ResultsParam
from mock_server.wire.permissions import PermissionsParams
from tests import ids
from tests.conftest import Client

Field = tuple[type[Request], str]

MODULES = (attachments, capsules, common, computations, data_assets, permissions, search)

MEANINGFUL: set[Field] = {
    *((DataAssetUpdateParams, name) for name in ("description", "tags", "custom_metadata")),
    *((PermissionsParams, name) for name in ("users", "groups")),
    *((ResultsParam, name) for name in ("name", "param_name", "value")),
}
"""Fields that an empty value empties, and values that may be empty."""

REQUIRED: dict[str, Any] = {
    "id": "x", "key": "x", "bucket": "x", "path": "x", "name": "x", "mount": "x", "capsule_id": "x", "param_name": "x",
    "value": "x", "email": "x", "group": "x", "role": "viewer", "tags": ["x"], "target": {"aws": {"bucket": "x"}},
}  # fmt: skip
"""A value for every required field."""


def empty_value(schema: dict[str, Any]) -> Any:
    """The empty value of an optional field; None when its type has none: numbers, booleans, and texts for these."""
    for option in schema["anyOf"]:
        if option.get("type") == "object" or "$ref" in option:
            return {}
        if option.get("type") == "array":
            return []
        if option.get("type") == "string" and option.get("pattern", NO_NUL) == NO_NUL:
            return ""
    return None


def fields() -> Iterator[tuple[type[Request], str, Any]]:
    """Every optional field of the requests that has an empty value."""
    for module in MODULES:
        for model in vars(module).values():
            if not (isinstance(model, type) and issubclass(model, Request) and model.__module__ == module.__name__):
                continue
            schema = model.model_json_schema()
            for name in set(schema.get("properties", {})) - set(schema.get("required", [])):
                empty = empty_value(schema["properties"][name])
                if empty is not None:
                    yield model, name, empty


FIELDS = sorted(fields(), key=lambda found: (found[0].__name__, found[1]))


def test_the_requests_have_many_such_fields() -> None:
    assert len(FIELDS) > 50
    assert {(model, name) for model, name, _ in FIELDS} >= MEANINGFUL


@pytest.fixture(scope="module")
def components() -> Any:
    return openapi.document(openapi.declare(routers.routers()))["components"]


@pytest.mark.parametrize(
    ("model", "name", "empty"), FIELDS, ids=[f"{model.__name__}.{name}" for model, name, _ in FIELDS]
)
def test_an_empty_value_counts_as_absent(components: Any, model: type[Request], name: str, empty: Any) -> None:
    body = {key: REQUIRED[key] for key in model.model_json_schema().get("required", [])}
    for value in (empty, None):
        sent = body | {name: value}
        given = model.model_validate_json(json.dumps(sent))
        if value is not None and (model, name) in MEANINGFUL:
            assert getattr(given, name) == empty
        else:
            assert given == model.model_validate_json(json.dumps(body))
        jsonschema.validate(sent, {"$ref": f"#/components/schemas/{model.__name__}", "components": components})


def test_a_filter_with_empty_values_beside_a_given_one(client: Client) -> None:
    for given in ({"value": "x1"}, {"values": ["x1"]}):
        one: dict[str, Any] = {"key": "tags", "value": "", "values": [], "range": None, "exclude": None} | given
        for kind in ("data_assets", "capsules", "pipelines"):
            plain = client.ask("POST", f"/{kind}/search", json={"filters": [{"key": "tags"} | given]})
            assert client.ask("POST", f"/{kind}/search", json={"filters": [one]}) == plain
            assert client.ask("POST", f"/{kind}/search", json={"filters": [one | {"range": {}}]}) == plain
    numbers = {"key": "sampling rate", "value": "", "values": [], "range": {"min": 0}}
    assert client.ask("POST", "/data_assets/search", json={"filters": [numbers]})["results"]


def test_a_search_with_empty_values_finds_what_one_without_them_finds(client: Client) -> None:
    texts = ("query", "next_token", "sort_field", "sort_order", "ownership")
    for kind, more in (("data_assets", ("type", "origin")), ("capsules", ("status",)), ("pipelines", ("status",))):
        empty: dict[str, Any] = dict.fromkeys((*texts, *more), "") | {"filters": [], "limit": None}
        plain = client.ask("POST", f"/{kind}/search", json={})
        assert client.ask("POST", f"/{kind}/search", json=empty) == plain
    old = client.ask("GET", "/data_assets", params=dict.fromkeys((*texts, "type"), ""))
    assert old == client.ask("GET", "/data_assets")


def test_a_run_with_empty_values_is_one_without_them(client: Client) -> None:
    empty = {"pipeline_id": "", "resume_run_id": "", "nextflow_profile": "", "data_assets": [], "processes": []}
    run = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE, "parameters": []} | empty)
    plain = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    assert set(run) == set(plain)
    own = client.ask(
        "POST", "/computations", json={"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.IRIS, "mount": ""}]}
    )
    assert own["data_assets"] == [{"id": ids.IRIS, "mount": "iris"}]


def test_a_data_asset_with_empty_values_is_one_without_them(client: Client) -> None:
    body = {"name": "x", "tags": [], "mount": "m", "source": {"aws": {"bucket": "b"}}}
    empty = {
        "description": "", "target": {}, "results_info": {}, "custom_metadata": {}, "data_asset_ids": [],
        "source": {"aws": {"bucket": "b", "prefix": "", "endpoint_name": ""}, "gcp": {}, "computation": {}},
    }  # fmt: skip
    made, plain = (client.ask("POST", "/data_assets", json=body | more) for more in (empty, {}))
    assert made | {"id": ""} == plain | {"id": ""}
    changed = client.ask("PUT", f"/data_assets/{made['id']}", json={"name": "", "mount": "", "description": "d"})
    assert (changed["name"], changed["mount"], changed["description"]) == ("x", "m", "d")
    emptied = client.ask("PUT", f"/data_assets/{made['id']}", json={"description": ""})
    assert not emptied.get("description")


def test_permissions_with_an_empty_role_for_everyone_leave_it(client: Client) -> None:
    key = ids.IRIS
    before = client.ask("GET", f"/data_assets/{key}/permissions")
    client.ask("POST", f"/data_assets/{key}/permissions", 204, json={"everyone": ""})
    assert client.ask("GET", f"/data_assets/{key}/permissions") == before


@pytest.mark.parametrize(
    "body",
    [{"type": []}, {"filters": ""}, {"filters": {}}, {"limit": ""}, {"favorite": ""}, {"sort_field": {}}],
    ids=str,
)
def test_an_empty_value_of_another_type_is_refused(client: Client, body: dict[str, Any]) -> None:
    client.ask("POST", "/data_assets/search", 400, json=body)
