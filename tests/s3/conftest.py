"""An S3 server for all tests here, and a bucket for each."""

import os
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from mock_server.s3.endpoint import Endpoint
from mock_server.s3.places import Place, ensure_bucket
from tests.s3 import servers
from tests.s3.proxy import Proxy

NUMBERS = count()


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that whoever runs the tests has set for AWS tools is used."""
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patched.delenv(name)
        home = tmp_path_factory.mktemp("aws")
        patched.setenv("AWS_CONFIG_FILE", str(home / "config"))
        patched.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "credentials"))
        patched.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def endpoint(_no_settings_of_aws: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The server's endpoint, with keys that may do everything."""
    with servers.running(tmp_path_factory.mktemp("s3")) as endpoint:
        yield endpoint
        endpoint.close()


@pytest.fixture(scope="session")
def other_endpoint(_no_settings_of_aws: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The endpoint of a second server."""
    with servers.running(tmp_path_factory.mktemp("other-s3")) as endpoint:
        yield endpoint
        endpoint.close()


@pytest.fixture
def bucket(endpoint: Endpoint) -> str:
    return new_bucket(endpoint)


def new_bucket(endpoint: Endpoint) -> str:
    """An empty bucket."""
    name = f"bucket-{os.getpid()}-{next(NUMBERS)}"
    ensure_bucket(endpoint, name)
    return name


@pytest.fixture
def put(endpoint: Endpoint, bucket: str) -> Callable[..., None]:
    """Writes objects of these keys, each with a content of its own or of these bytes."""

    def put(*keys: str, body: bytes | None = None) -> None:
        for key in keys:
            content = key.encode() if body is None else body
            endpoint.client.put_object(Bucket=bucket, Key=key, Body=content)

    return put


def contents(place: Place) -> dict[str, bytes]:
    """What is in a bucket, whatever the place's prefix is: keys and bytes."""
    client = place.endpoint.client
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=place.bucket)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    return {key: client.get_object(Bucket=place.bucket, Key=key)["Body"].read() for key in keys}


@pytest.fixture
def proxy(endpoint: Endpoint) -> Iterator[Proxy]:
    """A proxy before the server."""
    proxy = Proxy(endpoint)
    yield proxy
    proxy.close()
