"""URLs of files that lie in S3: signed as S3 does it."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from mock_server.domain.content_types import content_type_of
from mock_server.s3.endpoint import Endpoint
from tests import ids
from tests.objects.conftest import CHOSEN
from tests.objects.deployment import FILES, Deployed, deployed, setting_of
from tests.process import until
from tests.s3.proxy import Proxy

PLATE = "images/plate 1.tif"


@pytest.fixture
def asset(world: Deployed) -> str:
    """A data asset with files."""
    return str(world.from_bucket(world.bucket(FILES))["id"])


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize(("kind", "disposition"), [("download_url", "attachment"), ("view_url", "inline")])
def test_they_give_a_file_as_it_is_to_be_shown(
    world: Deployed, asset: str, path: str, kind: str, disposition: str
) -> None:
    url = world.urls(asset, path)[kind]
    assert url.startswith(f"{world.endpoint.url}/{world.own}/{asset}/")
    answer = httpx.get(url)
    assert (answer.status_code, answer.content) == (200, FILES[path])
    assert answer.headers["Content-Disposition"].startswith(f"{disposition}; filename*=UTF-8''")
    assert answer.headers["Content-Type"].partition(";")[0] == content_type_of(path).partition(";")[0]


def test_they_say_the_same_of_a_file_as_those_that_are_played(world: Deployed, asset: str) -> None:
    """A client sees no difference in what it reads from them."""
    played = world.ask("GET", f"/computations/{ids.PAST_RUN}/results/urls", params={"path": "table.csv"})
    real = world.urls(asset, "table.csv")
    names = ("Content-Type", "Content-Disposition", "Accept-Ranges")
    for kind in ("download_url", "view_url"):
        one, other = (httpx.get(urls[kind]).headers for urls in (played, real))
        assert [one.get(name) for name in names] == [other.get(name, "bytes") for name in names]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=10-19", slice(10, 20)),
        ("bytes=10000-", slice(10000, None)),
        ("bytes=-5", slice(-5, None)),
        ("bytes=0-0", slice(0, 1)),
        ("bytes=5-99999999", slice(5, None)),
    ],
)
def test_they_give_a_part_of_a_file(world: Deployed, asset: str, asked: str, expected: slice) -> None:
    answer = httpx.get(world.urls(asset, PLATE)["download_url"], headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, FILES[PLATE][expected])


def test_they_are_for_one_file_and_for_reading(world: Deployed, asset: str) -> None:
    url = world.urls(asset, "table.csv")["download_url"]
    assert httpx.get(url.partition("?")[0]).status_code == 403
    if CHOSEN:
        # moto does not look whether a signature is right.
        assert httpx.put(url, content=b"x").status_code == 403
        assert world.lying(asset) == FILES
        assert httpx.get(url.replace("table.csv", PLATE.replace(" ", "%20"), 1)).status_code == 403


def test_they_work_for_an_hour(world: Deployed, asset: str) -> None:
    query = parse_qs(urlsplit(world.urls(asset, "table.csv")["download_url"]).query)
    assert query["X-Amz-Expires"] == ["3600"]
    assert not {"AWSAccessKeyId", "Signature"} & query.keys()


def test_an_expired_one_is_refused(world: Deployed, asset: str) -> None:
    url = world.urls(asset, "table.csv")["download_url"]
    signed = parse_qs(urlsplit(url).query)["X-Amz-Date"][0]
    answer = httpx.get(url.replace(signed, f"{int(signed[:4]) - 1}{signed[4:]}"))
    assert answer.status_code == 403


def test_there_are_none_of_what_is_not_a_file(world: Deployed, asset: str) -> None:
    for path, status in (("images", 404), ("none.txt", 404), ("", 400), ("../x", 400)):
        answer = world.request("GET", f"/data_assets/{asset}/files/urls", params={"path": path})
        assert answer.status_code in (status, 404), path


def test_files_that_are_played_have_those_of_the_fake(world: Deployed) -> None:
    urls = world.ask("GET", f"/computations/{ids.PAST_RUN}/results/urls", params={"path": "table.csv"})
    assert urls["download_url"].startswith(world.deployment.url)


@pytest.fixture
def elsewhere(endpoint: Endpoint, proxy: Proxy) -> Iterator[Deployed]:
    """A server whose clients reach S3 by another URL than it does itself."""
    setting = setting_of(endpoint, public_url=proxy.url)
    with deployed(setting, endpoint) as deployment, deployment.world() as world:
        yield world


@pytest.mark.skipif(CHOSEN, reason="the proxy sends another name of the host than what was signed")
def test_clients_may_reach_s3_by_another_url(elsewhere: Deployed, proxy: Proxy) -> None:
    ready = elsewhere.from_bucket(elsewhere.bucket(FILES))
    assert proxy.requests == []
    url = elsewhere.urls(ready["id"], "table.csv")["download_url"]
    assert url.startswith(proxy.url)
    assert httpx.get(url).content == FILES["table.csv"]
    until(lambda: len(proxy.requests) == 1)
