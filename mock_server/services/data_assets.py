"""Data assets: create, get, search, update, archive, delete, and their files."""

from dataclasses import replace
from typing import Any, TypeVar

from mock_server.domain.access import Caller, Role
from mock_server.domain.files import FileTree
from mock_server.domain.paths import clean_mount
from mock_server.domain.search.text import fold
from mock_server.errors import BadRequestError, ForbiddenError
from mock_server.services import access, data_asset_creation, files, metadata, search_requests
from mock_server.store import file_trees, queries
from mock_server.store.schema import DataAssetRow
from mock_server.wire.common import FileURLs, Folder, Response
from mock_server.wire.data_assets import (
    AppParameter,
    ContainedDataAsset,
    DataAsset,
    DataAssetParams,
    DataAssetSearchParams,
    DataAssetSearchResults,
    DataAssetUpdateParams,
    Provenance,
    SourceBucket,
)
from mock_server.world import World

DEFAULT_SORT = ("created", True)

M = TypeVar("M", bound=Response)


def create(world: World, caller: Caller, params: DataAssetParams) -> DataAsset:
    """Start to make a data asset; the answer confirms that the request is valid, not that it will succeed."""
    row = data_asset_creation.create(world, caller, params)
    return show(world, row, row.created)


def get(world: World, caller: Caller, data_asset_id: str) -> DataAsset:
    """One data asset, as it stands now."""
    row = access.data_asset(world, caller, data_asset_id, Role.DISCOVERABLE)
    found = show(world, row)
    world.on_poll(row.plan)
    return found


def shown(world: World, caller: Caller, data_asset_id: str) -> DataAsset:
    """As `get`, but nobody polls: a skipping clock stays where it is."""
    return show(world, access.data_asset(world, caller, data_asset_id, Role.DISCOVERABLE))


async def search(
    world: World, caller: Caller, params: DataAssetSearchParams, *, with_total: bool = False
) -> DataAssetSearchResults:
    """A page of the data assets that the caller may see; with the number of all of them, if asked for."""
    traits = {"type": params.type, "origin": params.origin}
    request = search_requests.build_request(world, caller, "data_asset", params, traits, DEFAULT_SORT)
    found = await search_requests.page(world, caller, queries.DATA_ASSETS, params, request)
    return DataAssetSearchResults(
        has_more=found.next_token is not None,
        next_token=None if with_total else found.next_token,
        results=[show(world, row) for row in found.rows],
        total=await search_requests.total(world, request, found) if with_total else None,
    )


async def made_from(world: World, caller: Caller, key: str, limit: int) -> list[DataAssetRow]:
    """The newest data assets that the caller may see and that were made by the run, or from the data asset, `key`."""
    params = DataAssetSearchParams(limit=limit)
    request = search_requests.build_request(world, caller, "data_asset", params, {"made_from": fold(key)}, DEFAULT_SORT)
    return (await search_requests.page(world, caller, queries.DATA_ASSETS, params, request)).rows


def update(world: World, caller: Caller, data_asset_id: str, params: DataAssetUpdateParams) -> DataAsset:
    """Change what `params` name; null keeps what is there (SDK models/data_asset.py since 0.3.1)."""
    with world.write():
        row = access.data_asset(world, caller, data_asset_id, Role.EDITOR)
        changed = params.model_dump(exclude_none=True)
        world.scenarios.require_known(params.tags or [])
        if params.mount is not None:
            changed["mount"] = clean_mount(params.mount)
        values = changed.pop("custom_metadata", None)
        if values is not None:
            changed["more"] = row.more | {"custom_metadata": metadata.checked(world, values)}
        row = replace(row, **changed)
        queries.update_data_asset(world.db, row)
    return show(world, row)


def archive(world: World, caller: Caller, data_asset_id: str, archived: bool) -> None:
    """Hide a data asset from searches, or show it again."""
    with world.write():
        row = access.data_asset(world, caller, data_asset_id, Role.OWNER)
        queries.archive_data_asset(world.db, row.id, archived)


