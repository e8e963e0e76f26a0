"""Path traversal, and malformed ids."""

import re

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, Caller, Deployment
from contract_tests.findings import expect
from contract_tests.probes.assertions import preview, require_rejected
from contract_tests.transport import sample_requests
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import OPERATIONS, ROOT, Effect, Operation
from contract_tests.transport.sample_requests import BODIES, NOWHERE, QUERIES

NO_ID = "1234567"
"""Not the form of an id: a capsule's slug, which people take for one."""

NO_IDS = (
    "%00",
    "%ED%A0%80",
    "%FF",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..%5cetc",
    "%0d%0aX-Injected:%20yes",
    "%20",
    "%25",
    "%F0%9F%98%80",
    "null",
    "undefined",
    "1",
    "-1",
    "1576467",
    "'%20OR%201=1",
    "0" * 5000,
    "{computation_id}",
    "%7Bcomputation_id%7D",
)
"""Malformed ids, percent-encoded as they are sent."""

CLIMBING = (
    "../../etc/passwd",
    "..",
    "a/../../b",
    "./../..",
    "output/../../x",
    "\0",
    "output\0.txt",
    "x" * 5000,
)
"""File paths that leave their folder, or are invalid."""

RAW = (
    "/../../etc/passwd",
    "/computations/../computations/x/y",
    "/computations/./x/y",
    "//",
    "/computations//results",
    "/data_assets/%2fsearch/x",
    "/computations%2Fx",
    "/Computations/x",
    "/computations;x=y/x",
    "/%",
    "/%zz",
    "/" + "a/" * 2000,
    "/data_assets/search/search",
)
"""Unknown paths, sent as they are written."""

OWN = ("/computations", "/data_assets", "/capsules", "/pipelines")


@check("get_computation", "get_data_asset", "get_capsule", "get_pipeline", full=True)
def malformed_ids(deployment: Deployment) -> None:
    """A malformed id is rejected with 400 or 404 and a message."""
    for root in OWN:
        for value in NO_IDS:
            exchange = deployment.http().ask("GET", f"{root}/{value}", raw=True)
            require_rejected(exchange, f"{root} with the id {preview(value)}", 400, 404)


@check("get_computation", "get_data_asset", "get_capsule", "get_pipeline")
def nonexistent_ids(deployment: Deployment) -> None:
    """A well-formed id that does not exist returns 404."""
    for root in OWN:
        exchange = deployment.http().ask("GET", f"{root}/00000000-0000-4000-8000-0000c0de0cea")
        require_rejected(exchange, f"{root} with an id that nothing has", 404)


@check(*OPERATIONS, full=True)
def ids_of_every_operation(deployment: Deployment) -> None:
    """Every operation answers 404 to each well-formed id in its path that nothing has, and 400 to a malformed one."""
    for operation in OPERATIONS.values():
        for name in re.findall(r"\{(\w+)\}", operation.template):
            rules = (f"{operation.name}.path.{name}",)
            for value, status in ((NOWHERE, 404), (NO_ID, 400)):
                exchange = _send(deployment, operation, {name: value})
                what = f"{operation.name} with the {name} {value}"
                require_rejected(exchange, what, status, rules=rules)


def _send(deployment: Deployment, operation: Operation, instead: dict[str, str]) -> Exchange:
    """Send an operation with other ids in its path; a 404 is answered before the body counts."""
    subjects = deployment.subjects
    capsule = subjects.pipeline if operation.template.startswith(f"{ROOT}/pipelines") else subjects.capsule
    ids = {"capsule_id": capsule} | instead
    caller = deployment.http(ADMIN) if operation.effect is Effect.ADMIN else deployment.http()
    body, query = BODIES.get(operation.name), QUERIES.get(operation.name)
    return caller.ask(operation.method, sample_requests.path(operation, ids), json=body, params=query)


@check(full=True)
def unknown_paths(deployment: Deployment) -> None:
    """An unknown path returns 404 or 400 and a message."""
    for value in RAW:
        require_rejected(deployment.http().ask("GET", value, raw=True), f"the path {preview(value)}", 400, 404)


@check(
    "list_computation_results",
    "get_result_file_urls",
    "get_result_file_download_url",
    "list_data_asset_files",
    "get_data_asset_file_urls",
    "get_data_asset_file_download_url",
)
def path_traversal(deployment: Deployment) -> None:
    """A file or folder path that leaves the root, or is invalid, is rejected with 400 or 404."""
    caller = deployment.http()
    kinds = {"results": "result", "files": "data_asset"}
    for files in (f"/computations/{deployment.computation}/results", f"/data_assets/{deployment.data_asset}/files"):
        kind = kinds[files.rpartition("/")[2]]
        for value in CLIMBING:
            what = f"{files.rpartition('/')[2]} at {preview(value)}"
            require_rejected(caller.ask("POST", files, json={"path": value}), what, 400, 404, rules=("files.climbing",))
            for way in ("urls", "download_url"):
                exchange = caller.ask("GET", f"{files}/{way}", params={"path": value})
                require_rejected(exchange, what, 400, 404, rules=(f"get_{kind}_file_{way}.query.path",))
        for encoded in ("%ED%A0%80", "%FF%FE", "%2e%2e%2fx", "%00", ""):
            exchange = caller.ask("GET", f"{files}/urls?path={encoded}", raw=True)
            require_rejected(exchange, f"a file at {preview(encoded)}", 400, 404)
        require_rejected(caller.ask("GET", f"{files}/urls"), "a file without a path", 400)


@check("get_computation", "get_data_asset", "get_capsule", full=True)
def trailing_slashes(deployment: Deployment) -> None:
    """A trailing slash leads to the same resource or to 404, and nowhere else; two lead to 404."""
    caller: Caller = deployment.http()
    for path in (f"/computations/{deployment.computation}", f"/data_assets/{deployment.data_asset}"):
        exchange = caller.ask("GET", f"{path}/", raw=True)
        same = exchange.ok and exchange.json() == caller.ask("GET", path, 200).json()
        expect(
            same or exchange.status == 404,
            f"a path with a slash at its end returned {exchange.status}, or another thing",
        )
        require_rejected(caller.ask("GET", f"{path}//", raw=True), "a path with two slashes at its end", 404)


CHECKS = (malformed_ids, nonexistent_ids, ids_of_every_operation, unknown_paths, path_traversal, trailing_slashes)
