"""Mutants that let in whom they should not, or keep out whom they should let in."""

import base64
from collections.abc import Callable

from tools.mutants.changes import ignored, requests
from tools.mutants.mutant import Answer, Ask, Change, Mutant, Request

OWNER = b"cop_demo_user"


def _as(token: bytes) -> Callable[[Request], Request]:
    """The request with the token of another user of the same world."""

    def change(request: Request) -> Request:
        credentials = base64.b64decode((request.token or b"Basic ").removeprefix(b"Basic ") + b"==")
        world = credentials.partition(b":")[0].partition(b"@")[2]
        user = token + (b"@" + world if world else b"")
        return request.with_header(b"authorization", b"Basic " + base64.b64encode(user + b":"))

    return change


def _trusting(name: str, *, unknown: bool) -> Callable[[], Change]:
    """An operation that treats callers without a good token as the owner, in the last world that a good one named."""

    def make() -> Change:
        last = [b""]

        async def changed(ask: Ask, request: Request) -> Answer:
            answer = await ask(request)
            if answer.status != 401:
                last[0] = request.token or last[0]
                return answer
            trusted = request.name == name and unknown == (request.token is not None)
            return await ask(request.with_header(b"authorization", last[0])) if trusted else answer

        return changed

    return make


def _ignoring_scopes(name: str) -> Callable[[], Change]:
    return requests(name, change=_as_owner_when(b"cop_demo_readonly"))


def _as_owner_when(user: bytes) -> Callable[[Request], Request]:
    def change(request: Request) -> Request:
        credentials = base64.b64decode((request.token or b"Basic ").removeprefix(b"Basic ") + b"==")
        return _as(OWNER)(request) if credentials.startswith(user) else request

    return change


ACCESS = (
    Mutant(
        "auth_ignored",
        "One operation needs no token.",
        "ignored_auth",
        ("get_computation",),
        _trusting("get_computation", unknown=False),
    ),
    Mutant(
        "unknown_token_accepted",
        "One operation takes any token.",
        "authentication",
        ("delete_computation",),
        _trusting("delete_computation", unknown=True),
        scenarios=("unauthenticated_writes",),
    ),
    Mutant(
        "write_without_token",
        "A data asset can be deleted without a token.",
        "authentication",
        ("delete_data_asset",),
        _trusting("delete_data_asset", unknown=False),
        scenarios=("unauthenticated_writes",),
    ),
    Mutant(
        "permission_ignored",
        "Another user reads what was not shared.",
        "ownership",
        ("get_computation",),
        requests("get_computation", change=_as_owner_when(b"cop_demo_viewer")),
        scenarios=("unshared_is_hidden",),
    ),
    Mutant(
        "write_permission_ignored",
        "Another user renames what is not theirs.",
        "ownership",
        ("update_data_asset",),
        requests("update_data_asset", change=_as_owner_when(b"cop_demo_viewer")),
        scenarios=("unshared_is_hidden",),
    ),
    Mutant(
        "scope_ignored",
        "A token with read scopes deletes.",
        "scopes",
        ("delete_computation",),
        _ignoring_scopes("delete_computation"),
        scenarios=("reader_cannot_write",),
    ),
    Mutant(
        "sharing_ignored",
        "Sharing a data asset is acknowledged and not done.",
        "share_and_revoke",
        ("update_data_asset_permissions",),
        ignored("update_data_asset_permissions", status=204),
        scenarios=("share_and_revoke",),
    ),
    Mutant(
        "minimum_version_ignored",
        "Min-Server-Version is not looked at.",
        "minimum_version",
        (),
        lambda: _any_version,
        scenarios=("minimum_version",),
    ),
)


async def _any_version(ask: Ask, request: Request) -> Answer:
    return await ask(request.with_header(b"min-server-version", None))
