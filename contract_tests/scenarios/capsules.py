"""Capsules and pipelines as a whole: hidden and shown, deleted, synchronised, released."""

from typing import Any

from codeocean.capsule import CapsuleSearchParams
from codeocean.error import Error

from contract_tests.checks import check
from contract_tests.deployment import OTHER, TERMINAL, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.pages import rows_of
from contract_tests.scenarios.runs import UNKNOWN

LOCKED = 423

SYNC_PAUSE = 2.0
"""Seconds after which a capsule that others run is looked at again, where their runs end in their own time."""

RELEASE_OF_CAPSULE = (
    "search_capsules",
    "list_capsule_computations",
    "get_capsule",
    "run_capsule",
    "get_computation",
    "delete_computation",
    "sync_capsule",
    "release_capsule",
    "get_capsule_release_job",
)
"""What a check calls that releases a capsule."""

RELEASED = ("completed", "failed", "canceled")
"""States of a release job that are final."""


def _list_own(deployment: Deployment, kind: str, **filters: Any) -> list[Any]:
    """The caller's own capsules or pipelines."""
    client = getattr(deployment.sdk(), f"{kind}s")
    search = CapsuleSearchParams(limit=1000, ownership="created", **filters)
    return rows_of(getattr(client, f"search_{kind}s"), search)


def _ids(rows: list[Any]) -> set[str]:
    return {row.id for row in rows}


def _check_archiving(deployment: Deployment, kind: str, key: str) -> None:
    client = getattr(deployment.sdk(), f"{kind}s")
    archive, get = getattr(client, f"archive_{kind}"), getattr(client, f"get_{kind}")
    before = get(key)
    try:
        archive(key, True)
        expect(
            key in _ids(_list_own(deployment, kind, archived=True)),
            f"an archived {kind} is not found among the archived",
        )
        expect(key not in _ids(_list_own(deployment, kind)), f"an archived {kind} is found among the rest")
        expect(
            key not in _ids(_list_own(deployment, kind, archived=False)), f"an archived {kind} is found among the rest"
        )
        expect(get(key).id == key, f"an archived {kind} is shown with a different id")
    finally:
        archive(key, False)
    expect(key in _ids(_list_own(deployment, kind, archived=False)), f"a restored {kind} is not found")
    expect(key not in _ids(_list_own(deployment, kind, archived=True)), f"a restored {kind} is archived")
    after = get(key)
    expect((after.name, after.created) == (before.name, before.created), f"hiding a {kind} changed its name or date")


@check("get_capsule", "archive_capsule", "search_capsules", full=True)
def hide_capsule(deployment: Deployment) -> None:
    """An archived capsule is found among the archived alone, until it is shown again."""
    _check_archiving(deployment, "capsule", deployment.capsule)


@check("get_pipeline", "archive_pipeline", "search_pipelines", full=True)
def hide_pipeline(deployment: Deployment) -> None:
    """An archived pipeline is found among the archived alone, until it is shown again."""
    _check_archiving(deployment, "pipeline", deployment.pipeline)


def _check_deletion(deployment: Deployment, kind: str, spared: set[str | None]) -> None:
    """Delete the newest of the caller's own that can be deleted."""
    client = getattr(deployment.sdk(), f"{kind}s")
    archive, delete = getattr(client, f"archive_{kind}"), getattr(client, f"delete_{kind}")
    rows = [row for row in _list_own(deployment, kind, status="non_release") if row.release_capsule is None]
    for row in sorted(rows, key=lambda row: row.created, reverse=True):
        runs = client.list_computations(row.id)
        if row.id in spared or any(run.state.value not in TERMINAL for run in runs):
            continue
        expect_error(403, f"deleting a {kind} that is not archived", delete, row.id, rules=("capsules.delete",))
        target = {"pipeline_id" if kind == "pipeline" else "capsule_id": row.id}
        with fixtures.run_to_end(deployment, **target) as run:
            archive(row.id, True)
            try:
                delete(row.id)
            except Error as problem:
                archive(row.id, False)
                expect(problem.status_code == 403, f"deleting an archived {kind} returned {problem.status_code}")
                continue
            return _check_deleted(deployment, kind, row.id, run.id)
    raise CheckSkipped(f"there is no {kind} that can be deleted")


