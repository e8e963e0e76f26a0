"""Computations: run, get, rename, delete, and their result files."""

from dataclasses import replace
from itertools import chain
from typing import Any

from mock_server.domain import runs
from mock_server.domain.access import Caller, Role
from mock_server.domain.files import FileTree
from mock_server.domain.naming import run_name
from mock_server.domain.panel import Panel, Parameter, fill
from mock_server.domain.paths import clean_mount
from mock_server.domain.scenario_matching import Subject
from mock_server.domain.scenarios import BUILT_IN, Scenario, named_by, run_plan
from mock_server.errors import BadRequestError, ForbiddenError, NotFoundError, ParameterError
from mock_server.services import access, attachment_state, files, versions
from mock_server.store import file_trees, queries
from mock_server.store.schema import CapsuleRow, ComputationRow, DataAssetRow, DrivenRow
from mock_server.wire.common import FileURLs, Folder
from mock_server.wire.computations import (
    Computation,
    InputDataAsset,
    Param,
    PipelineProcess,
    ProcessParams,
    RunParams,
)
from mock_server.world import World

ACCESS_SECONDS = 60
"""How exact a capsule's `last_accessed` is: writing it with every run would cost a tenth of the run."""

RELEASE_OWNER = "release"
"""What runs of a release capsule show as their owner (SDK pull requests; platform 4.3)."""


def run(world: World, caller: Caller, params: RunParams) -> Computation:
    """Start a run and answer at once; the run goes on along the world's clock."""
    with world.write():
        capsule = _to_run(world, caller, params)
        if capsule.folder is not None:
            capsule = world.folders.refresh(world.db, capsule)
        mounts = _mounts(world, caller, capsule, params)
        asked = _asked(world, capsule, params, mounts)
        if params.resume_run_id is not None:
            access.named(access.computation, world, caller, params.resume_run_id)
        created = world.clock.now()
        tags = [queries.use_data_asset(world.db, asset["id"], created) for asset in mounts]
        tagged = named_by([*capsule.tags, *chain.from_iterable(tags)]) if capsule.tags or tags else None
        row = _start(world, caller, capsule, asked, created, tagged)
        if row.plan.driven:
            log = world.folders.note_on(capsule)
            queries.DRIVEN.insert(world.db, DrivenRow(row.id, log, None, None, None, attempts=0, retries=0))
        if created - (capsule.last_accessed or 0) >= ACCESS_SECONDS:
            queries.access_capsule(world.db, capsule.id, created)
        queries.COMPUTATIONS.insert(world.db, row, last=True)
    # As it began, however much time has passed on a fast clock since.
    return answer(world, row, created)


def get(world: World, caller: Caller, computation_id: str) -> Computation:
    """One run, as it stands now."""
    row = access.computation(world, caller, computation_id)
    found = answer(world, row)
    world.on_poll(row.plan)
    return found


def rename(world: World, caller: Caller, computation_id: str, name: str) -> None:
    """Give a run another display name."""
    with world.write():
        row = access.computation(world, caller, computation_id, Role.EDITOR)
        queries.rename_computation(world.db, row.id, name)


def delete(world: World, caller: Caller, computation_id: str) -> None:
    """Remove a run; one that is still going stops. What was captured from it stays."""
    with world.write():
        row = access.computation(world, caller, computation_id, Role.EDITOR)
        queries.COMPUTATIONS.delete(world.db, row.id)
        if row.plan.driven:
            queries.DRIVEN.delete(world.db, row.id)
        file_trees.drop_unused(world.db, row.tree)


def list_results(world: World, caller: Caller, computation_id: str, path: str | None) -> Folder:
    """One level of the result files that are there so far."""
    row = access.computation(world, caller, computation_id)
    return files.listing(results(world, row), path)


def result_urls(world: World, caller: Caller, computation_id: str, path: str, base_url: str) -> FileURLs:
    """Signed URLs of one result file."""
    row = access.computation(world, caller, computation_id)
    return files.urls(world, "computations", row.id, results(world, row), path, base_url)


