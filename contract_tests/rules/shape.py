"""The fields of a schema as a tree, each with the ids of its rules."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

ROWS = ("results", "items")
"""What holds the rows of an answer: their fields are an operation's as much as those of a single object are."""


@dataclass(slots=True)
class Shape:
    """A field, or a whole body. Arrays have the shape of their items."""

    path: str
    """Dotted, from the operation's name on."""
    model: str = ""
    """Dotted, from the name of the schema on that declares it; empty for a whole body."""
    fields: dict[str, "Shape"] = field(default_factory=dict)
    values: dict[Any, str] = field(default_factory=dict)
    """The rules of the values that it may have, where they are enumerated."""

    def walk(self) -> Iterator["Shape"]:
        """Yield every field below this one, outer ones first."""
        for child in self.fields.values():
            yield child
            yield from child.walk()

    @property
    def is_outer(self) -> bool:
        """Tell whether it is a field of what an operation answers with, not of something inside that."""
        inside = self.path.split(".")[2:]
        return len(inside) == 1 or (len(inside) == 2 and inside[0] in ROWS)

    @property
    def rules(self) -> Iterator[str]:
        """The ids of the rules of a field in an answer."""
        if self.is_outer:
            yield self.path
        if self.model:
            yield self.model


def shape_of(document: dict[str, Any], schema: dict[str, Any], path: str) -> Shape:
    """The shape of what a schema of a document describes."""
    shape = Shape(path)
    _fill(shape, "", document, schema, frozenset())
    return shape


def _fill(shape: Shape, model: str, document: dict[str, Any], schema: Any, around: frozenset[str]) -> None:
    """Add what a schema says. `model` is what its fields are called in the schema that declares them; `around` are
    the references that it stands in, so that a recursion ends.
    """
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference not in around:
            _fill(shape, _named(reference), document, resolved(document, schema), around | {reference})
        return
    parts = [part for name in ("anyOf", "oneOf", "allOf") for part in schema.get(name, ())]
    for part in (*parts, schema.get("items")):
        _fill(shape, model, document, part, around)
    for value in (*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())):
        if value is not None:
            shape.values[value] = f"{model}.{value}"
    for name, part in schema.get("properties", {}).items():
        child = shape.fields.setdefault(name, Shape(f"{shape.path}.{name}", f"{model}.{name}" if model else ""))
        _fill(child, child.model, document, part, around)


def _named(reference: str) -> str:
    """What rules call a schema: `model.data_asset` for `DataAsset`."""
    name = reference.rpartition("/")[2]
    return "model." + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """What a schema says, or the one that it refers to."""
    while isinstance(schema.get("$ref"), str):
        place: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            place = place.get(step, {})
        schema = place
    return schema
