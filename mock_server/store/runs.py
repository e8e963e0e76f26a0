"""Runs of a whole world, newest first, as far as somebody may see them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, exists, func, or_, select

from mock_server.domain.access import Caller, Role
from mock_server.store.database import Database, Statement, dump
from mock_server.store.queries import CAPSULES, COMPUTATIONS, GRANTS
from mock_server.store.schema import ComputationRow

RUN, CAPSULE, GRANT = COMPUTATIONS.table.c, CAPSULES.table.c, GRANTS.table.c

_granted = exists().where(
    GRANT.entity_id == RUN.capsule_id,
    GRANT.role >= int(Role.VIEWER),
    GRANT.subject.in_(select(func.json_each(bindparam("subjects")).table_valued("value").c.value)),
)
_of_an_own_capsule = exists().where(CAPSULE.id == RUN.capsule_id, CAPSULE.owner == bindparam("user"))
_seen = or_(
    bindparam("admin") == 1,
    RUN.owner == bindparam("user"),
    ~RUN.released & or_(_of_an_own_capsule, _granted),
)
_page = Statement(
    select(COMPUTATIONS.table)
    .where(
        _seen,
        or_(bindparam("capsule") == "", RUN.capsule_id == bindparam("capsule")),
        RUN.settles > bindparam("settling_after"),
    )
    .order_by(RUN.created.desc(), RUN.id)
    .limit(bindparam("at_most"))
    .offset(bindparam("skipped"))
)
_with_input = Statement(
    select(COMPUTATIONS.table)
    .where(_seen, func.instr(RUN.asked, bindparam("asset")) > 0)
    .order_by(RUN.created.desc(), RUN.id)
)


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
    return COMPUTATIONS.query(db, _page, values | _who(caller))


def using(db: Database, caller: Caller, data_asset_id: str) -> Sequence[ComputationRow]:
    """The runs that the caller may see and that were given a data asset, newest first."""
    found = COMPUTATIONS.query(db, _with_input, {"asset": data_asset_id} | _who(caller))
    return [row for row in found if any(asset["id"] == data_asset_id for asset in row.asked["data_assets"])]


def _who(caller: Caller) -> dict[str, object]:
    return {"admin": int(caller.admin), "user": caller.user_id, "subjects": dump(caller.subjects)}
