"""Departures of a JSON value from a schema, described without showing any value."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from contract_tests.drift.constraints import violation
from contract_tests.drift.difference import Kind
from contract_tests.reports.sanitize import plain

MOST_REFERENCES = 50
"""How many references may follow on each other."""

_TYPES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    str: "string",
    list: "array",
    dict: "object",
}
_FIELD_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.-]{0,63}")


class Departure(NamedTuple):
    """One place where a value is not as the schema has it."""

    kind: Kind
    path: str
    detail: str


class Schemas:
    """The schemas of an OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def departures(self, schema: Any, value: Any, path: str = "$") -> list[Departure]:
        """All places where `value` departs from `schema`."""
        schema = self.resolved(schema)
        choices = schema.get("anyOf") or schema.get("oneOf")
        departures = list(self._own(schema, value, path))
        if isinstance(choices, list) and choices:
            departures += self._nearest(choices, value, path)
        return departures

    def _nearest(self, choices: list[Any], value: Any, path: str) -> list[Departure]:
        """The departures from the choice that the value is nearest to: one of its type, if there is one."""
        each: list[list[Departure]] = [self.departures(choice, value, path) for choice in choices]
        is_other = [
            any(departure.kind is Kind.WRONG_TYPE and departure.path == path for departure in departures)
            for departures in each
        ]
        return each[min(range(len(each)), key=lambda place: (is_other[place], len(each[place])))]

    def resolved(self, schema: Any) -> dict[str, Any]:
        """The schema that references lead to, with the parts of `allOf` joined."""
        for _ in range(MOST_REFERENCES):
            if not isinstance(schema, dict) or "$ref" not in schema:
                break
            schema = self._at(str(schema["$ref"]))
        joined = dict(schema) if isinstance(schema, dict) else {}
        for part in joined.pop("allOf", None) or ():
            other = self.resolved(part)
            for keyword, content in other.items():
                joined[keyword] = _joined(joined.get(keyword), content)
        return joined

    def _at(self, reference: str) -> Any:
        node: Any = self._document
        for step in reference.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            node = node.get(name) if isinstance(node, dict) else None
        return node

    def _own(self, schema: dict[str, Any], value: Any, path: str) -> Iterator[Departure]:
        """Without its choices."""
        expected, actual = _types(schema), type_of(value)
        if expected and not (actual in expected or (actual == "integer" and "number" in expected)):
            yield Departure(Kind.WRONG_TYPE, path, f"{actual} instead of {' or '.join(sorted(expected))}")
        elif value not in schema.get("enum", [value]) or value != schema.get("const", value):
            yield Departure(Kind.UNLISTED_VALUE, path, f"a {actual} not listed in the spec")
        elif isinstance(value, dict):
            yield from self._object(schema, value, path)
        elif isinstance(value, list):
            for item in value:
                yield from self.departures(schema.get("items", {}), item, f"{path}[]")
        departs = violation(schema, value) if not isinstance(value, dict) else None
        if departs is not None:
            yield Departure(Kind.WRONG_FORMAT, path, departs)

    def _object(self, schema: dict[str, Any], value: dict[str, Any], path: str) -> Iterator[Departure]:
        properties: dict[str, Any] = schema.get("properties") or {}
        for name in schema.get("required") or ():
            if name not in value:
                yield Departure(Kind.MISSING_FIELD, f"{path}.{name}", "")
        more = schema.get("additionalProperties")
        for name, member in value.items():
            if name in properties:
                yield from self.departures(properties[name], member, f"{path}.{name}")
            elif isinstance(more, dict):
                yield from self.departures(more, member, f"{path}.*")
            elif properties and more is not True and "patternProperties" not in schema:
                yield Departure(Kind.UNDOCUMENTED_FIELD, f"{path}.{safe_name(name)}", type_of(member))


def type_of(value: Any) -> str:
    """The type of a JSON value."""
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return _TYPES[type(value)]


def safe_name(name: str) -> str:
    """A field's name; one that does not look like a name may be a value."""
    return plain(name) if _FIELD_NAME.fullmatch(name) else "(unusual name)"


def _types(schema: dict[str, Any]) -> set[str]:
    types = schema.get("type")
    named = {types} if isinstance(types, str) else set(types or ())
    return named | {"null"} if named and schema.get("nullable") is True else named


def _joined(mine: Any, other: Any) -> Any:
    if isinstance(mine, dict) and isinstance(other, dict):
        return mine | other
    if isinstance(mine, list) and isinstance(other, list):
        return mine + [item for item in other if item not in mine]
    return other
