"""Permissions on capsules, pipelines and data assets."""

from mock_server.domain.access import EVERYONE, ROLES, Caller, Role, group_subject, user_subject
from mock_server.errors import BadRequestError
from mock_server.services import access
from mock_server.services.capsules import Kind, of_kind
from mock_server.store import queries, schema
from mock_server.wire.permissions import Permissions, PermissionsParams
from mock_server.world import World

Entity = schema.CapsuleRow | schema.DataAssetRow

USER, GROUP = user_subject(""), group_subject("")


def of_capsule(world: World, caller: Caller, kind: Kind, capsule_id: str) -> Permissions:
    """Who may do what with a capsule or pipeline."""
    return _show(world, of_kind(world, caller, kind, capsule_id, Role.VIEWER))


def of_data_asset(world: World, caller: Caller, data_asset_id: str) -> Permissions:
    """Who may do what with a data asset."""
    return _show(world, access.data_asset(world, caller, data_asset_id))


def update_capsule(world: World, caller: Caller, kind: Kind, capsule_id: str, params: PermissionsParams) -> None:
    """Set roles on a capsule or pipeline; `share_assets` sets them on its data assets and processes' capsules too."""
    with world.write():
        row = of_kind(world, caller, kind, capsule_id, Role.OWNER)
        _set(world, row, params)
        if params.share_assets:
            for related in _related(world, row):
                if access.role(world, caller, related.id, related.owner) == Role.OWNER:
                    _set(world, related, params, replaces=False)


def update_data_asset(world: World, caller: Caller, data_asset_id: str, params: PermissionsParams) -> None:
    """Set roles on a data asset."""
    with world.write():
        _set(world, access.data_asset(world, caller, data_asset_id, Role.OWNER), params)


def _show(world: World, row: Entity) -> Permissions:
    users: dict[str, str] = {}
    owner = world.email(row.owner)
    if owner is not None:
        users[owner] = "owner"
    groups: dict[str, str] = {}
    everyone = "none"
    for grant in queries.grants_on(world.db, row.id):
        role = Role(grant.role).name.lower()
        if grant.subject == EVERYONE:
            everyone = role
        elif grant.subject.startswith(USER):
            users.setdefault(grant.subject.removeprefix(USER), role)
        else:
            groups[grant.subject.removeprefix(GROUP)] = role
    shown = {
        "everyone": everyone,
        "groups": [{"group": name, "role": role} for name, role in groups.items()] or None,
        "users": [{"email": email, "role": role} for email, role in users.items()] or None,
    }
    return Permissions.model_validate(shown)


def _set(world: World, row: Entity, params: PermissionsParams, *, replaces: bool = True) -> None:
    """Replace the users, the groups and everyone, each where it is named; the owner always stays. What is shared along
    is not replaced: roles are added or raised.
    """
    before = {grant.subject: grant.role for grant in queries.grants_on(world.db, row.id)}
    wanted = _requested_roles(world, params, held={subject for subject in before if subject.startswith(GROUP)})
    wanted.pop(user_subject(world.email(row.owner) or ""), None)
    if replaces:
        named = {USER: params.users, GROUP: params.groups, EVERYONE: params.everyone}
        gone = tuple(start for start, given in named.items() if given is not None)
        kept = {subject: role for subject, role in before.items() if not subject.startswith(gone)} | wanted
    else:
        kept = before | {subject: max(role, before.get(subject, 0)) for subject, role in wanted.items()}
    queries.GRANTS.delete(world.db, row.id)
    for subject, role in kept.items():
        if role > Role.NONE:
            queries.GRANTS.insert(world.db, schema.GrantRow(entity_id=row.id, subject=subject, role=role))


def _requested_roles(world: World, params: PermissionsParams, held: set[str]) -> dict[str, int]:
    """The roles that a request names, by subject. Raises `BadRequestError` for a user that does not exist; a group that
    does not exist is left out without a word, as the service does (SDK issue 36). Groups are known by their members, or
    because they hold a role on the object already.
    """
    users = queries.all_users(world.db)
    emails = {user.email for user in users}
    groups = held | {group_subject(name) for user in users for name in user.groups}
    wanted = {}
    for user in params.users or ():
        if user.email not in emails:
            raise BadRequestError(f"no user has the address {user.email}")
        wanted[user_subject(user.email)] = int(ROLES[user.role])
    for group in params.groups or ():
        if (subject := group_subject(group.group)) in groups:
            wanted[subject] = int(ROLES[group.role])
    if params.everyone is not None:
        wanted[EVERYONE] = int(ROLES[params.everyone])
    return wanted


def _related(world: World, capsule: schema.CapsuleRow) -> list[Entity]:
    """The data assets attached to a capsule, and the capsules of a pipeline's processes."""
    assets = [queries.DATA_ASSETS.get(world.db, asset["id"]) for asset in capsule.attached]
    capsules = [queries.CAPSULES.get(world.db, process["capsule_id"]) for process in capsule.processes]
    return [row for row in (*assets, *capsules) if row is not None]
