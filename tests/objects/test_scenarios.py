"""Data assets whose scenario says how they end: played, whatever lies in S3."""

import pytest

from tests import ids
from tests.objects.deployment import FILES, Deployed
from tests.process import until

SOURCES = ("bucket", "external", "run", "target")


def source_of(world: Deployed, kind: str) -> tuple[dict[str, object], str]:
    """The fields of a request, and a bucket that it names."""
    bucket = world.bucket(FILES)
    if kind in ("bucket", "external"):
        aws = {"bucket": bucket, "keep_on_external_storage": kind == "external"}
        return {"source": {"aws": aws}}, bucket
    fields: dict[str, object] = {"source": {"computation": {"id": ids.PAST_RUN}}}
    return fields | ({"target": {"aws": {"bucket": bucket, "prefix": "x"}}} if kind == "target" else {}), bucket


@pytest.mark.parametrize("kind", SOURCES)
def test_one_that_is_to_fail_fails_and_touches_nothing(world: Deployed, kind: str) -> None:
    fields, bucket = source_of(world, kind)
    made = world.begin(tags=["mock:scenario=fails"], **fields)
    world.control.advance("1h")
    failed = world.get(made["id"])
    assert failed["state"] == "failed"
    assert failed["failure_reason"]
    world.create(source={"computation": {"id": ids.PAST_RUN}})
    assert world.in_bucket(bucket) == FILES
    assert world.lying(made["id"]) == {}
    world.delete(made["id"])


@pytest.mark.parametrize("kind", SOURCES)
def test_one_that_is_driven_waits_for_its_driver(world: Deployed, kind: str) -> None:
    fields, bucket = source_of(world, kind)
    first, second = (world.begin(tags=["mock:scenario=driven"], **fields)["id"] for _ in range(2))
    world.create(source={"computation": {"id": ids.PAST_RUN}})
    assert [world.get(key)["state"] for key in (first, second)] == ["draft", "draft"]
    world.control.data_asset(first).fail("as somebody wants it")
    assert world.get(first)["failure_reason"] == "as somebody wants it"
    world.control.data_asset(second).ready()
    assert world.get(second)["state"] == "ready"
    assert world.in_bucket(bucket) == FILES
    for key in (first, second):
        world.delete(key)


def test_one_that_is_made_in_s3_may_be_ended_by_a_driver_too(world: Deployed) -> None:
    """Whoever is first decides: what comes later changes nothing."""
    ready = world.from_bucket(world.bucket(FILES))
    assert world.control.data_asset(ready["id"]).plan().state == "ready"
    world.control.data_asset(ready["id"]).ready()
    assert world.get(ready["id"]) == ready
    files = {f"{number}.bin": bytes([number]) * 100_000 for number in range(40)}
    bucket = world.bucket(files)
    draft = world.begin(source={"aws": {"bucket": bucket}})["id"]
    world.control.data_asset(draft).fail("called off")
    after = world.create(source={"aws": {"bucket": bucket}})
    assert world.get(draft)["failure_reason"] == "called off"
    assert world.lying(after["id"]) == files
    until(lambda: world.lying(draft) == {})
