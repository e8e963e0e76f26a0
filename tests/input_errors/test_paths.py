"""The path of what is wrong in an input is that of the input, and not of the model that reads it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from mock_server.documents.document_error import DocumentError
from mock_server.documents.problems import from_file
from mock_server.documents.seed_model import SeedFileModel
from mock_server.documents.seed_parts import Number, Part
from mock_server.input_errors.paths import FieldPath, messages_by_path
from mock_server.wire.control import Fault


class Inner(BaseModel):
    width: int


class Outer(BaseModel):
    size: int | Inner | list[Inner]


class Metadata(Part):
    value: str | Number | bool | list[str | Number]


@pytest.mark.parametrize(
    ("content", "paths"),
    [
        ({}, [("size",)]),
        ({"size": "large"}, [("size",)]),
        ({"size": {}}, [("size", "width")]),
        ({"size": [{"width": 1}, {"width": "broad"}]}, [("size", 1, "width")]),
    ],
)
def test_types_of_a_union_are_no_part_of_a_path(content: Any, paths: list[tuple[str | int, ...]]) -> None:
    with pytest.raises(ValidationError) as failure:
        Outer.model_validate(content)
    assert list(messages_by_path(failure.value.errors(), content)) == paths


@pytest.mark.parametrize(
    ("latency", "message"),
    [
        ("soon", 'not a duration: "soon"; write seconds or text such as 90s, 1h30m'),
        (-1, "not a duration: it must be from 0 to 9000000000 seconds"),
        ([1], "not a duration or a range of two: write seconds, text such as 90s, or [low, high]"),
        ([1, [2]], "not a duration or a range of two: write seconds, text such as 90s, or [low, high]"),
        ({"low": 1}, "not a duration or a range of two: write seconds, text such as 90s, or [low, high]"),
        ([5, 2], "an empty range: the first is above the second"),
        ([1, "soon"], 'not a duration: "soon"; write seconds or text such as 90s, 1h30m'),
    ],
)
def test_a_wrong_latency_is_refused_in_one_sentence(latency: Any, message: str) -> None:
    content = {"latency": latency}
    with pytest.raises(ValidationError) as failure:
        Fault.model_validate(content)
    assert [error["loc"] for error in failure.value.errors()] == [("latency",)]
    assert messages_by_path(failure.value.errors(), content) == {("latency",): message}


def test_a_seed_names_its_own_fields(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        "data_assets:\n  - name: a\n    custom_metadata: {depth: {a: 1}}\n"
        "custom_metadata:\n  fields:\n    - {name: depth, type: string, allowed_values: [{}]}\n"
    )
    with pytest.raises(DocumentError) as failure:
        from_file("seed", str(seed)).read_as(SeedFileModel)
    fields = {problem.field for problem in failure.value.problems}
    assert "data_assets.0.custom_metadata.depth" in fields
    assert not any(step in field.split(".") for field in fields for step in ("str", "int", "float", "list[str]"))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([1, 10**400], {("value", 1): "is larger than any number that is kept"}),
        ([1, {}], {("value", 1): "must be a number, not a mapping"}),
        (10**400, {("value",): "is larger than any number that is kept"}),
        (float("inf"), {("value",): "must be a finite number"}),
        ({"a": 1}, {("value",): "must be a number, not a mapping"}),
    ],
)
def test_what_a_union_takes_but_for_a_part_is_told_of_that_part(value: Any, said: dict[FieldPath, str]) -> None:
    with pytest.raises(ValidationError) as failure:
        Metadata.model_validate({"value": value})
    assert messages_by_path(failure.value.errors(), {"value": value}) == said
