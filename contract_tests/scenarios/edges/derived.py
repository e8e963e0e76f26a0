"""Names, times and numbers that the service derives: from the clock, from a run's end, from its files."""

import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from codeocean.computation import DataAssetsRunParam, NamedRunParam, PipelineProcessParams
from codeocean.data_asset import AWSS3Target, DataAssetAttachParams, Target, TransferDataParams

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.files import download, files_of, walk
from contract_tests.scenarios.parameters import panel_of, processes_of, valid_values
from contract_tests.transport.exchange import Exchange

T = TypeVar("T")

ASSET = ("create_data_asset", "get_data_asset", "delete_data_asset")
RUN = ("run_capsule", "get_computation", "delete_computation")

CYCLE = 10_000_000
"""Seconds after which the numbers in the names of runs begin again."""

STAGES = {"initializing": 10, "running": 100, "finalizing": 7}
"""Seconds of each stage of a run whose times are looked at."""

DAY = 86400.0

ENDS = [f"get_computation.answer.{field}" for field in ("state", "end_status", "exit_code", "run_time")]
"""The rules of how a run ends."""


def _date(exchange: Exchange) -> int:
    """The deployment's time when it answered, in whole seconds."""
    return int(parsedate_to_datetime(exchange.answer_headers["Date"]).timestamp())


def _now(deployment: Deployment) -> int:
    return _date(deployment.http().ask("POST", "/data_assets/search", 200, json={"limit": 1}))


def _timed(deployment: Deployment, act: Callable[[], T]) -> tuple[int, T, int]:
    """Return the deployment's time before and after an action, and what came of that."""
    before = _now(deployment)
    result = act()
    return before, result, _now(deployment)


LAST_USED = "get_data_asset.answer.last_used"


@check("get_capsule_app_panel", "get_pipeline_app_panel", "search_data_assets", *RUN, full=True)
def names_of_runs(deployment: Deployment) -> None:
    """A run is called after the last seven digits of the time of its start, without leading zeros, and says whether it
    was given parameters: a pipeline's, whether a process was (recorded answers).
    """
    control, capsule, pipeline = deployment.steered(), deployment.capsule, deployment.pipeline
    given = valid_values(panel_of(deployment, "capsules", capsule).get("parameters", []))
    named = [NamedRunParam(param_name=name, value=value) for name, value in given.items()]
    panel = panel_of(deployment, "pipelines", pipeline)
    process = next((entry for entry in processes_of(deployment, pipeline) if entry["values"]), None)
    own = valid_values(panel.get("parameters") or [])
    runs: list[tuple[str, dict[str, Any]]] = [("Run", {"capsule_id": capsule}), ("Run", {"pipeline_id": pipeline})]
    if named:
        runs.append(("Run With Parameters", {"capsule_id": capsule, "named_parameters": named}))
    if own:
        params = [NamedRunParam(param_name=name, value=value) for name, value in own.items()]
        runs.append(("Run", {"pipeline_id": pipeline, "named_parameters": params}))
    if process is not None:
        values = [NamedRunParam(param_name=name, value=value) for name, value in process["values"].items()]
        one = [PipelineProcessParams(name=process["name"], named_parameters=values)]
        runs.append(("Run With Parameters", {"pipeline_id": pipeline, "processes": one}))
    for start in (0, CYCLE - _now(deployment) % CYCLE, 400_000, DAY * 3):
        control.advance(start)
        for prefix, fields in runs:
            with fixtures.start_run(deployment, **fields) as run:
                name = f"{prefix} {run.created % CYCLE}"
                rule = "runs.name" if prefix == "Run" else "runs.name_with_parameters"
                what = f"a run that was started at {run.created} is called {run.name!r}, not {name!r}"
                expect(run.name == name, what, rule)


