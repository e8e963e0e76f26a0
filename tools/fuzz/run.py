"""A run: cases one after the other, over several connections at once, with the server watched meanwhile."""

import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import httpx

from tools.fuzz.cases import Cases
from tools.fuzz.judge import place, verdict
from tools.fuzz.play import Exchange, play
from tools.fuzz.request import Case
from tools.fuzz.server import Server

SAMPLE_SECONDS = 0.1
SLOWEST = 8
HOPELESS = 2
"""After so many requests without an answer on each connection in a row a run ends."""
KEPT = 10_000
"""How many failures are kept; more are only counted."""


@dataclass(frozen=True)
class Failure:
    """What went wrong, in which case, and what had been sent on the connection."""

    case: int
    reason: str
    place: str
    sent: bytes
    answered: str


@dataclass
class Results:
    """What a run has found out."""

    requests: int = 0
    cases: int = 0
    statuses: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unavailable: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, int, str]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    memory: list[tuple[int, int]] = field(default_factory=list)
    logged: list[tuple[int, str]] = field(default_factory=list)
    exit_code: int | None = None
    """What the server ended with, when it ended by itself."""
    unanswered: int = 0
    """How many requests in a row were not answered in time."""

    def note(self, case: Case, exchange: Exchange, sent: bytes, limit: float) -> None:
        """Take in what came of one request; `sent` is all that was sent on the connection until then."""
        answer = exchange.answer
        if answer is not None:
            self.unanswered = 0
        elif exchange.problem:
            self.unanswered += 1
        status = str(answer.status) if answer else ("none" if not exchange.problem else "failed")
        self.statuses[case.area][status] += 1
        if answer is not None:
            self._note_time(answer.seconds, case, exchange)
        if answer is not None and answer.status == 503 and not case.faulty:
            self.unavailable[answer.body[:120].decode("utf-8", "replace")] += 1
        reason = verdict(case, exchange, limit)
        if reason and len(self.failures) < KEPT:
            shown = f"{answer.status} {answer.body[:300]!r}" if answer else "nothing"
            self.failures.append(Failure(case.number, reason, place(exchange), sent, shown))

    def _note_time(self, seconds: float, case: Case, exchange: Exchange) -> None:
        if len(self.slowest) < SLOWEST or seconds > self.slowest[-1][0]:
            self.slowest = sorted([*self.slowest, (seconds, case.number, place(exchange))], reverse=True)[:SLOWEST]


class Run:
    """Plays the cases from 0 on until `requests` are reached."""

    def __init__(self, cases: Cases, server: Server, requests: int, connections: int, limit: float) -> None:
        self.results = Results()
        self._cases, self._server = cases, server
        self._requests, self._connections, self._limit = requests, connections, limit
        self._lock = threading.Lock()
        self._planned = 0
        self._done = threading.Event()

    def play(self) -> Results:
        """Play them all; what came of it."""
        watch = threading.Thread(target=self._watch)
        workers = [threading.Thread(target=self._work, args=(f"127.0.0.{10 + n}",)) for n in range(self._connections)]
        for thread in (watch, *workers):
            thread.start()
        for worker in workers:
            worker.join()
        self._save_all()
        self._done.set()
        watch.join()
        self._look()
        self.results.exit_code = self._server.exit_code()
        return self.results

    def _ended(self) -> bool:
        """Whether the server is gone, or has answered nobody for so long that there is no use in going on."""
        return self._server.exit_code() is not None or self.results.unanswered >= HOPELESS * self._connections

    def _next(self) -> Case | None:
        # Made here, so that which cases are played does not hang on how fast each is.
        with self._lock:
            if self._planned >= self._requests or self._ended():
                return None
            case = self._cases.case(self.results.cases)
            self.results.cases += 1
            self._planned += len(case.steps)
            return case

    def _work(self, source: str) -> None:
        while (case := self._next()) is not None:
            try:
                exchanges = list(play(case, self._server.address, source, self._limit))
            except OSError as problem:
                self._refused(case, problem)
                continue
            with self._lock:
                self.results.requests += len(exchanges)
                sent = b""
                for exchange in exchanges:
                    sent += exchange.request.wire()
                    self.results.note(case, exchange, sent, self._limit)

    def _save_all(self) -> None:
        """Save every world and load it again: whatever requests have made of one, its snapshot is good."""
        host, port = self._server.address
        with httpx.Client(base_url=f"http://{host}:{port}/_mock", timeout=10 * self._limit) as control:
            try:
                for world in control.get("/worlds").raise_for_status().json()["worlds"]:
                    path = f"/worlds/{world['name']}/snapshots/last"
                    for answer in (control.put(path), control.post(f"{path}/load")):
                        if answer.is_error:
                            self._fail("a world that cannot be saved and loaded", answer.request.url.path, answer.text)
            except httpx.HTTPError as problem:
                self._fail(f"worlds cannot be saved: {problem}", "/_mock", "nothing")

    def _fail(self, reason: str, where: str, answered: str) -> None:
        self.results.failures.append(Failure(self.results.cases, reason, where, b"", answered))

    def _refused(self, case: Case, problem: OSError) -> None:
        with self._lock:
            self.results.failures.append(Failure(case.number, f"no connection: {problem}", case.area, b"", "nothing"))

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self._look()

    def _look(self) -> None:
        text = self._server.log()
        with self._lock:
            self.results.memory.append((self.results.requests, self._server.memory()))
            before = sum(len(logged) for _, logged in self.results.logged)
            if len(text) > before:
                self.results.logged.append((self.results.cases, text[before:]))


def clocked(run: Run) -> tuple[Results, float]:
    """The results of a run, and the seconds it took."""
    begun = time.perf_counter()
    return run.play(), time.perf_counter() - begun
