"""A server with an S3 server of its own, and one that works at an endpoint, for all tests here; a world for each."""

import os
from collections.abc import Iterator

import pytest

from mock_server.s3.endpoint import Endpoint
from mock_server.settings import S3Setting
from tests.objects.deployment import Deployed, Deployment, deployed, setting_of
from tests.s3 import servers
from tests.s3.conftest import _no_settings_of_aws  # noqa: F401 - a fixture
from tests.s3.proxy import Proxy

CHOSEN = servers.CHOSEN in os.environ
"""Whether the tests are run against another server than moto's."""

KINDS = ("endpoint",) if CHOSEN else ("embedded", "endpoint")


@pytest.fixture(scope="session")
def embedded(_no_settings_of_aws: None) -> Iterator[Deployment]:  # noqa: F811
    """A server with an S3 server of its own."""
    with deployed(S3Setting("embedded")) as deployment:
        yield deployment


@pytest.fixture(scope="session")
def endpoint(
    _no_settings_of_aws: None,  # noqa: F811
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Endpoint]:
    """An S3 server that no server of ours has started, as far as that can see: the one that is chosen, or else the one
    that another server has embedded.
    """
    if not CHOSEN:
        yield request.getfixturevalue("embedded").endpoint
        return
    with servers.running(tmp_path_factory.mktemp("s3")) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def other(_no_settings_of_aws: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:  # noqa: F811
    """A second S3 server."""
    with servers.running(tmp_path_factory.mktemp("other")) as other:
        yield other


@pytest.fixture(scope="session")
def beside(endpoint: Endpoint) -> Iterator[Deployment]:
    """A server that works at an S3 endpoint which was there before."""
    with deployed(setting_of(endpoint), endpoint) as deployment:
        yield deployment


@pytest.fixture(params=KINDS)
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """A server with S3, of each kind."""
    found: Deployment = request.getfixturevalue("embedded" if request.param == "embedded" else "beside")
    return found


@pytest.fixture
def world(deployment: Deployment) -> Iterator[Deployed]:
    """A world of its own for a test, at a server of each kind."""
    with deployment.new_world() as world:
        yield world


@pytest.fixture
def proxy(endpoint: Endpoint) -> Iterator[Proxy]:
    """A proxy before the S3 server."""
    proxy = Proxy(endpoint)
    yield proxy
    proxy.close()
