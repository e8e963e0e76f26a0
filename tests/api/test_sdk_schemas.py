"""The spec beside the SDK's dataclasses: it requires no more of answers than they do, and takes what they send."""

import enum
import json
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import codeocean.custom_metadata
import pytest
from codeocean.models import capsule, components, computation, data_asset, folder
from jsonschema import Draft202012Validator

from tests import ids
from tests.conftest import Client

OTHER_NAMES = {
    "AppPanelCategories": "PanelCategory",
    "AppPanelDataAsset": "PanelDataAsset",
    "AppPanelGeneral": "PanelGeneral",
    "AppPanelParameters": "PanelParameter",
    "AppPanelProcess": "PanelProcess",
    "AppPanelResult": "PanelResult",
    "CapsuleReleaseJob": "ReleaseJob",
    "CustomMetadataField": "MetadataField",
    "CustomMetadataFieldRange": "FieldRange",
    "DataAssetAttachParams": "AttachParams",
    "DataAssetAttachResults": "AttachResults",
    "DataAssetsRunParam": "RunDataAsset",
    "GroupPermissions": "GroupPermission",
    "ListFolderParams": "FolderParams",
    "OriginalCapsuleInfo": "OriginalCapsule",
    "PipelineProcessParams": "ProcessParams",
    "UserPermissions": "UserPermission",
    "Version": "CapsuleVersion",
}
"""What the SDK calls otherwise than the spec."""

NOT_AS_DOCUMENTED = {("AppPanelProcess", "categories"), ("AppPanelProcess", "parameters")}
"""Fields that are lists in the documentation and single objects in the SDK, 0.10 to 0.17."""

SENT_AS = {
    "GroupPermissions": "GroupPermissionParams",
    "Param": "ResultsParam",
    "Permissions": "PermissionsParams",
    "PipelineProcess": "ResultsProcess",
    "UserPermissions": "UserPermissionParams",
}
"""What is called otherwise in a request than in an answer."""

TEXTS = {("FolderItem", "type"): "file"}
"""Texts that the SDK describes as one of a few."""

NO_BODIES = {"CustomMetadataSchema", "CapsuleReleaseValidationIssues"}
"""A client, and what stands in an error."""

SPEC: dict[str, Any] = json.loads((Path(__file__).parents[2] / "openapi/openapi.json").read_text())
"""Another test holds the file against the routes."""

SCHEMAS: dict[str, Any] = SPEC["components"]["schemas"]


def _dataclasses() -> dict[str, type]:
    modules = (capsule, components, computation, data_asset, folder, codeocean.custom_metadata)
    found = {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and is_dataclass(value)
    }
    return {name: value for name, value in found.items() if name not in NO_BODIES}


SDK = _dataclasses()


def _reached(node: Any, found: set[str]) -> set[str]:
    """The schemas that a part of the spec refers to, directly or not."""
    if isinstance(node, list):
        for item in node:
            _reached(item, found)
    elif isinstance(node, dict):
        name = str(node.get("$ref", "")).rpartition("/")[2]
        if name in SCHEMAS and name not in found:
            found.add(name)
            _reached(SCHEMAS[name], found)
        for member in node.values():
            _reached(member, found)
    return found


_OPERATIONS = [operation for path in SPEC["paths"].values() for operation in path.values()]
ANSWERS = _reached([operation["responses"].get("200") for operation in _OPERATIONS], set())
REQUESTS = _reached([operation.get("requestBody") for operation in _OPERATIONS], set())
ANSWERED = {name: schema for name in SDK if (schema := OTHER_NAMES.get(name, name)) in ANSWERS}
SENT = {name: schema for name in SDK if (schema := SENT_AS.get(name) or OTHER_NAMES.get(name, name)) in REQUESTS}


def _value(hint: Any, *, whole: bool) -> Any:
    """A value of a type."""
    origin, parts = get_origin(hint), [part for part in get_args(hint) if part is not NoneType]
    if origin in (Union, UnionType):
        return _value(parts[0], whole=whole)
    if origin is list:
        return [_value(parts[0], whole=whole)]
    if is_dataclass(hint):
        return _body(hint, whole=whole)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return next(iter(hint)).value
    return {str: "x", int: 1, float: 1.5, bool: False, dict: {}}[origin or hint]


def _is_required(field: Any) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _body(kind: Any, *, whole: bool) -> dict[str, Any]:
    """What the SDK reads as this dataclass: with all fields, or with those alone that it cannot do without."""
    hints = get_type_hints(kind)
    return {
        field.name: TEXTS.get((kind.__name__, field.name)) or _value(hints[field.name], whole=whole)
        for field in fields(kind)
        if (whole or _is_required(field)) and (kind.__name__, field.name) not in NOT_AS_DOCUMENTED
    }


def _enumerated(kind: Any) -> Iterator[tuple[str, Any]]:
    """Each value of each enumeration among the fields."""
    for name, hint in get_type_hints(kind).items():
        for part in (hint, *get_args(hint)):
            if isinstance(part, type) and issubclass(part, enum.Enum):
                yield from ((name, member.value) for member in part)


def _valid(schema: str, body: Any) -> None:
    validator = Draft202012Validator({"components": SPEC["components"], "$ref": f"#/components/schemas/{schema}"})
    problems = [f"{list(problem.path)}: {problem.message}" for problem in validator.iter_errors(body)]
    assert not problems, f"{schema} does not take {json.dumps(body)}: {problems}"


@pytest.mark.parametrize("name", sorted(ANSWERED))
def test_the_spec_requires_of_answers_what_the_sdk_requires_at_most(name: str) -> None:
    kind = SDK[name]
    least = _body(kind, whole=False)
    for body in (least, _body(kind, whole=True), *(least | {key: value} for key, value in _enumerated(kind))):
        _valid(ANSWERED[name], body)


@pytest.mark.parametrize("name", sorted(SENT))
def test_the_spec_takes_what_the_sdk_sends(name: str) -> None:
    kind = SDK[name]
    nothing = {field.name: None for field in fields(kind)} | _body(kind, whole=False)
    for body in (_body(kind, whole=True), nothing, *(nothing | {key: value} for key, value in _enumerated(kind))):
        _valid(SENT[name], body)


def test_every_schema_is_one_of_the_sdks() -> None:
    assert set(ANSWERED.values()) == ANSWERS
    assert set(SENT.values()) == REQUESTS
    assert set(SDK) == set(ANSWERED) | set(SENT)


def test_what_the_sdk_can_do_without_is_sent_all_the_same(client: Client) -> None:
    started = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    for run in (started, client.ask("GET", f"/computations/{ids.PAST_RUN}")):
        assert {"cloud_workstation", "has_results"} <= set(run)
    assert client.ask("GET", f"/capsules/{ids.CAPSULE}/permissions")["everyone"] == "none"
