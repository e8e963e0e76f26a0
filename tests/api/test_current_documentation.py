"""The examples of the documentation of 2026, its pages on computations, capsules and data assets, with domain and token
changed; where one is not well-formed JSON or Python, what it means.
"""

from typing import Any

import pytest
from codeocean import CodeOcean
from codeocean.data_asset import AWSS3Source, DataAssetParams, ResultsInfo, Source

from tests import ids
from tests.conftest import Client, HandClock

ALIGNED_RUN = "8f174aed-64ce-43eb-9c16-64d25da84bda"

FIFTEEN = ["75", "1", "HS25", "SingleEnded", "", "", "1", "", "", "", "", "", "", "False", "False"]
REFERENCE = [{"id": ids.REFERENCE, "mount": "Reference"}]
PYTHON_REFERENCE = [{"id": "1az0c240-1a9z-192b-pa4c-22bac5ffa17b", "mount": "Reference"}]
STAR = {"name": "capsule_star_alignment_1", "parameters": ["1", "_R1_fastq.gz", "R2_fastq.gz"]}
BWA = {"name": "capsule_bwa_alignment_5", "named_parameters": [{"param_name": "NumThreads", "value": "2"}]}
ART = {"name": "capsule_art_simulation_illumina_1", "parameters": FIFTEEN}
FASTQC = {"name": "capsule_copy_of_fast_qc_2", "parameters": [""]}
CREATE = {
    "name": "capsule_np_create_files_test_3",
    "named_parameters": [{"param_name": "NumFiles", "value": "1"}],
}
ADD = {
    "name": "capsule_np_add_number_test_gh_4",
    "named_parameters": [{"param_name": "AddNumber", "value": "1"}],
}
THREADS = [{"param_name": "NumThreads", "value": "2"}]
THREADS_AND_FILES = [
    {"param_name": "NumberOfThreads", "value": "1"},
    {"param_name": "NumberOfFiles", "value": "10"},
]


@pytest.mark.parametrize(
    "body",
    [
        {"capsule_id": ids.PIPELINE},
        {"capsule_id": ids.ORDERED, "data_assets": REFERENCE, "parameters": FIFTEEN},
        {"capsule_id": ids.PIPELINE, "data_assets": PYTHON_REFERENCE, "parameters": FIFTEEN[:4]},
        {
            "capsule_id": ids.NAMED_PIPELINE,
            "data_assets": [{"id": ids.MOUSE, "mount": "Reference"}],
            "named_parameters": THREADS_AND_FILES,
        },
        {"capsule_id": ids.PIPELINE, "data_assets": PYTHON_REFERENCE, "named_parameters": THREADS},
        {"pipeline_id": ids.PIPELINE},
        {"pipeline_id": ids.RNA_PIPELINE, "data_assets": REFERENCE, "processes": [ART, FASTQC]},
        {"capsule_id": ids.PIPELINE, "data_assets": PYTHON_REFERENCE, "processes": [STAR]},
        {"pipeline_id": ids.NAMED_PIPELINE, "data_assets": REFERENCE, "processes": [CREATE, ADD]},
        {"capsule_id": ids.PIPELINE, "data_assets": PYTHON_REFERENCE, "processes": [BWA]},
        {"pipeline_id": ids.BOTH_PIPELINE, "data_assets": REFERENCE, "processes": [ART, CREATE]},
        {"capsule_id": ids.PIPELINE, "data_assets": PYTHON_REFERENCE, "processes": [BWA, STAR]},
    ],
)
def test_the_runs_of_the_documentation(client: Client, clock: HandClock, body: dict[str, Any]) -> None:
    started = client.ask("POST", "/computations", json=body)
    processes = {process["name"]: process for process in started.get("processes", [])}
    for process in body.get("processes", []):
        given = process.get("parameters") or [entry["value"] for entry in process["named_parameters"]]
        shown = [parameter["value"] for parameter in processes[process["name"]]["parameters"]]
        assert shown[: len(given)] == given
    clock.advance(60)
    assert client.ask("GET", f"/computations/{started['id']}")["end_status"] == "succeeded"


ALIGNMENT = {"computation": {"id": ALIGNED_RUN, "path": "Alignment/"}}
PUBLIC_DATA = {"public": True, "bucket": "codeocean-public-data", "prefix": "example_datasets/ATAC/hg38_2bit/"}


