"""Sends the requests of a script and writes down what is answered."""

import json
from pathlib import Path
from typing import Any

from tools.replay.exchange import Answer, Headers, Request, exchange
from tools.replay.normalising import normalised, replaced, written

USER = "cop_demo_user"

MOST_SENT = 1000
"""How many bytes of what was sent are written down: enough to distinguish requests."""

Line = dict[str, Any]
"""A request and its answer as JSON: one line of a recording."""


class Recorder:
    """The requests to one server and their answers; `section` says what they are for. `key` are headers that open its
    control plane.
    """

    def __init__(self, port: int, key: Headers = ()) -> None:
        self.port = port
        self.section = ""
        self.lines: list[Line] = []
        self._key = key

    def api(self, request: str, body: Any = None, token: str | None = USER, **more: Any) -> Answer:
        """Send `"METHOD /path"` to the public API, below `/api/v1`."""
        method, _, path = request.partition(" ")
        return self.send(Request(method, f"/api/v1{path}", token, body, **more))

    def control(self, request: str, body: Any = None, headers: Headers = ()) -> Answer:
        """Send `"METHOD /path"` to the control plane, below `/_mock`."""
        method, _, path = request.partition(" ")
        return self.send(Request(method, f"/_mock{path}", None, body, (*self._key, *headers)))

    def send(self, request: Request, *, untimed: bool = False) -> Answer:
        """Send any request; `untimed` leaves the date of the answer out."""
        return self.note(request, exchange(self.port, request), untimed=untimed)

    def note(self, request: Request, answer: Answer, *, untimed: bool = False) -> Answer:
        """Write down a request and its answer."""
        kept = normalised(request.target, answer, untimed=untimed)
        content = request.content()
        target = replaced(request.target, request.target.encode()).decode()
        line: Line = {"section": self.section, "method": request.method, "target": target}
        line |= {"token": request.token} if request.token else {}
        if content is not None:
            line["sent"] = replaced(request.target, content[:MOST_SENT]).decode(errors="replace")
        line |= {"status": kept.status, "headers": [list(pair) for pair in kept.headers], "body": written(kept.body)}
        self.lines.append(line | ({"cut": True} if kept.cut else {}))
        return answer


def write(lines: list[Line], file: Path) -> None:
    """Write a recording."""
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def read(file: Path) -> list[Line]:
    """Read a recording. Raises `SystemExit` for a file that is none."""
    try:
        return [json.loads(line) for line in file.read_text().splitlines()]
    except (OSError, ValueError) as problem:
        raise SystemExit(f"not a recording: {file}: {problem}") from None
