"""The scenarios of a world: those loaded into it and the built-in ones, and which of them is meant."""

from mock_server.domain.scenario_matching import Loaded, Subject
from mock_server.domain.scenarios import BUILT_IN, NAMES, TAG, Scenario, named_by, resolve_mix
from mock_server.errors import BadRequestError
from mock_server.ids import Ids
from mock_server.store import scenarios
from mock_server.store.database import Database


class ScenarioBook:
    """The scenarios of a world, as its database holds them when the book is opened."""

    def __init__(self, db: Database, ids: Ids) -> None:
        self._db = db
        self._ids = ids
        self.loaded: list[Loaded] = scenarios.loaded(db)

    def get(self, kind: str, name: str) -> Scenario | None:
        """Return the scenario of that name, a loaded one before a built-in one."""
        for item in self.loaded:
            if (item.kind, item.scenario.name) == (kind, name):
                return item.scenario
        return BUILT_IN[kind].get(name)

    def require_known(self, tags: list[str]) -> None:
        """Raise `BadRequestError` when a tag names a scenario that there is not."""
        name = named_by(tags)
        if name is None:
            return
        known = {*NAMES, *(item.scenario.name for item in self.loaded)}
        if name not in known:
            raise BadRequestError(f"the tag {TAG}{name} names no scenario; there are {', '.join(sorted(known))}")

    def match(self, subject: Subject, tagged: str | None) -> Scenario | None:
        """Return the scenario for `subject`: the one that a tag names, else the first loaded one whose conditions fit;
        None when there is none. Call it inside `World.write`: what fits is counted.
        """
        chosen = self.get(subject.kind, tagged) if tagged else None
        for item in self.loaded:
            if item.kind == subject.kind and item.when is not None and item.when.fits(subject):
                counted = item.when.counts(scenarios.count(self._db, item.place))
                chosen = chosen or (item.scenario if counted else None)
        return chosen

    def resolve(self, kind: str, scenario: Scenario, key: str) -> Scenario:
        """Return `scenario`, or what is drawn for `key` when it is a mix."""
        if not scenario.mix:
            return scenario
        return resolve_mix(scenario, lambda name: self.get(kind, name) or scenario, self._ids.draws("mix", kind, key))
