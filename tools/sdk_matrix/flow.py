"""What a user does with the official SDK, in whatever release of it is installed here: `python flow.py URL TOKEN`.

Imports nothing of this project: it runs in an environment that has the SDK alone. Everything that is called is checked;
at the end the names of the methods that were called are printed as one line of JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import requests
from codeocean import CodeOcean
from codeocean.computation import DataAssetsRunParam, NamedRunParam, RunParams
from codeocean.data_asset import (
    ComputationSource,
    DataAssetParams,
    DataAssetSearchParams,
    DataAssetUpdateParams,
    Source,
)

CAPSULE = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
RELEASE = "6a0f0d2c-3b0e-4d53-9c5e-0a6fd1f3d8b1"
REFERENCE = "eeefcc52-b445-4e3c-80c5-0e65526cd712"
PIPELINE = "4bc97533-6eb4-48ac-966f-648548a756d2"
TABLE = b"row,value\n1,0.25\n2,0.5\n3,0.75\n"
WAIT_SECONDS = 20
PAGE = 2
ALL = 1000


class Flow:
    """One client, and the names of the methods that were called with it."""

    def __init__(self, url: str, token: str) -> None:
        self.client: Any = CodeOcean(domain=url, token=token)
        self.called: set[str] = set()

    def call(self, service: Any, method: str, *arguments: Any) -> Any:
        """The answer of a method of the SDK."""
        self.called.add(method)
        return getattr(service, method)(*arguments)

    def wait(self, poll: Callable[[str], Any], id_: str, ends: tuple[str, ...]) -> Any:
        """Poll until the state is one of `ends`; the SDK's own wait polls every five seconds at best."""
        until = time.monotonic() + WAIT_SECONDS
        while (seen := poll(id_)).state not in ends:
            assert time.monotonic() < until, f"still {seen.state}"
            time.sleep(0.03)
        return seen

    def capsule(self) -> None:
        """Read a capsule: its fields have other names before 0.3."""
        capsule = self.call(self.client.capsules, "get_capsule", CAPSULE)
        assert (capsule.id, capsule.slug, capsule.created) == (CAPSULE, "1576467", 1646687025)
        assert capsule.name == "Example capsule to execute for capsule API"
        assert capsule.description == "Writes one table. The capsule of the documentation's examples."
        assert capsule.cloned_from_url == "https://github.com/codeocean/example-capsule.git"
        if hasattr(capsule, "tags"):
            assert (capsule.tags, capsule.release_capsule, capsule.status) == (["example"], RELEASE, "non_release")
        else:
            assert (capsule.keywords, capsule.published_capsule) == (["example"], RELEASE)
            assert capsule.status == "non-published"
            released = self.call(self.client.capsules, "get_capsule", RELEASE)
            assert (released.status, released.versions[0]["publish_time"]) == ("published", 1646700000)

    def run(self) -> Any:
        """Run the capsule with a data asset and a parameter, and wait."""
        computations = self.client.computations
        params = RunParams(
            capsule_id=CAPSULE,
            data_assets=[DataAssetsRunParam(id=REFERENCE, mount="reference")],
            named_parameters=[NamedRunParam(param_name="rows", value="3")],
        )
        run = self.call(computations, "run_capsule", params)
        assert (run.state, run.end_status) == ("initializing", None)
        self.wait(computations.get_computation, run.id, ("completed", "failed"))
        done = self.call(computations, "wait_until_completed", run)
        assert (done.state, done.end_status, done.has_results) == ("completed", "succeeded", True)
        assert getattr(done, "exit_code", 0) == 0
        assert getattr(done, "owner", "somebody")
        assert [(asset.id, asset.mount) for asset in done.data_assets] == [(REFERENCE, "reference")]
        assert ("rows", "3") in [(parameter.param_name, parameter.value) for parameter in done.parameters]
        assert done in self.call(self.client.capsules, "list_computations", CAPSULE)
        if hasattr(computations, "rename_computation"):
            self.call(computations, "rename_computation", run.id, "Renamed")
            assert self.call(computations, "get_computation", run.id).name == "Renamed"
        return done

    def results(self, run: Any) -> Any:
        """List the results of the run and download one."""
        folder = self.call(self.client.computations, "list_computation_results", run.id)
        assert [(item.name, item.type) for item in folder.items] == [
            ("figures", "folder"),
            ("output", "file"),
            ("table.csv", "file"),
        ]
        assert folder.items[2].size == len(TABLE)
        self.download(self.client.computations, "get_result_file", run.id)
        return folder

    def download(self, service: Any, method: str, id_: str) -> None:
        """Fetch the table by the newest method that this release has."""
        if hasattr(service, f"{method}_urls"):
            urls = self.call(service, f"{method}_urls", id_, "table.csv")
            assert requests.get(urls.view_url, timeout=20).content == TABLE
            url = urls.download_url
        else:
            url = self.call(service, f"{method}_download_url", id_, "table.csv").url
        response = requests.get(url, timeout=20)
        response.raise_for_status()
        assert response.content == TABLE

    def capture(self, run: Any, folder: Any) -> Any:
        """Make a data asset of the results and look at it."""
        data_assets = self.client.data_assets
        source = Source(computation=ComputationSource(id=run.id))
        params = DataAssetParams(name="Captured", tags=["captured"], mount="captured", source=source)
        asset = self.call(data_assets, "create_data_asset", params)
        assert (asset.state, asset.name, asset.type) == ("draft", "Captured", "result")
        self.wait(data_assets.get_data_asset, asset.id, ("ready", "failed"))
        ready = self.call(data_assets, "wait_until_ready", asset)
        assert (ready.state, ready.tags, ready.mount) == ("ready", ["captured"], "captured")
        assert ready.provenance.data_assets == [REFERENCE]
        assert ready.provenance.capsule == CAPSULE
        assert getattr(ready.provenance, "computation", run.id) == run.id
        if hasattr(data_assets, "list_data_asset_files"):
            assert self.call(data_assets, "list_data_asset_files", asset.id) == folder
            self.download(data_assets, "get_data_asset_file", asset.id)
        return ready

    def update(self, asset: Any) -> Any:
        """Change what can be changed."""
        changes = {"name": "SDK matrix", "description": "Changed", "tags": ["sdk-matrix"], "mount": "matrix"}
        params = DataAssetUpdateParams(**changes)
        updated = self.call(self.client.data_assets, "update_metadata", asset.id, params)
        assert {name: getattr(updated, name) for name in changes} == changes
        assert self.call(self.client.data_assets, "get_data_asset", asset.id) == updated
        return updated

    def search_data_assets(self, asset: Any) -> None:
        """Find the new data asset; page through all of them."""
        data_assets = self.client.data_assets

        def params(**more: Any) -> Any:
            return DataAssetSearchParams(**{"limit": ALL, "offset": 0, "archived": False, "favorite": False} | more)

        found = self.call(data_assets, "search_data_assets", params(query="name:matrix tag:sdk-matrix"))
        assert (found.results, found.has_more) == ([asset], False)
        every = self.call(data_assets, "search_data_assets", params()).results
        assert asset in every
        assert len(every) > PAGE
        if hasattr(data_assets, "search_data_assets_iterator"):
            paged = list(self.call(data_assets, "search_data_assets_iterator", params(limit=PAGE)))
        else:
            paged, more = [], True
            while more:
                page = data_assets.search_data_assets(params(limit=PAGE, offset=len(paged)))
                assert page.results
                paged, more = paged + page.results, page.has_more
            self.called.add("pages by offset")
        assert paged == every

    def search_capsules(self) -> None:
        """Find the capsule and a pipeline, and page, where the release can."""
        if not hasattr(self.client.capsules, "search_capsules"):
            return
        self.search_processes(self.client.capsules, "search_capsules", CAPSULE)
        for service in (self.client.capsules, getattr(self.client, "pipelines", None)):
            if hasattr(service, "search_pipelines"):
                self.search_processes(service, "search_pipelines", PIPELINE)

    def search_processes(self, service: Any, method: str, id_: str) -> None:
        """Find the capsule or pipeline of an id; page through all."""
        from codeocean.capsule import CapsuleSearchParams  # since 0.3

        every = self.call(service, method, CapsuleSearchParams(limit=ALL)).results
        [known] = [found for found in every if found.id == id_]
        assert known in self.call(service, method, CapsuleSearchParams(query=f'name:"{known.name}"')).results
        assert len(every) > PAGE
        assert list(self.call(service, f"{method}_iterator", CapsuleSearchParams(limit=PAGE))) == every

    def everything(self) -> None:
        """All of it, in the order of a working day."""
        self.capsule()
        run = self.run()
        folder = self.results(run)
        asset = self.update(self.capture(run, folder))
        self.search_data_assets(asset)
        self.search_capsules()
        self.client.session.close()


if __name__ == "__main__":
    flow = Flow(*sys.argv[1:])
    flow.everything()
    print(json.dumps(sorted(flow.called)))
