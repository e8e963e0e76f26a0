"""The SDK's own waiting, in tests that use the plugin as its users do."""

from pathlib import Path
from typing import Any

import pytest
from codeocean.capsule import Capsule, CapsuleSearchParams
from codeocean.computation import Computation, RunParams
from codeocean.data_asset import AWSS3Source, DataAssetParams, DataAssetState, Source

from mock_server.client import CodeOceanWorld
from tests import ids

EIGHT_HOURS = 8 * 3600
STATES = ["initializing", "running", "finalizing", "completed"]


def waited(world: CodeOceanWorld, params: RunParams, **options: Any) -> tuple[Computation, list[str]]:
    """A run that the SDK waited for, and the states that it saw on the way."""
    computations = world.client.computations
    run = computations.run_capsule(params)
    seen = [entry.state for entry in world.control.journal(operation="get_computation").requests]
    assert seen == []
    done = computations.wait_until_completed(run, **options)
    seen = [entry.state for entry in world.control.journal(operation="get_computation", entity=run.id).requests]
    return done, [str(state) for state in seen]


def pipeline(world: CodeOceanWorld) -> Capsule:
    found: Capsule = world.client.pipelines.search_pipelines(CapsuleSearchParams()).results[0]
    return found


@pytest.mark.codeocean(scenarios=[{"name": "a-day", "like": "slow", "when": {"name": "*"}}])
def test_a_pipeline_of_eight_hours_shows_every_state(
    codeocean_world: CodeOceanWorld, codeocean_fast_wait: None
) -> None:
    before = codeocean_world.control.clock().now
    done, seen = waited(codeocean_world, RunParams(pipeline_id=pipeline(codeocean_world).id))
    assert seen == STATES
    assert done.run_time >= EIGHT_HOURS
    assert codeocean_world.control.clock().now - before == pytest.approx(done.run_time, abs=6)


def test_a_short_run_is_polled_every_five_seconds(codeocean_world: CodeOceanWorld, codeocean_fast_wait: None) -> None:
    done, _ = waited(codeocean_world, RunParams(capsule_id=ids.CAPSULE))
    assert done.end_status == "succeeded"
    check = {"check": "spacing", "match": {"operation": "get_computation"}, "at_least": 5, "clock": "world"}
    assert codeocean_world.control.verify(check).passed


@pytest.mark.slow
@pytest.mark.codeocean(scenarios=[{"name": "hangs", "like": "stuck", "when": {"capsule": ids.CAPSULE}}])
def test_the_timeout_is_one_of_the_worlds_clock(codeocean_world: CodeOceanWorld, codeocean_fast_wait: None) -> None:
    before = codeocean_world.control.clock().now
    with pytest.raises(TimeoutError):
        waited(codeocean_world, RunParams(capsule_id=ids.CAPSULE), timeout=3600)
    assert 3600 < codeocean_world.control.clock().now - before <= 3610


def test_a_data_asset_is_waited_for(codeocean_world: CodeOceanWorld, codeocean_fast_wait: None) -> None:
    params = DataAssetParams(
        name="reads",
        mount="reads",
        tags=["mock:scenario=slow"],
        source=Source(aws=AWSS3Source(bucket="any-bucket", keep_on_external_storage=False, public=True)),
    )
    asset = codeocean_world.client.data_assets.create_data_asset(params)
    before = codeocean_world.control.clock().now
    ready = codeocean_world.client.data_assets.wait_until_ready(asset)
    assert ready.state == DataAssetState.Ready
    assert codeocean_world.control.clock().now - before >= EIGHT_HOURS


@pytest.mark.codeocean(clock={"mode": "scaled", "scale": 1000})
def test_a_clock_of_the_marker_goes_on_running(codeocean_world: CodeOceanWorld, codeocean_fast_wait: None) -> None:
    assert codeocean_world.control.clock().mode == "scaled"
    done, _ = waited(codeocean_world, RunParams(capsule_id=ids.CAPSULE))
    assert done.end_status == "succeeded"


@pytest.mark.codeocean(clock="frozen", seed=Path("../../mock_server/seeds/demo.yaml"))
def test_another_world_stands_while_this_one_is_waited_in(
    codeocean_world: CodeOceanWorld, codeocean_fast_wait: None, codeocean_server: Any
) -> None:
    other = codeocean_server.new_world("stands-still", clock={"mode": "frozen"})
    before = other.control.clock().now
    waited(codeocean_world, RunParams(capsule_id=ids.CAPSULE))
    assert other.control.clock().now == before
    other.control.delete()
