"""Attaching data assets to capsules, pipelines and cloud workstations, and detaching them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from codeocean.capsule import CapsuleSearchParams
from codeocean.computation import DataAssetsRunParam, RunParams
from codeocean.data_asset import DataAssetAttachParams
from codeocean.error import Error

from contract_tests.checks import check
from contract_tests.deployment import TERMINAL, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import refused
from contract_tests.scenarios.runs import UNKNOWN

ASSETS = ("run_capsule", "get_computation", "create_data_asset", "get_data_asset", "delete_data_asset")

Params = DataAssetAttachParams


class Place(NamedTuple):
    """Something that data assets are attached to: the SDK's client of its kind, and its id."""

    client: Any
    key: str

    def attach(self, *wanted: Any) -> list[Any]:
        """Attach, and give what is said of each."""
        attached: list[Any] = self.client.attach_data_assets(self.key, list(wanted))
        return attached

    def detach(self, *assets: str) -> None:
        """Detach."""
        self.client.detach_data_assets(self.key, list(assets))


@contextmanager
def _three(deployment: Deployment, place: Place) -> Iterator[tuple[Any, Any, Any]]:
    """Three data assets, which are detached at the end whatever became of them."""
    tag = deployment.tag
    with (
        fixtures.captured(deployment, f"{tag} first", mount=f"{tag}-first") as first,
        fixtures.captured(deployment, f"{tag} second", mount=f"{tag}-second") as second,
        fixtures.captured(deployment, f"{tag} third", mount=f"{tag}-third") as third,
    ):
        try:
            yield first, second, third
        finally:
            for asset in (first, second, third):
                with suppress(Error):
                    place.detach(asset.id)


def _attached(place: Place, first: Any, second: Any) -> dict[str, str]:
    """Attach two, one at its own mount and one elsewhere; what was answered, and where they are."""
    mounts = {first.id: first.mount, second.id: f"{second.mount}/deeper"}
    answers = place.attach(Params(id=first.id), Params(id=second.id, mount=mounts[second.id]))
    told = {answer.id: answer.mount for answer in answers}
    expect(
        told == mounts, f"data assets attached at {sorted(mounts.values())} are said to be at {sorted(told.values())}"
    )
    jobs = {answer.job_id for answer in answers}
    expect(len(jobs) == 2 and all(jobs), "attachments have no jobs of their own")
    for answer in answers:
        expect(answer.external is False, "an internal data asset that was attached is called external")
        expect(answer.ready in (True, False), f"an attachment is said to be ready: {answer.ready}")
    return mounts


def _refuses(place: Place, first: Any, third: Any) -> None:
    """What cannot be attached or deleted while the first is attached."""
    again = refused(403, "attaching what is attached", place.attach, Params(id=first.id))
    expect(again.message == "data asset already attached", f"attaching what is attached was answered {again.message!r}")
    same = Params(id=third.id, mount=first.mount)
    refused(400, "attaching two data assets at one mount", place.attach, same)
    refused(400, "attaching a data asset that does not exist", place.attach, Params(id=UNKNOWN))
    refused(400, "attaching one that is there and one that is not", place.attach, Params(third.id), Params(UNKNOWN))
    refused(404, "detaching what is not attached", place.detach, third.id)
    refused(404, "detaching what is and what is not attached", place.detach, first.id, third.id)


def _blocks_deletion(deployment: Deployment, first: Any) -> None:
    blocked = refused(403, "deleting an attached data asset", deployment.sdk().data_assets.delete_data_asset, first.id)
    told = [entry.get("id") for entry in (blocked.data or {}).get("datasets", ())]
    expect(told == [first.id], f"deleting an attached data asset is said to be blocked by {told}")


def _mounts_of_run(deployment: Deployment, mounts: dict[str, str], **target: str) -> None:
    """A run finds what is attached; one with nothing in `mounts` finds none of it."""
    with fixtures.started(deployment, **target) as run:
        told = {asset.id: asset.mount for asset in run.data_assets or ()}
        expect(mounts.items() <= told.items(), f"what is attached at {sorted(mounts.values())} is not all in a run")


