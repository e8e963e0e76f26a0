"""A server behind HAProxy that is killed takes its own worlds along, and no other."""

import httpx
import pytest

from mock_server.client import Control
from tests import ids
from tests.process import until
from tests.scale.conftest import REPLICAS, TOKEN, Cluster

WORLDS_EACH = 5
CONTROL = {"Authorization": f"Bearer {TOKEN}"}


def post_run(cluster: Cluster, world: str) -> httpx.Response:
    return cluster.http.post(
        "/api/v1/computations", auth=(f"cop_demo_user@{world}", ""), json={"capsule_id": ids.CAPSULE}
    )


def get_run(cluster: Cluster, world: str, run: str) -> httpx.Response:
    return cluster.http.get(f"/api/v1/computations/{run}", auth=(f"cop_demo_user@{world}", ""))


@pytest.mark.parametrize("killed", range(REPLICAS))
def test_a_killed_server_takes_its_own_worlds_along_and_says_so(cluster: Cluster, killed: int) -> None:
    kept = 1 - killed
    lost_worlds, kept_worlds = cluster.worlds_of(killed, WORLDS_EACH), cluster.worlds_of(kept, WORLDS_EACH)
    runs = {world: post_run(cluster, world).json()["id"] for world in ("default", *lost_worlds, *kept_worlds)}
    there_before = cluster.replicas[kept].worlds()
    assert there_before == set(kept_worlds)

    # From the first request on, on a connection that was in use.
    cluster.replicas[killed].kill()
    for world in lost_worlds:
        for answer in all_of(cluster, world, runs[world]):
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/json")
            message = f"the server of the world {world} is down: codeocean-{killed}; no other server has its worlds"
            assert answer.json() == {"message": message}
    for world in kept_worlds:
        assert [answer.status_code for answer in all_of(cluster, world, runs[world])] == [200, 200, 200, 303]
        assert get_run(cluster, world, runs[world]).json()["id"] == runs[world]
    assert get_run(cluster, "default", runs["default"]).status_code == (503 if killed == 0 else 200)
    assert cluster.replicas[kept].worlds() == there_before

    cluster.replicas[killed].start_again()
    until(lambda: get_run(cluster, "default", runs["default"]).status_code == 200)
    until(lambda: post_run(cluster, lost_worlds[0]).status_code == 200)
    # Named worlds live in memory: they begin anew, where they were.
    assert get_run(cluster, lost_worlds[0], runs[lost_worlds[0]]).status_code == 404
    assert cluster.replicas[killed].worlds() == {lost_worlds[0]}
    for world in kept_worlds:
        assert get_run(cluster, world, runs[world]).status_code == 200


def all_of(cluster: Cluster, world: str, run: str) -> list[httpx.Response]:
    """What the API, the control plane and the dashboard answer of a world."""
    return [
        get_run(cluster, world, run),
        cluster.http.get(f"/api/v1/capsules/{ids.CAPSULE}", auth=(f"cop_demo_user@{world}", "")),
        cluster.http.get(f"/_mock/worlds/{world}", headers=CONTROL),
        cluster.http.get(f"/_ui/worlds/{world}"),
    ]


def test_a_snapshot_brings_a_world_over_a_restart_and_to_another_server(cluster: Cluster) -> None:
    own, other = (cluster.worlds_of(replica, 1)[0] for replica in (0, 1))
    run = post_run(cluster, own).json()["id"]
    with Control(cluster.url, TOKEN) as control:
        control.world(own).save("kept")
    cluster.replicas[0].kill()
    cluster.replicas[0].start_again()
    until(lambda: cluster.http.get("/_mock/health", headers=CONTROL).status_code == 200)
    with Control(cluster.url, TOKEN) as control:
        control.create_world(own, snapshot="kept")
    assert get_run(cluster, own, run).status_code == 200
    file = cluster.http.get(f"/_mock/snapshots/kept/file?world={own}", headers=CONTROL).content
    put = cluster.http.put(f"/_mock/snapshots/kept/file?world={other}", headers=CONTROL, content=file)
    assert put.status_code == 201
    with Control(cluster.url, TOKEN) as control:
        control.create_world(other, snapshot="kept")
    assert get_run(cluster, other, run).status_code == 200
