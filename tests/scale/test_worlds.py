"""Two hundred worlds in use at the same time behind HAProxy."""

from concurrent.futures import ThreadPoolExecutor

from codeocean import CodeOcean
from codeocean.computation import RunParams
from codeocean.data_asset import ComputationSource, DataAssetParams, DataAssetSearchParams, Source

from mock_server.client import Control
from tests import ids
from tests.scale.conftest import TOKEN, Cluster

WORLDS = 200
AT_ONCE = 16
WORK = (
    "list_capsule_computations",
    "run_capsule",
    "create_data_asset",
    "list_capsule_computations",
    "search_data_assets",
    "list_computation_results",
    "get_result_file_urls",
    "get_file",
)
"""What is asked of each world, in this order."""


def use(cluster: Cluster, number: int) -> tuple[str, set[str]]:
    """Make a world, by the control plane or by its token, work in it, and see one's own work alone; its name, and the
    ids of what was made.
    """
    name = f"ci-{number}"
    client = CodeOcean(domain=cluster.url, token=f"cop_demo_user@{name}")
    with Control(cluster.url, TOKEN) as control:
        if number % 2:
            control.create_world(name, clock={"mode": "frozen"})
        before = {run.id for run in client.capsules.list_computations(ids.CAPSULE)}
        run = client.computations.run_capsule(RunParams(capsule_id=ids.CAPSULE))
        control.world(name).advance("1h")
    source = Source(computation=ComputationSource(id=run.id))
    params = DataAssetParams(name=f"made in {name}", tags=["scaled"], mount="m", source=source)
    asset = client.data_assets.create_data_asset(params)
    assert {one.id for one in client.capsules.list_computations(ids.CAPSULE)} - before == {run.id}
    search = DataAssetSearchParams(query="tag:scaled", limit=100)
    found = client.data_assets.search_data_assets(search).results
    assert [(one.id, one.name) for one in found] == [(asset.id, f"made in {name}")]
    files = [item.path for item in client.computations.list_computation_results(run.id).items if item.size]
    url = client.computations.get_result_file_urls(run.id, files[0]).download_url
    assert url.startswith(f"{cluster.url}/_files/{name}/")
    assert cluster.http.get(url).status_code == 200
    return name, {run.id, asset.id}


def drop(cluster: Cluster, name: str) -> None:
    with Control(cluster.url, TOKEN) as control:
        control.delete_world(name)


def test_two_hundred_worlds_share_nothing_and_each_stays_on_one_server(cluster: Cluster) -> None:
    with ThreadPoolExecutor(AT_ONCE) as users:
        made = dict(users.map(lambda number: use(cluster, number), range(WORLDS)))
        first, second = (replica.worlds() for replica in cluster.replicas)
        assert first | second == set(made)
        assert first & second == set()
        assert min(len(first), len(second)) > WORLDS / 4
        assert sum(map(len, made.values())) == len(set.union(*made.values()))
        for replica, names in zip(cluster.replicas, (first, second), strict=True):
            assert replica.operations("default") == []
            assert {tuple(replica.operations(name)) for name in names} == {WORK}
        list(users.map(lambda name: drop(cluster, name), made))
    assert [replica.worlds() for replica in cluster.replicas] == [set(), set()]
