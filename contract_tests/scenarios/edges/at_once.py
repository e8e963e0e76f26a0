"""Runs, data assets and releases that take no time: what their first answer says."""

from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures

NOTHING = {"initializing": 0, "running": 0, "finalizing": 0}
"""Seconds of each stage of a run."""

ROWS = 100
"""Capsules, and pipelines, among which one is looked for that was released before."""


@check("run_capsule", "run_capsule_legacy", "delete_computation", full=True)
def runs_at_once(deployment: Deployment) -> None:
    """A run that takes no time is answered with its end, by the newest route and by the oldest."""
    deployment.steered()
    scenario = deployment.scenario("at-once", exit_code=4) | NOTHING
    routes = {"run_capsule": "/computations", "run_capsule_legacy": "/capsules/computations"}
    with deployment.scenarios(scenario):
        for operation, path in routes.items():
            body = {"capsule_id": deployment.capsule}
            run = deployment.http().ask("POST", path, 200, json=body).json()
            deployment.http().ask("DELETE", f"/computations/{run['id']}", 204)
            expected = {"state": "completed", "end_status": "succeeded", "exit_code": 4, "run_time": 0}
            actual = {field: run.get(field) for field in expected}
            rules = [f"{operation}.answer.{field}" for field in expected]
            expect(actual == expected, f"a run that takes no time is answered {actual}, not {expected}", *rules)


@check("create_data_asset", "delete_data_asset", full=True)
def fails_at_once(deployment: Deployment) -> None:
    """A data asset that fails at once is answered with the reason."""
    tag = f"{deployment.tag}-at-once"
    scenario = {"name": tag, "kind": "data_asset", "when": {"tag": tag}, "draft": 0, "failure_reason": "lost at once"}
    source = fixtures.from_bucket("at once", external=False)
    with (
        deployment.scenarios(scenario),
        fixtures.create_asset(deployment, f"{deployment.tag} at once", tags=[tag], source=source) as asset,
    ):
        shown = (asset.state.value, asset.failure_reason)
        what = f"a data asset that fails at once is answered {shown}"
        expect(shown == ("failed", "lost at once"), what, "create_data_asset.answer.failure_reason")


@check(
    "search_capsules",
    "search_pipelines",
    "run_capsule",
    "get_computation",
    "sync_capsule",
    "sync_pipeline",
    "release_capsule",
    "release_pipeline",
    "list_capsule_computations",
    "list_pipeline_computations",
    "delete_computation",
    full=True,
)
def released_at_once(deployment: Deployment) -> None:
    """A release that takes no time is answered with its end: with the version that it made, or why it made none."""
    deployment.steered()
    caller, tried = deployment.http(), 0
    for kind in ("capsule", "pipeline"):
        own = {"ownership": "created", "limit": ROWS}
        rows = caller.ask("POST", f"/{kind}s/search", 200, json=own).json()["results"]
        row = next((row for row in rows if row.get("release_capsule")), None)
        if row is None:
            continue
        with fixtures.run_to_end(deployment, **{f"{kind}_id": row["id"]}):
            # One that has no repository, or is locked by others, is released as it is.
            caller.ask("POST", f"/{kind}s/{row['id']}/sync")
            tried += _release(deployment, kind, row)
    if not tried:
        raise CheckSkipped("nothing can be released again")


def _release(deployment: Deployment, kind: str, row: dict[str, Any]) -> int:
    """Release a capsule or pipeline in vain and for good; how often that could be begun."""
    caller, tried = deployment.http(), 0
    for like in ("fails", "succeeds"):
        scenario = {"name": f"{deployment.tag}-at-once", "kind": "release", "when": {kind: row["id"]}}
        with deployment.scenarios(scenario | {"like": like, "created": 0, "started": 0}):
            began = caller.ask("POST", f"/{kind}s/{row['id']}/release")
        if not began.ok:
            continue
        tried += 1
        job, released = began.json(), like == "succeeds"
        shown = {name: name in job for name in ("error", "release_version", "release_capsule")}
        expected = {"error": not released, "release_version": released, "release_capsule": released}
        what = f"a release that {like} at once is answered {job}"
        rules = [f"release_{kind}.answer.{name}" for name, is_there in expected.items() if is_there]
        expect(job["status"] == ("completed" if released else "failed") and shown == expected, what, *rules)
        for run in caller.ask("GET", f"/{kind}s/{row['release_capsule']}/computations", 200).json():
            if run["created"] == job["started"]:
                caller.ask("DELETE", f"/computations/{run['id']}", 204)
    return tried


CHECKS = (runs_at_once, fails_at_once, released_at_once)
