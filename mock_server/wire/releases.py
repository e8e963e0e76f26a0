"""Git sync and releases (SDK models/capsule.py: `GitSyncResults`, `CapsuleReleaseJob`)."""

from typing import Literal

from mock_server.wire.capsules import CapsuleVersion
from mock_server.wire.common import Absent, Count, Response

JobStatus = Literal["created", "started", "completed", "failed", "canceled", "canceling"]


class GitSyncResults(Response):
    """Commits that were exchanged with the external repository; what is zero is left out."""

    new_branch: Absent[bool]
    pulled: Absent[Count]
    pushed: Absent[Count]


class ReleaseJob(Response):
    """A release on its way. `started` in Unix seconds, `duration` in seconds; the release once it is completed."""

    duration: Absent[Count]
    error: Absent[str]
    job_id: str
    release_capsule: Absent[str]
    release_version: Absent[CapsuleVersion]
    started: Absent[Count]
    status: JobStatus
