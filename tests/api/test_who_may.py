"""Who may do what: every operation, every role, the status of the answer.

The objects belong to somebody else; the caller is given one role on them (a run's is that of its capsule), or is an
admin. Nothing and `discoverable` are told apart by what may be seen at all.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mock_server.api import routers
from mock_server.domain.access import SCOPES
from tests.conftest import Client, Server

CAPSULE = "11111111-0000-4000-8000-000000000001"
PIPELINE = "11111111-0000-4000-8000-000000000002"
RELEASE = "11111111-0000-4000-8000-000000000003"
RUN = "11111111-0000-4000-8000-000000000004"
SESSION = "11111111-0000-4000-8000-000000000005"
ASSET = "11111111-0000-4000-8000-000000000006"
OTHER = "11111111-0000-4000-8000-000000000007"
PIPELINE_RELEASE = "11111111-0000-4000-8000-000000000008"
JOB = "11111111-0000-4000-8000-000000000009"

TOKENS = ("cop_r", "cop_w", "cop_ar", "cop_aw")
"""A token for each scope, in the order of `SCOPES`."""

ROLES = ("none", "discoverable", "viewer", "editor", "owner", "admin")

SEED = """
version: 1
users:
  - {{id: u1, email: owner@example.com, name: Owner}}
  - {{id: u2, email: caller@example.com, name: Caller, admin: {admin}}}
groups: [{{name: lab, members: [caller@example.com]}}]
tokens:
  - {{token: cop_owner, user: owner@example.com}}
  - {{token: cop_caller, user: caller@example.com}}
  - {{token: cop_r, user: caller@example.com, scopes: ["capsule:read"]}}
  - {{token: cop_w, user: caller@example.com, scopes: ["capsule:write"]}}
  - {{token: cop_ar, user: caller@example.com, scopes: ["data_asset:read"]}}
  - {{token: cop_aw, user: caller@example.com, scopes: ["data_asset:write"]}}
capsules:
  - id: {CAPSULE}
    slug: "1000001"
    name: Capsule
    owner: owner@example.com
    created: 1
    description: d
    cloned_from_url: https://example.com/x.git
    release_capsule: {RELEASE}
    parameters: [{{name: One, param_name: one}}]
    results: [{{path: a.txt, text: a}}]
    permissions: {grants}
  - {{id: {RELEASE}, slug: "1000003", name: Release, owner: owner@example.com, created: 1, status: release}}
pipelines:
  - id: {PIPELINE}
    slug: "1000002"
    name: Pipeline
    owner: owner@example.com
    created: 1
    description: d
    cloned_from_url: https://example.com/y.git
    release_capsule: {PIPELINE_RELEASE}
    parameters: [{{name: One, param_name: one}}]
    permissions: {grants}
  - {{id: {PIPELINE_RELEASE}, slug: "1000004", name: R, owner: owner@example.com, created: 1, status: release}}
computations:
  - {{id: {RUN}, capsule: {CAPSULE}, owner: owner@example.com, created: 5, run_time: 5}}
  - {{id: 11111111-0000-4000-8000-000000000010, capsule: {PIPELINE}, owner: owner@example.com, created: 5, run_time: 5}}
  - {{id: {SESSION}, capsule: {CAPSULE}, owner: owner@example.com, created: 5, run_time: 0, cloud_workstation: true}}
data_assets:
  - id: {ASSET}
    name: Asset
    mount: asset
    owner: owner@example.com
    created: 1
    files: [{{path: a.txt, text: a}}]
    permissions: {grants}
  - {{id: {OTHER}, name: Other, mount: other, owner: caller@example.com, created: 1}}
