"""One case, played against a server."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tools.fuzz.answer import Answer, Connection, UnreadableError
from tools.fuzz.request import Case, Request, Sending

MOST_WAIT = 0.3
"""Seconds for an answer that may stay out."""
PIECES = 7


@dataclass
class Exchange:
    """A request, and its answer or what came instead."""

    request: Request
    answer: Answer | None = None
    problem: str = ""


def play(case: Case, address: tuple[str, int], source: str, limit: float) -> Iterator[Exchange]:
    """What came of each request of a case, over one connection. Raises `OSError` when there is no server."""
    connection = Connection(address, source, limit)
    try:
        yield from _exchanges(case, connection, limit)
    finally:
        connection.close()


def _exchanges(case: Case, connection: Connection, limit: float) -> Iterator[Exchange]:
    if case.sending is Sending.PIPELINED:
        requests = [step([]) for step in case.steps]
        connection.send(b"".join(request.wire() for request in requests))
        for request in requests:
            exchange = _answered(case, connection, request, limit)
            yield exchange
            if _is_last(exchange):
                return
        return
    answers: list[Answer] = []
    for step in case.steps:
        request = step(answers)
        _send(case, connection, request.wire())
        if case.sending is Sending.HALF:
            yield Exchange(request)
            return
        exchange = _answered(case, connection, request, limit)
        yield exchange
        if exchange.answer is None or _is_last(exchange):
            return
        answers.append(exchange.answer)


def _send(case: Case, connection: Connection, data: bytes) -> None:
    if case.sending is Sending.HALF:
        connection.send(data[: len(data) // 2])
    elif case.sending is Sending.IN_PIECES:
        size = len(data) // PIECES + 1
        for start in range(0, len(data), size):
            connection.send(data[start : start + size])
            time.sleep(0.001)
    else:
        connection.send(data)


def _is_last(exchange: Exchange) -> bool:
    """Whether nothing more can come on this connection."""
    answer = exchange.answer
    return answer is None or answer.open_ended or answer.headers.get("connection", "").lower() == "close"


def _answered(case: Case, connection: Connection, request: Request, limit: float) -> Exchange:
    may_stay_out = request.waits or case.faulty or not case.strict
    try:
        answer = connection.answer(head_only=request.head_only, limit=MOST_WAIT if may_stay_out else limit)
    except UnreadableError as problem:
        return Exchange(request, problem="" if case.faulty else f"an answer that is no HTTP: {problem}")
    except TimeoutError:
        return Exchange(request, problem=_stayed_out(case, connection, request, limit))
    if answer is None and case.strict and not case.faulty:
        return Exchange(request, problem="the connection was closed without an answer")
    return Exchange(request, answer)


def _stayed_out(case: Case, connection: Connection, request: Request, limit: float) -> str:
    """What is wrong with an answer that did not come in time; nothing when it need not have."""
    if request.waits or case.faulty:
        return ""
    if case.strict:
        return f"no answer within {limit:g} s"
    # It may wait for the rest of what was announced. When that will never come, the connection has to end.
    connection.finish()
    return "" if connection.ends(limit) else f"neither answered nor closed within {limit:g} s"
