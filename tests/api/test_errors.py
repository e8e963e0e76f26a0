"""Every way to fail, and the one shape of the answer. Nothing that a client sends leads to a 500."""

import base64
import json
import socket
from typing import Any

import httpx
import pytest

from tests import ids
from tests.conftest import Client, Server

JSON = {"Content-Type": "application/json"}


def assert_error(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text[:300]
    assert response.headers["content-type"] == "application/json"
    body: dict[str, Any] = response.json()
    assert isinstance(body["message"], str)
    assert body["message"]
    assert len(body) <= 2
    assert "Traceback" not in response.text
    return body


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/capsules/1576467", 400, "invalid id"),
        ("GET", "/capsules/not-an-id", 400, "invalid id"),
        ("GET", "/capsules/1D8288DA0785-4e4f-aa37-2d1db3636bc4", 400, "invalid id"),
        ("GET", "/pipelines/1576467", 400, "invalid id"),
        ("GET", "/computations/1576467", 400, "invalid id"),
        ("GET", "/data_assets/x%2Fy", 400, "invalid id"),
        ("GET", "/data_assets/%00", 400, "invalid id"),
        ("GET", "/data_assets/%ED%A0%80", 400, "invalid id"),
        ("DELETE", "/computations/1", 400, "invalid id"),
        ("GET", f"/capsules/{ids.NOBODYS}", 404, "capsule not found"),
        ("GET", f"/pipelines/{ids.CAPSULE}", 404, "pipeline not found"),
        ("GET", f"/computations/{ids.NOBODYS}", 404, "computation not found"),
        ("GET", f"/data_assets/{ids.NOBODYS}", 404, "data asset not found"),
        ("GET", f"/capsules/{ids.OTHERS_CAPSULE}", 404, "capsule not found"),
        ("GET", f"/data_assets/{ids.OTHERS_ASSET}", 404, "data asset not found"),
        ("GET", "/nothing", 404, "not found"),
        ("GET", "", 404, "not found"),
        ("GET", "/computations//results", 404, "not found"),
        ("GET", f"/computations/{ids.PAST_RUN}/results/urls", 400, "invalid query: path is required"),
        ("GET", f"/computations/{ids.PAST_RUN}/results/urls?path=", 400, None),
        ("GET", f"/computations/{ids.PAST_RUN}/results/urls?path=/", 400, "path is required"),
        ("GET", f"/computations/{ids.PAST_RUN}/results/urls?path=nope", 404, "file not found"),
        ("GET", f"/computations/{ids.PAST_RUN}/results/urls?path=figures", 404, "file not found"),
        ("GET", f"/computations/{ids.PAST_RUN}/results/urls?path=../x", 400, "path climbs out of the folder"),
        ("GET", f"/computations/{ids.PAST_RUN}/results/urls?path=a/../../x", 400, "path climbs out of the folder"),
        ("GET", f"/computations/{ids.PAST_RUN}/results/urls?path=%00", 400, None),
        ("GET", f"/computations/{ids.PAST_RUN}/results/urls?path=%ff%fe", 404, "file not found"),
        ("GET", f"/computations/{ids.PAST_RUN}/results/urls?path={'a' * 5000}", 400, None),
        ("GET", f"/computations/{ids.PAST_RUN}/results/urls?{'a=1&' * 2000}", 400, None),
        ("PATCH", f"/computations/{ids.PAST_RUN}", 400, "invalid query: name is required"),
        ("PATCH", f"/computations/{ids.PAST_RUN}?name=", 400, None),
        ("PATCH", f"/data_assets/{ids.IRIS}/archive", 400, "invalid query: archive is required"),
        ("PATCH", f"/data_assets/{ids.IRIS}/archive?archive=1", 400, None),
        ("PATCH", f"/data_assets/{ids.IRIS}/archive?archive=yes", 400, None),
    ],
)
def test_paths_and_queries(client: Client, method: str, path: str, status: int, message: str | None) -> None:
    body = assert_error(client.request(method, path), status)
    assert message is None or body["message"] == message


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"capsule_id": None, "pipeline_id": None},
        {"capsule_id": ids.CAPSULE, "pipeline_id": ids.PIPELINE},
        {"capsule_id": "1576467"},
        {"capsule_id": 7},
        {"capsule_id": ids.CAPSULE, "version": -1},
        {"capsule_id": ids.CAPSULE, "version": "1"},
        {"capsule_id": ids.CAPSULE, "version": True},
        {"capsule_id": ids.CAPSULE, "version": 2**63},
        {"capsule_id": ids.CAPSULE, "version": 1.5},
        {"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.NOBODYS}]},
        {"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.OTHERS_ASSET}]},
        {"capsule_id": ids.CAPSULE, "data_assets": [{"id": "x"}]},
        {"capsule_id": ids.CAPSULE, "data_assets": [{"mount": "x"}]},
        {"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.IRIS, "mount": "../up"}]},
        {"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.IRIS}, {"id": ids.MOUSE, "mount": "iris"}]},
        {"capsule_id": ids.CAPSULE, "parameters": ["x" * 4097]},
        {"capsule_id": ids.CAPSULE, "parameters": [1]},
        {"capsule_id": ids.CAPSULE, "parameters": ["a\0b"]},
        {"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": "a"}]},
        {"capsule_id": ids.CAPSULE, "processes": [{"name": "capsule_nothing_1"}]},
        {"capsule_id": ids.CAPSULE, "resume_run_id": ids.NOBODYS},
        {"pipeline_id": ids.PIPELINE, "processes": [{"name": "capsule_nothing_1"}]},
        [],
        "run",
        None,
        7,
    ],
)
def test_runs_that_cannot_be(client: Client, body: Any) -> None:
    before = client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")
    assert_error(client.post("/computations", json=body), 400)
    assert client.ask("GET", f"/capsules/{ids.CAPSULE}/computations") == before


