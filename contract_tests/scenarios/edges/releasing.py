"""Releases on their way: their times, what is refused meanwhile, and releases that fail or are canceled."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from codeocean.capsule import CapsuleSearchParams
from codeocean.error import Error

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.capsules import RELEASE_OF_CAPSULE, RELEASED, sync_idle
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.pages import rows_of

LONG = {"created": 1000, "started": 2000}
"""Seconds of each stage of a release that is looked at on its way."""


def _own(deployment: Deployment) -> list[Any]:
    client = deployment.sdk().capsules
    return rows_of(client.search_capsules, CapsuleSearchParams(limit=1000, ownership="created"))


@contextmanager
def _releasable(deployment: Deployment) -> Iterator[Any]:
    """An own capsule that was released before, with a run that succeeded. Raises `CheckSkipped`."""
    row = next((row for row in _own(deployment) if row.release_capsule), None)
    if row is None:
        raise CheckSkipped("no capsule was released before")
    with fixtures.run_to_end(deployment, capsule_id=row.id):
        if row.cloned_from_url:
            sync_idle(deployment, "capsule", row.id)
        yield row


def _release(deployment: Deployment, row: Any) -> Any:
    """Start a release. Raises `CheckSkipped` when there is one on its way."""
    try:
        return deployment.sdk().capsules.release_capsule(row.id)
    except Error as problem:
        if problem.status_code == 400:
            raise CheckSkipped("a release of the capsule is on its way") from None
        raise


def _scenario(deployment: Deployment, row: Any, **fields: Any) -> dict[str, Any]:
    return {"name": f"{deployment.tag}-release", "kind": "release", "when": {"capsule": row.id}, **fields}


def _look(deployment: Deployment, row: Any, job: Any) -> dict[str, Any]:
    """A release job as it is sent."""
    answer: dict[str, Any] = deployment.http().ask("GET", f"/capsules/{row.id}/release/{job.job_id}", 200).json()
    return answer


def _wait(deployment: Deployment, row: Any, job: Any) -> dict[str, Any]:
    """A release job that is over."""
    return deployment.poll(
        lambda: _look(deployment, row, job), lambda shown: shown["status"] in RELEASED, "the release"
    )


def _made(deployment: Deployment, row: Any, version: int) -> list[Any]:
    """The runs that a release has made."""
    runs = deployment.sdk().capsules.list_computations(row.release_capsule)
    return [run for run in runs if run.name == f"Release v{version} Result"]


def _majors(deployment: Deployment, row: Any) -> list[int]:
    return [entry.major_version for entry in deployment.sdk().capsules.get_capsule(row.release_capsule).versions]


@check(*RELEASE_OF_CAPSULE, full=True)
def release_on_its_way(deployment: Deployment) -> None:
    """A release goes on for its time, and no other of the capsule meanwhile; its end is the time of the version, which
    comes last. The job is that of its capsule alone.
    """
    control = deployment.steered()
    with _releasable(deployment) as row, deployment.scenarios(_scenario(deployment, row, **LONG)):
        before = _majors(deployment, row)
        earliest = int(control.clock().now)
        job = _release(deployment, row)
        latest = int(control.clock().now)
        began = _look(deployment, row, job)
        what = f"a release begun from {earliest} to {latest} says {began}"
        expect(earliest <= began["started"] <= latest, what, "model.release_job.started")
        _check_meanwhile(deployment, row, job)
        deployment.pass_until(began["started"] + 1500)
        since = int(control.clock().now) - began["started"]
        going = _look(deployment, row, job)
        until = int(control.clock().now) - began["started"] + 1
        ranges = min(since, sum(LONG.values())), min(until, sum(LONG.values()))
        expect(
            ranges[0] - 1 <= going["duration"] <= ranges[1],
            f"a release of {ranges[0]} to {ranges[1]} s says {going['duration']}",
            "model.release_job.duration",
        )
        done = _wait(deployment, row, job)
        major = max(before) + 1
        ended = began["started"] + done["duration"]
        version = {"major_version": major, "minor_version": 0, "release_time": ended}
        expected = {"status": "completed", "started": began["started"], "duration": sum(LONG.values())}
        actual = {name: done.get(name) for name in expected}
        what = f"a release that is over says {actual}, not {expected}"
        expect(actual == expected, what, "capsules.release", *(f"model.release_job.{name}" for name in expected))
        shown = done.get("release_version") or {}
        near = abs(shown.get("release_time", 0) - ended) <= 1
        what = f"a release is the version {shown}, not {version}"
        rules = [f"model.capsule_version.{name}" for name in version]
        expect(near and shown | {"release_time": ended} == version, what, "model.release_job.release_version", *rules)
        after = deployment.http().ask("GET", f"/capsules/{row.release_capsule}", 200).json()["versions"]
        expect(after[-1] == shown, f"the last version of a released capsule is {after[-1]}, not {shown}")
        expect([entry["major_version"] for entry in after] == [*before, major], f"there are the versions {after}")
        _check_run(deployment, row, major, began["started"])


def _check_meanwhile(deployment: Deployment, row: Any, job: Any) -> None:
    client = deployment.sdk().capsules
    try:
        second = client.release_capsule(row.id).job_id
    except Error as problem:
        second = problem.status_code
    if _look(deployment, row, job)["status"] not in RELEASED:
        expect(second == 400, f"a second release of a capsule returned {second}, expected 400")
    other = next((own for own in _own(deployment) if own.id != row.id), None)
    if other is not None:
        expect_error(404, "the release job of another capsule", client.get_release_job, other.id, job.job_id)


def _check_run(deployment: Deployment, row: Any, version: int, started: int) -> None:
    made = _made(deployment, row, version)
    expect(len(made) == 1, f"a release made {len(made)} runs")
    [run] = made
    shown = (run.created, run.state, run.end_status, run.run_time)
    expected = (started, "completed", "succeeded", sum(LONG.values()))
    expect(shown == expected, f"the run of a release is {shown}, not {expected}", "capsules.release")
    deployment.sdk().computations.delete_computation(run.id)


@check(*RELEASE_OF_CAPSULE, full=True)
def release_in_vain(deployment: Deployment) -> None:
    """A release that fails says why, one that is canceled does not; neither makes a version, and the next one does."""
    deployment.steered()
    with _releasable(deployment) as row:
        before = _majors(deployment, row)
        for like, status, error in (("fails", "failed", "the release failed"), ("stopped", "canceled", None)):
            with deployment.scenarios(_scenario(deployment, row, like=like)):
                job = _release(deployment, row)
            done = _wait(deployment, row, job)
            actual = (done["status"], done.get("error"), done.get("release_version"), done.get("release_capsule"))
            what, rules = f"a release in vain is {actual}, not {status}, {error}", ["capsules.release_fails"]
            expect(actual == (status, error, None, None), what, "model.release_job.error", *rules)
            expect(_majors(deployment, row) == before, f"a release that is {status} made a version", *rules)
            for run in _made(deployment, row, max(before) + 1):
                deployment.sdk().computations.delete_computation(run.id)


@check(
    "get_pipeline", "archive_capsule", "get_capsule", "delete_capsule", "run_capsule", "delete_computation", full=True
)
def capsules_of_pipelines(deployment: Deployment) -> None:
    """A capsule that a pipeline runs is not deleted, archived or not."""
    deployment.steered()
    client = deployment.sdk().capsules
    with fixtures.start_run(deployment, pipeline_id=deployment.pipeline) as run:
        used = [process.capsule_id for process in run.processes or ()]
    own = [key for key in used if client.get_capsule(key).owner == run.owner]
    if not own:
        raise CheckSkipped("the pipeline runs no capsule of its owner's")
    client.archive_capsule(own[0], True)
    try:
        expect_error(403, "deleting a capsule that a pipeline runs", client.delete_capsule, own[0])
    finally:
        client.archive_capsule(own[0], False)


@check(
    "search_pipelines",
    "list_pipeline_computations",
    "run_capsule",
    "get_computation",
    "delete_computation",
    "sync_pipeline",
    "release_pipeline",
    full=True,
)
def release_requirements(deployment: Deployment) -> None:
    """A release is refused with a flag for each requirement that is not met: a run that succeeded, and a repository
    that a sync exchanges nothing with.
    """
    deployment.steered()
    http, client = deployment.http(), deployment.sdk().pipelines
    rows = rows_of(client.search_pipelines, CapsuleSearchParams(limit=1000, ownership="created"))
    row = next((row for row in rows if row.release_capsule and row.cloned_from_url), None)
    if row is None:
        raise CheckSkipped("no pipeline with a repository was released before")
    succeeded = [run for run in client.list_computations(row.id) if (run.end_status, run.exit_code) == ("succeeded", 0)]
    if succeeded:
        raise CheckSkipped("the pipeline has run before")
    refused = http.ask("POST", f"/pipelines/{row.id}/release")
    flags = refused.json()
    missing = refused.status == 403 and flags.get("missing_reproducible_run") is True
    expect(missing, f"a release without a run that succeeded returned {refused.status} {flags}")
    synced = sync_idle(deployment, "pipeline", row.id)
    apart = bool(synced.pushed or synced.pulled)
    expect(("git_out_of_sync" in flags) is apart, f"a release before a sync of {synced} returned {flags}")
    again = http.ask("POST", f"/pipelines/{row.id}/release").json()
    expect("git_out_of_sync" not in again, f"a release after a sync returned {again}")


CHECKS = (release_requirements, release_on_its_way, release_in_vain, capsules_of_pipelines)
