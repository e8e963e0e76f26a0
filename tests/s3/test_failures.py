"""What becomes of bad days of networks and servers: retries, and failures that say what is wrong."""

import threading
import time
from collections.abc import Callable

import pytest

from mock_server.s3.endpoint import Endpoint, EndpointOptions, Keys
from mock_server.s3.failures import Failure, S3Error
from mock_server.s3.places import Place, ensure_bucket, head, measure
from mock_server.s3.reading import read
from mock_server.s3.transfers import File, Transfer
from mock_server.s3.writing import Target
from tests.s3.conftest import contents, new_bucket
from tests.s3.proxy import Fault, Proxy
from tests.s3.test_transfers import MB, file, noise

Put = Callable[..., None]

SECRET = "wJalrXUtnFEMI-K7MDENG-secret"


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason"),
    [
        (404, "NoSuchBucket", Failure.NO_BUCKET, "the bucket {bucket} does not exist"),
        (403, "AccessDenied", Failure.DENIED, "access to s3://{bucket}/a/ was denied (AccessDenied)"),
        (403, "InvalidAccessKeyId", Failure.DENIED, "access to s3://{bucket}/a/ was denied (InvalidAccessKeyId)"),
        (403, "SignatureDoesNotMatch", Failure.DENIED, "access to s3://{bucket}/a/ was denied (SignatureDoesNotMatch)"),
        (503, "SlowDown", Failure.SLOW_DOWN, "S3 asks to slow down (SlowDown): s3://{bucket}/a/"),
        (500, "InternalError", Failure.BROKEN, "the S3 endpoint {url} failed (InternalError): s3://{bucket}/a/"),
        (418, "no <word>\n", Failure.BROKEN, "the S3 endpoint {url} failed (418): s3://{bucket}/a/"),
        (501, "NotImplemented", Failure.UNSUPPORTED, "the S3 endpoint {url} cannot do this (NotImplemented): s3://{bucket}/a/"),
    ],
)  # fmt: skip
def test_a_refusal_is_said_in_one_line(
    bucket: str, proxy: Proxy, status: int, code: str, kind: Failure, reason: str
) -> None:
    proxy.refuse("GET", status, code)
    with pytest.raises(S3Error) as caught:
        measure(Place(proxy.endpoint, bucket, "a"))
    assert caught.value.kind is kind
    assert caught.value.reason == str(caught.value) == reason.format(bucket=bucket, url=proxy.url)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_passing_failures_are_retried(bucket: str, put: Put, proxy: Proxy, status: int) -> None:
    put("a/b")
    proxy.refuse("GET", status, "SlowDown", times=2)
    assert measure(Place(proxy.reached(attempts=3), bucket, "a")).objects == 1
    assert len(proxy.requests) == 3


def test_retries_end(bucket: str, proxy: Proxy) -> None:
    proxy.refuse("GET", 503, "SlowDown", times=9)
    with pytest.raises(S3Error, match="slow down") as caught:
        measure(Place(proxy.reached(attempts=2), bucket, "a"))
    assert caught.value.passing
    assert len(proxy.requests) == 2


def test_access_that_is_denied_is_not_retried(bucket: str, proxy: Proxy) -> None:
    proxy.refuse("GET", 403, "AccessDenied", times=9)
    with pytest.raises(S3Error, match="denied") as caught:
        measure(Place(proxy.reached(attempts=3), bucket, "a"))
    assert not caught.value.passing
    assert len(proxy.requests) == 1


def test_an_endpoint_that_is_down_cannot_be_reached(bucket: str, proxy: Proxy) -> None:
    proxy.close()
    with pytest.raises(S3Error, match=f"^the S3 endpoint {proxy.url} cannot be reached$") as caught:
        measure(Place(proxy.endpoint, bucket, "a"))
    assert caught.value.kind is Failure.UNREACHABLE
    assert caught.value.passing


def test_an_endpoint_with_an_unknown_name_cannot_be_reached() -> None:
    endpoint = Endpoint(EndpointOptions("http://s3.invalid", region="us-east-1", attempts=1), Keys("a", "b"))
    with pytest.raises(S3Error, match=r"http://s3\.invalid cannot be reached"):
        measure(Place(endpoint, "bucket", "a"))


def test_an_endpoint_that_does_not_answer_takes_too_long(bucket: str, proxy: Proxy) -> None:
    answering = threading.Event()
    proxy.faults.append(Fault("GET", "", 1, hold=answering))
    begun = time.monotonic()
    with pytest.raises(S3Error, match="took too long to answer") as caught:
        measure(Place(proxy.reached(attempts=1, read_seconds=0.3), bucket, "a"))
    answering.set()
    assert caught.value.kind is Failure.UNREACHABLE
    assert time.monotonic() - begun >= 0.3


def test_something_else_than_s3_is_a_failure(bucket: str, proxy: Proxy) -> None:
    proxy.answer("GET", 200, "<html>Welcome to nginx!")
    with pytest.raises(S3Error, match=r"broke off|failed|cannot be used") as caught:
        measure(Place(proxy.endpoint, bucket, "a"))
    assert "\n" not in caught.value.reason


@pytest.mark.parametrize("cuts", [1, 4])
def test_a_body_that_is_cut_is_read_on(bucket: str, put: Put, proxy: Proxy, cuts: int) -> None:
    content = noise(9 * MB)
    put("a", body=content)
    proxy.faults += [Fault("GET", "/a", 1, cut=MB + number) for number in range(cuts)]
    entry = head(proxy.endpoint, bucket, "a")
    assert entry is not None
    assert b"".join(read(proxy.endpoint, bucket, "a", entry.etag, 0, entry.size)) == content


