"""Data assets: the list, and each with its files, its metadata and where it comes from."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from mock_server.domain.access import READ_DATA_ASSETS
from mock_server.domain.content import InBucket
from mock_server.errors import ApiError, ForbiddenError, NotFoundError
from mock_server.services import data_assets, file_content, lineage, metadata, permissions
from mock_server.services.driven import progress
from mock_server.ui import event_stream, files, provenance
from mock_server.ui.page import Page
from mock_server.ui.page_context import PageContext
from mock_server.wire.common import Folder
from mock_server.wire.data_assets import DataAssetSearchParams

AT_ONCE = 50
MOST_QUERY = 1000

TYPES = ("dataset", "result", "combined", "model")


async def listing(context: PageContext) -> Response:
    """Those that the user may see, by the search language."""
    wanted = context.asked("type")
    params = DataAssetSearchParams.model_validate(
        {
            "query": context.asked("query")[:MOST_QUERY] or None,
            "type": wanted if wanted in TYPES else None,
            "archived": context.asked("archived") != "",
            "next_token": context.asked("next") or None,
            "limit": AT_ONCE,
        }
    )
    problem, found = None, None
    try:
        found = await data_assets.search(context.world, context.caller, params)
    except ApiError as refused:
        problem = refused
    status = problem.status if problem else 200
    asked = {"query": params.query or "", "type": params.type or "", "archived": params.archived}
    return context.show("data_assets.html", status, found=found, problem=problem, types=TYPES, **asked)


async def detail(context: PageContext) -> Response:
    """One data asset."""
    return await _detail(context)


async def refused(context: PageContext, problem: ApiError) -> Response:
    """The page of a data asset after the form that drives it was refused."""
    return await _detail(context, problem)


async def _detail(context: PageContext, problem: ApiError | None = None) -> Response:
    asset = data_assets.shown(context.world, context.caller, context.key)
    made = await lineage.of(context.world, context.caller, context.key)
    try:
        roles = permissions.of_data_asset(context.world, context.caller, context.key)
    except (ForbiddenError, NotFoundError):
        roles = None
    picture = provenance.draw(context, asset, made)
    status = problem.status if problem else 200
    values: dict[str, Any] = {"asset": asset, "lineage": made, "roles_given": roles, "picture": picture}
    values["dates"] = metadata.date_names(context.world)
    return context.show("data_asset.html", status, parts=await parts(context), problem=problem, **values)


async def parts(context: PageContext) -> dict[str, str]:
    """What changes while one looks."""
    asset = data_assets.shown(context.world, context.caller, context.key)
    entries, reason = None, ""
    try:
        entries = files.first(data_assets.list_files(context.world, context.caller, context.key, None))
    except ApiError as problem:
        reason = problem.message
    driven = asset.state == "draft" and progress.data_asset_plan(context.world, asset.id).driven
    return {
        "status": context.fragment("parts/asset_status.html", asset=asset),
        "driving": context.fragment("parts/asset_driving.html", asset=asset, driven=driven, sent=dict(context.form)),
        "files": context.fragment("parts/asset_files.html", asset=asset, entries=entries, reason=reason),
    }


def stream(context: PageContext) -> Response:
    """The page as it changes."""
    data_assets.shown(context.world, context.caller, context.key)
    return event_stream.stream(context, event_stream.until_gone(parts))


def browse(context: PageContext) -> Response:
    """A folder of a data asset, or a file with its preview."""
    asset = data_assets.shown(context.world, context.caller, context.key)
    path = context.asked("path")
    content = file_content.file(context.world, context.caller, context.key, path) if path else None
    folder: Folder | None = None
    if content is None:
        folder = data_assets.list_files(context.world, context.caller, context.key, path)
    return files.browse(context, content, folder, section="data_assets", key=asset.id, name=asset.name)


def raw(context: PageContext) -> Response:
    """The bytes of a file."""
    path = context.asked("path")
    download = context.asked("download") != ""
    content = file_content.file(context.world, context.caller, context.key, path)
    if isinstance(content, InBucket):
        urls = data_assets.file_urls(context.world, context.caller, context.key, path, "")
        return RedirectResponse(urls.download_url if download else urls.view_url)
    return files.raw(path, content, download=download)


PAGES = (
    Page("/data_assets", listing, READ_DATA_ASSETS),
    Page("/data_assets/{key}", detail, READ_DATA_ASSETS),
    Page("/data_assets/{key}/live", stream, READ_DATA_ASSETS),
    Page("/data_assets/{key}/files", browse, READ_DATA_ASSETS),
    Page("/data_assets/{key}/raw", raw, READ_DATA_ASSETS),
)
