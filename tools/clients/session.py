"""What `aind-session` does: sets up its client, searches by subject and by name, reads computations and results."""

import os
from functools import cache

import aind_session  # type: ignore[import-not-found, unused-ignore]
import requests
from codeocean.components import SortOrder
from codeocean.computation import Computation, ComputationState, DataAssetsRunParam, RunParams
from codeocean.data_asset import ComputationSource, DataAssetParams, Source
from codeocean.error import Error

from tools.clients import names
from tools.clients.outside import Buckets, MetadataDb
from tools.expectations import includes, same

RESULTS_BUCKET = "codeocean-s3datasetsbucket-1u41qdg42ur9"
LOG = "N E X T F L O W\nspike sorting with kilosort\ndone\n"
PROCESSING = """{"processing_pipeline": {"data_processes": [
    {"name": "Spike sorting", "parameters": {"sorter_name": "kilosort2_5"}}]}}"""
IMAGES = "Example T1 and T2 MRI Images"
BEHAVIOR = "behavior_676909_2023-10-24_15-15-50"
NEXT_DAY = "ecephys_676909_2023-12-14_12-43-11"
WRONG = (names.FAILING_PIPELINE, names.SILENT_PIPELINE, names.LOGGING_PIPELINE)


def lay_out(database: MetadataDb) -> None:
    """Put into the buckets and the metadata database what belongs to the assets of the world."""
    for name in (names.SESSION, NEXT_DAY, names.OTHER_SESSION):
        Buckets.put(f"aind-ephys-data/{name}/ecephys_compressed/probe_a.zarr/.zgroup", "{}")
        Buckets.put(f"aind-ephys-data/{name}/behavior/licks.csv", "time\n0.5\n")
    files = {
        "output": LOG,
        "processing.json": PROCESSING,
        "nwb/session.nwb": "",
        "curated/b0.ProbeA_recording1/u.csv": "",
    }
    for path, text in files.items():
        Buckets.put(f"{RESULTS_BUCKET}/{names.SORTED_ASSET}/{path}", text)
    links = {"Code Ocean": names.BRAIN_ASSET}
    database.records.append({"name": "brain", "subject": {"subject_id": "676909"}, "external_links": [links]})


def client_set_up() -> None:
    client = aind_session.get_codeocean_client()
    same(client.domain, os.environ["CODE_OCEAN_DOMAIN"])
    same(client.token, os.environ["CODE_OCEAN_API_TOKEN"])


def client_set_up_with_a_wrong_token() -> None:
    right = os.environ["CODE_OCEAN_API_TOKEN"]
    os.environ["CODE_OCEAN_API_TOKEN"] = "cop_wrong"
    try:
        aind_session.get_codeocean_client.__wrapped__()
    except ValueError as refusal:
        includes(str(refusal), "does not have permissions to read datasets")
    else:
        raise AssertionError("the wrong token was taken")
    finally:
        os.environ["CODE_OCEAN_API_TOKEN"] = right


def search_by_subject() -> None:
    """What has the number, what has another word of the query, and what the metadata database adds."""
    found = aind_session.Subject(676909).data_assets
    includes(
        [asset.name for asset in found],
        IMAGES,
        BEHAVIOR,
        names.SESSION,
        names.SORTED,
        NEXT_DAY,
        "Cleared brain, stitched",
    )
    same([asset.created for asset in found], sorted(asset.created for asset in found), "order")


def search_by_subject_in_an_order() -> None:
    """The documented example, in which the oldest asset shares no more than a word with the query."""
    found = aind_session.search_data_assets(
        {"query": "subject id:676909", "sort_field": "created", "sort_order": "asc"}
    )
    same(found[0].name, IMAGES)
    same(found[0].tags, ["T1", "T2", "MRI", "demo"])


def search_by_subject_and_type() -> None:
    found = aind_session.search_data_assets({"query": "subject id:676909", "type": "result"})
    includes([asset.name for asset in found], names.SORTED)
    same({asset.type for asset in found}, {"result"})


def search_by_number_alone() -> None:
    found = aind_session.search_data_assets({"query": "676909"})
    includes([asset.name for asset in found], names.SESSION, names.SORTED)


