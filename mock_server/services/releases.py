"""Git sync and releases of capsules and pipelines."""

from dataclasses import replace
from typing import Any

from mock_server.domain import runs
from mock_server.domain.access import Caller, Role
from mock_server.domain.naming import release_result_name
from mock_server.domain.scenario_matching import Subject
from mock_server.domain.scenarios import BUILT_IN, Scenario, draw, failing, run_in
from mock_server.errors import BadRequestError, ForbiddenError, LockedError, NotFoundError, ReleaseRefusedError
from mock_server.services import access, attachment_state, computations, versions
from mock_server.services.capsules import Kind, of_kind
from mock_server.store import file_trees, queries
from mock_server.store.schema import CapsuleRow, ComputationRow, ReleaseJobRow
from mock_server.wire.releases import GitSyncResults, ReleaseJob
from mock_server.world import World

NO_GIT = {"ahead": 0, "behind": 0, "new_branch": False}


def sync(world: World, caller: Caller, kind: Kind, capsule_id: str) -> GitSyncResults:
    """Exchange commits with the external repository."""
    with world.write():
        row = of_kind(world, caller, kind, capsule_id, Role.EDITOR)
        if "cloned_from_url" not in row.more:
            raise BadRequestError(f"the {kind} is not linked to an external Git repository")
        if any(world.state_of(run.plan).end is None for run in queries.computations_of(world.db, row.id)):
            raise LockedError("Workspace is locked")
        git = row.workspace["git"]
        workspace = row.workspace | {"git": git | NO_GIT}
        queries.update_capsule(world.db, replace(row, workspace=workspace))
    return GitSyncResults(
        new_branch=git["new_branch"] or None, pulled=git["behind"] or None, pushed=git["ahead"] or None
    )


def start(world: World, caller: Caller, kind: Kind, capsule_id: str) -> ReleaseJob:
    """Start to release the next version. Raises `ReleaseRefusedError` with what is missing."""
    with world.write():
        row = of_kind(world, caller, kind, capsule_id, Role.VIEWER)
        if row.owner != caller.user_id:
            raise ForbiddenError(f"only the owner can release a {kind}")
        target = row.more.get("release_capsule")
        released = queries.CAPSULES.get(world.db, target) if target else None
        if released is None or released.status != "release":
            raise BadRequestError(f"the {kind} has never been released; the first release is made in the app")
        jobs = queries.release_jobs_of(world.db, released.id)
        if any(world.state_of(job.plan).end is None for job in jobs):
            raise BadRequestError("a release is already under way")
        if issues := _issues(world, row):
            raise ReleaseRefusedError(issues)
        key = world.next_id()
        scenario = _scenario(world, row, key)
        plan = draw("release", scenario, world.clock.now(), world.ids.draws("release", key))
        job = ReleaseJobRow(
            id=key,
            capsule_id=row.id,
            release_capsule=released.id,
            plan=plan,
            settles=plan.ends_at,
            major_version=max((v["major_version"] for v in versions.released(world, released)), default=0) + 1,
            error=scenario.end.failure_reason if scenario.end.state == "failed" else None,
        )
        if row.folder is not None:
            queries.follow_folder(world.db, _with_folder(released, row))
        queries.RELEASE_JOBS.insert(world.db, job)
        queries.COMPUTATIONS.insert(world.db, _run(world, row, job))
    return _show(world, job, plan.started)


def get(world: World, caller: Caller, kind: Kind, capsule_id: str, job_id: str) -> ReleaseJob:
    """How a release job stands now."""
    row = of_kind(world, caller, kind, capsule_id, Role.VIEWER)
    job = access.find(world, queries.RELEASE_JOBS, "release job", job_id)
    if job.capsule_id != row.id:
        raise NotFoundError("release job not found")
    shown = _show(world, job)
    world.on_poll(job.plan)
    return shown


def _with_folder(released: CapsuleRow, row: CapsuleRow) -> CapsuleRow:
    """The release capsule of a capsule with a folder: its runs are of the code there too, and take what that takes."""
    workspace = row.workspace | {key: released.workspace[key] for key in ("git", "release")}
    return replace(
        released, folder=row.folder, scenario=row.scenario, panel=row.panel, page=row.page, workspace=workspace
    )


