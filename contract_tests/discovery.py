"""Finding what there is to work on, with requests that change nothing."""

from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from contract_tests.deployment import OWNER, Caller, Deployment, Subjects
from contract_tests.transport.exchange import Exchange

CANDIDATES = 20
"""How many of a kind are looked at, the newest that there are."""
OWN_FIRST: tuple[dict[str, str], ...] = ({"ownership": "created"}, {})
"""What a search is filtered by, in turn: with what is the caller's own everything can be done for certain."""
SETTLED = 3600
"""Seconds of the deployment's clock after which nobody is expected to delete what they have made for a moment."""


def discover(deployment: Deployment, named: Subjects) -> Subjects:
    """Choose the subjects: those the user named, else the first of its kind that has worked before, else the first."""
    caller = deployment.http(OWNER)
    capsules = [named.capsule] if named.capsule else list(_candidates(caller, "/capsules/search"))
    pipelines = [named.pipeline] if named.pipeline else list(_candidates(caller, "/pipelines/search"))
    capsule, run = _with_successful_run(caller, capsules)
    pipeline, other = _with_successful_run(caller, pipelines)
    asset, file = _with_files(caller, [named.data_asset]) if named.data_asset else _settled_data_asset(caller)
    return Subjects(
        capsule=capsule or next(iter(capsules), None),
        pipeline=pipeline or next(iter(pipelines), None),
        computation=named.computation or run or other,
        data_asset=named.data_asset or asset,
        data_asset_file=file,
    )


def _candidates(caller: Caller, path: str) -> Iterator[str]:
    """The caller's own first."""
    seen: set[str] = set()
    for filters in OWN_FIRST:
        for key in _search(caller, path, **filters):
            if key not in seen and len(seen) < CANDIDATES:
                seen.add(key)
                yield key


def _search(caller: Caller, path: str, **filters: str) -> list[str]:
    answer = caller.ask("POST", path, json={"limit": CANDIDATES, **filters}).json()
    rows = answer.get("results") if isinstance(answer, dict) else None
    return [row["id"] for row in rows or () if isinstance(row, dict) and isinstance(row.get("id"), str)]


def _with_successful_run(caller: Caller, capsules: Iterable[str]) -> tuple[str | None, str | None]:
    """A capsule and a run of it that succeeded and has results; a young run only where there is no other."""
    young: tuple[str | None, str | None] = None, None
    for capsule in capsules:
        response = caller.ask("GET", f"/capsules/{capsule}/computations")
        runs = response.json()
        # They come newest first, and the newest may be another client's that is about to delete it.
        newest = runs[:CANDIDATES] if isinstance(runs, list) else []
        for run in reversed(newest):
            good = isinstance(run, dict) and run.get("state") == "completed" and run.get("exit_code") == 0
            if good and run.get("has_results") and isinstance(run.get("id"), str):
                if _is_settled(run, response):
                    return capsule, run["id"]
                young = young if young[0] else (capsule, run["id"])
    return young


def _is_settled(fields: dict[str, Any], response: Exchange) -> bool:
    """Tell whether what is described has been there for long, by the clock of who answers."""
    try:
        now = parsedate_to_datetime(response.answer_headers["Date"]).timestamp()
        return bool(now - fields["created"] >= SETTLED)
    except (KeyError, TypeError, ValueError):
        return False


def _settled_data_asset(caller: Caller) -> tuple[str | None, str | None]:
    """An internal data asset with a file of it, the caller's own if there is one."""
    for filters in OWN_FIRST:
        asset, file = _with_files(caller, _search(caller, "/data_assets/search", origin="internal", **filters))
        if asset is not None:
            return asset, file
    return None, None


def _with_files(caller: Caller, assets: Iterable[str]) -> tuple[str | None, str | None]:
    """A data asset and a file of it. They come newest first, and may be another client's as runs may."""
    for asset in reversed(list(assets)):
        listed = caller.ask("POST", f"/data_assets/{asset}/files", json={"path": ""}).json()
        items = listed.get("items") if isinstance(listed, dict) else None
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and item.get("type") == "file":
                return asset, str(item.get("path"))
    return None, None
