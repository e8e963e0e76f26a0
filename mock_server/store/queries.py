"""The tables by name, and the statements on them that are more than get, insert and delete."""

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, select, text, update

from mock_server.clock import Anchor
from mock_server.domain.lifecycle import Plan
from mock_server.errors import DamagedError
from mock_server.store import schema
from mock_server.store.database import Database, Rows, Statement, dump, read_plan, write_plan

WORLD = Rows(schema.WorldRow, schema.World)
USERS = Rows(schema.UserRow, schema.User)
USERS_BY_EMAIL = Rows(schema.UserRow, schema.User, key="email")
TOKENS = Rows(schema.TokenRow, schema.Token, key="token")
GRANTS = Rows(schema.GrantRow, schema.Grant, key="entity_id")
FAVORITES = Rows(schema.FavoriteRow, schema.Favorite, key="entity_id")
CAPSULES = Rows(schema.CapsuleRow, schema.Capsule)
COMPUTATIONS = Rows(schema.ComputationRow, schema.Computation)
DATA_ASSETS = Rows(schema.DataAssetRow, schema.DataAsset)
RELEASE_JOBS = Rows(schema.ReleaseJobRow, schema.ReleaseJob)
TREES = Rows(schema.TreeRow, schema.Tree, key="hash")
BUCKETS = Rows(schema.BucketRow, schema.Bucket, key="name")
SCENARIOS = Rows(schema.ScenarioRow, schema.Scenario, key="place")
FAULTS = Rows(schema.FaultRow, schema.Fault, key="place")

WORLD_ID = 1


def _ids(column: ColumnElement[Any], *path: str) -> Select[Any]:
    """The elements of a JSON array in `column`."""
    return select(func.json_each(column, *path).table_valued("value").c.value)


_reserve_ids = Statement(
    update(WORLD.table).values(ids_given=WORLD.table.c.ids_given + bindparam("more")).returning(WORLD.table.c.ids_given)
)
_set_clock = Statement(
    update(WORLD.table).values(
        clock_real=bindparam("real"),
        clock_virtual=bindparam("virtual"),
        clock_scale=bindparam("scale"),
        clock_skipping=bindparam("skipping"),
    )
)
_revise = Statement(update(WORLD.table).values(revision=WORLD.table.c.revision + 1).returning(WORLD.table.c.revision))
_role = Statement(
    select(func.max(GRANTS.table.c.role)).where(
        GRANTS.table.c.entity_id == bindparam("entity"),
        GRANTS.table.c.subject.in_(_ids(bindparam("subjects"))),
    )
)
_of_capsule = Statement(
    select(COMPUTATIONS.table)
    .where(COMPUTATIONS.table.c.capsule_id == bindparam("capsule"))
    .order_by(COMPUTATIONS.table.c.created.desc(), COMPUTATIONS.table.c.id)
)
_rename = Statement(
    update(COMPUTATIONS.table).where(COMPUTATIONS.table.c.id == bindparam("key")).values(name=bindparam("to"))
)
_update_asset = Statement(
    update(DATA_ASSETS.table)
    .where(DATA_ASSETS.table.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("name", "description", "mount", "tags", "more")})
)
_archive_asset = Statement(
    update(DATA_ASSETS.table).where(DATA_ASSETS.table.c.id == bindparam("key")).values(archived=bindparam("to"))
)
_use_asset = Statement(
    update(DATA_ASSETS.table)
    .where(DATA_ASSETS.table.c.id == bindparam("key"))
    .values(last_used=bindparam("at"))
    .returning(DATA_ASSETS.table.c.tags)
)
_plans = Statement(
    select(COMPUTATIONS.table.c.plan).where(
        exists(_ids(COMPUTATIONS.table.c.asked, "$.data_assets").where(text("value ->> 'id' = :asset")))
    )
)
_jobs = Statement(
    select(RELEASE_JOBS.table)
    .where(RELEASE_JOBS.table.c.release_capsule == bindparam("capsule"))
    .order_by(RELEASE_JOBS.table.c.major_version)
)
_update_capsule = Statement(
    update(CAPSULES.table)
    .where(CAPSULES.table.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("archived", "attached", "workspace", "last_accessed")})
)
_access_capsule = Statement(
    update(CAPSULES.table).where(CAPSULES.table.c.id == bindparam("key")).values(last_accessed=bindparam("at"))
)
_update_asked = Statement(
    update(COMPUTATIONS.table).where(COMPUTATIONS.table.c.id == bindparam("key")).values(asked=bindparam("new_asked"))
)
_grants = Statement(
    select(GRANTS.table).where(GRANTS.table.c.entity_id == bindparam("entity")).order_by(GRANTS.table.c.subject)
)
_all_users = Statement(select(USERS.table))
_transfer = Statement(
    update(DATA_ASSETS.table)
    .where(DATA_ASSETS.table.c.id == bindparam("key"))
    .values(external=bindparam("new_external"), more=bindparam("new_more"))
)
_attached_to = Statement(
    select(CAPSULES.table).where(
        exists(_ids(CAPSULES.table.c.attached).where(text("value ->> 'id' = :asset"))),
    )
)
_processing = Statement(
    select(CAPSULES.table).where(
        exists(_ids(CAPSULES.table.c.processes).where(text("value ->> 'capsule_id' = :capsule"))),
    )
)
_stop = Statement(
    update(COMPUTATIONS.table)
    .where(COMPUTATIONS.table.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("plan", "settles", "tree", "own_tree", "log")})
)
_unsettled = {
    kind: Statement(select(rows_.table).where(rows_.table.c.settles > bindparam("now")))
    for kind, rows_ in (("computation", COMPUTATIONS), ("data_asset", DATA_ASSETS), ("release", RELEASE_JOBS))
}
_mounting = Statement(select(CAPSULES.table).where(func.instr(CAPSULES.table.c.attached, '"plan"') > 0))
_counts = {
    name: Statement(select(func.count()).select_from(table.table).where(*conditions))
    for name, table, conditions in (
        ("capsules", CAPSULES, [CAPSULES.table.c.kind == "capsule"]),
        ("pipelines", CAPSULES, [CAPSULES.table.c.kind == "pipeline"]),
        ("computations", COMPUTATIONS, []),
        ("data_assets", DATA_ASSETS, []),
    )
}
_some_capsules = Statement(select(CAPSULES.table).order_by(CAPSULES.table.c.id).limit(bindparam("limit")))
_newest = {
    rows_.table.name: Statement(select(func.max(rows_.table.c.created)))
    for rows_ in (CAPSULES, COMPUTATIONS, DATA_ASSETS)
}
_scenarios_of_capsules = Statement(
    select(CAPSULES.table.c.id, CAPSULES.table.c.scenario)
    .where(CAPSULES.table.c.scenario.not_in(_ids(bindparam("known"))))
    .order_by(CAPSULES.table.c.id)
    .limit(bindparam("limit"))
)
_tokens = Statement(select(TOKENS.table).order_by(text("rowid")))