def results(world: World, row: ComputationRow) -> FileTree:
    """The files that a run has left so far: parts of a pipeline's while it is running, all of them and what the
    service adds at the end. What is in a cloud workstation is no result.
    """
    if row.cloud_workstation:
        return FileTree()
    moment = world.state_of(row.plan)
    if moment.end is None:
        done = sum(at <= moment.elapsed for at in row.plan.parts)
        return file_trees.get(world.db, row.tree).part(done, len(row.plan.parts)) if done else FileTree()
    own = file_trees.get(world.db, row.tree)
    if row.log is None:
        return own
    return runs.with_logs(_record(row, row.log), own)


def log_so_far(world: World, caller: Caller, computation_id: str) -> str | None:
    """The log of a run that is played, as far as it goes; None when it has none, or only among its files."""
    row = access.computation(world, caller, computation_id)
    if row.log is None or row.cloud_workstation:
        return None
    return runs.log_so_far(_record(row, row.log), row.plan, world.state_of(row.plan))


def _record(row: ComputationRow, log: str) -> runs.RunRecord:
    return runs.RunRecord.of(row.id, row.asked, log, pipeline=row.kind == "pipeline")


def result_size(world: World, row_id: str) -> int:
    """Bytes of the results so far; only the oldest documented route tells it."""
    row = queries.COMPUTATIONS.get(world.db, row_id)
    return results(world, row).size if row else 0


def answer(world: World, row: ComputationRow, at: float | None = None) -> Computation:
    """As `show`, with the processes in no order: recorded answers have another each time, as they come from a map."""
    shown = show(world, row, at)
    if shown.processes:
        shown.processes = world.unordered(shown.processes)
    return shown


def show(world: World, row: ComputationRow, at: float | None = None) -> Computation:
    """The wire model of a stored run at this moment, or `at` another time."""
    moment = world.state_of(row.plan, at)
    end = moment.end
    asked = row.asked
    return Computation.of(
        cloud_workstation=row.cloud_workstation,
        created=int(row.created),
        data_assets=[InputDataAsset.of(id=one["id"], mount=one["mount"]) for one in asked["data_assets"]] or None,
        end_status=end.end_status if end else None,
        exit_code=end.exit_code if end else None,
        has_results=end.has_results if end else False,
        id=row.id,
        name=row.name,
        nextflow_profile=asked.get("nextflow_profile"),
        owner=RELEASE_OWNER if row.released else row.owner,
        owner_email=None if row.released else world.email(row.owner),
        parameters=_wire_parameters(asked["parameters"]),
        processes=[_wire_process(process) for process in asked["processes"]] or None,
        result_size=None,
        run_time=int(moment.elapsed),
        state=moment.state,
        version=asked.get("version"),
    )


def _wire_parameters(parameters: list[Parameter]) -> list[Param] | None:
    return [Param.of(name=p["name"], param_name=p.get("param_name"), value=p["value"]) for p in parameters] or None


def _wire_process(process: dict[str, Any]) -> PipelineProcess:
    return PipelineProcess.of(
        capsule_id=process["capsule_id"],
        name=process["name"],
        parameters=_wire_parameters(process.get("parameters", [])),
        public=process.get("public"),
        version=process.get("version"),
    )


def _asked(world: World, capsule: CapsuleRow, params: RunParams, mounts: list[dict[str, str]]) -> dict[str, Any]:
    """What the run was asked for, in the words in which a computation shows it."""
    asked: dict[str, Any] = {
        "parameters": _parameters(capsule, params),
        "data_assets": mounts,
        "processes": _processes(capsule, params.processes or []),
    }
    if params.nextflow_profile and capsule.kind == "pipeline":
        asked["nextflow_profile"] = params.nextflow_profile
    if capsule.status == "release":
        asked["version"] = _released_version(world, capsule, params.version)
    return asked


