"""The list of all runs shows to each user what asking for each run would; lineage hides what is hidden."""

import asyncio
from collections.abc import Iterator

import pytest

from mock_server.domain.access import Caller
from mock_server.errors import ApiError
from mock_server.services import access, computations, lineage, runs
from mock_server.services.runs import RunQuery
from mock_server.settings import Settings
from mock_server.store import queries
from mock_server.wire.computations import NamedRunParam, RunDataAsset, RunParams
from mock_server.world import World
from mock_server.worlds import Worlds
from tests import ids
from tests.conftest import HandClock

TOKENS = ("cop_demo_admin", "cop_demo_user", "cop_demo_viewer")


@pytest.fixture
def world(clock: HandClock) -> Iterator[World]:
    worlds = Worlds(Settings(data_dir=None, random_seed=7), clock)
    yield worlds.default
    worlds.close()


def caller(world: World, token: str) -> Caller:
    found = world.caller(token)
    assert found is not None
    return found


def started(world: World, token: str, capsule: str, asset: str | None = None, **named: str) -> str:
    inputs = [RunDataAsset(id=asset, mount="in")] if asset else None
    values = [NamedRunParam(param_name=name, value=value) for name, value in named.items()]
    params = RunParams(capsule_id=capsule, data_assets=inputs, named_parameters=values)
    return computations.run(world, caller(world, token), params).id


def everything(world: World, token: str) -> list[str]:
    return [run.shown.id for run in runs.listed(world, caller(world, token), RunQuery(limit=1000))]


def allowed(world: World, token: str, key: str) -> bool:
    try:
        access.computation(world, caller(world, token), key)
    except ApiError:
        return False
    return True


@pytest.mark.parametrize("token", TOKENS)
def test_the_list_holds_what_may_be_seen_and_nothing_else(world: World, token: str) -> None:
    for starter in TOKENS:
        started(world, starter, ids.RELEASE)
    started(world, "cop_demo_viewer", ids.FASTQC)
    started(world, "cop_demo_admin", ids.OTHERS_CAPSULE, subject="any")
    all_of_them = everything(world, "cop_demo_admin")
    assert len(all_of_them) == queries.counts(world.db)["computations"]
    expected = [key for key in all_of_them if allowed(world, token, key)]
    assert everything(world, token) == expected
    assert token == "cop_demo_admin" or 0 < len(expected) < len(all_of_them)


def test_pages_go_on_where_the_one_before_ended(world: World) -> None:
    user = caller(world, "cop_demo_user")
    whole = runs.listed(world, user, RunQuery(limit=100))
    parts = [runs.listed(world, user, RunQuery(limit=3, offset=offset)) for offset in range(0, len(whole) + 3, 3)]
    assert [run for part in parts for run in part] == whole
    assert [run.shown.created for run in whole] == sorted((run.shown.created for run in whole), reverse=True)


def test_runs_of_one_capsule_and_runs_that_go_on(world: World, clock: HandClock) -> None:
    user = caller(world, "cop_demo_user")
    slow, quick = started(world, "cop_demo_user", ids.SLOW), started(world, "cop_demo_user", ids.CAPSULE)
    of_one = runs.listed(world, user, RunQuery(capsule=ids.CAPSULE))
    assert {run.capsule_id for run in of_one} == {ids.CAPSULE}
    assert quick in [run.shown.id for run in of_one]
    assert {slow, quick} <= {run.shown.id for run in runs.unfinished(world, user, 10)}
    clock.advance(600)
    going = {run.shown.id: run.progress for run in runs.unfinished(world, user, 10)}
    assert quick not in going
    assert going[slow] == pytest.approx(600 / 28802, rel=0.01)
    assert going[ids.WORKSTATION] is None
    assert runs.get(world, user, quick).progress == 1


def test_lineage_names_nothing_that_is_hidden(world: World) -> None:
    run = started(world, "cop_demo_user", ids.CAPSULE, ids.IRIS)
    for token, seen in (("cop_demo_user", [run]), ("cop_demo_viewer", [])):
        found = asyncio.run(lineage.of(world, caller(world, token), ids.IRIS))
        assert [thing.id for thing in found.used_by] == seen
    with pytest.raises(ApiError):
        asyncio.run(lineage.of(world, caller(world, "cop_demo_viewer"), ids.OTHERS_ASSET))
