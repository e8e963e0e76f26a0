"""Deleting what is in a folder of a bucket, and nothing else."""

from collections.abc import Iterator
from itertools import islice

from mock_server.s3.endpoint import Endpoint
from mock_server.s3.failures import CODES, Failure, S3Error, failures_of
from mock_server.s3.places import Check, Place, go_on, keys_below

BATCH = 1000
"""How many objects one request deletes, at most (S3 API reference, DeleteObjects)."""


def delete_folder(place: Place, check: Check = go_on) -> int:
    """Delete everything in a folder, and return how many objects that were; none is fine. Raises `S3Error`.

    The prefix has to be written as a folder, with the slash at its end, and to be more than a slash: nothing here
    deletes all that is in a bucket, nor a neighbour whose name begins alike. That holds whatever the server lists.
    Raises `ValueError` for another prefix.
    """
    if not place.prefix.endswith("/") or not place.prefix.strip("/"):
        raise ValueError(f'not a folder whose objects may be deleted: "{place.prefix}"; write a prefix such as folder/')
    deleted = 0
    # What is listed page by page while it is deleted is listed anew until nothing is left.
    while keys := [entry.key for entry in islice(keys_below(place, check), BATCH)]:
        _delete(place, keys)
        deleted += len(keys)
    abort_uploads(place)
    return deleted


def remove_bucket(endpoint: Endpoint, bucket: str) -> None:
    """Remove a bucket that is all ours, with everything in it; one that does not exist is fine. Raises `S3Error`."""
    whole = Place(endpoint, bucket)
    try:
        while keys := [entry.key for entry in islice(keys_below(whole), BATCH)]:
            _delete(whole, keys)
        abort_uploads(whole)
        with failures_of(endpoint.url, bucket):
            endpoint.client.delete_bucket(Bucket=bucket)
    except S3Error as problem:
        if problem.kind is not Failure.NO_BUCKET:
            raise


def _delete(place: Place, keys: list[str]) -> None:
    client = place.endpoint.client
    # XML cannot say every key that a header or URL can.
    plain = [key for key in keys if key.isprintable()]
    for key in keys:
        if not key.isprintable():
            with failures_of(place.endpoint.url, place.bucket, key):
                client.delete_object(Bucket=place.bucket, Key=key)
    if not plain:
        return
    with failures_of(place.endpoint.url, place.bucket, place.prefix):
        answer = client.delete_objects(
            Bucket=place.bucket, Delete={"Objects": [{"Key": key} for key in plain], "Quiet": True}
        )
    for problem in answer.get("Errors", ()):
        code = problem.get("Code", "")
        raise S3Error(CODES.get(code, Failure.BROKEN), f"objects in {place} cannot be deleted ({code})")


def abort_uploads(place: Place) -> int:
    """Take back uploads in parts that nobody will complete, in a folder that is all ours, and return how many. Raises
    `S3Error`.
    """
    aborted = 0
    for key, upload in _uploads(place):
        with failures_of(place.endpoint.url, place.bucket, key):
            place.endpoint.client.abort_multipart_upload(Bucket=place.bucket, Key=key, UploadId=upload)
        aborted += 1
    return aborted


def _uploads(place: Place) -> Iterator[tuple[str, str]]:
    pages = place.endpoint.client.get_paginator("list_multipart_uploads")
    with failures_of(place.endpoint.url, place.bucket, place.folder):
        for page in pages.paginate(Bucket=place.bucket, Prefix=place.folder):
            for upload in page.get("Uploads", ()):
                if upload["Key"].startswith(place.folder):
                    yield upload["Key"], upload["UploadId"]
