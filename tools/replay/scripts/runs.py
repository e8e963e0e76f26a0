"""Runs of capsules and pipelines through their states, and what is made of their results."""

from typing import Any

from tests import ids
from tools.replay.recorder import Recorder
from tools.replay.scripts.files import fetch

RUNS: tuple[dict[str, Any], ...] = (
    {"capsule_id": ids.CAPSULE},
    {"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": "rows", "value": "7"}]},
    {"capsule_id": ids.CAPSULE, "parameters": ["5", "mine"], "data_assets": [{"id": ids.IRIS}]},
    {"capsule_id": ids.ORDERED, "parameters": ["100", "2"], "data_assets": [{"id": ids.MOUSE, "mount": "m"}]},
    {"capsule_id": ids.RELEASE, "version": 1},
    {"capsule_id": ids.FASTQC, "nextflow_profile": "x", "unknown": 1},
    {"capsule_id": ids.FAILS}, {"capsule_id": ids.SILENT}, {"capsule_id": ids.SLOW}, {"capsule_id": ids.MANY_FILES},
    {"pipeline_id": ids.PIPELINE, "nextflow_profile": "quick", "processes": [
        {"name": "capsule_star_alignment_1", "named_parameters": [{"param_name": "NumThreads", "value": "8"}]}]},
    {"pipeline_id": ids.RNA_PIPELINE, "data_assets": [{"id": ids.MOUSE, "mount": "Reference"}]},
    {"pipeline_id": ids.RNA_PIPELINE, "data_assets": [{"id": ids.MOUSE, "mount": "Elsewhere"}]},
    {"pipeline_id": ids.TABLE_PIPELINE}, {"pipeline_id": ids.NAMED_PIPELINE},
)  # fmt: skip
REFUSED: tuple[Any, ...] = (
    {}, [], {"capsule_id": None}, {"capsule_id": ids.CAPSULE, "pipeline_id": ids.PIPELINE}, {"capsule_id": ids.NOBODYS},
    {"pipeline_id": ids.CAPSULE}, {"capsule_id": ids.OTHERS_CAPSULE}, {"capsule_id": ids.CAPSULE, "version": -1},
    {"capsule_id": ids.RELEASE, "version": 9}, {"capsule_id": ids.CAPSULE, "version": True},
    {"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.NOBODYS}]},
    {"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.IRIS, "mount": "../up"}]},
    {"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.IRIS}, {"id": ids.MOUSE, "mount": "iris"}]},
    {"capsule_id": ids.CAPSULE, "parameters": ["x" * 4097]}, {"capsule_id": ids.CAPSULE, "parameters": ["0"]},
    {"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": "rows", "value": "1001"}]},
    {"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": "no", "value": "1"}]},
    {"capsule_id": ids.CAPSULE, "processes": [{"name": "capsule_nothing_1"}]},
    {"capsule_id": ids.CAPSULE, "resume_run_id": ids.NOBODYS},
    {"pipeline_id": ids.PIPELINE, "processes": [{"name": "capsule_nothing_1"}]},
    {"pipeline_id": ids.RNA_PIPELINE, "data_assets": [{"id": ids.IMAGING, "mount": "Reference"}]},
)  # fmt: skip
SOURCES: tuple[dict[str, Any], ...] = (
    {"source": {"aws": {"bucket": "MY_BUCKET", "prefix": "PREFIX", "public": True}}},
    {"source": {"aws": {"bucket": "unheard-of", "prefix": "a/b"}}, "custom_metadata": {"data level": "raw"}},
    {"source": {"aws": {"bucket": "unheard-of", "keep_on_external_storage": True}}, "description": "stays"},
    {"source": {"aws": {"bucket": "codeocean-datasetapi-test-cs", "public": True}}},
    {"source": {"gcp": {"bucket": "a-bucket", "client_id": "c", "client_secret": "s"}}},
    {"source": {"cloud_workstation": {"id": ids.WORKSTATION, "path": "scratch"}}},
    {"source": {"cloud_workstation": {"id": ids.WORKSTATION, "path": "scratch", "run_script": "code/run"}}},
    {"data_asset_ids": [ids.IMAGING, ids.BEHAVIOR]},
    {"source": {"aws": {"bucket": "results"}}, "results_info": {"capsule_id": ids.FASTQC, "data_assets": [ids.IRIS]}},
    {"source": {"aws": {"bucket": "b"}}, "tags": ["mock:scenario=fails"]},
    {"source": {"aws": {"bucket": "b"}}, "tags": ["mock:scenario=nothing"]}, {"source": {}}, {},
    {"source": {"computation": {"id": ids.NOBODYS}}}, {"source": {"computation": {"id": ids.WORKSTATION}}},
    {"source": {"cloud_workstation": {"id": ids.WORKSTATION, "path": "nowhere"}}}, {"data_asset_ids": [ids.IRIS]},
    {"source": {"aws": {"bucket": "b"}}, "mount": "../m"}, {"source": {"aws": {"bucket": "b"}}, "tags": [1]},
    {"source": {"aws": {"bucket": "b"}}, "custom_metadata": {"nothing": 1}},
    {"source": {"aws": {"bucket": "b"}}, "target": {"aws": {"bucket": "t"}}},
)  # fmt: skip


