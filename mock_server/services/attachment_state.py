"""Attachments: how a data asset comes to be mounted in a capsule or session."""

from typing import Any

from mock_server.domain.lifecycle import Plan
from mock_server.domain.scenario_matching import Subject
from mock_server.domain.scenarios import draw, named_by
from mock_server.store.schema import DataAssetRow
from mock_server.world import World

Attached = dict[str, Any]
"""An attachment as it is stored: `id` and `mount`, with `job` and `plan` when a scenario decides how it goes, and
`empty` when the folder holds nothing although it is called mounted.
"""


def attach(world: World, asset: DataAssetRow, mount: str, capsule_id: str, *, pipeline: bool) -> Attached:
    """A new attachment: mounted at once (recorded answers) unless a scenario decides; call it inside `write`."""
    attached: Attached = {"id": asset.id, "mount": mount}
    subject = Subject("attachment", capsule_id, pipeline, asset.name, asset.tags, [])
    scenario = world.scenarios.match(subject, named_by(asset.tags)) if world.scenarios.loaded or asset.tags else None
    if scenario is None:
        return attached
    key = world.next_id()
    scenario = world.scenarios.resolve("attachment", scenario, key)
    plan = draw("attachment", scenario, world.clock.now(), world.ids.draws("attach", key))
    attached |= {"job": key, "plan": plan.to_json()}
    return attached if scenario.keeps_files else attached | {"empty": True}


def state(world: World, attached: Attached) -> str:
    """Where an attachment stands: mounting, mounted or error."""
    plan = plan_of(attached)
    return "mounted" if plan is None else world.state_of(plan).state


def usable(world: World, attached: Attached) -> bool:
    """Whether a run that starts now finds the files."""
    return state(world, attached) == "mounted" and not attached.get("empty")


def mounts(attached: list[Attached]) -> list[dict[str, str]]:
    """Attachments as computations and panels show them: id and mount."""
    return [{"id": entry["id"], "mount": entry["mount"]} for entry in attached]


def plan_of(attached: Attached) -> Plan | None:
    """The plan of an attachment; None for one that no scenario decided."""
    return Plan.from_json(attached["plan"]) if "plan" in attached else None