@pytest.mark.parametrize("body", [{"capsule_id": ids.NOBODYS}, {"pipeline_id": ids.CAPSULE}])
def test_runs_of_what_is_not_there(client: Client, body: dict[str, str]) -> None:
    assert_error(client.post("/computations", json=body), 404)


KNOWN: list[tuple[str, str, str, dict[str, Any], int, dict[str, Any]]] = [
    # who asks, method, path, more, status, body
    ("cop_demo_user", "GET", "/capsules/1576467", {}, 400, {"message": "invalid id"}),
    (
        "cop_demo_user",
        "GET",
        "/anything",
        {"headers": {"Min-Server-Version": "99.1.0"}},
        400,
        {"message": "server version 4.8.0 is lower than required minimum 99.1.0"},
    ),
    ("cop_nobody", "GET", f"/capsules/{ids.CAPSULE}", {}, 401, {"message": "a valid access token is required"}),
    (
        "cop_demo_noscope",
        "GET",
        f"/capsules/{ids.CAPSULE}",
        {},
        403,
        {"message": "the access token lacks the scope capsule:read"},
    ),
    (
        "cop_demo_viewer",
        "PUT",
        f"/data_assets/{ids.IRIS}",
        {"json": {"name": "x"}},
        403,
        {"message": "not allowed for this data asset"},
    ),
    ("cop_demo_viewer", "GET", f"/data_assets/{ids.MOUSE}", {}, 404, {"message": "data asset not found"}),
    ("cop_demo_user", "GET", f"/capsules/{ids.FAILS}/app_panel", {}, 404, {"message": "the capsule has no app panel"}),
    ("cop_demo_user", "POST", f"/capsules/{ids.CAPSULE}", {}, 405, {"message": "method not allowed"}),
    (
        "cop_demo_user",
        "DELETE",
        f"/data_assets/{ids.ATTACHED}",
        {},
        403,
        {
            "message": "data asset is in use",
            "datasets": [{"id": ids.ATTACHED, "name": "Default reference"}],
        },
    ),
    (
        "cop_demo_user",
        "DELETE",
        f"/capsules/{ids.FAILS}",
        {},
        403,
        {"message": "the capsule has to be archived before it is deleted"},
    ),
    (
        "cop_demo_user",
        "POST",
        f"/capsules/{ids.FAILS}/release",
        {},
        400,
        {"message": "the capsule has never been released; the first release is made in the app"},
    ),
    (
        "cop_demo_user",
        "POST",
        "/capsules/5c9d2a44-1f57-4a8e-8f2b-6e3a9d7b4c21/sync",
        {},
        400,
        {"message": "the capsule is not linked to an external Git repository"},
    ),
    (
        "cop_demo_user",
        "POST",
        f"/data_assets/{ids.IMAGING}/files",
        {},
        400,
        {"message": "the files of an external data asset are not served here; they are in aws bucket demo-imaging"},
    ),
    (
        "cop_demo_user",
        "POST",
        f"/data_assets/{ids.IRIS}/transfer",
        {"json": {"target": {"aws": {"bucket": "b"}}}},
        403,
        {"message": "data assets are transferred by admins"},
    ),
    (
        "cop_demo_user",
        "POST",
        "/computations",
        {"json": {"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": "rows", "value": "0"}]}},
        400,
        {"message": 'parameter "rows" has to be at least 1'},
    ),
]


