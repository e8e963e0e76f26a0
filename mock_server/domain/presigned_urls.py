"""URLs that are signed as those of S3 are: Signature Version 4 in the query (AWS, "Authenticating Requests: Using Query
Parameters"). The signature covers the method, the host, the path and the whole query.
"""

import hmac
import re
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote_to_bytes

Query = list[tuple[str, str]]
"""The names and values of a query, in any order."""

ALGORITHM = "AWS4-HMAC-SHA256"
SIGNATURE = "X-Amz-Signature"
SIGNED_HEADERS = "host"

_TIME = re.compile(r"\d{8}T\d{6}Z", re.ASCII)


class AccessKey(NamedTuple):
    """A key of a region: its public id, and the secret that signs."""

    id: str
    secret: str
    region: str

    def scope(self, day: str) -> str:
        """What a signature of a day is good for."""
        return f"{day}/{self.region}/s3/aws4_request"


class SignedRequest(NamedTuple):
    """What a signature covers. `path` is percent-encoded, `query` is not, and leaves out the signature."""

    method: str
    host: str
    path: str
    query: Query


def presign(key: AccessKey, request: SignedRequest, signed_at: int, seconds: int) -> str:
    """Return the query that signs a request at `signed_at`, in Unix seconds, for some `seconds`."""
    time = time_text(signed_at)
    query = [
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", f"{key.id}/{key.scope(time[:8])}"),
        ("X-Amz-Date", time),
        ("X-Amz-Expires", str(seconds)),
        ("X-Amz-SignedHeaders", SIGNED_HEADERS),
        *request.query,
    ]
    return f"{_canonical_query(query)}&{SIGNATURE}={signature(key, request._replace(query=query), time)}"


def signature(key: AccessKey, request: SignedRequest, time: str) -> str:
    """Return the signature of a request that says that it was signed at `time`."""
    path = quote(unquote_to_bytes(request.path), safe="/")
    host = f"host:{request.host.strip().lower()}\n"
    parts = (request.method, path, _canonical_query(request.query), host, SIGNED_HEADERS, "UNSIGNED-PAYLOAD")
    hashed = sha256("\n".join(parts).encode()).hexdigest()
    day = time[:8]
    signed = "\n".join((ALGORITHM, time, key.scope(day), hashed))
    return hmac.new(_signing_key(key, day), signed.encode(), sha256).hexdigest()


def read_query(query: str) -> Query:
    """Return the names and values of a query as it was sent."""
    return parse_qsl(query, keep_blank_values=True)


def time_text(seconds: int) -> str:
    """Return Unix seconds as S3 writes them in URLs: `20261127T010203Z`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%dT%H%M%SZ}"


def read_time(text: str) -> int | None:
    """Return the Unix seconds of a time in that form; None when it is not one."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return int(datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _canonical_query(query: Query) -> str:
    """The query in the order and the encoding in which it is signed."""
    return "&".join(
        f"{name}={value}" for name, value in sorted((_encoded(name), _encoded(value)) for name, value in query)
    )


def _encoded(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="")


@lru_cache(maxsize=256)
def _signing_key(key: AccessKey, day: str) -> bytes:
    """The key that signs for one day: derived, so that the secret itself is used rarely."""
    derived = f"AWS4{key.secret}".encode()
    for part in (day, key.region, "s3", "aws4_request"):
        derived = hmac.new(derived, part.encode(), sha256).digest()
    return derived
