"""Signed URLs: bytes, ranges, expiry, and failures as S3 has them."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen
from xml.etree import ElementTree

import httpx
import pytest
import requests

from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.process import PATIENCE

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


def test_a_url_signed_for_get_refuses_another_method_as_s3_does(client: Client) -> None:
    found = urls(client)
    for url in found.values():
        headed = httpx.head(url)
        assert (headed.status_code, headed.content) == (403, b"")
        assert headed.headers["content-type"].startswith("application/xml")
    for method in ("PUT", "DELETE"):
        answer = httpx.request(method, found["download_url"])
        assert (answer.status_code, error_code(answer)) == (403, "SignatureDoesNotMatch")
    assert httpx.get(found["download_url"]).text == TABLE


@pytest.mark.parametrize("authorization", ["Basic Y29wX2RlbW9fdXNlcjo=", 'Bearer <x>&"y', "AWS4-HMAC-SHA256 a", ""])
def test_a_signed_url_with_an_authorization_header_is_refused_as_s3_does(client: Client, authorization: str) -> None:
    headers = {"Authorization": authorization}
    for url in urls(client).values():
        answer = httpx.get(url, headers=headers)
        assert (answer.status_code, error_code(answer)) == (400, "InvalidArgument")
        error = ElementTree.fromstring(answer.text)
        assert error.findtext("Message", "").startswith("Only one auth mechanism allowed; only the X-Amz-Algorithm ")
        assert (error.findtext("ArgumentName"), error.findtext("ArgumentValue")) == ("Authorization", authorization)
        assert httpx.get(url.partition("?")[0], headers=headers).status_code == 400


def test_downloading_with_the_clients_own_session_fails_as_with_s3(client: Client) -> None:
    answer = client.get(urls(client)["download_url"])
    assert (answer.status_code, error_code(answer)) == (400, "InvalidArgument")


def test_a_signed_url_has_the_form_of_s3s(client: Client) -> None:
    for way, url in urls(client).items():
        params = httpx.URL(url).params
        assert list(params) == [
            "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
            "response-content-disposition", "X-Amz-Signature",
        ]  # fmt: skip
        assert params["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
        assert params["X-Amz-Credential"].endswith("/20270115/us-west-2/s3/aws4_request")
        assert (params["X-Amz-Date"], params["X-Amz-Expires"]) == ("20270115T080000Z", "3600")
        assert params["X-Amz-SignedHeaders"] == "host"
        assert re.fullmatch("[0-9a-f]{64}", params["X-Amz-Signature"])
        shown = "inline" if way == "view_url" else "attachment"
        assert params["response-content-disposition"] == f"{shown}; filename*=UTF-8''table.csv"
        assert httpx.get(url).headers["content-disposition"] == params["response-content-disposition"]


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
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        assert httpx.get(url, headers={"If-None-Match": known}).status_code == 304
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
    assert (answer.status_code, error_code(answer)) == (403, "AccessDenied")
    error = ElementTree.fromstring(answer.text)
    assert [error.findtext(name) for name in ("Message", "X-Amz-Expires", "Expires", "ServerTime")] == [
        "Request has expired", "3600", "2027-01-15T09:00:00Z", "2027-01-15T09:00:02Z",
    ]  # fmt: skip


def test_every_part_of_a_signed_url_is_signed(client: Client) -> None:
    url = urls(client)["download_url"]
    signature = url.partition("X-Amz-Signature=")[2]
    other_host = url.replace("127.0.0.1", "localhost")
    forged = [
        url.replace("table.csv?", "output?"),
        url.replace("table.csv?", "table.csv/?"),
        url.replace(ids.PAST_RUN, ids.FASTQC_RUN),
        url.replace("X-Amz-Expires=3600", "X-Amz-Expires=3601"),
        url.replace("=attachment", "=inline"),
        url.replace("T080000Z", "T080001Z"),
        url.replace("us-west-2", "us-east-1"),
        url.replace("SignedHeaders=host", "SignedHeaders="),
        url.replace(signature, "0" * 64),
        url.replace(signature, "%C3%A9"),
        url.replace("computations", "secrets"),
        url.replace("/default/", "/other/"),
        url + "&more=1",
        url + "&X-Amz-Expires=3600",
        url + "0",
        other_host,
    ]
    for wrong in forged:
        answer = httpx.get(wrong)
        assert (answer.status_code, error_code(answer)) == (403, "SignatureDoesNotMatch"), wrong


@pytest.mark.parametrize(
    ("old", "new", "status", "code"),
    [
        ("X-Amz-Expires=3600", "X-Amz-Expires=604801", 400, "AuthorizationQueryParametersError"),
        ("X-Amz-Expires=3600", f"X-Amz-Expires={'9' * 5000}", 400, "AuthorizationQueryParametersError"),
        ("X-Amz-Expires=3600", "X-Amz-Expires=-1", 400, "AuthorizationQueryParametersError"),
        ("X-Amz-Expires=3600", "X-Amz-Expires=%D9%A3", 400, "AuthorizationQueryParametersError"),
        ("X-Amz-Date=", "X-Amz-Date=x", 400, "AuthorizationQueryParametersError"),
        ("X-Amz-Date=2027", "X-Amz-Date=0000", 400, "AuthorizationQueryParametersError"),
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", 400, "AuthorizationQueryParametersError"),
        ("&X-Amz-SignedHeaders=host", "", 400, "AuthorizationQueryParametersError"),
        ("X-Amz-Signature=", "X-Amz-Signatur=", 400, "AuthorizationQueryParametersError"),
        ("AKIACODEOCEANEXAMPLE", "AKIAIOSFODNN7EXAMPLE", 403, "InvalidAccessKeyId"),
    ],
)
def test_a_url_that_is_signed_in_another_form(client: Client, old: str, new: str, status: int, code: str) -> None:
    url = urls(client)["download_url"]
    assert old in url
    answer = httpx.get(url.replace(old, new))
    assert (answer.status_code, error_code(answer)) == (status, code)


def test_a_url_that_is_not_signed(client: Client) -> None:
    url = urls(client)["download_url"]
    for unsigned in (url.partition("?")[0], f"{client.url}/_files/", f"{url.partition('?')[0]}/..%2F..%2Fsecret?a=b"):
        answer = httpx.get(unsigned)
        assert (answer.status_code, error_code(answer)) == (403, "AccessDenied"), unsigned


def test_a_signed_url_of_a_name_that_has_to_be_encoded(start: Callable[..., Server], tmp_path: Path) -> None:
    seed = tmp_path / "own.yaml"
    seed.write_text(
        """
