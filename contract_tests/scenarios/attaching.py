"""Attaching data assets to capsules, pipelines and cloud workstations, and detaching them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from codeocean.capsule import CapsuleSearchParams
from codeocean.computation import DataAssetsRunParam, RunParams
from codeocean.data_asset import CloudWorkstationSource, DataAssetAttachParams, Source
from codeocean.error import Error

from contract_tests.checks import check
from contract_tests.deployment import TERMINAL, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error, expect_success
from contract_tests.scenarios.runs import UNKNOWN

ASSETS = ("run_capsule", "get_computation", "create_data_asset", "get_data_asset", "delete_data_asset")

Params = DataAssetAttachParams

STATES = (("mounted", True), ("mounting", False))
"""`mount_state` and `ready` of a new attachment: the first was recorded, the second is that of a slow one."""


class Target(NamedTuple):
    """Something that data assets are attached to: the SDK's client of its kind, and its id."""

    client: Any
    key: str

    def attach(self, *params: Any) -> list[Any]:
        """Attach, and give what is said of each."""
        attached: list[Any] = self.client.attach_data_assets(self.key, list(params))
        return attached

    def detach(self, *assets: str) -> None:
        """Detach."""
        self.client.detach_data_assets(self.key, list(assets))


@contextmanager
def _three_assets(deployment: Deployment, target: Target) -> Iterator[tuple[Any, Any, Any]]:
    """Three data assets, which are detached at the end whatever became of them."""
    tag = deployment.tag
    with (
        fixtures.capture_asset(deployment, f"{tag} first", mount=f"{tag}-first") as first,
        fixtures.capture_asset(deployment, f"{tag} second", mount=f"{tag}-second") as second,
        fixtures.capture_asset(deployment, f"{tag} third", mount=f"{tag}-third") as third,
    ):
        try:
            yield first, second, third
        finally:
            for asset in (first, second, third):
                with suppress(Error):
                    target.detach(asset.id)


def _attach_two(target: Target, first: Any, second: Any) -> dict[str, str]:
    """Attach two, one at its own mount and one elsewhere; what was answered, and where they are."""
    mounts = {first.id: first.mount, second.id: f"{second.mount}/deeper"}
    answers = target.attach(Params(id=first.id), Params(id=second.id, mount=mounts[second.id]))
    actual = {answer.id: answer.mount for answer in answers}
    expect(
        actual == mounts,
        f"data assets attached at {sorted(mounts.values())} are reported at {sorted(actual.values())}",
    )
    for answer in answers:
        expect(answer.external is False, "an internal data asset that was attached is marked as external")
        state = (answer.mount_state, answer.ready)
        expect(
            state in STATES,
            f"an attachment has the mount_state {state[0]} and the readiness {state[1]}",
            "attaching.mounted_at_once",
        )
    return mounts


def _check_rejections(target: Target, first: Any, third: Any) -> None:
    """Check what cannot be attached while the first is attached; the first itself stays as it is."""
    [again] = target.attach(Params(id=first.id))
    state = (again.mount, again.mount_state, again.ready)
    expect(
        state == (first.mount, "unchanged", True),
        f"attaching an attached data asset returned {state}",
        "attaching.unchanged",
    )
    same = Params(id=third.id, mount=first.mount)
    expect_error(400, "attaching two data assets at one mount", target.attach, same, rules=("runs.one_mount",))
    expect_error(400, "attaching a data asset that does not exist", target.attach, Params(id=UNKNOWN))
    expect_error(
        400,
        "attaching an existing and an unknown data asset",
        target.attach,
        Params(third.id),
        Params(UNKNOWN),
        rules=("attaching.all_or_none",),
    )


def _detach(target: Target, *assets: Any) -> None:
    """Detach data assets of which the last is not attached: it is passed over."""
    keys = [asset.id for asset in assets]
    expect_success(
        "detaching attached data assets and an unattached one",
        target.detach,
        *keys,
        rules=("attaching.detach_unattached",),
    )
    expect_success(
        "detaching an unattached data asset", target.detach, keys[-1], rules=("attaching.detach_unattached",)
    )


def _check_deletion_blocked(deployment: Deployment, first: Any) -> None:
    blocked = expect_error(
        403,
        "deleting an attached data asset",
        deployment.sdk().data_assets.delete_data_asset,
        first.id,
        rules=("data_assets.delete_attached",),
    )
    blocking = [entry.get("id") for entry in (blocked.data or {}).get("datasets", ())]
    expect(
        blocking == [first.id],
        f"deleting an attached data asset is reported as blocked by {blocking}",
        "data_assets.delete_attached",
    )


