"""Listing places in S3."""

from collections.abc import Callable

import pytest

from mock_server.s3 import places
from mock_server.s3.endpoint import Endpoint
from mock_server.s3.failures import Failure, S3Error
from mock_server.s3.places import (
    Measured,
    Place,
    bucket_exists,
    ensure_bucket,
    head,
    is_empty,
    measure,
    objects,
)

Put = Callable[..., None]


def paths(place: Place) -> list[str]:
    return sorted(entry.path for entry in objects(place))


@pytest.mark.parametrize("prefix", ["a/b", "a/b/"])
def test_a_prefix_is_a_folder_and_its_neighbours_are_not_in_it(
    endpoint: Endpoint, bucket: str, put: Put, prefix: str
) -> None:
    put("a/b/c", "a/b/d/e", "a/bc", "a/b-d/e", "a/c", "z")
    assert paths(Place(endpoint, bucket, prefix)) == ["c", "d/e"]


def test_no_prefix_is_the_whole_bucket(endpoint: Endpoint, bucket: str, put: Put) -> None:
    put("a/b/c", "z")
    assert paths(Place(endpoint, bucket)) == ["a/b/c", "z"]


def test_the_key_of_an_object_is_a_place_with_one_file(endpoint: Endpoint, bucket: str, put: Put) -> None:
    put("a/b.txt", "a/b.txt.bak")
    (found,) = objects(Place(endpoint, bucket, "a/b.txt"))
    assert (found.key, found.path, found.size) == ("a/b.txt", "b.txt", 7)
    assert paths(Place(endpoint, bucket, "a/b.txt/")) == []


def test_markers_of_folders_are_no_files(endpoint: Endpoint, bucket: str, put: Put) -> None:
    put("a/", "a/b/", body=b"")
    put("a/b/c")
    assert paths(Place(endpoint, bucket, "a")) == ["b/c"]


def test_keys_are_text_of_any_kind(endpoint: Endpoint, bucket: str, put: Put) -> None:
    keys = ["p/with space", "p/plus+sign", "p/ü/ñ.txt", "p/per%20cent", "p/amp&ersand", "p/quote'\"", "p/hash#?"]
    put(*keys)
    place = Place(endpoint, bucket, "p")
    assert paths(place) == sorted(key.removeprefix("p/") for key in keys)
    for key in keys:
        found = head(endpoint, bucket, key)
        assert found is not None
        assert found.size == len(key.encode())


def test_more_than_a_page_is_counted_and_summed(
    endpoint: Endpoint, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "PAGE", 10)
    put(*(f"many/{number:04}" for number in range(35)))
    assert measure(Place(endpoint, bucket, "many")) == Measured(35, 35 * 9)


def test_an_object_says_when_it_was_written_and_its_entity_tag(endpoint: Endpoint, bucket: str, put: Put) -> None:
    put("a")
    (listed,) = objects(Place(endpoint, bucket))
    single = head(endpoint, bucket, "a")
    assert single is not None
    assert (listed.etag, listed.size) == (single.etag, single.size)
    assert abs(listed.modified - single.modified) < 2


def test_nothing_at_a_prefix_is_a_failure_when_it_is_measured(endpoint: Endpoint, bucket: str, put: Put) -> None:
    put("a/bc")
    with pytest.raises(S3Error, match=f"^there is nothing at s3://{bucket}/a/b$") as caught:
        measure(Place(endpoint, bucket, "a/b"))
    assert caught.value.kind is Failure.NO_OBJECT
    assert not caught.value.passing


def test_an_empty_bucket_can_be_measured(endpoint: Endpoint, bucket: str) -> None:
    assert measure(Place(endpoint, bucket)) == Measured(0, 0)
    assert is_empty(Place(endpoint, bucket, "a"))


def test_a_bucket_that_is_not_there_is_named(endpoint: Endpoint) -> None:
    with pytest.raises(S3Error, match=r"^the bucket nobody-made-this does not exist$") as caught:
        measure(Place(endpoint, "nobody-made-this", "a"))
    assert caught.value.kind is Failure.NO_BUCKET


@pytest.mark.parametrize("name", ["", "UPPER_case bucket", "a/b"])
def test_what_cannot_be_a_bucket_is_a_failure_in_one_line(endpoint: Endpoint, name: str) -> None:
    with pytest.raises(S3Error) as caught:
        measure(Place(endpoint, name, "a"))
    assert "\n" not in caught.value.reason


def test_an_object_that_is_not_there_is_none(endpoint: Endpoint, bucket: str) -> None:
    assert head(endpoint, bucket, "nothing") is None


def test_a_missing_bucket_is_created_once(endpoint: Endpoint, bucket: str) -> None:
    new = f"{bucket}-new"
    assert not bucket_exists(endpoint, new)
    assert ensure_bucket(endpoint, new)
    assert not ensure_bucket(endpoint, new)
    assert bucket_exists(endpoint, new)


def test_a_check_ends_a_listing(endpoint: Endpoint, bucket: str, put: Put) -> None:
    def check() -> None:
        raise KeyError("enough")

    put("a")
    with pytest.raises(KeyError, match="enough"):
        list(objects(Place(endpoint, bucket), check))
