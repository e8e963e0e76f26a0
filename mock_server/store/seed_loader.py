"""Loading a seed file into an empty database."""

from collections.abc import Iterable
from typing import Any

from mock_server.documents.capsule_folder import CapsuleFolder
from mock_server.documents.scenario_file import content_of
from mock_server.documents.seed_computations import SeedComputation
from mock_server.documents.seed_file import Seed
from mock_server.documents.seed_model import SeedAttachment, SeedCapsule, SeedDataAsset, SeedGrant, SeedPipeline
from mock_server.documents.seed_parts import SeedFile, SeedSimulated
from mock_server.domain import runs
from mock_server.domain.access import EVERYONE, ROLES, group_subject, user_subject
from mock_server.domain.files import Entry, FileTree
from mock_server.domain.generated_folders import SimulatedFolder
from mock_server.domain.lifecycle import Plan
from mock_server.domain.naming import run_name
from mock_server.domain.scenarios import BUILT_IN, Scenario, past_run, ready_since, session
from mock_server.store import file_trees, queries, scenarios, schema
from mock_server.store.database import Database

PASSED_ON = (
    "article", "authors", "cloned_from_url", "field", "original_capsule", "release_capsule", "submission", "versions",
)  # fmt: skip
"""What the server hands through, or searches by, without a further look."""


PASSED_ON_OF_DATA_ASSETS = (
    "app_parameters", "contained_data_assets", "custom_metadata", "last_transferred", "nextflow_profile", "provenance",
    "source_bucket", "transfer_error",
)  # fmt: skip

MOST_BYTES = 2**63 - 1
"""The largest size that an answer can tell."""


def load(db: Database, wanted: Seed) -> None:
    """Write everything that the seed tells; call it inside a transaction."""
    seed = wanted.model
    scenarios.add(db, wanted.scenarios)
    own = {item.scenario.name: item.scenario for item in scenarios.loaded(db) if item.kind == "computation"}
    ids = {user.email: user.id for user in seed.users}
    groups: dict[str, list[str]] = {email: [] for email in ids}
    for group in seed.groups:
        for email in dict.fromkeys(group.members):
            groups[email].append(group.name)
    for user in seed.users:
        queries.USERS.insert(db, schema.UserRow(**user.model_dump(), groups=groups[user.email]))
    for token in seed.tokens:
        row = schema.TokenRow(token=token.token, user_id=ids[token.user], scopes=list(token.scopes))
        queries.TOKENS.insert(db, row)
    for bucket in seed.buckets:
        tree = file_trees.keep(db, _tree(f"bucket {bucket.name}", bucket.files, bucket.simulated))
        row_ = schema.BucketRow(name=bucket.name, origin=bucket.origin, public=bucket.public, tree=tree)
        queries.BUCKETS.insert(db, row_)
    for asset in seed.data_assets:
        _load_data_asset(db, asset, ids)
    capsules = {item.id: item for item in (*seed.capsules, *seed.pipelines)}
    notes = {seed.capsules[number].id: note_of(read.folder, read.own) for number, read in wanted.folders.items()}
    for capsule in capsules.values():
        tree = file_trees.keep(db, _tree(capsule.id, capsule.results, None))
        queries.CAPSULES.insert(db, capsule_row(capsule, ids[capsule.owner], tree, notes.get(capsule.id)))
        _load_grants(db, capsule.id, capsule.permissions)
        _load_release_jobs(db, capsule)
    for computation in seed.computations:
        scenario = own.get(computation.scenario) or BUILT_IN["computation"][computation.scenario]
        _load_computation(db, computation, capsules[computation.capsule], scenario, ids)


def note_of(folder: CapsuleFolder, own: Iterable[str]) -> dict[str, Any]:
    """What the workspace of a capsule keeps of its folder: which fields do not come from there, and what was attached
    in it when it was read.
    """
    return {"own": list(own), "attached": folder.fields["data_assets"]}


