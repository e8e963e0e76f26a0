"""Signed URLs of files: made as S3 makes them, and checked in S3's order, with S3's errors."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote

from mock_server.domain.presigned_urls import (
    ALGORITHM,
    SIGNATURE,
    AccessKey,
    SignedRequest,
    presign,
    read_time,
    signature,
    time_text,
)
from mock_server.domain.signing import same
from mock_server.world import World

URL_SECONDS = 3600
"""How long a signed URL works, in seconds of the world's clock (assumed; see the fidelity page)."""

MOST_SECONDS = 7 * 24 * 3600
"""The longest that S3 lets a URL work."""

FILES_ROOT = "/_files"

KINDS = ("computations", "data_assets")

ACCESS_KEY_ID = "AKIACODEOCEANEXAMPLE"
REGION = "us-west-2"

DISPOSITION = "response-content-disposition"
"""The parameter that says how a file is to be shown."""

REQUIRED = frozenset(
    ("X-Amz-Algorithm", "X-Amz-Credential", SIGNATURE, "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires")
)


class S3Error(Exception):
    """A failure as S3 answers it: a status, and XML with a code, a message and `details`; `headers` beside it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.details, self.headers = details or {}, headers


class FileAddress(NamedTuple):
    """Which file of which object a signed URL leads to."""

    world: str
    kind: str
    entity_id: str
    path: str

    @classmethod
    def read(cls, path: str) -> "FileAddress | None":
        """The address in the path of a URL, which is percent-encoded; None when it leads to no file."""
        parts = [unquote(part) for part in path.split("/")[2:]]
        if len(parts) < 4 or parts[1] not in KINDS:
            return None
        world, kind, entity_id, *names = parts
        return cls(world, kind, entity_id, "/".join(names))

    @property
    def url_path(self) -> str:
        """The path of its URL, percent-encoded."""
        parts = (self.world, self.kind, self.entity_id, *self.path.split("/"))
        return "/".join((FILES_ROOT, *(quote(part, safe="") for part in parts)))


def sign(world: World, address: FileAddress, disposition: str, base_url: str) -> str:
    """The URL that gives a file for a while, to be downloaded (`attachment`) or shown (`inline`)."""
    query = [(DISPOSITION, disposition_of(address.path, disposition))]
    request = SignedRequest("GET", base_url.partition("://")[2], address.url_path, query)
    return f"{base_url}{request.path}?{presign(_key(world), request, int(world.clock.now()), URL_SECONDS)}"


def disposition_of(path: str, kind: str) -> str:
    """The header that says how a file is to be shown, and by what name."""
    return f"{kind}; filename*=UTF-8''{quote(path.rpartition('/')[2], safe='')}"


def check(world: World, sent: SignedRequest, authorization: str | None) -> dict[str, str]:
    """The parameters of a request whose URL this world has signed. Raises `S3Error` for any other."""
    params = dict(sent.query)
    _check_mechanism(params, authorization)
    signed_at, seconds = _check_form(params)
    now = int(world.clock.now())
    if now > signed_at + seconds:
        details = {
            "X-Amz-Expires": str(seconds),
            "Expires": _iso(signed_at + seconds),
            "ServerTime": _iso(now),
        }
        raise S3Error(403, "AccessDenied", "Request has expired", details)
    key, given = _key(world), params["X-Amz-Credential"].partition("/")[0]
    if given != key.id:
        message = "The AWS Access Key Id you provided does not exist in our records."
        raise S3Error(403, "InvalidAccessKeyId", message, {"AWSAccessKeyId": given})
    unsigned = sent._replace(query=[pair for pair in sent.query if pair[0] != SIGNATURE])
    if not same(signature(key, unsigned, params["X-Amz-Date"]), params[SIGNATURE]):
        message = (
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method."
        )
        details = {"AWSAccessKeyId": key.id, "SignatureProvided": params[SIGNATURE]}
        raise S3Error(403, "SignatureDoesNotMatch", message, details)
    return params


def _check_mechanism(params: dict[str, str], authorization: str | None) -> None:
    """Raise `S3Error` unless the request says who it is from by the query, and by that alone."""
    signed = bool(REQUIRED & params.keys())
    if authorization is not None:
        message = (
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
            "parameter or the Authorization header should be specified"
        )
        details = {"ArgumentName": "Authorization", "ArgumentValue": authorization}
        raise S3Error(400, "InvalidArgument", message if signed else "Unsupported Authorization Type", details)
    if not signed:
        raise S3Error(403, "AccessDenied", "Access Denied")


def _check_form(params: dict[str, str]) -> tuple[int, int]:
    """When the request says that it was signed, and for how many seconds. Raises `S3Error` when it says so wrongly."""
    if not params.keys() >= REQUIRED:
        raise _malformed(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
            "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if params["X-Amz-Algorithm"] != ALGORITHM:
        raise _malformed('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"')
    signed_at = read_time(params["X-Amz-Date"])
    if signed_at is None:
        raise _malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    seconds = params["X-Amz-Expires"]
    if not (seconds.isascii() and seconds.isdigit()):
        raise _malformed("X-Amz-Expires should be a number")
    if len(seconds) > len(str(MOST_SECONDS)) or int(seconds) > MOST_SECONDS:
        raise _malformed(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            f"{MOST_SECONDS} seconds"
        )
    return signed_at, int(seconds)


def _malformed(message: str) -> S3Error:
    return S3Error(400, "AuthorizationQueryParametersError", message)


def _iso(seconds: int) -> str:
    text = time_text(seconds)
    return f"{text[:4]}-{text[4:6]}-{text[6:11]}:{text[11:13]}:{text[13:]}"


def _key(world: World) -> AccessKey:
    """The key that signs the URLs of a world: only this world has its secret."""
    return AccessKey(ACCESS_KEY_ID, world.ids.digest("sign urls").hex(), REGION)


def owns(path: str) -> bool:
    """Whether `path` is served here."""
    return path.startswith(f"{FILES_ROOT}/")