def record(to: Recorder) -> None:
    """Runs and data assets along the clock."""
    to.section = "runs"
    runs = [to.api("POST /computations", body).text("id") for body in RUNS]
    runs.append(to.api("POST /capsules/computations", RUNS[1]).text("id"))
    for body in REFUSED:
        to.api("POST /computations", body)
        to.api("POST /capsules/computations", body)
    for step in ({"by": 1}, {"next_change": True}, {"by": "3s"}, {"by": "1m"}, {"by": "9h"}):
        to.control("POST /worlds/default/clock/advance", step)
        for run in runs:
            to.api(f"GET /computations/{run}")
    for filters in ("", "?state=failed&limit=2", f"?capsule={ids.CAPSULE}", "?capsule=a", "?state=ended", "?limit=0"):
        to.control(f"GET /worlds/default/computations{filters}")
    _results(to, runs)
    to.section = "data assets along the clock"
    captures = [{"source": {"computation": {"id": run, "path": path}}} for run in runs for path in ("", "output")]
    assets = [_create(to, number, body) for number, body in enumerate((*SOURCES, *captures))]
    for step in ({"by": 1}, {"next_change": True}, {"by": "1m"}):
        to.control("POST /worlds/default/clock/advance", step)
        for asset in assets:
            if asset != "missing":
                to.api(f"GET /data_assets/{asset}")
                to.api(f"POST /data_assets/{asset}/files")
    to.section = "changes of runs"
    _changes(to, runs)


def _create(to: Recorder, number: int, body: dict[str, Any]) -> str:
    return to.api(
        "POST /data_assets", {"name": f"asset {number}", "mount": f"m{number}", "tags": ["made"]} | body
    ).text("id")


def _results(to: Recorder, runs: list[str]) -> None:
    to.section = "results of runs"
    for run in runs:
        listed = to.api(f"POST /computations/{run}/results", {"path": ""}).json() or {}
        for item in listed.get("items", [])[:3]:
            urls = to.api(f"GET /computations/{run}/results/urls?path={item['path']}")
            if urls.status == 200 and item["size"] < 300_000:
                fetch(to, urls)


def _changes(to: Recorder, runs: list[str]) -> None:
    for run in runs[:3]:
        to.api(f"PATCH /computations/{run}?name=renamed%20%C3%A9")
        to.api(f"GET /computations/{run}")
    for name in ("", "%00", "x" * 3000):
        to.api(f"PATCH /computations/{runs[0]}?name={name}")
    going = to.api("POST /computations", {"capsule_id": ids.SLOW, "resume_run_id": runs[0]}).text("id")
    for run in (runs[4], going, "some-computation-id"):
        for token in ("cop_demo_viewer", "cop_demo_readonly", "cop_demo_user", "cop_demo_user"):
            to.api(f"DELETE /computations/{run}", token=token)
        to.api(f"GET /computations/{run}")
    for kind, key in (("capsules", ids.CAPSULE), ("pipelines", ids.PIPELINE), ("pipelines", ids.RNA_PIPELINE)):
        to.api(f"GET /{kind}/{key}/computations")
