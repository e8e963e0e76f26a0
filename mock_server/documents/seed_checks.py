"""What a seed file may get wrong although every part of it is well formed."""

from collections.abc import Collection, Hashable, Iterable, Iterator
from typing import TypeVar

from mock_server.documents.problems import Finding
from mock_server.documents.result_files import uses
from mock_server.documents.seed_model import SeedCapsule, SeedFileModel, SeedPipeline
from mock_server.documents.seed_parts import SeedPanelParameter
from mock_server.domain import metadata
from mock_server.domain.panel import fill
from mock_server.domain.scenarios import NAMES, named_by
from mock_server.errors import BadRequestError
from mock_server.input_errors.paths import FieldPath
from mock_server.yaml_lines import Position

T = TypeVar("T", bound=Hashable)


def contradictions(
    seed: SeedFileModel, panels_from_folders: Collection[int] = ()
) -> Iterator[tuple[FieldPath, str] | Finding]:
    """References to things that the file does not hold, and names that it holds twice. Some capsules, by their places,
    have an app panel that was checked where it was read.
    """
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
    yield from _unknown_groups(seed)
    yield from _shared_mounts(seed)
    yield from _reserved_ids(seed)
    yield from _unknown_scenarios(seed)
    yield from _odd_releases(seed)
    yield from _odd_panels(seed, panels_from_folders)
    yield from _unknown_parameters(seed)
    yield from _odd_metadata(seed)
    yield from _strange_runs(seed, capsules)
    yield from _strange_captures(seed)
    for number, pipeline in enumerate(seed.pipelines):
        for at, process in enumerate(pipeline.processes):
            if process.capsule_id not in capsules:
                place = ("pipelines", number, "processes", at, "capsule_id")
                yield place, f"no capsule has the id {process.capsule_id}"


def _unknown_scenarios(seed: SeedFileModel) -> Iterator[tuple[FieldPath, str]]:
    known = {*NAMES, *(spec.name for spec in seed.scenarios if spec.kind == "computation")}
    forgotten = set(seed.forgotten_scenarios)
    for section, more in (("capsules", forgotten), ("pipelines", forgotten), ("computations", set())):
        for number, item in enumerate(getattr(seed, section)):
            if item.scenario not in known | more:
                yield (section, number, "scenario"), f"there is no scenario called {item.scenario}"
    every = known | forgotten | {spec.name for spec in seed.scenarios}
    for section in ("capsules", "pipelines", "data_assets"):
        for number, item in enumerate(getattr(seed, section)):
            name = named_by(item.tags)
            if name is not None and name not in every:
                yield (section, number, "tags"), f"there is no scenario called {name}"


def _unknown_parameters(seed: SeedFileModel) -> Iterator[Finding]:
    """Parameters that templates of a capsule use, and its app panel does not have."""
    for section in ("capsules", "pipelines"):
        for number, item in enumerate(getattr(seed, section)):
            known = {name for parameter in item.parameters for name in (parameter.name, parameter.param_name)}
            for place, use in uses(item.results, item.log_template) if known else ():
                if use.name not in known:
                    message = f'the app panel has no parameter "{use.name}"'
                    yield Finding((section, number, *place), message, Position(use.line, use.column))


def _odd_releases(seed: SeedFileModel) -> Iterator[tuple[FieldPath, str]]:
    taken: set[str] = set()
    for section in ("capsules", "pipelines"):
        released = {item.id for item in getattr(seed, section) if item.status == "release"}
        for number, item in enumerate(getattr(seed, section)):
            target = item.release_capsule
            if target is not None and (target not in released or target == item.id or target in taken):
                yield (section, number, "release_capsule"), f"{target} is no release of its own among the {section}"
            if target is not None:
                taken.add(target)
            elif item.release_jobs:
                yield (section, number, "release_jobs"), "needs a release_capsule"
            for at, key in _repeats(job.id for job in item.release_jobs):
                yield (section, number, "release_jobs", at, "id"), f"{key} stands twice"
            if any(_repeats((version.major_version, version.minor_version) for version in item.versions)):
                yield (section, number, "versions"), "the same version stands twice"


def _odd_panels(seed: SeedFileModel, checked: Collection[int]) -> Iterator[tuple[FieldPath, str]]:
    for section in ("capsules", "pipelines"):
        for number, item in enumerate(getattr(seed, section)):
            if section == "capsules" and number in checked:
                continue
            yield from odd_panel((section, number, "parameters"), item.parameters)
            processes = getattr(item, "processes", ())
            for at, process in enumerate(processes):
                yield from odd_panel((section, number, "processes", at, "parameters"), process.parameters)
            for at, name in _repeats(process.name for process in processes):
                yield (section, number, "processes", at, "name"), f"{name} stands twice"


