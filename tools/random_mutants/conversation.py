"""The fixed conversation that decides whether a client could see a mutation."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, NamedTuple

from tools.random_mutants.mutations import ROOT
from tools.random_mutants.scripts import searching, sharing, timelines
from tools.replay.exchange import Answer, Request, exchange
from tools.replay.recorder import Line, Recorder
from tools.replay.scripts import changing, files, reading, refusals, runs, searches
from tools.replay.servers import started

COMMAND = (sys.executable, "-m", "tools.random_mutants.serve")

SCRIPTS = (refusals, reading, searching, searches, sharing, timelines, files, runs, changing)
"""What is sent, in this order: every operation with its refusals and successes, over the demo world."""

PUBLIC = ("/api/v1", "/_files")
"""Beginnings of the paths whose answers are compared. The control plane sets the clock, and is not the contract."""

BASIC = ("POST /capsules/search", "POST /pipelines/search", "POST /data_assets/search", "GET /custom_metadata")
"""A server that answers none of these is dead."""


ANSWER_SECONDS = 30.0
"""A server that has not answered by then hangs."""


class DiffersError(Exception):
    """An answer that is not the recorded one."""

    def __init__(self, expected: Line, found: Line) -> None:
        super().__init__(found["target"])
        self.expected, self.found = expected, found


class Expected(NamedTuple):
    """A recorded conversation, and what a client can tell of each of its answers."""

    lines: list[Line]
    seen: list[str]


class Comparing(Recorder):
    """Sends requests and compares each answer with the recorded one. Raises `DiffersError` for the first that differs,
    and `OSError` when there is no answer.
    """

    def __init__(self, port: int, expected: Expected) -> None:
        super().__init__(port)
        self._expected, self._eyes = expected, Eyes()

    def send(self, request: Request, *, untimed: bool = False) -> Answer:
        """Send a request and compare its answer."""
        return self.note(request, exchange(self.port, request, ANSWER_SECONDS), untimed=untimed)

    def note(self, request: Request, answer: Answer, *, untimed: bool = False) -> Answer:
        """Compare an answer."""
        super().note(request, answer, untimed=untimed)
        found, at = self.lines[-1], len(self.lines) - 1
        if self._eyes.see(found) != self._expected.seen[at]:
            raise DiffersError(self._expected.lines[at], found)
        return answer


class Eyes:
    """What a client can tell of answers, one after the other.

    The order of headers and of members is none of it, nor are the letters of a new id, a page token or a signature: one
    is as good as another, as long as the requests that use it are answered alike. That a refusal has a message counts,
    its words do not: no client can act on them.
    """

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def see(self, line: Line) -> str:
        """An answer as text; nothing of one that is not `PUBLIC`."""
        if not line["target"].startswith(PUBLIC):
            return ""
        headers = sorted([name.lower(), value] for name, value in line["headers"])
        body = _worded(line["body"]) if line["status"] >= 400 else line["body"]
        told = [line["target"], line["status"], headers, body, line.get("cut")]
        text = _OPAQUE.sub(r"\1<any>", json.dumps(told, sort_keys=True))
        return _ID.sub(lambda found: self._name(found[0]), text)

    def _name(self, key: str) -> str:
        return key if key in _seeded() else self._ids.setdefault(key, f"<id {len(self._ids)}>")


def _worded(body: Any) -> Any:
    """The body of a refusal whose message is any message."""
    content = body.get("json") if isinstance(body, dict) else None
    if not isinstance(content, dict) or not isinstance(content.get("message"), str):
        return body
    return {"json": content | {"message": "<words>" if content["message"] else ""}}


_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OPAQUE = re.compile(r'("next_token": "|[?&](?:X-Amz-)?Signature=)[^"&]+')


@cache
def _seeded() -> frozenset[str]:
    """The ids of the demo world."""
    return frozenset(_ID.findall((ROOT / "mock_server/seeds/demo.yaml").read_text()))


def hold(recorder: Recorder) -> None:
    """Send all requests."""
    for script in SCRIPTS:
        script.record(recorder)


def all_seen(lines: Sequence[Line]) -> list[str]:
    """What a client can tell of a recording."""
    eyes = Eyes()
    return [eyes.see(line) for line in lines]


def record(variables: Mapping[str, str] | None = None) -> Expected:
    """The conversation with the unchanged product."""
    with server(variables) as port:
        recorder = Recorder(port)
        hold(recorder)
    return Expected(recorder.lines, all_seen(recorder.lines))


def server(variables: Mapping[str, str] | None = None) -> AbstractContextManager[int]:
    """A fresh server. Raises `SystemExit` when it does not start."""
    return started(COMMAND, (), (), variables)


def is_dead(port: int) -> bool:
    """Whether a server answers nothing at all, or every request with an internal error."""
    recorder = Recorder(port)
    answers = (recorder.api(request, {} if request.startswith("POST") else None) for request in BASIC)
    return all(answer.status in (0, *range(500, 600)) for answer in answers)


def shown(line: Line) -> dict[str, Any]:
    """A request and its answer as a report has them."""
    return {
        name: line[name] for name in ("method", "target", "token", "sent", "status", "headers", "body") if name in line
    }
