"""Capsules and pipelines: get, search, list their runs."""

from dataclasses import replace
from typing import Literal

from mock_server.domain.access import Caller, Role
from mock_server.errors import ForbiddenError, NotFoundError
from mock_server.services import access, computations, search_requests, versions
from mock_server.store import file_trees, queries
from mock_server.store.schema import CapsuleRow
from mock_server.wire.capsules import Capsule, CapsuleSearchParams, CapsuleSearchResults
from mock_server.wire.computations import Computation
from mock_server.world import World

Kind = Literal["capsule", "pipeline"]

DEFAULT_SORT = ("name", False)


def get(world: World, caller: Caller, kind: Kind, capsule_id: str) -> Capsule:
    """One capsule or pipeline."""
    return show(world, of_kind(world, caller, kind, capsule_id, Role.DISCOVERABLE))


async def search(world: World, caller: Caller, kind: Kind, params: CapsuleSearchParams) -> CapsuleSearchResults:
    """A page of the capsules, or of the pipelines, that the caller may see."""
    request = search_requests.build_request(world, caller, kind, params, {"status": params.status}, DEFAULT_SORT)
    found = await search_requests.page(world, caller, queries.CAPSULES, params, request)
    return CapsuleSearchResults(
        has_more=found.next_token is not None,
        next_token=found.next_token,
        results=[show(world, row) for row in found.rows],
    )


def list_computations(world: World, caller: Caller, kind: Kind, capsule_id: str) -> list[Computation]:
    """The runs of a capsule or pipeline, newest first."""
    row = of_kind(world, caller, kind, capsule_id, Role.VIEWER)
    runs = queries.computations_of(world.db, row.id)
    return [computations.answer(world, run) for run in runs if access.shows_run(caller, run)]


def archive(world: World, caller: Caller, kind: Kind, capsule_id: str, archived: bool) -> None:
    """Hide a capsule or pipeline from searches, or show it again."""
    with world.write():
        row = of_kind(world, caller, kind, capsule_id, Role.OWNER)
        queries.update_capsule(world.db, replace(row, archived=archived))


def delete(world: World, caller: Caller, kind: Kind, capsule_id: str) -> None:
    """Remove a capsule or pipeline and its runs. Raises `ForbiddenError` unless it is archived and unreleased."""
    with world.write():
        row = of_kind(world, caller, kind, capsule_id, Role.OWNER)
        if row.status == "release" or "release_capsule" in row.more:
            raise ForbiddenError(f"a released {kind} cannot be deleted")
        if not row.archived:
            raise ForbiddenError(f"the {kind} has to be archived before it is deleted")
        if queries.pipelines_with(world.db, row.id):
            raise ForbiddenError("a pipeline runs the capsule")
        for run in queries.computations_of(world.db, row.id):
            queries.COMPUTATIONS.delete(world.db, run.id)
            file_trees.drop_unused(world.db, run.tree)
        queries.CAPSULES.delete(world.db, row.id)
        queries.GRANTS.delete(world.db, row.id)
        queries.FAVORITES.delete(world.db, row.id)
        file_trees.drop_unused(world.db, row.tree)


def show(world: World, row: CapsuleRow) -> Capsule:
    """The wire model of a stored capsule."""
    return Capsule.model_validate(
        {key: part for key, part in row.more.items() if key != "authors"}
        | {
            "created": int(row.created),
            "description": row.description or None,
            "id": row.id,
            "last_accessed": None if row.last_accessed is None else int(row.last_accessed),
            "name": row.name,
            "owner": row.owner,
            "owner_email": world.email(row.owner),
            "slug": row.slug,
            "status": row.status,
            "tags": row.tags or None,
            "versions": versions.released(world, row) or None,
        }
    )


def of_kind(world: World, caller: Caller, kind: Kind, capsule_id: str, needs: Role) -> CapsuleRow:
    """One capsule or pipeline. A pipeline is found under `/capsules` as well (seen in clients); a capsule is no
    pipeline.
    """
    row = access.capsule(world, caller, capsule_id, needs)
    if kind == "pipeline" and row.kind != "pipeline":
        raise NotFoundError("pipeline not found")
    return row
