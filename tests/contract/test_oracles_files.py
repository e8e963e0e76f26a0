"""Oracles of files and signed URLs: found where it is wrong, silent where it is not."""

from typing import Any

import pytest

from contract_tests.oracles.files import ListingIsOneLevel, SignedUrls
from contract_tests.transport.exchange import Exchange
from tests.contract.sequences import found, of, opened

DAY = 1_700_000_000.0
URL = "https://files.example.org/a.txt?X-Amz-Expires=3600&X-Amz-Signature=abc"
FOREVER = "https://files.example.org/a.txt?signature=abc"


def listing(*items: Any, path: str | None = None) -> Exchange:
    sent = None if path is None else {"path": path}
    return of("list_computation_results", {"items": list(items)}, sent=sent, at=DAY)


def file(name: str, path: str | None = None, size: Any = 5, kind: str = "file") -> dict[str, Any]:
    told = {} if size is None else {"size": size}
    return {"name": name, "path": path or name, "type": kind} | told


def test_listing_is_one_level_is_silent() -> None:
    oracle = ListingIsOneLevel()
    fine = (
        listing(file("a.txt"), file("b", size=None, kind="folder"), file("empty", size=0)),
        listing(file("c", "b/c"), path="b"),
        listing(file("c", "b/c"), path="/b//"),
        listing(file("x", "anywhere"), path="../b"),
        of("list_computation_results", {"message": "no"}, 404),
        of("list_computation_results", ["no object"]),
    )
    assert found(oracle, *fine) == []
    assert oracle.judged == 5


@pytest.mark.parametrize(
    "exchange",
    [
        listing(file("a", "b/a")),
        listing(file("a", "a"), path="b"),
        listing(file("a", "/a")),
        listing(file("a"), file("a")),
        listing(file("a", kind="folder")),
        listing(file("a", size=-1)),
        listing(file("a", size="5")),
        listing(file("a", kind="link")),
    ],
)
def test_listing_is_one_level_finds(exchange: Exchange) -> None:
    assert len(found(ListingIsOneLevel(), exchange)) == 1


def before(at: float = DAY) -> Exchange:
    return listing(file("a.txt"), path="")


def given(url: Any = URL, at: float = DAY) -> Exchange:
    return of("get_result_file_urls", {"download_url": url, "view_url": url}, query="path=a.txt", at=at)


def later(at: float, caller: str | None = "owner") -> Exchange:
    return of("get_custom_metadata", {}, at=at, caller=caller)


@pytest.mark.parametrize(
    "sequence",
    [
        [before(), given(), opened(URL, b"hello", at=DAY), opened(URL, b"hello", at=DAY + 9)],
        [given(), opened(URL, b"hello", at=DAY), opened(URL, b"", method="HEAD", at=DAY)],
        [before(), given(), opened(URL, b"ell", 206, headers={"Content-Range": "bytes 1-3/5"})],
        [before(), given(), opened(URL, b"<Error/>", 416)],
        [before(), given(), later(DAY + 9999), opened(URL, b"<Error/>", 403, at=DAY + 9999)],
        [before(), given(), opened(URL, b"<Error/>", 403, at=DAY + 9999)],
        [before(), given(), opened(URL, b"hello", at=DAY + 9999)],
        [before(), given(), later(DAY + 3630), opened(URL, b"hello", at=DAY + 3630)],
        [before(), given(), opened(URL, b"<Error/>", 503, at=DAY), opened(URL, b"", 429, at=DAY)],
        [given(), opened(URL, b"<Error/>", 403, at=DAY)],
        [before(), given(), of("delete_computation", None, 204), opened(URL, b"", 404, at=DAY)],
        [before(), given(FOREVER), later(DAY + 10**8), opened(FOREVER, b"hello", at=DAY + 10**8)],
        [before(), given(), opened("https://files.example.org/b.txt", b"", 403, at=DAY)],
        [before(), given(), later(DAY + 9999, caller=None), opened(URL, b"hello", at=DAY + 9)],
        [before(), given(), later(DAY + 9999, caller="unknown"), opened(URL, b"hello", at=DAY + 9)],
        [
            before(),
            given(),
            opened(URL, b"hello world", at=DAY, headers={"Content-Length": "5", "Content-Encoding": "gzip"}),
        ],
    ],
)
def test_signed_urls_is_silent(sequence: list[Exchange]) -> None:
    assert found(SignedUrls(), *sequence) == []


@pytest.mark.parametrize(
    ("sequence", "word"),
    [
        ([of("get_result_file_download_url", {"url": "/relative/a.txt"})], "absolute"),
        ([of("get_result_file_download_url", {"url": "http://[::1/a.txt"})], "absolute"),
        ([of("get_result_file_download_url", {"url": 5})], "absolute"),
        ([before(), given(), later(DAY + 3700), opened(URL, b"hello", at=DAY + 3700)], "still opens"),
        ([before(), given(), opened(URL, b"<Error/>", 403, at=DAY + 100)], "before it ends"),
        ([before(), given(), opened(URL, b"hell", at=DAY)], "5 bytes in its listing"),
        ([before(), given(), opened(URL, b"", method="HEAD", at=DAY)], "5 bytes in its listing"),
        ([given(), opened(URL, b"hello", at=DAY), opened(URL, b"other", at=DAY)], "other bytes"),
        ([given(), opened(URL, b"ell", 206, headers={"Content-Range": "bytes 1-4/5"})], "Content-Range"),
        ([given(), opened(URL, b"ell", 206)], "Content-Range"),
        ([given(), opened(URL, b"hello", method="HEAD")], "with a body"),
    ],
)
def test_signed_urls_finds(sequence: list[Exchange], word: str) -> None:
    [message] = found(SignedUrls(), *sequence)
    assert word in message
    assert "abc" not in message
