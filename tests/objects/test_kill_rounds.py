"""Servers that are killed with -9 while they copy. S3_SOAK=yes runs the long form (`make s3-soak`)."""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx

from mock_server.s3.endpoint import Endpoint
from mock_server.s3.places import Place
from tests import ids
from tests.objects.deployment import FILES, Deployed, Deployment, keys, variables
from tests.process import Process, started, until
from tests.s3.conftest import new_bucket

LONG = bool(os.environ.get("S3_SOAK"))
ROUNDS = 30 if LONG else 3
CLIENTS = 4
MOST = 30
"""The server is killed after at most so many acknowledgements, at a moment that is drawn."""

LARGE = {"large.bin": bytes(range(256)) * 50_000, "b/second.bin": bytes(range(255, -1, -1)) * 5_000}
MANY = {f"{number % 5}/{number}.txt": f"number {number}\n".encode() * 100 for number in range(60)}
SOURCES = {"few": FILES, "large": LARGE, "many": MANY}

NUMBERS = count()


class Buckets:
    """The buckets of a user: one that data assets are made of, and one that they are put into."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.source, self.target = new_bucket(endpoint), new_bucket(endpoint)
        for name, files in SOURCES.items():
            for path, body in files.items():
                endpoint.client.put_object(Bucket=self.source, Key=f"{name}/{path}", Body=body)


class User:
    """Somebody who works with data assets until the server is gone. Names of data assets say what is to be in them."""

    def __init__(self, url: str, buckets: Buckets, chance: Random, acknowledged: Callable[[], None]) -> None:
        self._client = Deployed(Deployment(url, buckets.endpoint), "default", "cop_demo_user", "cop_demo_admin")
        self._buckets = buckets
        self._chance = chance
        self._acknowledged = acknowledged

    def work(self) -> None:
        """Send one request after another."""
        with closing(self._client.deployment.control), self._client as client, suppress(httpx.HTTPError):
            while True:
                self._step(client)
                self._acknowledged()

    def _step(self, client: Deployed) -> None:
        kind = self._chance.choice(("copy", "copy", "count", "capture", "target", "transfer", "delete", "delete"))
        content = self._chance.choice(tuple(SOURCES))
        if kind in ("copy", "count"):
            aws = {"bucket": self._buckets.source, "prefix": content, "keep_on_external_storage": kind == "count"}
            client.begin(name=content, tags=["round"], source={"aws": aws})
        elif kind in ("capture", "target"):
            target = {"aws": {"bucket": self._buckets.target, "prefix": f"captured-{next(NUMBERS)}"}}
            more = {"target": target} if kind == "target" else {}
            client.begin(name="run", tags=["round"], source={"computation": {"id": ids.PAST_RUN}}, **more)
        else:
            one = self._chance.choice([*all_of(client), None])
            if one is not None and kind == "delete":
                client.request("DELETE", f"/data_assets/{one['id']}")
            elif one is not None:
                target = {"aws": {"bucket": self._buckets.target, "prefix": f"moved-{one['name']}-{next(NUMBERS)}"}}
                client.admin.request("POST", f"/data_assets/{one['id']}/transfer", json={"target": target})


def all_of(client: Deployed) -> list[Any]:
    """The data assets that were made in the rounds."""
    request = {"limit": 1000, "query": "tag:round"}
    found = client.ask("POST", "/data_assets/search", json=request)["results"]
    assert len(found) < 1000
    return [one for one in found if one.get("tags") == ["round"]]


def jobs_left(data: Path) -> int:
    """How many things are still to be done in S3."""
    with closing(sqlite3.connect(data / "default.sqlite")) as db:
        return int(db.execute("SELECT count(*) FROM objectjob").fetchone()[0])


def one_round(server: Process, buckets: Buckets, chance: Random) -> None:
    """Let several users work, and kill the server in the middle of it."""
    done = count(1)
    moment = chance.randrange(1, MOST)

    def acknowledged() -> None:
        if next(done) == moment:
            server.popen.kill()

    users = [User(server.url, buckets, Random(chance.random()), acknowledged) for _ in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as threads:
        for working in [threads.submit(user.work) for user in users]:
            working.result()
    server.kill()


def test_whenever_it_is_killed_every_data_asset_is_whole_or_gone(tmp_path: Path, endpoint: Endpoint) -> None:
    chance = Random(11)
    buckets, own = Buckets(endpoint), new_bucket(endpoint)
    options = ["--data-dir", str(tmp_path), "--s3", endpoint.url, "--s3-bucket", own]
    before = everything(endpoint, buckets.source)
    for _ in range(ROUNDS):
        with started(*options, **variables(endpoint)) as server:
            one_round(server, buckets, chance)
    with started(*options, **variables(endpoint)) as server:
        deployment = Deployment(server.url, endpoint)
        with closing(deployment.control), deployment.world() as world:
            until(lambda: jobs_left(tmp_path) == 0)
            made = all_of(world)
            assert {(one["state"], one.get("failure_reason"), one.get("transfer_error")) for one in made} <= {
                ("ready", None, None)
            }
            expected = SOURCES | {"run": results(world)}
            check_internal(world, own, made, expected)
            check_external(world, buckets, made, expected)
            check_target(world, buckets, expected)
            if LONG:
                assert Counter(one["name"] for one in made).keys() == expected.keys()
        assert everything(endpoint, buckets.source) == before
        assert endpoint.client.list_multipart_uploads(Bucket=own).get("Uploads", []) == []


def everything(endpoint: Endpoint, bucket: str) -> dict[str, bytes]:
    client = endpoint.client
    found = keys(Place(endpoint, bucket))
    return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in found}


def results(world: Deployed) -> dict[str, bytes]:
    """What is in a data asset that was made of the run."""
    return world.lying(world.create(source={"computation": {"id": ids.PAST_RUN}})["id"])


def internal(one: Any) -> bool:
    return not one.get("source_bucket", {}).get("external")


def check_internal(world: Deployed, own: str, made: list[Any], expected: dict[str, dict[str, bytes]]) -> None:
    """Each has its bytes in the bucket of the deployment, and nothing is there that belongs to none."""
    for one in filter(internal, made):
        files = expected[one["name"]]
        assert world.lying(one["id"]) == files, one
        assert (one["files"], one["size"]) == (len(files), sum(map(len, files.values()))), one
    for name in {key.partition("/")[0] for key in keys(Place(world.endpoint, own))}:
        assert internal(world.admin.ask("GET", f"/data_assets/{name}")), name


def check_external(world: Deployed, buckets: Buckets, made: list[Any], expected: dict[str, dict[str, bytes]]) -> None:
    """Each has its bytes where it says that they are."""
    for one in made:
        if not internal(one):
            where, files = one["source_bucket"], expected[one["name"]]
            lying = world.in_bucket(where["bucket"], f"{where['prefix']}/")
            assert {key.removeprefix(f"{where['prefix']}/"): body for key, body in lying.items()} == files, one
            assert (one["files"], one["size"]) == (len(files), sum(map(len, files.values()))), one
            assert world.lying(one["id"]) == {}
            assert where["bucket"] in (buckets.source, buckets.target)


def check_target(world: Deployed, buckets: Buckets, expected: dict[str, dict[str, bytes]]) -> None:
    """What is in the user's bucket is whole, also where a data asset was deleted before all of it was there."""
    for key, body in world.in_bucket(buckets.target).items():
        folder, _, path = key.partition("/")
        name = "run" if folder.startswith("captured-") else folder.split("-")[1]
        assert body == expected[name][path], key
