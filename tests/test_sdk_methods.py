"""Every method of the official SDK's five clients, over HTTP: what it gives, and what it leaves behind.

One test per method, named after it; `test_every_method_has_its_scenario` fails when the SDK has one that is not here.
"""

import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from codeocean import CodeOcean
from codeocean.capsule import (
    AppPanelParameterType,
    CapsuleReleaseJobStatus,
    CapsuleReleaseValidationIssues,
    Capsules,
    CapsuleSearchParams,
    CapsuleStatus,
)
from codeocean.components import EveryoneRole, GroupPermissions, GroupRole, Permissions, UserPermissions, UserRole
from codeocean.computation import Computations, ComputationState, DataAssetsRunParam, NamedRunParam, RunParams
from codeocean.custom_metadata import CustomMetadataFieldType, CustomMetadataSchema
from codeocean.data_asset import (
    AWSS3Target,
    ComputationSource,
    DataAssetAttachParams,
    DataAssetParams,
    DataAssets,
    DataAssetSearchParams,
    DataAssetState,
    DataAssetUpdateParams,
    Source,
    Target,
    TransferDataParams,
)
from codeocean.error import Error
from codeocean.pipeline import Pipelines

from tests import ids
from tests.conftest import HandClock, Server
from tests.process import PATIENCE

CLIENTS = {
    "capsules": Capsules,
    "computations": Computations,
    "custom_metadata": CustomMetadataSchema,
    "data_assets": DataAssets,
    "pipelines": Pipelines,
}
SPAN = 60


