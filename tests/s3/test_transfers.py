"""Copying between places, and putting files into them."""

import threading
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.s3 import transfers, writing
from mock_server.s3.endpoint import Endpoint
from mock_server.s3.failures import Failure, S3Error
from mock_server.s3.places import Measured, Place, head
from mock_server.s3.reading import read
from mock_server.s3.transfers import File, Transfer
from mock_server.s3.writing import in_parts, part_size
from tests.s3.conftest import contents, new_bucket

Put = Callable[..., None]
MB = 1 << 20


@pytest.fixture(params=["one thread", "several threads"])
def transfer(request: pytest.FixtureRequest) -> Iterator[Transfer]:
    if request.param == "one thread":
        yield Transfer()
    else:
        with ThreadPoolExecutor(4) as executor:
            yield Transfer(executor)


@pytest.fixture(params=["within a server", "between servers"])
def elsewhere(request: pytest.FixtureRequest, endpoint: Endpoint) -> Place:
    """A folder at the same endpoint, or at another one."""
    other = endpoint if request.param == "within a server" else request.getfixturevalue("other_endpoint")
    return Place(other, new_bucket(other), "asset/")


def noise(size: int) -> bytes:
    """Bytes that are the same each time and that nothing is repeated in."""
    blocks = (blake2b(str(number).encode()).digest() for number in range(size // 64 + 1))
    return b"".join(blocks)[:size]


def file(path: str, content: bytes, piece: int = 1000, mark: str | None = None) -> File:
    def chunks() -> Iterable[bytes]:
        return (content[start : start + piece] for start in range(0, len(content), piece))

    return File(path, len(content), mark or blake2b(content).hexdigest()[:32], chunks)


def test_a_folder_is_copied_with_all_below_it(
    endpoint: Endpoint, bucket: str, put: Put, elsewhere: Place, transfer: Transfer
) -> None:
    put("in/a", "in/b/c d+ü", "in/b/e", "inner", "x")
    put("in/empty", body=b"")
    done = transfer.copy(Place(endpoint, bucket, "in"), elsewhere)
    keys = {"a", "b/c d+ü", "b/e"}
    assert contents(elsewhere) == {f"asset/{key}": f"in/{key}".encode() for key in keys} | {"asset/empty": b""}
    assert done == Measured(4, sum(len(f"in/{key}".encode()) for key in keys))


def test_a_single_object_is_copied_under_its_name(endpoint: Endpoint, bucket: str, put: Put, elsewhere: Place) -> None:
    put("in/a.txt", "in/a.txt.bak")
    assert Transfer().copy(Place(endpoint, bucket, "in/a.txt"), elsewhere).objects == 1
    assert contents(elsewhere) == {"asset/a.txt": b"in/a.txt"}


def test_a_copy_has_the_properties_of_its_original(endpoint: Endpoint, bucket: str, elsewhere: Place) -> None:
    properties: dict[str, Any] = {"ContentType": "text/csv", "CacheControl": "no-cache", "Metadata": {"subject": "42"}}
    endpoint.client.put_object(Bucket=bucket, Key="in/a", Body=b"1,2", **properties)
    Transfer().copy(Place(endpoint, bucket, "in"), elsewhere)
    copied = elsewhere.endpoint.client.head_object(Bucket=elsewhere.bucket, Key="asset/a")
    assert copied["ContentType"] == "text/csv"
    assert copied["CacheControl"] == "no-cache"
    assert copied["Metadata"]["subject"] == "42"


def test_large_objects_are_copied_in_parts(
    endpoint: Endpoint, bucket: str, put: Put, elsewhere: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "COPY_AT_ONCE_BYTES", 12 * MB)
    content = noise(17 * MB + 5)
    put("in/large", body=content)
    Transfer().copy(Place(endpoint, bucket, "in"), elsewhere)
    assert contents(elsewhere) == {"asset/large": content}
    original, copied = head(endpoint, bucket, "in/large"), head(elsewhere.endpoint, elsewhere.bucket, "asset/large")
    assert original is not None
    assert copied is not None
    assert copied.size == original.size


def test_what_was_copied_already_is_left_alone(
    endpoint: Endpoint, bucket: str, put: Put, elsewhere: Place, transfer: Transfer
) -> None:
    put("in/a", "in/b", "in/c")
    source = Place(endpoint, bucket, "in")
    transfer.copy(source, elsewhere)
    before = written(elsewhere)
    put("in/b", body=b"IN/B")
    elsewhere.endpoint.client.delete_object(Bucket=elsewhere.bucket, Key="asset/c")
    assert transfer.copy(source, elsewhere).objects == 3
    assert contents(elsewhere) == {"asset/a": b"in/a", "asset/b": b"IN/B", "asset/c": b"in/c"}
    after = written(elsewhere)
    assert after["asset/a"] == before["asset/a"]
    assert after["asset/b"] != before["asset/b"]


def test_a_copy_of_an_object_in_parts_is_known_again(
    endpoint: Endpoint, bucket: str, elsewhere: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Place(endpoint, bucket, "in")
    Transfer().put([file("large", noise(9 * MB), MB)], source)
    Transfer().copy(source, elsewhere)
    copied: list[str] = []
    monkeypatch.setattr(transfers, "copy_object", lambda _source, entry, *_: copied.append(entry.path))
    Transfer().copy(source, elsewhere)
    assert copied == []


def written(place: Place) -> dict[str, Any]:
    """When each object of a bucket was written and what it says of itself."""
    client = place.endpoint.client
    heads = {key: client.head_object(Bucket=place.bucket, Key=key) for key in contents(place)}
    return {key: (answer["LastModified"], answer["ETag"]) for key, answer in heads.items()}


def test_files_are_put_byte_for_byte(elsewhere: Place, transfer: Transfer) -> None:
    files = {"small": b"abc", "d/empty": b"", "exact": noise(8 * MB), "large": noise(20 * MB + 1)}
    done = transfer.put([file(path, content, 300_000) for path, content in files.items()], elsewhere)
    assert contents(elsewhere) == {f"asset/{path}": content for path, content in files.items()}
    assert done == Measured(4, sum(map(len, files.values())))


def test_files_that_are_there_are_not_read_again(elsewhere: Place) -> None:
    def unreadable() -> Iterable[bytes]:
        raise AssertionError("it was read")

    Transfer().put([file("a", b"abc", mark="hash-1")], elsewhere)
    Transfer().put([File("a", 3, "hash-1", unreadable)], elsewhere)
    Transfer().put([file("a", b"xyz", mark="hash-2")], elsewhere)
    assert contents(elsewhere) == {"asset/a": b"xyz"}


@pytest.mark.parametrize("content", [b"too long", b"no", noise(9 * MB)])
def test_a_file_of_another_size_than_it_was_to_have_is_not_written(elsewhere: Place, content: bytes) -> None:
    with pytest.raises(S3Error, match="was to have 3 bytes") as caught:
        Transfer().put([file("a", content)._replace(size=3)], elsewhere)
    assert caught.value.kind is Failure.CHANGED
    assert contents(elsewhere) == {}


@pytest.mark.parametrize("size", [3, 9 * MB])
def test_nothing_is_written_of_a_file_that_cannot_be_read(elsewhere: Place, size: int) -> None:
    def broken() -> Iterator[bytes]:
        yield noise(size)
        raise OSError("the disk is broken")

    with pytest.raises(OSError, match="the disk is broken"):
        Transfer().put([File("a", size + 1, "m", broken)], elsewhere)
    assert contents(elsewhere) == {}
    assert elsewhere.endpoint.client.list_multipart_uploads(Bucket=elsewhere.bucket).get("Uploads", []) == []


def test_an_object_that_has_changed_since_it_was_listed_is_not_copied(
    endpoint: Endpoint, bucket: str, put: Put, elsewhere: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("in/a")
    copy_object = transfers.copy_object

    def changed_before(*arguments: Any) -> None:
        put("in/a", body=b"other")
        copy_object(*arguments)

    monkeypatch.setattr(transfers, "copy_object", changed_before)
    with pytest.raises(S3Error, match="was changed while it was read"):
        Transfer().copy(Place(endpoint, bucket, "in"), elsewhere)
    assert contents(elsewhere) == {}


@pytest.mark.parametrize(("source", "target"), [("a", "a"), ("a", "a/b"), ("a/b", "a"), ("", "x"), ("x", "")])
def test_a_place_is_not_copied_into_itself(endpoint: Endpoint, bucket: str, put: Put, source: str, target: str) -> None:
    put("a/b/b/c", "x/y")
    before = contents(Place(endpoint, bucket))
    with pytest.raises(S3Error, match="one is inside of the other"):
        Transfer().copy(Place(endpoint, bucket, source), Place(endpoint, bucket, target))
    assert contents(Place(endpoint, bucket)) == before


def test_a_neighbour_is_copied_within_a_bucket(endpoint: Endpoint, bucket: str, put: Put) -> None:
    put("a/b", "ab/c")
    Transfer().copy(Place(endpoint, bucket, "a"), Place(endpoint, bucket, "ab"))
    assert contents(Place(endpoint, bucket)) == {"a/b": b"a/b", "ab/c": b"ab/c", "ab/b": b"a/b"}


def test_a_check_ends_a_transfer_and_nothing_goes_on_after_it(
    endpoint: Endpoint, bucket: str, put: Put, elsewhere: Place
) -> None:
    put(*(f"in/{number}" for number in range(40)))
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 20:
            raise KeyError("enough")

    with ThreadPoolExecutor(4) as executor:
        with pytest.raises(KeyError, match="enough"):
            Transfer(executor, check).copy(Place(endpoint, bucket, "in"), elsewhere)
        left = contents(elsewhere)
        executor.submit(lambda: None).result()
    assert contents(elsewhere) == left
    assert len(left) < 40


def test_the_first_failure_ends_a_transfer(elsewhere: Place) -> None:
    begun = 0

    def broken() -> Iterable[bytes]:
        raise OSError("the disk is broken")

    def whole() -> Iterable[bytes]:
        nonlocal begun
        begun += 1
        return [b"abc"]

    files = [File("0", 3, "m", broken), *(File(str(number), 3, "m", whole) for number in range(1, 1000))]
    with ThreadPoolExecutor(2) as executor, pytest.raises(OSError, match="the disk is broken"):
        Transfer(executor).put(files, elsewhere)
    assert begun < 100


def test_progress_is_told_as_it_is_made(elsewhere: Place, transfer: Transfer) -> None:
    seen: list[Measured] = []
    watched = Transfer(transfer.executor, progress=seen.append)
    done = watched.put([file(str(number), b"abc") for number in range(5)], elsewhere)
    assert seen == [Measured(number, 3 * number) for number in range(1, 6)]
    assert seen[-1] == done


def test_transfers_share_threads(endpoint: Endpoint, bucket: str) -> None:
    names: set[str] = set()

    def chunks() -> Iterable[bytes]:
        names.add(threading.current_thread().name)
        return [b"abc"]

    with ThreadPoolExecutor(2, "copier") as executor, ThreadPoolExecutor(6) as callers:
        files = [File(str(number), 3, "m", chunks) for number in range(10)]
        transfers = [
            callers.submit(Transfer(executor).put, files, Place(endpoint, bucket, str(number))) for number in range(6)
        ]
        assert [transfer.result().objects for transfer in transfers] == [10] * 6
    assert names == {"copier_0", "copier_1"}


def test_a_large_file_needs_little_memory(elsewhere: Place) -> None:
    size = 48 * MB
    chunk = bytes(MB)
    tracemalloc.start()
    try:
        Transfer().put([File("large", size, "m", lambda: (chunk for _ in range(size // MB)))], elsewhere)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 36 * MB
    stored = head(elsewhere.endpoint, elsewhere.bucket, "asset/large")
    assert stored is not None
    assert stored.size == size


def test_part_of_an_object_is_read(endpoint: Endpoint, bucket: str, put: Put) -> None:
    content = noise(3 * MB)
    put("a", body=content)
    entry = head(endpoint, bucket, "a")
    assert entry is not None
    assert b"".join(read(endpoint, bucket, "a", entry.etag, 5, 2 * MB + 7)) == content[5 : 2 * MB + 7]
    assert b"".join(read(endpoint, bucket, "a", entry.etag, 7, 7)) == b""


@given(st.lists(st.binary(max_size=9)), st.integers(1, 7))
def test_parts_are_the_same_bytes_in_pieces_of_a_size(chunks: list[bytes], size: int) -> None:
    parts = [bytes(part) for part in in_parts(chunks, size)]
    assert b"".join(parts) == b"".join(chunks)
    assert {len(part) for part in parts[:-1]} <= {size}
    assert len(parts[-1]) <= size
    assert len(parts) == 1 or parts[-1]


@pytest.mark.parametrize("size", [0, 1, 8 * MB, 80_000 * MB, 80_000 * MB + 1, 5 << 40])
def test_no_object_has_more_parts_than_s3_takes(size: int) -> None:
    assert -(-size // part_size(size)) <= writing.MOST_PARTS
