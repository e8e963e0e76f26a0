"""Code that is really run finds the bytes of data assets that lie in S3, and its results get there."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.s3.endpoint import Endpoint
from mock_server.s3.places import Place
from mock_server.settings import S3Setting
from tests.conftest import Client
from tests.objects.deployment import FILES, Deployed, Deployment, deployed, keys, setting_of, variables
from tests.process import PATIENCE, until
from tests.runner.folders import write_capsule
from tests.runner.test_serve import ID, TOKEN, serving
from tests.s3.conftest import new_bucket
from tests.s3.proxy import Proxy

SCRIPT = """
cd ../data && find -L . -type f -print0 | sort -z | xargs -0 sha256sum > ../results/sums
cp -rL internal ../results/again
"""

FILES_OF_ALL = FILES | {"large.bin": bytes(range(256)) * 40_000}


@pytest.fixture
def world(tmp_path: Path, endpoint: Endpoint) -> Iterator[Deployed]:
    """A server with a runner that executes processes of this machine, and S3 at an endpoint."""
    folder = write_capsule(tmp_path / "capsule", SCRIPT)
    options = ("--in-memory", "--capsule", f"{ID}={folder}", "--s3", endpoint.url, "--s3-bucket", new_bucket(endpoint))
    with serving("process", tmp_path, *options, **variables(endpoint)) as server:
        deployment = Deployment(server.url, endpoint, TOKEN)
        with deployment.world() as world:
            yield world
        deployment.control.close()


def ended_run(client: Client, **params: Any) -> Any:
    key = client.ask("POST", "/computations", json={"capsule_id": ID} | params)["id"]
    until(lambda: client.ask("GET", f"/computations/{key}")["state"] in ("completed", "failed"))
    return client.ask("GET", f"/computations/{key}")


def test_data_assets_in_s3_are_mounted(world: Deployed) -> None:
    bucket = world.bucket({f"in/{path}": body for path, body in FILES_OF_ALL.items()})
    internal = world.from_bucket(bucket, "in")
    aws = {"bucket": bucket, "keep_on_external_storage": True}
    external = world.create(source={"aws": aws | {"prefix": "in"}}, mount="external")
    single = world.create(source={"aws": aws | {"prefix": "in/table.csv"}}, mount="single")
    both = world.create(data_asset_ids=[external["id"], single["id"]])
    mounted = {"internal": internal, "external": external, "single": single, "both": both}
    assert {one["state"] for one in mounted.values()} == {"ready"}
    run = ended_run(world, data_assets=[{"id": one["id"], "mount": name} for name, one in mounted.items()])
    assert (run["state"], run["exit_code"]) == ("completed", 0)
    urls = world.ask("GET", f"/computations/{run['id']}/results/urls", params={"path": "sums"})
    sums = dict(line.split("  ./", 1)[::-1] for line in world.fetch(urls["download_url"]).decode().splitlines())
    one = {"table.csv": FILES["table.csv"]}
    expected = {"internal": FILES_OF_ALL, "external": FILES_OF_ALL, "single": one}
    expected |= {"both/external": FILES_OF_ALL, "both/single": one}
    assert sums == {
        f"{mount}/{path}": hashlib.sha256(body).hexdigest()
        for mount, files in expected.items()
        for path, body in files.items()
    }
    # And from there into S3 again.
    captured = world.create(source={"computation": {"id": run["id"], "path": "again"}})
    assert world.lying(captured["id"]) == FILES_OF_ALL


def test_a_download_that_breaks_off_is_not_taken_for_whole(endpoint: Endpoint, proxy: Proxy) -> None:
    setting = setting_of(endpoint)
    with deployed(S3Setting(proxy.url, setting.bucket), endpoint) as deployment, deployment.world() as world:
        external = world.from_bucket(world.bucket(FILES_OF_ALL), keep_on_external_storage=True)
        proxy.refuse("GET", 403, "AccessDenied", path="large.bin")
        path = f"{world.url}/_mock/worlds/default/data_assets/{external['id']}/tar"
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(path, timeout=PATIENCE)
        assert httpx.get(path, timeout=PATIENCE).status_code == 200
        proxy.refuse("GET", 403, "AccessDenied", path="list-type")
        refused = httpx.get(path, timeout=PATIENCE)
        assert (refused.status_code, "denied" in refused.json()["message"]) == (409, True)


def test_a_run_whose_data_is_gone_fails_and_says_why(world: Deployed) -> None:
    bucket = world.bucket(FILES)
    external = world.from_bucket(bucket, keep_on_external_storage=True)
    for key in keys(Place(world.endpoint, bucket)):
        world.endpoint.client.delete_object(Bucket=bucket, Key=key)
    world.endpoint.client.delete_bucket(Bucket=bucket)
    run = ended_run(world, data_assets=[{"id": external["id"], "mount": "external"}])
    assert run["state"] == "failed"
    urls = world.ask("GET", f"/computations/{run['id']}/results/urls", params={"path": "output"})
    log = world.fetch(urls["download_url"]).decode()
    assert f"the data asset new cannot be had: the bucket {bucket} does not exist" in log
