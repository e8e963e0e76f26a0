"""The document as an oracle: every answer, whoever asked, is one that the document declares."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from contract_tests.oracles.observation import Observation
from contract_tests.oracles.oracle import Oracle
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
            return

    def _make(self, operation: Operation, status: int, media: str) -> Any:
        declares = self._responses[operation].get(str(status)) or self._responses[operation]["default"]
        schema = declares["content"][media]["schema"]
        text = json.dumps(schema, sort_keys=True)
        if text not in self._compiled:
            self._compiled[text] = Validator({"components": self._components} | schema)
        return self._compiled[text]


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:200]} …"