def _check_deleted(deployment: Deployment, kind: str, key: str, run: str) -> None:
    client = getattr(deployment.sdk(), f"{kind}s")
    expect_error(404, f"a {kind} that was deleted", getattr(client, f"get_{kind}"), key)
    expect_error(404, f"the runs of a {kind} that was deleted", client.list_computations, key)
    expect_error(404, f"deleting a {kind} a second time", getattr(client, f"delete_{kind}"), key)
    for archived in (True, False):
        expect(
            key not in _ids(_list_own(deployment, kind, archived=archived)), f"a {kind} that was deleted is still found"
        )
    get = deployment.sdk().computations.get_computation
    expect_error(404, f"a run of a {kind} that was deleted", get, run, rules=("capsules.delete",))


@check(
    "search_capsules",
    "list_capsule_computations",
    "get_capsule",
    "get_computation",
    "archive_capsule",
    "run_capsule",
    "delete_computation",
    "delete_capsule",
    full=True,
)
def delete_capsule(deployment: Deployment) -> None:
    """A capsule that is archived and was never released can be deleted, with its runs, and no other."""
    subjects = deployment.subjects
    _check_deletion(deployment, "capsule", {subjects.capsule})
    released = next((row for row in _list_own(deployment, "capsule") if row.release_capsule), None)
    if released is not None:
        client = deployment.sdk().capsules
        client.archive_capsule(released.id, True)
        try:
            expect_error(
                403,
                "deleting a capsule that was released",
                client.delete_capsule,
                released.id,
                rules=("capsules.delete",),
            )
        finally:
            client.archive_capsule(released.id, False)


@check(
    "search_pipelines",
    "list_pipeline_computations",
    "get_pipeline",
    "get_computation",
    "archive_pipeline",
    "run_capsule",
    "delete_computation",
    "delete_pipeline",
    full=True,
)
def delete_pipeline(deployment: Deployment) -> None:
    """A pipeline that is archived and was never released can be deleted, with its runs, and no other."""
    _check_deletion(deployment, "pipeline", {deployment.subjects.pipeline})


def _check_sync(deployment: Deployment, kind: str) -> None:
    client = getattr(deployment.sdk(), f"{kind}s")
    sync = getattr(client, f"sync_{kind}")
    rows = _list_own(deployment, kind)
    linked = [row for row in rows if row.cloned_from_url and row.status == "non_release"]
    alone = next((row for row in rows if not row.cloned_from_url), None)
    if alone is not None:
        what = f"a sync of a {kind} without a repository"
        expect_error(400, what, sync, alone.id, rules=("capsules.sync_needs_repository",))
    idle = [row for row in linked if _is_idle(client, row.id)]
    if not idle:
        raise CheckSkipped(f"there is no {kind} with a repository and without a run")
    for row in idle:
        first = sync_idle(deployment, kind, row.id)
        fits = first.pushed >= 0 and first.pulled >= 0
        expect(fits, f"a sync pushed {first.pushed} and pulled {first.pulled} commits", "capsules.sync")
        second = sync_idle(deployment, kind, row.id)
        result = (second.pushed, second.pulled, second.new_branch)
        expect(result == (0, 0, False), f"a sync after a sync still exchanged {result}", "capsules.sync")
    _check_lock(deployment, kind, idle[0].id)


def _check_lock(deployment: Deployment, kind: str, key: str) -> None:
    """A sync waits for the runs."""
    sync = getattr(getattr(deployment.sdk(), f"{kind}s"), f"sync_{kind}")
    target = {"pipeline_id" if kind == "pipeline" else "capsule_id": key}
    scenario = {"name": f"{deployment.tag}-locks", "like": "stuck", "when": {kind: key}}
    with deployment.scenarios(scenario), fixtures.start_run(deployment, **target):
        expect_error(LOCKED, f"a sync of a {kind} that is running", sync, key, rules=("capsules.sync_locked",))
    sync_idle(deployment, kind, key)