def delete(world: World, caller: Caller, data_asset_id: str) -> None:
    """Remove a data asset. Raises `ForbiddenError` while it is attached to a capsule or used by a run."""
    with world.write():
        row = access.data_asset(world, caller, data_asset_id, Role.OWNER)
        if queries.capsules_with(world.db, row.id) or _in_use(world, row.id):
            blocking = [{"id": row.id, "name": row.name}]
            raise ForbiddenError("data asset is in use", datasets=blocking)
        queries.DATA_ASSETS.delete(world.db, row.id)
        queries.GRANTS.delete(world.db, row.id)
        queries.FAVORITES.delete(world.db, row.id)
        file_trees.drop_unused(world.db, row.tree)
        if world.storage is not None or "objects" in row.more:
            from mock_server.services.objects import jobs  # Late: hardly any server has S3.

            jobs.forget(world, row)


def list_files(world: World, caller: Caller, data_asset_id: str, path: str | None) -> Folder:
    """One level of the files of an internal data asset; nothing until it is ready."""
    row = access.data_asset(world, caller, data_asset_id)
    return files.listing(tree(world, row), path)


def file_urls(world: World, caller: Caller, data_asset_id: str, path: str, base_url: str) -> FileURLs:
    """Signed URLs of one file of an internal data asset."""
    row = access.data_asset(world, caller, data_asset_id)
    found = tree(world, row)
    if world.storage is not None and row.more.get("objects", {}).get("own"):
        from mock_server.services.objects import urls  # Late: hardly any server has S3.

        return urls.of_file(world.storage.storage, row, found, path)
    return files.urls(world, "data_assets", row.id, found, path, base_url)


def show(world: World, row: DataAssetRow, at: float | None = None) -> DataAsset:
    """The wire model of a stored data asset at this moment, or `at` another time."""
    moment = world.state_of(row.plan, at)
    files, size = _counted(row, moment.state)
    more = row.more
    provenance, bucket = more.get("provenance"), more.get("source_bucket")
    return DataAsset.of(
        app_parameters=_each(AppParameter, more.get("app_parameters")),
        contained_data_assets=_each(ContainedDataAsset, more.get("contained_data_assets")),
        created=int(row.created),
        custom_metadata=more.get("custom_metadata"),
        description=row.description or None,
        failure_reason=moment.end.failure_reason if moment.end else None,
        files=files,
        id=row.id,
        last_transferred=more.get("last_transferred"),
        last_used=int(row.last_used),
        mount=row.mount,
        name=row.name,
        nextflow_profile=more.get("nextflow_profile"),
        owner=row.owner,
        owner_email=world.email(row.owner),
        provenance=Provenance.of_stored(provenance) if provenance else None,
        size=size,
        source_bucket=SourceBucket.of_stored(bucket) if bucket else None,
        state=moment.state,
        tags=row.tags or None,
        transfer_error=more.get("transfer_error"),
        type=row.type,
    )


def _each(model: type[M], stored: list[dict[str, Any]] | None) -> list[M] | None:
    return None if stored is None else [model.of_stored(one) for one in stored]


def _counted(row: DataAssetRow, state: str) -> tuple[int | None, int | None]:
    """How many files a data asset in that state is said to have, and bytes: a draft none yet. Of one that failed nobody
    knows; both are left out then, as recorded where they are not known.
    """
    if state == "ready":
        return row.files, row.size
    return (None, None) if state == "failed" else (None if row.files is None else 0, 0)


def content(world: World, row: DataAssetRow) -> FileTree:
    """The files that a data asset holds so far: none until it is ready."""
    if world.state_of(row.plan).state != "ready":
        return FileTree()
    return file_trees.get(world.db, row.tree)


def tree(world: World, row: DataAssetRow) -> FileTree:
    """As `content`. Raises `BadRequestError` for an external data asset, whose files are elsewhere."""
    if row.external:
        bucket = row.more.get("source_bucket")
        where = f"{bucket['origin']} bucket {bucket['bucket']}" if bucket else "its external data assets"
        raise BadRequestError(f"the files of an external data asset are not served here; they are in {where}")
    return content(world, row)


def _in_use(world: World, data_asset_id: str) -> bool:
    """Whether a run that has not ended uses the data asset."""
    return any(world.state_of(plan).end is None for plan in queries.plans_using(world.db, data_asset_id))
