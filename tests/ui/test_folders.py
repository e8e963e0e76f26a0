"""Long folders come in pages, and below what a data asset is."""

import re

import pytest

from mock_server.ui.files import AT_ONCE
from mock_server.ui.paging import part
from tests import ids
from tests.conftest import Client, HandClock
from tests.ui.conftest import Browser, started
from tests.ui.html import Page


def entries(page: Page) -> list[str]:
    """Where the entries of a folder on a page lead."""
    return [given["href"] or "" for tag, given in page.elements if tag == "a" and "file-" in (given.get("id") or "")]


def walked(browser: Browser, page: Page) -> list[str]:
    """All entries of a folder, page by page."""
    found = entries(page)
    while following := [given["href"] for tag, given in page.elements if tag == "a" and given.get("rel") == "next"]:
        before = page
        page = browser.at(following[0] or "")
        assert 0 < len(entries(page)) <= AT_ONCE
        assert not set(found) & set(entries(page))
        back = next(given["href"] for tag, given in page.elements if tag == "a" and given.get("rel") == "prev")
        assert entries(browser.at(back or "")) == entries(before)
        found += entries(page)
    return found


@pytest.mark.parametrize("path", ["", "/files"])
def test_a_hundred_folders_come_in_pages(browser: Browser, client: Client, path: str) -> None:
    items = client.ask("POST", f"/data_assets/{ids.COMMONCRAWL}/files", json={"path": ""})["items"]
    page = browser.page(f"/data_assets/{ids.COMMONCRAWL}{path}")
    assert len(entries(page)) == AT_ONCE
    assert f"1 to {AT_ONCE} of {len(items)}" in page.text
    assert len(walked(browser, page)) == len(items) == 100
    inside = browser.at(entries(page)[0])
    assert all("path=" in entry for entry in walked(browser, inside))


def test_metadata_stands_above_the_files(browser: Browser) -> None:
    titles = re.findall(r"<h2[^>]*>([^<]+)", browser.page(f"/data_assets/{ids.COMMONCRAWL}").html)
    assert titles.index("Custom metadata") < titles.index("Files")


def test_many_results_come_in_pages(browser: Browser, client: Client, clock: HandClock) -> None:
    run = started(client, ids.MANY_FILES)
    clock.advance(3600)
    items = client.ask("POST", f"/computations/{run}/results", json={"path": ""})["items"]
    assert len(walked(browser, browser.page(f"/computations/{run}"))) == len(items)


def test_a_page_that_is_not_there_is_the_last_one(browser: Browser) -> None:
    last = browser.page(f"/data_assets/{ids.COMMONCRAWL}/files?page=999")
    assert entries(last) == entries(browser.page(f"/data_assets/{ids.COMMONCRAWL}/files?page=3"))


@pytest.mark.parametrize(("many", "page", "shown"), [(0, 0, (1, 0)), (0, 5, (1, 0)), (3, 0, (1, 3)), (7, 2, (7, 7))])
def test_parts_of_a_list(many: int, page: int, shown: tuple[int, int]) -> None:
    found = part(range(many), page, 3)
    assert (found.first, found.last, found.more) == (*shown, False)