def test_every_method_has_its_scenario() -> None:
    wanted = {
        f"test_{client}_{name}"
        for client, kind in CLIENTS.items()
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
    written = {name for name in globals() if name.startswith("test_")}
    assert wanted <= written, wanted - written


@pytest.fixture(autouse=True)
def waits_move_the_clock(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK sleeps five seconds between polls; here the world's clock is what moves."""
    for module in ("capsule", "computation", "data_asset"):
        monkeypatch.setattr(f"codeocean.{module}.sleep", clock.advance)


@pytest.fixture
def admin(server: Server) -> Iterator[CodeOcean]:
    other = CodeOcean(domain=server.url, token="cop_demo_admin")
    yield other
    other.session.close()


@pytest.fixture
def viewer(server: Server) -> Iterator[CodeOcean]:
    other = CodeOcean(domain=server.url, token="cop_demo_viewer")
    yield other
    other.session.close()


def refused(status: int, call: Callable[..., Any], *arguments: Any) -> Error:
    with pytest.raises(Error) as failure:
        call(*arguments)
    assert failure.value.status_code == status
    return failure.value


def shared_with_viewer(role: UserRole = UserRole.Viewer) -> Permissions:
    return Permissions(users=[UserPermissions(email="demo-viewer@example.com", role=role)])


# ---- capsules and pipelines: the SDK's Pipelines has the same methods on other paths


def test_capsules_get_capsule(sdk: CodeOcean) -> None:
    capsule = sdk.capsules.get_capsule(ids.CAPSULE)
    assert (capsule.slug, capsule.owner_email) == ("1576467", "demo-user@example.com")
    assert capsule.status == CapsuleStatus.NonRelease
    assert sdk.capsules.get_capsule(ids.RELEASE).versions[0].major_version == 1


def test_pipelines_get_pipeline(sdk: CodeOcean) -> None:
    assert sdk.pipelines.get_pipeline(ids.PIPELINE).name == "Alignment pipeline"
    refused(404, sdk.pipelines.get_pipeline, ids.CAPSULE)


def deletes(client: Any, kind: str, key: str) -> None:
    get, archive, delete = (getattr(client, f"{verb}_{kind}") for verb in ("get", "archive", "delete"))
    refused(403, delete, key)
    archive(key, True)
    delete(key)
    refused(404, get, key)
    refused(404, delete, key)


def test_capsules_delete_capsule(sdk: CodeOcean) -> None:
    refused(403, sdk.capsules.delete_capsule, ids.CAPSULE)
    sdk.capsules.archive_capsule(ids.CAPSULE, True)
    assert "released" in refused(403, sdk.capsules.delete_capsule, ids.CAPSULE).message
    run = sdk.computations.run_capsule(RunParams(capsule_id=ids.FAILS))
    deletes(sdk.capsules, "capsule", ids.FAILS)
    refused(404, sdk.computations.get_computation, run.id)


def test_pipelines_delete_pipeline(sdk: CodeOcean) -> None:
    deletes(sdk.pipelines, "pipeline", ids.BOTH_PIPELINE)


def test_capsules_get_capsule_app_panel(sdk: CodeOcean) -> None:
    panel = sdk.capsules.get_capsule_app_panel(ids.CAPSULE)
    assert panel.general.title == "Example"
    rows = panel.parameters[0]
    assert (rows.param_name, rows.type, rows.minimum) == ("rows", AppPanelParameterType.Text, 1)
    assert panel.results[0].file_name == "table.csv"
    assert sdk.capsules.get_capsule_app_panel(ids.RELEASE, version=1).parameters
    refused(404, sdk.capsules.get_capsule_app_panel, ids.RELEASE, 9)
    refused(404, sdk.capsules.get_capsule_app_panel, ids.FAILS)


def test_pipelines_get_pipeline_app_panel(sdk: CodeOcean, server: Server) -> None:
    # The SDK's model has single objects where the service sends lists, so it cannot parse this one (SDK 0.10 to 0.17).
    with pytest.raises(AttributeError):
        sdk.pipelines.get_pipeline_app_panel(ids.RNA_PIPELINE)
    panel = sdk.session.get(f"pipelines/{ids.RNA_PIPELINE}/app_panel").json()
    assert "parameters" not in panel
    assert [process["name"] for process in panel["processes"]][:2] == [
        "capsule_star_alignment_1",
        "capsule_bwa_alignment_5",
    ]
    assert panel["processes"][0]["parameters"][0]["param_name"] == "NumThreads"
    assert panel["data_assets"][0] | {"name": ""} == {
        "accessible": True,
        "id": ids.ATTACHED,
        "kind": "internal",
        "mount": "Reference",
        "name": "",
    }


def test_the_sdk_reads_the_panel_of_a_pipeline_with_parameters_of_its_own(sdk: CodeOcean) -> None:
    for key, names in ((ids.NAMED_PIPELINE, ["NumberOfThreads", "NumberOfFiles"]), (ids.PIPELINE, ["NumThreads"])):
        for get in (sdk.pipelines.get_pipeline_app_panel, sdk.capsules.get_capsule_app_panel):
            panel = get(key)
            assert [parameter.param_name for parameter in panel.parameters] == names
            assert panel.processes[0].name == "capsule_star_alignment_1"
            assert panel.processes[0].parameters is None
    given = [NamedRunParam(entry.param_name, "2") for entry in panel.parameters]
    run = sdk.computations.run_pipeline(RunParams(pipeline_id=key, named_parameters=given))
    assert [(parameter.param_name, parameter.value) for parameter in run.parameters] == [("NumThreads", "2")]


def test_capsules_list_computations(sdk: CodeOcean) -> None:
    run = sdk.computations.run_capsule(RunParams(capsule_id=ids.CAPSULE))
    listed = sdk.capsules.list_computations(ids.CAPSULE)
    assert listed[0] == run
    assert listed[1].id == ids.PAST_RUN


def test_pipelines_list_computations(sdk: CodeOcean) -> None:
    assert [run.id for run in sdk.pipelines.list_computations(ids.RNA_PIPELINE)] == [ids.PIPELINE_RUN]


def test_capsules_get_permissions(sdk: CodeOcean) -> None:
    permissions = sdk.capsules.get_permissions(ids.FASTQC)
    assert [(user.email, user.role) for user in permissions.users] == [("demo-user@example.com", UserRole.Owner)]
    assert [(group.group, group.role) for group in permissions.groups] == [("demo-lab", GroupRole.Viewer)]
    assert permissions.everyone == EveryoneRole.None_


def test_pipelines_get_permissions(sdk: CodeOcean) -> None:
    assert sdk.pipelines.get_permissions(ids.PIPELINE).everyone == EveryoneRole.None_


def test_capsules_update_permissions(sdk: CodeOcean, viewer: CodeOcean) -> None:
    refused(404, viewer.capsules.get_capsule, ids.CAPSULE)
    sdk.capsules.update_permissions(ids.CAPSULE, shared_with_viewer())
    assert viewer.capsules.get_capsule(ids.CAPSULE).id == ids.CAPSULE
    refused(403, viewer.capsules.archive_capsule, ids.CAPSULE, True)
    # Only everyone is named: users stay as they are.
    sdk.capsules.update_permissions(ids.CAPSULE, Permissions(everyone=EveryoneRole.Discoverable))
    now = sdk.capsules.get_permissions(ids.CAPSULE)
    assert [user.email for user in now.users] == ["demo-user@example.com", "demo-viewer@example.com"]
    assert now.everyone == EveryoneRole.Discoverable
    # A list replaces; the owner stays.
    sdk.capsules.update_permissions(ids.CAPSULE, Permissions(users=[], groups=[], everyone=EveryoneRole.None_))
    refused(404, viewer.capsules.get_capsule, ids.CAPSULE)
    assert [user.role for user in sdk.capsules.get_permissions(ids.CAPSULE).users] == [UserRole.Owner]
    wrong = Permissions(users=[UserPermissions(email="nobody@example.com", role=UserRole.Viewer)])
    refused(400, sdk.capsules.update_permissions, ids.CAPSULE, wrong)


def test_pipelines_update_permissions(sdk: CodeOcean, viewer: CodeOcean) -> None:
    group = [GroupPermissions(group="demo-lab", role=GroupRole.Viewer)]
    sdk.pipelines.update_permissions(ids.RNA_PIPELINE, Permissions(groups=group, share_assets=True))
    assert viewer.pipelines.get_pipeline(ids.RNA_PIPELINE).id == ids.RNA_PIPELINE
    # Shared with its assets: the attached data asset, and the capsules of its processes.
    assert viewer.data_assets.get_data_asset(ids.ATTACHED).id == ids.ATTACHED
    assert viewer.capsules.get_capsule("5c9d2a44-1f57-4a8e-8f2b-6e3a9d7b4c21").name == "STAR alignment"


def attaches(client: Any, key: str, sdk: CodeOcean) -> None:
    results = client.attach_data_assets(
        key, [DataAssetAttachParams(id=ids.IRIS), DataAssetAttachParams(ids.MOUSE, "m")]
    )
    assert [(r.id, r.mount, r.mount_state, r.ready, r.job_id) for r in results] == [
        (ids.IRIS, "iris", "mounted", True, ""),
        (ids.MOUSE, "m", "mounted", True, ""),
    ]
    [again] = client.attach_data_assets(key, [DataAssetAttachParams(id=ids.IRIS)])
    assert (again.mount, again.mount_state, again.ready, again.job_id) == ("iris", "unchanged", True, "")
    refused(400, client.attach_data_assets, key, [DataAssetAttachParams(ids.REFERENCE, "m")])
    refused(400, client.attach_data_assets, key, [DataAssetAttachParams(id=ids.NOBODYS)])
    assert refused(403, sdk.data_assets.delete_data_asset, ids.MOUSE).data["datasets"][0]["id"] == ids.MOUSE


def detaches(client: Any, key: str) -> None:
    client.attach_data_assets(key, [DataAssetAttachParams(id=ids.IRIS)])
    client.detach_data_assets(key, [ids.IRIS])
    client.attach_data_assets(key, [DataAssetAttachParams(id=ids.IRIS)])


def test_capsules_attach_data_assets(sdk: CodeOcean) -> None:
    attaches(sdk.capsules, ids.CAPSULE, sdk)
    run = sdk.computations.run_capsule(RunParams(capsule_id=ids.CAPSULE))
    assert [asset.mount for asset in run.data_assets] == ["iris", "m"]
    with_it = RunParams(capsule_id=ids.CAPSULE, data_assets=[DataAssetsRunParam(id=ids.IRIS)])
    assert refused(403, sdk.computations.run_capsule, with_it).message == "data asset already attached"


def test_pipelines_attach_data_assets(sdk: CodeOcean) -> None:
    attaches(sdk.pipelines, ids.PIPELINE, sdk)


def test_capsules_detach_data_assets(sdk: CodeOcean) -> None:
    detaches(sdk.capsules, ids.CAPSULE)
    refused(403, sdk.capsules.detach_data_assets, ids.RELEASE, [ids.IRIS])


def test_pipelines_detach_data_assets(sdk: CodeOcean) -> None:
    detaches(sdk.pipelines, ids.PIPELINE)


def test_capsules_sync_capsule(sdk: CodeOcean) -> None:
    result = sdk.capsules.sync_capsule(ids.FASTQC)
    assert (result.pushed, result.pulled, result.new_branch) == (2, 1, False)
    again = sdk.capsules.sync_capsule(ids.FASTQC)
    assert (again.pushed, again.pulled) == (0, 0)
    refused(400, sdk.capsules.sync_capsule, ids.FAILS)
    sdk.capsules.detach_data_assets(ids.CAPSULE, [])
    sdk.computations.run_capsule(RunParams(capsule_id=ids.CAPSULE))
    assert refused(423, sdk.capsules.sync_capsule, ids.CAPSULE).message == "Workspace is locked"


def test_pipelines_sync_pipeline(sdk: CodeOcean) -> None:
    refused(400, sdk.pipelines.sync_pipeline, ids.PIPELINE)


def test_capsules_release_capsule(sdk: CodeOcean, admin: CodeOcean) -> None:
    job = sdk.capsules.release_capsule(ids.CAPSULE)
    assert job.status == CapsuleReleaseJobStatus.Created
    refused(400, sdk.capsules.release_capsule, ids.CAPSULE)
    refused(400, sdk.capsules.release_capsule, ids.FAILS)
    refused(403, admin.capsules.release_capsule, ids.CAPSULE)


def test_capsules_get_release_job(sdk: CodeOcean, clock: HandClock) -> None:
    job = sdk.capsules.release_capsule(ids.CAPSULE)
    seen = []
    for _ in range(30):
        seen.append(sdk.capsules.get_release_job(ids.CAPSULE, job.job_id).status.value)
        clock.advance(0.25)
    assert list(dict.fromkeys(seen)) == ["created", "started", "completed"]
    refused(404, sdk.capsules.get_release_job, ids.CAPSULE, ids.NOBODYS)
    refused(404, sdk.capsules.get_release_job, ids.FASTQC, job.job_id)


def test_capsules_wait_until_release_completed(sdk: CodeOcean) -> None:
    job = sdk.capsules.release_capsule(ids.CAPSULE)
    done = sdk.capsules.wait_until_release_completed(ids.CAPSULE, job)
    assert (done.release_capsule, done.release_version.major_version) == (ids.RELEASE, 2)
    released = sdk.capsules.get_capsule(ids.RELEASE)
    assert [version.major_version for version in released.versions] == [1, 2]
    assert released.versions[1].release_time == done.release_version.release_time
    run = sdk.session.post("computations", json={"capsule_id": ids.RELEASE}).json()
    assert (run["version"], run["owner"]) == (2, "release")
    assert sdk.session.post("computations", json={"capsule_id": ids.RELEASE, "version": 1}).json()["version"] == 1
    assert sdk.capsules.get_capsule_app_panel(ids.RELEASE, version=2).parameters


def test_pipelines_release_pipeline(sdk: CodeOcean) -> None:
    refused(400, sdk.pipelines.release_pipeline, ids.PIPELINE)


def test_pipelines_get_release_job(sdk: CodeOcean) -> None:
    refused(404, sdk.pipelines.get_release_job, ids.PIPELINE, ids.NOBODYS)


def test_pipelines_wait_until_release_completed(sdk: CodeOcean) -> None:
    job = sdk.capsules.release_capsule(ids.CAPSULE)
    refused(404, sdk.pipelines.wait_until_release_completed, ids.PIPELINE, job)


def archives(client: Any, kind: str, key: str) -> None:
    search, archive = getattr(client, f"search_{kind}s"), getattr(client, f"archive_{kind}")

    def found(archived: bool) -> list[str]:
        return [entry.id for entry in search(CapsuleSearchParams(archived=archived)).results]

    archive(key, True)
    assert key in found(True)
    assert key not in found(False)
    archive(key, False)
    assert key in found(False)


def test_capsules_archive_capsule(sdk: CodeOcean) -> None:
    archives(sdk.capsules, "capsule", ids.CAPSULE)


def test_pipelines_archive_pipeline(sdk: CodeOcean) -> None:
    archives(sdk.pipelines, "pipeline", ids.PIPELINE)


def test_capsules_search_capsules(sdk: CodeOcean) -> None:
    found = sdk.capsules.search_capsules(CapsuleSearchParams(query='name:fastqc tag:"quality control"', limit=5))
    assert [capsule.id for capsule in found.results] == [ids.FASTQC]
    assert found.has_more is False


def test_pipelines_search_pipelines(sdk: CodeOcean) -> None:
    found = sdk.pipelines.search_pipelines(CapsuleSearchParams(query="tag:RNA"))
    assert {pipeline.id for pipeline in found.results} == {ids.RNA_PIPELINE, ids.BOTH_PIPELINE}


def test_capsules_search_capsules_iterator(sdk: CodeOcean) -> None:
    assert len({c.id for c in sdk.capsules.search_capsules_iterator(CapsuleSearchParams(limit=2))}) == 19


def test_pipelines_search_pipelines_iterator(sdk: CodeOcean) -> None:
    assert len({p.id for p in sdk.pipelines.search_pipelines_iterator(CapsuleSearchParams(limit=1))}) == 7


# ---- computations


def test_computations_get_computation(sdk: CodeOcean) -> None:
    run = sdk.computations.get_computation(ids.PIPELINE_RUN)
    [star] = [process for process in run.processes if process.name == "capsule_star_alignment_1"]
    assert star.parameters[0].param_name == "NumThreads"
    assert run.state == ComputationState.Completed


def test_computations_run_capsule(sdk: CodeOcean) -> None:
    run = sdk.computations.run_capsule(
        RunParams(
            capsule_id=ids.CAPSULE,
            data_assets=[DataAssetsRunParam(id=ids.IRIS)],
            named_parameters=[NamedRunParam(param_name="rows", value="7")],
        )
    )
    assert sdk.computations.get_computation(run.id) == run
    assert run.parameters[0].value == "7"
    outside = RunParams(capsule_id=ids.CAPSULE, named_parameters=[NamedRunParam(param_name="rows", value="1001")])
    assert "rows" in refused(400, sdk.computations.run_capsule, outside).message


def test_computations_run_pipeline(sdk: CodeOcean, clock: HandClock) -> None:
    wrong_kind = RunParams(pipeline_id=ids.RNA_PIPELINE, data_assets=[DataAssetsRunParam(ids.IMAGING, "Reference")])
    assert "external" in refused(400, sdk.computations.run_pipeline, wrong_kind).message
    run = sdk.computations.run_pipeline(
        RunParams(pipeline_id=ids.RNA_PIPELINE, data_assets=[DataAssetsRunParam(ids.MOUSE, "Elsewhere")])
    )
    clock.advance(SPAN)
    ended = sdk.computations.get_computation(run.id)
    assert (ended.end_status.value, ended.exit_code) == ("failed", 1)
    urls = sdk.computations.get_result_file_urls(run.id, "output")
    assert "No such file or directory: /data/Elsewhere" in requests.get(urls.view_url, timeout=PATIENCE).text


def test_computations_wait_until_completed(sdk: CodeOcean) -> None:
    run = sdk.computations.run_capsule(RunParams(capsule_id=ids.CAPSULE))
    assert sdk.computations.wait_until_completed(run).exit_code == 0


def test_computations_attach_data_assets(sdk: CodeOcean) -> None:
    attached = sdk.computations.attach_data_assets(ids.WORKSTATION, [DataAssetAttachParams(id=ids.IRIS)])
    assert attached[0].mount == "iris"
    session = sdk.computations.get_computation(ids.WORKSTATION)
    assert session.cloud_workstation is True
    assert session.state == ComputationState.Running
    assert [asset.id for asset in session.data_assets] == [ids.IRIS]
    [again] = sdk.computations.attach_data_assets(ids.WORKSTATION, [DataAssetAttachParams(id=ids.IRIS)])
    assert again.mount_state == "unchanged"
    refused(400, sdk.computations.attach_data_assets, ids.PAST_RUN, [DataAssetAttachParams(id=ids.IRIS)])


def test_computations_detach_data_assets(sdk: CodeOcean) -> None:
    detaches(sdk.computations, ids.WORKSTATION)
    refused(400, sdk.computations.detach_data_assets, ids.PAST_RUN, [ids.IRIS])


def test_computations_list_computation_results(sdk: CodeOcean) -> None:
    root = sdk.computations.list_computation_results(ids.PAST_RUN)
    assert [item.name for item in root.items] == ["figures", "output", "table.csv"]
    assert [item.name for item in sdk.computations.list_computation_results(ids.PAST_RUN, "figures").items] == [
        "overview.svg"
    ]


def test_computations_get_result_file_download_url(sdk: CodeOcean) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found = sdk.computations.get_result_file_download_url(ids.PAST_RUN, "table.csv")
    assert requests.get(found.url, timeout=PATIENCE).text.startswith("row,value")


def test_computations_get_result_file_urls(sdk: CodeOcean) -> None:
    found = sdk.computations.get_result_file_urls(ids.PAST_RUN, "table.csv")
    downloaded = requests.get(found.download_url, timeout=PATIENCE)
    assert downloaded.content == requests.get(found.view_url, timeout=PATIENCE).content


def test_computations_delete_computation(sdk: CodeOcean) -> None:
    run = sdk.computations.run_capsule(RunParams(capsule_id=ids.SLOW))
    sdk.computations.delete_computation(run.id)
    refused(404, sdk.computations.get_computation, run.id)


def test_computations_rename_computation(sdk: CodeOcean) -> None:
    sdk.computations.rename_computation(ids.PAST_RUN, "renamed")
    assert sdk.computations.get_computation(ids.PAST_RUN).name == "renamed"


# ---- data assets


def captured(sdk: CodeOcean) -> Any:
    source = Source(computation=ComputationSource(id=ids.PAST_RUN))
    params = DataAssetParams(name="captured", tags=["t"], mount="captured", source=source)
    return sdk.data_assets.create_data_asset(params)


def test_data_assets_get_data_asset(sdk: CodeOcean) -> None:
    asset = sdk.data_assets.get_data_asset(ids.IRIS)
    assert asset.custom_metadata["data level"] == "raw"


def test_data_assets_update_metadata(sdk: CodeOcean) -> None:
    params = DataAssetUpdateParams(name="new", custom_metadata={"sampling rate": 20})
    assert sdk.data_assets.update_metadata(ids.IRIS, params).name == "new"
    again = sdk.data_assets.get_data_asset(ids.IRIS)
    assert (again.name, again.description) == ("new", "Sepals and petals.")
    assert again.custom_metadata == {"sampling rate": 20}
    for wrong in ({"nothing": 1}, {"data level": "cooked"}, {"sampling rate": "x"}, {"sampling rate": -1}):
        refused(400, sdk.data_assets.update_metadata, ids.IRIS, DataAssetUpdateParams(custom_metadata=wrong))
    several = DataAssetUpdateParams(custom_metadata={"modalities": ["a", "b"]})
    assert sdk.data_assets.update_metadata(ids.IRIS, several).custom_metadata == {"modalities": ["a", "b"]}


def test_data_assets_create_data_asset(sdk: CodeOcean) -> None:
    asset = captured(sdk)
    assert asset.state == DataAssetState.Draft
    assert sdk.data_assets.get_data_asset(asset.id) == asset


def test_data_assets_wait_until_ready(sdk: CodeOcean) -> None:
    assert sdk.data_assets.wait_until_ready(captured(sdk)).files == 3


def test_data_assets_delete_data_asset(sdk: CodeOcean) -> None:
    sdk.data_assets.delete_data_asset(ids.MY_DATASET)
    refused(404, sdk.data_assets.get_data_asset, ids.MY_DATASET)


def test_data_assets_update_permissions(sdk: CodeOcean, viewer: CodeOcean) -> None:
    refused(404, viewer.data_assets.get_data_asset, ids.MOUSE)
    sdk.data_assets.update_permissions(ids.MOUSE, shared_with_viewer())
    assert viewer.data_assets.list_data_asset_files(ids.MOUSE).items[0].name == "genome.fasta"
    refused(403, viewer.data_assets.update_permissions, ids.MOUSE, shared_with_viewer())


def test_data_assets_get_permissions(sdk: CodeOcean) -> None:
    permissions = sdk.data_assets.get_permissions(ids.IRIS)
    assert [(user.email, user.role) for user in permissions.users] == [
        ("demo-user@example.com", UserRole.Owner),
        ("demo-viewer@example.com", UserRole.Viewer),
    ]


def test_data_assets_archive_data_asset(sdk: CodeOcean) -> None:
    sdk.data_assets.archive_data_asset(ids.IRIS, True)
    found = sdk.data_assets.search_data_assets(DataAssetSearchParams(archived=True)).results
    assert {asset.id for asset in found} == {ids.IRIS, ids.ARCHIVED}


def test_data_assets_search_data_assets(sdk: CodeOcean) -> None:
    found = sdk.data_assets.search_data_assets(DataAssetSearchParams(query="name:co tag:x1"))
    assert {asset.id for asset in found.results} == {ids.COMMONCRAWL, ids.DATASETS}


def test_data_assets_search_data_assets_iterator(sdk: CodeOcean) -> None:
    assert len({a.id for a in sdk.data_assets.search_data_assets_iterator(DataAssetSearchParams(limit=3))}) == 56


def test_data_assets_list_data_asset_files(sdk: CodeOcean) -> None:
    assert [item.name for item in sdk.data_assets.list_data_asset_files(ids.IRIS).items] == ["docs", "iris.csv"]
    assert sdk.data_assets.list_data_asset_files(ids.IRIS, "docs").items[0].path == "docs/README.md"


def test_data_assets_get_data_asset_file_download_url(sdk: CodeOcean) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found = sdk.data_assets.get_data_asset_file_download_url(ids.IRIS, "iris.csv")
    assert requests.get(found.url, timeout=PATIENCE).text.startswith("sepal_length")


def test_data_assets_get_data_asset_file_urls(sdk: CodeOcean) -> None:
    found = sdk.data_assets.get_data_asset_file_urls(ids.IRIS, "docs/README.md")
    assert requests.get(found.view_url, timeout=PATIENCE).text == "# Iris measurements\n"


def test_data_assets_transfer_data_asset(sdk: CodeOcean, admin: CodeOcean, clock: HandClock) -> None:
    target = TransferDataParams(target=Target(aws=AWSS3Target(bucket="archive", prefix="iris")))
    refused(403, sdk.data_assets.transfer_data_asset, ids.IRIS, target)
    admin.data_assets.transfer_data_asset(ids.IRIS, target)
    moved = sdk.data_assets.get_data_asset(ids.IRIS)
    assert moved.last_transferred == int(clock.now)
    assert (moved.source_bucket.bucket, moved.source_bucket.external) == ("archive", True)
    refused(400, sdk.data_assets.list_data_asset_files, ids.IRIS)


# ---- custom metadata


def test_custom_metadata_get_custom_metadata(sdk: CodeOcean) -> None:
    schema = sdk.custom_metadata.get_custom_metadata()
    assert schema.categories == ["Subject", "Acquisition", "Quality"]
    rate = next(field for field in schema.fields if field.name == "sampling rate")
    assert (rate.type, rate.units, rate.range.max) == (CustomMetadataFieldType.Number, "Hz", 100000)


def test_the_flags_of_a_refused_release(sdk: CodeOcean) -> None:
    """A refused release tells flags and no message."""
    sdk.capsules.get_capsule(ids.CAPSULE)
    for run in sdk.capsules.list_computations(ids.CAPSULE):
        sdk.computations.delete_computation(run.id)
    failure = refused(403, sdk.capsules.release_capsule, ids.CAPSULE)
    assert failure.data == {"missing_reproducible_run": True}
    assert CapsuleReleaseValidationIssues.from_dict(failure.data).missing_reproducible_run is True


def test_what_is_shared_and_what_is_not(sdk: CodeOcean, viewer: CodeOcean) -> None:
    # A viewer of a capsule sees its runs but cannot make them his own.
    source = Source(computation=ComputationSource(id=ids.FASTQC_RUN))
    wish = DataAssetParams(name="n", tags=[], mount="m", source=source)
    assert viewer.computations.get_computation(ids.FASTQC_RUN).id == ids.FASTQC_RUN
    refused(403, viewer.data_assets.create_data_asset, wish)
    # Sharing along adds; it takes nothing away.
    admins = Permissions(users=[UserPermissions(email="demo-admin@example.com", role=UserRole.Editor)])
    sdk.data_assets.update_permissions(ids.ATTACHED, admins)
    sdk.pipelines.update_permissions(ids.RNA_PIPELINE, Permissions(users=shared_with_viewer().users, share_assets=True))
    roles = {user.email: user.role for user in sdk.data_assets.get_permissions(ids.ATTACHED).users}
    assert roles["demo-admin@example.com"] == UserRole.Editor
    assert roles["demo-viewer@example.com"] == UserRole.Viewer
    nobody = Permissions(groups=[GroupPermissions(group="no-such", role=GroupRole.Viewer)])
    sdk.capsules.update_permissions(ids.CAPSULE, nobody)
    assert sdk.capsules.get_permissions(ids.CAPSULE).groups is None


def test_what_can_be_attached_deleted_and_moved(sdk: CodeOcean, admin: CodeOcean) -> None:
    sdk.capsules.attach_data_assets(ids.CAPSULE, [DataAssetAttachParams(id=ids.IRIS.upper())])
    sdk.capsules.detach_data_assets(ids.CAPSULE, [ids.IRIS.upper()])
    draft = captured(sdk)
    unready = refused(400, sdk.capsules.attach_data_assets, ids.CAPSULE, [DataAssetAttachParams(draft.id)])
    assert "draft" in unready.message
    star = "5c9d2a44-1f57-4a8e-8f2b-6e3a9d7b4c21"
    sdk.capsules.archive_capsule(star, True)
    assert "pipeline" in refused(403, sdk.capsules.delete_capsule, star).message
    refused(400, sdk.capsules.get_release_job, ids.CAPSULE, "1234567")
    combined = DataAssetParams(name="n", tags=[], mount="m", data_asset_ids=[ids.IMAGING, ids.BEHAVIOR])
    both = sdk.data_assets.wait_until_ready(sdk.data_assets.create_data_asset(combined))
    target = TransferDataParams(target=Target(aws=AWSS3Target(bucket="b")))
    refused(400, admin.data_assets.transfer_data_asset, both.id, target)
