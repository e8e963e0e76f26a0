"""Comparing what a deployment has answered with the spec."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from contract_tests.availability import served
from contract_tests.drift.difference import RULES, Difference, Drift, Kind, Severity
from contract_tests.drift.schemas import Departure, Schemas
from contract_tests.reports.sanitize import plain
from contract_tests.spec.document import Declared, declared
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import ROOT

Key = tuple[Kind, str, int, str]
"""What makes two departures the same difference: kind, operation, status, path."""


def compare(
    url: str, exchanges: Iterable[Exchange], document: dict[str, Any], theirs: dict[str, Any] | None = None
) -> Drift:
    """Compare the responses of the deployment at `url` with the document."""
    exchanges = list(exchanges)
    known = {operation.known.name for operation in declared(document) if operation.known is not None}
    seen = Counter(exchange.name for exchange in exchanges if exchange.name in known and exchange.status is not None)
    info = document.get("info")
    return Drift(
        url=plain(url),
        spec_version=plain(str(info.get("version", ""))) if isinstance(info, dict) else "",
        differences=drift(exchanges, document, theirs),
        seen={str(name): seen[name] for name in sorted(seen, key=str)},
        unseen=sorted(known - set(seen)),
    )


def drift(
    exchanges: Iterable[Exchange], document: dict[str, Any], theirs: dict[str, Any] | None = None
) -> list[Difference]:
    """List the differences between a deployment's responses and `document`, most severe first; between `document` and
    `theirs`, the deployment's own document, if it has one, the operations alone.
    """
    exchanges = list(exchanges)
    differences = [*_in_answers(exchanges, document), *_not_served(exchanges, document)]
    if theirs is not None:
        differences += _in_documents(document, theirs)
    order = list(Severity)
    kinds = list(RULES)
    return sorted(
        differences,
        key=lambda difference: (
            order.index(difference.severity),
            difference.operation,
            kinds.index(difference.kind),
            difference.status or 0,
            difference.path,
        ),
    )


def _in_answers(exchanges: list[Exchange], document: dict[str, Any]) -> Iterator[Difference]:
    schemas = Schemas(document)
    operations = {operation.known.name: operation for operation in declared(document) if operation.known is not None}
    presence = served(exchanges)
    looked_at: Counter[tuple[str, int]] = Counter()
    times: Counter[Key] = Counter()
    details: defaultdict[Key, set[str]] = defaultdict(set)
    for exchange in exchanges:
        operation = operations.get(exchange.name or "")
        if operation is None or exchange.status is None or presence.get(exchange.name or "") is False:
            continue
        looked_at[operation.name, exchange.status] += 1
        keys = set()
        for departure in _departures(exchange, exchange.status, operation, schemas):
            key = (departure.kind, operation.name, exchange.status, departure.path)
            details[key].add(departure.detail)
            keys.add(key)
        times.update(keys)
    for key, number in times.items():
        kind, name, status, path = key
        detail = "; ".join(sorted(details[key] - {""}))
        yield Difference(kind, name, status, path, detail, number, looked_at[name, status])


def _departures(exchange: Exchange, status: int, operation: Declared, schemas: Schemas) -> Iterator[Departure]:
    responses = operation.about.get("responses") or {}
    names = (str(status), f"{status // 100}XX", "default")
    response = next((responses[name] for name in names if name in responses), None)
    if response is None:
        kind = Kind.UNDOCUMENTED_SUCCESS if exchange.ok else Kind.UNDOCUMENTED_STATUS
        yield Departure(kind, "", "")
        return
    content = schemas.resolved(response).get("content") or {}
    content_type = str(exchange.answer_headers.get("content-type", "")).partition(";")[0].strip().lower()
    if not content:
        if exchange.answer:
            yield Departure(Kind.WRONG_CONTENT, "", "a body where the spec has none")
    elif content_type not in content:
        actual = plain(content_type) if re.fullmatch(r"[\w.+-]+/[\w.+-]+", content_type) else "no content type"
        yield Departure(Kind.WRONG_CONTENT, "", f"{actual} instead of {' or '.join(content)}")
    elif not exchange.is_cut and _was_read(exchange):
        yield from _in_body(exchange, content[content_type].get("schema", {}), schemas)


def _was_read(exchange: Exchange) -> bool:
    """Tell whether the body was kept; a streamed one was not."""
    return bool(exchange.answer) or str(exchange.answer_headers.get("content-length", "")) == "0"


def _in_body(exchange: Exchange, schema: Any, schemas: Schemas) -> Iterator[Departure]:
    body = exchange.json()
    if body is None and exchange.answer.strip() != b"null":
        yield Departure(Kind.WRONG_CONTENT, "", "not JSON")
    else:
        yield from schemas.departures(schema, body)


def _not_served(exchanges: list[Exchange], document: dict[str, Any]) -> Iterator[Difference]:
    called = Counter(exchange.name for exchange in exchanges if exchange.status is not None)
    presence = served(exchanges)
    for operation in declared(document):
        if operation.known is not None and presence.get(operation.known.name) is False:
            number = called[operation.known.name]
            yield Difference(Kind.NOT_SERVED, operation.name, times=number, of=number)


def _in_documents(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Difference]:
    mine, other = _by_route(ours), _by_route(theirs)
    for route in other.keys() - mine.keys():
        yield Difference(Kind.UNKNOWN_OPERATION, other[route])
    for route in mine.keys() - other.keys():
        yield Difference(Kind.UNDECLARED_OPERATION, mine[route])


def _by_route(document: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Map method and path, whatever the parameters are called, to the operation's name."""
    routes = {}
    for operation in declared(document):
        path = operation.path.rstrip("/").removeprefix(ROOT)
        route = f"{operation.method} {operation.path}"
        routes[operation.method, re.sub(r"\{[^}]*\}", "{}", path)] = plain(
            operation.name if operation.known is not None else route
        )
    return routes
