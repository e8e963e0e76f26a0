"""Attachments, permissions, releases, sync, metadata, archive, transfer, delete: what changes objects."""

from typing import Any

from tests import ids
from tools.replay.recorder import USER, Recorder

ADMIN, VIEWER = "cop_demo_admin", "cop_demo_viewer"
TOKENS = (VIEWER, "cop_demo_readonly", USER)
"""Who tries: somebody who may not, a token that may not, the owner."""

SHARES: tuple[Any, ...] = (
    {"users": [{"email": "demo-viewer@example.com", "role": "viewer"}]},
    {"users": [{"email": "demo-viewer@example.com", "role": "editor"}], "share_assets": True},
    {"groups": [{"group": "demo-lab", "role": "viewer"}]}, {"everyone": "discoverable"}, {"everyone": "viewer"},
    {"users": [], "groups": [], "everyone": "none"}, {"users": [{"email": "nobody@example.com", "role": "viewer"}]},
    {"groups": [{"group": "nobody", "role": "viewer"}]}, {"everyone": "owner"}, {},
)  # fmt: skip
UPDATES: tuple[Any, ...] = (
    {"name": "new"}, {"description": "d", "tags": ["a", "b"], "mount": "elsewhere"}, {"tags": None}, {"name": ""},
    {"custom_metadata": {"sampling rate": 20}}, {"custom_metadata": {"nothing": 1}}, {"mount": "../x"}, {},
    {"custom_metadata": {"data level": "cooked"}}, {"custom_metadata": {"sampling rate": -1}},
    {"custom_metadata": {"modalities": ["a", "b"], "acquisition date": 1700000000}}, {"tags": ["mock:scenario=fails"]},
)  # fmt: skip
TARGETS: tuple[Any, ...] = (
    {}, {"target": {}}, {"target": {"aws": {"bucket": ""}}}, {"target": {"aws": {"bucket": "archive", "prefix": "p"}}},
    {"target": {"aws": {"bucket": "again"}}, "force": True}, {"target": {"aws": {"bucket": "again"}}},
)  # fmt: skip


def record(to: Recorder) -> None:
    """All changes, one kind after the other."""
    for kind, key in (("capsules", ids.CAPSULE), ("pipelines", ids.PIPELINE), ("computations", ids.WORKSTATION)):
        to.section = f"attachments of {kind}"
        _attachments(to, f"/{kind}/{key}")
    for path in (f"/capsules/{ids.CAPSULE}", f"/pipelines/{ids.RNA_PIPELINE}", f"/data_assets/{ids.MOUSE}"):
        to.section = f"permissions of {path}"
        _permissions(to, path)
    for kind, keys in (
        ("capsules", (ids.CAPSULE, ids.FASTQC, ids.FAILS)),
        ("pipelines", (ids.TABLE_PIPELINE, ids.PIPELINE)),
    ):
        to.section = f"sync and release of {kind}"
        for key in keys:
            _releases(to, f"/{kind}/{key}", kind, key)
    to.section = "changes of data assets"
    _data_assets(to)
    to.section = "archive and delete"
    _endings(to)


def _attachments(to: Recorder, path: str) -> None:
    bodies: tuple[Any, ...] = (
        [{"id": ids.IRIS}, {"id": ids.MOUSE, "mount": "m"}], [{"id": ids.IRIS}], [{"id": ids.REFERENCE, "mount": "m"}],
        [{"id": ids.NOBODYS}], [{"id": ids.OTHERS_ASSET}], [{"id": ids.REFERENCE, "mount": "../x"}], [], [{}],
    )  # fmt: skip
    for body in bodies:
        for token in TOKENS:
            to.api(f"POST {path}/data_assets", body, token=token)
    for by in (0.1, 60):
        to.control("POST /worlds/default/clock/advance", {"by": by})
        to.api(f"GET {path}")
    to.api(f"DELETE /data_assets/{ids.MOUSE}")
    for given in ([ids.IRIS, ids.MY_DATASET], ["x"], [7], [], [ids.IRIS], [ids.IRIS], [ids.MOUSE.upper()]):
        for token in TOKENS:
            to.api(f"DELETE {path}/data_assets", given, token=token)
    to.api(f"DELETE /computations/{ids.PAST_RUN}/data_assets", [ids.IRIS])
    to.api(f"POST /capsules/{ids.RELEASE}/data_assets", [{"id": ids.IRIS}])


