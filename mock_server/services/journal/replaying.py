"""A request of the journal as it can be sent once more, by somebody else."""

from base64 import b64encode
from typing import NamedTuple

from mock_server.domain.journal import KEPT_BYTES, Headers, Record
from mock_server.errors import BadRequestError

LEFT_OUT = frozenset(
    (b"authorization", b"connection", b"content-length", b"cookie", b"expect", b"host", b"transfer-encoding")
)
"""Headers that belong to the connection, or to whoever sent the request."""


class Replay(NamedTuple):
    """A request to send: what it says, secrets included."""

    method: str
    path: bytes
    query: bytes
    headers: Headers
    body: bytes


def of(record: Record, token: str, host: bytes) -> Replay:
    """The same request to `host`, where it came with credentials from the user behind `token`. Raises `BadRequestError`
    for a body that was cut.
    """
    length = next((value for name, value in record.headers if name.lower() == b"content-length"), None)
    is_whole = int(length) == len(record.body) if length and length.isdigit() else len(record.body) < KEPT_BYTES
    if not is_whole:
        raise BadRequestError(
            f"this body cannot be sent again: it is longer than the {KEPT_BYTES} bytes that the journal keeps"
        )
    kept = [(name, value) for name, value in record.headers if name.lower() not in LEFT_OUT]
    kept.append((b"host", host))
    if any(name.lower() == b"authorization" for name, _ in record.headers):
        # Signed URLs come without one, and are refused with one, as S3 does.
        kept.append((b"authorization", b"Basic " + b64encode(f"{token}:".encode())))
    if record.body:
        kept.append((b"content-length", str(len(record.body)).encode()))
    return Replay(record.method, record.path, record.query, kept, record.body)
