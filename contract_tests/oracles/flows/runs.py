"""Runs from their start to their end, watched at each step."""

from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import TERMINAL, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.oracles.flows.fixtures import get_run, list_own_capsules, temporary_run, value_at, wait_for_run

WATCHED = ("get_computation", "list_capsule_computations", "list_computation_results")
MADE = ("run_capsule", "delete_computation", *WATCHED)


def _look(deployment: Deployment, key: str, capsule: str) -> Any:
    """A run as it is now, seen from all sides."""
    caller = deployment.http()
    caller.ask("POST", f"/computations/{key}/results", 200, json={"path": ""})
    caller.ask("GET", f"/capsules/{capsule}/computations", 200)
    return get_run(deployment, key)


def _require_gone(deployment: Deployment, key: str, capsule: str) -> None:
    caller = deployment.http()
    for method, path in (
        ("GET", f"/computations/{key}"),
        ("POST", f"/computations/{key}/results"),
        ("GET", f"/computations/{key}/results/urls?path=output"),
        ("PATCH", f"/computations/{key}?name=gone"),
        ("DELETE", f"/computations/{key}"),
    ):
        caller.ask(method, path, 404)
    caller.ask("GET", f"/capsules/{capsule}/computations", 200)


@check(*MADE, "get_result_file_urls", "rename_computation", full=True)
def run_lifecycle(deployment: Deployment) -> None:
    """A run is read in each of its states, by GET and in the list, then renamed and deleted."""
    capsule = deployment.capsule
    with temporary_run(deployment, capsule_id=capsule) as key:
        run = deployment.poll(
            lambda: _look(deployment, key, capsule), lambda seen: value_at(seen, "state") in TERMINAL, f"the run {key}"
        )
        expect(run["state"] == "completed", f"a run of a capsule that has worked before ended {run['state']}")
        caller = deployment.http()
        caller.ask(
            "PATCH", f"/computations/{key}", 204, params={"name": "Run of the contract, \N{GREEK SMALL LETTER MU}"}
        )
        _look(deployment, key, capsule)
        deployment.pass_time(1)
        _look(deployment, key, capsule)
        caller.ask("DELETE", f"/computations/{key}", 204)
        _require_gone(deployment, key, capsule)


@check(*MADE, "get_result_file_urls", "rename_computation", full=True)
def run_deleted_while_running(deployment: Deployment) -> None:
    """A run that is deleted before its end is gone."""
    capsule = deployment.capsule
    with temporary_run(deployment, capsule_id=capsule) as key:
        _look(deployment, key, capsule)
        deployment.http().ask("DELETE", f"/computations/{key}", 204)
        _require_gone(deployment, key, capsule)


@check(*MADE, full=True)
def run_stopped(deployment: Deployment) -> None:
    """A stopped run is completed, with the end status stopped and without results, and stays so."""
    control, capsule = deployment.steered(), deployment.capsule
    stuck = {"name": "contract-stuck", "like": "stuck", "when": {"capsule": capsule}}
    with deployment.scenarios(stuck), temporary_run(deployment, capsule_id=capsule) as key:
        _look(deployment, key, capsule)
        control.stop(key)
        run = _look(deployment, key, capsule)
        expect(
            run.get("end_status") == "stopped",
            f"a stopped run has the end_status {run.get('end_status')}",
            "runs.stopped",
        )
        deployment.pass_time(60)
        _look(deployment, key, capsule)


@check(*MADE, full=True)
def run_failures(deployment: Deployment) -> None:
    """Runs that fail, in every way that the fake knows, end and stay ended."""
    capsule = deployment.capsule
    for like, expected in (
        ({"like": "fails"}, ("completed", "failed")),
        ({"like": "out-of-memory"}, ("completed", "failed")),
        ({"like": "silent-failure"}, ("completed", "succeeded")),
        ({"like": "succeeded-exit-1"}, ("completed", "succeeded")),
        ({"like": "failed-exit-0"}, ("completed", "failed")),
        ({"like": "fails", "state": "failed"}, ("failed", "failed")),
    ):
        scenario = {"name": "contract-fails", "when": {"capsule": capsule}} | like
        with deployment.scenarios(scenario), temporary_run(deployment, capsule_id=capsule) as key:
            wait_for_run(deployment, key)
            run = _look(deployment, key, capsule)
            ended = (run.get("state"), run.get("end_status"))
            expect(
                ended == expected, f"a run that fails ended {ended}, not {expected}", "runs.ends", "runs.script_fails"
            )
            deployment.pass_time(60)
            _look(deployment, key, capsule)


@check(*MADE, "search_capsules", "get_capsule_app_panel", full=True)
def run_parameters(deployment: Deployment) -> None:
    """A run shows its parameters, including text in other alphabets."""
    for row in list_own_capsules(deployment):
        panel = deployment.http().ask("GET", f"/capsules/{row['id']}/app_panel").json()
        texts = [
            parameter["param_name"]
            for parameter in (panel.get("parameters") or () if isinstance(panel, dict) else ())
            if parameter.get("type") == "text" and "param_name" in parameter and _takes_any_text(parameter)
        ]
        if texts:
            parameters = [
                {"param_name": name, "value": f"\N{LATIN SMALL LETTER E WITH ACUTE}\N{SNOWMAN} {name}"}
                for name in texts
            ]
            with temporary_run(deployment, capsule_id=row["id"], named_parameters=parameters) as key:
                deployment.http().ask("GET", f"/capsules/{row['id']}/computations", 200)
                get_run(deployment, key)
            return
    raise CheckSkipped("no capsule of the owner takes text as a parameter")


def _takes_any_text(parameter: dict[str, Any]) -> bool:
    """Tell whether a parameter takes any text."""
    bound = ("pattern", "value_type", "minimum", "maximum", "value_options")
    return not any(parameter.get(name) for name in bound)


@check(
    "search_capsules",
    "list_capsule_computations",
    "release_capsule",
    "get_capsule_release_job",
    "delete_computation",
    full=True,
)
def release_lifecycle(deployment: Deployment) -> None:
    """A release job is read until it has ended, and afterwards; the run that it made is deleted."""
    caller = deployment.http()
    released = [row for row in list_own_capsules(deployment) if row.get("release_capsule")]
    if not released:
        raise CheckSkipped("the owner has no capsule that was released before")
    capsule, runs = released[0]["id"], f"/capsules/{released[0]['release_capsule']}/computations"
    before = [run["id"] for run in caller.ask("GET", runs, 200).json()]
    job = value_at(caller.ask("POST", f"/capsules/{capsule}/release", 200).json(), "job_id")
    path = f"/capsules/{capsule}/release/{job}"
    deployment.poll(
        lambda: caller.ask("GET", path, 200).json(),
        lambda release: value_at(release, "status") in ("completed", "failed", "canceled"),
        "the release",
    )
    deployment.pass_time(1)
    caller.ask("GET", path, 200)
    for run in caller.ask("GET", runs, 200).json():
        if run["id"] not in before and run["name"].startswith("Release "):
            caller.ask("DELETE", f"/computations/{run['id']}", 204)


CHECKS = (
    run_lifecycle,
    run_deleted_while_running,
    run_stopped,
    run_failures,
    run_parameters,
    release_lifecycle,
)
