"""The spec: valid, stable and complete. The contract suite holds what is served against it (`tests/contract`)."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from codeocean.capsule import CapsuleReleaseValidationIssues
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from mock_server.api import openapi, routers
from mock_server.documents.seed_model import json_schema
from tests.conftest import Server

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    return openapi.document(openapi.declare(routers.routers()))


def operations(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in spec["paths"].values() for operation in path.values()]


def test_it_is_valid(spec: dict[str, Any]) -> None:
    validate(spec)


def test_the_files_are_not_stale(spec: dict[str, Any]) -> None:
    assert json.loads((ROOT / "openapi/openapi.json").read_text()) == spec, "run `make openapi`"
    assert yaml.safe_load((ROOT / "openapi/openapi.yaml").read_text()) == spec, "run `make openapi`"
    assert json.loads((ROOT / "docs/seed.schema.json").read_text()) == json_schema(), "run `make openapi`"


def test_every_operation_says_what_is_known_of_it(spec: dict[str, Any]) -> None:
    named = set()
    for operation in operations(spec):
        named.add(operation["operationId"])
        assert operation["summary"]
        assert operation["description"]
        assert operation["x-evidence"] in ("documented", "observed", "assumed")
        assert operation["x-since"]
        assert operation["x-scopes"]
        assert operation["security"] == [{"accessToken": []}]
        assert {"401", "403"} <= set(operation["responses"])
        assert "422" not in operation["responses"]
        for status, response in operation["responses"].items():
            if status != "204":
                assert "example" in response["content"]["application/json"], (operation["operationId"], status)
    assert len(named) == len(operations(spec))


def test_links_lead_to_operations(spec: dict[str, Any]) -> None:
    named = {operation["operationId"] for operation in operations(spec)}
    for operation in operations(spec):
        for response in operation["responses"].values():
            for link in response.get("links", {}).values():
                assert link["operationId"] in named


def test_a_release_is_refused_with_a_message_or_with_flags(spec: dict[str, Any]) -> None:
    refused = spec["paths"]["/api/v1/capsules/{capsule_id}/release"]["post"]["responses"]["403"]
    schema = {"components": spec["components"]} | refused["content"]["application/json"]["schema"]
    validator = Draft202012Validator(schema)
    assert all(validator.is_valid(body) for body in ({"message": "no"}, {"missing_reproducible_run": True}))
    assert not any(validator.is_valid(body) for body in ({}, {"missing_reproducible_run": False}, {"else": True}))
    issues = spec["components"]["schemas"]["ReleaseIssues"]["properties"]
    assert set(issues) == {field.name for field in fields(CapsuleReleaseValidationIssues)}


def test_bounds_are_whole_numbers(spec: dict[str, Any]) -> None:
    limit = spec["components"]["schemas"]["CapsuleSearchParams"]["properties"]["limit"]["anyOf"][0]
    assert (limit["minimum"], limit["maximum"]) == (1, 1000)
    assert "9.2233720368547" not in json.dumps(spec)


def test_the_server_hands_it_out(server: Server, spec: dict[str, Any]) -> None:
    assert httpx.get(f"{server.url}/openapi.json").json() == spec
