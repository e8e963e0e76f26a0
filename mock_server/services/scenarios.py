"""Scenarios of a world: loading them, telling of them, and which of them can never match."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mock_server import background
from mock_server.domain.panel import Panel
from mock_server.domain.scenario_matching import Choice, Loaded, Subject, Target, When, holds
from mock_server.domain.scenarios import BUILT_IN, NAMES
from mock_server.errors import BadRequestError, NotFoundError
from mock_server.local_files import ReadableFiles
from mock_server.store import queries
from mock_server.store import scenarios as stored
from mock_server.store.schema import CapsuleRow
from mock_server.wire.control import ScenarioInfo, ScenarioList
from mock_server.world import World

if TYPE_CHECKING:
    from mock_server.documents.scenario_file import Prepared

MOST_CHECKED = 500
"""How many scenarios are looked at for whether they can ever match."""

MOST_CAPSULES = 2000
"""In worlds of more capsules, scenarios are not held against them."""


async def load(world: World, text: str, source: str, files: ReadableFiles, *, replace: bool) -> ScenarioList:
    """Load the scenarios in `text`, which came from the file `source`, beside or in place of those that are there; what
    they take from folders has to be one of `files`.

    Raises `DocumentError` with everything that is wrong in the text, `UnavailableError` when the world is gone by then.
    """
    while True:
        known = world.scenarios
        prepared = await background.run(_parse, text, source, files, () if replace else known.loaded)
        # What others have loaded meanwhile may be what these are made of.
        if replace or world.scenarios is known:
            break

    def change() -> None:
        if replace:
            stored.clear(world.db)
        stored.add(world.db, prepared)

    world.load_scenarios(change)
    return listed(world)


def _parse(text: str, source: str, files: ReadableFiles, known: Sequence[Loaded]) -> "list[Prepared]":
    # Late: it reads YAML, and the models of files take a while to import.
    from mock_server.documents import scenario_file

    return scenario_file.parse(text, source, files, known)


def choose(world: World, scenario: str, target: Target, *, once: bool) -> None:
    """Have the next run of `target` go by a scenario, or all from now on. Choices stand before all other scenarios: the
    next run's before that of all runs, one capsule's before that of any. One for the same runs is replaced. Raises
    `BadRequestError` for a scenario that does not exist.
    """
    if world.scenarios.get("computation", scenario) is None:
        raise BadRequestError(f"there is no scenario of runs called {scenario}")
    kept = {choice.name: choice for choice in choices(world) if not choice.used_up}
    made = Choice(target, scenario, once=once, used=0)
    kept[made.name] = made
    ordered = sorted(kept.values(), key=lambda choice: (not choice.once, choice.target.capsule is None))
    text = json.dumps({"version": 1, "scenarios": [choice.spec for choice in ordered]})
    others = [item for item in world.scenarios.loaded if Choice.of(item) is None]
    prepared = _parse(text, "the form", ReadableFiles(()), others)

    def change() -> None:
        for choice in choices(world):
            stored.remove(world.db, choice.name)
        stored.add_in_front(world.db, prepared)

    world.load_scenarios(change)


def choices(world: World) -> list[Choice]:
    """What was chosen for runs, in the order in which it is asked."""
    matched = stored.matched(world.db)
    found = (Choice.of(item, matched[item.place]) for item in world.scenarios.loaded)
    return [choice for choice in found if choice is not None]


def forget(world: World, name: str | None) -> None:
    """Forget the scenarios of a name, or all. Raises `NotFoundError` when there is none, `BadRequestError` when others
    are made of it.
    """
    if name is not None:
        named = {(item.kind, name) for item in world.scenarios.loaded if item.scenario.name == name}
        if not named:
            raise NotFoundError(f"there is no loaded scenario called {name}")
        for item in world.scenarios.loaded:
            if any((item.kind, part) in named for part in (item.spec.get("like"), *item.spec.get("mix", ()))):
                raise BadRequestError(f"the scenario {item.scenario.name} is made of {name}")

    def change() -> None:
        if name is None:
            stored.clear(world.db)
        else:
            stored.remove(world.db, name)

    world.load_scenarios(change)


def listed(world: World) -> ScenarioList:
    """All loaded scenarios, and what is to be said of them."""
    matched = stored.matched(world.db)
    return ScenarioList(
        scenarios=[
            ScenarioInfo(name=item.scenario.name, kind=item.kind, matched=matched[item.place], spec=item.spec)
            for item in world.scenarios.loaded
        ],
        built_in=list(NAMES),
        warnings=list(warnings(world)),
    )


def warnings(world: World) -> Iterator[str]:
    """What can never come to be, a sentence each. Every scenario is held against those before it and against the
    capsules, so only the first `MOST_CHECKED` are, and only where there are few capsules.
    """
    conditional = [item for item in world.scenarios.loaded if item.when is not None][:MOST_CHECKED]
    some = queries.some_capsules(world.db, MOST_CAPSULES + 1) if conditional else []
    capsules = some if len(some) <= MOST_CAPSULES else None
    for number, item in enumerate(conditional):
        reason = _never(world, item, conditional[:number], capsules)
        if reason is not None:
            yield f"the {item.kind} scenario {item.scenario.name} can never match: {reason}"
    known = {*BUILT_IN["computation"], *_names(world, "computation")}
    for capsule, scenario in queries.scenarios_of_capsules(world.db, known):
        yield f"the scenario {scenario} of the capsule {capsule} is not there"


def _names(world: World, kind: str) -> set[str]:
    return {item.scenario.name for item in world.scenarios.loaded if item.kind == kind}


def _never(world: World, item: Loaded, before: list[Loaded], capsules: list[CapsuleRow] | None) -> str | None:
    """Why the conditions of a scenario can never hold, or None. `capsules` are all that there are, None when these are
    too many.
    """
    when = item.when or When()
    if when.parameter and item.kind != "computation":
        return f"a {item.kind.replace('_', ' ')} has no parameters"
    for other in before:
        if other.kind == item.kind and other.when is not None and other.when.covers(when):
            return f"{other.scenario.name} stands before it and matches all of it"
    wanted = when.capsule or when.pipeline
    kind = "capsule" if when.capsule else "pipeline"
    row = queries.CAPSULES.get(world.db, wanted) if wanted else None
    if wanted and (row is None or row.kind != kind):
        return f"there is no {kind} {wanted}"
    if row is not None:
        return _unfit(item.kind, when, [row])
    return None if capsules is None else _unfit(item.kind, when, capsules)


def _unfit(kind: str, when: When, capsules: list[CapsuleRow]) -> str | None:
    """Why none of the `capsules` can have such runs or releases, or None."""
    if kind not in ("computation", "release"):
        return None
    fitting = [row for row in capsules if _fits(when, kind, row)]
    if not fitting:
        return "no capsule or pipeline has this id, tag and name"
    for key, value in when.parameter.items():
        if not any(_can_have(row, key, value) for row in fitting):
            return f"no such capsule or pipeline takes {value} as parameter {key}"
    return None


def _fits(when: When, kind: str, row: CapsuleRow) -> bool:
    """Whether the conditions on the capsule hold, whatever its runs are given."""
    subject = Subject(kind, row.id, row.kind == "pipeline", row.name, row.tags, [])
    return When(capsule=when.capsule, pipeline=when.pipeline, tag=when.tag, name=when.name).fits(subject)


def _can_have(row: CapsuleRow, key: str, value: str) -> bool:
    """Whether a run of the capsule can be given that value; without a panel it takes everything."""
    name, dot, parameter = key.partition(".")
    for process in row.processes if dot else ():
        if process["name"] == name:
            return _takes(process["parameters"], parameter, value)
    return _takes(row.panel, key, value)


def _takes(panel: Panel, key: str, value: str) -> bool:
    if not panel:
        return True
    for place, parameter in enumerate(panel, start=1):
        if key in (parameter.get("param_name"), parameter.get("name"), str(place)):
            options = parameter.get("value_options")
            return not options or any(holds(option, value) for option in options)
    return False
