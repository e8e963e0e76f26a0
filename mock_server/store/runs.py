"""Runs of a whole world, newest first, as far as somebody may see them."""

from collections.abc import Sequence
from typing import NamedTuple

from mock_server.domain.access import Caller
from mock_server.store import sql
from mock_server.store.database import Database
from mock_server.store.queries import COMPUTATIONS
from mock_server.store.rows import dump
from mock_server.store.schema import ComputationRow


class RunQuery(NamedTuple):
    """Which runs: of one `capsule` or all, only those that `settle_after` a time, `limit` of them behind `offset`."""

    capsule: str = ""
    settle_after: float = 0.0
    limit: int = 50
    offset: int = 0


def seen_by(db: Database, caller: Caller, wanted: RunQuery) -> list[ComputationRow]:
    """A page of the runs that the caller may see, newest first."""
    values = {
        "capsule": wanted.capsule,
        "settling_after": wanted.settle_after,
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
