"""Driven runs and data assets in Chromium: a log that grows, a stop that ends, forms that are left alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import ids
from tests.browser.chromium import PHONE
from tests.browser.conftest import WORLD, Window
from tests.browser.test_accessibility import violations
from tests.conftest import Client, Server
from tests.control.conftest import Plane, World

DRIVEN = "version: 1\nscenarios: [{name: by-hand, like: driven, when: {name: '*'}}]"


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    with Plane(server.url) as plane:
        world = plane.of("default")
        world.load(DRIVEN)
        yield world


@pytest.fixture
def run(world: World, client: Client) -> str:
    return f"/computations/{client.ask('POST', '/computations', json={'capsule_id': ids.CAPSULE})['id']}"


def claimed(world: World) -> Any:
    return world.plane.ask("POST", "/work/claim", json={"runner": "a-runner", "lease": 3600})["work"]


def at_its_end(page: Page) -> bool:
    """Whether the newest line of the log is to be seen."""
    seen: bool = page.locator(".log").evaluate("log => Math.abs(log.scrollTop) < 2")
    return seen


def test_lines_arrive_while_the_run_goes_on_and_a_stop_ends_it(shown: Window, world: World, run: str) -> None:
    work = claimed(world)
    lease = f"lease={work['lease']}"
    world.ask("POST", f"{run}/progress?{lease}", json={"state": "running"})
    page = shown.go(run)
    expect(page.get_by_role("status").last).to_contain_text("executed by a-runner")
    expect(page.locator("main")).to_contain_text("Nothing has been written yet")
    page.get_by_label("Lines for the log").fill("what somebody types")
    for number in range(5):
        lines = "".join(f"step {number}, line {line}\n" for line in range(20))
        world.ask("POST", f"{run}/log?{lease}", content=lines)
        expect(page.locator(".log")).to_contain_text(f"step {number}, line 19")
        assert at_its_end(page)
    expect(page.locator(".log")).to_contain_text("step 0, line 0")
    world.ask("POST", f"{run}/progress?{lease}", json={"state": "finalizing"})
    expect(page.get_by_role("button", name="Mark as finalizing")).to_have_count(0)
    expect(page.get_by_label("Lines for the log")).to_have_value("what somebody types")
    shown.click("Stop the run…")
    page.get_by_role("dialog").get_by_role("button", name="Stop the run").click()
    expect(page.get_by_role("status").last).to_contain_text("stopped")
    expect(page.locator(".log")).to_contain_text("step 4, line 19")
    expect(page.get_by_role("heading", name="Drive it by hand")).to_have_count(0)
    assert world.ask("PUT", f"{run}/lease?{lease}", json={}) == {"go_on": False, "reason": "stopped"}


def test_forms_go_when_the_run_ends_elsewhere(shown: Window, world: World, run: str) -> None:
    page = shown.go(run)
    expect(page.get_by_role("button", name="End the run")).to_be_visible()
    world.ask("POST", f"{run}/finish", json={"exit_code": 7})
    expect(page.get_by_role("status").last).to_contain_text("exit code 7")
    expect(page.get_by_role("button", name="End the run")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("The run left no log")


def test_a_log_stands_still_while_one_reads_above_its_end(shown: Window, world: World, run: str) -> None:
    world.ask("POST", f"{run}/log", content="".join(f"line {number}\n" for number in range(300)))
    page = shown.go(run)
    log = page.locator(".log")
    expect(log).to_contain_text("line 299")
    above = "log => log.getBoundingClientRect().top - log.firstElementChild.getBoundingClientRect().top"
    log.evaluate("log => { log.scrollTop = -1000; }")
    before = log.evaluate(above)
    world.ask("POST", f"{run}/log", content="".join(f"line {number}\n" for number in range(300, 400)))
    expect(log).to_contain_text("line 399")
    assert abs(log.evaluate(above) - before) < 2
    assert not at_its_end(page)


def drive(page: Page) -> None:
    """Drive a run from its start to its end by the forms of its page."""
    page.get_by_role("button", name="Mark as running").click()
    page.get_by_label("Lines for the log").fill("one\ntwo")
    page.get_by_role("button", name="Add to the log").click()
    expect(page.locator(".log")).to_contain_text("two")
    page.get_by_label("Path of a result file").fill("output")
    page.get_by_label("Content").fill("a,b")
    page.get_by_role("button", name="Add the file").click()
    expect(page.locator("#drive-path-wrong")).to_contain_text("is the log of the run")
    expect(page.get_by_label("Content")).to_have_value("a,b")
    page.get_by_label("Path of a result file").fill("table.csv")
    page.get_by_role("button", name="Add the file").click()
    expect(page.locator("main")).to_contain_text("1 file of 3")
    page.get_by_label("Exit code").fill("1")
    page.get_by_role("button", name="End the run", exact=True).click()
    expect(page.get_by_role("status").last).to_contain_text("failed")
    expect(page.get_by_role("link", name="table.csv", exact=True)).to_be_visible()


def test_a_run_is_driven_by_hand(shown: Window, run: str) -> None:
    drive(shown.go(run))


def test_a_run_is_driven_by_hand_without_scripts(chromium: Browser, server: Server, run: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}{WORLD}{run}")
    drive(page)
    context.close()


def test_axe_finds_nothing_and_a_phone_is_wide_enough(shown: Window, world: World, client: Client, run: str) -> None:
    body = {"name": "made", "mount": "made", "tags": ["mock:scenario=driven"], "source": {"aws": {"bucket": "b"}}}
    asset = f"/data_assets/{client.ask('POST', '/data_assets', json=body)['id']}"
    paths = ["", "/computations", run, asset]
    found = [violation for path in paths for violation in violations(shown.go(path))]
    claimed(world)
    world.ask("POST", f"{run}/log", content=f"{'x' * 3000} a line\n" * 100)
    page = shown.go(run)
    expect(page.locator("main")).to_contain_text("Showing its end")
    found += violations(page)
    page.get_by_label("Exit code").fill("three")
    shown.click("End the run")
    expect(page.get_by_label("Exit code")).to_have_accessible_description("Exit code: not a whole number")
    found += violations(page)
    width, height = PHONE
    page.set_viewport_size({"width": width, "height": height})
    for path in paths:
        shown.go(path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    world.ask("POST", f"{run}/finish", json={})
    page.set_viewport_size({"width": 1280, "height": 900})
    assert found + violations(shown.go(run)) == []


def test_a_data_asset_is_made_ready_by_hand(shown: Window, client: Client) -> None:
    body = {"name": "made", "mount": "made", "tags": ["mock:scenario=driven"], "source": {"aws": {"bucket": "b"}}}
    page = shown.go(f"/data_assets/{client.ask('POST', '/data_assets', json=body)['id']}")
    expect(page.get_by_role("status").last).to_contain_text("draft")
    shown.click("Mark as ready")
    expect(page.get_by_role("status").last).to_contain_text("ready")
    expect(page.get_by_role("button", name="Mark as ready")).to_have_count(0)
