"""What is to be done in S3 to make a data asset, or to transfer it."""

from mock_server.domain import lifecycle
from mock_server.domain.files import FileTree
from mock_server.domain.lifecycle import End, Plan
from mock_server.domain.object_places import ObjectsAt
from mock_server.domain.paths import clean
from mock_server.domain.sources import INPUT_BUCKET
from mock_server.errors import BadRequestError
from mock_server.s3.endpoint import Keys
from mock_server.services.objects import jobs
from mock_server.services.objects.jobs import Job, Kind, can_be_put
from mock_server.store.schema import DataAssetRow
from mock_server.wire.data_assets import AWSS3Source, AWSS3Target, DataAssetParams
from mock_server.world import World

TOO_LARGE = "its files are only played, and are too many bytes to be written to S3"


def begin(world: World, params: DataAssetParams, tree: FileTree, plan: Plan, key: str) -> Plan:
    """Have a data asset made of what lies in S3, or of files that are put there, and return its plan: it is a draft
    until that is done. What has nothing to do there keeps the `plan` that it has. Raises `BadRequestError` for an
    endpoint that is not known.
    """
    job = _job(world, params)
    if job is None:
        return plan
    waiting = lifecycle.driven("data_asset", plan.scenario, plan.started)
    if job.kind is Kind.CAPTURE and not can_be_put(tree):
        return lifecycle.ended(waiting, plan.started, End("failed", failure_reason=TOO_LARGE))
    if job.kind is Kind.PUT and not can_be_put(tree):
        return plan
    jobs.add(world, key, job)
    keys = _keys(params)
    if keys is not None and world.storage is not None:
        world.storage.storage.keys[world.name, key] = keys
    return waiting


def _job(world: World, params: DataAssetParams) -> Job | None:
    source = params.source
    if source is None or source.gcp is not None:
        return None
    if source.aws is not None:
        return _from_bucket(world, source.aws, _keys(params))
    if params.target is not None and params.target.aws is not None and source.computation is not None:
        return Job(Kind.CAPTURE, target=target_of(world, params.target.aws))
    return Job(Kind.PUT)


def _from_bucket(world: World, aws: AWSS3Source, keys: Keys | None) -> Job | None:
    _require_endpoint(world, aws.endpoint_name)
    bucket = INPUT_BUCKET if aws.use_input_bucket else aws.bucket
    # In the input bucket, nothing but the prefix counts (docs: data assets).
    is_plain = bool(aws.use_input_bucket)
    at = ObjectsAt(
        bucket,
        clean(aws.prefix or ""),
        endpoint=None if is_plain else aws.endpoint_name,
        public=bool(aws.public) and not is_plain,
    )
    is_external = bool(aws.keep_on_external_storage) and not is_plain
    if is_external and aws.index_data is False:
        return Job(Kind.POINT, source=at)
    return Job(Kind.COUNT if is_external else Kind.COPY, source=at, with_keys=keys is not None and not is_plain)


def _keys(params: DataAssetParams) -> Keys | None:
    """The credentials that came with a request: used for what it asks for, and kept nowhere."""
    aws = params.source.aws if params.source else None
    key_id, secret = (aws.access_key_id, aws.secret_access_key) if aws is not None else (None, None)
    if not (isinstance(key_id, str) and isinstance(secret, str) and key_id and secret):
        return None
    return Keys(key_id, secret)


def target_of(world: World, aws: AWSS3Target) -> ObjectsAt:
    """Where files are to be put. Raises `BadRequestError` for an endpoint that is not known."""
    _require_endpoint(world, aws.endpoint_name)
    return ObjectsAt(aws.bucket, clean(aws.prefix or ""), endpoint=aws.endpoint_name)


def _require_endpoint(world: World, name: str | None) -> None:
    if world.storage is not None and not world.storage.storage.has_endpoint(name):
        raise BadRequestError(f'there is no S3 endpoint called "{name}"')


def transfer(world: World, row: DataAssetRow, tree: FileTree, aws: AWSS3Target) -> str | None:
    """Have the files of a data asset put into a bucket; call it inside `World.write`. Returns why they cannot be, or
    None. Raises `BadRequestError` for an endpoint that is not known, and while something is done with them already.
    """
    target = target_of(world, aws)
    if jobs.has_more_than_fill(world, row.id):
        raise BadRequestError("the data asset is being transferred")
    objects = row.more.get("objects")
    if objects is None and row.external:
        bucket = row.more.get("source_bucket", {})
        objects = {"bucket": bucket.get("bucket", ""), "prefix": bucket.get("prefix", "")}
    if objects is None and not can_be_put(tree):
        return TOO_LARGE
    source = ObjectsAt.from_json(objects) if objects is not None else None
    jobs.add(world, row.id, Job(Kind.TRANSFER, source=source, target=target))
    return None