"""


class Case(NamedTuple):
    """A request, and the statuses for the six roles in order."""

    method: str
    path: str
    statuses: tuple[int, ...]
    more: dict[str, Any] | None = None
    before: Callable[[Client], None] | None = None


SEEN = (404, 200, 200, 200, 200, 200)
READ = (404, 403, 200, 200, 200, 200)
READ_RUN = (404, 404, 200, 200, 200, 200)
WRITE = (404, 403, 403, 204, 204, 204)
WRITE_RUN = (404, 404, 403, 204, 204, 204)
OWN = (404, 403, 403, 403, 204, 204)
ANYONE = (200,) * 6
PERMISSIONS = {"json": {"everyone": "viewer"}}
ATTACH = {"json": [{"id": OTHER}]}
FILE = {"params": {"path": "a.txt"}}


def archived(kind: str, key: str) -> Callable[[Client], None]:
    return lambda owner: owner.ask("PATCH", f"/{kind}/{key}/archive?archive=true", 204)


def cases_of(kind: str, key: str) -> dict[str, Case]:
    """Capsules and pipelines have the same operations."""
    one = kind.removesuffix("s")
    root = f"/{kind}/{key}"
    return {
        f"get_{one}": Case("GET", root, SEEN),
        f"search_{kind}": Case("POST", f"/{kind}/search", ANYONE, {"json": {}}),
        f"list_{one}_computations": Case("GET", f"{root}/computations", READ),
        f"get_{one}_app_panel": Case("GET", f"{root}/app_panel", READ),
        f"get_{one}_permissions": Case("GET", f"{root}/permissions", READ),
        f"update_{one}_permissions": Case("POST", f"{root}/permissions", OWN, PERMISSIONS),
        f"attach_{one}_data_assets": Case("POST", f"{root}/data_assets", (404, 403, 403, 200, 200, 200), ATTACH),
        f"detach_{one}_data_assets": Case("DELETE", f"{root}/data_assets", WRITE, {"json": []}),
        f"archive_{one}": Case("PATCH", f"{root}/archive", OWN, {"params": {"archive": "true"}}),
        # It has been released, so even the owner is refused; what was never released is deleted in the SDK's tests.
        f"delete_{one}": Case("DELETE", root, (404, 403, 403, 403, 403, 403), before=archived(kind, key)),
        f"sync_{one}": Case(
            "POST",
            f"{root}/sync",
            (404, 403, 403, *((423,) * 3 if one == "capsule" else (200,) * 3)),
        ),
        f"release_{one}": Case("POST", f"{root}/release", (404, 403, 403, 403, 403, 403)),
        f"get_{one}_release_job": Case("GET", f"{root}/release/{JOB}", (404, 403, 404, 404, 404, 404)),
    }


CASES: dict[str, Case] = {
    **cases_of("capsules", CAPSULE),
    **cases_of("pipelines", PIPELINE),
    "run_capsule": Case("POST", "/computations", READ, {"json": {"capsule_id": CAPSULE}}),
    "run_capsule_legacy": Case("POST", "/capsules/computations", READ, {"json": {"capsule_id": CAPSULE}}),
    "get_computation": Case("GET", f"/computations/{RUN}", READ_RUN),
    "rename_computation": Case("PATCH", f"/computations/{RUN}", WRITE_RUN, {"params": {"name": "n"}}),
    "delete_computation": Case("DELETE", f"/computations/{RUN}", WRITE_RUN),
    "list_computation_results": Case("POST", f"/computations/{RUN}/results", READ_RUN),
    "get_result_file_urls": Case("GET", f"/computations/{RUN}/results/urls", READ_RUN, {"params": {"path": "output"}}),
    "get_result_file_download_url": Case(
        "GET", f"/computations/{RUN}/results/download_url", READ_RUN, {"params": {"path": "output"}}
    ),
    "attach_computation_data_assets": Case(
        "POST", f"/computations/{SESSION}/data_assets", (404, 404, 403, 200, 200, 200), ATTACH
    ),
    "detach_computation_data_assets": Case("DELETE", f"/computations/{SESSION}/data_assets", WRITE_RUN, {"json": []}),
    "create_data_asset": Case(
        "POST",
        "/data_assets",
        (400, 400, 403, 403, 200, 200),
        {"json": {"name": "n", "tags": [], "mount": "m", "source": {"computation": {"id": RUN}}}},
    ),
    "search_data_assets": Case("POST", "/data_assets/search", ANYONE, {"json": {}}),
    "search_data_assets_legacy": Case("GET", "/data_assets", ANYONE),
    "get_data_asset": Case("GET", f"/data_assets/{ASSET}", SEEN),
    "update_data_asset": Case("PUT", f"/data_assets/{ASSET}", (404, 403, 403, 200, 200, 200), {"json": {"name": "n"}}),
    "archive_data_asset": Case("PATCH", f"/data_assets/{ASSET}/archive", OWN, {"params": {"archive": "true"}}),
    "delete_data_asset": Case("DELETE", f"/data_assets/{ASSET}", OWN),
    "list_data_asset_files": Case("POST", f"/data_assets/{ASSET}/files", READ),
    "get_data_asset_file_urls": Case("GET", f"/data_assets/{ASSET}/files/urls", READ, FILE),
    "get_data_asset_file_download_url": Case("GET", f"/data_assets/{ASSET}/files/download_url", READ, FILE),
    "get_data_asset_permissions": Case("GET", f"/data_assets/{ASSET}/permissions", READ),
    "update_data_asset_permissions": Case("POST", f"/data_assets/{ASSET}/permissions", OWN, PERMISSIONS),
    "transfer_data_asset": Case(
        "POST",
        f"/data_assets/{ASSET}/transfer",
        (403, 403, 403, 403, 403, 204),
        {"json": {"target": {"aws": {"bucket": "b"}}}},
    ),
    "get_custom_metadata": Case("GET", "/custom_metadata", ANYONE),
}

OPERATIONS = {route.operation_id: route for route in routers.routes(routers.routers())}


def test_the_table_is_complete() -> None:
    assert set(CASES) == set(OPERATIONS)


def serve(start: Callable[..., Server], tmp_path: Path, role: str, way: str) -> Server:
    grants = {"user": "{user: caller@example.com", "group": "{group: lab", "everyone": "{everyone: true"}
    grant = f"[{grants[way]}, role: {role}}}]" if role in ROLES[1:5] else "[]"
    seed = tmp_path / "seed.yaml"
    names = {name: value for name, value in globals().items() if name.isupper() and isinstance(value, str)}
    seed.write_text(SEED.format(**names, grants=grant, admin=str(role == "admin").lower()))
    return start(seed=str(seed))


@pytest.mark.parametrize("role", ROLES)
def test_every_operation_by_role(start: Callable[..., Server], tmp_path: Path, role: str) -> None:
    way = "group" if role in ("discoverable", "editor") else "user"
    wrong = []
    server = serve(start, tmp_path, role, way)
    for name, case in CASES.items():
        with Client(server.url, "cop_caller") as caller, Client(server.url, "cop_owner") as owner:
            if case.before:
                case.before(owner)
            status = caller.request(case.method, case.path, **(case.more or {})).status_code
        if status != case.statuses[ROLES.index(role)]:
            wrong.append((name, status, case.statuses[ROLES.index(role)]))
        if case.before or (case.method != "GET" and status < 300 and not name.startswith("search_")):
            # The next case finds the world as it was: a copy of the prepared one.
            asyncio.run(server.app.worlds.reset(server.app.worlds.default))
    assert not wrong


@pytest.mark.parametrize(("token", "scope"), list(zip(TOKENS, SCOPES, strict=True)))
def test_every_operation_by_scope(start: Callable[..., Server], tmp_path: Path, token: str, scope: str) -> None:
    """A token with one scope is refused exactly where another is needed."""
    server = serve(start, tmp_path, "admin", "user")
    with Client(server.url, token) as caller:
        for name, case in CASES.items():
            needed = set(OPERATIONS[name].scopes)
            answer = caller.request(case.method, case.path, **(case.more or {}))
            lacking = "lacks the scope" in answer.text
            assert lacking == bool(needed - {scope}), (name, answer.status_code)
            assert not lacking or answer.status_code == 403


def test_a_viewer_changes_nothing(start: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(start, tmp_path, "viewer", "everyone")

    def everything(owner: Client) -> list[Any]:
        return [
            owner.ask("GET", f"/capsules/{CAPSULE}"),
            owner.ask("GET", f"/capsules/{CAPSULE}/permissions"),
            owner.ask("GET", f"/computations/{RUN}"),
            owner.ask("GET", f"/data_assets/{ASSET}"),
            owner.ask("GET", f"/data_assets/{ASSET}/permissions"),
            owner.ask("POST", "/data_assets/search", json={}),
        ]

    with Client(server.url, "cop_caller") as caller, Client(server.url, "cop_owner") as owner:
        before = everything(owner)
        for name, case in CASES.items():
            if not name.startswith(("run_", "create_")):
                caller.request(case.method, case.path, **(case.more or {}))
        assert everything(owner) == before


def test_what_is_private_cannot_be_had_by_any_way(start: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(start, tmp_path, "none", "user")
    with Client(server.url, "cop_caller") as caller, Client(server.url, "cop_owner") as owner:
        for path in ("/capsules/search", "/pipelines/search", "/data_assets/search"):
            found = {entry["id"] for entry in caller.ask("POST", path, json={})["results"]}
            assert not found & {CAPSULE, PIPELINE, ASSET}
        url = owner.ask("GET", f"/data_assets/{ASSET}/files/urls?path=a.txt")["download_url"]
        for auth in (None, caller.auth):
            for wrong in (url.replace("X-Amz-Signature=", "X-Amz-Signature=0"), url.partition("?")[0]):
                assert caller.get(wrong, auth=auth).status_code == (403 if auth is None else 400)
        hidden = caller.get(f"/data_assets/{ASSET}")
        assert hidden.content == caller.get("/data_assets/99999999-0000-4000-8000-000000000000").content