@pytest.mark.parametrize(("token", "method", "path", "more", "status", "body"), KNOWN)
def test_failures_word_for_word(
    client: Client, token: str, method: str, path: str, more: dict[str, Any], status: int, body: dict[str, Any]
) -> None:
    response = client.speaking_as(token).request(method, path, **more)
    assert assert_error(response, status) == body


def test_a_data_asset_that_is_attached_already(client: Client, start: Any) -> None:
    assert client.ask("GET", f"/capsules/{ids.CAPSULE}")["id"] == ids.CAPSULE
    twice = [{"id": ids.IRIS, "mount": "a"}, {"id": ids.IRIS, "mount": "a"}]
    body = assert_error(client.post("/computations", json={"capsule_id": ids.CAPSULE, "data_assets": twice}), 400)
    assert 'mount "a"' in body["message"]


ASSET = '{"name": "n", "mount": "m", "tags": [], "source": {"aws": {"bucket": "b"}}%s}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b"null",
        b'{"name": "\xff"}',
        (ASSET % ', "description": "\\ud800"').encode(),
        (ASSET % ', "\\ud800": 1').encode(),
        (ASSET % ', "description": "a\\u0000b"').encode(),
        (ASSET % ', "description": 1').encode(),
        (ASSET % ', "x": NaN').encode(),
        (ASSET % ', "custom_metadata": {"k": NaN}').encode(),
        (ASSET % ', "custom_metadata": {"k": -Infinity}').encode(),
        (ASSET % ', "custom_metadata": {"k": 1e400}').encode(),
        (ASSET % (', "custom_metadata": {"k": ' + "9" * 5000 + "}")).encode(),
        (ASSET % ', "custom_metadata": {"k": {"deep": 1}}').encode(),
        (ASSET % ', "custom_metadata": {"a\\u0000": 1}').encode(),
        (ASSET % (', "custom_metadata": {"k": ' + "[" * 900 + "]" * 900 + "}")).encode(),
        b"[" * 100_000,
        ASSET.replace('"m"', '""').encode() % b"",
        ASSET.replace('"m"', '"../m"').encode() % b"",
        ASSET.replace('"n"', '""').encode() % b"",
        ASSET.replace("[]", "[1]").encode() % b"",
        ASSET.replace('"tags": [], ', "").encode() % b"",
        b'{"name": "n", "mount": "m", "tags": []}',
        b'{"name": "n", "mount": "m", "tags": [], "source": {}}',
        b'{"name": "n", "mount": "m", "tags": [], "source": {"aws": {"bucket": "b"}, "gcp": {"bucket": "b"}}}',
        b'{"name": "n", "mount": "m", "tags": [], "source": {"aws": {"bucket": "b", "prefix": "../x"}}}',
        b'{"name": "n", "mount": "m", "tags": [], "source": {"computation": {"id": "1576467"}}}',
    ],
)
def test_hostile_bodies(client: Client, body: bytes) -> None:
    before = client.ask("POST", "/data_assets/search", json={"limit": 1000})
    assert_error(client.post("/data_assets", content=body, headers=JSON), 400)
    assert client.ask("POST", "/data_assets/search", json={"limit": 1000}) == before


