"""A request that was sent, and what came back; how it is shown to people, without secrets."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from contract_tests.transport import redaction
from contract_tests.transport.operations import Operation

SHOWN_BYTES = 2000
"""How much of a body is shown."""


@dataclass(slots=True)
class Exchange:
    """One request and its answer."""

    number: int
    """Counted from 1, in the order of sending."""
    method: str
    url: str
    headers: Mapping[str, str]
    """The request's headers."""
    body: bytes
    """The request's body; once the exchange is judged, its beginning."""
    operation: Operation | None
    """What it calls, by the harness's own table; None when the contract has no such operation."""
    keys: dict[str, str]
    """The ids in its path, by parameter."""
    caller: str | None
    """Whose token it carries, such as `owner`; None without a token, `unknown` with one that nobody was given."""
    layer: str
    """What was running when it was sent."""
    check: str
    sent: float = 0.0
    """Seconds on a monotonic clock."""
    took: float = 0.0
    """Seconds until the answer was there."""
    status: int | None = None
    """None when there was no answer."""
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer: bytes = b""
    """The answer's body."""
    is_cut: bool = False
    """Whether there was more of it than is kept."""
    overlapped: bool = False
    """Whether another request of the run was under way at the same time: nobody knows which took effect first."""
    problems: list[tuple[str, str]] = field(default_factory=list)
    """What oracles found wrong with it: name of the oracle, message."""

    @property
    def path(self) -> str:
        """The path, as it was sent."""
        return urlsplit(self.url).path

    @property
    def query(self) -> str:
        """The query, as it was sent."""
        return urlsplit(self.url).query

    @property
    def name(self) -> str | None:
        """The name of the operation."""
        return self.operation.name if self.operation else None

    @property
    def ok(self) -> bool:
        """Tell whether the response is 2xx."""
        return self.status is not None and 200 <= self.status < 300

    def json(self) -> Any:
        """The answer's body as JSON; None if it is not JSON."""
        return _json(self.answer)

    def sent_json(self) -> Any:
        """The request's body as JSON; None if it is not JSON."""
        return _json(self.body)

    def curl(self) -> str:
        """A command that sends the request again; the token is a variable of the shell."""
        words = ["curl", "-i", "-X", self.method]
        if self.caller is not None:
            words += ["-u", "$TOKEN:"]
        kept = {name: value for name, value in self.headers.items() if name.lower() in ("content-type",)}
        words += [word for name, value in kept.items() for word in ("-H", redaction.text(f"{name}: {value}"))]
        if self.body:
            words += ["--data-binary", self.request_text()]
        words.append(redaction.text(self.url))
        command = " ".join(f'"{word}"' if word == "$TOKEN:" else shlex.quote(word) for word in words)
        whole = not self.body or self.request_text().encode("utf-8") == self.body
        return command if whole else f"{command}  # the body is truncated or redacted"

    def request_text(self) -> str:
        """The beginning of the request's body."""
        return redaction.beginning(self.body, SHOWN_BYTES)

    def response_text(self) -> str:
        """The answer in a few lines."""
        if self.status is None:
            return "no response"
        return f"{self.status} {redaction.beginning(self.answer, SHOWN_BYTES)}".rstrip()


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
