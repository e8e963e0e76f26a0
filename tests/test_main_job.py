"""The main job, for real: the official SDK, unchanged, over HTTP, against the server as users start it."""

import requests
from codeocean import CodeOcean
from codeocean.computation import ComputationEndStatus, ComputationState, DataAssetsRunParam, NamedRunParam, RunParams
from codeocean.data_asset import ComputationSource, DataAssetParams, DataAssetState, Source

from tests import ids
from tests.process import PATIENCE, started


def test_run_wait_download_capture_read_back() -> None:
    with started("--in-memory", "--time-scale", "20") as server:
        client = CodeOcean(domain=server.url, token="cop_demo_user")
        capsule = client.capsules.get_capsule(ids.CAPSULE)
        assert capsule.name == "Example capsule to execute for capsule API"

        run = client.computations.run_capsule(
            RunParams(
                capsule_id=capsule.id,
                data_assets=[DataAssetsRunParam(id=ids.REFERENCE, mount="reference")],
                named_parameters=[NamedRunParam(param_name="rows", value="3")],
            )
        )
        done = client.computations.wait_until_completed(run)
        assert (done.state, done.end_status) == (ComputationState.Completed, ComputationEndStatus.Succeeded)
        assert (done.exit_code, done.has_results) == (0, True)
        assert [asset.id for asset in done.data_assets] == [ids.REFERENCE]
        assert done.parameters[0].param_name == "rows"
        assert done.id in [entry.id for entry in client.capsules.list_computations(capsule.id)]

        results = client.computations.list_computation_results(done.id)
        assert [item.name for item in results.items] == ["figures", "output", "table.csv"]
        table = next(item for item in results.items if item.name == "table.csv")
        urls = client.computations.get_result_file_urls(done.id, table.path)
        downloaded = requests.get(urls.download_url, timeout=PATIENCE)
        downloaded.raise_for_status()
        assert len(downloaded.content) == table.size

        asset = client.data_assets.create_data_asset(
            DataAssetParams(
                name="Captured",
                tags=["captured"],
                mount="captured",
                source=Source(computation=ComputationSource(id=done.id)),
            )
        )
        assert asset.state == DataAssetState.Draft
        ready = client.data_assets.wait_until_ready(asset)
        assert ready.state == DataAssetState.Ready
        assert ready.provenance.computation == done.id
        assert ready.provenance.data_assets == [ids.REFERENCE]
        files = client.data_assets.list_data_asset_files(ready.id)
        assert files == results
        again = client.data_assets.get_data_asset_file_urls(ready.id, table.path)
        assert requests.get(again.download_url, timeout=PATIENCE).content == downloaded.content
        client.session.close()
        assert server.stop() == (0, "")
