"""The journal: how something was polled, requests that are sent again, and operations that nobody has called."""

import base64
import json
from typing import Any

import httpx
import pytest

from mock_server.domain.journal import KEPT_BYTES
from mock_server.domain.versions import OPERATIONS
from mock_server.ui.journal.unused import group
from tests import ids
from tests.conftest import USER, Client, HandClock, Server
from tests.control.conftest import Plane
from tests.process import PATIENCE
from tests.ui.conftest import WORLD, Browser, started
from tests.ui.html import Page
from tests.ui.test_hostile import NASTY, harmless


def polled(client: Client, clock: HandClock, *gaps: float) -> str:
    """The id of a run that was polled with these gaps in seconds, the first one after its start."""
    run = started(client, ids.CAPSULE)
    for gap in gaps:
        clock.advance(gap)
        client.ask("GET", f"/computations/{run}")
    return run


def page_of(browser: Browser, run: str, more: str = "", status: int = 200) -> Page:
    return browser.page(f"/journal/polling?entity={run}{more}", status)


def lines(page: Page) -> list[str]:
    """The classes of the requests in the picture."""
    return [given["class"] or "" for tag, given in page.elements if tag == "line"]


def test_polls_are_drawn_with_gaps_and_verdicts(browser: Browser, client: Client, clock: HandClock) -> None:
    run = polled(client, clock, 1, 5, 5, 1, 60, 5)
    page = page_of(browser, run)
    # Those that came too soon, or after the run was said to be completed.
    assert lines(page) == ["right", "right", "right", "wrong", "wrong", "wrong"]
    assert "6 requests in 1 min 16 s" in page.text.replace("\u00a0", " ")
    assert "failed spacing : requests 4 and 5 are 1 s apart, wanted at least 5 s" in page.text
    assert "failed final" in page.text
    assert page.text.count("after the end") == 3
    assert page.text.count("too soon") == 1
    slower = page_of(browser, run, "&at_least=1s")
    assert "passed spacing" in slower.text
    assert "too soon" not in slower.text


def test_a_retry_that_comes_too_early_is_named(
    browser: Browser, client: Client, clock: HandClock, server: Server
) -> None:
    run = started(client, ids.SLOW)
    with Plane(server.url) as plane:
        fault = {"operation": "get_computation", "status": 429, "headers": {"Retry-After": "30"}, "times": 1}
        plane.ask("POST", "/worlds/default/faults", 201, json=fault)
    for status in (429, 200):
        client.ask("GET", f"/computations/{run}", status)
        clock.advance(10)
    page = page_of(browser, run)
    assert "failed retry after" in page.text
    assert page.text.count("before Retry-After") == 1
    assert "final" not in page.text


def test_what_was_asked_for_once_or_never_says_so(browser: Browser, client: Client, clock: HandClock) -> None:
    assert "requested once" in page_of(browser, polled(client, clock, 1)).text
    assert "No client has requested" in page_of(browser, ids.NOBODYS).text
    assert "Enter the id" in page_of(browser, "").text
    page = page_of(browser, ids.NOBODYS, "&at_least=soon", 400)
    assert 'not a duration: "soon"' in page.text
    assert page.form("/polling").fields["at_least"] == "soon"
    client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")
    assert "No client has requested" in page_of(browser, ids.CAPSULE).text


def test_many_polls_come_in_pages(browser: Browser, client: Client, clock: HandClock) -> None:
    run = polled(client, clock, *([5.0] * 60))
    page = page_of(browser, run)
    assert len(lines(page)) == 60
    following = next(given["href"] for tag, given in page.elements if tag == "a" and given.get("rel") == "next")
    assert "at_least=5s" in (following or "")
    assert "51 to 60 of 60" in browser.at(following or "").text


def again(browser: Browser, number: int, status: int = 200) -> Page:
    """The page after a request was sent again, and after saying yes when it asks."""
    page = browser.submit(browser.page(f"/journal/{number}"), "/replay", status)
    if any(form.fields.get("confirmed") for form in page.forms):
        page = browser.agree(page, status)
    return page


def entry(browser: Browser, number: int) -> Any:
    with Plane(str(browser.base_url).rstrip("/")) as plane:
        requests = plane.ask("GET", "/worlds/default/journal")["requests"]
    return next(one for one in requests if one["number"] == number)


def test_a_request_is_sent_again_as_it_was(browser: Browser, client: Client) -> None:
    client.ask("GET", f"/capsules/{ids.CAPSULE}/computations?limit=1", headers={"X-Note": "mine", "Cookie": "a=b"})
    page = again(browser, 1)
    assert page.answer.url.path == f"{WORLD}/journal/2"
    assert "sent again" in page.text
    first, second = (entry(browser, number) for number in (1, 2))
    for name in ("method", "path", "query", "operation", "user", "status", "answer", "body"):
        assert first[name] == second[name]
    assert second["headers"]["x-note"] == "mine"
    assert "cookie" not in second["headers"]


