"""Nothing in any bucket is changed but what a call names: random sequences of calls beside buckets full of objects.
S3_SOAK=yes draws more and longer ones (`make s3-soak`).
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.domain.paths import clean
from mock_server.s3.endpoint import Endpoint
from mock_server.s3.places import Place
from mock_server.settings import S3Setting
from tests import ids
from tests.objects.conftest import CHOSEN
from tests.objects.deployment import Deployed, deployed, keys, setting_of
from tests.process import until
from tests.s3.conftest import new_bucket
from tests.s3.proxy import Proxy

LONG = bool(os.environ.get("S3_SOAK"))
EXAMPLES, STEPS = (80, 30) if LONG else (5, 12)

OBJECTS = {
    "one.txt": b"at the top", "a": b"an object called as a folder", "a/": b"", "a/one.txt": b"one", "a/b/two.txt": b"2",
    "a/b": b"another one", "ab/one.txt": b"a neighbour", "a-b/one.txt": b"a neighbour too", "b/one.txt": b"three",
    "x/y/z": b"deep", "x/yz": b"beside", "a b/one.txt": b"with a space", "a%2Fb/one.txt": b"quoted",
    "\u00fc/one.txt": b"odd", "table.csv": b"of somebody", "a/table.csv": b"of somebody else",
    f"{ids.NOBODYS}/one.txt": b"under an id that no data asset has", f"{ids.IRIS}x/one.txt": b"beside one that has",
    f"{ids.IRIS}": b"an object called as a data asset",
}  # fmt: skip
"""What is in each bucket of the user's, and in that of the deployment, before anything is called."""

if CHOSEN:
    # For SeaweedFS, where a key ends in the middle of another, both cannot be there.
    for key in ("a", "a/", "a/b", f"{ids.IRIS}"):
        del OBJECTS[key]

FOLDERS = ("a", "a/", "a/b", "b", "none", "x/y", "/a", "a/one.txt", "a b", "\u00fc", "a%2Fb", ids.NOBODYS)


class Step(NamedTuple):
    """A call, with what it may need."""

    kind: str
    bucket: int
    prefix: str
    pick: int


KINDS = (
    "copy",
    "copy",
    "count",
    "capture",
    "put",
    "put",
    "transfer",
    "transfer",
    "delete",
    "delete",
    "trouble",
    "settle",
)
RARE = ("reset", "world", "save", "load")

steps = st.builds(
    Step,
    st.sampled_from(KINDS * 2 + RARE),
    st.integers(0, 2),
    st.sampled_from(FOLDERS),
    st.integers(0, 100),
)


