"""Lists of runs: what they show of each, and how they are filtered."""

import pytest

from tests import ids
from tests.conftest import Client, HandClock
from tests.ui.conftest import WORLD, Browser, started
from tests.ui.html import Page


def listed(page: Page) -> list[str]:
    """The ids of the runs in the list of a page."""
    keys = [given["id"] or "" for tag, given in page.elements if tag == "a" and "id" in given]
    return [key.removeprefix("run-") for key in keys if key.startswith("run-")]


def classes(page: Page) -> list[str]:
    """How the bars of a page's timeline are coloured."""
    return [(given.get("class") or "") for tag, given in page.elements if tag == "rect" and "class" in given]


def test_runs_are_filtered_by_name_capsule_and_state(browser: Browser, client: Client, clock: HandClock) -> None:
    failed = started(client, ids.FAILS)
    good = started(client, ids.CAPSULE)
    clock.advance(60)
    stopped = started(client, ids.SLOW)
    client.ask("PATCH", f"/computations/{good}", 204, params={"name": "Première mesure"})
    browser.submit(browser.page(f"/computations/{stopped}"), "/stop", confirmed="yes")
    going = started(client, ids.SLOW)
    every = listed(browser.page("/computations"))
    assert {failed, good, stopped, going} <= set(every)
    assert listed(browser.page("/computations?name=MESURE")) == [good]
    assert listed(browser.page("/computations?name=Première")) == [good]
    assert set(listed(browser.page("/computations?capsule=eight HOURS"))) == {stopped, going}
    by_state = {
        state: listed(browser.page(f"/computations?state={state}"))
        for state in ("unfinished", "succeeded", "failed", "stopped")
    }
    assert by_state["unfinished"] == [going, ids.WORKSTATION]
    assert failed in by_state["failed"]
    assert good in by_state["succeeded"]
    assert by_state["stopped"][0] == stopped
    # Together they are the first page and the few that do not fit on it.
    in_all = [key for found in by_state.values() for key in found]
    assert len(in_all) == len(set(in_all))
    assert set(every) < set(in_all)
    assert listed(browser.page("/computations?name=%&capsule=_")) == []
    assert listed(browser.page("/computations?state=nonsense")) == every


def test_filters_stay_while_one_turns_pages(browser: Browser, client: Client, clock: HandClock) -> None:
    for _ in range(60):
        started(client, ids.FAILS)
    clock.advance(60)
    page = browser.page("/computations?state=failed&capsule=fails")
    older = next(path for path in page.paths if "page=1" in path)
    assert "state=failed" in older
    assert "capsule=fails" in older
    rest = listed(browser.at(older))
    assert rest
    assert not set(rest) & set(listed(page))
    assert any("page=" not in path and "state=failed" in path for path in browser.at(older).paths)


@pytest.mark.parametrize("path", ["/computations", f"/capsules/{ids.FAILS}", ""])
def test_a_failed_run_is_said_to_have_failed_wherever_it_is_listed(
    browser: Browser, client: Client, clock: HandClock, path: str
) -> None:
    run = started(client, ids.FAILS)
    assert "went-bad" not in " ".join(classes(browser.page(f"/computations/{run}")))
    clock.advance(60)
    page = browser.page(path)
    assert run in page.html
    assert "failed" in page.text


def test_a_failed_run_is_red_from_where_its_code_failed(browser: Browser, client: Client, clock: HandClock) -> None:
    run = started(client, ids.FAILS)
    clock.advance(60)
    page = browser.page(f"/computations/{run}")
    past = [kind for kind in classes(page) if kind.startswith("past")]
    assert past == ["past went-good", "past went-bad", "past went-bad"]
    assert "running failed here" in page.text
    pictures = [given.get("aria-label") for tag, given in page.elements if tag == "svg"]
    assert pictures == ["initializing, running (failed here), finalizing, then failed"]


def test_a_stopped_run_is_marked_where_it_was_stopped(browser: Browser, client: Client, clock: HandClock) -> None:
    run = started(client, ids.SLOW)
    clock.advance(60)
    page = browser.submit(browser.page(f"/computations/{run}"), "/stop", confirmed="yes")
    past = [kind for kind in classes(page) if kind.startswith("past")]
    assert past == ["past went-good", "past went-warn"]
    assert "running stopped here" in page.text


def test_what_has_no_end_is_not_said_to_take_years(browser: Browser, client: Client, clock: HandClock) -> None:
    clock.advance(3 * 365 * 86400)
    for path in ("/computations", "", f"/computations/{ids.WORKSTATION}"):
        assert " d " not in browser.page(path).text.replace("\u00a0", " "), path
    assert "no planned end" in browser.page("/computations").text
    assert f"{WORLD}/computations/{ids.WORKSTATION}" in browser.page().paths