@pytest.mark.parametrize(
    "more",
    [
        {"source": {"aws": PUBLIC_DATA}},
        {"source": {"aws": PUBLIC_DATA | {"public": "true"}}},
        {"source": {"aws": {"bucket": "codeocean-private-data", "prefix": "example_datasets/ATAC/hg38_2bit/"}}},
        {"source": ALIGNMENT, "target": {"aws": {"bucket": "my-bucket", "prefix": "deposit/my/results/"}}},
        {"source": {"computation": {"id": ALIGNED_RUN}}},
        {"source": ALIGNMENT},
        {
            "source": {"aws": {"public": True, "bucket": "codeocean-public-data", "prefix": "unit_test/Images/"}},
            "results_info": {
                "capsule_id": "8398ed85-f61f-4e58-aead-82759c238f99",
                "run_script": "code/run",
                "data_assets": ["76630c77-8293-4442-9b26-3eb8f7292940", "de855853-8aed-4262-8072-a9c1e9ea1a6c"],
                "parameters": [{"name": "Number of Threads", "value": "1"}],
            },
        },
        {
            "source": {"aws": PUBLIC_DATA | {"keep_on_external_storage": False}},
            "results_info": {
                "pipeline_id": "8398ed85-f61f-4e58-aead-82759c238f99",
                "version": "1",
                "processes": [
                    {
                        "name": "FastQC",
                        "capsule_id": "8398ed85-f61f-4e58-aead-82759c238f99",
                        "version": "1",
                        "public": False,
                        "parameters": [{"name": "Number of Threads", "value": "1"}],
                    }
                ],
            },
        },
    ],
)
def test_the_data_assets_of_the_documentation(client: Client, clock: HandClock, more: dict[str, Any]) -> None:
    body = {"name": "RNA-Sequencing", "description": "these are reads", "mount": "Reads", "tags": ["Genomics"]}
    made = client.ask("POST", "/data_assets", json=body | more)
    clock.advance(60)
    ready = client.ask("GET", f"/data_assets/{made['id']}")
    assert ready["state"] == "ready"
    assert ready["files"] > 0


@pytest.mark.parametrize("public", ["true", "True", "TRUE", "false"])
def test_public_as_text_in_a_source_of_aws(client: Client, clock: HandClock, public: str) -> None:
    """A bucket that is not public says whether it was understood."""
    source = {"aws": {"bucket": "codeocean-datasetapi-test-cs", "public": public}}
    made = client.ask("POST", "/data_assets", json={"name": "n", "mount": "m", "tags": [], "source": source})
    clock.advance(60)
    found = client.ask("GET", f"/data_assets/{made['id']}")
    assert found["state"] == ("ready" if public == "false" else "failed")


@pytest.mark.parametrize("public", ["yes", "1", " true", 1, [True]])
def test_public_as_anything_else_is_refused(client: Client, public: Any) -> None:
    source = {"aws": {"bucket": "codeocean-datasetapi-test-cs", "public": public}}
    body = {"name": "n", "mount": "m", "tags": [], "source": source}
    refused = client.ask("POST", "/data_assets", 400, json=body)["message"]
    assert refused.startswith("invalid request body: source.aws.public: ")


def test_the_python_examples_send_text_for_booleans_and_versions(sdk: CodeOcean) -> None:
    source = Source(aws=AWSS3Source(bucket="codeocean-public-data", prefix="unit_test/Reads/", public="true"))
    info = ResultsInfo(capsule_id="8398ed85-f61f-4e58-aead-82759c238f99", version="1", commit="123")
    params = DataAssetParams(name="n", tags=["SDK"], mount="Results", source=source, results_info=info)
    assert sdk.data_assets.create_data_asset(params).provenance.commit == "123"


def test_the_permissions_of_the_documentation(client: Client) -> None:
    body = {
        "users": [{"email": "demo-viewer@example.com", "role": "owner"}],
        "groups": [{"group": "ad-group", "role": "viewer"}],
        "everyone": "viewer",
        "share_assets": "true",
    }
    client.ask("POST", f"/pipelines/{ids.RNA_PIPELINE}/permissions", 204, json=body)
    shared = client.ask("GET", f"/data_assets/{ids.ATTACHED}/permissions")
    assert {"email": "demo-viewer@example.com", "role": "owner"} in shared["users"]


def test_the_files_of_the_documentation(client: Client) -> None:
    for run in (ids.FASTQC_RUN, ALIGNED_RUN):
        client.ask("GET", f"/computations/{run}/results/urls?path=GSM12345_R1_fastqc.html")
    listing = client.ask("POST", f"/computations/{ALIGNED_RUN}/results", json={"path": ""})
    assert [item["name"] for item in listing["items"]] == [
        "Alignment",
        "GSM12345_R1_fastqc.html",
        "GSM12345_R1_fastqc.zip",
        "output",
    ]
