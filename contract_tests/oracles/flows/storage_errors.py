"""Errors of storage: XML as S3 writes it, with the elements that say what was wrong."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from contract_tests.findings import expect
from contract_tests.transport.exchange import Exchange

RULE = "files.errors_as_s3"

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

PARAMETERS = (
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
    "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
)
FORM_OF_DATE = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
WEEK = (
    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
    "604800 seconds"
)
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)
ONE_WAY = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or "
    "the Authorization header should be specified"
)

ELEMENTS: Mapping[str, Mapping[str, str]] = {
    "nothing that signs": {"Message": "Access Denied"},
    "a signature of nothing": {"Message": MISMATCH, "SignatureProvided": "0" * 64},
    "an unknown key": {
        "Message": "The AWS Access Key Id you provided does not exist in our records.",
        "AWSAccessKeyId": "NOBODY",
    },
    "no date": {"Message": PARAMETERS},
    "a wrong date": {"Message": FORM_OF_DATE},
    "a wrong time": {"Message": "X-Amz-Expires should be a number"},
    "more than a week": {"Message": WEEK},
    "another algorithm": {"Message": 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"'},
    "two ways to sign": {
        "Message": ONE_WAY,
        "ArgumentName": "Authorization",
        "ArgumentValue": "Basic Y29udHJhY3Q6",
    },
    "another method": {
        "Message": "The specified method is not allowed against this resource.",
        "Method": "POST",
        "ResourceType": "OBJECT",
    },
    "a range behind the end": {
        "Message": "The requested range is not satisfiable",
        "RangeRequested": "bytes=100-",
        "ActualObjectSize": "10",
    },
}
"""What the XML of a refusal says beside the code, by what was wrong; the words are S3's."""


class Moments(NamedTuple):
    """Two times of the deployment, in Unix seconds, between which something happened."""

    earliest: float
    latest: float


def require_elements(refused: Exchange, what: str) -> None:
    """Raise `CheckFailed` unless the XML of a refusal has the elements of `ELEMENTS`."""
    text = refused.answer.decode()
    expect(text.startswith(DECLARATION), f"{what} is refused with XML that begins {text[:40]!r}", RULE)
    expected = dict(ELEMENTS[what])
    actual = {name: _element(text, name) for name in expected}
    expect(actual == expected, f"{what} is refused with {actual}, not {expected}", RULE)


def require_expired(refused: Exchange, url: str, sent: Moments) -> None:
    """Raise `CheckFailed` unless the XML says when the time of a signed URL was over, and what time it is."""
    params = dict(parse_qsl(urlsplit(url).query))
    lasts = params["X-Amz-Expires"]
    ends = datetime.strptime(params["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) + timedelta(seconds=int(lasts))
    expected = {
        "Code": "AccessDenied",
        "Message": "Request has expired",
        "X-Amz-Expires": lasts,
        "Expires": _iso(ends),
    }
    text = refused.answer.decode()
    actual = {name: _element(text, name) for name in expected}
    expect(actual == expected, f"a signed URL whose time is over is refused with {actual}, not {expected}", RULE)
    time = _element(text, "ServerTime")
    low, high = (_iso(datetime.fromtimestamp(int(moment), UTC)) for moment in sent)
    expect(low <= time <= high, f"storage says that it is {time}, from {low} to {high}", RULE)


def require_gone(refused: Exchange, path: str) -> None:
    """Raise `CheckFailed` unless storage says that there is no such file, or that the time of the URL is over."""
    expect(refused.status in (403, 404), f"a file of a run that was deleted returned {refused.status}")
    if refused.status == 404:
        text = refused.answer.decode()
        actual = {name: _element(text, name) for name in ("Code", "Message", "Key")}
        expected = {"Code": "NoSuchKey", "Message": "The specified key does not exist.", "Key": path}
        expect(actual == expected, f"a file of a run that was deleted is refused with {actual}", RULE)


def _element(text: str, name: str) -> str:
    """The text of an element; empty when there is none."""
    found = re.search(f"<{name}>([^<]*)</{name}>", text)
    return found[1].replace("&quot;", '"') if found else ""


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
