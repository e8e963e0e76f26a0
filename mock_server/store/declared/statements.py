"""The statements on the tables that are more than get, insert and delete, by their names in `store.sql`."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from mock_server.domain.access import Role
from mock_server.store.declared.tables import (
    BUCKETS,
    CAPSULES,
    COMPUTATIONS,
    DATA_ASSETS,
    DRIVEN,
    FAULTS,
    FILE_REFS,
    GRANTS,
    OBJECT_JOBS,
    RELEASE_JOBS,
    SCENARIOS,
    TOKENS,
    TREES,
    USERS,
    WORLD,
)

RUN, CAPSULE, GRANT = COMPUTATIONS.c, CAPSULES.c, GRANTS.c

NO_FILES = ""
"""The key of the tree without files (`store.file_trees`)."""


def _ids(column: ColumnElement[Any], *path: str) -> Select[Any]:
    """The elements of a JSON array in `column`."""
    return select(func.json_each(column, *path).table_valued("value").c.value)


RESERVE_IDS = update(WORLD).values(ids_given=WORLD.c.ids_given + bindparam("more")).returning(WORLD.c.ids_given)
ALL_IDS = union_all(*(select(table.c.id) for table in (CAPSULES, COMPUTATIONS, DATA_ASSETS, RELEASE_JOBS)))
SET_CLOCK = update(WORLD).values(
    clock_real=bindparam("real"),
    clock_virtual=bindparam("virtual"),
    clock_scale=bindparam("scale"),
    clock_skipping=bindparam("skipping"),
)
REVISE = update(WORLD).values(revision=WORLD.c.revision + 1).returning(WORLD.c.revision)
GRANTED_ROLE = select(func.max(GRANTS.c.role)).where(
    GRANTS.c.entity_id == bindparam("entity"),
    GRANTS.c.subject.in_(_ids(bindparam("subjects"))),
)
RUNS_OF_CAPSULE = (
    select(COMPUTATIONS)
    .where(COMPUTATIONS.c.capsule_id == bindparam("capsule"))
    .order_by(COMPUTATIONS.c.created.desc(), COMPUTATIONS.c.id)
)
RENAME_RUN = update(COMPUTATIONS).where(COMPUTATIONS.c.id == bindparam("key")).values(name=bindparam("to"))
UPDATE_DATA_ASSET = (
    update(DATA_ASSETS)
    .where(DATA_ASSETS.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("name", "description", "mount", "tags", "more")})
)
ARCHIVE_DATA_ASSET = update(DATA_ASSETS).where(DATA_ASSETS.c.id == bindparam("key")).values(archived=bindparam("to"))
USE_DATA_ASSET = (
    update(DATA_ASSETS)
    .where(DATA_ASSETS.c.id == bindparam("key"))
    .values(last_used=bindparam("at"))
    .returning(DATA_ASSETS.c.tags)
)
PLANS_USING_DATA_ASSET = select(COMPUTATIONS.c.plan).where(
    exists(_ids(COMPUTATIONS.c.asked, "$.data_assets").where(text("value ->> 'id' = :asset")))
)
RELEASE_JOBS_OF_CAPSULE = (
    select(RELEASE_JOBS)
    .where(RELEASE_JOBS.c.release_capsule == bindparam("capsule"))
    .order_by(RELEASE_JOBS.c.major_version)
)
UPDATE_CAPSULE = (
    update(CAPSULES)
    .where(CAPSULES.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("archived", "attached", "workspace", "last_accessed")})
)
FOLLOW_FOLDER = (
    update(CAPSULES)
    .where(CAPSULES.c.id == bindparam("key"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "name", "description", "tags", "more", "panel", "page", "workspace", "attached", "scenario", "folder",
            )
        }
    )
)  # fmt: skip
CAPSULES_WITH_FOLDER = select(CAPSULES).where(CAPSULES.c.folder.is_not(None))
ACCESS_CAPSULE = update(CAPSULES).where(CAPSULES.c.id == bindparam("key")).values(last_accessed=bindparam("at"))
UPDATE_ASKED = update(COMPUTATIONS).where(COMPUTATIONS.c.id == bindparam("key")).values(asked=bindparam("new_asked"))
GRANTS_ON_ENTITY = select(GRANTS).where(GRANTS.c.entity_id == bindparam("entity")).order_by(GRANTS.c.subject)
ALL_USERS = select(USERS)
ANYTHING = select(literal(1)).where(
    or_(*(exists(select(table)) for table in (USERS, TOKENS, CAPSULES, COMPUTATIONS, DATA_ASSETS)))
)
TRANSFER_DATA_ASSET = (
    update(DATA_ASSETS)
    .where(DATA_ASSETS.c.id == bindparam("key"))
    .values(external=bindparam("new_external"), more=bindparam("new_more"))
)
CAPSULES_WITH_DATA_ASSET = select(CAPSULES).where(
    exists(_ids(CAPSULES.c.attached).where(text("value ->> 'id' = :asset"))),
)
PIPELINES_WITH_CAPSULE = select(CAPSULES).where(
    exists(_ids(CAPSULES.c.processes).where(text("value ->> 'capsule_id' = :capsule"))),
)
STOP_RUN = (
    update(COMPUTATIONS)
    .where(COMPUTATIONS.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("plan", "settles", "tree", "own_tree", "log")})
)
CAPSULES_THAT_MOUNTED = select(CAPSULES).where(func.instr(CAPSULES.c.attached, '"plan"') > 0)
SOME_CAPSULES = select(CAPSULES).order_by(CAPSULES.c.id).limit(bindparam("limit"))
SCENARIOS_OF_CAPSULES = (
    select(CAPSULES.c.id, CAPSULES.c.scenario)
    .where(CAPSULES.c.scenario.not_in(_ids(bindparam("known"))))
    .order_by(CAPSULES.c.id)
    .limit(bindparam("limit"))
)
ALL_TOKENS = select(TOKENS).order_by(text("rowid"))
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
_of_a_capsule_named = exists().where(
    CAPSULE.id == RUN.capsule_id, func.instr(func.lower(CAPSULE.name), func.lower(bindparam("capsule_name"))) > 0
)
_ends = func.coalesce(text("json_extract(plan, '$.end[1]')"), text("json_extract(plan, '$.end[0]')"))
# Of runs that are left out again after sorting, nothing but id and time is read.
_runs_seen = (
    select(RUN.id)
    .where(
        _seen,
        RUN.created < bindparam("created_before"),
        or_(bindparam("capsule") == "", RUN.capsule_id == bindparam("capsule")),
        or_(bindparam("capsule_name") == "", _of_a_capsule_named),
        or_(bindparam("name") == "", func.instr(func.lower(RUN.name), func.lower(bindparam("name"))) > 0),
        RUN.settles > bindparam("settling_after"),
        RUN.settles <= bindparam("settled_by"),
        or_(bindparam("outcome") == "", _ends == bindparam("outcome")),
    )
    .order_by(RUN.created.desc(), RUN.id)
    .limit(bindparam("at_most"))
    .offset(bindparam("skipped"))
    .correlate(None)
)
RUNS_SEEN = select(COMPUTATIONS).where(RUN.id.in_(_runs_seen)).order_by(RUN.created.desc(), RUN.id)
RUNS_WITH_INPUT = (
    select(COMPUTATIONS)
    .where(_seen, func.instr(RUN.asked, bindparam("asset")) > 0)
    .order_by(RUN.created.desc(), RUN.id)
)
ALL_SCENARIOS = select(SCENARIOS).order_by(SCENARIOS.c.place)
SCENARIOS_NAMED = select(SCENARIOS).where(SCENARIOS.c.name == bindparam("name"))
CLEAR_SCENARIOS = delete(SCENARIOS)
TREES_OF_SCENARIOS = select(SCENARIOS.c.tree).where(SCENARIOS.c.tree != NO_FILES).distinct()
PLACES_OF_SCENARIOS = select(SCENARIOS.c.kind, SCENARIOS.c.name, SCENARIOS.c.place)
MATCHED_SCENARIOS = select(SCENARIOS.c.place, SCENARIOS.c.matched)
COUNT_SCENARIO = (
    update(SCENARIOS)
    .where(SCENARIOS.c.place == bindparam("key"))
    .values(matched=SCENARIOS.c.matched + 1)
    .returning(SCENARIOS.c.matched)
)
IS_TREE_KEPT = select(literal(1)).where(exists().where(TREES.c.hash == bindparam("hash")))
KEEP_TREE = insert(TREES)
# Runs without a tree of their own share that of their capsule.
_held = (
    exists().where(DATA_ASSETS.c.tree == TREES.c.hash),
    exists().where(CAPSULES.c.tree == TREES.c.hash),
    exists().where(BUCKETS.c.tree == TREES.c.hash),
    exists().where(COMPUTATIONS.c.tree == TREES.c.hash, COMPUTATIONS.c.own_tree),
    exists().where(SCENARIOS.c.tree == TREES.c.hash),
)
DROP_TREE = delete(TREES).where(TREES.c.hash == bindparam("key"), *(~holder for holder in _held))
KEEP_FILE_REF = insert(FILE_REFS).on_conflict_do_nothing()
DROP_FILE_REFS = (
    delete(FILE_REFS)
    .where(FILE_REFS.c.tree == bindparam("key"), ~exists().where(TREES.c.hash == bindparam("key")))
    .returning(FILE_REFS.c.sha256)
)
CLEAR_FILE_REFS = delete(FILE_REFS)
TREES_WITH_FILES = select(TREES).where(func.instr(TREES.c.entries, '"sha256"') > 0)
FILES_REFERRED_TO = select(FILE_REFS.c.sha256).distinct()
IS_FILE_REFERRED_TO = select(literal(1)).where(exists().where(FILE_REFS.c.sha256 == bindparam("sha256")))
CLAIMABLE = (
    select(COMPUTATIONS)
    .join(DRIVEN, DRIVEN.c.id == RUN.id)
    .where(
        DRIVEN.c.lease.is_(None),
        or_(bindparam("any_capsule") == 1, RUN.capsule_id.in_(_ids(bindparam("capsules")))),
    )
    .order_by(RUN.created, RUN.id)
)
UPDATE_DRIVEN = (
    update(DRIVEN)
    .where(DRIVEN.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("tail", "runner", "lease", "lapses", "attempts", "retries")})
)
LAPSED = select(DRIVEN).where(DRIVEN.c.lapses <= bindparam("now")).order_by(DRIVEN.c.lapses)
NEXT_LAPSE = select(func.min(DRIVEN.c.lapses))
GRANT_GRACE = update(DRIVEN).where(DRIVEN.c.lapses < bindparam("until")).values(lapses=bindparam("until"))
UPDATE_DATA_ASSET_PLAN = (
    update(DATA_ASSETS)
    .where(DATA_ASSETS.c.id == bindparam("key"))
    .values(plan=bindparam("new_plan"), settles=bindparam("new_settles"))
)
KEEP_OBJECT_JOB = insert(OBJECT_JOBS)
KEEP_OBJECT_JOB = KEEP_OBJECT_JOB.on_conflict_do_update(
    index_elements=["id"], set_={name: KEEP_OBJECT_JOB.excluded[name] for name in ("kind", "work", "begun")}
)
# What the seed has is put in when nothing else is to be done.
NEXT_OBJECT_JOBS = select(OBJECT_JOBS).order_by(OBJECT_JOBS.c.kind == "fill", text("rowid")).limit(bindparam("limit"))
BEGIN_OBJECT_JOB = update(OBJECT_JOBS).where(OBJECT_JOBS.c.id == bindparam("key")).values(begun=True)
_is_internal = (~DATA_ASSETS.c.external, DATA_ASSETS.c.tree != NO_FILES)
_lies_elsewhere = text("json_extract(more, '$.objects') IS NULL")
FILL_OBJECTS = (
    insert(OBJECT_JOBS)
    .from_select(
        ["id", "kind", "work", "begun"],
        select(DATA_ASSETS.c.id, literal("fill"), text("'{}'"), literal(0)).where(
            *_is_internal, or_(bindparam("anew") == 1, _lies_elsewhere)
        ),
    )
    .on_conflict_do_nothing()
)
OWN_OBJECTS = (
    select(DATA_ASSETS.c.id).where(text("json_extract(more, '$.objects.own')")).union(select(OBJECT_JOBS.c.id))
)
WRITE_OBJECTS = (
    update(DATA_ASSETS)
    .where(DATA_ASSETS.c.id == bindparam("key"))
    .values(
        {name: bindparam(f"new_{name}") for name in ("plan", "settles", "files", "size", "tree", "external", "more")}
    )
)
ALL_FAULTS = select(FAULTS).order_by(FAULTS.c.place)
CLEAR_FAULTS = delete(FAULTS)
UNSETTLED_RUNS, UNSETTLED_DATA_ASSETS, UNSETTLED_RELEASE_JOBS = (
    select(table).where(table.c.settles > bindparam("now")) for table in (COMPUTATIONS, DATA_ASSETS, RELEASE_JOBS)
)
# A bounded look back along the index: there may be any number that settled lately.
_settled_lately = (
    select(DATA_ASSETS.c.id, DATA_ASSETS.c.plan)
    .where(DATA_ASSETS.c.settles > bindparam("after"), DATA_ASSETS.c.settles <= bindparam("now"))
    .order_by(DATA_ASSETS.c.settles.desc())
    .limit(bindparam("looked_at"))
    .subquery()
)
# Looking for the word leaves hardly any plan to be parsed.
_failed_lately = select(_settled_lately.c.id).where(
    func.instr(_settled_lately.c.plan, '"failed"') > 0,
    func.json_extract(_settled_lately.c.plan, "$.end[0]") == "failed",
)
DATA_ASSETS_FAILED = (
    select(DATA_ASSETS)
    .where(DATA_ASSETS.c.id.in_(_failed_lately))
    .order_by(DATA_ASSETS.c.settles.desc())
    .limit(bindparam("most"))
)
COUNT_CAPSULES, COUNT_PIPELINES, COUNT_RUNS, COUNT_DATA_ASSETS = (
    select(func.count()).select_from(table).where(*conditions)
    for table, conditions in (
        (CAPSULES, [CAPSULES.c.kind == "capsule"]),
        (CAPSULES, [CAPSULES.c.kind == "pipeline"]),
        (COMPUTATIONS, []),
        (DATA_ASSETS, []),
    )
)
NEWEST_CAPSULE, NEWEST_RUN, NEWEST_DATA_ASSET = (
    select(func.max(table.c.created)) for table in (CAPSULES, COMPUTATIONS, DATA_ASSETS)
)
