"""Replaying: everything that is served is recorded, a commit is equal to itself, and what differs is found."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mock_server.control import spec
from mock_server.ui.dashboard import PARTS
from mock_server.ui.paths import WORLDS
from tests.process import COMMAND
from tools.replay.__main__ import main
from tools.replay.comparing import differences, report
from tools.replay.recorder import Line, write
from tools.replay.recording import record
from tools.replay.spec import missing, operations

pytestmark = pytest.mark.slow

TEMPLATE = re.compile(r"\{\w+\}")


@pytest.fixture(scope="module")
def twice() -> list[list[Line]]:
    """Two recordings of this checkout."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(record, [Path(COMMAND)] * 2))


@pytest.fixture
def lines(twice: list[list[Line]]) -> list[Line]:
    return json.loads(json.dumps(twice[0]))  # type: ignore[no-any-return]


def answered(lines: list[Line], method: str, template: str) -> bool:
    """Whether a request for that path succeeded."""
    path = re.compile(TEMPLATE.sub("[^/]+", template))
    found = (line for line in lines if line["method"] == method and path.fullmatch(line["target"].partition("?")[0]))
    return any(200 <= line["status"] < 400 for line in found)


def test_a_commit_is_equal_to_itself(twice: list[list[Line]]) -> None:
    assert report(differences(*twice), len(twice[0])) == f"{len(twice[0])} answers are the same to the byte."


def test_every_operation_is_recorded_with_its_refusals(lines: list[Line]) -> None:
    assert missing(lines, operations()) == {}


def test_an_operation_that_is_not_driven_is_named(lines: list[Line]) -> None:
    [release] = [one for one in operations() if one.name == "release_pipeline"]
    without = [line for line in lines if not release.answers(line)]
    assert missing(without, operations()) == {"release_pipeline": ["2xx", "400", "401", "403", "404"]}


def test_every_route_of_the_control_plane_is_recorded(lines: list[Line]) -> None:
    paths = spec.document()["paths"]
    routes = [(method.upper(), path) for path, methods in paths.items() for method in methods]
    assert len(routes) > 20
    assert [route for route in routes if not answered(lines, *route)] == []


def test_every_page_and_form_of_the_dashboard_is_recorded(lines: list[Line]) -> None:
    pages = [(page.method, f"{WORLDS}/{{world}}{page.path}") for part in PARTS for page in part.PAGES]
    assert len(pages) > 30
    assert [page for page in pages if not answered(lines, *page)] == []


def test_nothing_that_is_recorded_is_an_error_of_the_server(lines: list[Line]) -> None:
    """But for the faults that a script has set."""
    assert {line["section"] for line in lines if line["status"] in (0, 500)} <= {"faults", "pages of the dashboard"}


def changed(lines: list[Line]) -> Iterator[tuple[str, list[Line]]]:
    """A recording with one thing changed, and what the report has to say of it."""
    number = next(n for n, line in enumerate(lines) if line["section"] == "what cop_demo_user reads")
    line = lines[number]
    body = line["body"]["json"]

    def one(**members: Any) -> list[Line]:
        return [*lines[:number], line | members, *lines[number + 1 :]]

    yield "status: 200 → 201", one(status=201)
    yield (
        'body.categories: ["Subject", "Acquisition", "Quality"] → ["Subject"]',
        one(body={"json": body | {"categories": ["Subject"]}}),
    )
    yield "body: the members stand in another order", one(body={"json": dict(reversed(body.items()))})
    yield "+Server: other", one(headers=[*line["headers"], ["Server", "other"]])
    yield "sent by the first alone", [*lines[:number], *lines[number + 1 :]]
    yield 'target: "/api/v1/custom_metadata" → "/other"', one(target="/other")


def test_every_kind_of_difference_is_reported(lines: list[Line]) -> None:
    for what, other in changed(lines):
        text = report(differences(lines, other), len(lines))
        assert what in text
        assert "GET /api/v1/custom_metadata" in text


def test_the_exit_status_says_whether_something_differs(
    lines: list[Line], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    write(lines, one)
    for status, kept in ((0, lines), (1, lines[1:])):
        write(kept, other)
        monkeypatch.setattr("sys.argv", ["replay", "compare", str(one), str(other)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == status
    assert f"1 of {len(lines)} answers differ." in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["record", ".", "x"], ["compare", "nowhere", "nowhere"], []])
def test_wrong_arguments_get_one_line(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["replay", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert "\n" not in str(ended.value.code)
    assert ended.value.code != 0