def _released_version(world: World, capsule: CapsuleRow, wanted: int | None) -> int | None:
    """The major version to run: the newest unless another is asked for."""
    released = [version["major_version"] for version in versions.released(world, capsule)]
    if wanted is None:
        return max(released, default=None)
    if wanted not in released:
        raise BadRequestError(f"version {wanted} of this capsule was never released")
    return wanted


def _start(
    world: World, caller: Caller, capsule: CapsuleRow, asked: dict[str, Any], created: float, tagged: str | None
) -> ComputationRow:
    """The row of a run that starts at `created`, with its plan. `tagged` is the scenario that a tag names."""
    key = world.next_id()
    scenario = world.scenarios.resolve("computation", _scenario(world, capsule, asked, tagged), key)
    name = run_name(created, with_parameters=runs.has_parameters(asked))
    start = runs.Start(key, name, created, caller.user_id, asked)
    scenario, tree, own_tree = what_is_left(world, start, capsule, scenario)
    pipeline = capsule.kind == "pipeline"
    leaves_files = tree != file_trees.NO_FILES
    draws = world.ids.draws("run", key)
    plan = run_plan(scenario, created, draws, leaves_files=leaves_files, pipeline=pipeline)
    return ComputationRow(
        id=key,
        capsule_id=capsule.id,
        kind=capsule.kind,
        owner=caller.user_id,
        created=created,
        name=name,
        plan=plan,
        asked=asked,
        log=scenario.log_of(pipeline=pipeline),
        cloud_workstation=False,
        released=capsule.status == "release",
        tree=tree,
        own_tree=own_tree,
        settles=plan.ends_at,
    )


def what_is_left(
    world: World, start: runs.Start, capsule: CapsuleRow, scenario: Scenario
) -> tuple[Scenario, str, bool]:
    """How a run goes that starts, its log filled in; the key of the files that its code writes, and whether they are
    others than the capsule's.
    """
    if not scenario.renders(capsule.templates):
        return scenario, *_tree(world, capsule, scenario)
    # Late: most worlds have no templates.
    from mock_server.store import rendering

    scenario, tree = rendering.of_run(world.db, start, capsule, scenario, world.ids.draws)
    return scenario, tree, tree != file_trees.NO_FILES


def _tree(world: World, capsule: CapsuleRow, scenario: Scenario) -> tuple[str, bool]:
    """The files that the run's code writes, and whether they are others than the capsule's."""
    if scenario.has_results is False:
        return file_trees.NO_FILES, False
    kept = capsule.tree if scenario.keeps_files else file_trees.NO_FILES
    if not scenario.files.entries:
        return kept, False
    return file_trees.keep(world.db, file_trees.get(world.db, kept).with_files(scenario.files)), True


def _scenario(world: World, capsule: CapsuleRow, asked: dict[str, Any], tagged: str | None) -> Scenario:
    """How the run will go: as a tag or a loaded scenario wants it, else in vain when a data asset is not where the code
    looks for it, else as the capsule's runs go.
    """
    wanted = None
    if world.scenarios.loaded or tagged:
        pipeline = capsule.kind == "pipeline"
        parameters, processes = asked["parameters"], asked["processes"]
        subject = Subject("computation", capsule.id, pipeline, capsule.name, capsule.tags, parameters, processes)
        wanted = world.scenarios.match(subject, tagged)
    missing = _missing(world, capsule, asked["data_assets"]) if asked["data_assets"] and not wanted else None
    if missing is not None:
        log = f"No such file or directory: /data/{missing}"
        return replace(BUILT_IN["computation"]["fails"], log=log, pipeline_log=None)
    return wanted or world.scenarios.get("computation", capsule.scenario) or BUILT_IN["computation"]["succeeds"]


