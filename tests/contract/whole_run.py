"""A run of all checks in one world, which several tests look at: it takes longer than most of them together."""

from typing import Any

from contract_tests.checks import Check, run_checks
from contract_tests.deployment import ADMIN, Caller, Deployment
from contract_tests.findings import Outcome
from contract_tests.oracles.runner import Watch
from contract_tests.outcomes import judges_of
from contract_tests.plan import DIRECTED
from contract_tests.reports.progress import Silent
from contract_tests.spec.document import packaged
from contract_tests.suite import watch_of


def dump(deployment: Deployment) -> dict[str, Any]:
    """All that an administrator sees, but for the run time of a cloud workstation, which the clock changes, and
    for the order of processes, which is another one in each answer.
    """
    with deployment.gate.running("test", "dump"):
        return _dump(deployment.http(ADMIN))


def _dump(caller: Caller) -> dict[str, Any]:
    state: dict[str, Any] = {}
    for route in ("capsules", "pipelines", "data_assets"):
        for archived in (False, True):
            search = {"limit": 1000, "archived": archived}
            for row in caller.ask("POST", f"/{route}/search", 200, json=search).json()["results"]:
                permissions = caller.ask("GET", f"/{route}/{row['id']}/permissions", 200).json()
                runs = [] if route == "data_assets" else caller.ask("GET", f"/{route}/{row['id']}/computations").json()
                for computation in runs:
                    computation["run_time"] *= not computation["cloud_workstation"]
                    computation.get("processes", []).sort(key=lambda process: process["name"])
                state[row["id"]] = (archived, row, permissions, runs)
    return state


class WholeRun:
    """All checks, with everything that watches a run: first the flows of the oracles and the probes, then the
    scenarios. What there was before, between and afterwards.
    """

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.exchanges = deployment.gate.exchanges
        self.watch: Watch = watch_of(packaged())
        self.outcomes: dict[str, Outcome] = {}
        self.before = dump(deployment)
        with deployment.gate.observed_by(self.watch):
            self._run("oracles", "probes")
            self.judging_after_flows = {oracle.name for oracle in self.watch.oracles if oracle.judged}
            self.after_flows = dump(deployment)
            self._run("scenarios")
        self.scenarios = deployment.steered().scenarios().scenarios
        self.after = dump(deployment)
        self.recorded = judges_of(self.watch, self.outcomes.values())

    def _run(self, *layers: str) -> None:
        for layer in layers:
            checks: tuple[Check, ...] = tuple(DIRECTED[layer])
            outcomes = run_checks(self.deployment, layer, checks, Silent())
            self.outcomes |= {outcome.check: outcome for outcome in outcomes}
