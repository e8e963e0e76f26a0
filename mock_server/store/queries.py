"""The tables by name, and the statements on them that are more than get, insert and delete."""

import json
from dataclasses import asdict
from typing import Any

from mock_server.clock import Anchor
from mock_server.domain.lifecycle import Plan
from mock_server.errors import DamagedError
from mock_server.store import schema, sql
from mock_server.store.database import Database
from mock_server.store.rows import Rows, dump, read_plan, write_plan

WORLD = Rows(schema.WorldRow, "world")
USERS = Rows(schema.UserRow, "user")
USERS_BY_EMAIL = Rows(schema.UserRow, "user", key="email")
TOKENS = Rows(schema.TokenRow, "token", key="token")
GRANTS = Rows(schema.GrantRow, "grant", key="entity_id")
FAVORITES = Rows(schema.FavoriteRow, "favorite", key="entity_id")
CAPSULES = Rows(schema.CapsuleRow, "capsule")
COMPUTATIONS = Rows(schema.ComputationRow, "computation")
DRIVEN = Rows(schema.DrivenRow, "driven")
OBJECT_JOBS = Rows(schema.ObjectJobRow, "objectjob")
DATA_ASSETS = Rows(schema.DataAssetRow, "dataasset")
RELEASE_JOBS = Rows(schema.ReleaseJobRow, "releasejob")
TREES = Rows(schema.TreeRow, "tree", key="hash")
BUCKETS = Rows(schema.BucketRow, "bucket", key="name")
SCENARIOS = Rows(schema.ScenarioRow, "scenario", key="place")
FAULTS = Rows(schema.FaultRow, "fault", key="place")

WORLD_ID = 1

LOOKED_AT = 1000
"""How many data assets are looked at for those that failed lately."""

_COUNTS = {
    "capsules": sql.COUNT_CAPSULES,
    "pipelines": sql.COUNT_PIPELINES,
    "computations": sql.COUNT_RUNS,
    "data_assets": sql.COUNT_DATA_ASSETS,
}
COUNTED = (CAPSULES.table, COMPUTATIONS.table, DATA_ASSETS.table)
"""The tables whose rows are counted."""

_NEWEST = {
    CAPSULES.table: sql.NEWEST_CAPSULE,
    COMPUTATIONS.table: sql.NEWEST_RUN,
    DATA_ASSETS.table: sql.NEWEST_DATA_ASSET,
}


def reserve_ids(db: Database, count: int) -> range:
    """The numbers of `count` new ids; given out once, also across processes and restarts."""
    row = db.one(sql.RESERVE_IDS, {"more": count})
    if row is None:
        raise no_world(db)
    return range(int(row[0]) - count + 1, int(row[0]) + 1)


def all_ids(db: Database) -> set[str]:
    """The ids of everything in the world that has one."""
    return {str(row[0]) for row in db.all(sql.ALL_IDS, {})}


def require_world(db: Database) -> schema.WorldRow:
    """What the database keeps of the world itself. Raises `DamagedError` for none, and for a clock that cannot be."""
    row = WORLD.get(db, WORLD_ID)
    if row is None:
        raise no_world(db)
    if not row.anchor.is_possible:
        raise db.condition.damaged("the clock of its world stands at no time")
    return row


def no_world(db: Database) -> DamagedError:
    """What to raise when the database has lost what it keeps of the world itself."""
    return db.condition.damaged("the row of its world is gone")


def is_empty(db: Database) -> bool:
    """Whether nothing was ever written into the database: every seed has users, tokens or objects, or tells nothing."""
    return db.one(sql.ANYTHING, {}) is None


def all_tokens(db: Database) -> list[schema.TokenRow]:
    """All access tokens, in the order of the seed file."""
    return TOKENS.query(db, sql.ALL_TOKENS, {})


def set_clock(db: Database, anchor: Anchor) -> None:
    """Keep how the world's clock is tied to real time."""
    db.write(sql.SET_CLOCK, asdict(anchor))


def revise(db: Database) -> int:
    """Note that scenarios or faults have changed; how often that is in all."""
    row = db.one(sql.REVISE, {})
    return int(row[0]) if row else 0


def replace_world(db: Database, row: schema.WorldRow) -> None:
    """Write the world's own row anew."""
    WORLD.delete(db, row.id)
    WORLD.insert(db, row)