def _permissions(to: Recorder, path: str) -> None:
    for body in SHARES:
        for token in TOKENS:
            to.api(f"POST {path}/permissions", body, token=token)
        to.api(f"GET {path}/permissions")
        for token in (VIEWER, ADMIN):
            to.api(f"GET {path}", token=token)
            to.api(f"GET {path}/permissions", token=token)
    to.api(f"GET /data_assets/{ids.ATTACHED}/permissions")


def _releases(to: Recorder, path: str, kind: str, key: str) -> None:
    for token in (*TOKENS, ADMIN, USER):
        to.api(f"POST {path}/sync", token=token)
        to.api(f"POST {path}/release", token=token)
    to.api("POST /computations", {f"{kind.removesuffix('s')}_id": key})
    for token in TOKENS:
        to.api(f"POST {path}/sync", token=token)
    to.control("POST /worlds/default/clock/advance", {"by": "5m"})
    job = to.api(f"POST {path}/release").text("job_id")
    for by in (0.5, 1.5, 60):
        to.api(f"GET {path}/release/{job}")
        to.api(f"GET {path}/release/{job}", token=VIEWER)
        to.control("POST /worlds/default/clock/advance", {"by": by})
    to.api(f"GET {path}/release/{job}")
    to.api(f"GET /{kind}/{ids.BOTH_PIPELINE if kind == 'pipelines' else ids.ORDERED}/release/{job}")
    to.api(f"GET {path}")
    released = to.api(f"GET {path}").text("release_capsule")
    for part in ("", "/app_panel?version=1", "/app_panel?version=2", "/app_panel?version=3"):
        to.api(f"GET /{kind}/{released}{part}")
    to.api("POST /computations", {f"{kind.removesuffix('s')}_id": released})


def _data_assets(to: Recorder) -> None:
    path = f"/data_assets/{ids.IRIS}"
    for body in UPDATES:
        for token in TOKENS:
            to.api(f"PUT {path}", body, token=token)
    to.api(f"GET {path}")
    for body in TARGETS:
        for token in (*TOKENS, ADMIN):
            to.api(f"POST {path}/transfer", body, token=token)
        to.api(f"GET {path}")
    to.api(f"POST {path}/files")
    to.api(f"GET {path}/files/urls?path=iris.csv")
    to.api(f"POST /data_assets/{ids.NOBODYS}/transfer", TARGETS[3], token=ADMIN)


def _endings(to: Recorder) -> None:
    for kind, key in (
        ("capsules", ids.FAILS), ("capsules", ids.CAPSULE), ("capsules", "5c9d2a44-1f57-4a8e-8f2b-6e3a9d7b4c21"),
        ("pipelines", ids.BOTH_PIPELINE), ("pipelines", ids.TABLE_PIPELINE), ("data_assets", ids.MY_DATASET),
        ("data_assets", ids.ATTACHED),
    ):  # fmt: skip
        for archive in ("x", "true", "true", "false", "true"):
            to.api(f"DELETE /{kind}/{key}", token=VIEWER)
            for token in TOKENS:
                to.api(f"PATCH /{kind}/{key}/archive?archive={archive}", token=token)
            to.api(f"GET /{kind}/{key}")
            to.api(f"POST /{kind}/search", {"archived": True})
        to.api(f"DELETE /{kind}/{key}")
        to.api(f"DELETE /{kind}/{key}")
        to.api(f"GET /{kind}/{key}")
        to.api(f"POST /{kind}/search", {"limit": 1000})
