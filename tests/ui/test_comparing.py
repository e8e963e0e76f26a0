"""Two runs side by side: what they were asked for, and what differs in their results."""

from collections.abc import Iterator

import pytest

from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.control.conftest import Plane, World
from tests.ui.conftest import Browser, started
from tests.ui.html import Page
from tests.ui.test_hostile import NASTY, harmless

DRIVEN = "version: 1\nscenarios: [{name: by-hand, like: driven, when: {name: '*'}}]"


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    with Plane(server.url) as plane:
        yield plane.of("default")


def left(world: World, client: Client, **files: bytes) -> str:
    """The id of a run that has left these files."""
    run = started(client, ids.CAPSULE)
    for name, content in files.items():
        world.ask("PUT", f"/computations/{run}/results/{name.replace('__', '.')}", content=content)
    world.ask("POST", f"/computations/{run}/finish", json={"exit_code": 0})
    return run


def compare(browser: Browser, *runs: str, path: str = "", status: int = 200) -> Page:
    query = "&".join([*(f"run={run}" for run in runs), *([f"path={path}"] if path else [])])
    return browser.page(f"/computations/compare?{query}", status)


def test_what_was_asked_for_is_compared(browser: Browser, client: Client, clock: HandClock) -> None:
    def run(rows: str, **more: object) -> str:
        return started(client, ids.CAPSULE, named_parameters=[{"param_name": "rows", "value": rows}], **more)

    first = run("3")
    clock.advance(1)
    second = run("5", data_assets=[{"id": ids.IRIS, "mount": "flowers"}])
    clock.advance(60)
    for order in ((first, second), (second, first)):
        page = compare(browser, *order)
        assert "Number of rows differs 3 5" in page.text
        assert "Label demo demo" in page.text
        assert "Iris measurements differs none /data/flowers" in page.text
        assert "output differs" in page.text
    page = browser.page(f"/computations/{second}")
    assert compare(browser, first, second).text == browser.at(next(p for p in page.paths if "compare?" in p)).text


def test_the_first_run_of_a_capsule_has_none_before_it(browser: Browser, client: Client) -> None:
    assert "previous run" not in browser.page(f"/computations/{ids.WORKSTATION}").text
    run = started(client, ids.CAPSULE)
    assert "previous run" in browser.page(f"/computations/{run}").text


def test_files_are_told_apart_by_their_bytes(browser: Browser, world: World, client: Client) -> None:
    world.load(DRIVEN)
    common = {"same": b"a\n", "large": b"x" * 9000}
    first = left(world, client, **common, text__txt=b"a\nb\nc\n", bytes__bin=b"\0\1", one=b"1")
    second = left(world, client, **common, text__txt=b"a\nB\nc\n", bytes__bin=b"\0\2", other=b"2")
    page = compare(browser, first, second)
    for words in ("same same", "large same", "text.txt differs", "bytes.bin differs", "one only in the first"):
        assert words in page.text
    assert "other only in the second" in page.text
    page = compare(browser, first, second, path="text.txt")
    assert "@@ -1,4 +1,4 @@ a -b +B c" in page.text
    assert "neither text nor images" in compare(browser, first, second, path="bytes.bin").text
    assert "no such file" in compare(browser, first, second, path="one").text
    assert "The files are identical" in compare(browser, first, second, path="same").text
    compare(browser, first, second, path="nothing", status=404)


def test_texts_with_little_in_common_are_shown_by_their_beginnings(
    browser: Browser, world: World, client: Client
) -> None:
    world.load(DRIVEN)
    texts = ("".join(f"{word} {number}\n" for number in range(50_000)).encode() for word in ("first", "second"))
    first, second = (left(world, client, big__txt=text) for text in texts)
    page = compare(browser, first, second, path="big.txt")
    assert "differ too much" in page.text
    assert "first 99" in page.text
    assert "first 100" not in page.text
    assert "Only the beginnings" in page.text


def test_pictures_stand_side_by_side(browser: Browser, client: Client, clock: HandClock) -> None:
    runs = [started(client, ids.CAPSULE) for _ in range(2)]
    clock.advance(60)
    page = compare(browser, *runs, path="figures/overview.svg")
    sources = [given["src"] or "" for tag, given in page.elements if tag == "img" and "/raw?" in (given["src"] or "")]
    assert [any(run in source for source in sources) for run in runs] == [True, True]


def test_two_runs_it_has_to_be(browser: Browser, client: Client) -> None:
    run = started(client, ids.CAPSULE)
    for runs in ((), (run,), (run, run), (run, ids.PAST_RUN, ids.FASTQC_RUN)):
        assert "select two runs" in compare(browser, *runs, status=400).text
    compare(browser, run, ids.NOBODYS, status=404)


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_hostile_parameters_and_files_stay_text(browser: Browser, world: World, client: Client, nasty: str) -> None:
    world.load(DRIVEN)
    text = nasty.encode("utf-8", "replace")
    first, second = left(world, client, a__txt=text), left(world, client, a__txt=b"z\n" + text)
    client.ask("PATCH", f"/computations/{first}", 204, params={"name": nasty})
    for path in ("", "a.txt"):
        harmless(compare(browser, first, second, path=path))
