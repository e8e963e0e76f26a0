"""What the control plane takes and answers about driven runs and data assets (docs/driven-runs.md): how they go on, and
how a runner claims them. The client reads it too.
"""

from typing import Annotated, Literal

from pydantic import Field

from mock_server.wire.control import Control, Duration, Name

MAX_LEASE = 3600.0
"""The longest lease, in seconds of real time."""

MAX_WAIT = 60.0
"""For how many seconds a claim may wait for work."""

Text = Annotated[str, Field(min_length=1, max_length=200)]


class Progress(Control):
    """The stage that a driven run has reached. One that it is in already changes nothing; one that it has left is
    refused with 409.
    """

    state: Literal["running", "finalizing"]


class Finish(Control):
    """How a driven run ends. `state: failed` means that the platform failed, whatever the script did. Without
    `end_status` an exit code of 0 has succeeded and any other has failed; without `has_results` a run has them when
    files were put in.
    """

    state: Literal["completed", "failed"] = "completed"
    end_status: Literal["succeeded", "failed", "stopped"] | None = None
    exit_code: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = 0
    has_results: bool | None = None


class FinishDataAsset(Control):
    """How a driven data asset ends: ready, or failed for a reason."""

    failure_reason: Annotated[str, Field(min_length=1, max_length=1000)] | None = None


class LogLength(Control):
    """How many bytes a run's log has."""

    length: int


class ResultFiles(Control):
    """The files that were put into a run's results so far, and their bytes."""

    files: int
    size: int


class DataAssetPlan(Control):
    """Where a data asset stands, and the scenario that it follows."""

    id: str
    scenario: str
    driven: bool = False
    state: str
    failure_reason: str | None = None


# Work


class ClaimRequest(Control):
    """A claim for a driven run: `runner` is the name of who asks. Only runs of the world, and of the capsules, that are
    named, if any are; `folders` asks for those alone whose capsule has a folder. `wait` seconds for one to come. The
    `lease` lapses after as many seconds of real time unless it is renewed; the run is handed out again then, `retries`
    times in all, before it fails.
    """

    runner: Text
    world: Name | None = None
    capsules: list[Text] | None = None
    folders: bool = False
    wait: Annotated[Duration, Field(le=MAX_WAIT)] = 0.0
    lease: Annotated[Duration, Field(ge=1, le=MAX_LEASE)] = 30.0
    retries: Annotated[int, Field(ge=0, le=100)] = 0


class WorkDataAsset(Control):
    """A data asset that a run is given: its folder below `/data` is `mount`. Its files come as a tar
    (`/worlds/{world}/data_assets/{id}/tar`).
    """

    id: str
    name: str
    mount: str
    files: int
    size: int


class Work(Control):
    """A run that was handed out. `arguments` are what its script is called with, `folder` is where the capsule lies on
    the server's machine, `attempt` counts from 1, `log_length` are the bytes that its log has by then.
    Whoever holds the `lease` sends it with all that it tells of the run.
    """

    world: str
    id: str
    lease: str
    seconds: float
    attempt: int
    log_length: int
    kind: Literal["capsule", "pipeline"]
    capsule_id: str
    capsule_name: str
    folder: str | None = None
    version: int | None = None
    arguments: list[str]
    data_assets: list[WorkDataAsset]


class Claimed(Control):
    """The answer to a claim; without `work` there was none."""

    work: Work | None = None


class LeaseRequest(Control):
    """A lease to renew for so many seconds of real time."""

    seconds: Annotated[Duration, Field(ge=1, le=MAX_LEASE)] = 30.0


class Renewed(Control):
    """Whether the run is still to go on; if not, why: it was `stopped`, it is `finished` or `deleted`, or the lease is
    `lost`.
    """

    go_on: bool
    reason: Literal["stopped", "finished", "deleted", "lost"] | None = None
