"""Handing out driven runs to those who execute them."""

import asyncio
from collections.abc import Iterator

from mock_server.domain.runs import arguments
from mock_server.services.driven import leases
from mock_server.services.driven import row as rows
from mock_server.services.driven.leases import LeaseWatch
from mock_server.store import queries
from mock_server.store.schema import ComputationRow, DrivenRow
from mock_server.wire.driven import Claimed, ClaimRequest, Work, WorkDataAsset
from mock_server.world import World
from mock_server.worlds import Worlds

POLL_SECONDS = 0.1
"""How often is looked for new work while somebody waits for it."""


async def claim(worlds: Worlds, request: ClaimRequest, watch: LeaseWatch) -> Claimed:
    """Hand out the oldest driven run that fits, waiting for one if asked to; `watch` sees to its lease."""
    end = worlds.real() + request.wait
    seen: dict[World, int] = {}
    while True:
        for world in _searched(worlds, request.world):
            leases.lapse_if_possible(world, worlds.real())
            version = world.db.version_of(queries.DRIVEN.table)
            if seen.get(world) != version:
                seen[world] = version
                work = _from(worlds, world, request)
                if work is not None:
                    watch.wake()
                    return Claimed(work=work)
        left = end - worlds.real()
        if left <= 0:
            return Claimed()
        await asyncio.sleep(min(left, POLL_SECONDS))


def _searched(worlds: Worlds, name: str | None) -> list[World]:
    return worlds.all() if name is None else [worlds.require(name)]


def _from(worlds: Worlds, world: World, request: ClaimRequest) -> Work | None:
    if not queries.claimable(world.db, request.capsules):
        return None
    with world.write():
        for run, going in _offered(world, request.capsules):
            capsule = world.capsules.get(run.capsule_id)
            folder = capsule.folder if capsule else None
            if folder is not None and not worlds.folders.may_run(folder):
                folder = None
            if capsule is None or (request.folders and folder is None):
                continue
            taken = leases.take(world, going, request, worlds.real())
            return Work(
                world=world.name,
                id=run.id,
                lease=taken.lease or "",
                seconds=request.lease,
                attempt=taken.attempts,
                log_length=len(taken.tail) + sum(piece.size for piece in rows.log_pieces(rows.files_of(world, run))),
                kind="pipeline" if run.kind == "pipeline" else "capsule",
                capsule_id=run.capsule_id,
                capsule_name=capsule.name,
                folder=folder,
                version=run.asked.get("version"),
                arguments=arguments(run.asked["parameters"], capsule.panel),
                data_assets=[_input(world, asset) for asset in run.asked["data_assets"]],
            )
    return None


def _offered(world: World, capsules: list[str] | None) -> Iterator[tuple[ComputationRow, DrivenRow]]:
    """The driven runs that nobody has claimed and that have not ended, oldest first."""
    for run in queries.claimable(world.db, capsules):
        going = queries.DRIVEN.get(world.db, run.id)
        if going is not None and world.state_of(run.plan).end is None:
            yield run, going


def _input(world: World, asset: dict[str, str]) -> WorkDataAsset:
    row = queries.DATA_ASSETS.get(world.db, asset["id"])
    size = (row.files or 0, row.size or 0) if row else (0, 0)
    return WorkDataAsset(
        id=asset["id"], name=row.name if row else "", mount=asset["mount"], files=size[0], size=size[1]
    )