def _check_mounted(deployment: Deployment, mounts: dict[str, str], **target: str) -> None:
    """A run finds what is attached; one with nothing in `mounts` finds none of it."""
    with fixtures.start_run(deployment, **target) as run:
        actual = {asset.id: asset.mount for asset in run.data_assets or ()}
        expect(
            mounts.items() <= actual.items(),
            f"what is attached at {sorted(mounts.values())} is not all mounted in a run",
        )


def _check_given_again(run: Callable[[RunParams], Any], params: RunParams, what: str) -> None:
    rule = "runs.already_attached"
    again = expect_error(403, what, run, params, rules=(rule,))
    expect(again.message == "data asset already attached", f"such a run returned {again.message!r}", rule)


def _check_not_mounted(deployment: Deployment, mounts: dict[str, str], **target: str) -> None:
    with fixtures.start_run(deployment, **target) as run:
        left = mounts.keys() & {asset.id for asset in run.data_assets or ()}
        expect(not left, f"{len(left)} data assets that were detached are mounted in a run")


@check(*ASSETS, "attach_capsule_data_assets", "detach_capsule_data_assets", "delete_computation", full=True)
def attach_and_detach(deployment: Deployment) -> None:
    """Data assets attached to a capsule are in its runs until detached, and cannot be deleted or attached again."""
    sdk, capsule = deployment.sdk(), deployment.capsule
    target = Target(sdk.capsules, capsule)
    with _three_assets(deployment, target) as (first, second, third):
        mounts = _attach_two(target, first, second)
        _check_mounted(deployment, mounts, capsule_id=capsule)
        _check_rejections(target, first, third)
        params = RunParams(capsule_id=capsule, data_assets=[DataAssetsRunParam(id=first.id)])
        _check_given_again(sdk.computations.run_capsule, params, "a run given an attached data asset")
        _check_deletion_blocked(deployment, first)
        _detach(target, first, third)
        _check_mounted(deployment, {second.id: mounts[second.id]}, capsule_id=capsule)
        target.detach(second.id)
        _check_not_mounted(deployment, mounts, capsule_id=capsule)
        target.attach(Params(id=third.id, mount=first.mount))


@check(*ASSETS, "attach_pipeline_data_assets", "detach_pipeline_data_assets", "delete_computation", full=True)
def attach_to_pipeline(deployment: Deployment) -> None:
    """Data assets attached to a pipeline are in its runs until detached; a run can replace them."""
    sdk, pipeline = deployment.sdk(), deployment.pipeline
    target = Target(sdk.pipelines, pipeline)
    with _three_assets(deployment, target) as (first, second, third):
        mounts = _attach_two(target, first, second)
        _check_mounted(deployment, mounts, pipeline_id=pipeline)
        _check_rejections(target, first, third)
        _check_deletion_blocked(deployment, first)
        instead = [DataAssetsRunParam(id=third.id, mount=first.mount)]
        with fixtures.start_run(deployment, pipeline_id=pipeline, data_assets=instead) as run:
            mounted = [asset.id for asset in run.data_assets or () if asset.mount == first.mount]
            expect(
                mounted == [third.id],
                "a data asset given to a pipeline's run does not replace the attached one",
                "runs.replaced_mount",
            )
        params = RunParams(pipeline_id=pipeline, data_assets=[DataAssetsRunParam(id=first.id, mount=first.mount)])
        _check_given_again(sdk.computations.run_pipeline, params, "a run given an attached data asset at its mount")
        _detach(target, first, second, third)
        _check_not_mounted(deployment, mounts, pipeline_id=pipeline)


@check(
    *ASSETS,
    "search_capsules",
    "list_capsule_computations",
    "attach_computation_data_assets",
    "detach_computation_data_assets",
    full=True,
)
def attach_to_workstation(deployment: Deployment) -> None:
    """Data assets attached to a running cloud workstation are shown with it until detached; finished runs take none."""
    client = deployment.sdk().computations
    target = Target(client, _workstation(deployment)[1])
    with _three_assets(deployment, target) as (first, second, third):
        mounts = _attach_two(target, first, second)
        actual = {asset.id: asset.mount for asset in client.get_computation(target.key).data_assets or ()}
        expect(mounts.items() <= actual.items(), "what is attached to a cloud workstation is not all shown with it")
        _check_rejections(target, first, third)
        _detach(target, first, second, third)
        left = {asset.id for asset in client.get_computation(target.key).data_assets or ()} & mounts.keys()
        expect(not left, "what was detached from a cloud workstation is still shown with it")
        over = fixtures.shared_run(deployment)
        expect_error(
            400,
            "attaching to a run that is over",
            Target(client, over.id).attach,
            Params(id=first.id),
            rules=("attaching.no_workstation",),
        )