_anything = tuple(
    Statement(select(rows_.table).limit(1)) for rows_ in (USERS, TOKENS, CAPSULES, COMPUTATIONS, DATA_ASSETS)
)


def reserve_ids(db: Database, count: int) -> range:
    """The numbers of `count` new ids; given out once, also across processes and restarts."""
    row = db.one(_reserve_ids, {"more": count})
    if row is None:
        raise no_world(db)
    return range(int(row[0]) - count + 1, int(row[0]) + 1)


def require_world(db: Database) -> schema.WorldRow:
    """What the database keeps of the world itself. Raises `DamagedError` when it keeps nothing."""
    row = WORLD.get(db, WORLD_ID)
    if row is None:
        raise no_world(db)
    return row


def no_world(db: Database) -> DamagedError:
    """What to raise when the database has lost what it keeps of the world itself."""
    return db.condition.damaged("the row of its world is gone")


def is_empty(db: Database) -> bool:
    """Whether nothing was ever written into the database: every seed has users, tokens or objects, or tells nothing."""
    return all(db.one(statement, {}) is None for statement in _anything)


def all_tokens(db: Database) -> list[schema.TokenRow]:
    """All access tokens, in the order of the seed file."""
    return TOKENS.query(db, _tokens, {})


def set_clock(db: Database, anchor: Anchor) -> None:
    """Keep how the world's clock is tied to real time."""
    db.write(_set_clock, asdict(anchor))


def revise(db: Database) -> int:
    """Note that scenarios or faults have changed; how often that is in all."""
    row = db.one(_revise, {})
    return int(row[0]) if row else 0


def replace_world(db: Database, row: schema.WorldRow) -> None:
    """Write the world's own row anew."""
    WORLD.delete(db, row.id)
    WORLD.insert(db, row)


def granted_role(db: Database, entity_id: str, subjects: list[str]) -> int:
    """The highest role that any of `subjects` was given on an object; 0 when none."""
    row = db.one(_role, {"entity": entity_id, "subjects": dump(subjects)})
    return int(row[0] or 0) if row else 0


def computations_of(db: Database, capsule_id: str) -> list[schema.ComputationRow]:
    """The runs of a capsule, newest first."""
    return COMPUTATIONS.query(db, _of_capsule, {"capsule": capsule_id})


def rename_computation(db: Database, computation_id: str, name: str) -> None:
    """Give a run another display name."""
    db.write(_rename, {"key": computation_id, "to": name})


def update_data_asset(db: Database, row: schema.DataAssetRow) -> None:
    """Write the fields of a data asset that its owner may change."""
    values: dict[str, Any] = {
        "key": row.id,
        "new_name": row.name,
        "new_description": row.description,
        "new_mount": row.mount,
        "new_tags": dump(row.tags),
        "new_more": dump(row.more),
    }
    db.write(_update_asset, values)


