"""Bodies in which one field has a value of another type."""

from collections.abc import Iterator
from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, Deployment
from contract_tests.findings import expect
from contract_tests.probes.assertions import preview, require_rejected
from contract_tests.rules.from_spec import body_schema
from contract_tests.rules.shape import resolved
from contract_tests.spec.document import packaged
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import OPERATIONS, Effect, Operation
from contract_tests.transport.sample_requests import BODIES, QUERIES, path

READ = tuple(name for name, body in BODIES.items() if OPERATIONS[name].effect is Effect.READ)
WRITE = tuple(name for name in BODIES if name not in READ)

NO_OBJECT = ["x"]
NO_OTHER = {"x": 1}
"""What is neither a text, a number, a flag nor an array."""


class Spoiler:
    """Makes bodies of which one field is spoiled; `document` is the spec."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def bodies(self, operation: Operation) -> Iterator[tuple[str, Any]]:
        """Yield the id of each body field's rule, and a body that has a wrong value there."""
        base, schema = BODIES[operation.name], body_schema(self._document, operation)
        first = base[0] if isinstance(base, list) else base
        for field, value in self._spoiled(schema):
            changed = first | value if isinstance(first, dict) else value
            yield f"{operation.name}.body.{field}", [changed] if isinstance(base, list) else changed

    def _spoiled(self, schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the path of each field that an object may have, and an object in which that field alone is wrong."""
        for kind in self._kinds(schema):
            if "items" in kind:
                yield from self._spoiled(kind["items"])
            whole = self._sample(kind) if "properties" in kind else {}
            for name, part in kind.get("properties", {}).items():
                types = {inner.get("type") for inner in self._kinds(part)}
                yield name, whole | {name: NO_OBJECT if "object" in types else NO_OTHER}
                for field, value in self._spoiled(part):
                    yield f"{name}.{field}", whole | {name: [value] if "array" in types else value}

    def _sample(self, schema: Any) -> Any:
        """The least that a schema takes."""
        kind = next(self._kinds(schema))
        if kind.get("type") == "object":
            return {name: self._sample(kind["properties"][name]) for name in kind.get("required", ())}
        return [] if kind.get("type") == "array" else kind.get("enum", ["x"])[0]

    def _kinds(self, schema: Any) -> Iterator[dict[str, Any]]:
        """Yield the schemas of which a value has to fit one."""
        schema = resolved(self._document, schema)
        for part in schema.get("anyOf", ()):
            yield from self._kinds(part)
        if "anyOf" not in schema:
            yield schema


def _send(deployment: Deployment, operation: Operation, body: Any) -> Exchange:
    subjects = deployment.subjects
    pipeline = "/pipelines/" in operation.template
    ids = {
        "capsule_id": subjects.pipeline if pipeline else subjects.capsule,
        "computation_id": subjects.computation,
        "data_asset_id": subjects.data_asset,
    }
    caller = deployment.http(ADMIN) if operation.effect is Effect.ADMIN else deployment.http()
    return caller.ask(operation.method, path(operation, ids), json=body, params=QUERIES.get(operation.name))


def _require_types(deployment: Deployment, *names: str) -> None:
    spoiler = Spoiler(packaged())
    for name in names:
        for rule, body in spoiler.bodies(OPERATIONS[name]):
            exchange = _send(deployment, OPERATIONS[name], body)
            what = f"{name} with the body {preview(body)}"
            require_rejected(exchange, what, 400)
            message = str(exchange.json()["message"])
            expect(message.startswith("invalid request body"), f"{what}: {message}", "requests.invalid_body")
            named = rule.rpartition(".")[2] in message
            rules = (rule, "requests.invalid_field_is_named")
            expect(named, f"{what} was refused, but not for that: {message}", *rules)


@check(*READ, full=True)
def wrong_types_in_reads(deployment: Deployment) -> None:
    """A field of a search or listing with a value of another type is rejected with 400, and named."""
    _require_types(deployment, *READ)


@check(*WRITE, full=True)
def wrong_types_in_writes(deployment: Deployment) -> None:
    """A field of a body that makes or changes something is rejected with 400 if its type is another, and named."""
    _require_types(deployment, *WRITE)


CHECKS = (wrong_types_in_reads, wrong_types_in_writes)
