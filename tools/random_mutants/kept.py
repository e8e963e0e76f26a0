"""Mutations that are kept in files: what survived a run, and the sample that the gate hunts."""

import json
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tools.random_mutants.mutations import Mutation

SAMPLE = Path(__file__).parent / "sample.json"
"""Mutations that the short form saw when they were drawn; it has to see them ever after."""

MOST = 30
"""How many the sample holds: what three minutes are enough for."""

Key = tuple[str, str, str]
"""What a mutation is known by wherever it stands in its module: path, operator, and the lines that differ."""


def key(path: str, operator: str, diff: Iterable[str]) -> Key:
    """The key of a mutation."""
    return path, operator, "\n".join(_lines(diff))


def find(mutations: Iterable[Mutation], keys: Iterable[Key]) -> list[Mutation]:
    """The mutations with these keys, as far as their lines are still there; one of each."""
    keys = set(keys)
    kinds = {each[:2] for each in keys}
    found: dict[Key, Mutation] = {}
    for one in mutations:
        if (one.path, one.operator) in kinds and (name := key(one.path, one.operator, one.diff())) in keys:
            found.setdefault(name, one)
    return list(found.values())


def survivors(file: Path) -> list[Key]:
    """What some form of the suite did not see, in a file that `--json` wrote."""
    missed = [one for one in _tried(file) if any(form["red"] is None for form in one["forms"].values())]
    return [key(one["path"], one["operator"], one["diff"]) for one in missed]


def sample() -> list[Key]:
    """The keys of the sample."""
    return [key(one["path"], one["operator"], one["diff"]) for one in json.loads(SAMPLE.read_text())]


def keep(file: Path) -> None:
    """Make a sample of what the directed checks saw, in a file that `--json` wrote: each package in turn."""
    by_part: dict[str, list[dict[str, Any]]] = {}
    for one in _tried(file):
        if any(form["is_directed"] and form["red"]["layer"] != "hang" for form in one["forms"].values()):
            row = {"path": one["path"], "operator": one["operator"], "diff": _lines(one["diff"])}
            by_part.setdefault(one["part"], []).append(row)
    rows = [one for turn in zip_longest(*by_part.values()) for one in turn if one is not None]
    SAMPLE.write_text(json.dumps(rows[:MOST], indent=1, ensure_ascii=False) + "\n")


def _tried(file: Path) -> list[dict[str, Any]]:
    trials: list[dict[str, Any]] = json.loads(file.read_text())["trials"]
    return trials


def _lines(diff: Iterable[str]) -> list[str]:
    """The lines of a difference, without where they stand."""
    return [line for line in diff if not line.startswith("@@")]
