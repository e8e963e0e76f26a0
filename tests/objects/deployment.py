"""A Code Ocean with S3 behind its data assets, as those see it who have access to both."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import httpx
import pytest

from mock_server.app import create_app
from mock_server.client import Control
from mock_server.s3.embedded import KEYS as EMBEDDED_KEYS
from mock_server.s3.endpoint import Endpoint, EndpointOptions
from mock_server.s3.places import Place, bucket_exists
from mock_server.settings import S3Setting, Settings
from mock_server.threaded_server import LiveServer
from tests.conftest import USER, Client
from tests.process import until
from tests.s3.conftest import new_bucket

NUMBERS = count()

ADMIN = "cop_demo_admin"

FILES = {"table.csv": b"a,b\n1,2\n", "images/plate 1.tif": bytes(range(256)) * 40, "deep/er/\u00fc.txt": b"\xc3\xbc"}
"""Files as somebody may have them in a bucket: text and bytes, small and larger, names with odd letters."""

SIZE = sum(map(len, FILES.values()))


class Deployment:
    """A running server, and the endpoint of its S3 for whoever may do everything there."""

    def __init__(self, url: str, endpoint: Endpoint | None = None, control_token: str | None = None) -> None:
        self.url = url
        self.control = Control(url, control_token)
        s3 = self.control.world().info().s3
        if endpoint is None and s3 is not None:
            options = EndpointOptions(s3.variables["AWS_ENDPOINT_URL_S3"], region="us-east-1")
            endpoint = Endpoint(options, EMBEDDED_KEYS)
        self._endpoint = endpoint

    @property
    def endpoint(self) -> Endpoint:
        """Where its S3 is."""
        assert self._endpoint is not None, "it has no S3"
        return self._endpoint

    @contextmanager
    def world(self, name: str = "default", user: str = USER, admin: str = ADMIN) -> Iterator["Deployed"]:
        """One of its worlds, as two of its users see it; made when it is not there."""
        if name not in {world.name for world in self.control.worlds()}:
            self.control.create_world(name)
        control = self.control.world(name)
        with Deployed(self, name, control.token(user), control.token(admin)) as deployed:
            yield deployed

    @contextmanager
    def new_world(self, **fields: Any) -> Iterator["Deployed"]:
        """A world that nobody had before, and that is gone afterwards."""
        name = self.control.create_world(f"world-{next(NUMBERS)}", **fields).name
        with self.world(name) as deployed:
            yield deployed
        if name in {world.name for world in self.control.worlds()}:
            self.control.delete_world(name)


@contextmanager
def deployed(s3: S3Setting | None, endpoint: Endpoint | None = None, **settings: Any) -> Iterator[Deployment]:
    """A server with these settings. The keys of the endpoint, if it is not the server's own, are in its environment."""
    chosen = {"data_dir": None, "random_seed": 7, "seed": "demo"} | settings
    with pytest.MonkeyPatch.context() as patched:
        for name, value in variables(endpoint).items() if endpoint is not None else ():
            patched.setenv(name, value)
        app = create_app(Settings(s3=s3, **chosen))
        try:
            with LiveServer(app) as live:
                deployment = Deployment(live.url, endpoint)
                yield deployment
                deployment.control.close()
        finally:
            app.worlds.close()


def variables(endpoint: Endpoint) -> dict[str, str]:
    """What AWS tools read, for whoever may do everything at an endpoint."""
    assert endpoint.keys is not None
    return {
        "AWS_ACCESS_KEY_ID": endpoint.keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": endpoint.keys.secret_access_key,
        "AWS_REGION": "us-east-1",
    }


def setting_of(endpoint: Endpoint, **more: Any) -> S3Setting:
    """How a server is told to work at an endpoint, with a bucket that nobody else has."""
    return S3Setting(endpoint.url, **{"bucket": f"own-{os.getpid()}-{next(NUMBERS)}"} | more)


