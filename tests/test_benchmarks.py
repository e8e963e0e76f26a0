"""A benchmark tells what fell and what is missed; a run that misses a target fails."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import record
from benchmarks.figures import Figure, measured, paired
from benchmarks.record import Record
from mock_server.version import __version__


@pytest.fixture(autouse=True)
def _same_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "pace", lambda: 5.0)


def finished(folder: Path, *figures: Figure) -> tuple[int, str]:
    """A run with `figures`: its exit code, and what it printed."""
    out = io.StringIO()
    kept = Record(Console(file=out, width=200), "bench", folder)
    kept.add(*figures)
    return kept.finish(), out.getvalue()


def seconds(value: float, target: float | None = None) -> Figure:
    return measured("start", "s", [value * 0.99, value, value * 1.01], more=False, target=target)


def ratio(value: float, target: float | None = None) -> Figure:
    return paired("GET, ours / other", [value * 99, value * 100, value * 101], [100, 100, 100], target)


def test_a_missed_target_fails_the_run_and_is_printed_last(tmp_path: Path) -> None:
    code, out = finished(tmp_path, ratio(1.2, target=1.3), seconds(1, target=1.2))
    assert code == 1
    assert out.splitlines()[-1].startswith("MISSED: GET, ours / other: 1.2 ")
    assert out.count("MISSED:") == 1


def test_a_run_that_meets_its_targets_succeeds(tmp_path: Path) -> None:
    code, out = finished(tmp_path, ratio(1.3, target=1.3), seconds(1.2, target=1.2))
    assert (code, out.splitlines()[-1]) == (0, "All targets are met.")


@pytest.mark.parametrize(
    ("before", "now", "fell"),
    [(1.5, 1.3, True), (1.5, 1.49, False), (1.3, 1.5, False)],
    ids=["far", "hardly", "risen"],
)
def test_a_ratio_that_fell_since_the_last_run_is_printed(tmp_path: Path, before: float, now: float, fell: bool) -> None:
    finished(tmp_path, ratio(before))
    assert ("FELL: GET" in finished(tmp_path, ratio(now))[1]) is fell


def test_a_fall_within_the_spread_of_the_rounds_is_none(tmp_path: Path) -> None:
    finished(tmp_path, ratio(1.5))
    wide = paired("GET, ours / other", [100, 130, 160], [100, 100, 100], None)
    assert "FELL" not in finished(tmp_path, wide)[1]


def test_times_are_compared_on_the_same_kind_of_machine_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(tmp_path, seconds(1), ratio(1.5))
    out = finished(tmp_path, seconds(2), ratio(1.3))[1]
    assert "FELL: start" in out
    assert "FELL: GET" in out
    finished(tmp_path, seconds(1), ratio(1.5))
    monkeypatch.setattr(record, "machine", lambda: {"cores": 1000})
    out = finished(tmp_path, seconds(2), ratio(1.3))[1]
    assert "ratios only" in out
    assert "FELL: start" not in out
    assert "FELL: GET" in out


def test_times_are_compared_at_the_same_pace_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for before, now, is_compared in ((5, 6, True), (5, 9, False), (9, 5, False)):
        monkeypatch.setattr(record, "pace", lambda ms=before: ms)
        finished(tmp_path, seconds(1), ratio(1.5))
        monkeypatch.setattr(record, "pace", lambda ms=now: ms)
        out = finished(tmp_path, seconds(2), ratio(1.3))[1]
        assert ("FELL: start" in out) is is_compared
        assert "FELL: GET" in out


def test_results_without_a_pace_are_compared_by_ratios(tmp_path: Path) -> None:
    finished(tmp_path, seconds(1))
    path = tmp_path / f"{__version__}.json"
    content = json.loads(path.read_text())
    del content["runs"]["bench"]["pace_ms"]
    path.write_text(json.dumps(content))
    assert "ratios only" in finished(tmp_path, seconds(2))[1]


def test_what_another_server_does_cannot_fall(tmp_path: Path) -> None:
    for value in (1.0, 2.0):
        other = measured("start, other", "s", [value], more=False, ours=False)
        assert "FELL" not in finished(tmp_path, other)[1]


def test_the_newest_version_on_record_is_compared_with(tmp_path: Path) -> None:
    finished(tmp_path, ratio(1.5))
    content = json.loads((tmp_path / f"{__version__}.json").read_text())
    (tmp_path / f"{__version__}.json").unlink()
    for version, value in (("0.0.9", 3.0), ("0.0.10", 1.3)):
        content["runs"]["bench"]["figures"]["GET, ours / other"] |= {"value": value}
        (tmp_path / f"{version}.json").write_text(json.dumps(content))
    out = finished(tmp_path, ratio(1.3))[1]
    assert "results of 0.0.10" in out
    assert "FELL" not in out


def test_results_tell_the_kind_of_machine_and_nothing_of_this_one(tmp_path: Path) -> None:
    finished(tmp_path, ratio(1.5), seconds(1))
    content = json.loads((tmp_path / f"{__version__}.json").read_text())
    run = content["runs"]["bench"]
    assert set(run["machine"]) == {"cores", "memory_gb", "processor", "python", "system"}
    assert {name: figure["value"] for name, figure in run["figures"].items()} == {
        "GET, ours / other": 1.5,
        "start": 1.0,
    }
