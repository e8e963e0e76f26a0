"""Who may do what, asked of the store: every object is fetched through here."""

from collections.abc import Callable

from mock_server.domain.access import SCOPES, Caller, Role
from mock_server.domain.naming import DEFAULT_WORLD, is_uuid
from mock_server.errors import ApiError, BadRequestError, ForbiddenError, NotFoundError, UnauthorizedError
from mock_server.store import queries
from mock_server.store.rows import R, Rows
from mock_server.store.schema import CapsuleRow, ComputationRow, DataAssetRow
from mock_server.world import World


def authenticate(world: World, token: str | None) -> Caller:
    """The user behind `token`. Raises `UnauthorizedError` without a token or with an unknown one."""
    caller = world.caller(token) if token else None
    if caller is None:
        raise UnauthorizedError("a valid access token is required")
    return caller


def tokens(world: World) -> dict[str, str]:
    """Return all tokens as clients send them to this world, each with what it is good for."""
    return world.remembered(_tokens, world.name, queries.TOKENS.table, queries.USERS.table)


def _tokens(world: World, name: str) -> dict[str, str]:
    suffix = "" if name == DEFAULT_WORLD else f"@{name}"
    described = {}
    users = {user.id: user for user in queries.all_users(world.db)}
    for row in queries.all_tokens(world.db):
        user = users[row.user_id]
        rights = "all scopes" if set(row.scopes) == set(SCOPES) else ", ".join(row.scopes) or "no scope"
        described[row.token + suffix] = f"{user.email}{', admin' if user.admin else ''}; {rights}"
    return described


def require_scopes(caller: Caller, scopes: tuple[str, ...]) -> None:
    """Raise `ForbiddenError` unless the caller's token carries all of `scopes`."""
    for scope in scopes:
        if scope not in caller.scopes:
            raise ForbiddenError(f"the access token lacks the scope {scope}")


def capsule(world: World, caller: Caller, key: str, needs: Role = Role.VIEWER) -> CapsuleRow:
    """The capsule or pipeline `key`. A capsule's route serves pipelines too, as the service does.

    Raises as `_check` does.
    """
    row = world.capsules.get(key) or world.capsules.get(key.lower())
    if row is None:
        raise _missing("capsule", key)
    _check("capsule", key, role(world, caller, row.id, row.owner), needs)
    return row


def data_asset(world: World, caller: Caller, key: str, needs: Role = Role.VIEWER) -> DataAssetRow:
    """The data asset `key`. Raises as `_check` does."""
    row = find(world, queries.DATA_ASSETS, "data asset", key)
    _check("data asset", key, role(world, caller, row.id, row.owner), needs)
    return row


def computation(world: World, caller: Caller, key: str, needs: Role = Role.VIEWER) -> ComputationRow:
    """The run `key`. Its starter owns it; others have their role on its capsule, but none on a run of a release.

    Raises as `_check` does.
    """
    row = find(world, queries.COMPUTATIONS, "computation", key)
    if row.owner != caller.user_id and not caller.admin:
        ran = world.capsules.get(row.capsule_id) if shows_run(caller, row) else None
        held = role(world, caller, ran.id, ran.owner) if ran else Role.NONE
        _check("computation", key, held if held >= Role.VIEWER else Role.NONE, needs)
    return row


def shows_run(caller: Caller, run: ComputationRow) -> bool:
    """Whether someone who may see a capsule may see this run of it."""
    return not run.released or caller.admin or run.owner == caller.user_id


def named(fetch: Callable[[World, Caller, str], R], world: World, caller: Caller, key: str) -> R:
    """What a request names in its body, by one of the functions above; what is not there makes the request wrong."""
    try:
        return fetch(world, caller, key)
    except NotFoundError as failure:
        raise BadRequestError(f"{failure.message}: {key}") from None


def require_ready(world: World, asset: DataAssetRow) -> None:
    """Raise `BadRequestError` unless the files of the data asset are there."""
    state = world.state_of(asset.plan).state
    if state != "ready":
        raise BadRequestError(f"data asset {asset.id} is not ready: it is {state}")


def role(world: World, caller: Caller, entity_id: str, owner: str) -> Role:
    """What the caller may do with an object of `owner`."""
    if caller.admin or owner == caller.user_id:
        return Role.OWNER
    return Role(world.roles.get((entity_id, caller)) or 0)


def find(world: World, rows: Rows[R], kind: str, key: str) -> R:
    """The row under `key`, whoever asks; ids are the same in upper case. Raises as `_missing` says."""
    row = rows.get(world.db, key) or rows.get(world.db, key.lower())
    if row is None:
        raise _missing(kind, key)
    return row


def _missing(kind: str, key: str) -> ApiError:
    """What an unknown id answers: 400 when it does not look like one, 404 when it does."""
    return NotFoundError(f"{kind} not found") if is_uuid(key) else BadRequestError("invalid id")


def _check(kind: str, key: str, held: Role, needs: Role) -> None:
    """Raise what the service answers when the role does not suffice: as if the object did not exist when the caller
    may not even see it, `ForbiddenError` otherwise.
    """
    if held < Role.DISCOVERABLE:
        raise _missing(kind, key)
    if held < needs:
        raise ForbiddenError(f"not allowed for this {kind}")
