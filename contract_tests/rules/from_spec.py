"""Rules that the OpenAPI document implies: every parameter, field, enumerated value and status of every operation."""

from collections.abc import Iterator
from typing import Any

from contract_tests.rules.rule import Rule
from contract_tests.rules.shape import Shape, shape_of
from contract_tests.transport.operations import OPERATIONS, Operation

JSON = "application/json"

EVERY = ("200", "204", "400", "401", "403", "404", "423")
"""Statuses that are a rule of each operation; the others are a server's limits, the same for all."""


def status_rule(operation: str, status: str) -> str:
    """The id of the rule that a status of an operation falls under."""
    return f"{operation}.status.{status}" if status in EVERY else f"limits.status.{status}"


def rules_of(document: dict[str, Any]) -> Iterator[Rule]:
    """Yield the rules of all operations that a document declares, and of the models in their answers."""
    shared: dict[str, Rule] = {}
    for operation in OPERATIONS.values():
        about = declaration(document, operation)
        if about is not None:
            yield from _request(document, operation, about)
            for rule in _statuses(operation, about):
                shared[rule.id] = rule
            shapes = [answer_shape(document, operation, status) for status in about.get("responses", {})]
            for part in (part for shape in shapes if shape is not None for part in shape.walk()):
                if part.is_outer:
                    yield Rule(part.path, f"{operation.name} answers with `{_inside(part)}` as declared.", "the spec")
                shared |= {rule.id: rule for rule in _model(part)}
    yield from shared.values()


def declaration(document: dict[str, Any], operation: Operation) -> dict[str, Any] | None:
    """What a document says of an operation; None when it does not declare it."""
    item = document.get("paths", {}).get(operation.template)
    about = item.get(operation.method.lower()) if isinstance(item, dict) else None
    return about if isinstance(about, dict) else None


def body_shape(document: dict[str, Any], operation: Operation) -> Shape | None:
    """The shape of an operation's request body; None when it has none."""
    schema = body_schema(document, operation)
    return shape_of(document, schema, f"{operation.name}.body") if schema else None


def body_schema(document: dict[str, Any], operation: Operation) -> dict[str, Any]:
    """The schema of an operation's request body; empty when it has none."""
    about = declaration(document, operation) or {}
    schema: dict[str, Any] = about.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema", {})
    return schema


def answer_shape(document: dict[str, Any], operation: Operation, status: str) -> Shape | None:
    """The shape of an operation's successful answer; None when the status has no JSON, or is another."""
    about = declaration(document, operation) or {}
    schema = about.get("responses", {}).get(status, {}).get("content", {}).get(JSON, {}).get("schema")
    success = status.startswith("2") and schema is not None
    return shape_of(document, schema, f"{operation.name}.answer") if success else None


def _request(document: dict[str, Any], operation: Operation, about: dict[str, Any]) -> Iterator[Rule]:
    name = operation.name
    yield Rule(f"{name}.header.authorization", f"{name} requires a token.", "the spec")
    for parameter in about.get("parameters", ()):
        place, called = parameter["in"], parameter["name"]
        yield Rule(f"{name}.{place}.{called}", f"{name} takes `{called}` in its {place}.", "the spec")
    body = body_shape(document, operation)
    for part in body.walk() if body is not None else ():
        yield Rule(part.path, f"{name} takes `{_inside(part)}` in its body.", "the spec")


def _statuses(operation: Operation, about: dict[str, Any]) -> Iterator[Rule]:
    for status in about.get("responses", {}):
        rule = status_rule(operation.name, status)
        whose = operation.name if rule.startswith(operation.name) else "An operation"
        yield Rule(rule, f"{whose} answers {status} in the declared form.", "the spec")


def _model(part: Shape) -> Iterator[Rule]:
    """The rules of a field wherever it is answered."""
    if part.model:
        model, _, name = part.model.removeprefix("model.").partition(".")
        yield Rule(part.model, f"A {model} has `{name}` as declared.", "the spec")
        for value, rule in part.values.items():
            yield Rule(rule, f"`{name}` of a {model} can be `{value}`.", "the spec")


def _inside(part: Shape) -> str:
    """The path of a field inside of a body."""
    return part.path.split(".", 2)[2]
