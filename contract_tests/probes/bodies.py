"""Bodies that are not JSON, or not the expected JSON."""

import json
from collections.abc import Iterable, Mapping

from contract_tests.checks import check
from contract_tests.deployment import Caller, Deployment
from contract_tests.findings import expect
from contract_tests.probes.assertions import JSON, is_accepted, preview, require_rejected, send
from contract_tests.transport.operations import OPERATIONS, Effect
from contract_tests.transport.sample_requests import BODIES

READ = tuple(name for name in BODIES if OPERATIONS[name].effect is Effect.READ)
WRITE = tuple(name for name in BODIES if name not in READ)

DEEP = 100_000
HUGE = 17 * 1024 * 1024
"""More bytes than a body may have."""

NO_JSON = (
    b"{",
    b"[" * DEEP,
    b'{"x":' + b"[" * DEEP + b"]" * DEEP + b"}",
    b"{'path': 1}",
    b'{"path": ""} {}',
    b'{"path": "\xff\xfe"}',
    b'{"path": "\xed\xa0\x80"}',
    b'{"path": "a\x00b"}',
    b'{"path": "\\ud800"}',
    b'{"\\udfff": 1}',
    b'{"path": NaN}',
    b'{"x": Infinity}',
    b'{"x": -Infinity}',
    b"<path/>",
    b"path=x&limit=1",
    b"\x00",
)
"""Bytes that are not JSON, or contain text that is not Unicode."""

SCALARS = (b"true", b"1", b'"text"')

OPTIONAL = ("list_computation_results", "list_data_asset_files")
"""Their body may be missing."""


def _refuse_all(caller: Caller, names: Iterable[str], ids: Mapping[str, str | None]) -> None:
    for name in names:
        other_kind = b"{}" if isinstance(BODIES[name], list) else b"[]"
        missing = () if name in OPTIONAL else (b"", b"  ", b"null")
        for body in (*NO_JSON, *SCALARS, other_kind, *missing):
            require_rejected(send(caller, name, body, ids), f"{name} with the body {preview(body)}", 400)


def _subject_ids(deployment: Deployment) -> dict[str, str | None]:
    subjects = deployment.subjects
    return {
        "capsule_id": subjects.capsule,
        "computation_id": subjects.computation,
        "data_asset_id": subjects.data_asset,
    }


@check(*READ)
def invalid_json_bodies(deployment: Deployment) -> None:
    """Read operations reject bodies that are not JSON, or not an object, with 400 and a message."""
    _refuse_all(deployment.http(), READ, _subject_ids(deployment))


@check(*WRITE, "get_data_asset", "delete_data_asset", full=True)
def invalid_json_writes(deployment: Deployment) -> None:
    """Write operations reject bodies that are not JSON with 400, and change nothing."""
    caller = deployment.http()
    body = BODIES["create_data_asset"] | {"source": {"computation": {"id": deployment.computation}}}
    key = caller.ask("POST", "/data_assets", 200, json=body).json()["id"]
    try:
        ids = {"capsule_id": deployment.capsule, "computation_id": deployment.computation, "data_asset_id": key}
        # Whether somebody who is no administrator may transfer counts before the body does.
        _refuse_all(caller, [name for name in WRITE if name != "transfer_data_asset"], ids)
        read = caller.ask("GET", f"/data_assets/{key}", 200).json()
        changed = [field for field in ("name", "mount", "description") if read.get(field) != body.get(field)]
        expect(not changed, f"updates that were refused have changed the {', the '.join(changed)}")
    finally:
        caller.ask("DELETE", f"/data_assets/{key}")


@check("search_data_assets", "search_capsules", "list_computation_results")
def unusual_json_bodies(deployment: Deployment) -> None:
    """Unusual but valid JSON is accepted or rejected with 400: duplicate or unknown members, escapes, white space."""
    caller, ids = deployment.http(), _subject_ids(deployment)
    bodies = (
        b'{"limit": 1, "limit": 2}',
        b'{"query": "a", "query": null}',
        b'{"no_such_field": {"deep": [[[[[[]]]]]]}, "limit": 1}',
        b'{"\\u006cimit": 1}',
        b'\n\t {"limit"\r\n: 1 } \n',
        b'{"limit": 1, "": 0}',
        b'{"limit": 1.0}',
        b'{"limit": 10e-1}',
        b"\xef\xbb\xbf{}",
    )
    for name in ("search_data_assets", "search_capsules", "list_computation_results"):
        for body in bodies:
            is_accepted(send(caller, name, body, ids), f"{name} with the body {preview(body)}")


@check("search_data_assets")
def unusual_content_types(deployment: Deployment) -> None:
    """A search with a missing or different content type is accepted, or rejected with 400 or 415."""
    caller = deployment.http()
    for kind in (
        None,
        "text/plain",
        "application/xml",
        "multipart/form-data",
        "application/json; charset=latin-1",
        "x",
    ):
        headers = {} if kind is None else {"Content-Type": kind}
        exchange = caller.ask("POST", "/data_assets/search", data=b'{"limit": 1}', headers=headers)
        if not exchange.ok:
            require_rejected(exchange, f"a search of the content type {kind}", 400, 415)


@check("search_data_assets", "create_data_asset", full=True)
def oversized_bodies(deployment: Deployment) -> None:
    """A body that is too large is rejected with 413 and a message, and creates nothing."""
    caller = deployment.http()
    for path in ("/data_assets/search", "/data_assets"):
        body = json.dumps({"name": "contract-huge", "query": "x" * HUGE}).encode()
        require_rejected(
            caller.ask("POST", path, data=body, headers=JSON),
            f"a body of {len(body)} bytes",
            413,
            rules=(
                "requests.body_size",
                "limits.status.413",
            ),
        )


CHECKS = (
    invalid_json_bodies,
    invalid_json_writes,
    unusual_json_bodies,
    unusual_content_types,
    oversized_bodies,
)