def sync_idle(deployment: Deployment, kind: str, key: str) -> Any:
    """Sync, and return what was exchanged. Raises `CheckSkipped` when others keep running it, which locks it."""
    client = getattr(deployment.sdk(), f"{kind}s")
    pause = fixtures.HOUR if deployment.control is not None else SYNC_PAUSE
    seen_running = False
    for _ in range(fixtures.WAITS):
        try:
            return getattr(client, f"sync_{kind}")(key)
        except Error as problem:
            if problem.status_code != LOCKED:
                raise
        # A run that ends or is deleted in between leaves nothing to see: one refusal alone says nothing.
        seen_running = seen_running or not _is_idle(client, key)
        deployment.pass_time(pause)
    expect(seen_running, f"each of {fixtures.WAITS} syncs of a {kind} that is not running returned {LOCKED}")
    raise CheckSkipped(f"others are running the {kind}")


def _is_idle(client: Any, key: str) -> bool:
    return all(run.state.value in TERMINAL for run in client.list_computations(key))


@check("search_capsules", "list_capsule_computations", "sync_capsule", "run_capsule", "delete_computation", full=True)
def sync_capsule(deployment: Deployment) -> None:
    """A capsule with a repository exchanges commits with it, unless it is running; one without does not."""
    _check_sync(deployment, "capsule")


@check(
    "search_pipelines", "list_pipeline_computations", "sync_pipeline", "run_capsule", "delete_computation", full=True
)
def sync_pipeline(deployment: Deployment) -> None:
    """A pipeline with a repository exchanges commits with it, unless it is running; one without does not."""
    _check_sync(deployment, "pipeline")


def _check_release(deployment: Deployment, kind: str) -> None:
    client = getattr(deployment.sdk(), f"{kind}s")
    get, release = getattr(client, f"get_{kind}"), getattr(client, f"release_{kind}")
    rows = [row for row in _list_own(deployment, kind) if row.status == "non_release"]
    never = next((row for row in rows if row.release_capsule is None), None)
    if never is not None:
        expect_error(
            400, f"releasing a {kind} that was never released", release, never.id, rules=("capsules.release_first",)
        )
    row = next((row for row in rows if row.release_capsule), None)
    if row is None:
        raise CheckSkipped(f"no {kind} was released before")
    target = {"pipeline_id" if kind == "pipeline" else "capsule_id": row.id}
    with fixtures.run_to_end(deployment, **target):
        before = [version.major_version for version in get(row.release_capsule).versions or ()]
        if row.cloned_from_url:
            sync_idle(deployment, kind, row.id)
        theirs = getattr(deployment.sdk(OTHER), f"{kind}s")
        expect_error(
            404,
            f"releasing a {kind} of another user",
            getattr(theirs, f"release_{kind}"),
            row.id,
            rules=("capsules.release_by_others",),
        )
        job = release(row.id)
    done = deployment.poll(
        lambda: client.get_release_job(row.id, job.job_id),
        lambda release_job: release_job.status.value in RELEASED,
        "a release",
    )
    expect(done.job_id == job.job_id, "a release job is shown with a different id")
    expect(done.status == "completed", f"a release ended {done.status.value}: {done.error}")
    expect(done.release_capsule == row.release_capsule, f"a release of a {kind} is of another")
    version = done.release_version.major_version
    expect(version == max(before, default=0) + 1, f"the release after {before} is {version}", "capsules.release")
    after = [version.major_version for version in get(row.release_capsule).versions or ()]
    expect(
        sorted(after) == sorted([*before, version]),
        f"after release {version} there are the versions {after}",
        "capsules.release",
    )
    expect_error(404, "a release job that does not exist", client.get_release_job, row.id, UNKNOWN)
    name = f"Release v{version} Result"
    made = [run for run in client.list_computations(row.release_capsule) if run.name == name]
    expect(len(made) == 1, f"a release made {len(made)} runs called {name}", "runs.name_of_release")
    deployment.sdk().computations.delete_computation(made[0].id)


@check(*RELEASE_OF_CAPSULE, full=True)
def release_capsule(deployment: Deployment) -> None:
    """A capsule that was released before is released again by its owner: the job ends with the next version."""
    _check_release(deployment, "capsule")


@check(
    "search_pipelines",
    "list_pipeline_computations",
    "get_pipeline",
    "run_capsule",
    "get_computation",
    "delete_computation",
    "sync_pipeline",
    "release_pipeline",
    "get_pipeline_release_job",
    full=True,
)
def release_pipeline(deployment: Deployment) -> None:
    """A pipeline that was released before is released again by its owner: the job ends with the next version."""
    _check_release(deployment, "pipeline")
