"""Headers that nobody should send."""

import re

import requests

from contract_tests.checks import check
from contract_tests.deployment import Caller, Deployment
from contract_tests.findings import CheckFailed, expect
from contract_tests.oracles.files import is_absolute
from contract_tests.probes.assertions import JSON, preview, require_rejected
from contract_tests.transport import sample_requests
from contract_tests.transport.operations import OPERATIONS, ROOT, Effect

NO_CREDENTIALS: tuple[str | bytes, ...] = (
    "Basic",
    "Basic ",
    "Basic !!!!",
    "Basic Y29w",
    "Basic /w==",
    "Basic 7aCA",
    "Basic AAAA",
    "Basic Og==",
    "Basic OjpjOg==",
    "Bearer cop_contract_check",
    "Digest username=x",
    "cop_contract_check",
    "Basic " + "A" * 8000,
    b"Basic \xe9\xff",
    b"\xff",
    "Basic Y29w Y29w",
    "Negotiate",
    "Basic\tY29wOg==",
)
"""Invalid authorizations: without or with another scheme, not base64, not text, without a colon or a token."""

NEWER = "999.0.0"

READS = tuple(operation for operation in OPERATIONS.values() if operation.effect is Effect.READ)

INJECTED = "X-Injected"


@check("get_data_asset", "search_data_assets")
def invalid_authorizations(deployment: Deployment) -> None:
    """An invalid Authorization header is rejected with 401 and a message."""
    caller = deployment.anybody()
    for value in NO_CREDENTIALS:
        for method, path in (("GET", f"/data_assets/{deployment.data_asset}"), ("POST", "/data_assets/search")):
            exchange = caller.ask(method, path, data=b"{}", headers=JSON | {"Authorization": value})
            require_rejected(exchange, f"the authorization {preview(value)}", 401)


@check(*(operation.name for operation in READS))
def clients_too_new(deployment: Deployment) -> None:
    """A client that requires a newer server is rejected with 400 and both versions in the message, whatever it asks;
    one that requires an older server is served.
    """
    caller = deployment.http()
    for operation in READS:
        where = sample_requests.path(operation, {"computation_id": deployment.computation})
        exchange = caller.ask(operation.method, where, data=b"{}", headers=JSON | {"Min-Server-Version": NEWER})
        what = f"{operation.method} {where} for version {NEWER}"
        require_rejected(exchange, what, 400, rules=("request.header.min_server_version",))
        message = exchange.json()["message"]
        match = re.fullmatch(rf"server version [\d.]+ is lower than required minimum {re.escape(NEWER)}", message)
        expect(match, "the rejection of a client that is too new does not name both versions")
    caller.ask("GET", "/custom_metadata", 200, headers={"Min-Server-Version": "1.0.0"})


@check("get_result_file_urls", "search_data_assets_legacy", "get_computation")
def header_injection(deployment: Deployment) -> None:
    """Line breaks in a request do not become headers of the response."""
    caller, lines = deployment.http(), f"%0d%0a{INJECTED}:%20yes%0d%0a"
    run = deployment.computation
    for path in (
        f"/computations/{lines}",
        f"/computations/{run}/results/urls?path={lines}",
        f"/data_assets?query={lines}",
        f"/data_assets?limit={lines}",
    ):
        _require_whole(caller, path)
    try:
        caller.ask("GET", f"/computations/{run}", headers={"Min-Server-Version": f"1.0.0\r\n{INJECTED}: yes"})
    except requests.exceptions.InvalidHeader:
        return
    raise CheckFailed("the client has sent a header with a line break")


def _require_whole(caller: Caller, path: str) -> None:
    exchange = caller.ask("GET", path, raw=True)
    expect(INJECTED not in exchange.answer_headers, f"{exchange.method} {ROOT}/... lets the client write headers")
    expect((exchange.status or 500) < 500, f"a line break in what is sent returned {exchange.status}")


@check("get_result_file_urls", full=True)
def invalid_hosts(deployment: Deployment) -> None:
    """An invalid Host header is rejected, or does not get into signed URLs."""
    path = f"/computations/{deployment.computation}/results/urls"
    for host in (
        "[::1",
        "a b",
        "x\ty",
        "a/b",
        "a@b",
        "a?b",
        "a#b",
        ":",
        "]",
        "h\N{LATIN SMALL LETTER E WITH ACUTE}",
        "",
    ):
        sent = host.encode("utf-8")
        exchange = deployment.http().ask("GET", path, params={"path": "output"}, headers={"Host": sent})
        if exchange.ok:
            sound = all(map(is_absolute, exchange.json().values()))
            expect(sound, f"with the Host {preview(host)} a signed URL is not an absolute URL")
        else:
            # 403 and 421: some servers and proxies answer to names of their own alone.
            require_rejected(exchange, f"the Host {preview(host)}", 400, 403, 404, 421)


@check("get_custom_metadata", "search_data_assets_legacy", full=True)
def long_headers_and_queries(deployment: Deployment) -> None:
    """Long headers and queries are served, or rejected with 400, 414 or 431 and a message."""
    caller = deployment.http()
    long = [
        caller.ask("GET", "/custom_metadata", headers={"X-Long": "x" * 30_000}),
        caller.ask("GET", "/custom_metadata", headers={f"X-{number}": "x" for number in range(500)}),
        caller.ask("GET", f"/data_assets?query={'x' * 100_000}"),
        caller.ask("GET", f"/data_assets?{'&'.join(f'x{number}=1' for number in range(5000))}"),
    ]
    for exchange in long:
        if not exchange.ok:
            require_rejected(exchange, "a long header or query", 400, 414, 431)


CHECKS = (
    invalid_authorizations,
    clients_too_new,
    header_injection,
    invalid_hosts,
    long_headers_and_queries,
)