def _missing(world: World, capsule: CapsuleRow, mounts: list[dict[str, str]]) -> str | None:
    """The first mount at which the code finds nothing, or None. A pipeline that is given a data asset at a mount that
    it does not know looks for it in vain (docs: computation page); so does a run that starts before a folder is there.
    """
    attached = {asset["mount"]: asset for asset in capsule.attached}
    for asset in mounts:
        known = attached.get(asset["mount"])
        if known is None and attached and capsule.kind == "pipeline":
            return asset["mount"]
        if known is not None and known["id"] == asset["id"] and not attachment_state.usable(world, known):
            return asset["mount"]
    return None


def _to_run(world: World, caller: Caller, params: RunParams) -> CapsuleRow:
    if (params.capsule_id is None) == (params.pipeline_id is None):
        raise BadRequestError("exactly one of capsule_id and pipeline_id is required")
    capsule = access.capsule(world, caller, params.capsule_id or params.pipeline_id or "")
    if params.pipeline_id is not None and capsule.kind != "pipeline":
        raise NotFoundError("pipeline not found")
    return capsule


def _mounts(world: World, caller: Caller, capsule: CapsuleRow, params: RunParams) -> list[dict[str, str]]:
    if not params.data_assets and not capsule.attached:
        return []
    asked = []
    for requested in params.data_assets or []:
        asset = access.named(access.data_asset, world, caller, requested.id)
        mount = clean_mount(requested.mount or asset.mount)
        if _is_attached(capsule, asset, mount):
            raise ForbiddenError("data asset already attached")
        access.require_ready(world, asset)
        _check_kind(world, capsule, asset, mount)
        asked.append({"id": asset.id, "mount": mount})
    return runs.mounted(capsule.attached, asked, replaces=capsule.kind == "pipeline")


def _is_attached(capsule: CapsuleRow, asset: DataAssetRow, mount: str) -> bool:
    """Whether a run would name what it has anyway; in a pipeline a data asset may still go to another's mount."""
    attached = [entry for entry in capsule.attached if entry["id"] == asset.id]
    return any(capsule.kind != "pipeline" or entry["mount"] == mount for entry in attached)


def _check_kind(world: World, capsule: CapsuleRow, asset: DataAssetRow, mount: str) -> None:
    """A pipeline's data asset is replaced by one of its kind alone (SDK models/capsule.py, `AppPanelDataAssetKind`)."""
    for attached in capsule.attached if capsule.kind == "pipeline" else ():
        own = queries.DATA_ASSETS.get(world.db, attached["id"]) if attached["mount"] == mount else None
        if own is not None and kind_of(own) != kind_of(asset):
            raise BadRequestError(f'the data asset at "{mount}" is {kind_of(own)}; {asset.id} is {kind_of(asset)}')


def kind_of(asset: DataAssetRow) -> str:
    """Where a data asset's files are, in the app panel's words: internal, external or combined."""
    if asset.type == "combined":
        return "combined"
    return "external" if asset.external else "internal"


def _parameters(capsule: CapsuleRow, params: RunParams) -> list[Parameter]:
    if capsule.kind == "pipeline":
        # The service ignores ordered parameters of a pipeline without a word.
        params = params.model_copy(update={"parameters": None})
    return _given(params, capsule.panel)


def _processes(capsule: CapsuleRow, requested: list[ProcessParams]) -> list[dict[str, Any]]:
    if capsule.kind != "pipeline":
        if requested:
            raise BadRequestError("a capsule has no processes; a pipeline has")
        return []
    known = {process["name"] for process in capsule.processes}
    for params in requested:
        if params.name not in known:
            raise BadRequestError(f'the pipeline has no process "{params.name}"')
    by_name = {params.name: params for params in requested}
    processes = []
    for process in capsule.processes:
        given = by_name.get(process["name"])
        try:
            parameters = _given(given, process["parameters"]) if given else []
        except ParameterError as problem:
            problem.process = process["name"]
            raise
        processes.append(runs.process_fields(process, parameters))
    return processes


def _given(params: ProcessParams | RunParams, panel: Panel) -> list[Parameter]:
    named = [(entry.param_name, entry.value) for entry in params.named_parameters or []]
    return fill(panel, params.parameters or [], named)
