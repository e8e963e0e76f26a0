"""The service containers of docs/docker.md, run as GitHub and GitLab run them: `make docker-test`."""

import shlex
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml

from tests import ids
from tests.conftest import USER
from tests.docker.engine import ContainerOptions, run, running
from tests.test_docker_files import PAGE
from tests.test_docs import blocks

NETWORK = "codeocean-mock-job-under-test"
CLIENT = """
import os, httpx
url, token = os.environ["CODEOCEAN_DOMAIN"], os.environ["CODEOCEAN_TOKEN"]
transport = httpx.HTTPTransport(retries=10)
with httpx.Client(transport=transport, timeout=120) as client:
    print(client.get(f"{url}/api/v1/capsules/CAPSULE", auth=(token, "")).json()["id"])
""".replace("CAPSULE", ids.CAPSULE)
"""What a job in a container does; a service that listens a moment later is waited for, as GitLab does."""


def yaml_block_with(key: str) -> Any:
    """The workflow of the page that has `key`."""
    [text] = [text for text in blocks(PAGE, "yaml") if key in yaml.safe_load(text)]
    return yaml.safe_load(text)


@pytest.fixture
def network() -> Iterator[str]:
    run("docker", "network", "create", NETWORK)
    yield NETWORK
    run("docker", "network", "rm", NETWORK)


def test_a_service_of_github(image: str) -> None:
    job = yaml_block_with("jobs")["jobs"]["test"]
    service = job["services"]["codeocean"]
    with running(ContainerOptions(image, env=service["env"], options=shlex.split(service["options"]))) as container:
        # The steps begin when it is healthy.
        container.wait_until_healthy()
        token = job["env"]["CODEOCEAN_TOKEN"]
        assert token == USER
        answer = httpx.get(f"{container.url}/api/v1/capsules/{ids.CAPSULE}", auth=(token, ""))
        assert answer.json()["id"] == ids.CAPSULE
        control = {"Authorization": f"Bearer {service['env']['CODEOCEAN_MOCK_CONTROL_TOKEN']}"}
        world = httpx.get(f"{container.url}/_mock/worlds/default/clock", headers=control).json()
        assert (world["mode"], world["scale"]) == ("scaled", 60)


def test_a_service_of_gitlab(image: str, network: str) -> None:
    job = yaml_block_with("test")["test"]
    variables = job["variables"]
    alias = f"--network-alias={job['services'][0]['alias']}"
    # The variables of a job are those of its services, too.
    with running(ContainerOptions(image, env=variables, options=[f"--network={network}", alias])):
        env = [f"--env={name}={value}" for name, value in variables.items()]
        python = ("--entrypoint", "python", image, "-c", CLIENT)
        assert run("docker", "run", "--rm", f"--network={network}", *env, *python).strip() == ids.CAPSULE
