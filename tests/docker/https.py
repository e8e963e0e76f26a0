"""HTTPS in the image: `make docker-test`."""

import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from trustme import CA

from tests import ids
from tests.conftest import USER
from tests.docker.engine import Container, ContainerOptions, run, running

TOKEN = "the-token-of-this-test"
NETWORK = "codeocean-mock-under-test"
NAME = "codeocean"
FROM_ANOTHER_CONTAINER = f"""
import httpx, ssl, sys
trusted = ssl.create_default_context(cafile="/ca.pem")
answer = httpx.get("https://{NAME}:8000/api/v1/capsules/{ids.CAPSULE}", auth=("{USER}", ""), verify=trusted)
print(answer.status_code, answer.json()["id"])
"""


def get_capsule(container: Container, ca_file: Path) -> httpx.Response:
    trusted = ssl.create_default_context(cafile=ca_file)
    url = f"https://{container.place}/api/v1/capsules/{ids.CAPSULE}"
    return httpx.get(url, auth=(USER, ""), verify=trusted)


@pytest.fixture
def network() -> Iterator[str]:
    run("docker", "network", "create", NETWORK)
    yield NETWORK
    run("docker", "network", "rm", NETWORK)


@contextmanager
def healthy(image: str, env: dict[str, str], *options: str) -> Iterator[Container]:
    """A container that Docker calls healthy, which asks for its health every second."""
    chosen = ContainerOptions(
        image, env={"CODEOCEAN_MOCK_CONTROL_TOKEN": TOKEN} | env, options=["--health-interval=1s", *options]
    )
    with running(chosen) as container:
        container.wait_until_healthy()
        yield container


def test_a_certificate_that_is_made(image: str, network: str, tmp_path: Path) -> None:
    env = {"CODEOCEAN_MOCK_TLS": "self-signed", "CODEOCEAN_MOCK_TLS_NAME": NAME}
    with healthy(image, env, f"--network={network}", f"--network-alias={NAME}") as container:
        authority = tmp_path / "ca.pem"
        run("docker", "cp", f"{container.key}:/data/tls/ca.pem", str(authority))
        assert get_capsule(container, authority).json()["id"] == ids.CAPSULE
        assert httpx.get(f"http://{container.place}/").status_code == 400
        python = ("--volume", f"{authority}:/ca.pem:ro", "--entrypoint", "python", image, "-c", FROM_ANOTHER_CONTAINER)
        assert run("docker", "run", "--rm", "--network", network, *python).split() == ["200", ids.CAPSULE]


@pytest.fixture
def certificates() -> Iterator[Path]:
    """A folder with a certificate, its key and its authority, which others on this machine may read."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        authority = CA()
        authority.cert_pem.write_to_path(place / "ca.pem")
        # Not the names by which the health check reaches the server.
        issued = authority.issue_cert("codeocean.example.com", "127.0.0.1")
        issued.cert_chain_pems[0].write_to_path(place / "cert.pem")
        issued.private_key_pem.write_to_path(place / "key.pem")
        (place / "key.pem").chmod(0o644)
        yield place


def test_a_certificate_that_is_given(image: str, certificates: Path) -> None:
    env = {"CODEOCEAN_MOCK_TLS_CERT": "/tls/cert.pem", "CODEOCEAN_MOCK_TLS_KEY": "/tls/key.pem"}
    with healthy(image, env, f"--volume={certificates}:/tls:ro") as container:
        assert get_capsule(container, certificates / "ca.pem").json()["id"] == ids.CAPSULE
