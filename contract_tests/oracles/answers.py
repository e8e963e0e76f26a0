"""The shape of answers."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from contract_tests.oracles.observation import LISTS, SEARCHES, SINGLE, Kind, Observation, brief, is_number, is_whole
from contract_tests.oracles.oracle import Oracle
from contract_tests.transport.operations import ROOT

GATEWAYS = (502, 503, 504)
"""What something before the deployment may answer, in its own words."""


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""The methods of the API. Others may be answered by what stands before it."""


class ErrorsHaveMessage(Oracle):
    """An error is JSON with a message."""

    name = "errors_have_message"
    summary = "An error is JSON with a message; a release that is refused may have flags instead."

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look at errors of the API; those of signed URLs are the storage's."""
        exchange = seen.exchange
        status = exchange.status or 0
        inside = seen.name is not None or f"{ROOT}/" in exchange.path
        if status < 400 or status in GATEWAYS or not inside or exchange.method not in METHODS:
            return
        self.judged += 1
        kind = exchange.answer_headers.get("Content-Type", "")
        if kind.partition(";")[0].strip().lower() != "application/json":
            yield f"a response with status {status} has the content type {brief(kind)}, not JSON"
        elif not _tells(seen):
            yield f"a response with status {status} has no message"


def _tells(seen: Observation) -> bool:
    body = seen.body
    if not isinstance(body, dict):
        return False
    if seen.exchange.status == 403 and (seen.name or "").startswith("release_") and "message" not in body:
        return bool(body) and all(flag is True for flag in body.values())
    return isinstance(body.get("message"), str) and bool(body["message"].strip())


class NoServerError(Oracle):
    """Nothing brings the deployment down."""

    name = "no_server_error"
    summary = "No request is answered 500."

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look at every status."""
        status = seen.exchange.status
        if status is None or status in GATEWAYS:
            return
        self.judged += 1
        if status >= 500:
            yield f"the request returned {status}"


class NeverNull(Oracle):
    """Absent values are left out."""

    name = "never_null"
    summary = "Answers leave out what they have not; nothing in them is null."

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look at every member of an answer but the values of custom metadata."""
        if seen.ok and seen.name is not None and isinstance(seen.body, dict | list):
            self.judged += 1
            path = next(_nulls(seen.body, ""), None)
            if path is not None:
                yield f"{path} is null in the response to {seen.name}"


def _nulls(value: Any, path: str) -> Iterator[str]:
    if value is None:
        yield path or "the response"
    elif isinstance(value, list):
        for item in value:
            yield from _nulls(item, f"{path}[]")
    elif isinstance(value, dict):
        for name, member in value.items():
            if name != "custom_metadata":
                yield from _nulls(member, f"{path}.{name}" if path else name)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _array(value: Any) -> bool:
    return isinstance(value, list)


Test = Callable[[Any], bool]

THINGS: dict[Kind, dict[str, Test]] = {
    Kind.COMPUTATION: {
        "id": _filled,
        "created": is_whole,
        "name": _text,
        "owner": _text,
        "run_time": is_number,
        "state": _filled,
    },
    Kind.DATA_ASSET: {
        "id": _filled,
        "created": is_whole,
        "name": _text,
        "mount": _text,
        "last_used": is_whole,
        "owner": _text,
        "state": _filled,
        "type": _filled,
    },
    Kind.CAPSULE: {
        "id": _filled,
        "created": is_whole,
        "name": _text,
        "status": _filled,
        "owner": _text,
        "slug": _text,
    },
    Kind.RELEASE: {"job_id": _filled, "status": _filled},
}
"""What the SDK raises without (its models, release 0.17)."""

SCHEMAS = {
    Kind.COMPUTATION: "Computation",
    Kind.DATA_ASSET: "DataAsset",
    Kind.CAPSULE: "Capsule",
    Kind.RELEASE: "ReleaseJob",
}
"""What the spec calls them."""


def _required(kind: Kind, document: dict[str, Any]) -> dict[str, Test]:
    """What the SDK cannot do without, but for what the spec of an older platform does not know: its own SDK could."""
    schema = document.get("components", {}).get("schemas", {}).get(SCHEMAS[kind], {})
    known = schema.get("properties", THINGS[kind])
    return {field: fits for field, fits in THINGS[kind].items() if field in known}


ITEM: dict[str, Test] = {"name": _filled, "path": _filled, "type": _filled}

ATTACHED: dict[str, Test] = {"id": _filled}

PAGE: dict[str, Test] = {"has_more": _flag, "results": _array}
LISTING: dict[str, Test] = {"items": _array}
ADDRESSES: dict[str, Test] = {"download_url": _text, "view_url": _text}
ADDRESS: dict[str, Test] = {"url": _text}

WHOLE: dict[str, dict[str, Test]] = {
    **dict.fromkeys(SEARCHES, PAGE),
    "list_computation_results": LISTING,
    "list_data_asset_files": LISTING,
    "get_result_file_urls": ADDRESSES,
    "get_data_asset_file_urls": ADDRESSES,
    "get_result_file_download_url": ADDRESS,
    "get_data_asset_file_download_url": ADDRESS,
}
"""What the answers of other operations cannot do without."""

ARRAYS = (*LISTS, *(f"attach_{kind}_data_assets" for kind in ("capsule", "pipeline", "computation")))


class RequiredFields(Oracle):
    """Responses have the fields that clients need."""

    name = "required_fields"
    summary = "Every answer has the fields that the SDK cannot do without, each of its type."

    def __init__(self, document: dict[str, Any] | None = None) -> None:
        super().__init__()
        self._things = {kind: _required(kind, document or {}) for kind in THINGS}

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look at answers that were well, as far as they were kept."""
        if not seen.ok or seen.name is None or not seen.whole:
            return
        for what, value, fields in self._parts(seen, seen.name):
            self.judged += 1
            if not isinstance(value, dict):
                yield f"{what} of {seen.name} is not an object"
                continue
            for field, fits in fields.items():
                if field not in value:
                    yield f"{what} of {seen.name} has no {field}"
                elif not fits(value[field]):
                    yield f"{field} in {what} of {seen.name} has the wrong type: {brief(value[field])}"

    def _parts(self, seen: Observation, name: str) -> Iterator[tuple[str, Any, dict[str, Test]]]:
        """The objects in an answer, what each is, and what it has to have."""
        if name in SINGLE:
            yield "the response", seen.body, self._things[SINGLE[name]]
            return
        if name in WHOLE:
            yield "the response", seen.body, WHOLE[name]
        elif name in ARRAYS and not isinstance(seen.body, list):
            yield "the response", None, {}
        for kind, row in seen.rows:
            yield "a row", row, self._things[kind]
        rest = seen.body if name.startswith("attach_") else None
        yield from (("a row", row, ATTACHED) for row in (rest if isinstance(rest, list) else ()))
        items = seen.body.get("items") if isinstance(seen.body, dict) else None
        if WHOLE.get(name) is LISTING and isinstance(items, list):
            yield from (("an item", item, ITEM) for item in items)