@check(*RUN, "search_data_assets", full=True)
def times_of_a_run(deployment: Deployment) -> None:
    """A run's time is the whole seconds since its start, on either side of midnight, and at its end the length of its
    stages; each stage is over when its time is.
    """
    control, capsule = deployment.steered(), deployment.capsule
    scenario = deployment.scenario("timed", exit_code=4) | STAGES
    control.advance(DAY - 50 - _now(deployment) % DAY)
    with deployment.scenarios(scenario):
        before, started, after = _timed(
            deployment, lambda: deployment.http().ask("POST", "/computations", 200, json={"capsule_id": capsule}).json()
        )
    key = started["id"]
    try:
        began = before <= started["created"] <= after
        expect(began, f"a run that began from {before} to {after} was {started}", "run_capsule.answer.created")
        total = sum(STAGES.values())
        left = list(STAGES)
        for passed in (0, 5, 10, 45, 55, 110, 112, total, total + DAY):
            control.advance(max(0, started["created"] + passed - _now(deployment)))
            before, run, after = _timed(deployment, lambda: deployment.sdk().computations.get_computation(key))
            earliest, latest = before - run.created - 1, after - run.created + 1
            low, high = (min(moment, total) for moment in (earliest, latest))
            what = f"a run of {earliest} to {latest} s says it has run {run.run_time} s"
            expect(low <= run.run_time <= high, what, "get_computation.answer.run_time")
            states = _states(earliest, latest)
            what = f"a run of {earliest} to {latest} s is {run.state.value}, not {states}"
            expect(run.state.value in states, what, "get_computation.answer.state")
        ended = (run.state, run.end_status, run.exit_code, run.run_time)
        what = f"a run of {total} s with exit code 4 ended {ended}"
        expect(ended == ("completed", "succeeded", 4, total), what, *ENDS)
        expect(left, "a run has no stages")
    finally:
        deployment.sdk().computations.delete_computation(key)


def _states(earliest: float, latest: float) -> set[str]:
    """The states that a run may be in from `earliest` to `latest` seconds after its start."""
    states, begins = set(), 0.0
    for state, seconds in STAGES.items():
        if earliest < begins + seconds and latest >= begins:
            states.add(state)
        begins += seconds
    return states | ({"completed"} if latest >= begins else set())


@check(
    *RUN,
    *ASSET,
    "get_capsule",
    "attach_capsule_data_assets",
    "detach_capsule_data_assets",
    "transfer_data_asset",
    "search_data_assets",
    full=True,
)
def times_of_use(deployment: Deployment) -> None:
    """A data asset is last used when a run is given it or it is attached, a capsule last accessed when it is run, and
    a data asset last transferred when it is moved.
    """
    deployment.steered()
    sdk, capsule = deployment.sdk(), deployment.capsule
    source = fixtures.from_bucket("used", external=False)
    earliest = _now(deployment)
    with fixtures.create_asset(deployment, f"{deployment.tag} used", source=source) as draft:
        latest = _now(deployment)
        asset, key = fixtures.wait_for_asset(deployment, draft.id), draft.id
        made = earliest <= draft.created == asset.created <= latest
        what = f"a data asset made from {earliest} to {latest} was created at {draft.created}, {asset.created}"
        expect(made, what, "create_data_asset.answer.created", "get_data_asset.answer.created")
        expect(asset.last_used == 0, f"a data asset that was never used was used at {asset.last_used}", LAST_USED)
        deployment.pass_time(100)
        attach = [DataAssetAttachParams(id=key)]
        before = _now(deployment)
        sdk.capsules.attach_data_assets(capsule, attach)
        sdk.capsules.detach_data_assets(capsule, [key])
        # Others may run the capsule meanwhile, which uses what is attached.
        used, after = sdk.data_assets.get_data_asset(key).last_used, _now(deployment)
        what = f"a data asset attached from {before} to {after} was last used at {used}"
        expect(before <= used <= after, what, LAST_USED)
        for _ in range(2):
            deployment.pass_time(100)
            given = [DataAssetsRunParam(id=key)]
            with fixtures.start_run(deployment, capsule_id=capsule, data_assets=given) as run:
                used = sdk.data_assets.get_data_asset(key).last_used
                what = f"a data asset of a run of {run.created} was last used at {used}"
                expect(used == run.created, what, LAST_USED)
                accessed = sdk.capsules.get_capsule(capsule).last_accessed
                # It moves at most once a minute.
                recent = accessed is not None and accessed > run.created - 60
                what = f"a capsule that was run at {run.created} was last accessed at {accessed}"
                expect(recent, what, "capsules.last_accessed")
        deployment.pass_time(100)
        params = TransferDataParams(target=Target(aws=AWSS3Target(bucket=fixtures.BUCKET, prefix="later")))
        admin = deployment.sdk(ADMIN).data_assets
        before, _, after = _timed(deployment, lambda: admin.transfer_data_asset(key, params))
        moved = sdk.data_assets.get_data_asset(key)
        expect(
            before <= moved.last_transferred <= after,
            f"a data asset moved from {before} to {after} was last transferred at {moved.last_transferred}",
            "get_data_asset.answer.last_transferred",
        )
        expect(moved.last_used == used, "a transfer counts as a use of a data asset", LAST_USED)