RUNS = {"completed": "succeeds", "failed": "fails", "canceled": "stopped"}
"""How the run of a release ends, by how the release does."""


def _run(world: World, row: CapsuleRow, job: ReleaseJobRow) -> ComputationRow:
    """The run that a release makes, of the release capsule; it takes as long as the release."""
    scenario = BUILT_IN["computation"][RUNS[job.plan.end.state]]
    key, name = world.next_id(), release_result_name(job.major_version)
    asked = {
        "parameters": [],
        "data_assets": attachment_state.mounts(row.attached),
        "processes": [runs.process_fields(process, []) for process in row.processes],
        "version": job.major_version,
    }
    start = runs.Start(key, name, job.plan.started, row.owner, asked)
    scenario, tree, own_tree = computations.what_is_left(world, start, row, scenario)
    lengths = [stage.seconds for stage in job.plan.stages]
    plan = run_in(scenario, job.plan.started, lengths, leaves_files=tree != file_trees.NO_FILES)
    return ComputationRow(
        id=key,
        capsule_id=job.release_capsule,
        kind=row.kind,
        owner=row.owner,
        created=plan.started,
        name=name,
        plan=plan,
        asked=asked,
        log=scenario.log_of(pipeline=row.kind == "pipeline"),
        released=False,
        cloud_workstation=False,
        tree=tree,
        own_tree=own_tree,
        settles=plan.ends_at,
    )


OUTCOMES = {"completed": "succeeds", "failed": "fails", "canceled": "stopped"}
"""How a seed says that releases of a capsule end, as scenarios."""


def _scenario(world: World, row: CapsuleRow, key: str) -> Scenario:
    """How the release will go: as a loaded scenario wants it, else as the seed says."""
    subject = Subject("release", row.id, row.kind == "pipeline", row.name, row.tags, [])
    wanted = world.scenarios.match(subject, None) if world.scenarios.loaded else None
    if wanted is not None:
        return world.scenarios.resolve("release", wanted, key)
    planned = row.workspace["release"]
    own = BUILT_IN["release"][OUTCOMES[planned["outcome"]]]
    return failing(own, planned["error"]) if planned["outcome"] == "failed" and planned.get("error") else own


def _issues(world: World, row: CapsuleRow) -> list[str]:
    """The requirements that are not met, in the SDK's words."""
    git = row.workspace["git"]
    ends = [world.state_of(run.plan).end for run in queries.computations_of(world.db, row.id)]
    capsules = [queries.CAPSULES.get(world.db, process["capsule_id"]) for process in row.processes]
    found = {
        "missing_reproducible_run": ("succeeded", 0) not in [(end.end_status, end.exit_code) for end in ends if end],
        "uncommitted_files": git["uncommitted_files"],
        "missing_metadata": not row.description,
        "non_default_branch": not git["default_branch"],
        "git_out_of_sync": bool(git["ahead"] or git["behind"]),
        "unreleased_pipeline_capsules": any(
            used is None or (used.status != "release" and "release_capsule" not in used.more) for used in capsules
        ),
    }
    issues = [name for name, true in found.items() if true]
    return issues + [name for name in row.workspace["release"]["issues"] if name not in issues]


def _show(world: World, job: ReleaseJobRow, at: float | None = None) -> ReleaseJob:
    moment = world.state_of(job.plan, at)
    started = job.plan.started
    shown: dict[str, Any] = {
        "duration": int(moment.elapsed),
        "job_id": job.id,
        "started": int(started),
        "status": moment.state,
    }
    if moment.state == "completed":
        version = {"major_version": job.major_version, "minor_version": 0}
        shown["release_capsule"] = job.release_capsule
        shown["release_version"] = version | {"release_time": int(started + moment.elapsed)}
    elif moment.state == "failed":
        shown["error"] = job.error
    return ReleaseJob.model_validate(shown)
