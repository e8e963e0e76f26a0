"""The part of the machine that drives runs and data assets, by hand and as runners that hold leases."""

from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from mock_server.services.driven.leases import GRACE
from tests.conftest import HandClock
from tests.steering.model import HAIR, STAGES, Clock, Driven, Run, Shown, World
from tests.steering.servers import Servers

CONTROL = "/_mock/worlds/default"

FINISHES: list[dict[str, Any]] = [
    {},
    {"exit_code": 3},
    {"exit_code": 0, "end_status": "failed"},
    {"exit_code": None, "end_status": "stopped"},
    {"has_results": False},
    {"has_results": True, "exit_code": 1},
    {"state": "failed"},
]

BIG = bytes(range(256)) * 32
"""So large that it lies beside the database."""

Outcome = dict[str, Any] | float | None
"""A runner ends its run so, is not heard of for as many seconds, or gives the run back."""

picks = st.integers(0, 1000)
contents = st.sampled_from([b"", b"1,2\n", BIG])
outcomes: st.SearchStrategy[Outcome] = st.none() | st.sampled_from(FINISHES) | st.sampled_from([0.5, 1.0, 1.0, 40.0])
speakers = st.sampled_from(["nobody", "holder", "holder", "another"])
"""Who tells a run something: somebody by hand, the runner that has its lease if there is one, or one that has not."""