@check(*ASSET, "list_data_asset_files", full=True)
def counts_of_data_assets(deployment: Deployment) -> None:
    """A draft has no files yet, a ready data asset as many and as large as it lists, and of one that failed nobody
    knows; a combined one is as large as its parts, and has no number of files.
    """
    deployment.steered()
    tag = f"{deployment.tag}-lost"
    lost = {"name": tag, "kind": "data_asset", "when": {"tag": tag}, "failure_reason": "lost"}
    for number in range(3):
        source = fixtures.from_bucket(f"counted {number}", external=False)
        with fixtures.create_asset(deployment, f"{deployment.tag} counted", source=source) as draft:
            if draft.state == "draft":
                counts = (draft.files, draft.size)
                expect(counts == (0, 0), f"a draft has {counts} files and bytes", "data_assets.draft_is_empty")
            asset = fixtures.wait_for_asset(deployment, draft.id)
            files = walk(files_of(deployment, asset.id))
            actual, expected = (asset.files, asset.size), (len(files.files), sum(files.sizes.values()))
            what, counted = (
                f"a data asset lists {expected}, and says {actual}",
                ("files", "size") if files.whole else (),
            )
            rules = [f"get_data_asset.answer.{field}" for field in counted]
            expect(not files.whole or actual == expected, what, *rules)
    source = fixtures.from_bucket("lost", external=False)
    with (
        deployment.scenarios(lost),
        fixtures.create_asset(deployment, f"{deployment.tag} lost", tags=[tag], source=source) as draft,
    ):
        fixtures.wait_for_asset(deployment, draft.id)
        failed = deployment.http().ask("GET", f"/data_assets/{draft.id}", 200).json()
        known = sorted({"files", "size"} & failed.keys())
        expect(not known, f"a data asset that failed has {known}", "data_assets.failed_without_size")


