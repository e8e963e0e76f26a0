"""The fixed conversation that decides whether a client could see a mutation."""

import json
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, Protocol

from tools.random_mutants.mutations import ROOT
from tools.random_mutants.scripts import searching, sharing, timelines
from tools.random_mutants.serve import REACHED
from tools.replay.exchange import Answer, Request, exchange
from tools.replay.recorder import Line, Recorder
from tools.replay.scripts import changing, files, reading, refusals, runs, searches
from tools.replay.servers import FROZEN, started


class Script(Protocol):
    """A module that sends requests."""

    def record(self, to: Recorder) -> None:
        """Send them."""


COMMAND = (sys.executable, "-m", "tools.random_mutants.serve")

SCRIPTS = (files, reading, timelines, changing, runs, refusals, sharing, searches, searching)
"""What is sent, each from the demo world as it is at first: together every operation with its refusals and successes.
The short ones come first.
"""

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


class Part(NamedTuple):
    """One script of the conversation with the unchanged product."""

    script: Script
    lines: list[Line]
    seen: list[str]
    """What a client can tell of each answer."""
    reached: dict[str, set[int]]
    """The lines of the product that are run, by path: a change elsewhere cannot be seen."""


class Comparing(Recorder):
    """Sends requests and compares each answer with the recorded one. Raises `DiffersError` for the first that differs,
    and `OSError` when there is no answer.
    """

    def __init__(self, port: int, part: Part) -> None:
        super().__init__(port)
        self._part, self._eyes = part, Eyes()

    def send(self, request: Request, *, untimed: bool = False) -> Answer:
        """Send a request and compare its answer."""
        return self.note(request, exchange(self.port, request, ANSWER_SECONDS), untimed=untimed)

    def note(self, request: Request, answer: Answer, *, untimed: bool = False) -> Answer:
        """Compare an answer."""
        super().note(request, answer, untimed=untimed)
        found, at = self.lines[-1], len(self.lines) - 1
        if self._eyes.see(found) != self._part.seen[at]:
            raise DiffersError(self._part.lines[at], found)
        return answer

    def hold(self) -> None:
        """Send the script to the demo world as it is at first."""
        exchange(self.port, Request("POST", "/_mock/worlds/default/reset"), ANSWER_SECONDS)
        exchange(self.port, Request("PUT", "/_mock/worlds/default/clock", None, FROZEN), ANSWER_SECONDS)
        self._part.script.record(self)


class Eyes:
    """What a client can tell of answers, one after the other.

    The order of headers, of members and of the methods in `Allow` is none of it, nor are the letters of a new id, a
    page token or a signature: one is as good as another, as long as the requests that use it are answered alike. That
    a refusal has a message counts, its words do not: no client can act on them.
    """

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def see(self, line: Line) -> str:
        """An answer as text; nothing of one that is not `PUBLIC`."""
        if not line["target"].startswith(PUBLIC):
            return ""
        headers = sorted(_header(name.lower(), value) for name, value in line["headers"])
        body = _worded(line["body"]) if line["status"] >= 400 else line["body"]
        told = [line["target"], line["status"], headers, body, line.get("cut")]
        text = _OPAQUE.sub(r"\1<any>", json.dumps(told, sort_keys=True))
        return _ID.sub(lambda found: self._name(found[0]), text)

    def _name(self, key: str) -> str:
        return key if key in _seeded() else self._ids.setdefault(key, f"<id {len(self._ids)}>")


def _header(name: str, value: str) -> list[str]:
    return [name, *sorted(value.split(", "))] if name == "allow" else [name, value]


def _worded(body: Any) -> Any:
    """The body of a refusal whose message is any message."""
    content = body.get("json") if isinstance(body, dict) else None
    if not isinstance(content, dict) or not isinstance(content.get("message"), str):
        return body
    return {"json": content | {"message": "<words>" if content["message"] else ""}}


_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OPAQUE = re.compile(r'("next_token": "|[?&](?:X-Amz-)?Signature=|<SignatureProvided>)[^"&<]+')


@cache
def _seeded() -> frozenset[str]:
    """The ids of the demo world."""
    return frozenset(_ID.findall((ROOT / "mock_server/seeds/demo.yaml").read_text()))


def record() -> list[Part]:
    """The conversation with the unchanged product, each script with a server of its own, and what it reaches."""
    with TemporaryDirectory() as folder:
        return [_recorded(script, Path(folder) / "reached.json") for script in SCRIPTS]


def _recorded(script: Script, file: Path) -> Part:
    with server({REACHED: str(file)}) as port:
        recorder = Recorder(port)
        script.record(recorder)
    reached = {path: set(lines) for path, lines in json.loads(file.read_text()).items()}
    eyes = Eyes()
    return Part(script, recorder.lines, [eyes.see(line) for line in recorder.lines], reached)


def repeat(parts: Sequence[Part]) -> None:
    """Have the conversation again. Raises `DiffersError` when the unchanged product answers otherwise."""
    with server() as port:
        for part in parts:
            Comparing(port, part).hold()


def reached(parts: Sequence[Part]) -> dict[str, set[int]]:
    """The lines of the product that any script reaches, by path."""
    found: dict[str, set[int]] = {}
    for part in parts:
        for path, lines in part.reached.items():
            found.setdefault(path, set()).update(lines)
    return found


def reaching(parts: Sequence[Part], path: str, lines: Collection[int]) -> list[Part]:
    """The scripts that reach one of these lines."""
    return [part for part in parts if not part.reached.get(path, set()).isdisjoint(lines)]


def server(variables: Mapping[str, str] | None = None) -> AbstractContextManager[int]:
    """A fresh server. Raises `SystemExit` when it does not start."""
    return started(COMMAND, (), (), variables)


def is_dead(port: int) -> bool:
    """Whether a server answers nothing at all, or every request with an internal error."""
    recorder = Recorder(port)
    answers = (recorder.api(request, {} if request.startswith("POST") else None) for request in BASIC)
    return all(answer.status in (0, *range(500, 600)) for answer in answers)


def reported(line: Line) -> dict[str, Any]:
    """A request and its answer as a report has them."""
    return {
        name: line[name] for name in ("method", "target", "token", "sent", "status", "headers", "body") if name in line
    }
