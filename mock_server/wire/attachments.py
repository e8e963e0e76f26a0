"""Attaching data assets to capsules, pipelines and cloud workstations (SDK models/data_asset.py)."""

from typing import Annotated

from pydantic import Field

from mock_server.wire.common import Absent, Id, Path, Request, Response


class AttachParams(Request):
    """A data asset to attach, and the folder below `/data`; its own mount when none is given."""

    id: Id
    mount: Annotated[Path, Field(min_length=1)] | None = None


class AttachResults(Response):
    """What became of one data asset. `mount_state` was recorded as `mounted`, `unchanged` (it was attached before) and
    `error` (then `mount` is empty); `job_id` was empty each time.
    """

    external: bool
    id: str
    job_id: str
    mount: str
    mount_state: Absent[str]
    ready: bool


AttachList = Annotated[list[AttachParams], Field(max_length=1000)]
DetachList = Annotated[list[Id], Field(max_length=1000)]