def test_a_body_that_is_cut_before_anything_has_come_ends_in_a_failure(bucket: str, put: Put, proxy: Proxy) -> None:
    put("a", body=noise(1000))
    proxy.faults.append(Fault("GET", "/a", 99, cut=0))
    with pytest.raises(S3Error, match="broke off") as caught:
        list(read(proxy.endpoint, bucket, "a", "", 0, 1000))
    assert caught.value.kind is Failure.BROKEN


def test_a_body_is_not_read_on_from_another_object(bucket: str, put: Put, proxy: Proxy) -> None:
    put("a", body=noise(3 * MB))
    entry = head(proxy.endpoint, bucket, "a")
    assert entry is not None
    proxy.faults.append(Fault("GET", "/a", 1, cut=MB + 1))
    chunks = read(proxy.endpoint, bucket, "a", entry.etag, 0, entry.size)
    next(chunks)
    put("a", body=bytes(3 * MB))
    with pytest.raises(S3Error, match="was changed while it was read"):
        list(chunks)


def test_a_copy_survives_cuts_and_slow_downs(
    endpoint: Endpoint, bucket: str, put: Put, proxy: Proxy, other_endpoint: Endpoint
) -> None:
    content = noise(20 * MB)
    put("in/large", body=content)
    put("in/a", "in/b")
    proxy.faults += [
        Fault("GET", "list-type", 1, 503, "<Error><Code>SlowDown</Code></Error>"),
        Fault("GET", "/in/large", 1, cut=5 * MB),
        Fault("HEAD", "/in/a", 1, 500),
        Fault("GET", "/in/b", 1),
        Fault("GET", "/in/large", 1, cut=7 * MB),
    ]
    target = Place(other_endpoint, new_bucket(other_endpoint), "out")
    Transfer().copy(Place(proxy.reached(attempts=4), bucket, "in"), target)
    assert contents(target) == {"out/large": content, "out/a": b"in/a", "out/b": b"in/b"}


def test_an_answer_that_is_lost_when_an_upload_is_completed_is_no_failure(
    endpoint: Endpoint, bucket: str, proxy: Proxy
) -> None:
    content = noise(9 * MB)
    proxy.faults.append(Fault("POST", "uploadId", 1, after=True))
    Transfer().put([file("a", content, MB)], Place(proxy.reached(attempts=3), bucket, "out"))
    assert contents(Place(endpoint, bucket)) == {"out/a": content}


def test_no_upload_in_parts_is_left_of_a_failure(endpoint: Endpoint, bucket: str, proxy: Proxy) -> None:
    proxy.refuse("PUT", 403, "AccessDenied", path="partNumber=2")
    with pytest.raises(S3Error, match=r"access to s3://.*/out/a was denied"):
        Transfer().put([file("a", noise(20 * MB), MB)], Place(proxy.endpoint, bucket, "out"))
    assert contents(Place(endpoint, bucket)) == {}
    assert endpoint.client.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_a_server_that_cannot_copy_is_read_and_written_instead(
    endpoint: Endpoint, bucket: str, put: Put, proxy: Proxy
) -> None:
    put("in/a")
    proxy.refuse("PUT", 501, "NotImplemented", path="/out/a")
    Transfer().copy(Place(proxy.endpoint, bucket, "in"), Place(proxy.endpoint, bucket, "out"))
    assert contents(Place(endpoint, bucket)) == {"in/a": b"in/a", "out/a": b"in/a"}


def test_a_bucket_that_is_deleted_while_it_is_used_is_named(bucket: str, put: Put, proxy: Proxy) -> None:
    put("in/a")
    proxy.refuse("PUT", 404, "NoSuchBucket", path="/out/")
    with pytest.raises(S3Error, match=f"^the bucket {bucket} does not exist$"):
        Transfer().put([File("a", 1, "m", lambda: [b"a"])], Place(proxy.endpoint, bucket, "out"))


def test_a_bucket_that_somebody_else_has_is_denied(bucket: str, proxy: Proxy) -> None:
    proxy.refuse("HEAD", 404, "")
    proxy.refuse("PUT", 409, "BucketAlreadyExists")
    with pytest.raises(S3Error, match="was denied") as caught:
        ensure_bucket(proxy.endpoint, f"{bucket}-taken")
    assert caught.value.kind is Failure.DENIED


def test_no_failure_says_a_secret(bucket: str, proxy: Proxy) -> None:
    endpoint = proxy.endpoint.with_keys(Keys("AKIAIOSFODNN7EXAMPLE", SECRET, "session-token-of-the-tests"))
    said = [repr(endpoint), repr(endpoint.keys), repr(Place(endpoint, bucket, "a"))]
    for status, code in ((403, "InvalidAccessKeyId"), (400, f"Bad {SECRET}"), (500, "InternalError")):
        proxy.refuse("GET", status, code)
        with pytest.raises(S3Error) as caught:
            measure(Place(endpoint, bucket, "a"))
        said += [repr(caught.value), str(caught.value), repr(caught.value.__cause__)]
    proxy.close()
    with pytest.raises(S3Error) as caught:
        Target(Place(endpoint, bucket), "a", 1, "m").is_there()
    said.append(str(caught.value))
    for text in said:
        assert SECRET not in text
        assert "AKIA" not in text
        assert "session-token" not in text
