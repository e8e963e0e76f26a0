"""Runs and data assets through every way that time goes, stopping, deleting, restarts, snapshots and resets, by two
servers on one data directory, against a model.
"""

import asyncio
import copy
import tempfile
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mock_server.app import create_app
from mock_server.settings import Settings
from tests import ids
from tests.conftest import USER, HandClock
from tests.steering.model import HAIR, RUNS, Asset, Clock, Run, Shown, World

CONTROL = "/_mock/worlds/default"

OWN = {ids.CAPSULE: "succeeds", ids.FAILS: "fails", ids.SILENT: "silent-failure", ids.SLOW: "slow"}
"""The capsules that are run, with the scenario that the seed gives them."""

TAG = "mock:scenario="
MADE_HERE = "made-here"

scenarios = st.sampled_from(sorted(RUNS))
lengths = st.sampled_from([0.25, 1.0, 2.0, 5.125, 60.0, 8 * 3600.0]) | st.floats(0, 10)
picks = st.integers(0, 1000)


class Servers:
    """Two servers on one data directory, in this process; one of them is spoken to."""

    def __init__(self, real: HandClock) -> None:
        self._real = real
        self._directory = tempfile.TemporaryDirectory()
        self._runner = asyncio.Runner()
        self._apps = [self._app(), self._app()]
        self.chosen = 0

    def restart(self) -> None:
        """Stop the server that is spoken to, and start it again."""
        self._apps[self.chosen].worlds.close()
        self._apps[self.chosen] = self._app()

    def ask(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """The status and the answer."""
        response = self._runner.run(self._ask(method, path, **more))
        return response.status_code, response.json() if response.content else None

    def close(self) -> None:
        """Stop both."""
        for app in self._apps:
            app.worlds.close()
        self._runner.close()
        self._directory.cleanup()

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._apps[self.chosen])
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", auth=(USER, "")) as client:
            return await client.request(method, path, **more)

    def _app(self) -> Any:
        return create_app(Settings(data_dir=Path(self._directory.name), random_seed=7), self._real)


