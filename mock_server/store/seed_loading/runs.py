"""Loading the runs of a seed file."""

from typing import Any

from mock_server.documents.result_files import plain, templates
from mock_server.documents.seed_computations import SeedComputation
from mock_server.documents.seed_model import SeedCapsule, SeedPipeline
from mock_server.domain import runs, sources
from mock_server.domain.files import FileTree
from mock_server.domain.lifecycle import Plan
from mock_server.domain.naming import run_name
from mock_server.domain.scenarios import Scenario, past_run, session
from mock_server.ids import Ids
from mock_server.store import file_trees, queries, schema
from mock_server.store.database import Database
from mock_server.store.seed_loading import files

SEED_OF_HISTORY = 0
"""What random numbers of past runs are drawn from, whatever the seed of the world: a seed file has one history."""


def load(
    db: Database, computation: SeedComputation, capsule: SeedCapsule, scenario: Scenario, ids: dict[str, str]
) -> None:
    """Write a run, whose capsule and users are there."""
    row, tree = run_of(db, computation, capsule, scenario, ids[computation.owner])
    if row.plan.driven and row.plan.endless:
        going, tree = _going_on(row.id, tree)
        queries.DRIVEN.insert(db, going)
    row.tree = file_trees.keep(db, tree)
    queries.COMPUTATIONS.insert(db, row)


def run_of(
    db: Database, computation: SeedComputation, capsule: SeedCapsule, scenario: Scenario, owner: str
) -> tuple[schema.ComputationRow, FileTree]:
    """The row of a run, and its files."""
    asked = _request(computation, capsule)
    name = computation.name or run_name(computation.created, with_parameters=runs.has_parameters(asked))
    own = templates(capsule.results, capsule.log_template).to_json()
    is_rendered = computation.files is None and scenario.renders(own)
    capsule_row = queries.CAPSULES.get(db, capsule.id) if is_rendered else None
    if capsule_row is not None:
        from mock_server.store import rendering

        start = runs.Start(computation.id, name, computation.created, owner, asked)
        draws = Ids(SEED_OF_HISTORY).draws
        scenario, tree = rendering.rendered(db, start, capsule_row, scenario, draws)
    else:
        tree = _tree_of_run(computation, capsule, scenario)
    pipeline = isinstance(capsule, SeedPipeline)
    plan = _plan_of_run(computation, scenario, tree)
    row = schema.ComputationRow(
        id=computation.id,
        capsule_id=capsule.id,
        kind="pipeline" if pipeline else "capsule",
        owner=owner,
        created=computation.created,
        name=name,
        plan=plan,
        asked=asked,
        released=capsule.status == "release" if computation.private is None else computation.private,
        cloud_workstation=computation.cloud_workstation,
        log=_log_of_run(computation, scenario, pipeline=pipeline),
        tree="",
        own_tree=computation.files is not None or is_rendered or bool(scenario.files.entries),
        settles=plan.ends_at,
    )
    return row, tree


def captured(db: Database, key: str) -> tuple[dict[str, Any], FileTree]:
    """What a data asset that is captured from a run shows of it, and the files that the run left. It is there."""
    row = queries.COMPUTATIONS.get(db, key)
    if row is None:
        raise LookupError(f"no run {key}")
    pipeline = row.kind == "pipeline"
    tree = file_trees.get(db, row.tree)
    if row.log is not None:
        tree = runs.with_logs(runs.RunRecord.of(row.id, row.asked, row.log, pipeline=pipeline), tree)
    return sources.captured(row.id, row.capsule_id, row.asked, pipeline=pipeline), tree


def _request(computation: SeedComputation, capsule: SeedCapsule) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "parameters": [p.model_dump(exclude_none=True) for p in computation.parameters],
        "data_assets": [asset.model_dump(include={"id", "mount"}) for asset in computation.data_assets],
        "processes": _process_fields(computation, capsule),
    }
    return asked | computation.model_dump(include={"nextflow_profile", "version"}, exclude_none=True)


def _plan_of_run(computation: SeedComputation, scenario: Scenario, tree: FileTree) -> Plan:
    if computation.plan is not None:
        return computation.plan.plan("computation", computation.created)
    if computation.cloud_workstation:
        return session(computation.created)
    leaves_files = any(entry.path.partition("/")[0] not in runs.ADDED_BY_THE_SERVICE for entry in tree.entries)
    return past_run(scenario, computation.created, computation.run_time or 0, leaves_files=leaves_files)


def _log_of_run(computation: SeedComputation, scenario: Scenario, *, pipeline: bool) -> str | None:
    if computation.log is not None or computation.files is not None:
        return computation.log
    return scenario.log_of(pipeline=pipeline)


def _going_on(key: str, tree: FileTree) -> tuple[schema.DrivenRow, FileTree]:
    """What is kept of a driven run that goes on, and its files but for its log."""
    log = tree.find("output")
    tail = b"" if log is None else b"".join(log.read(0, log.size))
    others = FileTree(tuple(entry for entry in tree.entries if entry.path != "output"))
    return schema.DrivenRow(key, tail, None, None, None, attempts=0, retries=0), others


def _tree_of_run(computation: SeedComputation, capsule: SeedCapsule, scenario: Scenario) -> FileTree:
    """The files that a run has left: those that the seed names, else what its scenario says."""
    if computation.files is not None:
        return files.tree(computation.id, computation.files)
    if scenario.has_results is False:
        return FileTree()
    return files.tree(capsule.id, plain(capsule.results) if scenario.keeps_files else []).with_files(scenario.files)


def _process_fields(computation: SeedComputation, capsule: SeedCapsule) -> list[dict[str, Any]]:
    if not isinstance(capsule, SeedPipeline):
        return []
    given = {
        process.name: [p.model_dump(exclude_none=True) for p in process.parameters] for process in computation.processes
    }
    processes = [p.model_dump(include=set(runs.PROCESS_FIELDS)) for p in capsule.processes]
    return [runs.process_fields(process, given.get(process["name"], [])) for process in processes]