def sessions_of_a_subject() -> None:
    found = aind_session.get_sessions(676909)
    same([session.id for session in found], [BEHAVIOR, names.SESSION, NEXT_DAY])
    [behavior] = aind_session.get_sessions(676909, platform="behavior")
    same(behavior.date, "2023-10-24")
    same([session.id for session in aind_session.get_sessions(676909, start_date="2023-12-14")], [NEXT_DAY])


def search_by_name() -> None:
    """The first twenty characters of a name are asked for, whatever word they end in."""
    found = aind_session.Session(names.SESSION).data_assets
    same([asset.name for asset in found], [names.SESSION, names.SORTED])
    same(aind_session.Session("ecephys_676909_2023-12-13_13-43-39").data_assets, ())


def search_by_name_and_type() -> None:
    found = aind_session.get_data_assets(names.SESSION, type="dataset")
    same([asset.name for asset in found], [names.SESSION])


def search_by_name_and_tags() -> None:
    query = aind_session.get_data_asset_search_query(name="ecephys_676909", tag="raw")
    found = aind_session.search_data_assets(
        {"query": query, "sort_field": "created", "sort_order": SortOrder.Descending}
    )
    same([asset.name for asset in found], [NEXT_DAY, names.SESSION])


def pages_by_offset() -> None:
    params = {"query": "name:ecephys", "sort_field": "created", "sort_order": "asc"}
    whole = aind_session.search_data_assets(params)
    assert len(whole) > 3, f"only {len(whole)} assets to page through"
    same(aind_session.search_data_assets(params, page_size=2), whole, "pages of two")
    pages = aind_session.search_data_assets(params, as_dict=True, page_size=1)
    same([asset["id"] for asset in pages], [asset.id for asset in whole], "pages of one")


def raw_data() -> None:
    session = aind_session.Session(names.SESSION)
    same(session.raw_data_asset.id, names.RAW_ASSET)
    same(session.raw_data_dir.as_posix(), f"s3://aind-ephys-data/{names.SESSION}")
    same(session.is_uploaded, True)
    same(session.modalities, ("behavior", "ecephys"))
    same(session.ecephys.compressed_dir.name, "ecephys_compressed")


def raw_or_not() -> None:
    """By metadata, by a tag, by a name alone; a result is not."""
    assets = {asset.name: asset.id for asset in aind_session.search_data_assets({"query": "name:676909"})}
    for name in (names.SESSION, NEXT_DAY, BEHAVIOR):
        same(aind_session.is_raw_data_asset(assets[name]), True, name)
    same(aind_session.is_raw_data_asset(assets[names.SORTED]), False, names.SORTED)


def models_by_id() -> None:
    """An id is looked up as that of a data asset, then of a computation."""
    same(aind_session.get_codeocean_model(names.RAW_ASSET.replace("-", "")).name, names.SESSION)
    same(aind_session.get_codeocean_model(names.PAST_RUN).name, "Run With Parameters 2700000")
    try:
        aind_session.get_codeocean_model("867ed56f-f9cc-4649-8b9f-97efc4dbd4ca")
    except ValueError as refusal:
        includes(str(refusal), "No data asset or computation found")
    else:
        raise AssertionError("an id of nothing was found")


def computations_of_a_pipeline() -> None:
    """They are listed by the capsule's address, though it is a pipeline."""

    def found(**wish: object) -> list[str]:
        return [run.id for run in aind_session.search_computations(names.SORTING_PIPELINE, **wish)]

    going = _going().id
    whole = found()
    same((whole[:2], whole[-1]), ([names.PAST_RUN, names.LOST_RUN], going), "oldest first")
    same(found(name="Run With Parameters 2700000"), [names.PAST_RUN])
    same(found(has_results=True)[:1], [names.PAST_RUN])
    same(found(attached_data_asset_id=names.OTHER_RAW_ASSET), [going])
    same(found(computation_state=ComputationState.Failed), [names.LOST_RUN])
    same(found(in_progress=True, attached_data_asset_id=names.OTHER_RAW_ASSET), [going])
    same(found(start_date="2023-12-15", end_date="2023-12-17"), [names.PAST_RUN])


def results_of_a_run() -> None:
    run = aind_session.get_codeocean_model(names.PAST_RUN)
    includes(aind_session.get_output_text(run), "\n")
    same(aind_session.is_computation_error(run), False)
    same(aind_session.get_output_text(names.SORTED_ASSET), LOG)
    same(aind_session.is_data_asset_error(names.SORTED_ASSET), False)


