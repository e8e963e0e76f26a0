"""Availability of operations, inferred from a deployment's responses."""

from collections.abc import Iterable, Iterator

from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import Effect

_BY_ANYBODY = (401, 429, 502, 503, 504)
"""What may be answered before it is known which operation is asked for."""


def served(exchanges: Iterable[Exchange]) -> dict[str, bool]:
    """By operation whether it is there; one whose answers do not tell is left out."""
    responses = [exchange for exchange in exchanges if exchange.status is not None]
    # How the deployment answers for a path that it does not know.
    unknown = {exchange.answer for exchange in responses if exchange.operation is None and exchange.status == 404}
    presence: dict[str, bool] = {}
    for name, present in _presence(responses, unknown):
        presence[name] = presence.get(name, False) or present
    return presence


def _is_missing(exchange: Exchange, unknown: set[bytes]) -> bool:
    """Tell whether a response means that the operation does not exist; `unknown` are the bodies for unknown paths."""
    if exchange.status in (405, 501):
        return True
    if exchange.status != 404 or exchange.operation is None:
        return False
    answer = exchange.json()
    in_words = isinstance(answer, dict) and isinstance(answer.get("message"), str)
    nothing_named = not exchange.keys and exchange.operation.effect is Effect.READ
    return not in_words or nothing_named or exchange.answer in unknown


def _presence(responses: list[Exchange], unknown: set[bytes]) -> Iterator[tuple[str, bool]]:
    for exchange in responses:
        if exchange.name is None or exchange.status in _BY_ANYBODY:
            continue
        yield exchange.name, not _is_missing(exchange, unknown)
