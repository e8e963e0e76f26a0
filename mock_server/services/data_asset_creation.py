"""Making data assets: from the results of a run, from a bucket, or combined from others."""

from typing import Any, NamedTuple

from mock_server.domain import sources
from mock_server.domain.access import Caller, Role
from mock_server.domain.files import FileTree, total
from mock_server.domain.lifecycle import Plan
from mock_server.domain.paths import clean, clean_mount, in_capsule
from mock_server.domain.scenario_matching import Subject
from mock_server.domain.scenarios import BUILT_IN, Scenario, draw, failing, named_by
from mock_server.domain.sources import BucketSource
from mock_server.errors import BadRequestError, ForbiddenError
from mock_server.services import access, computations, metadata
from mock_server.settings import UnknownBuckets
from mock_server.store import file_trees, queries
from mock_server.store.schema import ComputationRow, DataAssetRow
from mock_server.wire.data_assets import (
    CloudWorkstationSource,
    ComputationSource,
    DataAssetParams,
    ResultsInfo,
    Source,
    Target,
)
from mock_server.world import World


class Origin(NamedTuple):
    """What a new data asset is made of: its type, files and the wire fields that tell where they come from; `capsule`
    is the capsule or `pipeline` whose run left them.
    """

    type: str
    tree: FileTree
    more: dict[str, Any]
    external: bool = False
    failure: str | None = None
    size: int | None = None
    capsule: str | None = None
    pipeline: bool = False


def create(world: World, caller: Caller, params: DataAssetParams) -> DataAssetRow:
    """A new data asset, a draft at first. Raises `BadRequestError` when it could never become one."""
    mount = clean_mount(params.mount)
    with world.write():
        values = metadata.checked(world, params.custom_metadata or {})
        origin = _origin(world, caller, params)
        key = world.next_id()
        created = world.clock.now()
        more = dict(origin.more)
        if values:
            more["custom_metadata"] = values
        combined = origin.type == "combined"
        scenario = _scenario(world, params, origin, key)
        plan = draw("data_asset", scenario, created, world.ids.draws("capture", key))
        plan = _really_made(world, params, origin, plan, key)
        tree = origin.tree if scenario.keeps_files else FileTree()
        row = DataAssetRow(
            id=key,
            name=params.name,
            mount=mount,
            owner=caller.user_id,
            created=created,
            last_used=0,
            type=origin.type,
            description=params.description,
            tags=params.tags,
            archived=False,
            external=origin.external,
            plan=plan,
            settles=plan.ends_at,
            files=None if combined else tree.files,
            size=tree.size if origin.size is None else origin.size,
            tree=file_trees.keep(world.db, tree),
            more=more,
        )
        queries.DATA_ASSETS.insert(world.db, row, last=True)
    return row


def _really_made(world: World, params: DataAssetParams, origin: Origin, plan: Plan, key: str) -> Plan:
    """How a data asset is made whose files are in S3: the plan goes on when they are where they belong. Otherwise, it
    goes on as it was drawn: one that is to fail, or to wait for somebody, does so.
    """
    if world.storage is None or plan.end.state != "ready" or plan.endless:
        return plan
    from mock_server.services.objects import making  # Late: hardly any server has S3.

    return making.begin(world, params, origin.tree, plan, key)


def _scenario(world: World, params: DataAssetParams, origin: Origin, key: str) -> Scenario:
    """How the data asset will be made: in vain when its source has nothing, else as a tag or a scenario wants."""
    tagged = named_by(params.tags)
    world.scenarios.require_known(params.tags)
    subject = Subject("data_asset", origin.capsule, origin.pipeline, params.name, params.tags, [])
    wanted = world.scenarios.match(subject, tagged) if world.scenarios.loaded or tagged else None
    if origin.failure is not None:
        return failing(BUILT_IN["data_asset"]["fails"], origin.failure)
    return world.scenarios.resolve("data_asset", wanted or BUILT_IN["data_asset"]["succeeds"], key)


