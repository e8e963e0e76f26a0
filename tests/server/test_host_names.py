"""By which names a server is reached that listens for this machine alone. A page that makes its own name lead here is
of the same origin as what it reaches, for the browser; only the `Host` tells.
"""

from collections.abc import Iterator, Sequence

import httpx
import pytest

from mock_server import MockCodeOcean
from mock_server.errors import StartError
from tests import ids
from tests.conftest import Client
from tests.process import run, started
from tests.server.raw import RUN, RawClient, request

CAPSULE = f"/api/v1/capsules/{ids.CAPSULE}"
PATHS = [CAPSULE, "/api/v1/nothing", "/docs", "/openapi.json", "/_files/default/computations/a/b", "/nothing"]
STEERING = ["/_mock/health", "/_ui/worlds/default"]
OWN = [
    "localhost",
    "LOCALHOST:8000",
    "localhost.",
    "codeocean.localhost:8000",
    "localhost:",
    "127.0.0.1",
    "127.0.0.1:8000",
    "[::1]:8000",
    "10.0.0.7",
    "",
]
FOREIGN = [
    "evil.example.com",
    "localhost.evil.com",
    "127.0.0.1.evil.com:8000",
    "127.0.0.1.nip.io",
    "xlocalhost",
    "codeocean",
    "host.docker.internal:8000",
    "2130706433",
    ":8000",
    "[",
    "a@b",
    "a@localhost",
    "evil.example.com/localhost",
    "evil.example.com, localhost",
]


@pytest.fixture(scope="module")
def mock() -> Iterator[MockCodeOcean]:
    with MockCodeOcean(random_seed=7) as mock:
        yield mock


def get(url: str, path: str, host: str, **headers: str) -> httpx.Response:
    with Client(url) as client:
        return client.get(url + path, headers={"Host": host, **headers})


def statuses(url: str, hosts: Sequence[str], path: str = CAPSULE) -> list[int]:
    return [get(url, path, host).status_code for host in hosts]


@pytest.mark.parametrize("host", FOREIGN)
def test_a_name_that_others_could_make_lead_here_is_refused(mock: MockCodeOcean, host: str) -> None:
    for path in PATHS:
        refused = get(mock.url, path, host)
        assert refused.status_code == 403
        assert refused.headers["content-type"] == "application/json"
        assert refused.headers["date"]
        assert refused.json() == {
            "message": f'not a name of this server: "{host}"; use localhost or an address, or start it with'
            " --allow-host-name"
        }
    for path in STEERING:
        refused = get(mock.url, path, host)
        assert refused.status_code == 403
        assert "--allow-host-name" in refused.text


@pytest.mark.parametrize("host", OWN)
def test_addresses_and_localhost_are_accepted(mock: MockCodeOcean, host: str) -> None:
    for path in (CAPSULE, "/docs", "/openapi.json", *STEERING):
        assert get(mock.url, path, host).status_code == 200


def test_what_a_proxy_says_of_the_name_is_not_trusted(mock: MockCodeOcean) -> None:
    forwarded = {"X-Forwarded-Host": "localhost", "Forwarded": "host=localhost"}
    assert get(mock.url, CAPSULE, "evil.example.com", **forwarded).status_code == 403
    assert get(mock.url, CAPSULE, "localhost", **{"X-Forwarded-Host": "evil.example.com"}).status_code == 200


def test_a_run_that_a_page_of_another_name_starts_takes_no_effect(mock: MockCodeOcean) -> None:
    with Client(mock.url) as client:
        before = client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")
        client.ask("POST", "/computations", 403, json={"capsule_id": ids.CAPSULE}, headers={"Host": "evil.example"})
        assert client.ask("GET", f"/capsules/{ids.CAPSULE}/computations") == before


def test_a_connection_goes_on_after_a_refusal(mock: MockCodeOcean) -> None:
    foreign = request("POST", "/api/v1/computations", RUN).replace(b"localhost", b"evil.example")
    with RawClient(mock.url) as raw:
        raw.send(foreign, request("HEAD").replace(b"localhost", b"evil.example"), request())
        assert raw.answer().status == 403
        assert raw.answer(has_body=False).status == 403
        assert raw.answer().status == 200


def test_a_program_that_names_no_host_is_served(mock: MockCodeOcean) -> None:
    with RawClient(mock.url) as raw:
        raw.send(request().replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"Host: localhost\r\n", b""))
        assert raw.answer().status == 200


@pytest.mark.parametrize("names", [["codeocean.test", "Proxy"], ("codeocean.test", "proxy")])
def test_a_name_that_was_allowed_is_accepted_everywhere(names: Sequence[str]) -> None:
    with MockCodeOcean(random_seed=7, allowed_host_names=names) as mock:
        for path in (CAPSULE, "/docs", *STEERING):
            assert statuses(mock.url, ["codeocean.test", "CodeOcean.Test:8000", "proxy."], path) == [200] * 3
        for path in (*PATHS, *STEERING):
            assert statuses(mock.url, ["other.test", "x.codeocean.test"], path) == [403] * 2


@pytest.mark.parametrize("names", ["*", ["*"], ["one.test", "*"]])
def test_every_name_can_be_allowed(names: Sequence[str]) -> None:
    with MockCodeOcean(random_seed=7, allowed_host_names=names) as mock:
        for path in (CAPSULE, "/docs", *STEERING):
            assert statuses(mock.url, ["any.example.com", "a@b"], path) == [200] * 2


@pytest.mark.parametrize("name", ["http://codeocean.test", "codeocean.test:8000", "", "a b", "*.test", "é", "a..b"])
def test_a_name_that_cannot_be_one(name: str) -> None:
    with pytest.raises(StartError, match="not a host name"):
        MockCodeOcean(allowed_host_names=[name])
    refused = run("serve", "--in-memory", "--port", "0", "--allow-host-name", name)
    assert refused.returncode == 1
    assert refused.stderr.endswith(f'not a host name: "{name}"; write a name without scheme and port, or *\n')
    assert refused.stderr.count("\n") == 1


def test_the_command_reads_names_from_its_options_and_its_environment() -> None:
    hosts = ["one.test", "two.test", "x.test"]
    with started("--in-memory", "--allow-host-name", "one.test", "--allow-host-name", "Two.test") as server:
        assert statuses(server.url, hosts) == [200, 200, 403]
    with started("--in-memory", CODEOCEAN_MOCK_ALLOW_HOST_NAME="one.test two.test") as server:
        assert statuses(server.url, hosts) == [200, 200, 403]


def test_a_server_with_a_control_token_is_steered_by_any_name_but_read_by_its_own() -> None:
    """Who has the token is no page of somebody else; who has a demo token may be."""
    with MockCodeOcean(control_token="open-sesame") as mock:
        health = f"{mock.url}/_mock/health"
        headers = {"Host": "evil.example.com", "Authorization": "Bearer open-sesame"}
        assert httpx.get(health, headers=headers).status_code == 200
        assert get(mock.url, CAPSULE, "evil.example.com").status_code == 403


def test_a_server_that_others_reach_is_reached_by_any_name() -> None:
    """By what clients in its network call it, such as the name of a service in a compose file."""
    with started("--in-memory", "--host", "0.0.0.0", "--control-token", "open-sesame") as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        for path in (CAPSULE, "/docs"):
            assert statuses(url, ["codeocean", "host.docker.internal:8000", "a@b"], path) == [200] * 3