def archive_data_asset(db: Database, data_asset_id: str, archived: bool) -> None:
    """Hide a data asset from searches, or show it again."""
    db.write(_archive_asset, {"key": data_asset_id, "to": archived})


def use_data_asset(db: Database, data_asset_id: str, at: float) -> list[str]:
    """Note when a data asset was last used; its tags."""
    row = db.one(_use_asset, {"key": data_asset_id, "at": at})
    return list(json.loads(row[0])) if row else []


def capsules_with(db: Database, data_asset_id: str) -> list[schema.CapsuleRow]:
    """The capsules and pipelines that have the data asset attached."""
    return CAPSULES.query(db, _attached_to, {"asset": data_asset_id})


def pipelines_with(db: Database, capsule_id: str) -> list[schema.CapsuleRow]:
    """The pipelines that run the capsule in a process."""
    return CAPSULES.query(db, _processing, {"capsule": capsule_id})


def update_capsule(db: Database, row: schema.CapsuleRow) -> None:
    """Write what the API can change of a capsule."""
    values = {
        "key": row.id,
        "new_archived": row.archived,
        "new_attached": dump(row.attached),
        "new_workspace": dump(row.workspace),
        "new_last_accessed": row.last_accessed,
    }
    db.write(_update_capsule, values)


def access_capsule(db: Database, capsule_id: str, at: float) -> None:
    """Note when a capsule was last worked with."""
    db.write(_access_capsule, {"key": capsule_id, "at": at})


def update_asked(db: Database, row: schema.ComputationRow) -> None:
    """Write what a run was asked for anew: a cloud workstation is given data assets while it goes on."""
    db.write(_update_asked, {"key": row.id, "new_asked": dump(row.asked)})


def transfer_data_asset(db: Database, row: schema.DataAssetRow) -> None:
    """Write where the files of a data asset are."""
    db.write(_transfer, {"key": row.id, "new_external": row.external, "new_more": dump(row.more)})


def grants_on(db: Database, entity_id: str) -> list[schema.GrantRow]:
    """All roles that were given on an object."""
    return GRANTS.query(db, _grants, {"entity": entity_id})


def all_users(db: Database) -> list[schema.UserRow]:
    """All users."""
    return USERS.query(db, _all_users, {})


def release_jobs_of(db: Database, release_capsule: str) -> list[schema.ReleaseJobRow]:
    """The jobs that release a version of this release capsule, in the order of the versions."""
    return RELEASE_JOBS.query(db, _jobs, {"capsule": release_capsule})


def plans_using(db: Database, data_asset_id: str) -> list[Plan]:
    """The plans of all runs that were given the data asset, ended ones too."""
    return [read_plan(plan) for (plan,) in db.all(_plans, {"asset": data_asset_id})]


def stop_computation(db: Database, row: schema.ComputationRow) -> None:
    """Write how a run has ended that somebody stops, and what it has left."""
    values = {
        "key": row.id,
        "new_plan": write_plan(row.plan),
        "new_settles": row.settles,
        "new_tree": row.tree,
        "new_own_tree": row.own_tree,
        "new_log": row.log,
    }
    db.write(_stop, values)


def unsettled_runs(db: Database, now: float) -> list[schema.ComputationRow]:
    """The runs that have not ended."""
    return COMPUTATIONS.query(db, _unsettled["computation"], {"now": now})


def unsettled_data_assets(db: Database, now: float) -> list[schema.DataAssetRow]:
    """The data assets that are still being made."""
    return DATA_ASSETS.query(db, _unsettled["data_asset"], {"now": now})


def unsettled_releases(db: Database, now: float) -> list[schema.ReleaseJobRow]:
    """The release jobs that have not ended."""
    return RELEASE_JOBS.query(db, _unsettled["release"], {"now": now})


def capsules_that_mounted(db: Database) -> list[schema.CapsuleRow]:
    """The capsules and pipelines to which something was attached since the world was made."""
    return CAPSULES.query(db, _mounting, {})


def some_capsules(db: Database, limit: int) -> list[schema.CapsuleRow]:
    """Up to `limit` capsules and pipelines."""
    return CAPSULES.query(db, _some_capsules, {"limit": limit})


def scenarios_of_capsules(db: Database, known: set[str], limit: int = 100) -> list[tuple[str, str]]:
    """Up to `limit` capsules and pipelines, each with the scenario that it names, when that is not one of `known`."""
    return db.all(_scenarios_of_capsules, {"known": dump(sorted(known)), "limit": limit})


def newest(db: Database, of: Rows[Any]) -> float | None:
    """When the newest object of a table was created; None when there is none."""
    row = db.one(_newest[of.table.name], {})
    return row[0] if row else None


def counts(db: Database) -> dict[str, int]:
    """How many capsules, pipelines, computations and data assets there are."""
    found = {name: db.one(statement, {}) for name, statement in _counts.items()}
    return {name: int(row[0]) if row else 0 for name, row in found.items()}
