"""Requests to the public API: one, or several on a connection of which each follows from the one before."""

import json
import random
from typing import Any

from tools.fuzz import values
from tools.fuzz.answer import Answer
from tools.fuzz.operations import Operation, Requests, of_spec
from tools.fuzz.request import Request, Step, fixed
from tools.fuzz.world_facts import FILES, WorldFacts
from tools.fuzz.worlds import authorization

AREA = "/api/v1"
HUGE = 17 << 20
"""Bytes of a body that is refused for its size."""


class ApiCases:
    """Steps of cases for `/api/v1`."""

    area = AREA

    def __init__(self, facts: WorldFacts) -> None:
        ids = facts.ids
        runnable = (*ids["capsules"], *ids["pipelines"])
        pools = {
            "capsule_id": runnable, "pipeline_id": ids["pipelines"], "computation_id": ids["computations"],
            "data_asset_id": ids["data_assets"], "resume_run_id": ids["computations"],
            "id": (*ids["data_assets"], *ids["computations"], *ids["capsules"]), "path": FILES,
            "query": ("iris", "name:iris tag:flowers", "subject id:668759", '"RNA alignment"', "tag:genomics reads"),
            "key": ("name", "tags", "description", "subject id", "sampling rate", "data level", "nothing"),
            "param_name": ("rows", "label", "NumThreads"), "group": ("demo-lab",),
            "email": ("demo-user@example.com", "demo-viewer@example.com"), "mount": ("Reference", "data", "a/b"),
            "bucket": ("open-data", "b"),
        }  # fmt: skip
        self._operations = tuple(of_spec(facts.api))
        self._requests = Requests(facts.api, pools)
        self._ids = ids

    def steps(self, rng: random.Random, world: str) -> tuple[Step, ...]:
        """What is done over one connection in a world."""
        draw = rng.random()
        if draw < 0.12:
            return self._life_of_a_run(rng, world)
        if draw < 0.2:
            return self._pages(rng, world)
        return tuple(fixed(self.request(rng, world)) for _ in range(rng.choice((1, 1, 1, 2, 4))))

    def request(self, rng: random.Random, world: str) -> Request:
        """One request to an operation."""
        if rng.random() < 0.0005:
            body = b'{"query": "' + b"x" * HUGE + b'"}'
            return Request(b"POST", b"/api/v1/data_assets/search", authorization(rng, world), body)
        return self._made(rng, rng.choice(self._operations), world)

    def _made(self, rng: random.Random, operation: Operation, world: str, **pools: Any) -> Request:
        return self._requests.to(rng, operation, **pools).having(*authorization(rng, world))

    def _life_of_a_run(self, rng: random.Random, world: str) -> tuple[Step, ...]:
        """Start something, and do things with what was made."""
        start = self._found("POST", rng.choice(("/api/v1/computations", "/api/v1/data_assets")))
        key = "computation_id" if start.path.endswith("computations") else "data_asset_id"
        later = [operation for operation in self._operations if f"{{{key}}}" in operation.path]
        seeds = [rng.getrandbits(32) for _ in range(rng.choice((1, 2, 4)))]

        def following(seed: int) -> Step:
            def step(answers: list[Answer]) -> Request:
                own = random.Random(seed)
                made = _field(answers[0], "id") if answers else None
                known = (made,) if isinstance(made, str) else self._ids[f"{key.removesuffix('_id')}s"]
                return self._made(own, own.choice(later), world, **{key: known})

            return step

        body = json.dumps(self._good_run(rng) if key == "computation_id" else self._good_asset(rng)).encode()
        first = Request(b"POST", start.path.encode(), authorization(rng, world), body)
        return (fixed(first), *map(following, seeds))

    def _good_run(self, rng: random.Random) -> dict[str, Any]:
        attached = [
            {"id": rng.choice(self._ids["data_assets"]), "mount": f"m{number}"} for number in range(rng.randrange(3))
        ]
        return {"capsule_id": rng.choice(self._ids["capsules"]), "data_assets": attached}

    def _good_asset(self, rng: random.Random) -> dict[str, Any]:
        source: dict[str, Any] = {"computation": {"id": rng.choice(self._ids["computations"])}}
        if rng.random() < 0.5:
            source = {
                "aws": {"bucket": "b", "prefix": values.text(rng)[:50], "keep_on_external_storage": rng.random() < 0.5}
            }
        return {"name": f"n{rng.randrange(50)}", "mount": "m", "tags": ["t", "mock:scenario=slow"], "source": source}

    def _pages(self, rng: random.Random, world: str) -> tuple[Step, ...]:
        """Search by pages, now and then with a token that was altered."""
        kind = rng.choice(("data_assets", "capsules", "pipelines"))
        operation = self._found("POST", f"/api/v1/{kind}/search")
        who = authorization(rng, world)
        seed = rng.getrandbits(32)

        def step(answers: list[Answer]) -> Request:
            own = random.Random(seed + len(answers))
            wish: dict[str, Any] = {"limit": own.choice((1, 2, 5))}
            token = _field(answers[-1], "next_token") if answers else None
            if isinstance(token, str):
                wish["next_token"] = token if own.random() < 0.7 else _altered(own, token)
            if own.random() < 0.2:
                wish["sort_field"] = own.choice(("created", "name", "type", "size", "last_accessed"))
            return Request(b"POST", operation.path.encode(), who, json.dumps(wish).encode())

        return (step,) * rng.choice((2, 3, 5))

    def _found(self, method: str, path: str) -> Operation:
        return next(one for one in self._operations if (one.method, one.path) == (method, path))


def _altered(rng: random.Random, text: str) -> str:
    return values.bytes_changed(rng, text.encode(), 1).decode("latin-1")


def _field(answer: Answer, name: str) -> Any:
    try:
        content = json.loads(answer.body)
    except ValueError:
        return None
    return content.get(name) if isinstance(content, dict) else None
