"""Roles: what each of them may do, operation by operation, with a data asset, a capsule and its runs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, OTHER, Deployment
from contract_tests.findings import expect
from contract_tests.oracles.flows.fixtures import (
    list_own_capsules,
    temporary_data_asset,
    temporary_run,
    value_at,
    wait_for_data_asset,
    wait_for_run,
)
from contract_tests.transport.exchange import Exchange

ROLES = ("none", "discoverable", "viewer", "editor", "owner")
"""What another user may be, least first."""


class Attempt(NamedTuple):
    """A request, and what it returns to another user in each of the roles."""

    method: str
    path: str
    statuses: tuple[int, int, int, int, int]
    body: Any = None


SEE = (404, 200, 200, 200, 200)
READ = (404, 403, 200, 200, 200)
CHANGE = (404, 403, 403, 200, 200)
CHANGE_SILENTLY = (404, 403, 403, 204, 204)
RULE = (404, 403, 403, 403, 204)
NOBODY = (404, 403, 403, 403, 403)

ASSET = (
    Attempt("GET", "", SEE),
    Attempt("PUT", "", CHANGE, {}),
    Attempt("POST", "/files", READ, {"path": ""}),
    Attempt("GET", "/files/urls?path=output", READ),
    Attempt("GET", "/files/download_url?path=output", READ),
    Attempt("GET", "/permissions", READ),
    Attempt("POST", "/permissions", RULE, {}),
    Attempt("PATCH", "/archive?archive=false", RULE),
)
"""What is done with a data asset, each to no effect."""

CAPSULE = (
    Attempt("GET", "", SEE),
    Attempt("GET", "/computations", READ),
    Attempt("GET", "/permissions", READ),
    Attempt("POST", "/permissions", RULE, {}),
    Attempt("POST", "/data_assets", CHANGE, []),
    Attempt("DELETE", "/data_assets", CHANGE_SILENTLY, []),
    Attempt("PATCH", "/archive?archive=false", RULE),
    # What is not archived, nobody deletes.
    Attempt("DELETE", "", NOBODY),
    # Whose capsule it is, that user alone releases it.
    Attempt("POST", "/release", NOBODY),
)

RUN = (
    Attempt("GET", "", (404, 404, 200, 200, 200)),
    Attempt("POST", "/results", (404, 404, 200, 200, 200), {"path": ""}),
    Attempt("GET", "/results/urls?path=output", (404, 404, 200, 200, 200)),
    Attempt("GET", "/results/download_url?path=output", (404, 404, 200, 200, 200)),
    Attempt("PATCH", "?name=renamed", (404, 404, 403, 204, 204)),
    # It is no cloud workstation: whoever might attach to one is told so.
    Attempt("POST", "/data_assets", (404, 404, 403, 400, 400), []),
    Attempt("DELETE", "/data_assets", (404, 404, 403, 400, 400), []),
)
"""What is done with a run of a capsule in which the other user has the role."""


def _permissions(email: str, role: str) -> dict[str, Any]:
    """The permissions that give another user a role."""
    shared = role in ROLES[2:]
    users = [{"email": email, "role": role}] if shared else []
    return {"users": users, "groups": [], "everyone": "none" if shared else role}


def _email(deployment: Deployment) -> str:
    """The address of the other user, as it stands on what they make."""
    body = {
        "name": "contract-address",
        "mount": "address",
        "tags": [deployment.tag],
        "source": {"aws": {"bucket": "x"}},
    }
    caller = deployment.http(OTHER)
    made = caller.ask("POST", "/data_assets", 200, json=body).json()
    caller.ask("DELETE", f"/data_assets/{made['id']}", 204)
    return str(value_at(made, "owner_email"))


@contextmanager
def _restored(deployment: Deployment, path: str) -> Iterator[None]:
    """Put the permissions of something back at the end."""
    before = deployment.http().ask("GET", f"{path}/permissions", 200).json()
    try:
        yield
    finally:
        old = {"users": before.get("users", []), "groups": before.get("groups", []), "everyone": before["everyone"]}
        deployment.http().ask("POST", f"{path}/permissions", 204, json=old)


def _try_all(deployment: Deployment, path: str, attempts: tuple[Attempt, ...], role: str, what: str) -> None:
    caller, number = deployment.http(OTHER), ROLES.index(role)
    for attempt in attempts:
        answer = caller.ask(attempt.method, f"{path}{attempt.path}", json=attempt.body)
        expected = attempt.statuses[number]
        request = f"{attempt.method} {attempt.path or 'it'}"
        expect(
            answer.status == expected,
            f"{request} of a {what} by its {role} returned {answer.status}, expected {expected}",
            *_rules(answer, expected),
        )


DENIED = {404: "access.hidden", 403: "access.seen_not_changed"}
"""The rule of what somebody may not do, by the status that says so."""

ALLOWED = {
    "update_data_asset": "sharing.editors",
    "attach_capsule_data_assets": "sharing.editors",
    "detach_capsule_data_assets": "sharing.editors",
    "update_data_asset_permissions": "sharing.owners_only",
    "update_capsule_permissions": "sharing.owners_only",
    "archive_data_asset": "sharing.owners_only",
    "archive_capsule": "sharing.owners_only",
    "delete_data_asset": "data_assets.delete_by_owner",
    "release_capsule": "capsules.release_by_others",
    "get_computation": "runs.seen_by",
}
"""The rule of who may call an operation."""


def _rules(answer: Exchange, expected: int) -> Iterator[str]:
    """Yield the rules that an answer with the right status is by."""
    yield f"{answer.name}.status.{expected}"
    if expected in DENIED:
        yield DENIED[expected]
    if answer.name in ALLOWED:
        yield ALLOWED[answer.name]


def _try_create(deployment: Deployment, role: str, source: Mapping[str, Any], statuses: tuple[int, ...]) -> None:
    """Try to make a data asset as the other user; one that is made is deleted."""
    caller = deployment.http(OTHER)
    body = {"name": "contract-role", "mount": "role", "tags": [deployment.tag], **source}
    made = caller.ask("POST", "/data_assets", json=body)
    if made.ok:
        caller.ask("DELETE", f"/data_assets/{value_at(made.json(), 'id')}", 204)
    expected = statuses[ROLES.index(role)]
    what = f"a data asset made from a {role}'s returned {made.status}, expected {expected}"
    rules = ["data_assets.capture_of_others"] if "computation" in source.get("source", {}) else []
    expect(made.status == expected, what, *rules, f"create_data_asset.status.{expected}")


def _try_run(deployment: Deployment, role: str, statuses: tuple[int, ...], **params: Any) -> None:
    """Try to run the capsule as the other user; a run that has begun is deleted."""
    caller = deployment.http(OTHER)
    began = caller.ask("POST", "/computations", json={"capsule_id": deployment.capsule, **params})
    if began.ok:
        caller.ask("DELETE", f"/computations/{value_at(began.json(), 'id')}", 204)
    expected = statuses[ROLES.index(role)]
    denied = [DENIED[expected]] if expected in DENIED else []
    what = f"a run as {role} returned {began.status}, expected {expected}"
    expect(began.status == expected, what, f"run_capsule.status.{expected}", *denied)


@check(
    "create_data_asset",
    "get_data_asset",
    "update_data_asset",
    "archive_data_asset",
    "list_data_asset_files",
    "get_data_asset_file_urls",
    "get_data_asset_file_download_url",
    "get_data_asset_permissions",
    "update_data_asset_permissions",
    "transfer_data_asset",
    "delete_data_asset",
    full=True,
)
def roles_of_data_assets(deployment: Deployment) -> None:
    """Each role does with a data asset what it may, and nothing else: discoverers see it, viewers read it, editors
    change it, owners rule it, and administrators alone move it.
    """
    deployment.steered()
    email = _email(deployment)
    for role in ROLES:
        with temporary_data_asset(deployment, "contract-role") as key:
            wait_for_data_asset(deployment, key)
            path = f"/data_assets/{key}"
            deployment.http().ask("POST", f"{path}/permissions", 204, json=_permissions(email, role))
            _try_all(deployment, path, ASSET, role, "data asset")
            target = {"target": {"aws": {"bucket": "elsewhere"}}}
            status = deployment.http(OTHER).ask("POST", f"{path}/transfer", json=target).status
            expect(status in (403, 404), f"a transfer by {role} returned {status}", "data_assets.transfer_by_admins")
            _try_all(deployment, path, (Attempt("DELETE", "", RULE),), role, "data asset")


@check(
    "create_data_asset",
    "get_data_asset",
    "update_data_asset_permissions",
    "delete_data_asset",
    "run_capsule",
    "delete_computation",
    "get_capsule",
    "get_capsule_permissions",
    "update_capsule_permissions",
    "attach_capsule_data_assets",
    "detach_capsule_data_assets",
    full=True,
)
def roles_of_used_data_assets(deployment: Deployment) -> None:
    """A data asset is run with, attached and combined by those who may read it; to others it is unknown."""
    deployment.steered()
    email, path = _email(deployment), f"/capsules/{deployment.capsule}"
    used = (400, 403, 200, 200, 200)
    with (
        _restored(deployment, path),
        temporary_data_asset(deployment, "contract-left", source=_bucket("left")) as left,
        temporary_data_asset(deployment, "contract-right", source=_bucket("right")) as right,
    ):
        deployment.http().ask("POST", f"{path}/permissions", 204, json=_permissions(email, "editor"))
        for key in (left, right):
            wait_for_data_asset(deployment, key)
        for role in ROLES:
            for key in (left, right):
                deployment.http().ask("POST", f"/data_assets/{key}/permissions", 204, json=_permissions(email, role))
            _try_run(deployment, role, used, data_assets=[{"id": left}])
            _try_create(deployment, role, {"data_asset_ids": [left, right]}, used)
            _try_all(deployment, path, (Attempt("POST", "/data_assets", used, [{"id": right}]),), role, "data asset")
            deployment.http().ask("DELETE", f"{path}/data_assets", 204, json=[right])


def _bucket(prefix: str) -> dict[str, Any]:
    """An external source."""
    return {"aws": {"bucket": "contract-roles", "prefix": prefix, "keep_on_external_storage": True}}


@check(
    "get_capsule",
    "list_capsule_computations",
    "get_capsule_permissions",
    "update_capsule_permissions",
    "attach_capsule_data_assets",
    "detach_capsule_data_assets",
    "archive_capsule",
    "delete_capsule",
    "release_capsule",
    "sync_capsule",
    "get_capsule_app_panel",
    "create_data_asset",
    "delete_data_asset",
    "run_capsule",
    "get_computation",
    "rename_computation",
    "list_computation_results",
    "get_result_file_urls",
    "get_result_file_download_url",
    "attach_computation_data_assets",
    "detach_computation_data_assets",
    "delete_computation",
    full=True,
)
def roles_of_capsules(deployment: Deployment) -> None:
    """Each role does with a capsule what it may, and with its runs; a run is captured by owners of its capsule."""
    deployment.steered()
    email, path = _email(deployment), f"/capsules/{deployment.capsule}"
    panel = deployment.http().ask("GET", f"{path}/app_panel").status or 404
    shown = Attempt("GET", "/app_panel", (404, 403, panel, panel, panel))
    released = deployment.http(ADMIN).ask("POST", f"{path}/release").status
    what = f"a release by an administrator who is not the owner returned {released}, expected 403"
    expect(released == 403, what, "capsules.release_by_others")
    for role in ROLES:
        with _restored(deployment, path), temporary_run(deployment) as run:
            wait_for_run(deployment, run)
            deployment.http().ask("POST", f"{path}/permissions", 204, json=_permissions(email, role))
            _try_all(deployment, path, (*CAPSULE, shown), role, "capsule")
            if role not in ("editor", "owner"):
                _try_all(deployment, path, (Attempt("POST", "/sync", NOBODY),), role, "capsule")
            _try_run(deployment, role, READ)
            _try_all(deployment, f"/computations/{run}", RUN, role, "run")
            captured = {"source": {"computation": {"id": run}}}
            _try_create(deployment, role, captured, (400, 400, 403, 403, 200))
            gone = Attempt("DELETE", "", (404, 404, 403, 204, 204))
            _try_all(deployment, f"/computations/{run}", (gone,), role, "run")


NEWEST = 2
"""How many capsules an editor tries to delete."""


@check(
    "search_capsules",
    "archive_capsule",
    "delete_capsule",
    "get_capsule_permissions",
    "update_capsule_permissions",
    "create_data_asset",
    "delete_data_asset",
    full=True,
)
def editors_delete_no_capsule(deployment: Deployment) -> None:
    """An archived capsule that its owner may delete is not deleted by its editors."""
    deployment.steered()
    email, caller = _email(deployment), deployment.http()
    own = [row for row in list_own_capsules(deployment) if "release_capsule" not in row and row["status"] != "release"]
    for row in sorted(own, key=lambda row: row["created"], reverse=True)[:NEWEST]:
        path = f"/capsules/{row['id']}"
        with _restored(deployment, path):
            caller.ask("POST", f"{path}/permissions", 204, json=_permissions(email, "editor"))
            caller.ask("PATCH", f"{path}/archive?archive=true", 204)
            try:
                _try_all(deployment, path, (Attempt("DELETE", "", NOBODY),), "editor", "capsule that is archived")
            finally:
                caller.ask("PATCH", f"{path}/archive?archive=false", 204)


CHECKS = (roles_of_data_assets, roles_of_used_data_assets, roles_of_capsules, editors_delete_no_capsule)