def runs_that_went_wrong() -> None:
    """By the end, by missing results, by a text in the log; a state of failed is refused."""
    for pipeline, run in _ended().items():
        same(aind_session.is_computation_error(run), True, pipeline)
    try:
        aind_session.is_computation_error(names.LOST_RUN)
    except ValueError as refusal:
        includes(str(refusal), "cannot determine if errored")
    else:
        raise AssertionError("a run that failed to end was judged")


def a_run_that_leaves_only_its_log() -> None:
    """It has no results, and the log is listed all the same."""
    run = _ended()[names.FAILING_PIPELINE]
    same(run.has_results, False, "has_results")
    results = aind_session.get_codeocean_client().computations.list_computation_results(run.id)
    includes([item.name for item in results.items], "output")


def log_of_a_failed_run() -> None:
    """It has one of the texts that the client takes for an error."""
    run = _ended()[names.FAILING_PIPELINE]
    link = aind_session.get_codeocean_client().computations.get_result_file_download_url(run.id, "output")
    log = requests.get(link.url, timeout=20).text
    assert aind_session.is_output_error(log), f"no error in the log: {log!r}"


def start_of_the_sorting() -> None:
    """Positional parameters; what is already being sorted is not sorted again."""
    ecephys = aind_session.Session(names.SESSION).ecephys
    run = ecephys.run_sorting(pipeline_type="ecephys_ks4")
    same([parameter.value for parameter in run.parameters], ["ecephys_ks4", names.RAW_ASSET])
    other = aind_session.Session(names.OTHER_SESSION).ecephys
    going = _going().id
    same([run.id for run in other.current_sorting_pipeline_computations], [going])
    same(other.run_sorting(), None)


def sorted_assets() -> None:
    ecephys = aind_session.Session(names.SESSION).ecephys
    [asset] = ecephys.sorted_data_assets
    same(asset.id, names.SORTED_ASSET)
    same((asset.sorter_name, asset.sorted_probes, asset.is_sorting_error), ("kilosort2_5", ("ProbeA",), False))
    same((ecephys.is_sorted, ecephys.sorter.names), (True, ("kilosort2_5",)))


def captured_run() -> None:
    """A captured result is ready when its files are in the bucket."""
    source = Source(computation=ComputationSource(id=names.PAST_RUN))
    params = DataAssetParams(name=f"{names.SESSION}_captured", mount="captured", tags=["derived"], source=source)
    asset = aind_session.get_codeocean_client().data_assets.create_data_asset(params)
    Buckets.put(f"{RESULTS_BUCKET}/{asset.id}/output", LOG)
    ready = aind_session.wait_until_ready(asset)
    same((ready.state, ready.provenance.computation), ("ready", names.PAST_RUN))
    aind_session.get_codeocean_client().data_assets.delete_data_asset(asset.id)
    try:
        aind_session.get_data_asset_model(asset.id)
    except (ValueError, Error):
        return
    raise AssertionError("the deleted asset is still found")


@cache
def _ended() -> dict[str, Computation]:
    """Runs of the pipelines that go wrong, to their ends; the same for all steps."""
    computations = aind_session.get_codeocean_client().computations
    started = [computations.run_capsule(RunParams(pipeline_id=pipeline)) for pipeline in WRONG]
    return dict(zip(WRONG, map(computations.wait_until_completed, started), strict=True))


@cache
def _going() -> Computation:
    """A run of the sorting pipeline that goes on; one for all steps."""
    raw = DataAssetsRunParam(id=names.OTHER_RAW_ASSET, mount="ecephys")
    params = RunParams(pipeline_id=names.SORTING_PIPELINE, data_assets=[raw])
    return aind_session.get_codeocean_client().computations.run_capsule(params)


STEPS = (
    client_set_up,
    client_set_up_with_a_wrong_token,
    search_by_subject,
    search_by_subject_in_an_order,
    search_by_subject_and_type,
    search_by_number_alone,
    sessions_of_a_subject,
    search_by_name,
    search_by_name_and_type,
    search_by_name_and_tags,
    pages_by_offset,
    raw_data,
    raw_or_not,
    models_by_id,
    computations_of_a_pipeline,
    results_of_a_run,
    runs_that_went_wrong,
    a_run_that_leaves_only_its_log,
    log_of_a_failed_run,
    start_of_the_sorting,
    sorted_assets,
    captured_run,
)
