"""Runs and data assets through every way that time goes, stopping, deleting, restarts, snapshots and resets, by two
servers on one data directory, against a model.
"""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from mock_server.client import CodeOceanWorld
from tests import ids
from tests.conftest import Client
from tests.steering.driving import Driving, one_of, picks, shown
from tests.steering.model import HAIR, RUNS, Asset, Clock, Driven, World, planned

pytestmark = pytest.mark.slow

OWN = {ids.CAPSULE: "succeeds", ids.FAILS: "fails", ids.SILENT: "silent-failure", ids.SLOW: "slow"}
"""The capsules that are run, with the scenario that the seed gives them."""

LEAVES_FILES = {ids.CAPSULE, ids.SLOW}
"""Those of them whose code leaves files, so that a run can have results."""

TAG = "mock:scenario="
MADE_HERE = "made-here"

MODES = ("wall", "frozen", "offset", "scaled", "skipping")

MANY = 3
"""Runs that there must be before all is thrown away."""

scenarios = st.sampled_from(sorted(RUNS)) | st.just("driven")
lengths = st.sampled_from([0.25, 0.5, 0.5, 1.0, 1.0, 2.0, 2.0, 5.125, 60.0, 8 * 3600.0]) | st.floats(0, 2)
"""Seconds: most of them shorter than a stage, some of them longer than everything."""

capsules = st.sampled_from(sorted(OWN))


