"""What goes wrong with S3, in the words of a `failure_reason`."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from importlib.util import find_spec
from typing import Any

from mock_server.domain.redaction import redact


class Failure(StrEnum):
    """A kind of failure."""

    NO_LIBRARY = "no library"
    WRONG_SETTING = "wrong setting"
    NO_CREDENTIALS = "no credentials"
    UNREACHABLE = "unreachable"
    NO_BUCKET = "no bucket"
    NO_OBJECT = "no object"
    DENIED = "denied"
    SLOW_DOWN = "slow down"
    CHANGED = "changed"
    UNSUPPORTED = "unsupported"
    BROKEN = "broken"


PASSING = frozenset({Failure.UNREACHABLE, Failure.SLOW_DOWN, Failure.BROKEN})
"""What may be over when it is tried again later."""


class S3Error(Exception):
    """A failure of S3. The text is one line without secrets, fit for a `failure_reason`."""

    def __init__(self, kind: Failure, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason

    @property
    def passing(self) -> bool:
        """Whether it may work later. It has been tried several times already."""
        return self.kind in PASSING


def require_library(*modules: str) -> None:
    """Raise `S3Error` unless the libraries of the extra are installed."""
    if any(find_spec(module) is None for module in ("boto3", *modules)):
        raise S3Error(Failure.NO_LIBRARY, "S3 needs libraries: pip install 'codeocean-mock[s3]'")


CODES = {
    "NoSuchBucket": Failure.NO_BUCKET,
    "NoSuchKey": Failure.NO_OBJECT,
    "NoSuchUpload": Failure.NO_OBJECT,
    "NoSuchVersion": Failure.NO_OBJECT,
    "AccessDenied": Failure.DENIED,
    "AccountProblem": Failure.DENIED,
    "AllAccessDisabled": Failure.DENIED,
    "AuthorizationHeaderMalformed": Failure.DENIED,
    "BucketAlreadyExists": Failure.DENIED,
    "ExpiredToken": Failure.DENIED,
    "Forbidden": Failure.DENIED,
    "InvalidAccessKeyId": Failure.DENIED,
    "InvalidToken": Failure.DENIED,
    "RequestTimeTooSkewed": Failure.DENIED,
    "SignatureDoesNotMatch": Failure.DENIED,
    "BandwidthLimitExceeded": Failure.SLOW_DOWN,
    "RequestLimitExceeded": Failure.SLOW_DOWN,
    "SlowDown": Failure.SLOW_DOWN,
    "Throttling": Failure.SLOW_DOWN,
    "ThrottlingException": Failure.SLOW_DOWN,
    "TooManyRequests": Failure.SLOW_DOWN,
    "PreconditionFailed": Failure.CHANGED,
    "InvalidRange": Failure.CHANGED,
    "NotImplemented": Failure.UNSUPPORTED,
    "MethodNotAllowed": Failure.UNSUPPORTED,
    "InvalidBucketName": Failure.WRONG_SETTING,
}
"""Codes of S3's error responses (S3 API reference, List of error codes)."""

STATUSES = {
    401: Failure.DENIED,
    403: Failure.DENIED,
    404: Failure.NO_OBJECT,
    405: Failure.UNSUPPORTED,
    412: Failure.CHANGED,
    416: Failure.CHANGED,
    429: Failure.SLOW_DOWN,
    501: Failure.UNSUPPORTED,
    503: Failure.SLOW_DOWN,
}
"""What an answer means whose code is not known, such as any to a HEAD, which has no body."""


@contextmanager
def failures_of(url: str, bucket: str, key: str = "") -> Iterator[None]:
    """Raise `S3Error` for what boto3 raises about a bucket, or an object or prefix in it, of the endpoint at `url`."""
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    what = _printable(f"s3://{bucket}/{key}" if key else f"s3://{bucket}")
    try:
        yield
    except ClientError as problem:
        raise _refused(problem.response, url, _printable(bucket), what) from None
    except (BotoCoreError, HTTPError, OSError) as problem:
        raise _broken(problem, url, what) from None
    except UnicodeError:
        raise S3Error(Failure.WRONG_SETTING, f"not a name that S3 can have: {what}") from None


def _printable(name: str) -> str:
    """A name on one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:300])


def _refused(response: Mapping[str, Any], url: str, bucket: str, what: str) -> S3Error:
    code = str(response.get("Error", {}).get("Code", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    kind = CODES.get(code) or STATUSES.get(status, Failure.BROKEN)
    # A code is a word; whatever else a server may have sent is not repeated.
    label = code if re.fullmatch(r"\w{1,60}", code) else str(status)
    reasons = {
        Failure.NO_BUCKET: f"the bucket {bucket} does not exist",
        Failure.NO_OBJECT: f"{what} does not exist",
        Failure.DENIED: f"access to {what} was denied ({label})",
        Failure.SLOW_DOWN: f"S3 asks to slow down ({label}): {what}",
        Failure.CHANGED: f"{what} was changed while it was read",
        Failure.UNSUPPORTED: f"the S3 endpoint {url} cannot do this ({label}): {what}",
        Failure.WRONG_SETTING: f'"{bucket}" cannot be the name of a bucket',
    }
    return S3Error(kind, reasons.get(kind, f"the S3 endpoint {url} failed ({label}): {what}"))


CREDENTIALS = (
    "NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "TokenRetrievalError",
    "UnauthorizedSSOTokenError", "SSOTokenLoadError", "LoginTokenLoadError", "LoginRefreshRequired",
)  # fmt: skip
CONNECTING = ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "SSLError", "ConnectionError")
SETTINGS = (
    "ProfileNotFound", "ConfigParseError", "ConfigNotFound", "InvalidConfigError", "InfiniteLoopConfigError",
    "NoRegionError", "InvalidRegionError", "ParamValidationError", "InvalidEndpointConfigurationError",
    "InvalidS3AddressingStyleError", "InvalidProxiesConfigError", "InvalidRetryConfigurationError",
)  # fmt: skip


def _broken(problem: Exception, url: str, what: str) -> S3Error:
    """The failure for an exception that came without an answer of S3, by the names of its classes."""
    names = {kind.__name__ for kind in type(problem).__mro__}
    if names.intersection(CREDENTIALS):
        reason = "no credentials for S3 were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        return S3Error(Failure.NO_CREDENTIALS, reason)
    if names.intersection(SETTINGS):
        return S3Error(Failure.WRONG_SETTING, f"S3 cannot be used: {one_line(problem)}")
    if names.intersection(CONNECTING):
        return S3Error(Failure.UNREACHABLE, f"the S3 endpoint {url} cannot be reached")
    if "ReadTimeoutError" in names or isinstance(problem, TimeoutError):
        return S3Error(Failure.UNREACHABLE, f"the S3 endpoint {url} took too long to answer: {what}")
    return S3Error(Failure.BROKEN, f"the connection to the S3 endpoint {url} broke off: {what}")


def one_line(problem: Exception) -> str:
    """The text of an exception on one line, short, and without secrets."""
    return redact(" ".join(str(problem).split()))[:300]
