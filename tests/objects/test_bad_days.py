"""What S3 does on bad days: data assets are made in spite of it or fail with a reason, everything else is answered."""

import threading
from collections.abc import Iterator

import pytest

from mock_server.s3.endpoint import Endpoint
from mock_server.s3.places import Place
from mock_server.settings import S3Setting
from tests import ids
from tests.objects.conftest import CHOSEN
from tests.objects.deployment import FILES, Deployed, deployed, keys, setting_of
from tests.process import until
from tests.s3 import servers
from tests.s3.conftest import new_bucket
from tests.s3.proxy import Fault, Proxy

RUN = {"computation": {"id": ids.PAST_RUN}}

ALWAYS = 1_000_000

LARGE = {"large.bin": bytes(range(256)) * 80_000, **FILES}
"""Files, one of which is put in parts."""


@pytest.fixture
def troubled(endpoint: Endpoint, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """A server that reaches S3 through the proxy, and is impatient. What its seed has is there before anything goes
    wrong.
    """
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.02)
    monkeypatch.setattr("mock_server.services.objects.worker.PAUSES", (0.05, 0.1, 0.2, 0.4))
    setting = setting_of(endpoint)
    with deployed(S3Setting(proxy.url, setting.bucket), endpoint) as deployment, deployment.world() as world:
        until(lambda: bool(world.lying(ids.IRIS)))
        yield world


def sweep(world: Deployed) -> None:
    """Wait until nothing lies in the bucket of the world under a name that no internal data asset has that is ready."""

    def is_clean() -> bool:
        names = {key.partition("/")[0] for key in keys(Place(world.endpoint, world.own))}
        for name in names:
            answer = world.admin.request("GET", f"/data_assets/{name}")
            if answer.status_code != 200 or answer.json()["state"] == "failed":
                return False
        uploads = world.endpoint.client.list_multipart_uploads(Bucket=world.own).get("Uploads", [])
        return not uploads

    until(is_clean)


def heal(proxy: Proxy) -> None:
    """Whatever was wrong is over."""
    for fault in proxy.faults:
        fault.times = 0
        if fault.hold is not None:
            fault.hold.set()


TROUBLES: dict[str, tuple[tuple[str, int, str], ...]] = {
    "500": (("GET", 500, "InternalError"), ("PUT", 500, "InternalError"), ("POST", 500, "InternalError")),
    "503": (("GET", 503, "SlowDown"), ("PUT", 503, "SlowDown"), ("POST", 503, "SlowDown")),
    "no answer": (("GET", 0, ""), ("PUT", 0, ""), ("HEAD", 0, "")),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_passes_is_tried_again(troubled: Deployed, proxy: Proxy, trouble: str) -> None:
    bucket, target = troubled.bucket(LARGE), troubled.bucket({})
    for method, status, code in TROUBLES[trouble]:
        proxy.faults.append(Fault(method, "", 6, status, f"<Error><Code>{code}</Code></Error>" if code else ""))
    drafts = [
        troubled.begin(source={"aws": {"bucket": bucket}}),
        troubled.begin(source={"aws": {"bucket": bucket, "keep_on_external_storage": True}}),
        troubled.begin(source=RUN),
        troubled.begin(source=RUN, target={"aws": {"bucket": target, "prefix": "x"}}),
    ]
    ended = [troubled.ended(one["id"]) for one in drafts]
    assert [(one["state"], one.get("failure_reason")) for one in ended] == [("ready", None)] * 4
    assert troubled.lying(drafts[0]["id"]) == LARGE
    assert troubled.in_bucket(target) == {f"x/{path}": body for path, body in troubled.lying(drafts[2]["id"]).items()}
    sweep(troubled)


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [(403, "AccessDenied", "denied"), (503, "SlowDown", "slow down"), (500, "InternalError", "failed")],
)
def test_what_does_not_pass_fails_with_a_reason(
    troubled: Deployed, proxy: Proxy, status: int, code: str, reason: str
) -> None:
    bucket, target = troubled.bucket(LARGE), troubled.bucket({"before.txt": b"was there"})
    internal = troubled.from_bucket(bucket, "table.csv")
    proxy.refuse("PUT", status, code, times=ALWAYS)
    proxy.refuse("POST", status, code, times=ALWAYS, path="uploads")
    proxy.refuse("GET", status, code, times=ALWAYS, path=bucket)
    drafts = [
        troubled.begin(source={"aws": {"bucket": bucket}}),
        troubled.begin(source={"aws": {"bucket": bucket, "keep_on_external_storage": True}}),
        troubled.begin(source=RUN),
        troubled.begin(source=RUN, target={"aws": {"bucket": target, "prefix": "x"}}),
    ]
    ended = [troubled.ended(one["id"]) for one in drafts]
    assert [one["state"] for one in ended] == ["failed"] * 4
    assert all(reason in one["failure_reason"] for one in ended), ended
    after = troubled.transferred(internal["id"], target, "y")
    assert reason in after["transfer_error"]
    assert troubled.lying(internal["id"]) == {"table.csv": FILES["table.csv"]}
    assert troubled.in_bucket(target) == {"before.txt": b"was there"}
    heal(proxy)
    assert troubled.from_bucket(bucket)["state"] == "ready"
    sweep(troubled)


