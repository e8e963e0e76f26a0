"""Attaching data assets to capsules, pipelines and cloud workstations (SDK models/data_asset.py)."""

from typing import Annotated

from pydantic import Field

from mock_server.wire.common import Absent, Id, OptionalText, Path, Request, Response


class AttachParams(Request):
    """A data asset to attach, and the folder below `/data`; its own mount when none is given."""

    id: Id
    mount: OptionalText[Annotated[Path, Field(min_length=1)]] = None


class AttachResults(Response):
    """What became of one data asset. `mount_state` was recorded as `mounted`, `unchanged` (it was attached before) and
    `error` (then `mount` is empty); `job_id` was empty each time. All fields are always sent here; the SDK cannot do
    without `id` alone.
    """

    external: Absent[bool]
    id: str
    job_id: Absent[str]
    mount: Absent[str]
    mount_state: Absent[str]
    ready: Absent[bool]


AttachList = Annotated[list[AttachParams], Field(max_length=1000)]
DetachList = Annotated[list[Id], Field(max_length=1000)]
