"""What scenario files say is what runs, data assets, attachments and releases do: every field, seen by clients."""

from pathlib import Path
from typing import Any

import pytest

from tests import ids
from tests.conftest import START, Client
from tests.control.conftest import World, asset_of, bytes_of, ended, names_of, started

ALWAYS = "when: {name: '*'}"

OUTCOME = ("state", "end_status", "exit_code", "has_results")


def one(fields: str, kind: str = "computation") -> str:
    """A file with one scenario, for everything of its kind."""
    return f"version: 1\nscenarios:\n  - {{name: own, kind: {kind}, {ALWAYS}, {fields}}}\n"


def lengths(world: World, run: str) -> dict[str, float | None]:
    """How long each stage of a run lasts; None for ever."""
    stages = world.ask("GET", f"/computations/{run}")["stages"]
    return {stage["state"]: stage["until"] - stage["since"] if "until" in stage else None for stage in stages}


@pytest.mark.parametrize(
    ("written", "seconds"), [("5", 5), ("0.5", 0.5), ("90s", 90), ("1h30m", 5400), ("250ms", 0.25), ("0", 0)]
)
@pytest.mark.parametrize("stage", ["initializing", "running", "finalizing"])
def test_a_stage_of_a_fixed_length(own: World, user: Client, stage: str, written: str, seconds: float) -> None:
    own.load(one(f"{stage}: {written}"))
    run = started(user)
    found = lengths(own, run)
    assert list(found) == ["initializing", "running", "finalizing"]
    assert found[stage] == pytest.approx(seconds, abs=1e-5)
    others = {"initializing": 1.5, "running": 6.0, "finalizing": 1.5}
    for other, most in others.items():
        assert other == stage or 1 <= (found[other] or 0) <= most


def test_the_public_api_sees_the_stages(own: World, user: Client) -> None:
    own.load(one("initializing: 10, running: 1h, finalizing: 0"))
    run = started(user)
    seen = []
    for _ in range(3):
        at = own.ask("GET", "/clock")["next_change"]
        before = user.ask("GET", f"/computations/{run}")
        seen.append((before["state"], at))
        own.advance(next_change=True)
    assert seen == [("initializing", START + 10), ("running", pytest.approx(START + 3610)), ("completed", None)]
    assert user.ask("GET", f"/computations/{run}")["run_time"] == 3610


def test_a_range_is_drawn_from(own: World, user: Client) -> None:
    own.load(one("running: [1m, 10m]"))
    found = [lengths(own, started(user))["running"] or 0 for _ in range(60)]
    assert all(60 <= seconds <= 600 for seconds in found)
    assert len({round(seconds) for seconds in found}) > 40
    assert min(found) < 150
    assert max(found) > 510


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ("state: failed", ("failed", "succeeded", 0, True)),
        ("end_status: failed", ("completed", "failed", 0, True)),
        ("end_status: stopped", ("completed", "stopped", 0, True)),
        ("exit_code: 139", ("completed", "succeeded", 139, True)),
        ("exit_code: -9", ("completed", "succeeded", -9, True)),
        ("has_results: false", ("completed", "succeeded", 0, False)),
        ("exit_code: 1, has_results: false", ("completed", "succeeded", 1, False)),
        ("like: silent-failure", ("completed", "succeeded", 1, False)),
        ("like: out-of-memory, exit_code: 1", ("completed", "failed", 1, False)),
        ("like: fails, end_status: succeeded", ("completed", "succeeded", 1, False)),
        ("like: fails, has_results: true", ("completed", "failed", 1, True)),
        ("like: fails, own_results: true", ("completed", "failed", 1, True)),
        ("like: fails, results: [{path: a, text: b}]", ("completed", "failed", 1, True)),
        ("own_results: false", ("completed", "succeeded", 0, False)),
        ("like: null, exit_code: null", ("completed", "succeeded", 0, True)),
    ],
)
def test_how_a_run_ends(own: World, user: Client, fields: str, outcome: tuple[object, ...]) -> None:
    own.load(one(fields))
    run = started(user)
    assert [user.ask("GET", f"/computations/{run}").get(name) for name in OUTCOME[1:3]] == [None, None]
    end = ended(user, own, run)
    assert tuple(end[name] for name in OUTCOME) == outcome
    left = names_of(user, run)
    assert "output" in left
    assert outcome[3] or left == ["output"], "a run without results has its log alone"


def test_a_failure_that_nobody_is_told_of(own: World, user: Client) -> None:
    """Seen on the real service: completed, succeeded, exit code 1, no results."""
    own.load(one("exit_code: 1, has_results: false"))
    run = started(user)
    end = ended(user, own, run)
    assert (end["state"], end["end_status"], end["exit_code"], end["has_results"]) == (
        "completed",
        "succeeded",
        1,
        False,
    )
    assert names_of(user, run) == ["output"]
    body = {"name": "n", "mount": "m", "tags": [], "source": {"computation": {"id": run}}}
    assert "no results" in user.ask("POST", "/data_assets", 400, json=body)["message"]


