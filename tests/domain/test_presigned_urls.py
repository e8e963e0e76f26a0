"""Signatures of URLs: the example of AWS's own documentation, and that they cover everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.presigned_urls import (
    AccessKey,
    SignedRequest,
    presign,
    read_query,
    read_time,
    signature,
    time_text,
)

KEY = AccessKey("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
REQUEST = SignedRequest("GET", "examplebucket.s3.amazonaws.com", "/test.txt", [])
DAY = 1_369_353_600
"""The 24th of May 2013, midnight."""

EXAMPLE = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
)
"""AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)"."""


def test_the_example_of_aws() -> None:
    assert presign(KEY, REQUEST, DAY, 86400) == EXAMPLE


def verified(query: str, request: SignedRequest) -> bool:
    sent = read_query(query)
    given_signature = dict(sent)["X-Amz-Signature"]
    rest = [pair for pair in sent if pair[0] != "X-Amz-Signature"]
    return signature(KEY, request._replace(query=rest), dict(sent)["X-Amz-Date"]) == given_signature


texts = st.text(max_size=20)


@given(texts, st.dictionaries(texts, texts, max_size=3))
def test_a_query_that_was_signed_is_verified_whatever_is_in_it(path: str, more: dict[str, str]) -> None:
    encoded = "/" + "".join(f"%{byte:02x}" for byte in path.encode("utf-8", "replace"))
    request = REQUEST._replace(path=encoded, query=[(f"x-{name}", value) for name, value in more.items()])
    assert verified(presign(KEY, request, DAY, 60), request)


@pytest.mark.parametrize(
    "other",
    [
        REQUEST._replace(method="HEAD"),
        REQUEST._replace(host="example.com"),
        REQUEST._replace(path="/test.txt/"),
        REQUEST._replace(path="/other.txt"),
    ],
)
def test_a_signature_covers_method_host_and_path(other: SignedRequest) -> None:
    assert verified(EXAMPLE, REQUEST)
    assert not verified(EXAMPLE, other)


@pytest.mark.parametrize(
    "query",
    [
        EXAMPLE + "&more=1",
        EXAMPLE + "&X-Amz-Expires=86400",
        EXAMPLE.replace("86400", "86401"),
        EXAMPLE.replace("us-east-1", "us-east-2"),
        EXAMPLE.replace("20130524T000000Z", "20130524T000001Z"),
        EXAMPLE.replace("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host;range"),
    ],
)
def test_a_signature_covers_the_whole_query(query: str) -> None:
    assert not verified(query, REQUEST)


def test_the_same_request_written_otherwise_is_the_same() -> None:
    assert verified(EXAMPLE, REQUEST._replace(path="/t%65st.txt", host="ExampleBucket.S3.amazonaws.com"))
    assert verified("&".join(reversed(EXAMPLE.split("&"))), REQUEST)


def test_times() -> None:
    assert time_text(1_795_741_323) == "20261127T010203Z"
    assert read_time("20261127T010203Z") == 1_795_741_323
    for wrong in ("", "1795741323", "20261327T010203Z", "2026112T010203Z", "20261127T010203", "\u06622026127T010203Z"):
        assert read_time(wrong) is None
