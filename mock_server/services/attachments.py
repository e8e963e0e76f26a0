"""Attaching data assets to capsules, pipelines and cloud workstations, and detaching them."""

from dataclasses import replace
from typing import NamedTuple

from mock_server.domain.access import Caller, Role
from mock_server.domain.paths import clean_mount
from mock_server.errors import BadRequestError, ForbiddenError
from mock_server.services import access, attachment_state
from mock_server.services.capsules import Kind, of_kind
from mock_server.store import queries, schema
from mock_server.wire.attachments import AttachList, AttachResults
from mock_server.world import World

Attached = list[attachment_state.Attached]


class Attachment(NamedTuple):
    """A data asset that is attached: where, and whether the folder is there. `name` is None when it is gone."""

    id: str
    mount: str
    name: str | None
    state: str


def listed(world: World, caller: Caller, kind: Kind, capsule_id: str) -> list[Attachment]:
    """What is attached to a capsule or pipeline."""
    row = of_kind(world, caller, kind, capsule_id, Role.VIEWER)
    found = []
    for entry in row.attached:
        asset = queries.DATA_ASSETS.get(world.db, entry["id"])
        found.append(
            Attachment(entry["id"], entry["mount"], asset.name if asset else None, attachment_state.state(world, entry))
        )
    return found


def attach_to_capsule(
    world: World, caller: Caller, kind: Kind, capsule_id: str, params: AttachList
) -> list[AttachResults]:
    """Attach data assets to a capsule or pipeline: all of them, or none."""
    with world.write():
        row = _changeable(world, caller, kind, capsule_id)
        attached, results = _attach(world, caller, row, row.attached, params)
        queries.update_capsule(world.db, replace(row, attached=attached))
    return results


def detach_from_capsule(world: World, caller: Caller, kind: Kind, capsule_id: str, keys: list[str]) -> None:
    """Detach data assets from a capsule or pipeline, as many of them as are attached."""
    with world.write():
        row = _changeable(world, caller, kind, capsule_id)
        queries.update_capsule(world.db, replace(row, attached=_detach(row.attached, keys)))


def attach_to_session(world: World, caller: Caller, computation_id: str, params: AttachList) -> list[AttachResults]:
    """Attach data assets to a cloud workstation that is running; it shows those that are not in error."""
    with world.write():
        row = _session(world, caller, computation_id)
        attached, results = _attach(world, caller, row, row.asked["data_assets"], params)
        attached = [entry for entry in attached if attachment_state.state(world, entry) != "error"]
        _keep(world, row, attachment_state.mounts(attached))
    return results


def detach_from_session(world: World, caller: Caller, computation_id: str, keys: list[str]) -> None:
    """Detach data assets from a cloud workstation that is running, as many of them as are attached."""
    with world.write():
        row = _session(world, caller, computation_id)
        _keep(world, row, _detach(row.asked["data_assets"], keys))


def _changeable(world: World, caller: Caller, kind: Kind, capsule_id: str) -> schema.CapsuleRow:
    row = of_kind(world, caller, kind, capsule_id, Role.EDITOR)
    if row.status == "release":
        raise ForbiddenError("a released capsule cannot be changed")
    return row


def _session(world: World, caller: Caller, computation_id: str) -> schema.ComputationRow:
    row = access.computation(world, caller, computation_id, Role.EDITOR)
    if not row.cloud_workstation or world.state_of(row.plan).end is not None:
        raise BadRequestError("the computation is not a cloud workstation that is running")
    return row


def _keep(world: World, row: schema.ComputationRow, attached: Attached) -> None:
    queries.update_asked(world.db, replace(row, asked=row.asked | {"data_assets": attached}))


def _attach(
    world: World,
    caller: Caller,
    place: schema.CapsuleRow | schema.ComputationRow,
    attached: Attached,
    params: AttachList,
) -> tuple[Attached, list[AttachResults]]:
    """What is attached afterwards, and what the service says of each. What is in error is tried again."""
    after = list(attached)
    results = []
    for wanted in params:
        asset = access.named(access.data_asset, world, caller, wanted.id)
        known = next((entry for entry in after if entry["id"] == asset.id), None)
        unchanged = known is not None and attachment_state.state(world, known) != "error"
        if known is None or not unchanged:
            after = [entry for entry in after if entry is not known]
            known = _attachment(world, place, asset, wanted.mount, after)
            after.append(known)
        results.append(_result(world, asset, known, unchanged=unchanged))
    return after, results


def _attachment(
    world: World,
    place: schema.CapsuleRow | schema.ComputationRow,
    asset: schema.DataAssetRow,
    mount: str | None,
    attached: Attached,
) -> attachment_state.Attached:
    """A new attachment beside those in `attached`. Raises `BadRequestError` when its mount is taken."""
    access.require_ready(world, asset)
    mount = clean_mount(mount or asset.mount)
    if any(entry["mount"] == mount for entry in attached):
        raise BadRequestError(f'mount "{mount}" is used by more than one data asset')
    queries.use_data_asset(world.db, asset.id, world.clock.now())
    capsule_id = place.id if isinstance(place, schema.CapsuleRow) else place.capsule_id
    return attachment_state.attach(world, asset, mount, capsule_id, pipeline=place.kind == "pipeline")


def _result(
    world: World, asset: schema.DataAssetRow, attached: attachment_state.Attached, *, unchanged: bool
) -> AttachResults:
    """The answer for one attachment, as recorded: only one that is still being mounted has a job."""
    state = attachment_state.state(world, attached)
    return AttachResults(
        external=asset.external,
        id=asset.id,
        job_id=attached["job"] if state == "mounting" else "",
        mount="" if state == "error" else attached["mount"],
        mount_state="unchanged" if unchanged and state == "mounted" else state,
        ready=state != "mounting",
    )


def _detach(attached: Attached, keys: list[str]) -> Attached:
    """What stays attached. What is not attached is passed over: no answer to it was recorded, but attaching what is
    attached changes nothing either, and clients detach whatever a search has found.
    """
    gone = {key.lower() for key in keys}
    return [entry for entry in attached if entry["id"].lower() not in gone]