class Sequence:
    """The calls of one sequence, and what they have named."""

    def __init__(self, world: Deployed, proxy: Proxy) -> None:
        self.world = world
        self.proxy = proxy
        self.own = world.own
        self.buckets = [new_bucket(world.endpoint), new_bucket(world.endpoint), self.own]
        for bucket in self.buckets:
            for key, body in OBJECTS.items():
                world.endpoint.client.put_object(Bucket=bucket, Key=key, Body=body)
        self.written: dict[str, set[str]] = {bucket: set() for bucket in self.buckets}
        """The folders that calls have named to write to, by bucket."""
        self.snapshot = False

    def do(self, step: Step) -> None:
        """Make a call."""
        if step.kind == "world":
            self.work_in_another_world()
        else:
            getattr(self, step.kind)(step)

    def copy(self, step: Step, **more: bool) -> None:
        prefix = "" if step.pick < 10 else step.prefix
        self.world.begin(source={"aws": {"bucket": self.buckets[step.bucket], "prefix": prefix} | more})

    def count(self, step: Step) -> None:
        self.copy(step, keep_on_external_storage=True)

    def capture(self, step: Step) -> None:
        self.world.begin(source={"computation": {"id": ids.PAST_RUN}})

    def put(self, step: Step) -> None:
        target = self.named(step)
        self.world.begin(source={"computation": {"id": ids.PAST_RUN}}, target=target)

    def transfer(self, step: Step) -> None:
        one = self.one_of(step)
        answer = self.world.admin.request("POST", f"/data_assets/{one}/transfer", json={"target": self.named(step)})
        assert answer.status_code in (204, 400, 403, 404)

    def named(self, step: Step) -> dict[str, object]:
        bucket = self.buckets[step.bucket]
        self.written[bucket].add(f"{clean(step.prefix)}/")
        return {"aws": {"bucket": bucket, "prefix": step.prefix}}

    def one_of(self, step: Step) -> str:
        found = self.all_of()
        return found[step.pick % len(found)] if found else ids.NOBODYS

    def all_of(self) -> list[str]:
        """The data assets that may be transferred and deleted, those of the seed too."""
        request = {"limit": 100, "ownership": "created"}
        return [one["id"] for one in self.world.ask("POST", "/data_assets/search", json=request)["results"]]

    def delete(self, step: Step) -> None:
        answer = self.world.request("DELETE", f"/data_assets/{self.one_of(step)}")
        assert answer.status_code in (204, 403, 404)

    def trouble(self, step: Step) -> None:
        method = ("GET", "PUT", "POST", "HEAD", "DELETE")[step.pick % 5]
        if step.pick % 2:
            self.proxy.refuse(method, 503, "SlowDown", times=step.pick % 30)
        else:
            self.proxy.refuse(method, 403, "AccessDenied", times=1)

    def settle(self, _step: Step) -> None:
        until(lambda: all(self.world.get(key)["state"] != "draft" for key in self.all_of()))

    def reset(self, _step: Step) -> None:
        self.world.control.reset()

    def work_in_another_world(self) -> None:
        with self.world.deployment.new_world() as other:
            other.begin(source={"computation": {"id": ids.PAST_RUN}})
            other.begin(source={"aws": {"bucket": self.buckets[0], "prefix": "a"}})

    def save(self, _step: Step) -> None:
        self.world.control.save("sequence")
        self.snapshot = True

    def load(self, _step: Step) -> None:
        if self.snapshot:
            self.world.control.load("sequence")

    def check(self) -> None:
        """Wait until everything is done, and look at all buckets."""
        for fault in self.proxy.faults:
            fault.times = 0
        self.settle(Step("settle", 0, "", 0))
        for bucket in self.buckets[:2]:
            self.compare(bucket, self.world.in_bucket(bucket))
        until(lambda: not self.strange())
        self.compare(self.own, self.world.in_bucket(self.own))

    def strange(self) -> set[str]:
        """What lies in the bucket of the deployment under the name of no data asset, and that no call has put there."""
        named = tuple(self.written[self.own])
        names = {
            key.partition("/")[0]
            for key in keys(Place(self.world.endpoint, self.own))
            if key not in OBJECTS and not key.startswith(named)
        }
        return {name for name in names if self.world.admin.request("GET", f"/data_assets/{name}").status_code != 200}

    def compare(self, bucket: str, after: dict[str, bytes]) -> None:
        named = tuple(self.written[bucket])
        for key, body in OBJECTS.items():
            assert key in after, f"{key} was deleted"
            assert after[key] == body or key.startswith(named), f"{key} was changed"
        if bucket != self.own:
            assert [key for key in after if key not in OBJECTS and not key.startswith(named)] == []

    def tidy(self) -> None:
        """Leave nothing for the next sequence."""
        for fault in self.proxy.faults:
            fault.times = 0
        self.world.control.reset()
        for key in keys(Place(self.world.endpoint, self.own)):
            if key.startswith(tuple(self.written[self.own])):
                self.world.endpoint.client.delete_object(Bucket=self.own, Key=key)
        with suppress(Exception):
            self.world.deployment.control.delete_snapshot("sequence")


@pytest.fixture
def world(endpoint: Endpoint, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """The default world of a server that reaches S3 through the proxy, and is impatient."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.02)
    monkeypatch.setattr("mock_server.services.objects.worker.PAUSES", (0.05, 0.1, 0.2, 0.4))
    setting = setting_of(endpoint)
    with deployed(S3Setting(proxy.url, setting.bucket), endpoint) as deployment, deployment.world() as world:
        until(lambda: bool(world.lying(ids.IRIS)))
        yield world


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(sequence=st.lists(steps, min_size=STEPS // 2, max_size=STEPS))
def test_what_no_call_names_stays_as_it_is(world: Deployed, proxy: Proxy, sequence: list[Step]) -> None:
    doing = Sequence(world, proxy)
    try:
        for step in sequence:
            doing.do(step)
        doing.check()
    finally:
        doing.tidy()
