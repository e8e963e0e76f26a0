"""What `aind-codeocean-pipeline-monitor` does: runs a pipeline, waits, captures its result, tells of it."""

import re
from dataclasses import dataclass
from typing import Any

from aind_codeocean_pipeline_monitor.job import PipelineMonitorJob  # type: ignore[import-not-found, unused-ignore]
from aind_codeocean_pipeline_monitor.models import (  # type: ignore[import-not-found, unused-ignore]
    CaptureSettings,
    DocDbSettings,
    PipelineMonitorSettings,
)
from codeocean import CodeOcean
from codeocean.components import EveryoneRole, GroupPermissions, GroupRole, Permissions
from codeocean.computation import (
    ComputationEndStatus,
    DataAssetsRunParam,
    NamedRunParam,
    PipelineProcessParams,
    RunParams,
)
from codeocean.data_asset import AWSS3Target, DataAsset, DataAssetSearchParams, Target
from codeocean.error import Error

from tools.clients import names
from tools.clients.outside import Alerts, MetadataDb
from tools.expectations import includes, same

RESULTS_BUCKET = "results-of-code-ocean"
GATEWAY = DocDbSettings(docdb_api_gateway="metadata.example.com", results_bucket=RESULTS_BUCKET)
WORLD = "@monitor"
"""A world of its own, as its data assets would be in the way of searches by others."""
LEAST_SECONDS = 5
"""The SDK refuses to look more often than that."""


@dataclass
class Monitor:
    """What a job of the monitor is given, and what is seen of it from outside."""

    url: str
    database: MetadataDb
    alerts: Alerts

    def __post_init__(self) -> None:
        self.client = self.signed_in()

    def signed_in(self, token: str = "cop_scientist") -> CodeOcean:
        """A client of the SDK in the monitor's world."""
        return CodeOcean(domain=self.url, token=f"{token}{WORLD}")

    def run(self, params: RunParams, capture: Any = None, **settings: Any) -> None:
        """Do one job, with a client of its own. Raises what the job raises."""
        settings = {
            "computation_polling_interval": LEAST_SECONDS,
            "data_asset_ready_polling_interval": LEAST_SECONDS,
            "alert_url": self.alerts.url,
            **settings,
        }
        job = PipelineMonitorSettings(run_params=params, capture_settings=capture, **settings)
        PipelineMonitorJob(job, self.signed_in()).run_job()

    def refused(self, params: RunParams, **settings: Any) -> Exception:
        """What a job raises that has to fail."""
        try:
            self.run(params, **settings)
        except Exception as problem:
            return problem
        raise AssertionError("the job did not fail")

    def captured(self, tag: str) -> DataAsset:
        """The only data asset with a tag."""
        found = self.client.data_assets.search_data_assets(DataAssetSearchParams(query=f"tag:{tag}", limit=10))
        [asset] = found.results
        return asset


def sorting(pipeline: str = names.SORTING_PIPELINE) -> RunParams:
    """A run of a pipeline on the raw data of a session."""
    sorter = PipelineProcessParams(
        name="capsule_spike_sorting_1", named_parameters=[NamedRunParam(param_name="sorter", value="kilosort4")]
    )
    raw = DataAssetsRunParam(id=names.RAW_ASSET, mount="ecephys")
    return RunParams(pipeline_id=pipeline, data_assets=[raw], processes=[sorter])


def run_without_capture(monitor: Monitor) -> None:
    trigger = "eb5a26e4-a391-4d79-9da5-1ab65b71253f"
    monitor.run(RunParams(capsule_id=trigger, parameters=["ecephys_ks4", names.OTHER_RAW_ASSET]), alert_url=None)
    runs = monitor.client.capsules.list_computations(trigger)
    ended = [run for run in runs if names.OTHER_RAW_ASSET in [parameter.value for parameter in run.parameters]]
    same([run.end_status for run in ended], [ComputationEndStatus.Succeeded])


def capture_internal(monitor: Monitor) -> None:
    """Its name is made from that of the input; group and all may see it; it is registered below the results' bucket."""
    rights = Permissions(groups=[GroupPermissions("lab", GroupRole.Viewer)], everyone=EveryoneRole.Viewer)
    capture = CaptureSettings(
        name=None, mount=None, tags=["internal", "derived"], description="By the monitor.", docdb_settings=GATEWAY,
        custom_metadata={"data level": "derived", "subject id": "676909"}, permissions=rights,
    )  # fmt: skip
    monitor.run(sorting(), capture)
    asset = monitor.captured("internal")
    assert re.fullmatch(rf"{names.SESSION}_processed_\d{{4}}(-\d\d){{2}}_\d\d(-\d\d){{2}}", asset.name), asset.name
    same((asset.mount, asset.state, asset.type), (asset.name, "ready", "result"))
    same((asset.tags, asset.description), (["internal", "derived"], "By the monitor."))
    same(asset.custom_metadata, {"data level": "derived", "subject id": "676909"})
    same(asset.provenance.data_assets, [names.RAW_ASSET])
    includes([item.name for item in monitor.client.data_assets.list_data_asset_files(asset.id).items], "nwb", "output")
    registered = {"s3_location": f"s3://{RESULTS_BUCKET}/{asset.id}", "name": asset.name, "co_asset_id": asset.id}
    same(monitor.database.registration(asset.name), registered | {"co_computation_id": asset.provenance.computation})
    seen = monitor.signed_in("cop_colleague").data_assets.get_data_asset(asset.id)
    same(seen.name, asset.name)


