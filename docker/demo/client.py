"""Keeps a Code Ocean alive, as a team at work would: looks at the sessions of the demo world's study in turn, starts
runs that fail, captures results, searches.

Where to work and as whom stands in CODEOCEAN_DOMAIN and CODEOCEAN_TOKEN. DEMO_PAUSE is the seconds between two rounds
(10), DEMO_ROUNDS how many there are (0: until it is stopped).
"""

import os
import signal
import sys
from itertools import count
from threading import Event

import requests
from codeocean import CodeOcean
from codeocean.components import SearchFilter, SortOrder
from codeocean.computation import Computation, ComputationEndStatus, ComputationState, DataAssetsRunParam, RunParams
from codeocean.data_asset import (
    ComputationSource,
    DataAsset,
    DataAssetParams,
    DataAssetSearchParams,
    DataAssetSortBy,
    Source,
)
from codeocean.error import Error

SESSION_QC = "ca952026-0000-4000-8000-000000000001"
SESSIONS = (SearchFilter(key="tags", value="contrast-detection"), SearchFilter(key="data level", value="raw"))
"""What the raw sessions have in common."""
FAILS = "fa11ed00-0000-4000-8000-000000000001"
FAILS_EVERY = 3
OURS = "Demo run "
TAG = "captured by the demo"
KEPT = 20
"""So many runs of a capsule and so many captured data assets are left standing."""


class Team:
    """Somebody at work in a Code Ocean. What there is to do is read from it each time."""

    def __init__(self, client: CodeOcean) -> None:
        self._capsules, self._runs, self._assets = client.capsules, client.computations, client.data_assets

    def work(self, number: int) -> str:
        """One round; what was done, in words."""
        started = self._start(number)
        before = self._captured()
        taken = {asset.provenance.computation for asset in before if asset.provenance}
        new = [self._capture(run) for run in self._runs_of(SESSION_QC) if _has_succeeded(run) and run.id not in taken]
        self._tidy_up()
        return f"round {number}: started {started}, captured {len(new)}, found {len(before)} captured before"

    def _start(self, number: int) -> str:
        """Start a run; its name."""
        name, params = f"{OURS}{number}", RunParams(capsule_id=FAILS)
        if number % FAILS_EVERY:
            sessions = self._sessions()
            session = sessions[(number - number // FAILS_EVERY - 1) % len(sessions)]
            mounted = DataAssetsRunParam(id=session.id, mount=session.mount)
            name, params = f"{name}: {session.name}", RunParams(capsule_id=SESSION_QC, data_assets=[mounted])
        run = self._runs.run_capsule(params)
        self._runs.rename_computation(run.id, name)
        return name

    def _sessions(self) -> list[DataAsset]:
        """The raw sessions of the study, the oldest first. Raises `LookupError` when there is none."""
        wanted = DataAssetSearchParams(filters=list(SESSIONS), sort_field=DataAssetSortBy.Created, limit=1000)
        found: list[DataAsset] = self._assets.search_data_assets(wanted).results
        if not found:
            raise LookupError("the world has no raw sessions: the demo needs the seed demo")
        return found

    def _capture(self, run: Computation) -> DataAsset:
        source = Source(computation=ComputationSource(id=run.id))
        params = DataAssetParams(name=f"Results of {run.name}", tags=[TAG], mount="results", source=source)
        return self._assets.create_data_asset(params)

    def _captured(self) -> list[DataAsset]:
        """What was captured, the newest first."""
        wanted = DataAssetSearchParams(
            query=f'tag:"{TAG}"', sort_field=DataAssetSortBy.Created, sort_order=SortOrder.Descending, limit=1000
        )
        found: list[DataAsset] = self._assets.search_data_assets(wanted).results
        return found

    def _runs_of(self, capsule: str) -> list[Computation]:
        """Our runs of a capsule, the newest first; others have theirs."""
        ours = [run for run in self._capsules.list_computations(capsule) if run.name.startswith(OURS)]
        return sorted(ours, key=lambda run: run.created, reverse=True)

    def _tidy_up(self) -> None:
        """Leave the newest."""
        for asset in self._captured()[KEPT:]:
            self._assets.delete_data_asset(asset.id)
        for capsule in (SESSION_QC, FAILS):
            for run in self._runs_of(capsule)[KEPT:]:
                self._runs.delete_computation(run.id)


def _has_succeeded(run: Computation) -> bool:
    return (run.state, run.end_status) == (ComputationState.Completed, ComputationEndStatus.Succeeded)


def main() -> int:
    """Work until the rounds are over or somebody says stop; 2 when the environment does not say where to work."""
    stopped = Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: stopped.set())
    try:
        team = Team(CodeOcean(domain=os.environ["CODEOCEAN_DOMAIN"], token=os.environ["CODEOCEAN_TOKEN"]))
        pause, rounds = float(os.environ.get("DEMO_PAUSE", "10")), int(os.environ.get("DEMO_ROUNDS", "0"))
    except (KeyError, ValueError) as problem:
        print(f"demo: the environment is not as it should be: {problem}", file=sys.stderr)
        return 2
    for number in count(1):
        try:
            print(team.work(number))
        except (Error, LookupError, requests.RequestException) as problem:
            # Whoever plays with faults, or starts the server anew, must not end the demo.
            print(f"round {number}: {' '.join(str(problem).split())}", file=sys.stderr)
        if number == rounds or stopped.wait(pause):
            break
    return 0


if __name__ == "__main__":
    sys.exit(main())
