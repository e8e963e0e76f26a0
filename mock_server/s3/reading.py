"""Reading objects: as streams that go on where a connection broke off, and by signed URLs."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from mock_server.s3.endpoint import Endpoint, check_expiry
from mock_server.s3.failures import Failure, S3Error, failures_of
from mock_server.s3.places import Check, go_on

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import GetObjectRequestTypeDef

CHUNK_BYTES = 1 << 20
CUTS = 5
"""How often in a row a body may break off before anything more has come."""


def read(
    endpoint: Endpoint, bucket: str, key: str, etag: str, start: int, stop: int, check: Check = go_on
) -> Iterator[bytes]:
    """The bytes of an object from `start` up to `stop`, in pieces. What breaks off is gone on with; an object that has
    another entity tag by then is not read any further. Raises `S3Error`.
    """
    cuts = 0
    while start < stop:
        begun = start
        try:
            for chunk in _body(endpoint, bucket, key, etag, start, stop):
                start += len(chunk)
                yield chunk
                check()
            if start < stop:
                raise S3Error(Failure.BROKEN, f"s3://{bucket}/{key} ends after {start} bytes of {stop}")
        except S3Error as problem:
            cuts = cuts + 1 if start == begun else 0
            if problem.kind is not Failure.BROKEN or cuts > CUTS:
                raise
        check()


def _body(endpoint: Endpoint, bucket: str, key: str, etag: str, start: int, stop: int) -> Iterator[bytes]:
    params: GetObjectRequestTypeDef = {"Bucket": bucket, "Key": key, "Range": f"bytes={start}-{stop - 1}"}
    if etag:
        params["IfMatch"] = etag
    with failures_of(endpoint.url, bucket, key):
        answer = endpoint.client.get_object(**params)
        with closing(answer["Body"]) as body:
            if answer["ContentLength"] != stop - start:
                raise S3Error(Failure.CHANGED, f"s3://{bucket}/{key} was changed while it was read")
            yield from body.iter_chunks(CHUNK_BYTES)


def presigned_url(
    endpoint: Endpoint, bucket: str, key: str, seconds: int, headers: Mapping[str, str] | None = None
) -> str:
    """A URL at which anybody may GET an object for so many seconds; `headers` are those of the answer that S3 lets a
    URL choose (`ContentDisposition`, `ContentType` and so on, in boto3's words). Nothing is sent. Clients that reach
    the endpoint by another URL need one that is signed for that (`Endpoint.reached_at`). Raises `S3Error`.
    """
    check_expiry(seconds)
    params = {"Bucket": bucket, "Key": key} | {f"Response{name}": value for name, value in (headers or {}).items()}
    with failures_of(endpoint.url, bucket, key):
        return endpoint.client.generate_presigned_url("get_object", Params=params, ExpiresIn=seconds)