def capsule_row(capsule: SeedCapsule, owner: str, tree: str, folder: dict[str, Any] | None) -> schema.CapsuleRow:
    """The row of a capsule or pipeline; `folder` is the note on its folder if it has one."""
    dumped = capsule.model_dump(mode="json", exclude_none=True)
    return schema.CapsuleRow(
        id=capsule.id,
        kind="pipeline" if isinstance(capsule, SeedPipeline) else "capsule",
        slug=capsule.slug,
        name=capsule.name,
        owner=owner,
        created=capsule.created,
        last_accessed=capsule.last_accessed,
        status=capsule.status,
        description=capsule.description,
        tags=capsule.tags,
        archived=capsule.archived,
        more={key: dumped[key] for key in PASSED_ON if dumped.get(key)},
        panel=dumped["parameters"],
        page={key: part for key, part in dumped.get("app_panel", {}).items() if part},
        workspace={"git": dumped["git"], "release": dumped["release"], **({"folder": folder} if folder else {})},
        attached=[_attached(asset) for asset in capsule.data_assets],
        processes=dumped.get("processes", []),
        scenario=capsule.scenario,
        tree=tree,
        folder=capsule.folder,
    )


def _attached(asset: SeedAttachment) -> dict[str, Any]:
    attached: dict[str, Any] = {"id": asset.id, "mount": asset.mount}
    if asset.plan is not None:
        attached |= {"job": asset.job, "plan": asset.plan.plan("attachment", 0).to_json()}
    return attached | ({"empty": True} if asset.empty else {})


def _load_release_jobs(db: Database, capsule: SeedCapsule) -> None:
    for job in capsule.release_jobs:
        plan = job.plan.plan("release", 0)
        row = schema.ReleaseJobRow(
            id=job.id,
            capsule_id=capsule.id,
            release_capsule=capsule.release_capsule or "",
            plan=plan,
            major_version=job.major_version,
            error=plan.end.failure_reason if plan.end.state == "failed" else None,
            settles=plan.ends_at,
        )
        queries.RELEASE_JOBS.insert(db, row)


def _load_computation(
    db: Database, computation: SeedComputation, capsule: SeedCapsule, scenario: Scenario, ids: dict[str, str]
) -> None:
    row, tree = run_of(computation, capsule, scenario)
    row.owner = ids[computation.owner]
    if row.plan.driven and row.plan.endless:
        going, tree = _going_on(row.id, tree)
        queries.DRIVEN.insert(db, going)
    row.tree = file_trees.keep(db, tree)
    queries.COMPUTATIONS.insert(db, row)


def run_of(
    computation: SeedComputation, capsule: SeedCapsule, scenario: Scenario
) -> tuple[schema.ComputationRow, FileTree]:
    """The row of a run, but for its owner, and its files."""
    asked = _request(computation, capsule)
    tree = _tree_of_run(computation, capsule, scenario)
    pipeline = isinstance(capsule, SeedPipeline)
    plan = _plan_of_run(computation, scenario, tree)
    row = schema.ComputationRow(
        id=computation.id,
        capsule_id=capsule.id,
        kind="pipeline" if pipeline else "capsule",
        owner="",
        created=computation.created,
        name=computation.name or run_name(computation.created, with_parameters=runs.has_parameters(asked)),
        plan=plan,
        asked=asked,
        released=capsule.status == "release" if computation.private is None else computation.private,
        cloud_workstation=computation.cloud_workstation,
        log=_log_of_run(computation, scenario, pipeline=pipeline),
        tree="",
        own_tree=computation.files is not None or bool(scenario.files.entries),
        settles=plan.ends_at,
    )
    return row, tree


def _request(computation: SeedComputation, capsule: SeedCapsule) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "parameters": [p.model_dump(exclude_none=True) for p in computation.parameters],
        "data_assets": [asset.model_dump(include={"id", "mount"}) for asset in computation.data_assets],
        "processes": _process_fields(computation, capsule),
    }
    return asked | computation.model_dump(include={"nextflow_profile", "version"}, exclude_none=True)


def _plan_of_run(computation: SeedComputation, scenario: Scenario, tree: FileTree) -> Plan:
    if computation.plan is not None:
        return computation.plan.plan("computation", computation.created)
    if computation.cloud_workstation:
        return session(computation.created)
    leaves_files = any(entry.path.partition("/")[0] not in runs.ADDED_BY_THE_SERVICE for entry in tree.entries)
    return past_run(scenario, computation.created, computation.run_time or 0, leaves_files=leaves_files)


