"""Runs of a whole world, newest first, as far as somebody may see them."""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

from mock_server.domain.access import Caller
from mock_server.domain.runs import Outcome
from mock_server.store import sql
from mock_server.store.database import Database
from mock_server.store.queries import CAPSULES, COMPUTATIONS, GRANTS
from mock_server.store.rows import dump
from mock_server.store.schema import ComputationRow

SEEN_IN = (CAPSULES.table, COMPUTATIONS.table, GRANTS.table)
"""The tables on which it depends what somebody may see."""

OutcomeFilter = Literal["", Outcome]
"""How runs went that are looked for; empty for any way."""


class RunQuery(NamedTuple):
    """Which runs: of one `capsule`, or of those with `capsule_name` in their name; with `name` in their own; that came
    to an `outcome` by `now`, and ended after `ended_after`; created before `created_before`. `limit` of them behind
    `offset`.
    """

    capsule: str = ""
    capsule_name: str = ""
    name: str = ""
    outcome: OutcomeFilter = ""
    now: float = 0.0
    ended_after: float = 0.0
    created_before: float = math.inf
    limit: int = 50
    offset: int = 0


def seen_by(db: Database, caller: Caller, wanted: RunQuery) -> list[ComputationRow]:
    """A page of the runs that the caller may see, newest first."""
    ended = wanted.outcome not in ("", "unfinished")
    values = {
        "capsule": wanted.capsule,
        "capsule_name": wanted.capsule_name,
        "name": wanted.name,
        "outcome": wanted.outcome if ended else "",
        "settling_after": wanted.now if wanted.outcome == "unfinished" else wanted.ended_after,
        "settled_by": wanted.now if ended else math.inf,
        "created_before": wanted.created_before,
        "at_most": wanted.limit,
        "skipped": wanted.offset,
    }
    return COMPUTATIONS.query(db, sql.RUNS_SEEN, values | _who(caller))


def using(db: Database, caller: Caller, data_asset_id: str) -> Sequence[ComputationRow]:
    """The runs that the caller may see and that were given a data asset, newest first."""
    found = COMPUTATIONS.query(db, sql.RUNS_WITH_INPUT, {"asset": data_asset_id} | _who(caller))
    return [row for row in found if any(asset["id"] == data_asset_id for asset in row.asked["data_assets"])]


def _who(caller: Caller) -> dict[str, object]:
    return {"admin": int(caller.admin), "user": caller.user_id, "subjects": dump(caller.subjects)}
