"""Deleting what a run has made, by its ledger; after a crash too."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract_tests.deployment import Caller
from contract_tests.greeting import FIRST_RESPONSE, greet
from contract_tests.transport.budgets import Budgets, Meter
from contract_tests.transport.gate import TIMEOUT, Gate
from contract_tests.transport.ledger import Ledger, Run, mark_of
from contract_tests.transport.operations import OPERATIONS, Effect
from contract_tests.transport.profiles import Profile, Rules
from contract_tests.transport.target import Target

NOT_THE_SAME = "this is not the token it was created with"


class _UnknownError(Exception):
    """The deployment does not tell what it has; the message says how it answered."""


@dataclass(slots=True)
class SweepResult:
    """Outcome of deleting what a run created."""

    deleted: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Ids that could not be deleted, each with the answer."""


def sweep_run(
    path: Path, run: Run, token: str | None, per_second: float | None = None, timeout: float | None = None
) -> SweepResult:
    """Delete what a run has made and write that into its ledger. Nothing else can be touched by it.

    Raises `CannotRunError` when no deployment answers or there is no token, `requests.RequestException` when it stops
    to, `LedgerError` when the ledger cannot be written.
    """
    target = Target(run.url)
    rules = Rules(Profile.SANDBOXED, target, tag=run.tag)
    gate = Gate(
        target, rules, Meter(Budgets(per_second=per_second, failures_in_a_row=None)), timeout=timeout or TIMEOUT
    )
    with gate.installed():
        caller = Caller(gate, token)
        # What answers in its place would seem to have deleted all.
        greet(caller, run.url, timeout or FIRST_RESPONSE, has_token=token is not None)
        computations, assets, unknown = find_created(caller, run)
        rules.add_own(computations | assets)
        # What another user does not see is answered 404 as well, and is not in their lists.
        is_same = run.mark in ("", mark_of(run.tag, token or ""))
        swept = sweep(caller, computations, assets, (200, 204, 404) if is_same else (200, 204))
        if not (is_same or unknown) and any(entry.id is None for entry in run.left):
            unknown.append(f"resources of {run.tag} with unknown ids: {NOT_THE_SAME}")
        swept.left += unknown
        caller.close()
    ledger = Ledger(path, run.tag, run.url, run.capsule)
    for entry in run.left:
        if entry.id in swept.deleted or (entry.id is None and not swept.left):
            ledger.record_deletion(entry.number)
    return swept


def find_created(caller: Caller, run: Run) -> tuple[set[str], set[str], list[str]]:
    """The computations and data assets that the run has made: those it knows the ids of, and those whose answers were
    lost; and why some of the latter cannot be looked for. A lost computation is one of the capsule that was not there
    before, and belongs to the same user.
    """
    computations = {entry.id for entry in run.left if entry.id and _effect(entry.operation) is Effect.RUN}
    assets = {entry.id for entry in run.left if entry.id and _effect(entry.operation) is Effect.CREATE}
    lost = [_effect(entry.operation) for entry in run.left if entry.id is None]
    unknown: list[str] = []
    try:
        if Effect.RUN in lost and run.capsule is not None:
            computations |= _lost_computations(caller, run)
        if Effect.CREATE in lost:
            assets |= set(_tagged(caller, run.tag))
    except _UnknownError as problem:
        unknown.append(f"resources of {run.tag} with unknown ids: {problem}")
    return computations, assets, unknown


def sweep(caller: Caller, computations: set[str], assets: set[str], gone: Collection[int]) -> SweepResult:
    """Delete them all. `gone` are the answers that say that something is not there any more."""
    swept = SweepResult()
    for asset in sorted(assets):
        # The app asks for that first, and the service may do so too.
        caller.ask("PATCH", f"/data_assets/{asset}/archive", params={"archive": "true"})
        _delete(caller, f"/data_assets/{asset}", asset, gone, swept)
    for computation in sorted(computations):
        _delete(caller, f"/computations/{computation}", computation, gone, swept)
    return swept


def _delete(caller: Caller, path: str, name: str, gone: Collection[int], swept: SweepResult) -> None:
    answer = caller.ask("DELETE", path)
    if answer.status in gone:
        swept.deleted.append(name)
    else:
        why = f", but {NOT_THE_SAME}" if answer.status == 404 else ""
        swept.left.append(f"{name}: {answer.response_text()[:200]}{why}")


def _effect(operation: str) -> Effect | None:
    known = OPERATIONS.get(operation)
    return known.effect if known else None


def _lost_computations(caller: Caller, run: Run) -> set[str]:
    known = {entry.id for entry in run.entries if entry.id} | set(run.before)
    answer = caller.ask("GET", f"/capsules/{run.capsule}/computations")
    listed = answer.json()
    if not answer.ok or not isinstance(listed, list):
        raise _UnknownError(f"{answer.path} returned {answer.response_text()[:200]}")
    new = [row for row in listed if isinstance(row, dict) and row.get("id") not in known]
    if not new:
        return set()
    mine = _user(caller)
    if mine is None:
        raise _UnknownError("cannot tell which user the token belongs to")
    return {row["id"] for row in new if row.get("owner") == mine}


def _user(caller: Caller) -> str | None:
    """The id of the user whose token it is, from something that they made."""
    for path in ("/capsules/search", "/data_assets/search"):
        for row in _rows(caller, path, {"ownership": "created", "limit": 1}):
            if isinstance(row.get("owner"), str):
                return str(row["owner"])
    return None


def _tagged(caller: Caller, tag: str) -> Iterator[str]:
    for archived in (False, True):
        for row in _rows(caller, "/data_assets/search", {"query": f"tag:{tag}", "archived": archived, "limit": 1000}):
            if tag in (row.get("tags") or ()):
                yield str(row["id"])


def _rows(caller: Caller, path: str, request: dict[str, Any]) -> list[dict[str, Any]]:
    answer = caller.ask("POST", path, json=request)
    page = answer.json()
    rows = page.get("results") if answer.ok and isinstance(page, dict) else None
    if not isinstance(rows, list):
        raise _UnknownError(f"{answer.path} returned {answer.response_text()[:200]}")
    return [row for row in rows if isinstance(row, dict)]