def granted_role(db: Database, entity_id: str, subjects: list[str]) -> int:
    """The highest role that any of `subjects` was given on an object; 0 when none."""
    row = db.one(sql.GRANTED_ROLE, {"entity": entity_id, "subjects": dump(subjects)})
    return int(row[0] or 0) if row else 0


def computations_of(db: Database, capsule_id: str) -> list[schema.ComputationRow]:
    """The runs of a capsule, newest first."""
    return COMPUTATIONS.query(db, sql.RUNS_OF_CAPSULE, {"capsule": capsule_id})


def rename_computation(db: Database, computation_id: str, name: str) -> None:
    """Give a run another display name."""
    db.write(sql.RENAME_RUN, {"key": computation_id, "to": name})


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
    db.write(sql.UPDATE_DATA_ASSET, values)


def archive_data_asset(db: Database, data_asset_id: str, archived: bool) -> None:
    """Hide a data asset from searches, or show it again."""
    db.write(sql.ARCHIVE_DATA_ASSET, {"key": data_asset_id, "to": archived})


def use_data_asset(db: Database, data_asset_id: str, at: float) -> list[str]:
    """Note when a data asset was last used; its tags."""
    row = db.one(sql.USE_DATA_ASSET, {"key": data_asset_id, "at": at})
    return list(json.loads(row[0])) if row else []


def capsules_with(db: Database, data_asset_id: str) -> list[schema.CapsuleRow]:
    """The capsules and pipelines that have the data asset attached."""
    return CAPSULES.query(db, sql.CAPSULES_WITH_DATA_ASSET, {"asset": data_asset_id})


def pipelines_with(db: Database, capsule_id: str) -> list[schema.CapsuleRow]:
    """The pipelines that run the capsule in a process."""
    return CAPSULES.query(db, sql.PIPELINES_WITH_CAPSULE, {"capsule": capsule_id})


def update_capsule(db: Database, row: schema.CapsuleRow) -> None:
    """Write what the API can change of a capsule."""
    values = {
        "key": row.id,
        "new_archived": row.archived,
        "new_attached": dump(row.attached),
        "new_workspace": dump(row.workspace),
        "new_last_accessed": row.last_accessed,
    }
    db.write(sql.UPDATE_CAPSULE, values)


def follow_folder(db: Database, row: schema.CapsuleRow) -> None:
    """Write what the folder of a capsule says, and which one it is."""
    values = {
        "key": row.id,
        "new_name": row.name,
        "new_description": row.description,
        "new_tags": dump(row.tags),
        "new_more": dump(row.more),
        "new_panel": dump(row.panel),
        "new_page": dump(row.page),
        "new_workspace": dump(row.workspace),
        "new_attached": dump(row.attached),
        "new_scenario": row.scenario,
        "new_folder": row.folder,
    }
    db.write(sql.FOLLOW_FOLDER, values)


def capsules_with_folder(db: Database) -> list[schema.CapsuleRow]:
    """The capsules whose code lies in a folder."""
    return CAPSULES.query(db, sql.CAPSULES_WITH_FOLDER, {})


def access_capsule(db: Database, capsule_id: str, at: float) -> None:
    """Note when a capsule was last worked with."""
    db.write(sql.ACCESS_CAPSULE, {"key": capsule_id, "at": at})


def update_asked(db: Database, row: schema.ComputationRow) -> None:
    """Write what a run was asked for anew: a cloud workstation is given data assets while it goes on."""
    db.write(sql.UPDATE_ASKED, {"key": row.id, "new_asked": dump(row.asked)})


def transfer_data_asset(db: Database, row: schema.DataAssetRow) -> None:
    """Write where the files of a data asset are."""
    db.write(sql.TRANSFER_DATA_ASSET, {"key": row.id, "new_external": row.external, "new_more": dump(row.more)})


def grants_on(db: Database, entity_id: str) -> list[schema.GrantRow]:
    """All roles that were given on an object."""
    return GRANTS.query(db, sql.GRANTS_ON_ENTITY, {"entity": entity_id})


def all_users(db: Database) -> list[schema.UserRow]:
    """All users."""
    return USERS.query(db, sql.ALL_USERS, {})