class Lifecycles(Driving):
    # What clients do

    @initialize(capsule=capsules, scenario=scenarios)
    def something_to_begin_with(self, capsule: str, scenario: str) -> None:
        self.start(capsule)
        self.start_driven()
        self.create_asset(scenario)

    @rule(capsule=capsules)
    def start(self, capsule: str) -> None:
        self.started(capsule, None)

    def start_driven(self) -> None:
        self.load_scenario("driven")
        self.start(ids.CAPSULE)

    @precondition(lambda self: self.world.assets)
    @rule(capsule=capsules, pick=picks)
    def start_with_a_data_asset(self, capsule: str, pick: int) -> None:
        self.started(capsule, one_of(self.world.assets, pick))

    def started(self, capsule: str, uses: str | None) -> None:
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
        run = planned(capsule, answer, plan, uses)
        assert abs(run.started - before) < HAIR
        scenario = self.expected_scenario(capsule, asset)
        assert run.fits(scenario, leaves_files=capsule in LEAVES_FILES), (plan, scenario)
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

    @precondition(lambda self: self.world.runs)
    @rule(pick=picks)
    def poll_run(self, pick: int) -> None:
        """On a skipping clock the next change comes after the answer."""
        key, before = one_of(self.world.runs, pick), self.now
        run = self.world.runs[key]
        assert shown(self.api("GET", f"/computations/{key}")) in run.shows(before)
        self.skipped(key, run.next_change(before))

    @precondition(lambda self: self.world.runs)
    @rule(pick=picks)
    def poll_to_the_end(self, pick: int) -> None:
        self.set_clock("skipping", 0.0, jumps=False)
        for _ in range(4):
            self.poll_run(pick)

    @precondition(lambda self: self.world.assets)
    @rule(pick=picks)
    def poll_asset(self, pick: int) -> None:
        key, before = one_of(self.world.assets, pick), self.now
        asset = self.world.assets[key]
        state = self.api("GET", f"/data_assets/{key}")["state"]
        assert state in asset.states(before)
        asset.was(state, before)
        self.skipped(key, asset.latest if state == "draft" else float("inf"))

    @precondition(lambda self: self.gone())
    @rule(pick=picks)
    def ask_for_what_is_gone(self, pick: int) -> None:
        key = self.gone()[pick % len(self.gone())]
        for kind in ("computations", "data_assets"):
            self.api("GET", f"/{kind}/{key}", 404)

    def gone(self) -> list[str]:
        return sorted(self.known - self.world.runs.keys() - self.world.assets.keys())

    def skipped(self, key: str, next_change: float) -> None:
        """A skipping clock has moved to that change; for a data asset only the latest time is known."""
        if not self.world.clock.skipping or next_change == float("inf"):
            return
        before, now = self.now, self.control("GET", "/clock")["now"]
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
        """One that has not ended, if there is one."""
        going = {key: run for key, run in self.world.runs.items() if False in run.ended(self.now)}
        key = one_of(going or self.world.runs, pick)
        run, now = self.world.runs[key], self.now
        plan = self.control("POST", f"/computations/{key}/stop")
        if isinstance(run, Driven):
            run.finish({"exit_code": 0, "end_status": "stopped"}, now)
            self.follows(run, plan)
            return
        assert plan["state"] == "completed"
        cut = plan["stages"][-1]["until"] < run.until[-1][1] - HAIR if "until" in plan["stages"][-1] else False
        if run.stopped is None:
            assert cut in {not ended for ended in run.ended(now)}
            run.stopped = now if cut else None

    @rule(length=lengths)
    def time_passes(self, length: float) -> None:
        self.let_pass(length)

    @rule(length=lengths, to=st.booleans())
    def advance(self, length: float, to: bool) -> None:
        before = self.now
        target = before + length + to
        answer = self.control("POST", "/clock/advance", json={"to": target} if to else {"by": length})
        assert abs(answer["now"] - target) < HAIR
        self.arrived(answer, before, target)
        back = self.now - length - 1
        self.control("POST", "/clock/advance", 400, json={"to": back})
        self.control("PUT", "/clock", 400, json={"mode": "frozen", "at": back})

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

    @rule(mode=st.sampled_from(MODES), length=lengths, jumps=st.booleans())
    def let_the_clock_run(self, mode: str, length: float, jumps: bool) -> None:
        self.set_clock(mode, length, jumps=jumps)

    def set_clock(self, mode: str, length: float, *, jumps: bool) -> None:
        wish: dict[str, Any] = {"mode": mode}
        possible = {200}
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
        if target != self.now:
            possible = {400 if target < self.now + hair else 200 for hair in (-HAIR, HAIR)}
        answer = self.control("PUT", "/clock", possible, json=wish)
        if "mode" in answer:
            scale = {"wall": 1.0, "offset": 1.0, "scaled": length + 0.5}.get(mode, 0.0)
            # At the pace of real time a clock is called by how far it is ahead, however it came to that.
            assert answer["mode"] in ({"wall", "offset"} if scale == 1 and mode != "wall" else {mode})
            self.world.clock = Clock(self.real.now, target, scale, mode == "skipping")

    @rule(restarts=st.booleans())
    def another_server(self, restarts: bool) -> None:
        """One that has just been started in the place of this one, or the other one."""
        if restarts:
            self.servers.restart()
            self.grant_grace()
        else:
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
        self.let_lapse()

    @precondition(lambda self: len(self.world.runs) > MANY)
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


@pytest.mark.parametrize("scenario", sorted(RUNS))
def test_a_run_has_results_only_when_the_code_of_its_capsule_leaves_files(world: CodeOceanWorld, scenario: str) -> None:
    """Any scenario on any capsule, which the machine meets by chance."""
    how = {"mix": {scenario: 1}} if scenario == "flaky" else {"like": scenario}
    loaded = [{"name": capsule, "when": {"capsule": capsule}, **how} for capsule in OWN]
    world.control.load_scenarios({"version": 1, "scenarios": loaded})
    with Client(world.url, world.token) as client:
        for capsule in OWN:
            answer = client.ask("POST", "/computations", json={"capsule_id": capsule})
            plan = client.ask("GET", f"{world.url}/_mock/worlds/{world.name}/computations/{answer['id']}")
            run = planned(capsule, answer, plan, None)
            assert run.fits(scenario, leaves_files=capsule in LEAVES_FILES), (capsule, plan)


TestLifecycles = Lifecycles.TestCase
TestLifecycles.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
