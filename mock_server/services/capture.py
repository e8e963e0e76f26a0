"""Making data assets: from the results of a run, from a bucket, or combined from others."""

from typing import Any, NamedTuple

from mock_server.domain import lifecycle, sources
from mock_server.domain.access import Caller
from mock_server.domain.files import FileTree
from mock_server.domain.lifecycle import Plan
from mock_server.domain.paths import clean
from mock_server.domain.scenarios import draw_capture
from mock_server.domain.sources import BucketSource
from mock_server.errors import ApiError, BadRequestError
from mock_server.services import access, computations
from mock_server.settings import UnknownBuckets
from mock_server.store import tables, trees
from mock_server.store.rows import DataAssetRow
from mock_server.wire.data_assets import ComputationSource, DataAssetParams, Source
from mock_server.world import World


class Origin(NamedTuple):
    """What a new data asset is made of: its type, files and the wire fields that tell where they come from."""

    type: str
    tree: FileTree
    more: dict[str, Any]
    external: bool = False
    failure: str | None = None


def create(world: World, caller: Caller, params: DataAssetParams) -> DataAssetRow:
    """A new data asset, a draft at first. Raises `BadRequestError` when it could never become one."""
    clean(params.mount)
    with world.write():
        origin = _origin(world, caller, params)
        key = world.next_id()
        created = world.clock.now()
        more = dict(origin.more)
        if params.custom_metadata:
            more["custom_metadata"] = params.custom_metadata
        combined = origin.type == "combined"
        row = DataAssetRow(
            id=key,
            name=params.name,
            mount=params.mount,
            owner=caller.user_id,
            created=created,
            last_used=0,
            type=origin.type,
            description=params.description,
            tags=params.tags,
            archived=False,
            external=origin.external,
            plan=draw_capture(created, world.ids.draws("capture", key), origin.failure).to_json(),
            files=None if combined else origin.tree.files,
            size=origin.tree.size,
            tree=trees.keep(world.db, origin.tree),
            more=more,
        )
        tables.DATA_ASSETS.insert(world.db, row)
    return row


def _origin(world: World, caller: Caller, params: DataAssetParams) -> Origin:
    if params.data_asset_ids is not None and params.source is not None:
        raise BadRequestError("source and data_asset_ids exclude each other")
    if params.data_asset_ids is not None:
        return _combined(world, caller, params.data_asset_ids)
    if params.source is None:
        raise BadRequestError("source or data_asset_ids is required")
    source = params.source
    given = [name for name in ("aws", "gcp", "computation") if getattr(source, name) is not None]
    if len(given) != 1:
        raise BadRequestError("source needs exactly one of aws, gcp and computation")
    if source.computation is not None:
        return _captured(world, caller, source.computation)
    return _copied(world, _bucket(source))


def _captured(world: World, caller: Caller, source: ComputationSource) -> Origin:
    try:
        run = access.computation(world, caller, source.id)
    except ApiError as failure:
        raise access.references("computation", source.id, failure) from None
    if lifecycle.at(Plan.from_json(run.plan), world.clock.now()).end is None:
        raise BadRequestError(f"computation {run.id} has not completed")
    results = computations.results(world, run)
    if not results.entries:
        raise BadRequestError(f"computation {run.id} has no results")
    tree = results.under(clean(source.path or ""))
    if tree is None:
        raise BadRequestError(f'computation {run.id} has no results at "{source.path}"')
    pipeline = run.kind == "pipeline"
    inputs = [asset["id"] for asset in run.asked["data_assets"]]
    more: dict[str, Any] = {"provenance": sources.provenance(run.id, run.capsule_id, inputs, pipeline=pipeline)}
    if run.asked["parameters"]:
        more["app_parameters"] = [
            {"name": entry.get("param_name") or entry["name"], "value": entry["value"]}
            for entry in run.asked["parameters"]
        ]
    if run.asked.get("nextflow_profile"):
        more["nextflow_profile"] = run.asked["nextflow_profile"]
    return Origin("result", tree, more)


def _bucket(source: Source) -> BucketSource:
    if source.aws is not None:
        external, public = bool(source.aws.keep_on_external_storage), bool(source.aws.public)
        return BucketSource("aws", source.aws.bucket, clean(source.aws.prefix or ""), external, public)
    if source.gcp is not None:
        return BucketSource("gcp", source.gcp.bucket, clean(source.gcp.prefix or ""), external=True, public=False)
    raise BadRequestError("source needs a bucket")


def _copied(world: World, source: BucketSource) -> Origin:
    declared = tables.BUCKETS.get(world.db, source.bucket)
    if declared is not None:
        holds = trees.get(world.db, declared.tree)
        fetched = sources.from_declared(source, holds, public=declared.public)
    else:
        simulate = world.unknown_buckets is UnknownBuckets.SIMULATE
        fetched = sources.from_undeclared(source, simulate=simulate)
    more = {"source_bucket": source.shown()}
    return Origin("dataset", fetched.tree, more, external=source.external, failure=fetched.failure)


def _combined(world: World, caller: Caller, keys: list[str]) -> Origin:
    parts: list[DataAssetRow] = []
    for key in keys:
        try:
            part = access.data_asset(world, caller, key)
        except ApiError as failure:
            raise access.references("data asset", key, failure) from None
        if not part.external:
            raise BadRequestError(f"data asset {key} is not external; only external ones can be combined")
        parts.append(part)
    if len({part.id for part in parts}) < 2:
        raise BadRequestError("a combined data asset needs at least two data assets")
    if len({part.mount for part in parts}) < len(parts):
        raise BadRequestError("data_asset_ids holds two data assets with the same mount")
    entries = tuple(entry for part in parts for entry in trees.get(world.db, part.tree).moved_into(part.mount))
    contained = [{"id": part.id, "mount": part.mount, "size": part.size} for part in parts]
    return Origin("combined", FileTree(entries), {"contained_data_assets": contained}, external=True)