@check("search_capsules", "list_capsule_computations", *ASSETS[2:], "list_data_asset_files", full=True)
def workstation_folder(deployment: Deployment) -> None:
    """A folder of a running cloud workstation becomes a data asset, by its path below `/results` or alone; a missing
    one is refused.
    """
    key, rules = _workstation(deployment)[1], ("data_assets.workstation_folder",)
    caller = deployment.http()
    base = {"name": "folder", "mount": "folder", "tags": [deployment.tag]}
    for path, status in (("scratch", 200), ("/results/scratch", 200), ("no-such-folder", 400)):
        body = base | {"source": {"cloud_workstation": {"id": key, "path": path}}}
        answer = caller.ask("POST", "/data_assets", status, json=body, rules=rules)
        if answer.ok:
            made = fixtures.wait_for_asset(deployment, answer.json()["id"])
            files = caller.ask("POST", f"/data_assets/{made.id}/files", 200, json={"path": ""}).json()["items"]
            caller.ask("DELETE", f"/data_assets/{made.id}", 204)
            expect(
                made.state == "ready" and files, f"the folder {path} became {made.state}, {len(files)} files", *rules
            )


SCRIPT = "code/contract session.sh"
"""A script that is said to have made a folder of a cloud workstation."""


@check(
    *ASSETS,
    "search_capsules",
    "list_capsule_computations",
    "attach_computation_data_assets",
    "detach_computation_data_assets",
    full=True,
)
def workstation_result(deployment: Deployment) -> None:
    """A folder of a running cloud workstation that a script is said to have made is a result: its provenance has that
    script, the capsule, and the data assets that are attached there. Without a script it is a dataset of no provenance.
    """
    client, (capsule, key) = deployment.sdk(), _workstation(deployment)
    target = Target(client.computations, key)
    with fixtures.capture_asset(deployment, f"{deployment.tag} input", mount=f"{deployment.tag}-input") as asset:
        for attached in (False, True):
            if attached:
                target.attach(Params(id=asset.id))
            try:
                inputs = [each.id for each in client.computations.get_computation(key).data_assets or ()]
                for script in (SCRIPT, None):
                    _check_captured(deployment, key, script, {"capsule": capsule, "data_assets": inputs or None})
            finally:
                if attached:
                    target.detach(asset.id)
        expect(asset.id in inputs, "what is attached to a cloud workstation is not shown with it")


def _check_captured(deployment: Deployment, key: str, script: str | None, origin: dict[str, Any]) -> None:
    """Capture a folder of a cloud workstation, and look at what it says of where it is from."""
    source = Source(cloud_workstation=CloudWorkstationSource(id=key, path="scratch", run_script=script))
    with fixtures.create_ready_asset(deployment, f"{deployment.tag} session", source=source) as made:
        shown = made.provenance
        expected = {"run_script": script, "computation": key, **origin} if script else {}
        actual = {field: getattr(shown, field) for field in expected}
        kind = "result" if script else "dataset"
        right = actual == expected and made.type == kind and bool(shown) is bool(script)
        what = f"a folder of a cloud workstation with the script {script!r} is a {made.type.value} of {shown}"
        field = "create_data_asset.body.source.cloud_workstation.run_script"
        expect(right, f"{what}, not a {kind} of {expected}", "data_assets.workstation_folder", field)


def _workstation(deployment: Deployment) -> tuple[str, str]:
    """A capsule, and a cloud workstation of it that is running. Raises `CheckSkipped`."""
    capsules = deployment.sdk().capsules
    for capsule in capsules.search_capsules(CapsuleSearchParams(limit=50, ownership="created")).results:
        for run in capsules.list_computations(capsule.id):
            if run.cloud_workstation and run.state.value not in TERMINAL:
                return str(capsule.id), str(run.id)
    raise CheckSkipped("no cloud workstation is running")
