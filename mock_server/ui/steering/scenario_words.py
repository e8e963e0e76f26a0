"""What each scenario does to a run, in a line, and what can be chosen."""

from mock_server.domain.scenario_matching import Choice
from mock_server.services import scenarios
from mock_server.world import World

DOES = {
    "succeeds": "ends after a few seconds with the capsule's results",
    "fails": "ends as failed with exit code 1; the log says why",
    "out-of-memory": "ends as failed with exit code 137; the log says why",
    "silent-failure": "ends as succeeded although the exit code is 1, without results; the log says nothing",
    "succeeded-exit-1": "fails with exit code 1, but is reported as succeeded",
    "failed-exit-0": "ends as failed, but with exit code 0",
    "stopped": "ends as stopped, without results or log",
    "stuck": "never ends",
    "slow": "takes eight hours",
    "driven": "waits to be driven, by a runner or by hand",
    "flaky": "fails one time in three",
}
"""The built-in scenarios of runs."""


def options(world: World) -> list[tuple[str, str]]:
    """The scenarios that can be chosen, each with what it does."""
    loaded = [
        (item.scenario.name, f"like {item.spec.get('like', 'succeeds')}, with the changes in its file")
        for item in world.scenarios.loaded
        if item.kind == "computation" and Choice.of(item) is None
    ]
    return [(name, f"{name}: {does}") for name, does in (*DOES.items(), *loaded)]


def chosen(world: World, capsule: str | None) -> list[Choice]:
    """What was chosen for the runs of a capsule or pipeline and has not been used up; None for those of any."""
    return [choice for choice in scenarios.choices(world) if choice.target.capsule == capsule and not choice.used_up]
