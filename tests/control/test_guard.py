"""Who may steer: holders of the token, or programs of this machine, but no web page of another site."""

from collections.abc import Iterator

import httpx
import pytest

from tests.control.conftest import Plane, serving

TOKEN = "secret-of-the-test"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Plane]:
    """A server with a control token."""
    yield from serving(control_token=TOKEN)


def told(token: str, kind: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{kind} {token}"}


@pytest.mark.parametrize("path", ["/health", "/worlds", "/worlds/default/clock", "/openapi.json", "/nothing"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        told("another"),
        told(TOKEN[:-1]),
        told(TOKEN + "x"),
        told(TOKEN, "Basic"),
        {"Authorization": TOKEN},
        {"Authorization": "Bearer"},
    ],
    ids=str,
)
def test_nothing_without_the_token(guarded: Plane, path: str, headers: dict[str, str]) -> None:
    assert "Authorization: Bearer" in guarded.refused("GET", path, 401, headers=headers)


def test_a_refused_request_changes_nothing(guarded: Plane) -> None:
    refused = guarded.request("POST", "/worlds", json={"name": "w"})
    assert (refused.status_code, TOKEN in refused.text) == (401, False)
    shown = guarded.ask("GET", "/worlds", headers=told(TOKEN))
    assert [world["name"] for world in shown["worlds"]] == ["default"]


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_with_the_token(guarded: Plane, kind: str) -> None:
    assert guarded.ask("GET", "/health", headers=told(TOKEN, kind))["status"] == "ok"


def test_with_the_token_any_name_of_the_server_is_taken(guarded: Plane) -> None:
    guarded.ask("GET", "/health", headers=told(TOKEN) | {"Host": "codeocean.example.com"})


def test_the_public_api_takes_no_control_token(guarded: Plane) -> None:
    public = httpx.get(f"{guarded.url}/api/v1/data_assets", headers=told(TOKEN))
    assert public.status_code == 401
    assert httpx.get(f"{guarded.url}/docs").status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000", ""]
)
def test_without_a_token_the_machine_itself_is_let_in(still: Plane, host: str) -> None:
    still.ask("GET", "/health", headers={"Host": host})


@pytest.mark.parametrize(
    "host",
    ["evil.example.com", "localhost.evil.com", "127.0.0.1.evil.com:8000", "xlocalhost", ":8000", "[", "[::1", "a@b"],
)
def test_a_name_that_was_made_to_lead_here_is_refused(still: Plane, host: str) -> None:
    assert "by address or as localhost" in still.refused("GET", "/health", 403, headers={"Host": host})


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_page_of_the_server_itself_may_steer(still: Plane, scheme: str) -> None:
    host = still.url.removeprefix("http://")
    still.ask("GET", "/health", headers={"Origin": f"{scheme}://{host}"})


ORIGINS = ["http://evil.example.com", "null", "", "http://127.0.0.1:1", "http://localhost", "http://[", "file://"]


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_page_of_another_site_may_not(still: Plane, guarded: Plane, origin: str) -> None:
    assert "other sites" in still.refused("POST", "/worlds/default/reset", 403, headers={"Origin": origin})
    headers = told(TOKEN) | {"Origin": origin}
    assert "other sites" in guarded.refused("POST", "/worlds/default/reset", 403, headers=headers)