def odd_panel(place: FieldPath, parameters: list[SeedPanelParameter]) -> Iterator[tuple[FieldPath, str]]:
    """What parameters that stand at `place` contradict: each other, and themselves."""
    for at, name in _repeats(parameter.param_name for parameter in parameters):
        if name is not None:
            yield (*place, at, "param_name"), f"{name} stands twice"
    for at, parameter in enumerate(parameters):
        low, high = parameter.minimum, parameter.maximum
        if low is not None and high is not None and low > high:
            yield (*place, at, "minimum"), "is above the maximum"
        elif parameter.default_value:
            try:
                fill([parameter.model_dump(exclude_none=True)], [parameter.default_value], [])
            except BadRequestError as problem:
                yield (*place, at, "default_value"), problem.message


def _odd_metadata(seed: SeedFileModel) -> Iterator[tuple[FieldPath, str]]:
    fields = seed.custom_metadata.model_dump(exclude_none=True)["fields"]
    for at, name in _repeats(field["name"] for field in fields):
        yield ("custom_metadata", "fields", at, "name"), f"{name} stands twice"
    rules = metadata.Rules(fields)
    for number, asset in enumerate(seed.data_assets if seed.custom_metadata.enforced else ()):
        try:
            rules.check(asset.custom_metadata or {})
        except BadRequestError as problem:
            yield ("data_assets", number, "custom_metadata"), problem.message


RESERVED = {"capsules": ("search", "computations"), "pipelines": ("search",), "data_assets": ("search",)}
"""Ids that are words of the API's paths."""


def _reserved_ids(seed: SeedFileModel) -> Iterator[tuple[FieldPath, str]]:
    for section, words in RESERVED.items():
        for number, item in enumerate(getattr(seed, section)):
            if item.id in words:
                yield (section, number, "id"), f"{item.id} is a word of the API's paths"


def _shared_mounts(seed: SeedFileModel) -> Iterator[tuple[FieldPath, str]]:
    for section in ("capsules", "pipelines", "computations"):
        for number, item in enumerate(getattr(seed, section)):
            for at, mount in _repeats(asset.mount for asset in item.data_assets):
                yield (section, number, "data_assets", at, "mount"), f"{mount} is used twice"


def _unknown_groups(seed: SeedFileModel) -> Iterator[tuple[FieldPath, str]]:
    groups = {group.name for group in seed.groups}
    for section in ("capsules", "pipelines", "data_assets"):
        for number, item in enumerate(getattr(seed, section)):
            for at, grant in enumerate(item.permissions):
                if grant.group is not None and grant.group not in groups:
                    yield (section, number, "permissions", at, "group"), f"there is no group {grant.group}"


def _strange_runs(seed: SeedFileModel, capsules: dict[str, SeedCapsule]) -> Iterator[tuple[FieldPath, str]]:
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


def _strange_captures(seed: SeedFileModel) -> Iterator[tuple[FieldPath, str]]:
    """Data assets captured from runs that are not there, or had not ended yet."""
    runs = {computation.id: computation for computation in seed.computations}
    for number, asset in enumerate(seed.data_assets):
        if asset.captured_from is None:
            continue
        run = runs.get(asset.captured_from)
        if run is None or run.cloud_workstation:
            yield ("data_assets", number, "captured_from"), f"no run has the id {asset.captured_from}"
        elif asset.created < run.ends_at:
            yield ("data_assets", number, "created"), f"the run {run.id}, whose results it holds, ended later"


def _repeats(values: Iterable[T]) -> Iterator[tuple[int, T]]:
    """The values that stand before already, each with its place."""
    seen: set[T] = set()
    for at, value in enumerate(values):
        if value in seen:
            yield at, value
        seen.add(value)


def _repeated(seed: SeedFileModel) -> Iterator[tuple[FieldPath, str]]:
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
    # Permissions and favourites are kept by id alone, so no two things may share one.
    together = {"capsules.id": "id", "pipelines.id": "id", "data_assets.id": "id", "pipelines.slug": "capsules.slug"}
    for section, keys in unique.items():
        for number, item in enumerate(getattr(seed, section)):
            for key in keys:
                value = getattr(item, key)
                mark = (together.get(f"{section}.{key}", f"{section}.{key}"), value)
                if mark in seen:
                    yield (section, number, key), f"{value} is already used by {seen[mark]}"
                else:
                    seen[mark] = f"{section}.{number}"


def _people(seed: SeedFileModel) -> Iterator[tuple[FieldPath, str]]:
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


def _used_assets(seed: SeedFileModel) -> Iterator[tuple[FieldPath, str]]:
    for section in ("capsules", "pipelines", "computations"):
        for number, item in enumerate(getattr(seed, section)):
            for at, asset in enumerate(item.data_assets):
                if not getattr(asset, "deleted", False):
                    yield (section, number, "data_assets", at, "id"), asset.id