version: 1
users: [{id: u1, email: a@example.com, name: A}]
tokens: [{token: cop_mine, user: a@example.com}]
data_assets:
  - {id: d1, name: D, mount: d, owner: a@example.com, created: 1, files: [{path: 'ä/a b&c=+%41?#~.txt', text: x}]}
""",
        encoding="utf-8",
    )
    with Client(start(seed=str(seed)).url, "cop_mine") as client:
        found = client.ask("GET", "/data_assets/d1/files/urls", params={"path": "ä/a b&c=+%41?#~.txt"})
        for url in found.values():
            assert httpx.get(url).text == requests.get(url, timeout=PATIENCE).text == "x"
            assert urlopen(url, timeout=PATIENCE).read() == b"x"


def test_a_file_that_is_gone(client: Client) -> None:
    url = urls(client)["download_url"]
    client.ask("DELETE", f"/computations/{ids.PAST_RUN}", 204)
    answer = httpx.get(url)
    assert answer.status_code == 404
    assert error_code(answer) == "NoSuchKey"


def test_methods(client: Client) -> None:
    answer = httpx.post(urls(client)["download_url"])
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, PUT, DELETE"


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
def test_a_host_header_that_is_none_stays_out_of_the_url(start: Callable[..., Server], host: str) -> None:
    server = start(allowed_host_names=("*",))
    path = f"/computations/{ids.PAST_RUN}/results/urls"
    with Client(server.url) as client:
        found = client.ask("GET", path, params={"path": "output"}, headers={"Host": host})
    assert found["view_url"].startswith(f"{server.url}/_files/")