@pytest.mark.parametrize(
    "body",
    [
        '{"limit": 0}',
        '{"limit": 1001}',
        '{"limit": "1"}',
        '{"limit": 1e400}',
        '{"offset": -1}',
        '{"offset": 9223372036854775808}',
        '{"offset": ' + "9" * 5000 + "}",
        '{"sort_field": "mount"}',
        '{"sort_order": "up"}',
        '{"ownership": "mine"}',
        '{"archived": "yes"}',
        '{"query": 5}',
        '{"query": "\\ud800"}',
        '{"filters": {}}',
    ],
)
@pytest.mark.parametrize("path", ["/data_assets/search", "/capsules/search", "/pipelines/search"])
def test_hostile_searches(client: Client, path: str, body: str) -> None:
    assert_error(client.post(path, content=body, headers=JSON), 400)


def test_integral_floats_and_unknown_keys_are_taken(client: Client) -> None:
    client.ask("POST", "/data_assets/search", json={"limit": 1.0, "unknown": {"deep": [1]}, "query": None})
    client.ask("POST", "/data_assets/search", content=b'{"limit":1,"limit":2}')


@pytest.mark.parametrize(
    "header",
    [
        None,
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"cop_wrong:").decode(),
        "Basic " + base64.b64encode("cöp:é".encode("latin-1")).decode(),
        "Basic " + base64.b64encode(b":cop_demo_user").decode(),
        "Bearer cop_demo_user",
        "Basic " + base64.b64encode(b"\0\xff").decode(),
    ],
)
def test_no_valid_token(client: Client, header: str | None) -> None:
    stranger = client.speaking_as(None)
    headers = {"Authorization": header} if header else {}
    response = stranger.get(f"/capsules/{ids.CAPSULE}", headers=headers)
    assert_error(response, 401)
    assert response.headers["www-authenticate"].startswith("Basic ")
    # Who the caller is comes before what the caller sent.
    assert_error(stranger.post("/computations", content=b"{", headers=headers), 401)


@pytest.mark.parametrize("credentials", ["cop_demo_user:", "'cop_demo_user:'", "cop_demo_user", "cop_demo_user:x"])
def test_the_ways_in_which_clients_send_a_token(client: Client, credentials: str) -> None:
    header = "basic " + base64.b64encode(credentials.encode()).decode()
    client.speaking_as(None).ask("GET", f"/capsules/{ids.CAPSULE}", headers={"Authorization": header})


def test_scopes(client: Client) -> None:
    nothing = client.speaking_as("cop_demo_noscope")
    body = assert_error(nothing.get(f"/capsules/{ids.CAPSULE}"), 403)
    assert "capsule:read" in body["message"]
    reader = client.speaking_as("cop_demo_readonly")
    reader.ask("GET", f"/capsules/{ids.CAPSULE}")
    assert_error(reader.post("/computations", json={"capsule_id": ids.CAPSULE}), 403)
    assert_error(reader.delete(f"/computations/{ids.PAST_RUN}"), 403)
    assert_error(reader.put(f"/data_assets/{ids.IRIS}", json={"name": "x"}), 403)
    client.ask("GET", f"/computations/{ids.PAST_RUN}")


