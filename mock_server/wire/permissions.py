"""Who may do what with an object (SDK models/components.py, `Permissions`)."""

from typing import Annotated, Literal

from pydantic import Field

from mock_server.wire.common import Absent, Name, OptionalText, Request, Response, TextBool

UserRole = Literal["owner", "editor", "viewer"]
GroupRole = Literal["owner", "editor", "viewer", "discoverable"]
EveryoneRole = Literal["viewer", "discoverable", "none"]


class UserPermission(Response):
    """A user's role."""

    email: str
    role: UserRole


class GroupPermission(Response):
    """A group's role."""

    group: str
    role: GroupRole


class Permissions(Response):
    """All roles on an object, its owner's included. `everyone` is always sent here, `share_assets` never."""

    everyone: Absent[EveryoneRole]
    groups: Absent[list[GroupPermission]]
    share_assets: Absent[bool]
    users: Absent[list[UserPermission]]


class UserPermissionParams(Request):
    """A role for a user, by e-mail address."""

    email: Name
    role: UserRole


class GroupPermissionParams(Request):
    """A role for a group."""

    group: Name
    role: GroupRole


class PermissionsParams(Request):
    """Roles to set. Null leaves users, groups or everyone as they are; a list replaces the one that is there."""

    users: Annotated[list[UserPermissionParams], Field(max_length=1000)] | None = None
    groups: Annotated[list[GroupPermissionParams], Field(max_length=1000)] | None = None
    everyone: OptionalText[EveryoneRole] = None
    share_assets: TextBool | None = None