def capture_external(monitor: Monitor) -> None:
    """Into a bucket, below a prefix that is its name."""
    target = Target(aws=AWSS3Target(bucket="aind-open-data", prefix="replaced by the monitor"))
    capture = CaptureSettings(
        name="captured-outside", mount="outside", tags=["external"], target=target, docdb_settings=GATEWAY
    )
    monitor.run(sorting(), capture)
    asset = monitor.captured("external")
    bucket = asset.source_bucket
    same((bucket.origin, bucket.bucket, bucket.prefix), ("aws", "aind-open-data", "captured-outside"))
    same((bucket.external, asset.type, asset.mount), (True, "result", "outside"))
    same(monitor.database.registration(asset.name)["s3_location"], "s3://aind-open-data/captured-outside")


def capture_by_its_description(monitor: Monitor) -> None:
    """The name stands in a result file, which the monitor downloads."""
    monitor.run(sorting(names.DESCRIBING_PIPELINE), CaptureSettings(name=None, mount=None, tags=["described"]))
    name = "ecephys_676909_2023-12-13_13-43-40_processed_2024-03-01_16-02-45"
    same(monitor.captured("described").name, name)


def alerts_of_a_run(monitor: Monitor) -> None:
    alerts = Alerts()
    with alerts.listening():
        monitor.run(sorting(), alert_url=alerts.url)
    first, last = alerts.posted
    same(first, f"Starting {names.SESSION}\n- pipeline: {names.SORTING_PIPELINE}\n")
    same(last, f"Finished {names.SESSION}")


def failing_run(monitor: Monitor) -> None:
    """It raises, tells of it, and captures nothing."""
    problem = monitor.refused(
        sorting(names.FAILING_PIPELINE), capture=CaptureSettings(name="never", mount=None, tags=["never"])
    )
    includes(str(problem), "The computation had an error", "end_status=<ComputationEndStatus.Failed", "exit_code=1")
    [alert] = monitor.alerts.about(str(problem.args))
    includes(alert, f"Error with {names.SESSION}")
    same(monitor.client.data_assets.search_data_assets(DataAssetSearchParams(query="tag:never")).results, [])


def run_that_fails_in_silence(monitor: Monitor) -> None:
    """It says succeeded, but the exit code is not 0."""
    problem = monitor.refused(sorting(names.SILENT_PIPELINE))
    includes(str(problem), "The computation had an error", "exit_code=1")


def run_that_takes_too_long(monitor: Monitor) -> None:
    """It is ended by the monitor."""
    problem = monitor.refused(sorting(names.ENDLESS_PIPELINE), computation_timeout=LEAST_SECONDS + 0.1)
    assert isinstance(problem, TimeoutError), repr(problem)
    runs = monitor.client.capsules.list_computations(names.ENDLESS_PIPELINE)
    same([run.end_status for run in runs if run.state == "running"], [], "runs that still go")


def input_that_is_missing(monitor: Monitor) -> None:
    missing = DataAssetsRunParam(id="867ed56f-f9cc-4649-8b9f-97efc4dbd4ca", mount="ecephys")
    problem = monitor.refused(RunParams(pipeline_id=names.SORTING_PIPELINE, data_assets=[missing]))
    assert isinstance(problem, Error), repr(problem)
    same(problem.status_code, 404)


def parameter_that_is_unknown(monitor: Monitor) -> None:
    """Refused by Code Ocean, and told with its answer."""
    wrong = PipelineProcessParams(name="capsule_that_is_not_there_1", parameters=["1"])
    params = RunParams(pipeline_id=names.SORTING_PIPELINE, processes=[wrong])
    problem = monitor.refused(params)
    assert isinstance(problem, Error), repr(problem)
    same(problem.status_code, 400)
    [alert] = monitor.alerts.about(str(problem))
    includes(alert, "Error with None")


STEPS = (
    run_without_capture,
    capture_internal,
    capture_external,
    capture_by_its_description,
    alerts_of_a_run,
    failing_run,
    run_that_fails_in_silence,
    run_that_takes_too_long,
    input_that_is_missing,
    parameter_that_is_unknown,
)
