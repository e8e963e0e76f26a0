"""Who may do what: callers, scopes and roles."""

from dataclasses import dataclass, field
from enum import IntEnum

SCOPES = ("capsule:read", "capsule:write", "data_asset:read", "data_asset:write")
"""What a token can be allowed (docs: authentication page, one permission per kind of resource)."""

READ_CAPSULES = ("capsule:read",)
"""The scopes that reading capsules, pipelines and runs takes."""

WRITE_CAPSULES = ("capsule:read", "capsule:write")
"""The scopes that changing capsules, pipelines and runs takes."""

RUN = ("capsule:read", "capsule:write", "data_asset:read")
"""The scopes that starting a run takes."""

READ_DATA_ASSETS = ("data_asset:read",)
"""The scopes that reading data assets takes."""

WRITE_DATA_ASSETS = ("data_asset:read", "data_asset:write")
"""The scopes that changing data assets takes."""

ATTACH = ("capsule:read", "capsule:write", "data_asset:read", "data_asset:write")
"""The scopes that attaching data assets takes."""

EVERYONE = "everyone"
"""The subject of a grant to all users."""


class Role(IntEnum):
    """What a user may do with one object, least first."""

    NONE = 0
    DISCOVERABLE = 1
    VIEWER = 2
    EDITOR = 3
    OWNER = 4


ROLES = {role.name.lower(): role for role in Role}
"""Roles by the names the API uses."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The user behind a token, and what the token allows."""

    user_id: str
    email: str
    admin: bool
    scopes: frozenset[str]
    groups: tuple[str, ...] = field(default=())

    @property
    def subjects(self) -> list[str]:
        """The names under which this user can be granted a role."""
        return [EVERYONE, user_subject(self.email), *(group_subject(name) for name in self.groups)]


def user_subject(email: str) -> str:
    """The subject of a grant to one user."""
    return f"user:{email}"


def group_subject(name: str) -> str:
    """The subject of a grant to a group."""
    return f"group:{name}"