@pytest.mark.parametrize("stage", ["initializing", "running", "finalizing"])
def test_a_run_that_is_stuck(own: World, user: Client, stage: str) -> None:
    own.load(one(f"stuck_in: {stage}"))
    run = started(user)
    own.advance(by="1000d")
    assert user.ask("GET", f"/computations/{run}")["state"] == stage
    assert list(lengths(own, run))[-1] == stage
    assert lengths(own, run)[stage] is None
    assert own.ask("GET", "/clock")["next_change"] is None


def test_the_last_line_of_the_log(own: World, user: Client) -> None:
    own.load(one('log: "CUDA error: out of memory"'))
    run = started(user)
    ended(user, own, run)
    assert bytes_of(user, run, "output").decode().splitlines()[-1] == "CUDA error: out of memory"


@pytest.mark.parametrize("empty", ["log", "own_results", "stuck_in"])
def test_a_field_without_a_value_is_as_left_out(own: World, user: Client, empty: str) -> None:
    own.load(one(f"{empty}: "))
    run = started(user)
    assert ended(user, own, run)["state"] == "completed"
    assert names_of(user, run) == ["figures", "output", "table.csv"]
    assert bytes_of(user, run, "output").decode().splitlines()[-1] == "Run completed."


def test_results_are_added(own: World, user: Client) -> None:
    own.load(
        one(
            "results: [{path: deep/down/counts.csv, text: 'word,count'}, {path: raw.bin, base64: AP/+},"
            " {path: core.dump, size: 2000000000}, {path: table.csv, text: another}, {path: empty, text: ''}]"
        )
    )
    run = started(user)
    ended(user, own, run)
    assert names_of(user, run) == ["core.dump", "deep", "empty", "figures", "output", "raw.bin", "table.csv"]
    assert names_of(user, run, "deep/down") == ["counts.csv"]
    assert bytes_of(user, run, "deep/down/counts.csv") == b"word,count"
    assert bytes_of(user, run, "raw.bin") == b"\x00\xff\xfe"
    assert bytes_of(user, run, "table.csv") == b"another"
    assert bytes_of(user, run, "empty") == b""
    listing = user.ask("POST", f"/computations/{run}/results", json={"path": ""})["items"]
    assert {item["name"]: item.get("size") for item in listing}["core.dump"] == 2_000_000_000


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ("own_results: false", ["output"]),
        ("own_results: false, results: [{path: a, text: b}]", ["a", "output"]),
        ("like: fails, own_results: true", ["figures", "output", "table.csv"]),
        ("like: fails, results: [{path: a, text: b}]", ["a", "output"]),
    ],
)
def test_the_capsules_own_results(own: World, user: Client, fields: str, names: list[str]) -> None:
    own.load(one(fields))
    run = started(user)
    ended(user, own, run)
    assert names_of(user, run) == names


