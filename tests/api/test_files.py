"""Signed URLs: bytes, ranges, expiry, and failures as S3 has them."""

from xml.etree import ElementTree

import httpx
import pytest

from tests import ids
from tests.conftest import Client, HandClock

TABLE = "row,value\n1,0.25\n2,0.5\n3,0.75\n"


def urls(client: Client, path: str = "table.csv", run: str = ids.PAST_RUN) -> dict[str, str]:
    found: dict[str, str] = client.ask("GET", f"/computations/{run}/results/urls", params={"path": path})
    return found


def error_code(response: httpx.Response) -> str | None:
    assert response.headers["content-type"].startswith("application/xml")
    return ElementTree.fromstring(response.text).findtext("Code")


def test_download_and_view(client: Client) -> None:
    found = urls(client)
    assert found["download_url"].startswith(f"{client.url}/_files/")
    download = httpx.get(found["download_url"])
    assert download.text == TABLE
    assert download.headers["content-disposition"].startswith("attachment;")
    assert download.headers["content-type"].startswith("text/csv")
    assert download.headers["content-length"] == str(len(TABLE))
    view = httpx.get(found["view_url"])
    assert view.text == TABLE
    assert view.headers["content-disposition"].startswith("inline;")
    old = client.ask("GET", f"/computations/{ids.PAST_RUN}/results/download_url", params={"path": "table.csv"})
    assert httpx.get(old["url"]).text == TABLE
    asset = client.ask("GET", f"/data_assets/{ids.IRIS}/files/download_url", params={"path": "docs/README.md"})
    assert httpx.get(asset["url"]).text == "# Iris measurements\n"


def test_head(client: Client) -> None:
    answer = httpx.head(urls(client)["download_url"])
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(len(TABLE))
    assert answer.content == b""


@pytest.mark.parametrize(
    ("asked", "begin", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=4-8", 4, 9),
        ("bytes=10-", 10, None),
        ("bytes=-5", -5, None),
        ("bytes=-5000", 0, None),
        ("bytes=3-99999", 3, None),
    ],
)
def test_ranges(client: Client, asked: str, begin: int, stop: int | None) -> None:
    answer = httpx.get(urls(client)["download_url"], headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.text == TABLE[begin:stop]
    first = begin % len(TABLE)
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(answer.text) - 1}/{len(TABLE)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "bytes=-", "lines=1-2", "bytes=5-2", "bytes=x", ""])
def test_ranges_that_are_ignored(client: Client, asked: str) -> None:
    answer = httpx.get(urls(client)["download_url"], headers={"Range": asked})
    assert (answer.status_code, answer.text) == (200, TABLE)


@pytest.mark.parametrize("asked", ["bytes=31-", "bytes=999-1000", "bytes=-0"])
def test_ranges_beyond_the_end(client: Client, asked: str) -> None:
    answer = httpx.get(urls(client)["download_url"], headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(TABLE)}"
    assert error_code(answer) == "InvalidRange"


def test_conditions(client: Client) -> None:
    url = urls(client)["download_url"]
    etag = httpx.get(url).headers["etag"]
    assert httpx.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert httpx.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    assert httpx.get(url, headers={"Range": "bytes=0-1", "If-Range": etag}).status_code == 206
    assert httpx.get(url, headers={"Range": "bytes=0-1", "If-Range": '"other"'}).status_code == 200
    assert httpx.get(url, headers={"Range": f"bytes=0-{'9' * 25}"}).status_code == 206


def test_urls_expire_on_the_worlds_clock(client: Client, clock: HandClock) -> None:
    url = urls(client)["download_url"]
    clock.advance(3600)
    assert httpx.get(url).status_code == 200
    clock.advance(2)
    answer = httpx.get(url)
    assert answer.status_code == 403
    assert error_code(answer) == "AccessDenied"


def test_forged_urls(client: Client) -> None:
    url = urls(client)["download_url"]
    signature = url.partition("X-Amz-Signature=")[2].partition("&")[0]
    forged = [
        url.replace("table.csv", "output"),
        url.replace(ids.PAST_RUN, ids.FASTQC_RUN),
        url.replace("X-Amz-Expires=3600", "X-Amz-Expires=999999"),
        url.replace("=attachment", "=inline"),
        url.replace(signature, "0" * 64),
        url.replace(signature, "%C3%A9"),
        url.replace("X-Amz-Date=", "X-Amz-Date=x"),
        url.partition("?")[0],
        url.replace("computations", "secrets"),
        url.replace("/default/", "/other/"),
        f"{client.url}/_files/",
        f"{client.url}/_files/default/computations/{ids.PAST_RUN}/..%2F..%2Fsecret",
    ]
    for wrong in forged:
        answer = httpx.get(wrong)
        assert answer.status_code == 403, wrong
        assert error_code(answer) == "SignatureDoesNotMatch"


def test_a_file_that_is_gone(client: Client) -> None:
    url = urls(client)["download_url"]
    client.ask("DELETE", f"/computations/{ids.PAST_RUN}", 204)
    answer = httpx.get(url)
    assert answer.status_code == 404
    assert error_code(answer) == "NoSuchKey"


def test_methods(client: Client) -> None:
    answer = httpx.post(urls(client)["download_url"])
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_generated_files_have_their_size_and_stay_the_same(client: Client, clock: HandClock) -> None:
    run = client.ask("POST", "/computations", json={"capsule_id": ids.ORDERED})["id"]
    clock.advance(60)
    url = urls(client, "reads_R1.fastq", run)["download_url"]
    whole = httpx.get(url).content
    assert len(whole) == 48000
    assert whole == httpx.get(url).content
    assert httpx.get(url, headers={"Range": "bytes=40000-"}).content == whole[40000:]
    assert whole.count(b"\n") == 48000 // 64


@pytest.mark.parametrize("host", ['evil.example/"><script>', "[::1", "]", "a:b:80"])
def test_a_host_header_that_is_none_stays_out_of_the_url(client: Client, host: str) -> None:
    headers = {"Host": host}
    found = client.ask("GET", f"/computations/{ids.PAST_RUN}/results/urls", params={"path": "output"}, headers=headers)
    assert found["view_url"].startswith(f"{client.url}/_files/")