KEYS = {"capsule", "commit", "computation", "docker_image", "run_script"}
"""What the provenance of a result without inputs says (recorded answers)."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COMMIT = re.compile(r"[0-9a-f]{40}")


@check(*RUN, *ASSET, full=True)
def provenance_of_results(deployment: Deployment) -> None:
    """A result says which capsule it comes from, at which commit, in which image, by which script: a pipeline has no
    image, a capsule one and the same each time; without inputs none are named.
    """
    deployment.steered()
    commits = []
    targets = (
        {"capsule_id": deployment.capsule},
        {"capsule_id": deployment.capsule},
        {"pipeline_id": deployment.pipeline},
    )
    for target in targets:
        with fixtures.run_to_end(deployment, **target) as run:
            fixtures.require_success(deployment, run)
            source = {"computation": {"id": run.id}}
            with fixtures.create_asset(deployment, f"{deployment.tag} made", source=fixtures.from_run(run.id)) as asset:
                shown = deployment.http().ask("GET", f"/data_assets/{asset.id}", 200).json()["provenance"]
        [(kind, key)] = target.items()
        expected = KEYS | ({"data_assets"} if run.data_assets else set())
        what = f"the provenance of {source} has {sorted(shown)}, not {sorted(expected)}"
        expect(shown.keys() == expected, what, "data_assets.provenance")
        right = shown["capsule"] == key and shown["computation"] == run.id
        expect(right, f"a result of {run.id} says {shown}", *_rules("capsule", "computation"))
        image = shown["docker_image"]
        fits = image == "" if kind == "pipeline_id" else UUID.fullmatch(image)
        expect(fits, f"the image of a {kind.removesuffix('_id')} is {image!r}", *_rules("docker_image"))
        is_commit = COMMIT.fullmatch(shown["commit"])
        expect(is_commit, f"a result is of the commit {shown['commit']!r}", *_rules("commit"))
        script = shown["run_script"]
        expect(script == "code/run", f"a result was made by {script!r}", *_rules("run_script"))
        commits.append((shown["commit"], image))
    same = commits[0] == commits[1] != commits[2]
    expect(same, "two results of one capsule are of other commits or images", *_rules("commit", "docker_image"))


def _rules(*fields: str) -> list[str]:
    """The rules of fields of a data asset's provenance."""
    return [f"model.provenance.{field}" for field in fields]


@check("run_capsule_legacy", *RUN, "list_computation_results", full=True)
def size_of_results(deployment: Deployment) -> None:
    """The oldest route alone tells how large results are: nothing yet, as none are listed."""
    deployment.steered()
    body = {"capsule_id": deployment.capsule}
    run = deployment.http().ask("POST", "/capsules/computations", 200, json=body).json()
    try:
        listed = deployment.http().ask("POST", f"/computations/{run['id']}/results", 200, json={}).json()["items"]
        if not listed:
            size = run.get("result_size")
            what = f"a run without results says that they have {size}"
            expect(size == 0, what, "run_capsule_legacy.answer.result_size")
        read = deployment.http().ask("GET", f"/computations/{run['id']}", 200).json()
        expect("result_size" not in read, "a run says how large its results are")
    finally:
        deployment.sdk().computations.delete_computation(run["id"])


@check("get_capsule_app_panel", *RUN, *ASSET, "get_result_file_urls", full=True)
def logs_of_runs(deployment: Deployment) -> None:
    """The log of a run begins with its command: the parameters in their order, then the folders of its data assets."""
    deployment.steered()
    values = valid_values(panel_of(deployment, "capsules", deployment.capsule).get("parameters", []))
    if not values:
        raise CheckSkipped("the app panel has no parameters with names")
    named = [NamedRunParam(param_name=name, value=value) for name, value in values.items()]
    source, client = fixtures.from_bucket("logged", external=False), deployment.sdk().computations
    with fixtures.create_ready_asset(deployment, f"{deployment.tag} logged", source=source) as asset:
        params = {"named_parameters": named, "data_assets": [DataAssetsRunParam(id=asset.id, mount="in/here")]}
        with fixtures.run_to_end(deployment, capsule_id=deployment.capsule, **params) as run:
            log = download(deployment, lambda: str(client.get_result_file_urls(run.id, "output").download_url)).answer
    lines = log.decode().splitlines()
    command = "+ ./run " + " ".join(f"--{entry.param_name}={entry.value}" for entry in run.parameters)
    expect(lines[:1] == [command], f"a run given {values} logs {lines[:1]}, not {command!r}")
    expect("/data/in/here" in lines, f"a run with a data asset at in/here logs {lines}")


CHECKS = (
    names_of_runs,
    times_of_a_run,
    times_of_use,
    counts_of_data_assets,
    provenance_of_results,
    size_of_results,
    logs_of_runs,
)