def test_an_endpoint_that_is_down(endpoint: Endpoint, troubled: Deployed) -> None:
    """Nothing listens there, from the start on."""
    url = f"http://127.0.0.1:{servers.free_port()}"
    with deployed(S3Setting(url), endpoint) as deployment, deployment.world() as world:
        drafts = [world.begin(source=source)["id"] for source in ({"aws": {"bucket": "some-bucket"}}, RUN)]
        for key in drafts:
            failed = world.ended(key)
            reason = f"the S3 endpoint {url} cannot be reached"
            assert (failed["state"], failed["failure_reason"]) == ("failed", reason)
        # What needs no S3 goes on.
        assert world.listed(ids.IRIS)
        world.delete(drafts[0])
        world.ask("GET", f"/data_assets/{drafts[0]}", 404)


def test_a_removal_is_tried_until_it_is_done(troubled: Deployed, proxy: Proxy) -> None:
    made = troubled.from_bucket(troubled.bucket(FILES))
    proxy.refuse("POST", 403, "AccessDenied", times=3, path="delete")
    proxy.refuse("GET", 503, "SlowDown", times=2)
    troubled.delete(made["id"])
    until(lambda: troubled.lying(made["id"]) == {})
    assert {fault.times for fault in proxy.faults} == {0}
    sweep(troubled)


def test_a_body_that_is_cut_is_read_to_its_end(endpoint: Endpoint, other: Endpoint) -> None:
    """What is copied from one endpoint to another goes through the server."""
    bucket = new_bucket(other)
    for path, body in LARGE.items():
        other.client.put_object(Bucket=bucket, Key=path, Body=body)
    proxied = Proxy(other)
    setting = setting_of(endpoint, endpoints=(f"other={proxied.url}",))
    proxied.faults += [Fault("GET", "large.bin", 3, cut=3_000_000), Fault("GET", "plate", 2, cut=0)]
    with deployed(setting, endpoint) as deployment, deployment.world() as world:
        ready = world.from_bucket(bucket, endpoint_name="other")
        assert (ready["state"], ready.get("failure_reason")) == ("ready", None)
        assert world.lying(ready["id"]) == LARGE
        assert all(fault.times == 0 for fault in proxied.faults)
        sweep(world)
    proxied.close()


def test_a_slow_endpoint_keeps_nobody_else_waiting(troubled: Deployed, proxy: Proxy) -> None:
    bucket = troubled.bucket(FILES)
    hold = threading.Event()
    proxy.faults += [Fault(method, "", ALWAYS, hold=hold, after=True) for method in ("GET", "PUT", "HEAD", "POST")]
    drafts = [troubled.begin(source={"aws": {"bucket": bucket}})["id"] for _ in range(12)]
    drafts += [troubled.begin(source=RUN)["id"] for _ in range(12)]
    for _ in range(50):
        assert troubled.get(drafts[0])["state"] == "draft"
        troubled.ask("GET", f"/computations/{ids.PAST_RUN}")
        troubled.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    for key in drafts[::2]:
        troubled.delete(key)
    heal(proxy)
    assert {troubled.ended(key)["state"] for key in drafts[1::2]} == {"ready"}
    sweep(troubled)


@pytest.mark.parametrize("whose", ["source"] if CHOSEN else ["source", "own", "target"])
def test_a_bucket_that_is_deleted_while_it_is_used(troubled: Deployed, proxy: Proxy, whose: str) -> None:
    files = {f"{number}.bin": bytes([number]) * 10_000 for number in range(12)}
    # SeaweedFS makes a bucket that something is put into.
    source, target = troubled.bucket(files), troubled.bucket({})
    hold = threading.Event()
    # The third object waits until the bucket is gone.
    fault = Fault("PUT", "/9.bin" if whose != "target" else "/table.csv", ALWAYS, hold=hold, after=True)
    proxy.faults.append(fault)
    if whose == "target":
        draft = troubled.begin(source=RUN, target={"aws": {"bucket": target, "prefix": "x"}})["id"]
    else:
        draft = troubled.begin(source={"aws": {"bucket": source}})["id"]
    until(lambda: fault.times < ALWAYS)
    doomed = {"source": source, "own": troubled.own, "target": target}[whose]
    for key in keys(Place(troubled.endpoint, doomed)):
        troubled.endpoint.client.delete_object(Bucket=doomed, Key=key)
    until(lambda: is_removed(troubled, doomed))
    heal(proxy)
    failed = troubled.ended(draft)
    assert failed["state"] == "failed"
    assert "does not exist" in failed["failure_reason"]
    if whose != "own":
        sweep(troubled)


def is_removed(world: Deployed, bucket: str) -> bool:
    """Delete a bucket with what is in it, unless something has come into it meanwhile."""
    client = world.endpoint.client
    for key in keys(Place(world.endpoint, bucket)):
        client.delete_object(Bucket=bucket, Key=key)
    try:
        client.delete_bucket(Bucket=bucket)
    except client.exceptions.ClientError as problem:
        return bool(problem.response["Error"]["Code"] == "NoSuchBucket")
    return True
