"""Requests to the control plane."""

import random
from dataclasses import replace
from typing import Any

from tools.fuzz import values
from tools.fuzz.documents import ScenarioFiles, tampered
from tools.fuzz.operations import Operation, Requests, of_spec
from tools.fuzz.request import Request, Step, fixed
from tools.fuzz.world_facts import WorldFacts
from tools.fuzz.worlds import FAULTY, FAULTY_SNAPSHOT, SNAPSHOTS, WORLDS

AREA = "/_mock"
SEEDS = (
    "demo", "demo", "empty", "empty", "/dev/null", "/dev/zero", "/dev/stdin", "/etc/passwd", "/etc", "/no/such",
    "demo.yaml", "../demo", "/proc/self/environ",
)  # fmt: skip


class ControlCases:
    """Steps of cases for `/_mock`."""

    area = AREA

    def __init__(self, facts: WorldFacts) -> None:
        pools: dict[str, Any] = {
            "seed": SEEDS, "snapshot": SNAPSHOTS, "computation_id": facts.ids["computations"],
            "operation": ("run_capsule", "get_file", "get_computation", "nothing"),
            "latency": (0.01, "10ms", ["1ms", "5ms"]), "by": ("1s", "1h", "400d", 1e9),
            "to": ("2030-01-01T00:00:00Z", 2e9, 0), "timeout": (0, 0.01, "10ms"),
            "wait": (0, 0.01, "10ms"), "lease": ("30s", 1, 3600, 0.5, "2h"),
            "path": ("/api/v1/*", "*", "/api/v1/computations/*"), "method": ("GET", "POST"),
            "status": (503, 429, 500, 404), "entity": facts.ids["computations"], "limit": (1, 10),
        }  # fmt: skip
        self._operations = tuple(of_spec(facts.control))
        self._requests = Requests(facts.control, pools)
        self._scenarios = ScenarioFiles(dict(facts.scenarios))
        self._snapshot = facts.snapshot

    def steps(self, rng: random.Random, world: str) -> tuple[Step, ...]:
        """What is done over one connection. The world is that of the path."""
        if rng.random() < 0.04:
            return self._snapshot_from_elsewhere(rng)
        return tuple(fixed(self.request(rng, world)) for _ in range(rng.choice((1, 1, 1, 2, 3))))

    def request(self, rng: random.Random, world: str) -> Request:
        """One request to an operation."""
        operation = rng.choice(self._operations)
        names: Any = ("s1", "every-third", "fault-1") if "scenarios" in operation.path else SNAPSHOTS
        if operation.path.endswith(("/faults", "/faults/{name}")):
            world = FAULTY
        elif "snapshots" in operation.path and world == FAULTY:
            names = (FAULTY_SNAPSHOT,)
        request = self._requests.to(rng, operation, world=(world,), name=names)
        return self._with_document(rng, operation, request)

    def _with_document(self, rng: random.Random, operation: Operation, request: Request) -> Request:
        """The request with a body that no schema describes."""
        if operation.path.endswith("/scenarios") and operation.body is not None:
            return replace(request, body=self._scenarios.draw(rng))
        if operation.path.endswith("/file") and operation.method == "PUT":
            return replace(request, body=values.bytes_changed(rng, self._snapshot[: rng.choice((0, 40, 500))]))
        return request

    def _snapshot_from_elsewhere(self, rng: random.Random) -> tuple[Step, ...]:
        """Take in a snapshot that was tampered with, load it into a world, look at that, and put the world right."""
        world = rng.choice(("w1", "w2", "w3"))
        name = b"s%d" % rng.randrange(1, 4)
        where = b"/_mock/worlds/" + world.encode()
        steps = (
            Request(b"PUT", b"/_mock/snapshots/" + name + b"/file", (), tampered(rng, self._snapshot)),
            Request(b"POST", where + b"/snapshots/" + name + b"/load"),
            Request(b"GET", where + rng.choice((b"", b"/clock", b"/scenarios", b"/journal", b"/export"))),
            Request(b"GET", b"/_mock/worlds"),
            Request(b"GET", b"/_ui/worlds/" + world.encode() + rng.choice((b"", b"/world", b"/computations"))),
            Request(b"POST", where + b"/snapshots/origin/load"),
            Request(b"DELETE", b"/_mock/snapshots/" + name),
        )
        return tuple(map(fixed, steps))


def world_of_path(rng: random.Random) -> str:
    """A world for a case of the control plane or the dashboard."""
    return rng.choice((*WORLDS, *WORLDS, FAULTY))