class Lifecycles(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.real = HandClock()
        self.servers = Servers(self.real)
        self.world = World(Clock(self.real.now, self.real.now))
        self.saved: dict[str, tuple[World, float]] = {}
        self.known: set[str] = set()
        self.written = 0

    def teardown(self) -> None:
        self.servers.close()

    @property
    def now(self) -> float:
        return self.world.clock.now(self.real.now)

    def ask(self, method: str, path: str, expected: int | set[int] = 200, **more: Any) -> Any:
        """The answer, whose status is the expected one."""
        status, answer = self.servers.ask(method, path, **more)
        assert status in ({expected} if isinstance(expected, int) else expected), (method, path, status, answer)
        return answer

    def api(self, method: str, path: str, expected: int | set[int] = 200, **more: Any) -> Any:
        return self.ask(method, f"/api/v1{path}", expected, **more)

    def control(self, method: str, path: str, expected: int | set[int] = 200, **more: Any) -> Any:
        return self.ask(method, CONTROL + path, expected, **more)

    def new_name(self) -> str:
        self.written += 1
        return f"name-{self.written}"

    # What clients do

    @rule(capsule=st.sampled_from(sorted(OWN)), pick=picks, mounts=st.booleans())
    def start(self, capsule: str, pick: int, mounts: bool) -> None:
        uses = one_of(self.world.assets, pick) if mounts and self.world.assets else None
        asset = self.world.assets[uses] if uses else None
        body: dict[str, Any] = {"capsule_id": capsule}
        if uses is not None:
            body["data_assets"] = [{"id": uses, "mount": "mounted"}]
        before = self.now
        possible = {200 if state == "ready" else 400 for state in asset.states(before)} if asset else {200}
        answer = self.api("POST", "/computations", possible, json=body)
        if asset is not None:
            if "id" not in answer:
                return
            asset.was("ready", before)
        assert answer["id"] not in self.world.runs
        plan = self.control("GET", f"/computations/{answer['id']}")
        run = Run.planned(capsule, answer, plan, uses)
        assert abs(run.started - before) < HAIR
        assert run.fits(self.expected_scenario(capsule, asset)), (plan, self.expected_scenario(capsule, asset))
        assert shown(answer) in run.shows(before)
        self.world.runs[answer["id"]] = run
        self.known.add(answer["id"])

    def expected_scenario(self, capsule: str, asset: Asset | None) -> str:
        tagged = [tag.removeprefix(TAG) for tag in asset.tags if tag.startswith(TAG)] if asset else []
        loaded = self.world.loaded if capsule == ids.CAPSULE else None
        return (tagged and tagged[0]) or loaded or OWN[capsule]

    @rule(scenario=scenarios | st.none())
    def create_asset(self, scenario: str | None) -> None:
        name, tags = self.new_name(), [MADE_HERE, *([TAG + scenario] if scenario else [])]
        body = {"name": name, "tags": tags, "mount": name, "source": {"aws": {"bucket": "b"}}}
        answer = self.api("POST", "/data_assets", json=body)
        assert answer["id"] not in self.world.assets
        self.world.assets[answer["id"]] = Asset.made(name, self.now, scenario or "succeeds", tags)
        self.known.add(answer["id"])

    @precondition(lambda self: self.world.assets)
    @rule(pick=picks, scenario=scenarios)
    def tag_asset(self, pick: int, scenario: str) -> None:
        """Its own fate is drawn already; the tag is for the runs that it is given to."""
        key = one_of(self.world.assets, pick)
        tags = [MADE_HERE, TAG + scenario]
        self.api("PUT", f"/data_assets/{key}", json={"tags": tags})
        self.world.assets[key].tags = tags

    @precondition(lambda self: self.world.runs)
    @rule(pick=picks)
    def rename(self, pick: int) -> None:
        key, name = one_of(self.world.runs, pick), self.new_name()
        self.api("PATCH", f"/computations/{key}", 204, params={"name": name})
        self.world.runs[key].name = name

    @precondition(lambda self: self.world.runs)
    @rule(pick=picks)
    def delete_run(self, pick: int) -> None:
        key = one_of(self.world.runs, pick)
        self.api("DELETE", f"/computations/{key}", 204)
        del self.world.runs[key]

    @precondition(lambda self: self.world.assets)
    @rule(pick=picks)
    def delete_asset(self, pick: int) -> None:
        key = one_of(self.world.assets, pick)
        possible = {403 if used else 204 for used in self.world.uses(key, self.now)}
        if self.api("DELETE", f"/data_assets/{key}", possible) is None:
            del self.world.assets[key]

    @precondition(lambda self: self.known)
    @rule(pick=picks)
    def poll(self, pick: int) -> None:
        """On a skipping clock the next change comes after the answer."""
        key = sorted(self.known)[pick % len(self.known)]
        before = self.now
        if key in self.world.runs:
            run = self.world.runs[key]
            answer = self.api("GET", f"/computations/{key}")
            assert shown(answer) in run.shows(before)
            next_change = run.next_change(before)
        elif key in self.world.assets:
            asset = self.world.assets[key]
            answer = self.api("GET", f"/data_assets/{key}")
            assert answer["state"] in asset.states(before)
            asset.was(answer["state"], before)
            next_change = asset.latest if answer["state"] == "draft" else float("inf")
        else:
            for kind in ("computations", "data_assets"):
                self.api("GET", f"/{kind}/{key}", 404)
            return
        if self.world.clock.skipping and next_change < float("inf"):
            self.skipped(key, before, next_change)

    def skipped(self, key: str, before: float, next_change: float) -> None:
        """The clock has moved to that change; for a data asset only the latest time is known."""
        now = self.control("GET", "/clock")["now"]
        if key in self.world.runs:
            assert abs(now - next_change) < HAIR
        else:
            assert max(before, self.world.assets[key].earliest) - HAIR < now < next_change + HAIR
            self.world.assets[key].latest = self.world.assets[key].earliest = now
        self.world.clock.shown = now

    # What the control plane does

    @rule(scenario=scenarios | st.none())
    def load_scenario(self, scenario: str | None) -> None:
        how = {"mix": {scenario: 1}} if scenario == "flaky" else {"like": scenario}
        loaded = [{"name": "own", "when": {"capsule": ids.CAPSULE}, **how}] if scenario else []
        self.control("PUT", "/scenarios", json={"version": 1, "scenarios": loaded})
        self.world.loaded = scenario

    @precondition(lambda self: self.world.runs)
    @rule(pick=picks)
    def stop(self, pick: int) -> None:
        key = one_of(self.world.runs, pick)
        run, now = self.world.runs[key], self.now
        plan = self.control("POST", f"/computations/{key}/stop")
        assert plan["state"] == "completed"
        cut = plan["stages"][-1]["until"] < run.until[-1][1] - HAIR if "until" in plan["stages"][-1] else False
        if run.stopped is None:
            assert cut in {not ended for ended in run.ended(now)}
            run.stopped = now if cut else None

    @rule(length=lengths)
    def time_passes(self, length: float) -> None:
        self.real.advance(length)

    @rule(length=lengths)
    def advance(self, length: float) -> None:
        self.moved({"by": length}, self.now + length)

    @rule(length=lengths)
    def advance_to(self, length: float) -> None:
        self.moved({"to": self.now + length + 1}, self.now + length + 1)

    @rule(length=st.floats(0.01, 1e6))
    def never_backwards(self, length: float) -> None:
        self.control("POST", "/clock/advance", 400, json={"to": self.now - length})
        self.control("PUT", "/clock", 400, json={"mode": "frozen", "at": self.now - length})

    @rule()
    def advance_to_the_next_change(self) -> None:
        before = self.now
        runs = min((run.next_change(before) for run in self.world.runs.values()), default=float("inf"))
        undecided = [asset for asset in self.world.assets.values() if "draft" in asset.states(before)]
        soonest = min((max(asset.earliest, before) for asset in undecided), default=float("inf"))
        latest = min((asset.latest for asset in undecided if asset.states(before) == {"draft"}), default=float("inf"))
        answer = self.control("POST", "/clock/advance", json={"next_change": True})
        now = answer["now"]
        if answer["changes"]:
            assert min(runs, soonest) - HAIR <= now <= min(runs, latest) + HAIR
        else:
            assert min(runs, latest) == float("inf")
        self.arrived(answer, before, now)

    def moved(self, wish: dict[str, Any], target: float) -> None:
        before = self.now
        answer = self.control("POST", "/clock/advance", json=wish)
        assert abs(answer["now"] - target) < HAIR
        self.arrived(answer, before, target)

    def arrived(self, answer: dict[str, Any], before: float, now: float) -> None:
        """The clock has moved; what happened on the way is told."""
        assert abs(answer["before"] - before) < HAIR
        self.world.clock.shown, self.world.clock.since = now, self.real.now
        told: dict[str, set[tuple[str, str]]] = {}
        for change in answer["changes"]:
            assert before - HAIR <= change["at"] <= now + HAIR
            told.setdefault(change["entity"], set()).add((change["before"], change["after"]))
            if change["entity"] in self.world.assets:
                self.world.assets[change["entity"]].was(change["after"], change["at"])
        for key, run in self.world.runs.items():
            surely = run.changes(before + HAIR, now - HAIR)
            assert surely <= told.pop(key, set()) <= run.changes(before - HAIR, now + HAIR)
        assert told.keys() <= self.world.assets.keys()

    @rule(mode=st.sampled_from(["wall", "frozen", "offset", "scaled", "skipping"]), length=lengths, jumps=st.booleans())
    def set_clock(self, mode: str, length: float, jumps: bool) -> None:
        wish: dict[str, Any] = {"mode": mode}
        target = self.now
        if mode == "wall":
            target = self.real.now
        elif mode == "offset" and not jumps:
            wish["offset"], target = length, self.real.now + length
        elif mode == "offset" or jumps:
            target = self.now + length + 1
            wish["at"] = target
        if mode == "scaled":
            wish["scale"] = length + 0.5
        behind = self.now - target
        possible = {400 if behind > 0 else 200} if abs(behind) > HAIR else {200, 400}
        answer = self.control("PUT", "/clock", possible, json=wish)
        if "mode" in answer:
            assert answer["mode"] == mode or (mode == "offset" and target == self.real.now)
            scale = {"wall": 1.0, "offset": 1.0, "scaled": length + 0.5}.get(mode, 0.0)
            self.world.clock = Clock(self.real.now, target, scale, mode == "skipping")

    @rule()
    def restart(self) -> None:
        self.servers.restart()

    @rule()
    def speak_to_the_other_server(self) -> None:
        self.servers.chosen = 1 - self.servers.chosen

    @rule(name=st.sampled_from(["one", "two"]))
    def save(self, name: str) -> None:
        self.control("PUT", f"/snapshots/{name}", 201)
        self.saved[name] = (copy.deepcopy(self.world), self.now)

    @precondition(lambda self: self.saved)
    @rule(pick=picks)
    def load(self, pick: int) -> None:
        name = one_of(self.saved, pick)
        self.control("POST", f"/snapshots/{name}/load")
        world, shown_then = self.saved[name]
        self.world = copy.deepcopy(world)
        self.world.clock.since, self.world.clock.shown = self.real.now, shown_then

    @precondition(lambda self: self.known)
    @rule()
    def reset(self) -> None:
        self.control("POST", "/reset")
        self.world = World(Clock(self.real.now, self.real.now))

    # What must be true after each of these. Lists and searches are no polls: they do not move a skipping clock.

    @invariant()
    def the_clock_shows_its_time(self) -> None:
        first, again = (self.control("GET", "/clock") for _ in range(2))
        assert first == again
        clock = self.world.clock
        assert abs(first["now"] - self.now) < HAIR
        assert (first["scale"], first["mode"] == "skipping") == (clock.scale, clock.skipping)

    @invariant()
    def runs_are_as_they_should_be(self) -> None:
        for capsule in {run.capsule for run in self.world.runs.values()}:
            first, again = (self.api("GET", f"/capsules/{capsule}/computations") for _ in range(2))
            assert first == again
            listed = {run["id"]: run for run in first if run["id"] in self.known}
            assert listed.keys() == {key for key, run in self.world.runs.items() if run.capsule == capsule}
            for key, answer in listed.items():
                run = self.world.runs[key]
                assert shown(answer) in run.shows(self.now), (shown(answer), run.shows(self.now))
                assert answer["name"] == run.name
                assert answer["created"] in {int(run.started - HAIR), int(run.started + HAIR)}

    @invariant()
    def data_assets_are_as_they_should_be(self) -> None:
        body = {"query": f"tag:{MADE_HERE}", "limit": 1000}
        first, again = (self.api("POST", "/data_assets/search", json=body)["results"] for _ in range(2))
        assert first == again
        assert {answer["id"] for answer in first} == self.world.assets.keys()
        for answer in first:
            asset = self.world.assets[answer["id"]]
            assert answer["state"] in asset.states(self.now), (answer["state"], asset, self.now)
            asset.was(answer["state"], self.now)
            assert (answer["name"], answer["tags"]) == (asset.name, asset.tags)
            assert ("failure_reason" in answer) == (answer["state"] == "failed")
            assert answer["created"] in {int(asset.created - HAIR), int(asset.created + HAIR)}


def one_of(things: dict[str, Any], pick: int) -> str:
    return sorted(things)[pick % len(things)]


def shown(answer: dict[str, Any]) -> Shown:
    end = answer.get("end_status"), answer.get("exit_code")
    return Shown(answer["state"], *end, answer["has_results"], answer["run_time"])


TestLifecycles = Lifecycles.TestCase
TestLifecycles.settings = settings(
    max_examples=30,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