def _no_more(deployment: Deployment, mounts: dict[str, str], **target: str) -> None:
    with fixtures.started(deployment, **target) as run:
        left = mounts.keys() & {asset.id for asset in run.data_assets or ()}
        expect(not left, f"{len(left)} data assets that were detached are in a run")


@check(*ASSETS, "attach_capsule_data_assets", "detach_capsule_data_assets", "delete_computation", full=True)
def attach_and_detach(deployment: Deployment) -> None:
    """What is attached to a capsule is in its runs until it is detached, and cannot be deleted or attached again."""
    sdk, capsule = deployment.sdk(), deployment.capsule
    place = Place(sdk.capsules, capsule)
    with _three(deployment, place) as (first, second, third):
        mounts = _attached(place, first, second)
        _mounts_of_run(deployment, mounts, capsule_id=capsule)
        _refuses(place, first, third)
        given = RunParams(capsule_id=capsule, data_assets=[DataAssetsRunParam(id=first.id)])
        again = refused(403, "a run that is given what is attached", sdk.computations.run_capsule, given)
        expect(again.message == "data asset already attached", f"such a run was answered {again.message!r}")
        _blocks_deletion(deployment, first)
        place.detach(first.id)
        _mounts_of_run(deployment, {second.id: mounts[second.id]}, capsule_id=capsule)
        place.detach(second.id)
        _no_more(deployment, mounts, capsule_id=capsule)
        place.attach(Params(id=third.id, mount=first.mount))


@check(*ASSETS, "attach_pipeline_data_assets", "detach_pipeline_data_assets", "delete_computation", full=True)
def attach_to_pipeline(deployment: Deployment) -> None:
    """What is attached to a pipeline is in its runs until it is detached; a run can put another in its place."""
    sdk, pipeline = deployment.sdk(), deployment.pipeline
    place = Place(sdk.pipelines, pipeline)
    with _three(deployment, place) as (first, second, third):
        mounts = _attached(place, first, second)
        _mounts_of_run(deployment, mounts, pipeline_id=pipeline)
        _refuses(place, first, third)
        _blocks_deletion(deployment, first)
        instead = [DataAssetsRunParam(id=third.id, mount=first.mount)]
        with fixtures.started(deployment, pipeline_id=pipeline, data_assets=instead) as run:
            there = [asset.id for asset in run.data_assets or () if asset.mount == first.mount]
            expect(
                there == [third.id], "a data asset that a pipeline's run is given does not take the place of its own"
            )
        place.detach(first.id, second.id)
        _no_more(deployment, mounts, pipeline_id=pipeline)


@check(
    *ASSETS,
    "search_capsules",
    "list_capsule_computations",
    "attach_computation_data_assets",
    "detach_computation_data_assets",
    full=True,
)
def attach_to_workstation(deployment: Deployment) -> None:
    """What is attached to a running cloud workstation is shown with it until it is detached; a run takes nothing."""
    client = deployment.sdk().computations
    place = Place(client, _workstation(deployment))
    with _three(deployment, place) as (first, second, third):
        mounts = _attached(place, first, second)
        told = {asset.id: asset.mount for asset in client.get_computation(place.key).data_assets or ()}
        expect(mounts.items() <= told.items(), "what is attached to a cloud workstation is not all shown with it")
        _refuses(place, first, third)
        place.detach(first.id, second.id)
        left = {asset.id for asset in client.get_computation(place.key).data_assets or ()} & mounts.keys()
        expect(not left, "what was detached from a cloud workstation is still shown with it")
        over = fixtures.shared_run(deployment)
        refused(400, "attaching to a run that is over", Place(client, over.id).attach, Params(id=first.id))


def _workstation(deployment: Deployment) -> str:
    capsules = deployment.sdk().capsules
    for capsule in capsules.search_capsules(CapsuleSearchParams(limit=50, ownership="created")).results:
        for run in capsules.list_computations(capsule.id):
            if run.cloud_workstation and run.state.value not in TERMINAL:
                return str(run.id)
    raise CheckSkipped("no cloud workstation is running")
