"""Loading all that a seed file holds."""

from collections.abc import Iterable
from typing import Any

from mock_server.documents.capsule_folder import CapsuleFolder
from mock_server.documents.result_files import plain, templates
from mock_server.documents.seed_computations import SeedComputation
from mock_server.documents.seed_file import Seed
from mock_server.documents.seed_model import (
    SeedAttachment,
    SeedCapsule,
    SeedDataAsset,
    SeedFileModel,
    SeedGrant,
    SeedPipeline,
)
from mock_server.domain.access import EVERYONE, ROLES, group_subject, user_subject
from mock_server.domain.files import FileTree, total
from mock_server.domain.scenarios import BUILT_IN, Scenario, ready_since
from mock_server.store import file_trees, queries, scenarios, schema
from mock_server.store.database import Database
from mock_server.store.seed_loading import files, runs

PASSED_ON = (
    "article", "authors", "cloned_from_url", "field", "original_capsule", "release_capsule", "submission", "versions",
)  # fmt: skip
"""What the server hands through, or searches by, without a further look."""


PASSED_ON_OF_DATA_ASSETS = (
    "app_parameters", "contained_data_assets", "custom_metadata", "last_transferred", "nextflow_profile", "provenance",
    "source_bucket", "transfer_error",
)  # fmt: skip


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
        tree = file_trees.keep(db, files.tree(f"bucket {bucket.name}", bucket.files, bucket.simulated))
        row_ = schema.BucketRow(name=bucket.name, origin=bucket.origin, public=bucket.public, tree=tree)
        queries.BUCKETS.insert(db, row_)
    for asset in seed.data_assets:
        if asset.captured_from is None:
            held = files.tree(asset.id, asset.files, asset.simulated)
            _load_data_asset(db, asset, ids, held, _more_of(asset))
    capsules = {item.id: item for item in (*seed.capsules, *seed.pipelines)}
    notes = {seed.capsules[number].id: note_of(read.folder, read.own) for number, read in wanted.folders.items()}
    for capsule in capsules.values():
        tree = file_trees.keep(db, files.tree(capsule.id, plain(capsule.results)))
        queries.CAPSULES.insert(db, capsule_row(capsule, ids[capsule.owner], tree, notes.get(capsule.id)))
        _load_grants(db, capsule.id, capsule.permissions)
        _load_release_jobs(db, capsule)
    _load_history(db, seed, capsules, own, ids)


def _load_history(
    db: Database,
    seed: SeedFileModel,
    capsules: dict[str, SeedCapsule],
    own: dict[str, Scenario],
    ids: dict[str, str],
) -> None:
    """Write the runs and what was captured of them, in the order in which they were created: a run that is rendered
    needs the rows of its data assets, and a captured data asset needs that of its run.
    """
    history: list[SeedComputation | SeedDataAsset] = [*seed.computations]
    history += [asset for asset in seed.data_assets if asset.captured_from is not None]
    for item in sorted(history, key=lambda item: item.created):
        if isinstance(item, SeedDataAsset):
            more, tree = runs.captured(db, item.captured_from or "")
            _load_data_asset(db, item, ids, tree, _more_of(item) | more)
        else:
            scenario = own.get(item.scenario) or BUILT_IN["computation"][item.scenario]
            runs.load(db, item, capsules[item.capsule], scenario, ids)


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
        templates=templates(capsule.results, capsule.log_template).to_json(),
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


def _more_of(asset: SeedDataAsset) -> dict[str, Any]:
    """The rarer fields that a data asset has."""
    more = asset.model_dump(include=set(PASSED_ON_OF_DATA_ASSETS), exclude_none=True)
    more = {key: part for key, part in more.items() if part != []}
    if "custom_metadata" in more:
        more["custom_metadata"] = dict(sorted(more["custom_metadata"].items()))
    return more


def _load_data_asset(
    db: Database, asset: SeedDataAsset, ids: dict[str, str], tree: FileTree, more: dict[str, Any]
) -> None:
    plan = asset.plan.plan("data_asset", asset.created) if asset.plan else ready_since(asset.created)
    combined = asset.type == "combined"
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
        size=total(part.size for part in asset.contained_data_assets) if combined else tree.size,
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
