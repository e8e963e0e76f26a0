"""The fuzzer: the same seed sends the same requests, and what no server should answer is found."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tools.fuzz.answer import Answer
from tools.fuzz.cases import Cases
from tools.fuzz.judge import verdict
from tools.fuzz.play import Exchange, play
from tools.fuzz.report import failed, memory_grew
from tools.fuzz.request import Case, Request, Sending, fixed
from tools.fuzz.run import Results, Run
from tools.fuzz.server import running
from tools.fuzz.world_facts import WorldFacts, learn

GET = Request(b"GET", b"/api/v1/x")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture(scope="module")
def facts() -> Iterator[WorldFacts]:
    with running() as server:
        yield learn(server.url)


def case(*requests: Request, sending: Sending = Sending.IN_TURN, strict: bool = True, faulty: bool = False) -> Case:
    return Case(0, "/api/v1", tuple(map(fixed, requests)), sending, strict, faulty)


def sent(cases: Cases, number: int) -> list[bytes]:
    return [step([]).wire() for step in cases.case(number).steps]


@pytest.mark.slow
def test_the_same_seed_makes_the_same_requests(facts: WorldFacts) -> None:
    one, same, other = (Cases(seed, facts) for seed in (7, 7, 8))
    assert [sent(one, number) for number in range(300)] == [sent(same, number) for number in range(300)]
    assert [sent(one, number) for number in range(300)] != [sent(other, number) for number in range(300)]
    assert sent(one, 250) == sent(Cases(7, facts), 250)


def test_all_areas_and_all_ways_of_sending_are_tried(facts: WorldFacts) -> None:
    found = [Cases(1, facts).case(number) for number in range(400)]
    assert {one.area for one in found} == {"/api/v1", "/_files", "/_mock", "/_ui"}
    assert {one.sending for one in found} == set(Sending)
    assert {one.strict for one in found} == {True, False}


@pytest.mark.slow
def test_a_run_comes_to_its_end(facts: WorldFacts) -> None:
    with running() as server:
        results = Run(Cases(3, facts), server, requests=40, connections=2, limit=60).play()
    assert results.requests >= 20
    assert sum(found.total() for found in results.statuses.values()) == results.requests
    assert results.exit_code is None


@contextmanager
def answering(*answers: bytes | None) -> Iterator[tuple[str, int]]:
    """A server that says these things, one for each time that something comes, and closes; None: says nothing more."""
    ended = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            for answer in answers:
                connection.recv(1 << 16)
                if answer is None:
                    ended.wait()
                else:
                    connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()
        ended.set()
        thread.join()


def problems(found: Case, *answers: bytes | None, limit: float = 20) -> list[str]:
    with answering(*answers) as address:
        return [verdict(found, exchange, limit) for exchange in play(found, address, "127.0.0.1", limit)]


def test_a_request_that_is_never_answered_is_found() -> None:
    assert problems(case(GET), None, limit=0.2) == ["no answer within 0.2 s"]


def test_a_closed_connection_is_found() -> None:
    assert problems(case(GET, GET), OK) == ["", "the connection was closed without an answer"]
    assert problems(case(GET, strict=False), b"") == [""]


def test_an_answer_that_is_no_http_is_found() -> None:
    [problem] = problems(case(GET), b"hello\r\n\r\n")
    assert "no HTTP" in problem


def test_a_body_that_is_cut_is_found() -> None:
    assert problems(case(GET), OK[:-1]) == ["a body that is shorter than announced"]


def test_a_connection_that_hangs_after_half_a_request_is_found() -> None:
    half = Request(b"", b"", raw=b"GET / HTTP/1.1\r\n")
    assert problems(case(half, strict=False), None, limit=0.2) == ["neither answered nor closed within 0.2 s"]


def test_pipelined_requests_are_answered_in_turn() -> None:
    assert problems(case(GET, GET, sending=Sending.PIPELINED), OK + OK) == ["", ""]
    last = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert problems(case(GET, GET, sending=Sending.PIPELINED), last) == [""]


def test_what_goes_to_the_faulty_world_may_be_answered_in_any_way() -> None:
    assert problems(case(GET, faulty=True), b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n") == [""]


JSON = {"content-type": "application/json"}
TEXT = {"content-type": "text/plain; charset=utf-8"}
HTML = {"content-type": "text/html"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(200, JSON, b"{}"), ""),
        (Answer(404, JSON, b'{"message": "not found"}'), ""),
        (Answer(503, JSON, b'{"message": "the database is locked"}'), ""),
        (Answer(500, JSON, b'{"message": "internal error"}'), "status 500"),
        (Answer(502, {}), "status 502"),
        (Answer(503, TEXT, b"no"), "status 503 as text/plain"),
        (Answer(400, TEXT, b"Invalid"), "status 400 as text/plain"),
        (Answer(400, JSON, b'{"message": "Traceback (most recent call last):"}'), "status 400 with a traceback"),
        (Answer(400, HTML, b"Traceback (most recent call last): mock_server/ui/x.py"), "status 400 with a traceback"),
        (Answer(400, HTML, b"Traceback (most recent call last): /code/run_qc.py"), "status 400 as text/html"),
        (Answer(400, JSON, b'{"detail": []}'), "status 400 without a message"),
        (Answer(400, JSON, b'{"message": '), "status 400 without a message"),
        (Answer(404, {"content-type": "text/html"}, b"<p>"), "status 404 as text/html"),
        (Answer(200, JSON, b"{}", seconds=21), "an answer after more than 20 s"),
    ],
)
def test_what_no_answer_may_be(answer: Answer, reason: str) -> None:
    assert verdict(case(GET), Exchange(GET, answer), 20) == reason


def test_memory_that_grows_is_found() -> None:
    level = Results(requests=100_000, memory=[(done, 100 << 20) for done in range(0, 100_001, 1000)])
    growing = Results(requests=100_000, memory=[(done, (100 << 20) + done * 1000) for done in range(0, 100_001, 1000)])
    assert not failed(level)
    assert memory_grew(growing) == "memory grew by 46 MB in the second half"
    assert failed(growing)


def test_a_line_in_the_log_fails_a_run() -> None:
    assert failed(Results(logged=[(1, "Traceback")]))


@pytest.mark.slow
def test_a_server_that_ends_by_itself_fails_a_run() -> None:
    assert failed(Results(exit_code=-11))
    assert failed(Results(exit_code=0))