def _origin(world: World, caller: Caller, params: DataAssetParams) -> Origin:
    source = params.source
    if params.target is not None and (source is None or (source.computation or source.cloud_workstation) is None):
        raise BadRequestError("target goes with source.computation alone")
    if params.results_info is not None and (source is None or (source.aws is None and source.gcp is None)):
        raise BadRequestError("results_info goes with a bucket alone")
    if params.data_asset_ids is not None and params.source is not None:
        raise BadRequestError("source and data_asset_ids exclude each other")
    if params.data_asset_ids is not None:
        return _combined(world, caller, params.data_asset_ids)
    if source is None:
        raise BadRequestError("source or data_asset_ids is required")
    given = [name for name in ("aws", "gcp", "computation", "cloud_workstation") if getattr(source, name) is not None]
    if len(given) != 1:
        raise BadRequestError("source needs exactly one of aws, gcp, computation and cloud_workstation")
    if source.computation is not None:
        origin = _captured(world, caller, source.computation)
        return _placed(world, origin, params.target) if params.target else origin
    if source.cloud_workstation is not None:
        return _from_session(world, caller, source.cloud_workstation)
    origin = _copied(world, _bucket(caller, source))
    return _with_lineage(origin, params.results_info) if params.results_info else origin


def _placed(world: World, origin: Origin, target: Target) -> Origin:
    """A captured result whose files are kept in a bucket of the caller's choice. It points to the prefix, so what lay
    there before counts too (recorded answers).
    """
    if target.aws is None:
        return origin
    where = BucketSource("aws", target.aws.bucket, clean(target.aws.prefix or ""), external=True, public=False)
    if world.storage is not None:
        return origin._replace(more=origin.more | {"source_bucket": where.shown()}, external=True)
    failure = None if bucket_exists(world, where.bucket) else f"bucket {where.bucket} does not exist"
    declared = queries.BUCKETS.get(world.db, where.bucket)
    before = file_trees.get(world.db, declared.tree).under(where.prefix) if declared else None
    tree = before.with_files(origin.tree) if before else origin.tree
    more = origin.more | {"source_bucket": where.shown()}
    return origin._replace(tree=tree, more=more, external=True, failure=failure)


def _with_lineage(origin: Origin, info: ResultsInfo) -> Origin:
    """Files of a bucket as the result of a run elsewhere. Raises `BadRequestError` when it names no run."""
    if (info.capsule_id is None) == (info.pipeline_id is None):
        raise BadRequestError("results_info needs exactly one of capsule_id and pipeline_id")
    provenance = {
        "capsule": info.capsule_id or info.pipeline_id,
        "commit": info.commit,
        "data_assets": info.data_assets,
        "run_script": info.run_script,
    }
    more = origin.more | {"provenance": {key: value for key, value in provenance.items() if value}}
    if info.parameters:
        more["app_parameters"] = [
            {"name": entry.param_name or entry.name or "", "value": entry.value or ""} for entry in info.parameters
        ]
    if info.nextflow_profile:
        more["nextflow_profile"] = info.nextflow_profile
    return origin._replace(type="result", more=more)


def _captured_by_owners(world: World, caller: Caller, key: str) -> ComputationRow:
    """A run that the caller may capture: an own one, one of an own capsule, or any for an admin (docs: data assets)."""
    return access.computation(world, caller, key, Role.OWNER)


def _captured(world: World, caller: Caller, source: ComputationSource) -> Origin:
    run = access.named(_captured_by_owners, world, caller, source.id)
    end = world.state_of(run.plan).end
    if end is None:
        raise BadRequestError(f"computation {run.id} has not completed")
    results = computations.results(world, run)
    if not end.has_results or not results.entries:
        raise BadRequestError(f"computation {run.id} has no results")
    tree = results.under(clean(source.path or ""))
    if tree is None:
        raise BadRequestError(f'computation {run.id} has no results at "{source.path}"')
    pipeline = run.kind == "pipeline"
    more = sources.captured(run.id, run.capsule_id, run.asked, pipeline=pipeline)
    return Origin("result", tree, more, capsule=run.capsule_id, pipeline=pipeline)


