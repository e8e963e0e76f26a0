"""Moving the files of a data asset to other storage."""

from dataclasses import replace

from mock_server.domain.access import Caller
from mock_server.domain.paths import clean
from mock_server.domain.sources import BucketSource
from mock_server.errors import BadRequestError, ForbiddenError, UnavailableError
from mock_server.services import access, data_asset_creation, data_assets
from mock_server.store import queries
from mock_server.wire.data_assets import TransferDataParams
from mock_server.world import World


def transfer(world: World, caller: Caller, data_asset_id: str, params: TransferDataParams) -> None:
    """Move the files to a bucket; an internal data asset becomes external, a result keeps its provenance.

    Admins alone. Raises `ForbiddenError` for a data asset that a released pipeline uses, unless `force` is set. A
    bucket that cannot be written leaves everything where it is, and `transfer_error` says why. With S3 the files are
    moved once this is answered.
    """
    if not caller.admin:
        raise ForbiddenError("data assets are transferred by admins")
    if params.target.aws is None:
        raise BadRequestError("target.aws is required")
    aws = params.target.aws
    with world.write():
        row = access.data_asset(world, caller, data_asset_id)
        if world.state_of(row.plan).state != "ready":
            raise BadRequestError("the data asset is not ready")
        if row.type == "combined":
            raise BadRequestError("a combined data asset has no files of its own")
        users = queries.capsules_with(world.db, row.id)
        if not params.force and any(used.kind == "pipeline" and used.status == "release" for used in users):
            blocking = [{"id": row.id, "name": row.name}]
            raise ForbiddenError("a released pipeline uses the data asset; set force", datasets=blocking)
        more = {key: value for key, value in row.more.items() if key != "transfer_error"}
        if world.storage is not None:
            from mock_server.services.objects import making  # Late: hardly any server has S3.

            problem = making.transfer(world, row, data_assets.content(world, row), aws)
            more |= {"transfer_error": problem} if problem else {}
            queries.transfer_data_asset(world.db, replace(row, more=more))
            return
        if "objects" in row.more:
            raise UnavailableError("the files lie in S3, and the server was started without --s3")
        moved = data_asset_creation.bucket_exists(world, aws.bucket)
        if moved:
            where = BucketSource("aws", aws.bucket, clean(aws.prefix or ""), external=True, public=False)
            more |= {"source_bucket": where.shown(), "last_transferred": int(world.clock.now())}
        else:
            more["transfer_error"] = f"bucket {aws.bucket} does not exist"
        queries.transfer_data_asset(world.db, replace(row, more=more, external=row.external or moved))
