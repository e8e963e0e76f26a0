"""Assertions of probes about responses."""

from collections.abc import Mapping, Sequence
from typing import Any

from contract_tests.deployment import Caller
from contract_tests.findings import expect
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import OPERATIONS
from contract_tests.transport.sample_requests import QUERIES, path

JSON = {"Content-Type": "application/json"}

PREVIEW_LENGTH = 60
"""How much of a probe's input messages show."""


def preview(value: Any) -> str:
    """A probe's input as messages show it."""
    text = repr(value)
    return text if len(text) <= PREVIEW_LENGTH else f"{text[:PREVIEW_LENGTH]}..."


def require_rejected(exchange: Exchange, what: str, *statuses: int, rules: Sequence[str] = ()) -> None:
    """Raise `CheckFailed` unless it was refused with one of the statuses, in JSON, with a message; `rules` are those
    that this judges.
    """
    allowed = " or ".join(map(str, statuses))
    expect(exchange.status in statuses, f"{what} returned {exchange.status}, expected {allowed}", *rules)
    answer = exchange.json()
    message = answer.get("message") if isinstance(answer, dict) else None
    expect(isinstance(message, str) and message, f"{what} was refused without a message in JSON")


def is_accepted(exchange: Exchange, what: str) -> bool:
    """Tell whether it was accepted. Raises `CheckFailed` unless it was, or was refused with 400 and a message."""
    if exchange.ok:
        return True
    require_rejected(exchange, what, 400)
    return False


def send(caller: Caller, name: str, body: bytes, ids: Mapping[str, str | None]) -> Exchange:
    """Send an operation with these bytes as its body."""
    operation = OPERATIONS[name]
    return caller.ask(operation.method, path(operation, ids), data=body, headers=JSON, params=QUERIES.get(name))