def _from_session(world: World, caller: Caller, source: CloudWorkstationSource) -> Origin:
    """A folder of a cloud workstation; a result when a script is said to have made it. It stays inside Code Ocean: a
    `target` is documented for results of runs alone, and ignored, as a public client sends one to a live deployment.
    """
    session = access.named(_captured_by_owners, world, caller, source.id)
    if not session.cloud_workstation:
        raise BadRequestError(f"computation {session.id} is not a cloud workstation")
    files = file_trees.get(world.db, session.tree)
    tree = next((found for place in in_capsule(clean(source.path)) if (found := files.under(place)) is not None), None)
    if tree is None:
        raise BadRequestError(f'the cloud workstation has nothing at "{source.path}"')
    if not source.run_script:
        return Origin("dataset", tree, {})
    inputs = [asset["id"] for asset in session.asked["data_assets"]]
    provenance = sources.provenance(session.id, session.capsule_id, inputs, pipeline=False)
    return Origin("result", tree, {"provenance": provenance | {"run_script": source.run_script}})


def _bucket(caller: Caller, source: Source) -> BucketSource:
    if source.aws is not None:
        prefix = clean(source.aws.prefix or "")
        if source.aws.use_input_bucket:
            if not caller.admin:
                raise ForbiddenError("use_input_bucket is for admins")
            return BucketSource("aws", sources.INPUT_BUCKET, prefix, external=False, public=False)
        external, public = bool(source.aws.keep_on_external_storage), bool(source.aws.public)
        return BucketSource("aws", source.aws.bucket, prefix, external, public)
    if source.gcp is not None:
        return BucketSource("gcp", source.gcp.bucket, clean(source.gcp.prefix or ""), external=True, public=False)
    raise BadRequestError("source needs a bucket")


def _copied(world: World, source: BucketSource) -> Origin:
    if world.storage is not None and source.origin == "aws":
        # What is there is looked at once the request is answered.
        return Origin("dataset", FileTree(), {"source_bucket": source.shown()}, external=source.external)
    declared = queries.BUCKETS.get(world.db, source.bucket)
    if declared is not None:
        holds = file_trees.get(world.db, declared.tree)
        fetched = sources.from_declared(source, holds, public=declared.public)
    else:
        fetched = sources.from_undeclared(source, simulate=bucket_exists(world, source.bucket))
    more = {"source_bucket": source.shown()}
    return Origin("dataset", fetched.tree, more, external=source.external, failure=fetched.failure)


def _combined(world: World, caller: Caller, keys: list[str]) -> Origin:
    """External data assets under one name. Their files stay where they are, so there is no tree of its own."""
    parts = [access.named(access.data_asset, world, caller, key) for key in keys]
    for part in parts:
        if part.type == "combined" or not part.external:
            raise BadRequestError(f"data asset {part.id} is not external; only external ones can be combined")
        access.require_ready(world, part)
    if len({part.id for part in parts}) < 2:
        raise BadRequestError("a combined data asset needs at least two data assets")
    if len({part.mount for part in parts}) < len(parts):
        raise BadRequestError("data_asset_ids holds two data assets with the same mount")
    contained = [{"id": part.id, "mount": part.mount, "size": part.size or 0} for part in parts]
    size = total(part.size or 0 for part in parts)
    return Origin("combined", FileTree(), {"contained_data_assets": contained}, external=True, size=size)


def bucket_exists(world: World, name: str) -> bool:
    """Tell whether a bucket can be read and written: the seed declares it, or unknown ones are simulated."""
    return world.unknown_buckets is UnknownBuckets.SIMULATE or queries.BUCKETS.get(world.db, name) is not None