def _log_of_run(computation: SeedComputation, scenario: Scenario, *, pipeline: bool) -> str | None:
    if computation.log is not None or computation.files is not None:
        return computation.log
    return scenario.log_of(pipeline=pipeline)


def _going_on(key: str, tree: FileTree) -> tuple[schema.DrivenRow, FileTree]:
    """What is kept of a driven run that goes on, and its files but for its log."""
    log = tree.find("output")
    tail = b"" if log is None else b"".join(log.read(0, log.size))
    others = FileTree(tuple(entry for entry in tree.entries if entry.path != "output"))
    return schema.DrivenRow(key, tail, None, None, None, attempts=0, retries=0), others


def _tree_of_run(computation: SeedComputation, capsule: SeedCapsule, scenario: Scenario) -> FileTree:
    """The files that a run has left: those that the seed names, else what its scenario says."""
    if computation.files is not None:
        return _tree(computation.id, computation.files, None)
    if scenario.has_results is False:
        return FileTree()
    return _tree(capsule.id, capsule.results if scenario.keeps_files else [], None).with_files(scenario.files)


def _process_fields(computation: SeedComputation, capsule: SeedCapsule) -> list[dict[str, Any]]:
    if not isinstance(capsule, SeedPipeline):
        return []
    given = {
        process.name: [p.model_dump(exclude_none=True) for p in process.parameters] for process in computation.processes
    }
    processes = [p.model_dump(include=set(runs.PROCESS_FIELDS)) for p in capsule.processes]
    return [runs.process_fields(process, given.get(process["name"], [])) for process in processes]


def _load_data_asset(db: Database, asset: SeedDataAsset, ids: dict[str, str]) -> None:
    tree = _tree(asset.id, asset.files, asset.simulated)
    plan = asset.plan.plan("data_asset", asset.created) if asset.plan else ready_since(asset.created)
    combined = asset.type == "combined"
    more = asset.model_dump(include=set(PASSED_ON_OF_DATA_ASSETS), exclude_none=True)
    more = {key: part for key, part in more.items() if part != []}
    if "custom_metadata" in more:
        more["custom_metadata"] = dict(sorted(more["custom_metadata"].items()))
    row = schema.DataAssetRow(
        id=asset.id,
        name=asset.name,
        mount=asset.mount,
        owner=ids[asset.owner],
        created=asset.created,
        last_used=asset.last_used,
        type=asset.type,
        description=asset.description,
        tags=asset.tags,
        archived=asset.archived,
        external=combined or bool(asset.source_bucket and asset.source_bucket.external),
        plan=plan,
        settles=plan.ends_at,
        files=None if combined else tree.files,
        size=min(sum(part.size for part in asset.contained_data_assets), MOST_BYTES) if combined else tree.size,
        tree=file_trees.keep(db, tree),
        more=more,
    )
    queries.DATA_ASSETS.insert(db, row)
    _load_grants(db, asset.id, asset.permissions)
    for email in sorted(set(asset.favorite_of)):
        queries.FAVORITES.insert(db, schema.FavoriteRow(user_id=ids[email], entity_id=asset.id))


def _load_grants(db: Database, entity_id: str, grants: list[SeedGrant]) -> None:
    highest: dict[str, int] = {}
    for grant in grants:
        if grant.user is not None:
            subject = user_subject(grant.user)
        else:
            subject = EVERYONE if grant.group is None else group_subject(grant.group)
        highest[subject] = max(highest.get(subject, 0), int(ROLES[grant.role]))
    for subject, role in highest.items():
        queries.GRANTS.insert(db, schema.GrantRow(entity_id=entity_id, subject=subject, role=role))


def _tree(name: str, files: list[SeedFile], simulated: SeedSimulated | None) -> FileTree:
    entries = [Entry(file.path, content_of(name, file)) for file in files]
    if simulated is not None:
        drawn_from = name if simulated.drawn_from is None else simulated.drawn_from
        entries.insert(0, Entry("", SimulatedFolder(drawn_from, simulated.files, simulated.size)))
    return FileTree(tuple(entries))
