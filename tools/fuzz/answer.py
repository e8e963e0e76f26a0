"""Raw HTTP over a socket: what is sent is sent as it is, what comes is read with suspicion."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

PIECE = 1 << 16
MOST_BODY = 1 << 20
"""More of an answer than this is not read; files in the demo world are larger."""


class UnreadableError(Exception):
    """What came is no HTTP."""


@dataclass
class Answer:
    """One answer. `open_ended`: a stream of events, or more than is read. `cut`: it ended too early."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    seconds: float = 0.0
    open_ended: bool = False
    cut: bool = False
    raw_head: bytes = field(default=b"", repr=False)

    @property
    def kind(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Connection:
    """One connection, from a loopback address of the caller's: there are not enough ports on one for all of a run."""

    def __init__(self, address: tuple[str, int], source: str, limit: float) -> None:
        self._socket = socket.create_connection(address, limit, (source, 0))
        self._limit = limit
        self._read = b""
        self._ended = False

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send all of it, or as much as the other side takes before it hangs up."""
        try:
            self._socket.settimeout(self._limit)
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self._ended = True

    def finish(self) -> None:
        """Say that nothing more will be sent."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def answer(self, *, head_only: bool, limit: float) -> Answer | None:
        """The next answer, or None when the connection was closed instead.

        Raises `TimeoutError` when it is not there in time, `UnreadableError` when it is no HTTP.
        """
        begun = time.perf_counter()
        until = begun + limit
        while True:
            head = self._until(b"\r\n\r\n", until)
            if head is None:
                return None
            answer = _parsed(head)
            if answer.status >= 200:
                break
        if not head_only and answer.status not in (204, 304):
            self._read_body(answer, until)
        answer.seconds = time.perf_counter() - begun
        return answer

    def ends(self, seconds: float) -> bool:
        """Whether the other side closes within that time; what still comes is thrown away."""
        until = time.perf_counter() + seconds
        try:
            while self._more(until):
                self._read = b""
        except TimeoutError:
            return False
        return True

    def _read_body(self, answer: Answer, until: float) -> None:
        length = answer.headers.get("content-length")
        if answer.kind == "text/event-stream":
            answer.open_ended = True
        elif answer.headers.get("transfer-encoding", "").lower() == "chunked":
            answer.body = b"".join(self._chunks(until))
            answer.cut = self._ended
        elif length is None:
            while self._more(until):
                pass
            answer.body, self._read = self._read, b""
        else:
            if not length.isascii() or not length.isdigit():
                raise UnreadableError(f"Content-Length: {length}")
            size = min(int(length), MOST_BODY)
            answer.body = self._exactly(size, until)
            answer.open_ended, answer.cut = size < int(length), len(answer.body) < size

    def _chunks(self, until: float) -> Iterator[bytes]:
        while (line := self._until(b"\r\n", until)) is not None:
            try:
                size = int(line.partition(b";")[0], 16)
            except ValueError:
                raise UnreadableError(f"chunk of size {line[:40]!r}") from None
            yield self._exactly(size, until)
            self._exactly(2, until)
            if size == 0:
                return

    def _until(self, end: bytes, until: float) -> bytes | None:
        while end not in self._read:
            if not self._more(until):
                if self._read:
                    raise UnreadableError(f"ends with {self._read[:200]!r}")
                return None
        found, _, self._read = self._read.partition(end)
        return found

    def _exactly(self, size: int, until: float) -> bytes:
        pieces, missing = [self._read[:size]], size - len(self._read)
        self._read = self._read[size:]
        while missing > 0 and self._more(until):
            pieces.append(self._read[:missing])
            missing, self._read = missing - len(self._read), self._read[missing:]
        return b"".join(pieces)

    def _more(self, until: float) -> bool:
        if self._ended:
            return False
        self._socket.settimeout(max(0.001, until - time.perf_counter()))
        try:
            piece = self._socket.recv(PIECE)
        except ConnectionResetError:
            piece = b""
        self._read += piece
        self._ended = not piece
        return not self._ended


def _parsed(head: bytes) -> Answer:
    first, *lines = head.split(b"\r\n")
    version, _, rest = first.partition(b" ")
    status = rest[:3]
    if version not in (b"HTTP/1.1", b"HTTP/1.0") or not status.isdigit():
        raise UnreadableError(f"answers with {first[:200]!r}")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():
            raise UnreadableError(f"header {line[:200]!r}")
        headers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
    return Answer(int(status), headers, raw_head=head)