class Driving(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.real = HandClock()
        self.servers = Servers(self.real)
        self.world = World(Clock(self.real.now, self.real.now))
        self.saved: dict[str, tuple[World, float]] = {}
        self.known: set[str] = set()
        self.leases: list[tuple[str, str]] = []
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

    def start_driven(self) -> None:
        """Start a run that goes on only when it is told to."""
        raise NotImplementedError

    # Leases: in real time, and over when their time is

    def let_lapse(self) -> None:
        """Whatever is due lapses at the next request that has to do with the world."""
        for run in self.world.driven().values():
            run.lapse(self.now, self.real.now)
        self.control("GET", "/clock")

    def grant_grace(self) -> None:
        """A server has started: no lease lapses before its runner could have renewed it."""
        for run in self.world.driven().values():
            if run.lease is not None:
                run.lapses = max(run.lapses, self.real.now + GRACE)

    def let_pass(self, seconds: float) -> None:
        self.real.advance(seconds)
        self.let_lapse()

    @rule(
        seconds=st.sampled_from([1, 2, 60, 3600]),
        retries=st.integers(0, 2),
        capsules=st.none() | st.lists(picks, max_size=2),
    )
    def claim(self, seconds: int, retries: int, capsules: list[int] | None) -> None:
        self.claimed(seconds, retries, capsules)

    def claimed(self, seconds: int, retries: int, capsules: list[int] | None) -> tuple[str, Driven] | None:
        """The run that a new runner has got."""
        free = {key: run for key, run in self.world.driven().items() if run.is_free}
        runner = self.new_name()
        request: dict[str, Any] = {"runner": runner, "lease": seconds, "retries": retries}
        if capsules is not None and free:
            request["capsules"] = [free[one_of(free, pick)].capsule for pick in capsules]
            free = {key: run for key, run in free.items() if run.capsule in request["capsules"]}
        assert self.ask("POST", "/_mock/work/claim", json=request | {"folders": True}) == {}
        work = self.ask("POST", "/_mock/work/claim", json=request).get("work")
        assert (work is None) == (not free)
        if work is None:
            return None
        run = free[work["id"]]
        assert run.started <= min(other.started for other in free.values()) + HAIR
        run.take(work["lease"], runner, self.real.now + seconds, retries)
        assert (work["world"], work["capsule_id"], work["attempt"]) == ("default", run.capsule, run.attempts)
        assert (work["log_length"], work["seconds"]) == (len(run.log), seconds)
        assert run.lease not in {lease for _, lease in self.leases}
        self.leases.append((work["id"], work["lease"]))
        return work["id"], run

    @rule(attempts=st.lists(st.tuples(st.integers(0, 2), contents, outcomes, st.booleans()), min_size=3, max_size=8))
    def work(self, attempts: list[tuple[int, bytes, Outcome, bool]]) -> None:
        """Runners get runs and go to work, one after the other."""
        for retries, content, outcome, restarts in attempts:
            if not any(run.is_free for run in self.world.driven().values()):
                self.start_driven()
            where = self.claimed(1, retries, None)
            assert where is not None
            self.progresses(where, "running", "holder")
            self.says(where, content + b"half a line", None)
            self.puts(where, f"by-{where[1].attempts}", content, "holder")
            self.says(where, b"\n", 1)
            if restarts:
                self.servers.restart()
                self.grant_grace()
            if outcome is None:
                self.give_back(0)
            elif isinstance(outcome, float):
                self.let_pass(outcome)
                self.renew(0, 1)
            else:
                self.ends(where, outcome, "holder")
            self.reads(*where)

    @precondition(lambda self: self.leases)
    @rule(pick=picks, seconds=st.sampled_from([1, 60]))
    def renew(self, pick: int, seconds: int) -> None:
        key, lease = self.leases[-1 - pick % len(self.leases)]
        path = f"/computations/{key}/lease"
        answer = self.control("PUT", path, params={"lease": lease}, json={"seconds": seconds})
        run = self.world.runs.get(key)
        if run is None:
            assert answer == {"go_on": False, "reason": "deleted"}
        elif isinstance(run, Driven) and run.is_over:
            assert answer == {"go_on": False, "reason": "stopped" if run.end[0] == "stopped" else "finished"}
        elif isinstance(run, Driven) and run.lease == lease:
            assert answer == {"go_on": True}
            run.lapses = self.real.now + seconds
        else:
            assert answer == {"go_on": False, "reason": "lost"}

    @precondition(lambda self: self.leases)
    @rule(pick=picks)
    def give_back(self, pick: int) -> None:
        key, lease = self.leases[-1 - pick % len(self.leases)]
        run = self.world.runs.get(key)
        held = isinstance(run, Driven) and run.lease == lease
        expected = 404 if run is None else 204 if held else 409
        self.control("DELETE", f"/computations/{key}/lease", expected, params={"lease": lease})
        if isinstance(run, Driven) and held:
            run.offer("gave the run back")

    # What a run is told

    def one_told(self, pick: int) -> tuple[str, Run]:
        """A run to be told something: the newest that is driven and goes on, or now and then another."""
        going = {run.started: key for key, run in self.world.driven().items() if not run.is_over}
        key = going[max(going)] if going and pick % 4 else one_of(self.world.runs, pick // 4)
        return key, self.world.runs[key]

    def tell(
        self, method: str, where: tuple[str, Run], what: str, speaker: str, fits: bool, status: int = 200, **more: Any
    ) -> tuple[Driven, Any] | None:
        """Tell a run something that `fits` unless the wrong one says it; the run and the answer, None when refused."""
        key, run = where
        lease = {"nobody": None, "another": "x"}.get(speaker, run.lease if isinstance(run, Driven) else None)
        params = more.pop("params", {}) | ({"lease": lease} if lease else {})
        may = isinstance(run, Driven) and (lease is None or run.is_over or lease == run.lease)
        expected = status if may and fits else 409
        answer = self.control(method, f"/computations/{key}/{what}", expected, params=params, **more)
        return (run, answer) if isinstance(run, Driven) and expected == status else None

    def follows(self, run: Driven, plan: dict[str, Any]) -> None:
        """The plan is what the run was told."""
        assert (plan["driven"], plan["state"], plan.get("runner")) == (True, run.state, run.runner)
        told = [stage["state"] for stage in plan["stages"]]
        assert told == [state for state, _ in run.since if state in STAGES]
        times = [stage["since"] for stage in plan["stages"]] + [plan["stages"][-1].get("until", run.since[-1][1])]
        expected = [since for _, since in run.since] + ([] if run.is_over else [run.since[-1][1]])
        assert all(abs(time - since) < HAIR for time, since in zip(times, expected, strict=True)), (plan, run)
        assert ("until" in plan["stages"][-1]) is run.is_over
        end = plan["end"]
        if run.is_over:
            assert (end["state"], end.get("end_status"), end.get("exit_code")) == (run.state, *run.end[:2])
        else:
            assert end == {}

    @precondition(lambda self: self.world.runs)
    @rule(pick=picks, stage=st.sampled_from(STAGES[1:]), speaker=speakers)
    def progress(self, pick: int, stage: str, speaker: str) -> None:
        self.progresses(self.one_told(pick), stage, speaker)

    def progresses(self, where: tuple[str, Run], stage: str, speaker: str) -> None:
        run = where[1]
        fits = isinstance(run, Driven) and not run.is_over and STAGES.index(run.state) <= STAGES.index(stage)
        done = self.tell("POST", where, "progress", speaker, fits, json={"state": stage})
        if done:
            assert done[0].reach(stage, self.now)
            self.follows(*done)

    @precondition(lambda self: self.world.runs)
    @rule(pick=picks, told=st.sampled_from(FINISHES), speaker=speakers)
    def finish(self, pick: int, told: dict[str, Any], speaker: str) -> None:
        self.ends(self.one_told(pick), told, speaker)

    def ends(self, where: tuple[str, Run], told: dict[str, Any], speaker: str) -> None:
        run = where[1]
        fits = isinstance(run, Driven) and (not run.is_over or run.finish(told, self.now))
        done = self.tell("POST", where, "finish", speaker, fits, json=told)
        if done:
            assert done[0].finish(told, self.now)
            self.follows(*done)

    @precondition(lambda self: self.world.runs)
    @rule(pick=picks, text=st.sampled_from([b"", b"line\n", b"\xff half", b"x" * 700_000]), at=st.floats(0, 1.2))
    def append_to_log(self, pick: int, text: bytes, at: float) -> None:
        self.says(self.one_told(pick), text, at if at >= 0.2 else None)

    def says(self, where: tuple[str, Run], text: bytes, at: float | None) -> None:
        """Add to the log, with an offset `at` that part of it: what is there already is said again."""
        run = where[1]
        log = run.log if isinstance(run, Driven) else b""
        offset = None if at is None else int(at * len(log)) if at <= 1 else len(log) + 1
        sent = text if offset is None else log[offset:] + text
        more = text or offset is None
        fits = (offset is None or offset <= len(log)) and not (more and isinstance(run, Driven) and run.is_over)
        params = {} if offset is None else {"offset": offset}
        done = self.tell("POST", where, "log", "holder", fits, params=params, content=sent)
        if done:
            done[0].log += text
            assert done[1] == {"length": len(done[0].log)}

    @precondition(lambda self: self.world.runs)
    @rule(
        pick=picks,
        path=st.sampled_from(["a", "b", "deep/c"]),
        content=contents,
        speaker=speakers,
    )
    def put_result(self, pick: int, path: str, content: bytes, speaker: str) -> None:
        self.puts(self.one_told(pick), path, content, speaker)

    def puts(self, where: tuple[str, Run], path: str, content: bytes, speaker: str) -> None:
        fits = isinstance(where[1], Driven) and not where[1].is_over
        done = self.tell("PUT", where, f"results/{path}", speaker, fits, content=content)
        if done:
            files = done[0].files
            files[path] = content
            assert done[1] == {"files": len(files), "size": sum(map(len, files.values()))}

    @precondition(lambda self: self.world.assets)
    @rule(pick=picks, reason=st.none() | st.just("no"))
    def finish_asset(self, pick: int, reason: str | None) -> None:
        driven = {key: asset for key, asset in self.world.assets.items() if asset.driven}
        key = one_of(driven or self.world.assets, pick)
        state = "failed" if reason else "ready"
        expected = 200 if self.world.assets[key].finish(state) else 409
        answer = self.control("POST", f"/data_assets/{key}/finish", expected, json={"failure_reason": reason})
        assert expected == 409 or (answer["state"], answer.get("failure_reason")) == (state, reason)

    @precondition(lambda self: self.world.driven())
    @rule(pick=picks)
    def read_what_it_left(self, pick: int) -> None:
        key = one_of(self.world.driven(), pick)
        self.reads(key, self.world.driven()[key])

    def reads(self, key: str, run: Driven) -> None:
        """The log as far as it goes; the files once it has ended."""
        self.follows(run, self.control("GET", f"/computations/{key}"))
        assert self.servers.send("GET", f"{CONTROL}/computations/{key}/log").content == run.log
        expected = run.files | {"output": run.log} if run.is_over else {}
        listed = self.api("POST", f"/computations/{key}/results", json={"path": ""})["items"]
        assert {item["name"] for item in listed} == {path.partition("/")[0] for path in expected}
        for path, content in expected.items():
            urls = self.api("GET", f"/computations/{key}/results/urls", params={"path": path})
            where = httpx.URL(urls["download_url"]).raw_path.decode()
            assert self.servers.send("GET", where, auth=None).content == content


def one_of(things: dict[str, Any], pick: int) -> str:
    return sorted(things)[pick % len(things)]


def shown(answer: dict[str, Any]) -> Shown:
    end = answer.get("end_status"), answer.get("exit_code")
    return Shown(answer["state"], *end, answer["has_results"], answer["run_time"])
