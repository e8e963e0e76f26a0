"""Capsules and pipelines (SDK models/capsule.py; docs: capsule API page)."""

from typing import Any, Literal

from pydantic import Field

from mock_server.wire.common import (
    Absent,
    Count,
    Limit,
    Offset,
    OptionalList,
    OptionalText,
    Ownership,
    Request,
    Response,
    SortOrder,
    Text,
)
from mock_server.wire.search import Filters, Query

CapsuleStatus = Literal["non_release", "release"]


class CapsuleVersion(Response):
    """A released version; `release_time` in Unix seconds."""

    doi: Absent[str]
    major_version: Count
    minor_version: Count
    release_time: Count


class OriginalCapsule(Response):
    """The capsule that this one was duplicated from."""

    created: Absent[Count]
    id: Absent[str]
    major_version: Absent[Count]
    minor_version: Absent[Count]
    name: Absent[str]
    public: Absent[bool]


class Capsule(Response):
    """A capsule or a pipeline; both have the same fields. Times in Unix seconds."""

    article: Absent[dict[str, Any]]
    cloned_from_url: Absent[str]
    created: Count
    description: Absent[str]
    field: Absent[str]
    id: str
    last_accessed: Absent[Count]
    name: str
    original_capsule: Absent[OriginalCapsule]
    owner: str
    owner_email: Absent[str]
    release_capsule: Absent[str]
    slug: str
    status: CapsuleStatus
    submission: Absent[dict[str, Any]]
    tags: Absent[list[str]]
    versions: Absent[list[CapsuleVersion]]


class CapsuleSearchParams(Request):
    """What to search for. `next_token` wins over `offset`, which may also be called `from`."""

    query: OptionalText[Query] = None
    next_token: OptionalText[Text] = None
    offset: Offset | None = None
    from_: Offset | None = Field(default=None, alias="from")
    limit: Limit | None = None
    sort_field: OptionalText[Literal["created", "last_accessed", "name"]] = None
    sort_order: OptionalText[SortOrder] = None
    ownership: OptionalText[Ownership] = None
    status: OptionalText[CapsuleStatus] = None
    favorite: bool | None = None
    archived: bool | None = None
    filters: OptionalList[Filters] = None


class CapsuleSearchResults(Response):
    """A page of capsules; `next_token` leads to the next one."""

    has_more: bool
    next_token: Absent[str]
    results: list[Capsule]
