"""Random use of a world: calls of the API by all of its users, of the control plane, and moves of the clock."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from random import Random
from typing import Any

from tests.conftest import Client
from tests.control.conftest import World
from tests.round_trips.reading import Known

SCENARIO_NAMES = ("fails", "stuck", "slow", "driven", "silent-failure", "flaky", "stopped", "own")

SCENARIOS = tuple(
    '{"scenarios": [' + scenarios + "]}"
    for scenarios in (
        '{"name": "own", "exit_code": 3, "results": [{"path": "own/a.bin", "size": 50}], "running": [0, 9]}',
        '{"name": "own", "kind": "data_asset", "draft": 5, "failure_reason": "no: # reason"}',
        '{"name": "own", "mix": {"fails": 1, "succeeds": 1}, "when": {"name": "*a*", "nth": 2}}',
        '{"name": "slowly", "kind": "attachment", "mounting": 30, "when": {"name": "*"}}',
        '{"name": "all", "like": "driven", "when": {"name": "*"}}',
        '{"name": "own", "kind": "release", "status": "failed", "error": "why\\nnot", "when": {"name": "*"}}',
        '{"name": "lost", "kind": "attachment", "failure_reason": "lost", "when": {"name": "*a*"}}',
        '{"name": "void", "kind": "attachment", "like": "silent-failure", "when": {"name": "*"}}',
    )
)

WORDS = (
    "raw",
    "yes",
    "1e3",
    "a: b",
    " #x",
    "é",
    "\U0001f600",
    "line\nline\n",
    "\ttab",
    "-",
    "null",
    "\u2028",
    "~",
    "x" * 300,
)

CONTENTS = (b"", b"a\nb\n", b"\x00\xff", b"\xef\xbb\xbfx", b"text \r\n" * 2000, bytes(range(256)) * 40, b" leading")


class Use:
    """Calls that are drawn from `random`; `known` is what there was at some time."""

    def __init__(self, random: Random, clients: dict[str, Client], world: World, known: Known) -> None:
        self._random, self._world, self.known = random, world, known
        self._clients = list(clients.values())
        self._driven: list[str] = []
        self.statuses: list[int] = []

    def do(self, steps: int) -> None:
        """Do as much."""
        often = (self._run, self._run_pipeline, self._capture, self._clock, self._drive, self._attach)
        seldom = (
            self._from_bucket, self._combine, self._from_session, self._change_run,
            self._change_asset, self._share, self._change_capsule, self._release, self._scenarios,
        )  # fmt: skip
        kinds: Sequence[Callable[[], None]] = often * 3 + seldom
        for _ in range(steps):
            self._random.choice(kinds)()

    # Runs

    def _run(self) -> None:
        body: dict[str, Any] = {"capsule_id": self._capsule()}
        if self._random.random() < 0.15:
            body["parameters"] = [self._word() for _ in range(self._random.randint(1, 2))]
        if self._random.random() < 0.15:
            body["named_parameters"] = [{"param_name": self._word(), "value": self._word()}]
        if self._random.random() < 0.3:
            body["data_assets"] = [{"id": self._asset(), "mount": self._random.choice(["m", "deep/er", ""])}]
        self._started(self._send("POST", "/computations", body))

    def _run_pipeline(self) -> None:
        key = self._of({key for key in self.known.capsules if key.startswith("pipeline")})
        body: dict[str, Any] = {"pipeline_id": key, "nextflow_profile": self._random.choice(["", "a: b", "test"])}
        panel = self._send("GET", f"/pipelines/{key}/app_panel")
        processes = (panel or {}).get("processes", [])
        if processes and self._random.random() < 0.7:
            body["processes"] = [{"name": processes[0]["name"], "parameters": [self._word()]}]
        if self._random.random() < 0.3:
            body["data_assets"] = [{"id": self._asset()}]
        self._started(self._send("POST", "/computations", body))

    def _started(self, answer: Any) -> None:
        if answer and "id" in answer:
            self.known.runs.add(answer["id"])
            plan = self._world.ask("GET", f"/computations/{answer['id']}")
            if plan["driven"]:
                self._driven.append(answer["id"])

    def _change_run(self) -> None:
        run, kind = self._of(self.known.runs), self._random.random()
        if kind < 0.4:
            self._steer("POST", f"/computations/{run}/stop")
        elif kind < 0.8:
            self._send("PATCH", f"/computations/{run}", name=self._word())
        else:
            self._send("DELETE", f"/computations/{run}")

    def _drive(self) -> None:
        if not self._driven:
            return
        path, kind = f"/computations/{self._random.choice(self._driven)}", self._random.random()
        if kind < 0.3:
            name = self._random.choice(["a.txt", "b/c.bin", "b/d", "own: name"])
            self._steer("PUT", f"{path}/results/{name}", content=self._random.choice(CONTENTS))
        elif kind < 0.6:
            self._steer("POST", f"{path}/log", content=self._random.choice(CONTENTS))
        elif kind < 0.8:
            self._steer("POST", f"{path}/progress", json={"state": self._random.choice(["running", "finalizing"])})
        else:
            state = self._random.choice(["completed", "completed", "failed"])
            end = {"exit_code": self._random.choice([0, 0, 3, None]), "state": state}
            self._steer("POST", f"{path}/finish", json=end)

    # Data assets

    def _create(self, **source: Any) -> None:
        body: dict[str, Any] = {
            "name": self._word(),
            "mount": self._random.choice(["m", "n/o", "p"]),
            "tags": self._tags(),
        }
        if self._random.random() < 0.5:
            body["description"] = self._word()
        if self._random.random() < 0.3:
            body["custom_metadata"] = self._metadata()
        answer = self._send("POST", "/data_assets", body | source)
        if answer and "id" in answer:
            self.known.data_assets.add(answer["id"])

    def _capture(self) -> None:
        path = self._random.choice([None, "", "figures", "a.txt"])
        source: dict[str, Any] = {"source": {"computation": {"id": self._of(self.known.runs), "path": path}}}
        if self._random.random() < 0.2:
            source["target"] = {"aws": {"bucket": self._bucket(), "prefix": self._random.choice(["", "to/there"])}}
        self._create(**source)

    def _from_bucket(self) -> None:
        aws: dict[str, Any] = {"bucket": self._bucket(), "prefix": self._random.choice(["", "raw", "sub/x"])}
        aws |= {"keep_on_external_storage": self._random.random() < 0.5, "public": self._random.random() < 0.3}
        source: dict[str, Any] = {"source": {"aws": aws}}
        if self._random.random() < 0.2:
            source = {"source": {"gcp": {"bucket": self._bucket()}}}
        if self._random.random() < 0.4:
            parameters = [{"name": self._word(), "value": self._word()}, {"param_name": "p"}]
            inputs = [self._asset(), self._word()]
            lineage = {"commit": self._word(), "data_assets": inputs, "nextflow_profile": self._word()}
            source["results_info"] = {"capsule_id": self._capsule(), "parameters": parameters} | lineage
        self._create(**source)

    def _combine(self) -> None:
        external = self._clients[0].ask("POST", "/data_assets/search", json={"origin": "external", "limit": 100})
        keys = [asset["id"] for asset in external["results"] if asset["type"] != "combined"]
        self._create(data_asset_ids=self._random.sample(keys, min(len(keys), self._random.randint(1, 3))))

    def _from_session(self) -> None:
        source = {"id": self._of(self.known.runs), "path": self._random.choice(["/results", "a.txt", "data"])}
        self._create(source={"cloud_workstation": source | self._random.choice([{}, {"run_script": "code/run"}])})

    def _change_asset(self) -> None:
        path, kind = f"/data_assets/{self._asset()}", self._random.random()
        if kind < 0.4:
            fields: dict[str, Any] = {
                "name": self._word(),
                "tags": self._tags(),
                "description": self._word(),
                "mount": "q/r",
            }
            fields["custom_metadata"] = self._metadata()
            name = self._random.choice(list(fields))
            self._send("PUT", path, {name: fields[name]})
        elif kind < 0.6:
            self._send("PATCH", f"{path}/archive", archive=self._random.choice(["true", "false"]))
        elif kind < 0.75:
            self._send("POST", f"{path}/transfer", {"target": {"aws": {"bucket": self._bucket(), "prefix": "moved"}}})
        elif kind < 0.9:
            self._steer("POST", f"{path}/finish", json=self._random.choice([{}, {"failure_reason": self._word()}]))
        else:
            self._send("DELETE", path)

    def _attach(self) -> None:
        place = f"/capsules/{self._capsule()}"
        if self._random.random() < 0.2:
            place = f"/computations/{self._of(self.known.runs)}"
        path, asset = f"{place}/data_assets", self._asset()
        if self._random.random() < 0.7:
            self._send("POST", path, [{"id": asset} | self._random.choice([{}, {"mount": "else/where"}])])
        else:
            self._send("DELETE", path, [asset])

    # The rest

    def _share(self) -> None:
        kind = self._random.choice(["capsules", "data_assets"])
        path = f"/{kind}/{self._capsule() if kind == 'capsules' else self._asset()}/permissions"
        shown = self._clients[0].get(path).json().get("users", [])
        users = [{"email": user["email"], "role": self._random.choice(["viewer", "editor"])} for user in shown]
        groups = [{"group": "lab: one", "role": self._random.choice(["viewer", "discoverable"])}]
        body = {
            "everyone": self._random.choice(["none", "viewer", "discoverable", None]),
            "users": users,
            "groups": groups,
        }
        kept = {name: body[name] for name in self._random.sample(list(body), 2)}
        self._send("POST", path, kept | {"share_assets": self._random.random() < 0.5})

    def _change_capsule(self) -> None:
        path, kind = f"/capsules/{self._capsule()}", self._random.random()
        if kind < 0.5:
            self._send("PATCH", f"{path}/archive", archive=self._random.choice(["true", "true", "false"]))
        elif kind < 0.8:
            self._send("POST", f"{path}/sync")
        else:
            self._send("DELETE", path)

    def _release(self) -> None:
        """Release what can be: its owner has run it before."""
        key = "capsule-0"
        for client in self._clients:
            started = client.post("/computations", json={"capsule_id": key})
            self._started(started.json() if started.is_success else None)
            self._clock()
            answer = client.post(f"/capsules/{key}/release")
            if answer.is_success:
                self.known.release_jobs.add((key, answer.json()["job_id"]))
        runs = self._clients[0].get("/capsules/released/computations").json()
        self.known.runs.update(run["id"] for run in runs if "id" in run)

    def _scenarios(self) -> None:
        if self._random.random() < 0.3:
            self._steer("DELETE", "/scenarios")
        else:
            self._steer(self._random.choice(["POST", "PUT"]), "/scenarios", content=self._random.choice(SCENARIOS))

    def _clock(self) -> None:
        moves: list[dict[str, Any]] = [{"next_change": True}, {"by": 0.7}, {"by": 3}, {"by": "1m"}, {"by": "9h"}]
        self._steer("POST", "/clock/advance", json=self._random.choice(moves))

    def _send(self, method: str, path: str, body: Any = None, **params: str) -> Any:
        client = self._random.choice([*[self._clients[0]] * 5, *self._clients])
        answer = client.request(method, path, json=body, params=params)
        assert answer.status_code < 500, answer.text
        self.statuses.append(answer.status_code)
        return answer.json() if answer.content and answer.is_success else None

    def _steer(self, method: str, path: str, **more: Any) -> None:
        answer = self._world.plane.request(method, self._world.path + path, **more)
        assert answer.status_code < 500, answer.text

    def _tags(self) -> list[str]:
        named = f"mock:scenario={self._random.choice(SCENARIO_NAMES)}"
        return self._random.choice([[], [self._word()], [self._word(), "raw"], [named], ["x", named]])

    def _metadata(self) -> dict[str, Any]:
        values = {"subject id": self._word(), "sampling rate": 30.5, "level": "raw", "flag": True, "none": None}
        return {name: values[name] for name in self._random.sample(list(values), self._random.randint(0, 3))}

    def _word(self) -> str:
        return self._random.choice(WORDS)

    def _bucket(self) -> str:
        return self._random.choice(["open-data", "a bucket: 1", "private-bucket", "nowhere"])

    def _capsule(self) -> str:
        return self._of(self.known.capsules)

    def _asset(self) -> str:
        return self._of(self.known.data_assets)

    def _of(self, keys: set[str]) -> str:
        return self._random.choice(sorted(keys) or ["00000000-0000-4000-8000-000000000000"])


def speaking(url: str, tokens: Sequence[str], stack: ExitStack) -> dict[str, Client]:
    """A client for each token."""
    return {token: stack.enter_context(Client(url, token)) for token in tokens}