def release_jobs_of(db: Database, release_capsule: str) -> list[schema.ReleaseJobRow]:
    """The jobs that release a version of this release capsule, in the order of the versions."""
    return RELEASE_JOBS.query(db, sql.RELEASE_JOBS_OF_CAPSULE, {"capsule": release_capsule})


def plans_using(db: Database, data_asset_id: str) -> list[Plan]:
    """The plans of all runs that were given the data asset, ended ones too."""
    return [read_plan(plan) for (plan,) in db.all(sql.PLANS_USING_DATA_ASSET, {"asset": data_asset_id})]


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
    db.write(sql.STOP_RUN, values)


def unsettled_runs(db: Database, now: float) -> list[schema.ComputationRow]:
    """The runs that have not ended."""
    return COMPUTATIONS.query(db, sql.UNSETTLED_RUNS, {"now": now})


def unsettled_data_assets(db: Database, now: float) -> list[schema.DataAssetRow]:
    """The data assets that are still being made."""
    return DATA_ASSETS.query(db, sql.UNSETTLED_DATA_ASSETS, {"now": now})


def failed_data_assets(db: Database, after: float, now: float, most: int) -> list[schema.DataAssetRow]:
    """The data assets that have failed since a time, newest first, among those that were made last."""
    values = {"after": after, "now": now, "looked_at": LOOKED_AT, "most": most}
    return DATA_ASSETS.query(db, sql.DATA_ASSETS_FAILED, values)


def unsettled_releases(db: Database, now: float) -> list[schema.ReleaseJobRow]:
    """The release jobs that have not ended."""
    return RELEASE_JOBS.query(db, sql.UNSETTLED_RELEASE_JOBS, {"now": now})


def capsules_that_mounted(db: Database) -> list[schema.CapsuleRow]:
    """The capsules and pipelines to which something was attached since the world was made."""
    return CAPSULES.query(db, sql.CAPSULES_THAT_MOUNTED, {})


def some_capsules(db: Database, limit: int) -> list[schema.CapsuleRow]:
    """Up to `limit` capsules and pipelines."""
    return CAPSULES.query(db, sql.SOME_CAPSULES, {"limit": limit})


def scenarios_of_capsules(db: Database, known: set[str], limit: int = 100) -> list[tuple[str, str]]:
    """Up to `limit` capsules and pipelines, each with the scenario that it names, when that is not one of `known`."""
    return db.all(sql.SCENARIOS_OF_CAPSULES, {"known": dump(sorted(known)), "limit": limit})


def newest(db: Database, of: Rows[Any]) -> float | None:
    """When the newest object of a table was created; None when there is none."""
    row = db.one(_NEWEST[of.table], {})
    return row[0] if row else None


def counts(db: Database) -> dict[str, int]:
    """How many capsules, pipelines, computations and data assets there are."""
    found = {name: db.one(statement, {}) for name, statement in _COUNTS.items()}
    return {name: int(row[0]) if row else 0 for name, row in found.items()}


def claimable(db: Database, capsules: list[str] | None) -> list[schema.ComputationRow]:
    """The driven runs that nobody has claimed, oldest first; of those capsules alone, if any are named."""
    return COMPUTATIONS.query(db, sql.CLAIMABLE, {"any_capsule": capsules is None, "capsules": dump(capsules or [])})


def update_driven(db: Database, row: schema.DrivenRow) -> None:
    """Write what is kept of a driven run."""
    values = {"key": row.id} | {f"new_{name}": value for name, value in vars(row).items() if name != "id"}
    db.write(sql.UPDATE_DRIVEN, values)


def lapsed(db: Database, now: float) -> list[schema.DrivenRow]:
    """The driven runs whose lease has lapsed by the real time `now`."""
    return DRIVEN.query(db, sql.LAPSED, {"now": now})


def next_lapse(db: Database) -> float | None:
    """When the next lease lapses, in real time; None when there is none."""
    row = db.one(sql.NEXT_LAPSE, {})
    return row[0] if row else None


def grant_grace(db: Database, until: float) -> None:
    """Have no lease lapse before the real time `until`."""
    db.write(sql.GRANT_GRACE, {"until": until})


def settle_data_asset(db: Database, row: schema.DataAssetRow) -> None:
    """Write how a data asset that somebody drives has ended."""
    values = {"key": row.id, "new_plan": write_plan(row.plan), "new_settles": row.settles}
    db.write(sql.UPDATE_DATA_ASSET_PLAN, values)
