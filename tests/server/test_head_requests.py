"""HEAD of what has no end, or takes long to send: headers come, and the connection is good for the next request."""

import pytest

from tests import ids
from tests.conftest import Client, Server
from tests.server.raw import RawClient, huge_file, request

WORLD = "/_ui/worlds/default"
OPEN_PAGES = ["/live", "/journal/live", f"/computations/{ids.PAST_RUN}/live", f"/data_assets/{ids.IRIS}/live"]


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_head_of_a_page_that_stays_open_ends_and_the_next_request_is_answered(server: Server, path: str) -> None:
    with RawClient(server.url) as raw:
        raw.send(request("HEAD", WORLD + path), request())
        head = raw.answer(has_body=False)
        assert (head.status, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert raw.answer().status == 200


def test_every_page_that_stays_open_is_tried(server: Server) -> None:
    from mock_server.ui.dashboard import PARTS

    live = [page.path for part in PARTS for page in part.PAGES if page.path.endswith("/live")]
    assert len(live) == len(OPEN_PAGES)


def test_head_of_a_huge_file_in_the_dashboard_ends_at_once(server: Server, client: Client) -> None:
    _, path = huge_file(client)
    with RawClient(server.url) as raw:
        raw.send(request("HEAD", f"{WORLD}/data_assets/{ids.COMMONCRAWL}/raw?path={path}"), request())
        head = raw.answer(has_body=False)
        assert head.status == 200
        assert int(head.headers["content-length"]) > 200_000_000
        assert raw.answer().status == 200


@pytest.mark.parametrize("path", ["", "/journal", "/computations", f"/computations/{ids.PAST_RUN}", "/nothing"])
def test_head_of_a_page_says_what_get_says(server: Server, path: str) -> None:
    with RawClient(server.url) as raw:
        raw.send(request("GET", WORLD + path))
        got = raw.answer()
        raw.send(request("HEAD", WORLD + path), request())
        head = raw.answer(has_body=False)
        assert (head.status, head.headers["content-type"]) == (got.status, got.headers["content-type"])
        assert raw.answer().status == 200


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/worlds", "/docs", "/api/v1/data_assets", "/_files/x", "/x"])
def test_head_leaves_every_connection_usable(server: Server, path: str) -> None:
    with RawClient(server.url) as raw:
        raw.send(request("HEAD", path), request())
        assert raw.answer(has_body=False).status < 500
        assert raw.answer().status == 200
