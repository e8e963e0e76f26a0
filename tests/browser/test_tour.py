"""The guided tour in Chromium: with scripts and without, by keyboard, light and dark, on a desk and on a phone."""

import pytest
from playwright.sync_api import Browser, expect

from tests import ids
from tests.browser.chromium import PHONE, WIDE
from tests.browser.conftest import WORLD, Window
from tests.browser.test_accessibility import violations
from tests.conftest import Server


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_the_steps_are_taken_and_ticked_in_place(shown: Window, size: tuple[int, int]) -> None:
    shown.page.set_viewport_size({"width": size[0], "height": size[1]})
    page = shown.go()
    tour = page.locator("#tour")
    expect(tour.get_by_role("listitem")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shown.click("+1 h")
    expect(tour.locator(".done")).to_contain_text("Move the clock")
    tour.get_by_role("link", name="Start a run").click()
    page.wait_for_url(f"**{WORLD}/capsules/{ids.SESSION_QC}#run-title")
    shown.click("Start the run")
    page.wait_for_url(f"**{WORLD}/computations/*")
    page = shown.go()
    expect(tour.locator(".done")).to_have_count(2)
    assert violations(page) == []


def test_the_keyboard_dismisses_it_for_good(shown: Window) -> None:
    page = shown.go()
    page.get_by_role("button", name="Dismiss the tour").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#notes")).to_contain_text("has been dismissed")
    expect(page.locator("#tour")).to_have_count(0)
    expect(page.get_by_role("main")).to_be_focused()
    shown.click("+1 h")
    expect(page.locator("#notes")).to_contain_text("The clock moved by")
    shown.go()
    expect(page.locator("#tour")).to_have_count(0)
    expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()


def test_it_works_without_scripts(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}{WORLD}")
    page.get_by_role("button", name="+1 h").click()
    expect(page.locator("#tour .done")).to_have_count(1)
    page.get_by_role("button", name="Dismiss the tour").click()
    expect(page.locator("#tour")).to_have_count(0)
    context.close()
