"""Requests and cases. A case is what is sent over one connection, and what may come of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from tools.fuzz.answer import Answer

HOST = b"127.0.0.1"


@dataclass(frozen=True)
class Request:
    """One HTTP request; `raw` takes the place of all the rest."""

    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    raw: bytes | None = None

    def wire(self) -> bytes:
        """The bytes that are sent. Without a length of its own, a body has the right one."""
        if self.raw is not None:
            return self.raw
        names = {name.lower() for name, _ in self.headers}
        headers = list(self.headers)
        if b"host" not in names:
            headers.insert(0, (b"Host", HOST))
        if not names & {b"content-length", b"transfer-encoding"} and (self.body or self.method in (b"POST", b"PUT")):
            headers.append((b"Content-Length", b"%d" % len(self.body)))
        head = b"".join(b"%s: %s\r\n" % pair for pair in headers)
        return b"%s %s HTTP/1.1\r\n%s\r\n%s" % (self.method, self.target, head, self.body)

    @property
    def head_only(self) -> bool:
        """Whether the answer has no body."""
        return self.wire().split(b" ", 1)[0].upper() == b"HEAD"

    @property
    def waits(self) -> bool:
        """Whether it asks to be answered when something has happened."""
        target = self.wire().split(b"\r\n", 1)[0]
        return b"/wait" in target or b"/work/claim" in target

    def having(self, *headers: tuple[bytes, bytes]) -> "Request":
        """This request with more headers."""
        return replace(self, headers=(*self.headers, *headers))


Step = Callable[[list[Answer]], Request]
"""Makes a request of what has been answered so far on the same connection."""


class Sending(Enum):
    """How the requests of a case are sent."""

    IN_TURN = "in turn"  # each after the answer to the one before
    PIPELINED = "pipelined"  # all at once
    IN_PIECES = "in pieces"
    HALF = "half"  # and the connection is closed


@dataclass(frozen=True)
class Case:
    """What is sent over one connection.

    `strict`: each request is complete and has to be answered. `faulty`: it goes to the world in which faults are set,
    where every answer may come.
    """

    number: int
    area: str
    steps: tuple[Step, ...]
    sending: Sending = Sending.IN_TURN
    strict: bool = True
    faulty: bool = False


def fixed(request: Request) -> Step:
    """A step that depends on no answer."""
    return lambda _: request
