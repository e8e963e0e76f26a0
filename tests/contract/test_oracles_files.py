"""Oracles of files and signed URLs: found where it is wrong, silent where it is not."""

from typing import Any

import pytest

from contract_tests.oracles.files import ListingIsOneLevel, SignedUrls
from contract_tests.transport.exchange import Exchange
from tests.contract.sequences import download, make_exchange, problems_in

DAY = 1_700_000_000.0
URL = "https://files.example.org/a.txt?X-Amz-Expires=3600&X-Amz-Signature=abc"
FOREVER = "https://files.example.org/a.txt?signature=abc"


def listing(*items: Any, path: str | None = None) -> Exchange:
    sent = None if path is None else {"path": path}
    return make_exchange("list_computation_results", {"items": list(items)}, sent=sent, at=DAY)


def file(name: str, path: str | None = None, size: Any = 5, kind: str = "file") -> dict[str, Any]:
    date = {} if size is None else {"size": size}
    return {"name": name, "path": path or name, "type": kind} | date


def test_listing_is_one_level_is_silent() -> None:
    oracle = ListingIsOneLevel()
    fine = (
        listing(file("a.txt"), file("b", size=None, kind="folder"), file("empty", size=0)),
        listing(file("c", "b/c"), path="b"),
        listing(file("c", "b/c"), path="/b//"),
        listing(file("x", "anywhere"), path="../b"),
        make_exchange("list_computation_results", {"message": "no"}, 404),
        make_exchange("list_computation_results", ["no object"]),
    )
    assert problems_in(oracle, *fine) == []
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
    assert len(problems_in(ListingIsOneLevel(), exchange)) == 1


def before(at: float = DAY) -> Exchange:
    return listing(file("a.txt"), path="")


def urls_answer(url: Any = URL, at: float = DAY) -> Exchange:
    return make_exchange("get_result_file_urls", {"download_url": url, "view_url": url}, query="path=a.txt", at=at)


def later(at: float, caller: str | None = "owner") -> Exchange:
    return make_exchange("get_custom_metadata", {}, at=at, caller=caller)


@pytest.mark.parametrize(
    "sequence",
    [
        [before(), urls_answer(), download(URL, b"hello", at=DAY), download(URL, b"hello", at=DAY + 9)],
        [before(), urls_answer(), download(URL, b"", 403, method="HEAD", at=DAY), download(URL, b"hello", at=DAY)],
        [before(), urls_answer(), download(URL, b"ell", 206, headers={"Content-Range": "bytes 1-3/5"})],
        [before(), urls_answer(), download(URL, b"<Error/>", 416)],
        [before(), urls_answer(), later(DAY + 9999), download(URL, b"<Error/>", 403, at=DAY + 9999)],
        [before(), urls_answer(), download(URL, b"<Error/>", 403, at=DAY + 9999)],
        [before(), urls_answer(), download(URL, b"hello", at=DAY + 9999)],
        [before(), urls_answer(), later(DAY + 3630), download(URL, b"hello", at=DAY + 3630)],
        [before(), urls_answer(), download(URL, b"<Error/>", 503, at=DAY), download(URL, b"", 429, at=DAY)],
        [urls_answer(), download(URL, b"<Error/>", 403, at=DAY)],
        [before(), urls_answer(), make_exchange("delete_computation", None, 204), download(URL, b"", 404, at=DAY)],
        [before(), urls_answer(FOREVER), later(DAY + 10**8), download(FOREVER, b"hello", at=DAY + 10**8)],
        [before(), urls_answer(), download("https://files.example.org/b.txt", b"", 403, at=DAY)],
        [before(), urls_answer(), later(DAY + 9999, caller=None), download(URL, b"hello", at=DAY + 9)],
        [before(), urls_answer(), later(DAY + 9999, caller="unknown"), download(URL, b"hello", at=DAY + 9)],
        [
            before(),
            urls_answer(),
            download(URL, b"hello world", at=DAY, headers={"Content-Length": "5", "Content-Encoding": "gzip"}),
        ],
    ],
)
def test_signed_urls_is_silent(sequence: list[Exchange]) -> None:
    assert problems_in(SignedUrls(), *sequence) == []


@pytest.mark.parametrize(
    ("sequence", "word"),
    [
        ([make_exchange("get_result_file_download_url", {"url": "/relative/a.txt"})], "absolute"),
        ([make_exchange("get_result_file_download_url", {"url": "http://[::1/a.txt"})], "absolute"),
        ([make_exchange("get_result_file_download_url", {"url": 5})], "absolute"),
        ([before(), urls_answer(), later(DAY + 3700), download(URL, b"hello", at=DAY + 3700)], "still opens"),
        ([before(), urls_answer(), download(URL, b"<Error/>", 403, at=DAY + 100)], "before it expires"),
        ([before(), urls_answer(), download(URL, b"hell", at=DAY)], "is listed with 5 bytes"),
        ([urls_answer(), download(URL, b"hello", at=DAY), download(URL, b"other", at=DAY)], "different content"),
        ([urls_answer(), download(URL, b"ell", 206, headers={"Content-Range": "bytes 1-4/5"})], "Content-Range"),
        ([urls_answer(), download(URL, b"ell", 206)], "Content-Range"),
    ],
)
def test_signed_urls_finds(sequence: list[Exchange], word: str) -> None:
    [message] = problems_in(SignedUrls(), *sequence)
    assert word in message
    assert "abc" not in message
