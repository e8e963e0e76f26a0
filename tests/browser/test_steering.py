"""Steering in Chromium: in place, with scripts and without, light and dark, on a desk and on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import ids
from tests.browser.chromium import PHONE, WIDE, Scheme
from tests.browser.conftest import WORLD, Window
from tests.browser.test_accessibility import violations
from tests.conftest import START, Client, HandClock, Server

SIZES = [WIDE, PHONE]


def now(server: Server) -> float:
    return server.app.worlds.default.clock.now()


@pytest.fixture(params=SIZES, ids=["desk", "phone"])
def sized(request: pytest.FixtureRequest, shown: Window) -> Window:
    width, height = request.param
    shown.page.set_viewport_size({"width": width, "height": height})
    return shown


@pytest.fixture(params=[(WIDE, "light"), (PHONE, "dark")], ids=["desk-light", "phone-dark"])
def plain(request: pytest.FixtureRequest, chromium: Browser, server: Server) -> Iterator[Page]:
    """A page of a browser that runs no scripts."""
    size, scheme = request.param
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    )
    page = context.new_page()
    page.goto(f"{server.url}{WORLD}/capsules/{ids.CAPSULE}")
    yield page
    context.close()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_clock_is_moved_where_one_is(sized: Window, server: Server) -> None:
    page = sized.go(f"/capsules/{ids.CAPSULE}")
    page.get_by_label("Number of rows").fill("7")
    page.evaluate("window.kept = true")
    for name, seconds in (("+1 min", 60), ("+1 h", 3600), ("+1 day", 86400)):
        before = now(server)
        sized.click(name)
        expect(page.locator("#notes")).to_contain_text("The clock moved by")
        expect(page.locator("#bar time")).to_have_attribute("data-now", str(before + seconds))
        expect(page.get_by_role("button", name=name, exact=True)).to_be_focused()
    assert now(server) == START + 90060
    assert page.evaluate("window.kept") is True
    expect(page.get_by_label("Number of rows")).to_have_value("7")
    expect(page.locator("#in-force")).to_have_text("25 h 1 min ahead of real time")
    assert fits(page)
    assert page.url == f"{sized.url}{WORLD}/capsules/{ids.CAPSULE}"


def test_keys_that_are_pressed_at_once_are_all_obeyed(shown: Window, server: Server) -> None:
    page = shown.go("/journal")
    page.evaluate("for (const key of ['step-1m', 'step-1h', 'step-1m']) document.getElementById(key).click()")
    expect(page.locator("#bar time")).to_have_attribute("data-now", str(START + 3720))
    assert now(server) == START + 3720


def test_what_goes_on_is_seen_in_place(shown: Window, client: Client) -> None:
    client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    page = shown.go(f"/capsules/{ids.CAPSULE}")
    expect(page.locator("#last-runs")).to_contain_text("initializing")
    shown.click("Next change")
    expect(page.locator("#last-runs")).to_contain_text("running")
    shown.click("+1 h")
    expect(page.locator("#last-runs")).to_contain_text("completed")
    expect(page.get_by_role("button", name="Next change")).to_be_disabled()
    expect(page.get_by_role("main")).to_be_visible()


def test_a_note_goes_when_it_is_no_longer_true(shown: Window) -> None:
    page = shown.go(f"/capsules/{ids.CAPSULE}")
    shown.click("Start the run")
    expect(page.locator("#notes")).to_contain_text("The run has been started")
    shown.click("Next change")
    expect(page.locator("#notes")).to_contain_text("initializing → running")
    expect(page.locator("[sse-swap=status]")).to_contain_text("running")
    shown.click("+1 h")
    expect(page.locator("[sse-swap=status]")).to_contain_text("succeeded")
    expect(page.locator("#notes")).not_to_contain_text("started")


def test_a_note_goes_when_somebody_else_moves_the_clock(shown: Window, clock: HandClock) -> None:
    page = shown.go(f"/capsules/{ids.CAPSULE}")
    shown.click("Start the run")
    expect(page.locator("#notes")).to_contain_text("The run has been started")
    expect(page.locator("[sse-swap=status]")).to_contain_text("initializing")
    clock.advance(60)
    expect(page.locator("[sse-swap=status]")).to_contain_text("succeeded")
    expect(page.locator("#notes")).to_be_empty()


def test_speeds_and_freezing(sized: Window, server: Server, clock: HandClock) -> None:
    page = sized.go("/journal")
    for scale in (60, 3600, 1):
        name = f"Speed \u00d7{scale}"
        sized.click(name)
        expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
        assert server.app.worlds.default.clock.anchor.scale == scale
    sized.click("Freeze")
    expect(page.locator("#in-force")).to_contain_text("Frozen at")
    expect(page.locator("#bar time")).to_have_attribute("data-scale", "0.0")
    clock.advance(60)
    sized.click("Resume")
    expect(page.locator("#in-force")).to_have_text("1 min behind real time")
    sized.click("Real time")
    expect(page.locator("#in-force")).to_have_count(0)
    expect(page.get_by_role("main")).to_be_focused()
    assert fits(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_question_is_a_dialog_that_gives_the_keyboard_back(sized: Window, server: Server, scheme: Scheme) -> None:
    page = sized.go("/world")
    page.emulate_media(color_scheme=scheme)
    before = server.app.worlds.default.db.changes
    for leave in ("Escape", "Cancel"):
        page.get_by_role("button", name="Reset to its seed…").focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Reset the world default?")
        expect(dialog).to_be_visible()
        expect(dialog).to_contain_text("Everything created since it was seeded is deleted")
        expect(dialog.get_by_role("link", name="Cancel")).to_be_focused()
        if leave == "Escape":
            assert violations(page) == []
            page.emulate_media(color_scheme=scheme)
            assert fits(page)
            page.keyboard.press("Escape")
        else:
            page.keyboard.press("Enter")
        expect(dialog).to_have_count(0)
        expect(page.get_by_role("button", name="Reset to its seed…")).to_be_focused()
        expect(page).to_have_title("World default · codeocean-mock")
    assert server.app.worlds.default.db.changes == before
    sized.click("Reset to its seed…")
    page.get_by_role("dialog").get_by_role("button", name="Reset the world").click()
    expect(page.locator("#notes")).to_contain_text("The world default has been reset")
    assert page.url.endswith("/world")


def test_presets_a_fault_of_ones_own_pausing_and_the_way_back(sized: Window, client: Client) -> None:
    page = sized.go("/world")
    for name in ("429 on polls", "Lost response to a run", "503 for ten seconds", "Two-second delay"):
        sized.click(name)
        expect(page.get_by_role("button", name=name, exact=True)).to_be_focused()
    expect(page.locator("#in-force")).to_have_text("4 faults in force")
    sized.click("Remove the fault slow")
    expect(page.locator("#in-force")).to_have_text("3 faults in force")
    sized.click("Pause the fault outage")
    expect(page.locator("#in-force")).to_have_text("2 faults in force")
    client.ask("GET", f"/computations/{ids.PAST_RUN}", 429)
    sized.click("Remove 2 faults")
    expect(page.locator("#in-force")).to_have_count(0)
    expect(page.locator("#faults-set")).to_contain_text("No faults are set")
    page.get_by_text("Set another fault", exact=True).click()
    page.get_by_label("Operation").select_option("get_capsule")
    page.get_by_label("Status", exact=True).fill("99")
    page.get_by_label("Start after").fill("soon")
    sized.click("Set the fault")
    status = page.get_by_label("Status", exact=True)
    expect(status).to_have_attribute("aria-invalid", "true")
    expect(status).to_have_accessible_description("Status: at least 400")
    expect(page.get_by_label("Start after")).to_be_focused()
    expect(page.get_by_label("Start after")).to_have_value("soon")
    assert violations(page) == []
    assert fits(page)
    status.fill("503")
    page.get_by_label("Start after").fill("")
    sized.click("Set the fault")
    expect(page.locator("#notes")).to_contain_text("The fault fault-1 is set")
    client.ask("GET", f"/capsules/{ids.CAPSULE}", 503)


def test_a_scenario_for_the_next_run(sized: Window, clock: HandClock) -> None:
    page = sized.go(f"/capsules/{ids.CAPSULE}")
    page.get_by_label("Number of rows").fill("7")
    page.get_by_label("Scenario").select_option("out-of-memory")
    sized.click("For the next run")
    expect(page.locator("#choice")).to_contain_text("The next run: out-of-memory")
    expect(page.get_by_label("Number of rows")).to_have_value("7")
    assert fits(page)
    assert violations(page) == []
    sized.click("Start the run")
    clock.advance(60)
    expect(page.locator("[sse-swap=status]")).to_contain_text("exit code 137")


def test_worlds_are_made_and_dropped_in_place(sized: Window, server: Server) -> None:
    page = sized.go("/worlds")
    page.get_by_label("Name", exact=True).fill("default")
    sized.click("Create the world")
    expect(page.get_by_label("Name", exact=True)).to_have_accessible_description(
        "Name: there is a world called default"
    )
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.get_by_label("Name", exact=True).fill("ci")
    sized.click("Create the world")
    expect(page.get_by_role("link", name="ci", exact=True)).to_be_visible()
    assert violations(page) == []
    assert fits(page)
    sized.click("Drop the world ci")
    page.get_by_role("dialog").get_by_role("button", name="Drop the world").click()
    expect(page.locator("#notes")).to_contain_text("The world ci has been dropped")
    assert [world.name for world in server.app.worlds.all()] == ["default"]


def test_snapshots_are_saved_in_place(shown: Window) -> None:
    page = shown.go("/world")
    for question in (False, True):
        page.get_by_label("Save this world as").fill("kept")
        shown.click("Save")
        if question:
            page.get_by_role("dialog").get_by_role("button", name="Replace the snapshot").click()
        expect(page.locator("#notes")).to_contain_text("saved as kept")
    shown.click("Delete the snapshot kept")
    page.get_by_role("dialog").get_by_role("button", name="Delete the snapshot").click()
    expect(page.locator("#notes")).to_contain_text("The snapshot kept has been deleted")


def test_a_wrong_parameter_is_said_beside_its_field(sized: Window) -> None:
    page = sized.go(f"/capsules/{ids.CAPSULE}")
    page.get_by_label("Number of rows").fill("5000")
    sized.click("Start the run")
    field = page.get_by_label("Number of rows")
    expect(field).to_be_focused()
    expect(field).to_have_value("5000")
    expect(page.locator("#f-parameter-0-wrong")).to_have_text("Number of rows: has to be at most 1000")
    assert violations(page) == []
    assert fits(page)


def test_all_of_it_without_scripts(plain: Page, server: Server, client: Client) -> None:
    page, here = plain, plain.url
    page.get_by_role("button", name="+1 h", exact=True).click()
    assert page.url == here
    expect(page.locator("#notes")).to_contain_text("The clock moved by")
    page.get_by_role("button", name="Freeze").click()
    expect(page.locator("#in-force")).to_contain_text("Frozen at")
    page.get_by_label("Scenario").select_option("fails")
    page.get_by_role("button", name="For all runs").click()
    assert page.url == here
    expect(page.locator("#choice")).to_contain_text("All runs: fails")
    page.get_by_label("Number of rows").fill("5000")
    page.get_by_role("button", name="Start the run").click()
    expect(page.locator("#f-parameter-0-wrong")).to_have_text("Number of rows: has to be at most 1000")
    page.get_by_role("button", name="+1 min").click()
    assert page.url == here
    page.locator("#in-force").click()
    page.get_by_role("button", name="429 on polls").click()
    client.ask("GET", f"/computations/{ids.PAST_RUN}", 429)
    page.get_by_label("By", exact=True).fill("soon")
    page.get_by_role("button", name="Move the clock").click()
    expect(page.locator("#advance-by-wrong")).to_contain_text("By: not a duration")
    expect(page.get_by_label("By", exact=True)).to_be_focused()
    page.get_by_role("button", name="Real time…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reset the world for real time?")
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Real time…").click()
    page.get_by_role("button", name="Reset the world").click()
    expect(page.locator("#notes")).to_contain_text("has been reset")
    assert now(server) == START


def test_acting_as_somebody_who_cannot_see_a_page(shown: Window) -> None:
    page = shown.go(f"/capsules/{ids.CAPSULE}")
    page.get_by_label("Act as", exact=True).select_option("cop_demo_viewer")
    shown.click("Act as this user")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not visible to demo-viewer@example.com")
    expect(page.get_by_role("main")).to_contain_text("another user may see it")
    assert violations(page) == []
    cut = page.get_by_label("Act as", exact=True).evaluate("box => box.scrollWidth > box.clientWidth")
    assert not cut
