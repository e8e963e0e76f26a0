"""What has changed in a deployment since a seed file was made of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from mock_server.documents.document_error import DocumentError
from mock_server.documents.seed_file import read
from mock_server.documents.seed_model import SeedFileModel
from mock_server.importing.options import Files, ImportFailedError, Roles
from mock_server.importing.session import Done, Progress, Request, current_world
from mock_server.importing.stand_ins import MAIL, SHAPE
from mock_server.importing.world import NEVER, World

SECTIONS = {
    "capsules": "capsule",
    "pipelines": "pipeline",
    "data_assets": "data asset",
    "computations": "computation",
}

COMPARED: dict[str, tuple[str, ...]] = {
    "capsules": (
        "name", "description", "field", "tags", "cloned_from_url", "article", "release_capsule", "versions", "status",
        "app_panel", "parameters", "data_assets", "processes",
    ),
    "data_assets": (
        "name", "mount", "type", "description", "tags", "plan", "custom_metadata", "source_bucket", "provenance",
        "contained_data_assets",
    ),
    "computations": ("name",),
}  # fmt: skip
"""The fields that are compared: what somebody has decided, and not what goes on by itself, as last uses and runs do."""
COMPARED["pipelines"] = COMPARED["capsules"]

ALL = 10**9
"""More runs than there are: those of the seed need not be among the newest any more."""

NAMES = {"parameters": "app panel: parameters", "app_panel": "app panel", "plan": "state"}
"""What some fields are called."""

_STAND_IN = re.compile(rf"{SHAPE}(?:{re.escape(MAIL)})?|\*\*\*")


class Difference(NamedTuple):
    """One difference, and whether something that the seed file holds has changed."""

    text: str
    is_change: bool


class Comparison:
    """A seed file, and the request that reads again what it holds."""

    def __init__(self, request: Request, seed_path: Path, seed: SeedFileModel) -> None:
        self.request = request
        self._path = seed_path
        self._seed = seed
        self._held = {one.id for section in SECTIONS for one in _read(seed, section)}

    def differences(self, progress: Progress) -> tuple[list[Difference], Done]:
        """What is new, gone and changed. Raises `ImportFailedError`."""
        done = Done()
        with current_world(self.request, self._path, progress, done) as world:
            found = [*self._of_world(world)]
        return found, done

    def _of_world(self, world: World) -> Iterator[Difference]:
        before_all = _chosen(_fields(self._seed.custom_metadata), ("fields", "categories"))
        yield from _of_fields("custom metadata", before_all, world.custom_metadata())
        for section, entries in world.sections():
            if section not in SECTIONS:
                for _ in entries:
                    pass
                continue
            before: dict[str, BaseModel] = {one.id: one for one in _read(self._seed, section)}
            for entry in entries:
                if entry.fields["created"] == NEVER:
                    continue
                known = before.pop(entry.fields["id"], None)
                what = f"{SECTIONS[section]} {entry.fields['id']}"
                if known is not None:
                    names = COMPARED[section]
                    after = self._within_the_seed(_chosen(entry.fields, names))
                    yield from _of_fields(what, _chosen(_fields(known), names), after)
                elif section != "computations":
                    # New runs are what a deployment is there for.
                    yield Difference(f"added: {what} {entry.fields['name']}", is_change=False)
            for id_ in before:
                yield Difference(f"gone: {SECTIONS[section]} {id_}", is_change=True)

    def _within_the_seed(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Fields without what they refer to beside the seed, which an import leaves out."""
        if fields.get("release_capsule") not in self._held:
            fields.pop("release_capsule", None)
        return fields


def since(request: Request, seed_path: Path) -> Comparison:
    """The comparison with a seed file. What it holds is read beside what is selected. Raises `ImportFailedError`."""
    try:
        seed = read(str(seed_path))
    except DocumentError as problem:
        raise ImportFailedError(f"{problem}") from None
    given = request.selection
    selection = replace(
        given,
        capsules=_ids(given.capsules, _read(seed, "capsules")),
        pipelines=_ids(given.pipelines, _read(seed, "pipelines")),
        data_assets=_ids(given.data_assets, _read(seed, "data_assets")),
        computations=ALL,
        files=Files.NONE,
        roles=Roles.NONE,
        is_lenient=True,
    )
    return Comparison(replace(request, selection=selection), seed_path, seed)


def _read(seed: SeedFileModel, section: str) -> list[Any]:
    """What of a section was read, and does not just stand for something."""
    return [one for one in getattr(seed, section) if one.created != NEVER]


def _ids(named: tuple[str, ...], held: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*named, *(one.id for one in held))))


def _fields(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_defaults=True, exclude_none=True)


def _chosen(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: fields[name] for name in names if name in fields}


def _of_fields(what: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Difference]:
    changed = [name for name in before | after if _plain(before.get(name)) != _plain(after.get(name))]
    for name in changed:
        detail = _detail(before.get(name), after.get(name))
        yield Difference(f"changed: {what}: {NAMES.get(name, name.replace('_', ' '))}{detail}", is_change=True)


def _detail(before: Any, after: Any) -> str:
    """Which entries of a list of named ones are new, gone and changed."""
    olds, news = _by_name(before), _by_name(after)
    if olds is None or news is None:
        return ""
    parts = [f"{name} added" for name in news if name not in olds]
    parts += [f"{name} gone" for name in olds if name not in news]
    parts += [f"{name} changed" for name in olds if name in news and _plain(olds[name]) != _plain(news[name])]
    return f" ({', '.join(parts) or 'another order'})"


def _by_name(entries: Any) -> dict[str, Any] | None:
    if not all(isinstance(one, dict) and ("name" in one or "id" in one) for one in entries or ()):
        return None
    return {str(one.get("name", one.get("id"))): one for one in entries or ()} if entries or entries is None else {}


def _plain(value: Any) -> Any:
    """A value with all stand-ins alike: nobody can tell what they stand for."""
    if isinstance(value, str):
        return _STAND_IN.sub("*", value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {_plain(key): _plain(below) for key, below in value.items()}
    return value
