"""The world that a spool tells of, section by section, as a seed file has it.

Nothing is kept of what has passed but people, groups and buckets: a section is made as it is gone through.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mock_server.documents.seed_model import SeedMetadata
from mock_server.domain import metadata
from mock_server.domain.scenarios import NAMES, TAG
from mock_server.errors import BadRequestError
from mock_server.importing import capsules
from mock_server.importing.computations import computation
from mock_server.importing.data_assets import data_asset
from mock_server.importing.fields import Fitted, fitted, picked, without_empty
from mock_server.importing.known import Known
from mock_server.importing.options import Durations
from mock_server.importing.people import Context, People
from mock_server.importing.privacy import Scrubber, Scrubbing
from mock_server.importing.run_history import History, of_runs
from mock_server.importing.spool import Line, Spool

NEVER = 0
"""When something was created that was not read."""


class Entry(NamedTuple):
    """An element of a section, and the lines of its comment."""

    fields: dict[str, Any]
    comment: list[str]


class World:
    """What was read, with stand-ins where privacy asks for them."""

    def __init__(self, spool: Spool, scrubbing: Scrubbing, durations: Durations) -> None:
        self.skipped: dict[str, list[str]] = {}
        """By object what could not be taken over, and why."""
        self.counts: Counter[str] = Counter()
        """The entries of each section."""
        self._spool = spool
        self._durations = durations
        self._known = Known()
        self._deployment: dict[str, Any] = {}
        self._favorites = {line.id for line in spool.lines("favorite")}
        self._tags: set[str] = set()
        for line in spool.lines("deployment", "capsule", "asset"):
            self._known.learn(line)
        self._scrubber = Scrubber(scrubbing, self._known)
        self._people = People(self._known, self._scrubber)
        for line in spool.lines("deployment", "capsule", "asset"):
            self._people.learn(line)
            if line.kind == "deployment":
                self._deployment = line.content
        self._context = Context(self._scrubber, self._people, spool)
        self._slugs: set[str] = set()
        self._attached: dict[str, dict[str, Any]] = {}
        """Data assets that were not read, and of which an app panel tells."""

    @property
    def platform_version(self) -> str | None:
        """The version of the platform, None when it was not told."""
        return self._deployment.get("version")

    @property
    def unseen(self) -> list[str]:
        """What is referred to and could not be seen."""
        return [f"{line.content.removesuffix('s').replace('_', ' ')} {line.id}" for line in self._spool.lines("unseen")]

    def sections(self) -> Iterator[tuple[str, Iterator[Entry]]]:
        """The sections of the seed file in order; each is gone through before the next."""
        plain: tuple[tuple[str, Callable[[], Iterator[dict[str, Any]]]], ...] = (
            ("users", self._people.users),
            ("groups", self._people.groups),
            ("tokens", self._people.tokens),
        )
        for name, entries in plain:
            yield name, self._counted(name, (Entry(fields, []) for fields in entries()))
        yield "capsules", self._counted("capsules", self._capsules())
        yield "pipelines", self._counted("pipelines", self._pipelines())
        yield "data_assets", self._counted("data_assets", self._data_assets())
        yield "computations", self._counted("computations", self._computations())
        yield "scenarios", self._counted("scenarios", self._scenarios())

    def custom_metadata(self) -> dict[str, Any]:
        """The fields of custom metadata; known to be kept by all data assets or not once these were gone through."""
        given = self._deployment.get("custom_metadata") or {}
        fields = [self._metadata_field(field) for field in given.get("fields") or () if isinstance(field, dict)]
        categories = [self._scrubber.text(name) for name in given.get("categories") or ()]
        found = fitted(SeedMetadata, without_empty({"fields": fields, "categories": categories}))
        return self._taken("custom metadata", found) or {}

    def unruly(self, fields: dict[str, Any]) -> Callable[[dict[str, Any]], bool]:
        """A function that tells whether the values of a data asset break the rules of custom metadata."""
        rules = metadata.Rules(fields.get("fields", []))

        def breaks(values: dict[str, Any]) -> bool:
            try:
                rules.check(values)
            except BadRequestError:
                return True
            return False

        return breaks

    def _metadata_field(self, field: dict[str, Any]) -> dict[str, Any]:
        names = ("name", "type", "range", "allowed_values", "multiple", "units", "category", "required")
        found = picked(field, names)
        changed = {key: self._scrubber.text(value) for key, value in found.items() if isinstance(value, str)}
        if "allowed_values" in found:
            changed["allowed_values"] = self._scrubber.value((str(found.get("name", "")),), found["allowed_values"])
        return found | changed

    def _capsules(self) -> Iterator[Entry]:
        named: dict[str, Any] = {}
        for line, trees in self._with_trees():
            if line.kind == "capsule" and line.content["kind"] == "capsules":
                yield from self._capsule(line, trees)
            elif line.kind == "capsule":
                named |= {process["capsule_id"]: process for process in capsules.processes_of(line.content).values()}
        for id_ in named:
            if ("capsule", id_) not in self._spool:
                yield Entry(self._stand_in_capsule(id_), ["Run by a pipeline, and not imported."])

    def _pipelines(self) -> Iterator[Entry]:
        for line, trees in self._with_trees():
            if line.kind == "capsule" and line.content["kind"] == "pipelines":
                yield from self._capsule(line, trees)

    def _capsule(self, line: Line, trees: Callable[[str], Any]) -> Iterator[Entry]:
        history = self._history(line)
        results: list[Any] = []
        for run in line.content["runs"]:
            tree = trees(run["id"])
            if not results and run.get("end_status") == "succeeded" and tree and tree[1]:
                results = tree[0]
        what = line.content["kind"].removesuffix("s")
        fields = self._taken(f"{what} {line.id}", capsules.capsule(line.content, results, history.name, self._context))
        if fields is not None:
            self._slugs.add(fields["slug"])
            for one in capsules.attached_to(line.content):
                if ("asset", one["id"]) not in self._spool:
                    self._attached[one["id"]] = one
            self._tags.update(tag for tag in fields.get("tags", ()) if tag.startswith(TAG))
            yield Entry(fields, [])

    def _stand_in_capsule(self, id_: str) -> dict[str, Any]:
        """A capsule that a pipeline runs and that was not read: nobody but an administrator sees it."""
        slug = capsules.slug_of({"id": id_})
        while slug in self._slugs:
            slug = capsules.slug_of({"id": id_, "slug": f"{int(slug) + 1:07}"})
        self._slugs.add(slug)
        owner = self._people.owner_of_hidden()
        return {"id": id_, "slug": slug, "name": f"Capsule {id_}", "owner": owner, "created": NEVER}

    def _data_assets(self) -> Iterator[Entry]:
        for line, trees in self._with_trees():
            if line.kind == "asset":
                found = data_asset(line.content, trees(line.id), self._context, is_favorite=line.id in self._favorites)
                fields = self._taken(f"data asset {line.id}", found)
                if fields is not None:
                    self._tags.update(tag for tag in fields.get("tags", ()) if tag.startswith(TAG))
                    yield Entry(fields, [])
        for one in self._attached.values():
            yield Entry(self._stand_in_asset(one), ["Attached to a capsule, and not imported."])

    def _stand_in_asset(self, shown: dict[str, Any]) -> dict[str, Any]:
        """A data asset that was not read, as the app panel shows it."""
        is_hidden = shown.get("accessible") is False
        own_part = {"id": shown["id"], "mount": shown["id"], "size": 0}
        kinds: dict[Any, dict[str, Any]] = {
            "external": {"source_bucket": {"origin": "aws", "external": True}},
            "combined": {"type": "combined", "contained_data_assets": [own_part]},
        }
        return {
            "id": shown["id"],
            "name": self._scrubber.text(shown.get("name") or shown["id"]),
            "mount": self._scrubber.path(shown["mount"]),
            "owner": self._people.owner_of_hidden() if is_hidden else self._scrubber.email(self._people.me),
            "created": NEVER,
            **kinds.get(shown.get("kind"), {}),
        }

    def _computations(self) -> Iterator[Entry]:
        for line, trees in self._with_trees():
            if line.kind != "capsule":
                continue
            processes = set(capsules.processes_of(line.content)) if line.content["kind"] == "pipelines" else set()
            for run in line.content["runs"]:
                found = computation(line.id, run, trees(run["id"]), self._context, processes)
                fields = self._taken(f"computation {run['id']}", found)
                if fields is not None:
                    yield Entry(fields, [])

    def _scenarios(self) -> Iterator[Entry]:
        self._tags -= {f"{TAG}{name}" for name in NAMES}
        for line in self._spool.lines("capsule"):
            history = self._history(line)
            for scenario in history.scenarios:
                self._tags.discard(f"{TAG}{scenario['name']}")
                yield Entry(scenario, history.comment if scenario["name"] == history.name else [])

    @property
    def forgotten_scenarios(self) -> list[str]:
        """Scenarios that tags name and nobody tells; known once all sections were gone through."""
        return sorted(tag.removeprefix(TAG) for tag in self._tags)

    def _history(self, line: Line) -> History:
        name = f"runs-of-{line.content['record'].get('slug') or line.id}"
        return of_runs(name, line.content["past"], self._durations)

    def _with_trees(self) -> Iterator[tuple[Line, Callable[[str], Any]]]:
        """All objects, each with a function that gives the files of what is asked for in the order of the spool."""
        trees = self._spool.lines("tree")
        ahead: list[Line | None] = [next(trees, None)]

        def tree_of(id_: str) -> Any:
            line = ahead[0]
            if line is None or line.id != id_:
                return None
            ahead[0] = next(trees, None)
            return line.content

        for line in self._spool.lines("capsule", "asset"):
            yield line, tree_of
            for id_ in (line.id, *(run["id"] for run in line.content.get("runs", ()))):
                tree_of(id_)

    def _taken(self, what: str, found: Fitted) -> dict[str, Any] | None:
        if found.left_out:
            self.skipped[what] = found.left_out
        return found.fields

    def _counted(self, name: str, entries: Iterator[Entry]) -> Iterator[Entry]:
        for entry in entries:
            self.counts[name] += 1
            yield entry
