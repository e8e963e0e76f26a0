"""The log of a run on its way to the server: masked, in batches, nothing lost and nothing twice."""

from threading import Condition, Thread

from mock_server.client import ComputationControl, ControlError
from mock_server.runner.failures import BrokenOffError
from mock_server.runner.lease import Lease
from mock_server.runner.masking import Mask
from mock_server.runner.pacing import now

BATCH_BYTES = 256 * 1024
BATCH_SECONDS = 0.5
"""A batch is sent when it is as large, or its first byte as old."""

MOST_HELD = 2 * 1024**2
"""How many bytes may wait for the server. Beyond that the script waits, as with a full pipe."""


class Log:
    """Takes what a run writes, and sends it by a thread of its own from `start` to `end`. Of the log `length` bytes are
    there already.
    """

    def __init__(self, control: ComputationControl, lease: Lease, mask: Mask, length: int) -> None:
        self._control = control
        self._lease = lease
        self._mask = mask
        self._waiting = bytearray()
        self._since = 0.0
        self._sent = length
        self._line_is_open = False
        self._changed = Condition()
        self._closing = False
        self._failure: Exception | None = None
        self._thread = Thread(target=self._send_all, name=f"log of {control.id}", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def write(self, piece: bytes) -> None:
        """Add what a script has written; wait while too much is on its way."""
        self._add(self._mask.feed(piece))

    def line(self, text: str) -> None:
        """Add a line of the runner's own, on a line of its own."""
        rest = self._mask.rest()
        is_open = self._line_is_open if not rest else not rest.endswith(b"\n")
        own = self._mask.all_of(f"codeocean-mock: {text}\n".encode())
        self._add(rest + (b"\n" if is_open else b"") + own)

    def end(self) -> None:
        """Send the rest. Raises `BrokenOffError` when the lease was over before, `ControlError` when it was refused."""
        self._add(self._mask.rest())
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _add(self, text: bytes) -> None:
        if text:
            self._line_is_open = not text.endswith(b"\n")
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < MOST_HELD or self._failure is not None)
            if text and self._failure is None:
                if not self._waiting:
                    self._since = now()
                self._waiting += text
                self._changed.notify_all()

    def _send_all(self) -> None:
        try:
            while batch := self._next():
                self._send(batch)
        except (BrokenOffError, ControlError) as problem:
            with self._changed:
                self._failure = problem
                # The renewal says why.
                self._lease.renew_now()
                self._waiting.clear()
                self._changed.notify_all()

    def _next(self) -> bytes:
        """The next batch, when it is time; nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            while not self._closing and len(self._waiting) < BATCH_BYTES:
                left = self._since + BATCH_SECONDS - now()
                if left <= 0:
                    break
                self._changed.wait(left)
            return bytes(self._waiting[: 2 * BATCH_BYTES])

    def _send(self, batch: bytes) -> None:
        # With the offset, what was already taken before an answer was lost is not taken twice.
        length = self._lease.insist(lambda: self._control.append_log(batch, offset=self._sent))
        with self._changed:
            self._sent = max(length, self._sent + len(batch))
            del self._waiting[: len(batch)]
            self._since = now()
            self._changed.notify_all()
