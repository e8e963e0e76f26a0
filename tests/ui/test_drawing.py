"""What is worked out for the pages: lengths of bars, places of boxes, numbers with units."""

import math

import pytest

from mock_server.domain.lifecycle import FOREVER, End, Plan, Stage
from mock_server.services.lineage import Lineage, Made, Thing
from mock_server.ui import formats, pieces, provenance, timeline
from mock_server.ui.page_context import PageContext
from mock_server.wire.data_assets import DataAsset


def plan(*stages: tuple[str, float], driven: bool = False) -> Plan:
    return Plan(0, tuple(Stage(*stage) for stage in stages), End("completed", "failed"), driven=driven)


EIGHT_HOURS = plan(("initializing", 1), ("running", 28800), ("finalizing", 1))


def test_bars_fill_the_width_and_even_a_short_state_is_seen() -> None:
    drawn = timeline.draw(EIGHT_HOURS, 14401, ended=False)
    assert math.isclose(sum(bar.width for bar in drawn.bars), timeline.WIDTH)
    assert all(bar.width > timeline.WIDTH * 0.08 for bar in drawn.bars)
    assert [bar.current for bar in drawn.bars] == [False, True, False]
    first, middle, last = drawn.bars
    assert first.past == first.width
    assert math.isclose(middle.past, middle.width / 2)
    assert last.past == 0
    assert drawn.now is not None
    assert math.isclose(drawn.now, middle.x + middle.width / 2)
    assert (drawn.end_state, drawn.end_at, drawn.ended) == ("failed", 28802, False)


def test_what_is_over_is_past() -> None:
    drawn = timeline.draw(EIGHT_HOURS, 99999, ended=True)
    assert [bar.past for bar in drawn.bars] == [bar.width for bar in drawn.bars]
    assert drawn.now is None


def test_a_state_without_an_end_takes_half_of_what_is_left() -> None:
    drawn = timeline.draw(plan(("initializing", 4), ("running", FOREVER)), 1e9, ended=False)
    assert drawn.bars[0].width == drawn.bars[1].width
    assert drawn.bars[1].current
    assert drawn.end_at is None


def test_the_end_of_a_run_that_is_driven_is_open() -> None:
    going = plan(("initializing", 4), ("running", FOREVER), driven=True)
    drawn = timeline.draw(going, 1e9, ended=False)
    assert (drawn.end_state, drawn.end_at, drawn.ended) == (None, None, False)


def test_states_of_no_length_are_left_out() -> None:
    drawn = timeline.draw(plan(("initializing", 0), ("running", 4)), 1, ended=False)
    assert [bar.state for bar in drawn.bars] == ["running"]
    assert timeline.draw(plan(("running", 0)), 1, ended=True).bars == []


class Somewhere(PageContext):
    """A visit as far as a picture needs one."""

    def __init__(self) -> None:
        pass

    def to(self, *parts: str, **query: object) -> str:
        return "/".join(parts)


def asset(name: str) -> Thing:
    return Thing("data_asset", name, name)


ITSELF = DataAsset.model_validate(
    {
        "created": 1,
        "id": "me",
        "last_used": 0,
        "mount": "m",
        "name": "me",
        "owner": "o",
        "state": "ready",
        "type": "result",
    }
)


def test_boxes_stand_from_left_to_right_and_do_not_touch() -> None:
    run, user = Thing("computation", "run", "run"), Thing("computation", "user", "user")
    lineage = Lineage(
        [asset("in"), Thing("bucket", "b", "b")],
        Thing("capsule", "c", "c"),
        run,
        [user],
        [Made(asset("out"), "user"), Made(asset("odd"), None)],
        [],
    )
    picture = provenance.draw(Somewhere(), ITSELF, lineage)
    boxes = {box.name: box for box in picture.boxes}
    order = [boxes[name].x for name in ("in", "run", "me", "user", "out")]
    assert order == sorted(set(order))
    places = [(box.x, box.y) for box in picture.boxes]
    assert len(places) == len(set(places)) == 8
    assert max(box.y for box in picture.boxes) + provenance.BOX_HEIGHT <= picture.height
    assert len(picture.lines) == 7
    assert boxes["in"].href == "data_assets/in"
    assert boxes["b"].href == boxes["me"].href == ""


def test_what_is_hidden_has_no_name_and_no_link() -> None:
    lineage = Lineage([Thing("data_asset", "secret", None)], None, None, [], [], [])
    box = provenance.draw(Somewhere(), ITSELF, lineage).boxes[0]
    assert (box.name, box.href) == ("not to be seen", "")


def test_a_column_has_an_end() -> None:
    lineage = Lineage([], None, None, [], [Made(asset(str(number)), None) for number in range(50)], [])
    picture = provenance.draw(Somewhere(), ITSELF, lineage)
    assert len(picture.boxes) == provenance.MOST + 1
    assert picture.left_out == 50 - provenance.MOST


def test_long_names_are_cut() -> None:
    lineage = Lineage([asset("several words " * 50)], None, None, [], [], [])
    lines = provenance.draw(Somewhere(), ITSELF, lineage).boxes[0].lines
    assert len(lines) == 2
    assert all(len(line) <= provenance.LETTERS for line in lines)
    assert lines[1].endswith("…")


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, "-"), (0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (262144, "262 KB"), (7184869799906702, "7.2 PB")],
)
def test_sizes(count: int | None, text: str) -> None:
    assert formats.sized(count).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0004, "< 1 ms"),
        (0.0012, "1 ms"),
        (2.5, "2.5 s"),
        (3.002, "3 s"),
        (59.6, "60 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (5400, "1 h 30 min"),
        (28800, "8 h"),
        (200_000, "2 d 7 h"),
        (172_800, "2 d"),
    ],
)
def test_lengths_of_time(seconds: float, text: str) -> None:
    assert formats.lasting(seconds).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("address", "html"),
    [
        ("a@b.org", '<bdi class="person"><span>a</span><wbr><span>@b.org</span></bdi>'),
        ("9b17-d7b7", '<bdi class="person"><span>9b17-d7b7</span></bdi>'),
        ("<b>@x@y", '<bdi class="person"><span>&lt;b&gt;</span><wbr><span>@x@y</span></bdi>'),
        ("x" * 33, f"<bdi>{'x' * 33}</bdi>"),
        ("", '<bdi class="person"></bdi>'),
    ],
)
def test_addresses_are_broken_before_their_sign(address: str, html: str) -> None:
    assert pieces.person(address) == html


def test_counts_have_their_noun() -> None:
    assert formats.counted(1, "file") == "1 file"
    assert formats.counted(24212276, "file") == "24,212,276 files"
    assert [formats.status_tone(status) for status in (200, 304, 404, 503, 0)] == ["good", "warn", "warn", "bad", "bad"]
