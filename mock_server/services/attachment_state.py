"""Attachments: how a data asset comes to be mounted in a capsule or session."""

from typing import Any

from mock_server.domain.lifecycle import Plan
from mock_server.domain.scenario_matching import Subject
from mock_server.domain.scenarios import BUILT_IN, draw, named_by
from mock_server.store.schema import DataAssetRow
from mock_server.world import World

Attached = dict[str, Any]
"""An attachment as it is stored: `id` and `mount`, and if it was made by a request its `job` and `plan`. `there` is
false when the folder stays empty although it is called mounted.
"""


def attach(world: World, asset: DataAssetRow, mount: str, capsule_id: str, *, pipeline: bool) -> Attached:
    """A new attachment that starts to be mounted now; call it inside `write`."""
    key = world.next_id()
    subject = Subject("attachment", capsule_id, pipeline, asset.name, asset.tags, [])
    wanted = world.match_scenario(subject, named_by(asset.tags)) if world.scenarios or asset.tags else None
    scenario = world.resolve_mix("attachment", wanted or BUILT_IN["attachment"]["succeeds"], key)
    plan = draw("attachment", scenario, world.clock.now(), world.ids.draws("attach", key))
    # Without a wish a mount that is under way holds nothing up: the service waits for it before it starts the run.
    waits = wanted is None
    told = {"id": asset.id, "mount": mount, "job": key, "plan": plan.to_json(), "waits": waits}
    return told if scenario.keeps_files else told | {"there": False}


def state(world: World, attached: Attached) -> str:
    """Where an attachment stands: mounting, mounted or failed."""
    plan = plan_of(attached)
    return "mounted" if plan is None else world.state_of(plan).state


def usable(world: World, attached: Attached) -> bool:
    """Whether a run that starts now finds the folder."""
    if attached.get("waits") or "plan" not in attached:
        return True
    return state(world, attached) == "mounted" and bool(attached.get("there", True))


def shown(attached: list[Attached]) -> list[dict[str, str]]:
    """Attachments as computations and panels show them: id and mount."""
    return [{"id": entry["id"], "mount": entry["mount"]} for entry in attached]


def plan_of(attached: Attached) -> Plan | None:
    """The plan of an attachment; None for one that was always there."""
    return Plan.from_json(attached["plan"]) if "plan" in attached else None
