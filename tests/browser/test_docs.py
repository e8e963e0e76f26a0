"""The page of the API in Chromium: it is dark where the system is, leads back, and is whole on a phone."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import PHONE, window
from tests.conftest import Server


def background(page: Page) -> int:
    """How bright the page is behind everything, from 0 to 765."""
    color: str = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return sum(map(int, color.removeprefix("rgb(").removesuffix(")").split(",")))


def test_it_follows_the_system_and_leads_back(chromium: Browser, server: Server) -> None:
    context = window(chromium, scheme="dark")
    page = context.new_page()
    page.goto(f"{server.url}/docs")
    expect(page.get_by_text("search_capsules").first).to_be_visible()
    assert background(page) < 150
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).not_to_have_class("dark-mode")
    assert background(page) > 700
    page.get_by_role("link", name="Back to the dashboard").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    context.close()


def test_ids_of_operations_stand_on_one_line_on_a_phone(chromium: Browser, server: Server) -> None:
    context = window(chromium, PHONE)
    page = context.new_page()
    page.goto(f"{server.url}/docs")
    ids = page.locator(".opblock-summary-operation-id")
    expect(ids.first).to_be_visible()
    lines = ids.evaluate_all("all => all.map(one => one.getClientRects().length + one.scrollHeight / 24)")
    assert len(lines) > 40
    assert max(lines) < 2.5
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()