def test_what_may_change_something_is_asked_first(browser: Browser, client: Client) -> None:
    run = started(client, ids.CAPSULE, named_parameters=[{"param_name": "label", "value": "é"}])
    page = browser.submit(browser.page("/journal/1"), "/replay")
    assert "Send request 1 again?" in page.text
    assert len(client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")) == len(
        {one["id"] for one in client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")}
    )
    browser.agree(page)
    made = json.loads(entry(browser, 4)["answer"])
    assert made["id"] != run
    assert {one["param_name"]: one["value"] for one in made["parameters"]}["label"] == "é"


def test_it_is_sent_with_the_token_that_the_dashboard_acts_with(browser: Browser, server: Server) -> None:
    httpx.get(f"{server.url}/api/v1/capsules/{ids.CAPSULE}", auth=("cop_wrong", ""), timeout=PATIENCE)
    again(browser, 1)
    assert [entry(browser, number)["status"] for number in (1, 2)] == [401, 200]
    browser.submit(browser.page(), "/user", token="cop_demo_noscope")
    again(browser, 1)
    assert entry(browser, 3)["status"] == 403


def test_it_works_in_a_world_of_its_own(browser: Browser, client: Client, server: Server) -> None:
    with Plane(server.url) as plane:
        plane.ask("POST", "/worlds", 201, json={"name": "other"})
    httpx.get(f"{server.url}/api/v1/capsules/{ids.CAPSULE}", auth=(f"{USER}@other", ""), timeout=PATIENCE)
    page = browser.at("/_ui/worlds/other/journal/1")
    assert browser.submit(page, "/replay").answer.url.path == "/_ui/worlds/other/journal/2"
    assert server.app.worlds.default.journal.last == 0


@pytest.mark.parametrize(
    "effect",
    [{"close": True}, {"truncate": 3, "phase": "after"}, {"malform": True}, {"status": 503}, {"latency": 0.01}],
)
def test_faults_hit_it_and_leave_the_dashboard_alone(
    browser: Browser, client: Client, server: Server, effect: dict[str, Any]
) -> None:
    client.ask("GET", f"/capsules/{ids.CAPSULE}")
    with Plane(server.url) as plane:
        plane.ask("POST", "/worlds/default/faults", 201, json={"name": "f", "operation": "get_capsule"} | effect)
    assert "fault" in again(browser, 1).text
    assert entry(browser, 2)["fault"] == "f"


def test_a_file_of_any_size_is_asked_for_and_not_kept(browser: Browser, client: Client, server: Server) -> None:
    path, kind = "", "folder"
    while kind == "folder":
        items = client.ask("POST", f"/data_assets/{ids.COMMONCRAWL}/files", json={"path": path})["items"]
        path, kind = items[0]["path"], items[0]["type"]
    urls = client.ask("GET", f"/data_assets/{ids.COMMONCRAWL}/files/urls", params={"path": path})
    with httpx.stream("GET", urls["download_url"], timeout=PATIENCE) as answer:
        assert int(answer.headers["content-length"]) > 10**8
    last = server.app.worlds.default.journal.last
    again(browser, last)
    assert entry(browser, last + 1)["operation"] == "get_file"
    assert entry(browser, last + 1)["status"] == 200


def test_a_body_that_was_cut_is_not_sent(browser: Browser, client: Client) -> None:
    client.ask("POST", "/capsules/search", json={"query": "x", "unknown": "x" * KEPT_BYTES})
    assert "cannot be sent again" in again(browser, 1, 400).text
    assert "no request 99" in browser.at(f"{WORLD}/journal/99", 404).text


def test_secrets_are_sent_and_not_shown(browser: Browser, client: Client) -> None:
    secret = base64.b64encode(b"a secret of somebody").decode()
    client.get("/capsules/search", headers={"X-Api-Key": secret})
    page = again(browser, 1)
    assert secret not in page.html
    assert page.answer.url.path.endswith("/journal/2")


def test_what_was_never_called_is_grouped(browser: Browser, client: Client) -> None:
    page = browser.page("/journal/unused")
    for name in OPERATIONS:
        assert page.text.split().count(name) == 1
    client.ask("GET", f"/capsules/{ids.CAPSULE}")
    client.ask("GET", f"/capsules/{ids.CAPSULE}")
    page = browser.page("/journal/unused")
    assert "get_capsule 2 requests" in page.text
    assert f"{len(OPERATIONS) - 1} of {len(OPERATIONS)} operations" in page.text


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("run_capsule", "Capsules"),
        ("list_capsule_computations", "Capsules"),
        ("get_result_file_urls", "Computations"),
        ("attach_computation_data_assets", "Computations"),
        ("transfer_data_asset", "Data assets"),
        ("release_pipeline", "Pipelines"),
        ("get_custom_metadata", "Other"),
    ],
)
def test_operations_are_grouped_by_what_they_are_about(name: str, label: str) -> None:
    assert group(name) == label


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_hostile_ids_and_gaps_stay_text(browser: Browser, nasty: str) -> None:
    answer = browser.get(f"{WORLD}/journal/polling", params={"entity": nasty, "at_least": nasty, "clock": nasty})
    assert answer.status_code == 400
    harmless(Page(answer))
