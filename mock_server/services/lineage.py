"""Where a data asset comes from and what was made from it, as far as somebody may see that."""

from typing import Any, Literal, NamedTuple

from mock_server.domain.access import Caller, Role
from mock_server.errors import ForbiddenError, NotFoundError
from mock_server.services import access, data_assets
from mock_server.store import queries, runs
from mock_server.store.schema import DataAssetRow
from mock_server.world import World

MOST = 100
"""How many data assets that were made from something are named."""

Kind = Literal["capsule", "pipeline", "computation", "data_asset", "bucket"]


class Thing(NamedTuple):
    """What a data asset has to do with. `name` is None for what is gone, or hidden from the caller."""

    kind: Kind
    id: str
    name: str | None


class Made(NamedTuple):
    """A data asset that was made from another one: by the run with the id `by`, or None."""

    thing: Thing
    by: str | None


class Lineage(NamedTuple):
    """What a data asset was made from, by which run of which capsule; which runs used it, what was made from it, and
    where it is attached.
    """

    sources: list[Thing]
    capsule: Thing | None
    computation: Thing | None
    used_by: list[Thing]
    made: list[Made]
    attached_to: list[Thing]


async def of(world: World, caller: Caller, data_asset_id: str) -> Lineage:
    """The lineage of one data asset."""
    row = access.data_asset(world, caller, data_asset_id, Role.DISCOVERABLE)
    stored = row.more.get("provenance", {})
    computation = _thing(world, caller, "computation", stored.get("computation"))
    return Lineage(
        sources=_sources(world, caller, row),
        capsule=_capsule_of(world, caller, stored),
        computation=computation,
        used_by=[Thing("computation", run.id, run.name) for run in runs.using(world.db, caller, row.id)],
        made=await _made_from(world, caller, row),
        attached_to=[
            Thing("pipeline" if capsule.kind == "pipeline" else "capsule", capsule.id, capsule.name)
            for capsule in queries.capsules_with(world.db, row.id)
            if access.role(world, caller, capsule.id, capsule.owner) >= Role.DISCOVERABLE
        ],
    )


async def made_by(world: World, caller: Caller, computation_id: str) -> list[Thing]:
    """The newest data assets that were captured from a run."""
    found = await data_assets.made_from(world, caller, computation_id, MOST)
    return [Thing("data_asset", asset.id, asset.name) for asset in found]


def _sources(world: World, caller: Caller, row: DataAssetRow) -> list[Thing]:
    found = [_thing(world, caller, "data_asset", key) for key in _inputs(row.more)]
    bucket = row.more.get("source_bucket")
    if bucket and bucket.get("bucket"):
        place = "/".join(part for part in (bucket["bucket"], bucket.get("prefix")) if part)
        found.append(Thing("bucket", place, place))
    return [thing for thing in found if thing is not None]


def _inputs(more: dict[str, Any]) -> list[str]:
    """The ids of the data assets that one was made from, or is combined of."""
    contained = [part["id"] for part in more.get("contained_data_assets", ()) if "id" in part]
    return [*more.get("provenance", {}).get("data_assets", ()), *contained]


async def _made_from(world: World, caller: Caller, row: DataAssetRow) -> list[Made]:
    found = await data_assets.made_from(world, caller, row.id, MOST)
    return [
        Made(Thing("data_asset", asset.id, asset.name), asset.more.get("provenance", {}).get("computation"))
        for asset in found
    ]


def _capsule_of(world: World, caller: Caller, stored: dict[str, Any]) -> Thing | None:
    key = stored.get("capsule")
    run = queries.COMPUTATIONS.get(world.db, stored.get("computation", ""))
    return _thing(world, caller, "capsule", key or (run.capsule_id if run else None))


def _thing(world: World, caller: Caller, kind: Kind, key: str | None) -> Thing | None:
    """What has this id; without a name when the caller would be told that there is no such thing."""
    if not key:
        return None
    try:
        if kind == "computation":
            return Thing(kind, key, access.computation(world, caller, key).name)
        if kind == "data_asset":
            return Thing(kind, key, access.data_asset(world, caller, key, Role.DISCOVERABLE).name)
        capsule = access.capsule(world, caller, key, Role.DISCOVERABLE)
        return Thing("pipeline" if capsule.kind == "pipeline" else "capsule", key, capsule.name)
    except (ForbiddenError, NotFoundError):
        return Thing(kind, key, None)
