"""Reading a seed file: from YAML to the model, with every problem named by line and field."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError

from mock_server.errors import StartError
from mock_server.store.seed_model import SeedCapsule, SeedFileModel, SeedPipeline

PACKAGED = ("demo", "empty")
"""The seeds that come with the package."""

Location = tuple[str | int, ...]


class Problem(NamedTuple):
    """What is wrong in a seed file and where; `line` counts from 1."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}"
        return f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"


class SeedError(StartError):
    """A seed file that cannot be used."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"seed {source}: {problems[0]}{more}")


def read(source: str) -> SeedFileModel:
    """The seed called `source`: one of `PACKAGED`, or a file. Raises `SeedError`."""
    text = _text(source)
    node, content = _parse(source, text)
    try:
        seed = SeedFileModel.model_validate(content)
    except ValidationError as failure:
        problems = [_problem(node, e["loc"], e["msg"].removeprefix("Value error, ")) for e in failure.errors()]
        raise SeedError(source, sorted(problems)) from None
    if problems := [_problem(node, place, message) for place, message in _contradictions(seed)]:
        raise SeedError(source, sorted(problems))
    return seed


def _text(source: str) -> str:
    try:
        if source in PACKAGED:
            return resources.files("mock_server.seeds").joinpath(f"{source}.yaml").read_text("utf-8")
        return Path(source).read_text("utf-8")
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "is not UTF-8 text"
        raise SeedError(source, [Problem(1, "", f"cannot be read: {reason}")]) from None


def _parse(source: str, text: str) -> tuple[yaml.Node, Any]:
    try:
        # The C loader where PyYAML has one: it reads the demo world in a fifth of the time.
        loader_class = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        loader = loader_class(text)
        node = loader.get_single_node()
        if node is None:
            raise SeedError(source, [Problem(1, "", "is empty")])
        return node, loader.construct_document(node)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise SeedError(source, [Problem(line, "", f"is not YAML: {problem.problem}")]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        reason = str(problem).splitlines()[0] if str(problem) else "nested too deep"
        raise SeedError(source, [Problem(1, "", f"is not YAML: {reason}")]) from None


def _problem(root: yaml.Node, place: Location, message: str) -> Problem:
    """`message` with the line of the deepest part of `place` that the file really has."""
    node = root
    for step in place:
        if isinstance(node, yaml.MappingNode):
            values = {key.value: value for key, value in node.value}
            if step not in values:
                break
            node = values[step]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            break
    return Problem(node.start_mark.line + 1, ".".join(str(step) for step in place), message)


def _contradictions(seed: SeedFileModel) -> Iterator[tuple[Location, str]]:
    """References to things that the file does not hold, and names that it holds twice."""
    emails = {user.email for user in seed.users}
    assets = {asset.id for asset in seed.data_assets}
    capsules: dict[str, SeedCapsule] = {item.id: item for item in (*seed.capsules, *seed.pipelines)}
    yield from _repeated(seed)
    for place, email in _people(seed):
        if email not in emails:
            yield place, f"no user has the address {email}"
    for place, key in _used_assets(seed):
        if key not in assets:
            yield place, f"no data asset has the id {key}"
    yield from _strange_runs(seed, capsules)
    for number, pipeline in enumerate(seed.pipelines):
        for at, process in enumerate(pipeline.processes):
            if process.capsule_id not in capsules:
                place = ("pipelines", number, "processes", at, "capsule_id")
                yield place, f"no capsule has the id {process.capsule_id}"


def _strange_runs(seed: SeedFileModel, capsules: dict[str, SeedCapsule]) -> Iterator[tuple[Location, str]]:
    for number, computation in enumerate(seed.computations):
        ran = capsules.get(computation.capsule)
        if ran is None:
            yield (
                ("computations", number, "capsule"),
                f"no capsule or pipeline has the id {computation.capsule}",
            )
        known = {process.name for process in ran.processes} if isinstance(ran, SeedPipeline) else set()
        for at, process in enumerate(computation.processes):
            if process.name not in known:
                place = ("computations", number, "processes", at, "name")
                yield place, f"what was run has no process {process.name}"


def _repeated(seed: SeedFileModel) -> Iterator[tuple[Location, str]]:
    seen: dict[tuple[str, str], str] = {}
    unique = {
        "users": ("id", "email"),
        "tokens": ("token",),
        "groups": ("name",),
        "buckets": ("name",),
        "capsules": ("id", "slug"),
        "pipelines": ("id", "slug"),
        "data_assets": ("id",),
        "computations": ("id",),
    }
    shared = {"pipelines": "capsules"}
    for section, keys in unique.items():
        for number, item in enumerate(getattr(seed, section)):
            for key in keys:
                value = getattr(item, key)
                mark = (f"{shared.get(section, section)}.{key}", value)
                if mark in seen:
                    yield (section, number, key), f"{value} is already used by {seen[mark]}"
                else:
                    seen[mark] = f"{section}.{number}"


def _people(seed: SeedFileModel) -> Iterator[tuple[Location, str]]:
    for section in ("capsules", "pipelines", "data_assets", "computations"):
        for number, item in enumerate(getattr(seed, section)):
            yield (section, number, "owner"), item.owner
            for at, grant in enumerate(getattr(item, "permissions", ())):
                if grant.user is not None:
                    yield (section, number, "permissions", at, "user"), grant.user
            for at, email in enumerate(getattr(item, "favorite_of", ())):
                yield (section, number, "favorite_of", at), email
    for number, token in enumerate(seed.tokens):
        yield ("tokens", number, "user"), token.user
    for number, group in enumerate(seed.groups):
        for at, email in enumerate(group.members):
            yield ("groups", number, "members", at), email


def _used_assets(seed: SeedFileModel) -> Iterator[tuple[Location, str]]:
    for section in ("capsules", "pipelines", "computations"):
        for number, item in enumerate(getattr(seed, section)):
            for at, asset in enumerate(item.data_assets):
                yield (section, number, "data_assets", at, "id"), asset.id
