"""The form that starts a run, without scripts: data assets are searched for and chosen, and a run is started again."""

from typing import Any

import pytest

from tests import ids
from tests.conftest import Client, HandClock
from tests.ui.conftest import Browser, started
from tests.ui.html import Page
from tests.ui.test_hostile import NASTY, harmless

FORM = f"/capsules/{ids.CAPSULE}"


def choices(page: Page) -> dict[str, str]:
    """The data assets that are chosen on a page, with their folders."""
    given = {name: value for name, value in page.form("/runs").fields.items() if name.startswith("asset.")}
    return {name.removeprefix("asset."): value for name, value in given.items()}


def offered(page: Page) -> list[str]:
    """The ids of the data assets that a page offers to add."""
    return [given["value"] or "" for tag, given in page.elements if tag == "button" and given.get("name") == "add"]


def press(browser: Browser, page: Page, ending: str = "/choose", /, **fields: Any) -> Page:
    """Press a button of the form that goes elsewhere than the form itself."""
    sent = page.form("/runs").fields | {name: str(value) for name, value in fields.items()}
    answer = browser.post(page.form("/runs").action.removesuffix("/runs") + ending, data=sent)
    assert answer.status_code == 200, answer.text[:2000]
    return Page(answer)


def test_data_assets_are_found_chosen_and_given_a_folder(browser: Browser, client: Client) -> None:
    page = press(browser, browser.page(FORM), search=1, find="name:iris", **{"parameter.0": 7})
    assert offered(page) == [ids.IRIS]
    page = press(browser, page, add=ids.IRIS)
    assert list(choices(page)) == [ids.IRIS]
    assert offered(page) == []
    page = press(browser, page, find="", search=1)
    assert len(offered(page)) > 3
    page = press(browser, page, add=ids.REFERENCE)
    assert list(choices(page)) == [ids.IRIS, ids.REFERENCE]
    page = press(browser, page, remove=ids.REFERENCE)
    assert list(choices(page)) == [ids.IRIS]
    assert page.form("/runs").fields["parameter.0"] == "7"
    run = browser.submit(page, "/runs", **{f"asset.{ids.IRIS}": "flowers", "find": ""})
    shown = client.ask("GET", f"/computations/{str(run.answer.url).rpartition('/')[2]}")
    assert shown["data_assets"] == [{"id": ids.IRIS, "mount": "flowers"}]
    assert {one["param_name"]: one["value"] for one in shown["parameters"]}["rows"] == "7"


def test_enter_in_the_search_searches_and_starts_nothing(browser: Browser, client: Client) -> None:
    before = client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")
    page = press(browser, browser.page(FORM), "/runs", enter=1, find="iris", **{"parameter.1": "kept"})
    assert ids.IRIS in offered(page)
    assert page.form("/runs").fields["parameter.1"] == "kept"
    assert client.ask("GET", f"/capsules/{ids.CAPSULE}/computations") == before


def test_what_cannot_be_found_or_searched_for_is_said(browser: Browser) -> None:
    page = press(browser, browser.page(FORM), add=ids.NOBODYS)
    assert "not found" in page.text
    assert "No data assets found." in press(browser, page, find="nothing-like-this").text
    assert browser.get(f"/_ui/worlds/default{FORM}/choose").url.path.endswith(FORM)
    page = browser.submit(browser.page(), "/user", token="cop_demo_noscope")
    assert "Find data assets" not in browser.page(FORM, 403).text


def test_pasted_ids_still_do(browser: Browser, client: Client) -> None:
    run = browser.submit(browser.page(FORM), "/runs", data_assets=f"{ids.IRIS} flowers\n{ids.REFERENCE}")
    shown = client.ask("GET", f"/computations/{str(run.answer.url).rpartition('/')[2]}")
    assert [asset["id"] for asset in shown["data_assets"]] == [ids.IRIS, ids.REFERENCE]
    assert shown["data_assets"][0]["mount"] == "flowers"


def request_of(run: dict[str, Any]) -> dict[str, Any]:
    names = ("parameters", "data_assets", "processes", "version", "nextflow_profile")
    return {name: sorted(run[name], key=str) if isinstance(run.get(name), list) else run.get(name) for name in names}


def test_a_run_is_started_again_as_it_was(browser: Browser, client: Client, clock: HandClock) -> None:
    by_name = started(
        client,
        ids.CAPSULE,
        named_parameters=[{"param_name": "rows", "value": "9"}, {"param_name": "label", "value": '<b> & "x"'}],
        data_assets=[{"id": ids.IRIS, "mount": "a/b"}, {"id": ids.REFERENCE}],
    )
    by_place = started(client, ids.FAILS, parameters=["one", "two words"])
    pipeline = client.ask("POST", "/computations", json={"pipeline_id": ids.PIPELINE, "nextflow_profile": "quick"})[
        "id"
    ]
    released = started(client, ids.RELEASE)
    for run in (by_name, by_place, pipeline, released):
        page = browser.page(f"/computations/{run}")
        form = browser.at(next(path for path in page.paths if f"again={run}" in path))
        again = browser.submit(form, "/runs")
        key = str(again.answer.url).rpartition("/")[2]
        assert key != run
        first, second = (request_of(client.ask("GET", f"/computations/{one}")) for one in (run, key))
        assert first == second


def test_a_run_that_is_not_to_be_seen_fills_in_nothing(browser: Browser) -> None:
    browser.page(f"{FORM}?again={ids.NOBODYS}", 404)


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_hostile_names_stay_text(browser: Browser, client: Client, nasty: str) -> None:
    body = {"name": nasty, "mount": "m", "tags": ["hostile"], "source": {"aws": {"bucket": "b"}}}
    asset = client.ask("POST", "/data_assets", json=body)["id"]
    page = press(browser, browser.page(FORM), find="tag:hostile")
    assert offered(page) == [asset]
    harmless(page)
    harmless(press(browser, page, add=asset, find=nasty))
    harmless(press(browser, page, **{f"asset.{nasty}": nasty, "add": nasty, "remove": nasty}))
    run = started(client, ids.CAPSULE, named_parameters=[{"param_name": "label", "value": nasty}])
    client.ask("PATCH", f"/computations/{run}", 204, params={"name": nasty})
    harmless(browser.page(f"{FORM}?again={run}"))