def test_seeing_is_not_changing(client: Client) -> None:
    viewer = client.speaking_as("cop_demo_viewer")
    viewer.ask("GET", f"/data_assets/{ids.IRIS}")
    assert_error(viewer.put(f"/data_assets/{ids.IRIS}", json={"name": "x"}), 403)
    assert_error(viewer.patch(f"/data_assets/{ids.IRIS}/archive?archive=true"), 403)
    assert_error(viewer.delete(f"/data_assets/{ids.IRIS}"), 403)
    assert_error(viewer.get(f"/data_assets/{ids.MOUSE}"), 404)
    viewer.ask("GET", f"/computations/{ids.FASTQC_RUN}")
    assert_error(viewer.delete(f"/computations/{ids.FASTQC_RUN}"), 403)
    assert_error(viewer.patch(f"/computations/{ids.FASTQC_RUN}?name=x"), 403)
    assert_error(viewer.get(f"/computations/{ids.PAST_RUN}"), 404)
    own = viewer.ask("POST", "/computations", json={"capsule_id": ids.FASTQC})["id"]
    viewer.ask("DELETE", f"/computations/{own}", 204)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (f"/computations/{ids.PAST_RUN}", "DELETE, GET, PATCH"),
        (f"/computations/{ids.PAST_RUN}/", "DELETE, GET, PATCH"),
        ("/computations", "POST"),
        ("/capsules/search", "POST"),
        (f"/data_assets/{ids.IRIS}", "DELETE, GET, PUT"),
        ("/data_assets", "GET, POST"),
    ],
)
@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "HEAD", "SEARCH"])
def test_methods_that_are_not_there(client: Client, path: str, allowed: str, method: str) -> None:
    response = client.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allowed
    assert method == "HEAD" or response.json() == {"message": "method not allowed"}


def test_a_trailing_slash_makes_no_difference(client: Client) -> None:
    for method, path, body in (
        ("GET", f"/capsules/{ids.CAPSULE}", None),
        ("GET", f"/capsules/{ids.CAPSULE}/computations", None),
        ("POST", "/capsules/search", {}),
        ("GET", f"/pipelines/{ids.PIPELINE}", None),
        ("POST", f"/computations/{ids.PAST_RUN}/results", {"path": ""}),
        ("POST", "/data_assets/search", {}),
        ("GET", "/data_assets", None),
    ):
        assert client.ask(method, path + "/", json=body) == client.ask(method, path, json=body)
    client.ask("POST", "/computations/", json={"capsule_id": ids.CAPSULE})


def test_a_pipeline_is_a_capsule_too(client: Client) -> None:
    assert client.ask("GET", f"/capsules/{ids.PIPELINE}") == client.ask("GET", f"/pipelines/{ids.PIPELINE}")
    runs = client.ask("GET", f"/capsules/{ids.RNA_PIPELINE}/computations")
    assert [run["id"] for run in runs] == [ids.PIPELINE_RUN]


def test_what_is_elsewhere_on_the_server(server: Server) -> None:
    for path in ("/api", "/api/v1", "/api/v1/", "/api/v2/capsules/x", "/favicon.ico", "//", "/%"):
        assert_error(httpx.get(server.url + path), 404)


def test_a_body_that_is_too_large(client: Client) -> None:
    body = json.dumps({"query": "x" * (17 * 1024 * 1024)})
    assert_error(client.post("/data_assets/search", content=body), 413)


def test_what_is_not_http(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"HELLO / THERE\r\n\r\n")
        answer = connection.makefile("rb").read().decode()
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 ")
    assert "content-type: application/json" in head
    assert json.loads(body) == {"message": "malformed HTTP request"}


def test_an_unexpected_failure_is_told_without_its_traceback(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("mock_server.services.capsules.get", broken)
    body = assert_error(client.get(f"/capsules/{ids.CAPSULE}"), 500)
    assert body == {"message": "internal error"}
    assert "ZeroDivisionError" in caplog.text


def test_a_client_that_hangs_up(server: Server, client: Client) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        token = base64.b64encode(b"cop_demo_user:").decode()
        head = (
            f"POST /api/v1/computations HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\nContent-Length: 99\r\n"
        )
        connection.sendall(f"{head}\r\n{{".encode())
    client.ask("GET", f"/capsules/{ids.CAPSULE}")
