"""Git sync and releases (SDK models/capsule.py: `GitSyncResults`, `CapsuleReleaseJob`)."""

from typing import Literal

from pydantic import ConfigDict

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


class ReleaseIssues(Response):
    """Why a release is refused, instead of a message: a flag for each requirement that is not met."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    git_out_of_sync: Absent[Literal[True]]
    invalid_app_panel: Absent[Literal[True]]
    missing_metadata: Absent[Literal[True]]
    missing_release_functionality: Absent[Literal[True]]
    missing_reproducible_run: Absent[Literal[True]]
    non_default_branch: Absent[Literal[True]]
    uncommitted_files: Absent[Literal[True]]
    unreleased_pipeline_capsules: Absent[Literal[True]]
    unreleased_post_run_capsule: Absent[Literal[True]]