def test_files_of_a_directory(own: World, user: Client, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    (folder / "deep").mkdir(parents=True)
    (folder / "text.txt").write_text("Grüße\n")
    (folder / "deep" / "raw.bin").write_bytes(b"\xff\x00")
    (folder / "table.csv").write_text("from the folder")
    fields = "directory: files, results: [{path: table.csv, text: written}]"
    own.load(one(fields), params={"source": str(tmp_path / "scenarios.yaml")})
    (folder / "text.txt").write_text("changed since")
    run = started(user)
    ended(user, own, run)
    assert names_of(user, run) == ["deep", "figures", "output", "table.csv", "text.txt"]
    assert bytes_of(user, run, "text.txt").decode() == "Grüße\n"
    assert bytes_of(user, run, "deep/raw.bin") == b"\xff\x00"
    assert bytes_of(user, run, "table.csv") == b"written"


def test_results_of_a_scenario_are_captured(own: World, user: Client) -> None:
    own.load(one("results: [{path: big.bin, size: 100000}, {path: a, text: b}]"))
    run = started(user)
    ended(user, own, run)
    content = bytes_of(user, run, "big.bin")
    asset = asset_of(user, source={"computation": {"id": run}})
    own.ask("DELETE", "/scenarios", status=204)
    user.ask("DELETE", f"/computations/{run}", 204)
    own.advance(by="1m")
    assert user.ask("GET", f"/data_assets/{asset}")["state"] == "ready"
    urls = user.ask("GET", f"/data_assets/{asset}/files/urls", params={"path": "big.bin"})
    assert user.get(urls["download_url"], auth=None).content == content
    assert len(content) == 100_000


def test_a_mix_is_drawn_from_the_seed(own: World, user: Client) -> None:
    own.load(
        f"version: 1\nscenarios:\n"
        f"  - {{name: odd, exit_code: 3}}\n"
        f"  - {{name: inner, mix: {{odd: 1, stopped: 1}}}}\n"
        f"  - {{name: outer, {ALWAYS}, mix: {{fails: 1, inner: 2, stuck: 0}}}}\n"
    )
    runs = [started(user) for _ in range(150)]
    names = [own.ask("GET", f"/computations/{run}")["scenario"] for run in runs]
    counted = {name: names.count(name) for name in set(names)}
    assert set(counted) == {"fails", "odd", "stopped"}
    assert all(30 < count < 70 for count in counted.values()), counted
    own.advance(by="1h")
    codes = {name: user.ask("GET", f"/computations/{run}")["exit_code"] for run, name in zip(runs, names, strict=True)}
    assert codes == {"fails": 1, "odd": 3, "stopped": 0}


def test_like_one_that_stands_before(own: World, user: Client) -> None:
    own.load(
        "version: 1\nscenarios:\n"
        "  - {name: base, running: 100, exit_code: 7, log: base, results: [{path: a, text: a}]}\n"
        "  - {name: own, like: base, when: {name: '*'}, exit_code: 8, results: [{path: b, text: b}]}\n"
    )
    run = started(user)
    assert lengths(own, run)["running"] == pytest.approx(100)
    assert ended(user, own, run)["exit_code"] == 8
    assert {"a", "b"} < set(names_of(user, run))
    assert bytes_of(user, run, "output").decode().endswith("base\n")


def test_how_a_data_asset_is_made(own: World, user: Client) -> None:
    own.load(one("draft: 1h", "data_asset"))
    asset = asset_of(user)
    own.advance(by=3599)
    assert user.ask("GET", f"/data_assets/{asset}")["state"] == "draft"
    own.advance(by=1)
    assert user.ask("GET", f"/data_assets/{asset}")["state"] == "ready"
    own.load(one("failure_reason: access denied", "data_asset"))
    failed = asset_of(user)
    own.advance(by="1m")
    told = user.ask("GET", f"/data_assets/{failed}")
    assert (told["state"], told["failure_reason"]) == ("failed", "access denied")
    own.load(one("stuck_in: draft", "data_asset"))
    stuck = asset_of(user)
    own.advance(by="1000d")
    assert user.ask("GET", f"/data_assets/{stuck}")["state"] == "draft"


def attached(client: Client) -> dict[str, Any]:
    """A data asset that is attached to the capsule with ordered parameters: what is said of it."""
    [made] = client.ask("POST", f"/capsules/{ids.ORDERED}/data_assets", json=[{"id": ids.IRIS}])
    return dict(made)


def exit_codes(own: World, user: Client) -> tuple[int, int]:
    """The exit codes of a run that starts now and of one that starts ten seconds later."""
    early = started(user, capsule_id=ids.ORDERED)
    own.advance(by=9)
    own.advance(by=1)
    late = started(user, capsule_id=ids.ORDERED)
    ended(user, own, late)
    first, second = (user.ask("GET", f"/computations/{run}")["exit_code"] for run in (early, late))
    if first:
        assert "No such file or directory: /data/iris" in bytes_of(user, early, "output").decode()
    return first, second


@pytest.mark.parametrize(
    ("fields", "codes"),
    [("mounting: 10", (1, 0)), ("mounting: 10, failure_reason: no room", (1, 1)), ("stuck_in: mounting", (1, 1))],
)
def test_how_a_data_asset_is_attached(own: World, user: Client, fields: str, codes: tuple[int, int]) -> None:
    """Runs that do not find the folder fail."""
    own.load(one(fields, "attachment"))
    made = attached(user)
    assert (made["mount_state"], made["ready"], made["mount"]) == ("mounting", False, "iris")
    assert made["job_id"]
    assert attached(user) == made
    assert exit_codes(own, user) == codes


def test_a_data_asset_that_cannot_be_attached(own: World, user: Client) -> None:
    """It is said at once, and is attached when it is tried again and nothing stands in the way."""
    own.load(one("failure_reason: no room", "attachment"))
    made = attached(user)
    assert (made["mount_state"], made["ready"], made["mount"], made["job_id"]) == ("error", True, "", "")
    assert exit_codes(own, user) == (1, 1)
    own.ask("DELETE", "/scenarios", status=204)
    assert attached(user)["mount_state"] == "mounted"
    assert attached(user)["mount_state"] == "unchanged"
    assert exit_codes(own, user) == (0, 0)


@pytest.mark.parametrize(
    ("fields", "seen", "told"),
    [
        ("created: 10, started: 20", {5: "created", 25: "started", 31: "completed"}, {}),
        ("status: failed, error: no DOI", {60: "failed"}, {"error": "no DOI"}),
        ("error: no DOI", {60: "failed"}, {"error": "no DOI"}),
        ("status: canceled", {60: "canceled"}, {}),
        ("stuck_in: created", {10**6: "created"}, {}),
        ("stuck_in: started", {10**6: "started"}, {}),
    ],
)
def test_how_a_release_goes(own: World, user: Client, fields: str, seen: dict[int, str], told: dict[str, Any]) -> None:
    own.load(one(fields, "release"))
    ended(user, own, started(user))
    job = user.ask("POST", f"/capsules/{ids.CAPSULE}/release")
    assert job["status"] == "created"
    for seconds, status in seen.items():
        own.advance(to=START + 3600 + seconds)
        shown = user.ask("GET", f"/capsules/{ids.CAPSULE}/release/{job['job_id']}")
        assert shown["status"] == status
    assert {key: shown[key] for key in told} == told
    assert ("release_version" in shown) == (status == "completed")
