"""Deleting folders of a bucket, and nothing else."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.s3 import deletion, places
from mock_server.s3.deletion import abort_uploads, delete_folder
from mock_server.s3.endpoint import Endpoint
from mock_server.s3.failures import Failure, S3Error
from mock_server.s3.places import Place
from tests.s3.conftest import contents
from tests.s3.proxy import Proxy

Put = Callable[..., None]

NAMES = st.sampled_from(["a", "b", "ab", "a b", "a.", "ü", "a+b", "%2F", "a&b"])
KEYS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
PREFIXES = st.one_of(
    st.just(""), st.just("/"), st.just("//"), KEYS, KEYS.map(lambda key: f"{key}/"), KEYS.map("/".__add__)
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(keys=st.sets(KEYS, max_size=8), prefix=PREFIXES)
def test_nothing_outside_of_a_folder_is_ever_deleted(
    endpoint: Endpoint, bucket: str, put: Put, keys: set[str], prefix: str
) -> None:
    place = Place(endpoint, bucket, prefix)
    for key in contents(place):
        endpoint.client.delete_object(Bucket=bucket, Key=key)
    put(*without_files_that_are_folders(keys))
    before = contents(place)
    if prefix.endswith("/") and prefix.strip("/"):
        deleted = delete_folder(place)
        kept = {key: content for key, content in before.items() if not key.startswith(prefix)}
        assert contents(place) == kept
        assert deleted == len(before) - len(kept)
    else:
        with pytest.raises(ValueError, match="not a folder whose objects may be deleted"):
            delete_folder(place)
        assert contents(place) == before


def without_files_that_are_folders(keys: set[str]) -> list[str]:
    """Keys that a server which keeps objects as files can have at the same time."""
    return [key for key in keys if not any(other.startswith(f"{key}/") for other in keys)]


@pytest.mark.parametrize("prefix", ["", "/", "//", "a", "a/b"])
def test_what_is_not_written_as_a_folder_is_not_deleted(endpoint: Endpoint, bucket: str, put: Put, prefix: str) -> None:
    put("a/b/c", "a/bc", "d")
    before = contents(Place(endpoint, bucket))
    with pytest.raises(ValueError, match="write a prefix such as folder/"):
        delete_folder(Place(endpoint, bucket, prefix))
    assert contents(Place(endpoint, bucket)) == before


def test_more_than_a_page_is_deleted(
    endpoint: Endpoint, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "PAGE", 7)
    monkeypatch.setattr(deletion, "BATCH", 10)
    put(*(f"many/{number}" for number in range(35)), "many-more")
    assert delete_folder(Place(endpoint, bucket, "many/")) == 35
    assert set(contents(Place(endpoint, bucket))) == {"many-more"}
    assert delete_folder(Place(endpoint, bucket, "many/")) == 0


def test_a_key_that_xml_cannot_say_is_deleted(endpoint: Endpoint, bucket: str, put: Put) -> None:
    put("a/\x01", "a/b\x7f", "a/c", "b\x01")
    assert delete_folder(Place(endpoint, bucket, "a/")) == 3
    assert set(contents(Place(endpoint, bucket))) == {"b\x01"}


def test_uploads_that_nobody_completes_go_with_the_folder(endpoint: Endpoint, bucket: str) -> None:
    client = endpoint.client
    for key in ("a/b", "a/c", "ab/d"):
        client.create_multipart_upload(Bucket=bucket, Key=key)
    assert delete_folder(Place(endpoint, bucket, "a/")) == 0
    left = client.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [upload["Key"] for upload in left] == ["ab/d"]
    assert abort_uploads(Place(endpoint, bucket, "ab")) == 1


def test_what_the_server_may_not_delete_is_a_failure(endpoint: Endpoint, bucket: str, put: Put, proxy: Proxy) -> None:
    put("a/b")
    proxy.answer(
        "POST",
        200,
        "<DeleteResult><Error><Key>a/b</Key><Code>AccessDenied</Code></Error></DeleteResult>",
    )
    with pytest.raises(S3Error, match=r"cannot be deleted \(AccessDenied\)") as caught:
        delete_folder(Place(proxy.endpoint, bucket, "a/"))
    assert caught.value.kind is Failure.DENIED


def test_a_server_that_lists_what_was_not_asked_for_deletes_nothing(
    endpoint: Endpoint, bucket: str, put: Put, proxy: Proxy
) -> None:
    put("a/b", "other")
    entry = "<Contents><Key>other</Key><Size>1</Size><ETag>x</ETag><LastModified>2026-01-01T00:00:00Z</LastModified>"
    proxy.answer("GET", 200, f"<ListBucketResult>{entry}</Contents></ListBucketResult>")
    with pytest.raises(S3Error, match="lists objects that are not in"):
        delete_folder(Place(proxy.endpoint, bucket, "a/"))
    assert set(contents(Place(endpoint, bucket))) == {"a/b", "other"}
