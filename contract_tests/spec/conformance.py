"""The document as an oracle: every answer, whoever asked, is one that the document declares."""

import json
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

import jsonschema_rs

from contract_tests.oracles.observation import Observation
from contract_tests.oracles.oracle import Oracle
from contract_tests.rules.from_spec import answer_shape, status_rule
from contract_tests.rules.shape import Shape
from contract_tests.spec.document import declared
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import Operation

Validator = jsonschema_rs.Draft202012Validator


class ConformsToSpec(Oracle):
    """Status, content type and body of each answer, against the document."""

    name = "conforms_to_spec"
    summary = "Every answer has a status, a content type and a body that the spec declares for its operation."

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__()
        self._responses: Mapping[Operation, dict[str, Any]] = {
            operation.known: operation.about.get("responses", {})
            for operation in declared(document)
            if operation.known is not None
        }
        self._components = document.get("components", {})
        self._validator = cache(self._make)
        self._compiled: dict[str, Any] = {}
        """Validators by their schema: most answers of most operations share one, and each takes half a megabyte."""
        self._shape = cache(partial(answer_shape, document))
        """What of each answer has not been seen yet."""

    def observe(self, seen: Observation) -> Iterator[str]:
        """Report what the document does not declare."""
        exchange = seen.exchange
        responses = self._responses.get(exchange.operation) if exchange.operation is not None else None
        if responses is None or exchange.status is None:
            return
        self.judged += 1
        declares = responses.get(str(exchange.status)) or responses.get("default")
        if declares is None:
            yield f"the spec does not declare the status {exchange.status} of {exchange.name}"
            return
        self.rules.add(status_rule(str(exchange.name), str(exchange.status)))
        yield from self._body(exchange, declares.get("content") or {})

    def _body(self, exchange: Exchange, content: dict[str, Any]) -> Iterator[str]:
        content_type = str(exchange.answer_headers.get("content-type", "")).partition(";")[0].strip().lower()
        if not content:
            if exchange.answer:
                yield f"{exchange.name} returned {exchange.status} with a body; the spec declares none"
            return
        if content_type not in content:
            actual, expected = content_type or "nothing", ", ".join(content)
            yield f"{exchange.name} returned {exchange.status} as {actual}, expected {expected}"
            return
        if "schema" not in content[content_type] or exchange.is_cut:
            return
        problems = self._validator(exchange.operation, exchange.status, content_type).iter_errors(exchange.json())
        for problem in problems:
            place = "/".join(str(step) for step in problem.instance_path) or "the body"
            what = f"{exchange.name} returned {exchange.status} with a body that violates the spec"
            yield f"{what} at {place}: {_short(problem.message)}"
            self.broken.add(_rule_at(exchange, problem.instance_path))
            return
        self._record_fields(exchange)

    def _record_fields(self, exchange: Exchange) -> None:
        """Count the fields and values of an answer that has just been found valid as judged."""
        if exchange.operation is not None and exchange.ok:
            shape = self._shape(exchange.operation, str(exchange.status))
            if shape is not None and shape.fields:
                self.rules.update(_first_seen(shape, exchange.json()))

    def _make(self, operation: Operation, status: int, media: str) -> Any:
        declares = self._responses[operation].get(str(status)) or self._responses[operation]["default"]
        schema = declares["content"][media]["schema"]
        text = json.dumps(schema, sort_keys=True)
        if text not in self._compiled:
            self._compiled[text] = Validator({"components": self._components} | schema)
        return self._compiled[text]


def _first_seen(shape: Shape, value: Any) -> Iterator[str]:
    """Yield the rules of what a value has of a shape, and take it out of the shape: then it costs nothing more."""
    if isinstance(value, list):
        for item in value:
            yield from _first_seen(shape, item)
    elif isinstance(value, dict):
        for name in shape.fields.keys() & value.keys():
            child = shape.fields[name]
            yield from child.rules
            yield from _first_seen(child, value[name])
            if not child.fields and not child.values:
                del shape.fields[name]
    elif isinstance(value, str) and value in shape.values:
        yield shape.values.pop(value)


def _rule_at(exchange: Exchange, path: list[str | int]) -> str:
    """The rule of the field at a place in an answer."""
    steps = [step for step in path if isinstance(step, str)]
    if not exchange.ok or not steps:
        return status_rule(str(exchange.name), str(exchange.status))
    return ".".join((f"{exchange.name}.answer", *steps))


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:200]} …"
