"""Every operation of the spec, as it is refused: made from the spec, so that a new operation is refused here too."""

from typing import Any

from tests import ids
from tools.replay.recorder import USER, Recorder
from tools.replay.spec import Operation, operations

STRANGERS = (None, "cop_nobody", "cop_demo_noscope", "cop_demo_readonly")
"""No token, an unknown one, one without scopes, one that may only read."""

BODIES: tuple[Any, ...] = (
    b"", b"{", b"null", b"7", b'"text"', b'{"name": "\xff"}', b'{"a": 1e400}', b"[[[[{}]]]]", {"name": 7}, [{}],
)  # fmt: skip

SHARED = {
    "capsules": (ids.FASTQC, ids.OTHERS_CAPSULE, ids.RELEASE),
    "pipelines": (ids.PIPELINE, ids.RELEASED_PIPELINE),
    "computations": (ids.FASTQC_RUN, ids.PAST_RUN),
    "data_assets": (ids.IRIS, ids.OTHERS_ASSET),
}
"""Objects that the demo viewer may see or not, by the part of the path that holds their ids."""


def record(to: Recorder) -> None:
    """Refusals of every operation."""
    for operation in operations():
        to.section = f"refusals of {operation.name}"
        _strangers(to, operation)
        _wrong_ids(to, operation)
        _roles(to, operation)
        if operation.takes_body:
            for body in BODIES:
                to.api(f"{operation.method} {operation.target(ids.NOBODYS)}", body)
                to.api(f"{operation.method} {operation.target(_sample(operation))}", body, token="cop_demo_viewer")
    to.section = "refusals of requests for nothing"
    _elsewhere(to)


def _sample(operation: Operation) -> str:
    return SHARED.get(operation.path.split("/")[3], (ids.NOBODYS,))[0]


def _strangers(to: Recorder, operation: Operation) -> None:
    request = f"{operation.method} {operation.target(ids.NOBODYS)}"
    body: Any = {} if operation.takes_body else None
    for token in STRANGERS:
        to.api(request, body, token=token)
    to.api(request, body, headers=(("Min-Server-Version", "99.1.0"),))


def _wrong_ids(to: Recorder, operation: Operation) -> None:
    for key in (ids.NOBODYS, "1576467", "x%2Fy", "%00", "%ED%A0%80"):
        to.api(f"{operation.method} {operation.target(key)}", {} if operation.takes_body else None)
    bare = operation.target(ids.NOBODYS).partition("?")[0]
    for query in ("", "?archive=1", "?path=", "?name=", "?version=x", "?limit=0", f"?{'a=1&' * 2000}"):
        to.api(f"{operation.method} {bare}{query}", [] if operation.takes_body else None)


def _roles(to: Recorder, operation: Operation) -> None:
    """Requests of somebody who does not own the objects."""
    for key in SHARED.get(operation.path.split("/")[3], ()) if "{" in operation.path else ():
        to.api(f"{operation.method} {operation.target(key)}", _empty(operation), token="cop_demo_viewer")


def _empty(operation: Operation) -> Any:
    if not operation.takes_body:
        return None
    return [] if operation.path.endswith("/data_assets") else {}


def _elsewhere(to: Recorder) -> None:
    for request in (
        "GET ", "GET /", "GET /nothing", "POST /nothing", "GET /computations//results", f"POST /capsules/{ids.CAPSULE}",
        "PUT /computations", "HEAD /custom_metadata", "OPTIONS /computations", "TRACE /computations", "GET /capsules/",
    ):  # fmt: skip
        to.api(request)
    for header in ("Basic", "Basic !!!", "Bearer cop_demo_user", "Basic Og==", "Token x", f"Bearer {USER}@no such"):
        to.api(f"GET /capsules/{ids.CAPSULE}", token=None, headers=(("Authorization", header),))
    for kind in (
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
    ):
        to.api("POST /computations", b'{"capsule_id": 1}', headers=(("Content-Type", kind),))
    for origin in ("https://example.com", "http://127.0.0.1:8000", "null"):
        to.api(f"GET /capsules/{ids.CAPSULE}", headers=(("Origin", origin),))
    to.api("POST /data_assets", b"[" * 100_000)
    to.api("POST /data_assets", b" " * 20_000_000)
