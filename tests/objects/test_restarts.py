"""Servers that stop and start again: with S3, without it, and with it again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mock_server.s3.endpoint import Endpoint
from mock_server.settings import S3Setting
from tests import ids
from tests.objects.conftest import CHOSEN
from tests.objects.deployment import FILES, Deployed, deployed, setting_of, sizes
from tests.process import until
from tests.s3.proxy import Proxy

RUN = {"computation": {"id": ids.PAST_RUN}}

LARGE = {f"{number}.bin": bytes([number]) * 200_000 for number in range(20)}


@contextmanager
def serving(data: Path, setting: S3Setting | None, endpoint: Endpoint | None = None) -> Iterator[Deployed]:
    """The default world of a server that keeps its data in a folder."""
    with deployed(setting, endpoint, data_dir=data) as deployment, deployment.world() as world:
        yield world


@pytest.mark.skipif(CHOSEN, reason="it is about the embedded server")
def test_internal_data_assets_are_in_the_embedded_server_again(tmp_path: Path) -> None:
    setting = S3Setting("embedded")
    with serving(tmp_path, setting) as world:
        user = world.bucket(FILES)
        made = [world.from_bucket(user), world.create(source=RUN)]
        external = world.from_bucket(user, keep_on_external_storage=True)
        deleted = world.from_bucket(user)
        world.delete(deleted["id"])
        before = {one["id"]: world.lying(one["id"]) for one in made}
    with serving(tmp_path, setting) as world:
        for one in made:
            assert world.get(one["id"]) == one
            until(lambda one=one: world.lying(one["id"]) == before[one["id"]])  # type: ignore[misc]
        for path, body in FILES.items():
            assert world.fetch(world.urls(made[0]["id"], path)["download_url"]) == body
        assert world.get(external["id"]) == external
        assert world.lying(deleted["id"]) == {}
        # Buckets of users end with the server that held them.
        assert world.from_bucket(user)["state"] == "failed"
        assert world.from_bucket("MY_BUCKET")["state"] == "ready"


def test_a_server_goes_on_at_the_same_endpoint(tmp_path: Path, endpoint: Endpoint) -> None:
    setting = setting_of(endpoint)
    with serving(tmp_path, setting, endpoint) as world:
        user = world.bucket(FILES)
        made = world.from_bucket(user)
        doomed = world.from_bucket(user)
    with serving(tmp_path, setting, endpoint) as world:
        assert world.get(made["id"]) == made
        assert world.lying(made["id"]) == FILES
        assert world.fetch(world.urls(made["id"], "table.csv")["download_url"]) == FILES["table.csv"]
        world.delete(doomed["id"])
        until(lambda: world.lying(doomed["id"]) == {})
        target = world.bucket({})
        world.transferred(made["id"], target, "x")
        assert world.in_bucket(target) == {f"x/{path}": body for path, body in FILES.items()}


def test_what_was_begun_goes_on(tmp_path: Path, endpoint: Endpoint, proxy: Proxy) -> None:
    """A server that is stopped in the middle of what it does goes on with all of it when it is started again."""
    setting = setting_of(endpoint)
    with serving(tmp_path, S3Setting(proxy.url, setting.bucket), endpoint) as world:
        user, target, moved_to = world.bucket(LARGE), world.bucket({}), world.bucket({})
        moving, doomed = (world.from_bucket(user, "1.bin") for _ in range(2))
        proxy.refuse("PUT", 503, "SlowDown", times=1_000_000)
        proxy.refuse("POST", 503, "SlowDown", times=1_000_000)
        copied = world.begin(source={"aws": {"bucket": user}})
        captured = world.begin(source=RUN)
        elsewhere = world.begin(source=RUN, target={"aws": {"bucket": target, "prefix": "x"}})
        aws = {"bucket": moved_to, "prefix": "y"}
        world.admin.ask("POST", f"/data_assets/{moving['id']}/transfer", 204, json={"target": {"aws": aws}})
        world.delete(doomed["id"])
        given_up = world.begin(source={"aws": {"bucket": user}})
        world.delete(given_up["id"])
        drafts = [copied["id"], captured["id"], elsewhere["id"]]
        assert {world.get(key)["state"] for key in drafts} == {"draft"}
    with serving(tmp_path, setting, endpoint) as world:
        assert [world.ended(key)["state"] for key in drafts] == ["ready"] * 3
        assert world.lying(copied["id"]) == LARGE
        assert sizes(world.lying(captured["id"])) == world.listed(captured["id"])
        assert world.in_bucket(target) == {f"x/{path}": body for path, body in world.lying(captured["id"]).items()}
        until(
            lambda: "source_bucket" in world.get(moving["id"]) and world.get(moving["id"])["source_bucket"]["external"]
        )
        assert world.in_bucket(moved_to) == {"y/1.bin": LARGE["1.bin"]}
        for key in (moving["id"], doomed["id"], given_up["id"]):
            until(lambda key=key: world.lying(key) == {})  # type: ignore[misc]


def test_keys_of_a_request_do_not_outlive_the_server(tmp_path: Path, endpoint: Endpoint, proxy: Proxy) -> None:
    setting = setting_of(endpoint)
    keys = endpoint.keys
    assert keys is not None
    mine = {"access_key_id": keys.access_key_id, "secret_access_key": keys.secret_access_key}
    with serving(tmp_path, S3Setting(proxy.url, setting.bucket), endpoint) as world:
        user = world.bucket(FILES)
        proxy.refuse("GET", 503, "SlowDown", times=1_000_000)
        draft = world.begin(source={"aws": {"bucket": user} | mine})
        assert world.get(draft["id"])["state"] == "draft"
    with serving(tmp_path, setting, endpoint) as world:
        failed = world.ended(draft["id"])
        assert failed["state"] == "failed"
        assert "create the data asset again" in failed["failure_reason"]
        until(lambda: world.lying(draft["id"]) == {})


@pytest.fixture
def halted(tmp_path: Path, endpoint: Endpoint, proxy: Proxy) -> tuple[S3Setting, dict[str, str]]:
    """What a server had to do when it was stopped, and the ids of its data assets."""
    setting = setting_of(endpoint)
    with serving(tmp_path, S3Setting(proxy.url, setting.bucket), endpoint) as world:
        user = world.bucket(FILES)
        found = {"copied": world.from_bucket(user)["id"], "doomed": world.from_bucket(user)["id"]}
        found["captured"] = world.create(source=RUN)["id"]
        found["external"] = world.from_bucket(user, keep_on_external_storage=True)["id"]
        proxy.refuse("PUT", 503, "SlowDown", times=1_000_000)
        found |= {name: world.begin(source={"aws": {"bucket": user}})["id"] for name in ("draft", "doomed draft")}
        # Something of it is there already.
        endpoint.client.put_object(Bucket=setting.bucket, Key=f"{found['doomed draft']}/table.csv", Body=b"begun")
        return setting, found


def test_without_s3_nothing_is_lost(
    tmp_path: Path, endpoint: Endpoint, halted: tuple[S3Setting, dict[str, str]]
) -> None:
    setting, keys = halted
    target = {"target": {"aws": {"bucket": "MY_BUCKET", "prefix": "x"}}}
    with serving(tmp_path, None) as world:
        assert world.get(keys["draft"])["state"] == "draft"
        for name in ("copied", "captured", "external"):
            assert world.get(keys[name])["state"] == "ready"
        assert world.listed(keys["copied"]) == sizes(FILES)
        # Where the bytes are needed, the answer says why there are none.
        refused = world.ask("GET", f"/data_assets/{keys['copied']}/files/urls", 503, params={"path": "table.csv"})
        assert "S3" in refused["message"]
        refused = world.admin.ask("POST", f"/data_assets/{keys['copied']}/transfer", 503, json=target)
        assert "S3" in refused["message"]
        # Results are kept beside the database as ever.
        url = world.urls(keys["captured"], "table.csv")["download_url"]
        assert world.fetch(url).startswith(b"row")
        for name in ("doomed", "doomed draft"):
            world.delete(keys[name])
        played = world.begin(source=RUN)
        world.control.advance("1h")
        assert world.get(played["id"])["state"] == "ready"
    with serving(tmp_path, setting, endpoint) as world:
        assert world.ended(keys["draft"])["state"] == "ready"
        assert world.lying(keys["draft"]) == world.lying(keys["copied"]) == FILES
        assert world.fetch(world.urls(keys["copied"], "table.csv")["download_url"]) == FILES["table.csv"]
        # What was made meanwhile is put where it belongs, what was deleted is removed.
        until(lambda: sizes(world.lying(played["id"])) == world.listed(played["id"]))
        for name in ("doomed", "doomed draft"):
            until(lambda name=name: world.lying(keys[name]) == {})  # type: ignore[misc]