class Deployed(Client):
    """A world of a deployment with its S3: a client for the demo user, and `admin`, another one for an admin."""

    def __init__(self, deployment: Deployment, name: str, user: str, admin: str) -> None:
        super().__init__(deployment.url, user)
        self.deployment = deployment
        self.name = name
        self.admin = self.speaking_as(admin)
        self.control = deployment.control.world(name)

    @property
    def endpoint(self) -> Endpoint:
        """Where its S3 is."""
        return self.deployment.endpoint

    @property
    def own(self) -> str:
        """The bucket of this world."""
        s3 = self.control.info().s3
        assert s3 is not None
        return s3.bucket

    def bucket(self, files: Mapping[str, bytes] = FILES, prefix: str = "") -> str:
        """A new bucket with these files."""
        name = new_bucket(self.endpoint)
        for path, body in files.items():
            self.endpoint.client.put_object(Bucket=name, Key=prefix + path, Body=body)
        return name

    def in_bucket(self, bucket: str, folder: str = "") -> dict[str, bytes]:
        """What is in a bucket, or in a folder of it (`folder/`): keys and bytes."""
        found = {}
        for key in keys(Place(self.endpoint, bucket, folder)):
            # What is being removed may be listed, and be gone by then.
            with suppress(self.endpoint.client.exceptions.NoSuchKey):
                found[key] = self.endpoint.client.get_object(Bucket=bucket, Key=key)["Body"].read()
        return found

    def lying(self, data_asset_id: str) -> dict[str, bytes]:
        """The objects of a data asset in the bucket of the world, by their paths."""
        folder = f"{data_asset_id}/"
        return {key.removeprefix(folder): body for key, body in self.in_bucket(self.own, folder).items()}

    def begin(self, **fields: Any) -> Any:
        """A data asset that is being made."""
        return self.ask("POST", "/data_assets", json={"name": "new", "tags": ["t"], "mount": "new"} | fields)

    def from_bucket(self, bucket: str, prefix: str | None = None, **aws: Any) -> Any:
        """A data asset made from a bucket, once it is no draft any more."""
        where = {"bucket": bucket} | ({"prefix": prefix} if prefix is not None else {})
        return self.ended(self.begin(source={"aws": where | aws})["id"])

    def create(self, **fields: Any) -> Any:
        """A data asset, once it is no draft any more."""
        return self.ended(self.begin(**fields)["id"])

    def get(self, data_asset_id: str) -> Any:  # type: ignore[override]
        """A data asset as it is."""
        return self.ask("GET", f"/data_assets/{data_asset_id}")

    def ended(self, data_asset_id: str) -> Any:
        """A data asset, once it is no draft any more."""
        until(lambda: self.get(data_asset_id)["state"] != "draft")
        return self.get(data_asset_id)

    def transferred(self, data_asset_id: str, bucket: str, prefix: str = "", **more: Any) -> Any:
        """A data asset, once it is transferred or that has failed."""
        before = self.get(data_asset_id)
        target = {"aws": {"bucket": bucket, "prefix": prefix}}
        self.admin.ask("POST", f"/data_assets/{data_asset_id}/transfer", 204, json={"target": target} | more)

        def is_over() -> bool:
            now = self.get(data_asset_id)
            return "transfer_error" in now or now.get("source_bucket") != before.get("source_bucket")

        until(is_over)
        return self.get(data_asset_id)

    def delete(self, data_asset_id: str) -> None:  # type: ignore[override]
        """Delete a data asset."""
        self.ask("DELETE", f"/data_assets/{data_asset_id}", 204)

    def listed(self, data_asset_id: str, path: str = "") -> dict[str, int]:
        """The paths and sizes of all files of a data asset, as the API lists them."""
        found: dict[str, int] = {}
        for item in self.ask("POST", f"/data_assets/{data_asset_id}/files", json={"path": path})["items"]:
            if item["type"] == "folder":
                found |= self.listed(data_asset_id, item["path"])
            else:
                found[item["path"]] = item["size"]
        return found

    def fetch(self, url: str, **headers: str) -> bytes:
        """What a URL gives, without the credentials of this client. Raises `HTTPStatusError`."""
        return httpx.get(url, headers=headers).raise_for_status().content

    def urls(self, data_asset_id: str, path: str) -> Any:
        """The URLs of a file of a data asset."""
        return self.ask("GET", f"/data_assets/{data_asset_id}/files/urls", params={"path": path})


def keys(place: Place) -> list[str]:
    """The keys in a place, those of folders too; none in a bucket that is not there (yet)."""
    if not bucket_exists(place.endpoint, place.bucket):
        return []
    pages = place.endpoint.client.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.prefix)
    return [entry["Key"] for page in pages for entry in page.get("Contents", ())]


def sizes(files: Mapping[str, bytes]) -> dict[str, int]:
    """How large files are."""
    return {path: len(body) for path, body in files.items()}
