"""Configuration of Schemathesis: where its checks do not fit, and a document in a form that it can handle."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
from hypothesis import Phase, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal.charmap import intervals_from_codec

from contract_tests.spec.characters import ENCODABLE, write_tables
from contract_tests.spec.configuration import QUICK, configuration
from contract_tests.spec.layer import drawing_afresh
from contract_tests.spec.patterns import LONG, VERY_LONG, set_apart
from contract_tests.transport.profiles import Profile
from tests import ids
from tests.conftest import Client

SPEC = json.loads((Path(__file__).parents[2] / "openapi/openapi.json").read_text())


@pytest.fixture(scope="module")
def configured() -> dict[str, Any]:
    """Configuration by operation."""
    config = configuration("http://127.0.0.1:1", "accessToken", "t", 1, QUICK, Profile.OBSERVE)
    schema = schemathesis.openapi.from_dict(SPEC, config=config)
    results: Any = schema.get_all_operations()
    operations = [operation.ok() for operation in results]
    return {
        operation.definition.raw["operationId"]: schema.config.operations.get_for_operation(operation)
        for operation in operations
    }


@pytest.mark.parametrize(
    ("name", "method", "path", "options"),
    [
        ("list_computation_results", "POST", f"/computations/{ids.PAST_RUN}/results", {"json": {"path": ".."}}),
        ("get_result_file_urls", "GET", f"/computations/{ids.PAST_RUN}/results/urls", {"params": {"path": "/"}}),
        (
            "get_result_file_download_url",
            "GET",
            f"/computations/{ids.PAST_RUN}/results/download_url",
            {"params": {"path": "."}},
        ),
        ("list_data_asset_files", "POST", f"/data_assets/{ids.IRIS}/files", {"json": {"path": "a/../.."}}),
        ("get_data_asset_file_urls", "GET", f"/data_assets/{ids.IRIS}/files/urls", {"params": {"path": "//"}}),
        ("search_data_assets", "POST", "/data_assets/search", {"json": {"query": "name:"}}),
        ("search_data_assets_legacy", "GET", "/data_assets", {"params": {"query": "name:"}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_well_formed_request_that_is_refused_is_no_breach(
    client: Client, configured: dict[str, Any], name: str, method: str, path: str, options: dict[str, Any]
) -> None:
    client.ask(method, path, 400, **options)
    assert "400" in configured[name].checks.positive_data_acceptance.expected_statuses


@pytest.mark.slow
@pytest.mark.parametrize("codec", list(ENCODABLE))
def test_the_tables_of_characters_are_those_of_hypothesis(codec: str, tmp_path: Path) -> None:
    assert _table(codec, tmp_path) == (tuple(ENCODABLE[codec]), ())


def test_hypothesis_reads_the_tables_of_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENCODABLE, "ascii", [(0, 5)])
    write_tables(tmp_path)
    assert _table("ascii", tmp_path) == (((0, 5),), ())


def _table(codec: str, home: Path) -> Any:
    """What Hypothesis finds in its home, or works out: past its memory."""
    set_hypothesis_home_dir(home)
    try:
        return tuple(part.intervals for part in intervals_from_codec.__wrapped__(codec))
    finally:
        set_hypothesis_home_dir(None)


def test_every_example_is_drawn_afresh_and_nobody_elses_settings_change() -> None:
    before = settings.get_current_profile_name(), settings().phases
    with drawing_afresh():
        assert set(settings.get_profile("default").phases) - set(settings().phases) == {Phase.target}
    assert (settings.get_current_profile_name(), settings().phases) == before


def test_elsewhere_it_is_one(configured: dict[str, Any]) -> None:
    assert "400" not in configured["get_capsule"].checks.positive_data_acceptance.expected_statuses


def test_patterns_of_long_texts_are_set_apart_and_mean_the_same() -> None:
    long: dict[str, Any] = {"type": "string", "maxLength": VERY_LONG}
    schema = {
        "properties": {
            "free": long | {"minLength": 2, "pattern": "^[^x]*$"},
            "escaped": long | {"pattern": r"^[^\x00\]]*$"},
            "caret": long | {"pattern": "^[^^x]*$"},
            "taken": long | {"pattern": "^[^x]*$", "not": {"const": "ab"}},
            "list": {"items": {"anyOf": [long | {"pattern": "a", "allOf": [{}]}, {"type": "null"}]}},
            "medium": {"type": "string", "maxLength": LONG, "pattern": "^[^x]*$"},
            "short": {"type": "string", "maxLength": LONG - 1, "pattern": "a"},
        },
        "example": long | {"pattern": "a"},
    }
    before = copy.deepcopy(schema)
    set_apart(schema)
    assert schema["example"] == before["example"]
    properties: Any = schema["properties"]
    assert properties["short"] == before["properties"]["short"]
    assert properties["medium"] == {"type": "string", "maxLength": LONG, "allOf": [{"pattern": "^[^x]*$"}]}
    assert properties["free"] == long | {"minLength": 2, "not": {"type": "string", "pattern": "[x]"}}
    assert properties["escaped"] == long | {"not": {"type": "string", "pattern": r"[\x00\]]"}}
    assert properties["caret"] == long | {"allOf": [{"pattern": "^[^^x]*$"}]}
    assert properties["taken"] == long | {"not": {"const": "ab"}, "allOf": [{"pattern": "^[^x]*$"}]}
    assert properties["list"]["items"]["anyOf"][0] == long | {"allOf": [{}, {"pattern": "a"}]}
    texts = (
        "",
        "a",
        "ab",
        "x",
        "axb",
        "a]b",
        "a^b",
        "a\0b",
        "a\n",
        "x\n",
        "b" * VERY_LONG,
        "a" * LONG,
        "a" * (VERY_LONG + 1),
    )
    values: list[Any] = [*texts, 1, None]
    for value in [{name: value} for name in before["properties"] for value in values] + [{"list": values[:3]}]:
        fits = [jsonschema.Draft202012Validator(schema).is_valid(value) for schema in (before, schema)]
        assert fits[0] == fits[1], value


def test_no_long_text_of_ours_keeps_its_pattern() -> None:
    document = copy.deepcopy(SPEC)
    set_apart(document)
    assert '"pattern": "^[^\\\\x00]*$"' in json.dumps(SPEC)
    for text in _texts(document):
        assert "pattern" not in text or text.get("maxLength", 0) < LONG


def _texts(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [text for part in schema for text in _texts(part)]
    if not isinstance(schema, dict):
        return []
    inside = [text for part in schema.values() for text in _texts(part)]
    return [schema, *inside] if schema.get("type") == "string" else inside
