"""Runs and data assets that scenarios create; deleted when the scenario is over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import requests
from codeocean.computation import RunParams
from codeocean.data_asset import AWSS3Source, ComputationSource, DataAssetParams, Source
from codeocean.error import Error

from contract_tests.deployment import OWNER, TERMINAL, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.transport.budgets import StoppedError

BUCKET = "codeocean-contract-test"
"""A bucket of the fake's own making: it simulates those that nobody declared."""

FORBIDDEN = 403

HOUR = 3600.0

WAITS = 5
"""How often the deletion of a data asset that is in use is tried."""

_shared: WeakKeyDictionary[Deployment, list[str]] = WeakKeyDictionary()


@contextmanager
def _deleting(resource: Any, delete: Callable[[str], Any]) -> Iterator[Any]:
    """Delete what was made at the end, unless the scenario did so; an error in the scenario takes precedence."""
    try:
        yield resource
    except BaseException:
        with suppress(Error, requests.RequestException, StoppedError):
            delete(resource.id)
        raise
    try:
        delete(resource.id)
    except Error as problem:
        if problem.status_code != 404:
            raise


@contextmanager
def start_run(deployment: Deployment, who: str = OWNER, **params: Any) -> Iterator[Any]:
    """A run that has just begun; `params` are fields of `RunParams`."""
    client = deployment.sdk(who).computations
    with _deleting(client.run_capsule(RunParams(**params)), client.delete_computation) as run:
        yield run


@contextmanager
def run_to_end(deployment: Deployment, **params: Any) -> Iterator[Any]:
    """A run that has ended."""
    with start_run(deployment, **params) as run:
        yield wait_for_run(deployment, run.id)


def wait_for_run(deployment: Deployment, run: str) -> Any:
    """A run when it has ended."""
    client = deployment.sdk().computations
    return deployment.poll(
        lambda: client.get_computation(run), lambda current: current.state.value in TERMINAL, f"the run {run}"
    )


def require_success(deployment: Deployment, run: Any) -> None:
    """Raise unless a run succeeded and left results: `CheckFailed` on the fake, whose capsule has done so before,
    `CheckSkipped` elsewhere, where a user's capsule may fail by itself.
    """
    good = run.end_status == "succeeded" and run.exit_code == 0 and run.has_results
    if not good and deployment.control is None:
        raise CheckSkipped("a run of the capsule did not succeed, or left no results")
    expect(good, f"a run ended {run.state}, {run.end_status}, with exit code {run.exit_code}")


def start_shared(deployment: Deployment) -> Any:
    """A run that other scenarios may use when it has ended; `release_shared` deletes it."""
    run = deployment.sdk().computations.run_capsule(RunParams(capsule_id=deployment.capsule))
    _shared.setdefault(deployment, []).append(run.id)
    return run


def shared_run(deployment: Deployment) -> Any:
    """A successful run that scenarios share: on a real deployment each is paid for."""
    known = _shared.get(deployment)
    run = wait_for_run(deployment, known[0] if known else start_shared(deployment).id)
    require_success(deployment, run)
    return run


def release_shared(deployment: Deployment) -> list[str]:
    """Delete the runs that scenarios shared, and give their ids."""
    runs = _shared.pop(deployment, [])
    for run in runs:
        deployment.sdk().computations.delete_computation(run)
    return runs


def asset_params(deployment: Deployment, name: str, **fields: Any) -> Any:
    """Build parameters of a data asset: tagged, and mounted under its name unless `fields` say otherwise."""
    tags = [deployment.tag, *fields.pop("tags", ())]
    return DataAssetParams(**({"name": name, "mount": name, "tags": tags} | fields))


@contextmanager
def create_asset(deployment: Deployment, name: str, who: str = OWNER, **fields: Any) -> Iterator[Any]:
    """A data asset that has just been asked for; `fields` are those of `DataAssetParams`."""
    client = deployment.sdk(who).data_assets

    created = client.create_data_asset(asset_params(deployment, name, **fields))
    with _deleting(created, partial(_delete_asset, deployment, client)):
        yield created


def _delete_asset(deployment: Deployment, client: Any, key: str) -> None:
    """Delete a data asset. Others may have a run that uses it, if it was in a capsule: on the fake it ends soon."""
    for left in reversed(range(WAITS if deployment.control is not None else 1)):
        try:
            client.delete_data_asset(key)
            return
        except Error as problem:
            if problem.status_code != FORBIDDEN or not left:
                raise
        deployment.pass_time(HOUR)


@contextmanager
def create_ready_asset(deployment: Deployment, name: str, who: str = OWNER, **fields: Any) -> Iterator[Any]:
    """A data asset that is ready."""
    with create_asset(deployment, name, who, **fields) as draft:
        current = wait_for_asset(deployment, draft.id, who)
        expect(current.state == "ready", f"the data asset {name} ended {current.state}: {current.failure_reason}")
        yield current


@contextmanager
def capture_asset(deployment: Deployment, name: str, **fields: Any) -> Iterator[Any]:
    """A ready data asset made from the run that scenarios share."""
    with create_ready_asset(deployment, name, source=from_run(shared_run(deployment).id), **fields) as current:
        yield current


def wait_for_asset(deployment: Deployment, key: str, who: str = OWNER) -> Any:
    """A data asset when it is no draft any more."""
    client = deployment.sdk(who).data_assets
    return deployment.poll(
        lambda: client.get_data_asset(key), lambda current: current.state != "draft", f"the data asset {key}"
    )


def from_run(run: str, path: str | None = None) -> Any:
    """A run's results as a source."""
    return Source(computation=ComputationSource(id=run, path=path))


def from_bucket(prefix: str, *, external: bool) -> Any:
    """A folder of a bucket as a source; an external one stays there."""
    return Source(aws=AWSS3Source(bucket=BUCKET, prefix=prefix, keep_on_external_storage=external))
