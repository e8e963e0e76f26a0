"""The released versions of capsules and pipelines."""

from typing import Any

from mock_server.store import queries
from mock_server.store.schema import CapsuleRow
from mock_server.world import World


def released(world: World, row: CapsuleRow) -> list[dict[str, Any]]:
    """The versions of a release capsule: those it came with, and those that release jobs have completed since."""
    versions: list[dict[str, Any]] = list(row.more.get("versions", []))
    for job in queries.release_jobs_of(world.db, row.id) if row.status == "release" else ():
        moment = world.state_of(job.plan)
        if moment.state == "completed":
            made_at = int(job.plan.started + moment.elapsed)
            versions.append({"major_version": job.major_version, "minor_version": 0, "release_time": made_at})
    return versions
