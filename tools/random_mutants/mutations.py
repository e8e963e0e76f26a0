"""All mutations of the product, and a sample of them."""

import difflib
import random
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path

from tools.random_mutants import library, operators
from tools.random_mutants.edits import Module

ROOT = Path(__file__).parents[2]
PRODUCT = "mock_server"
PARTS = ("api", "services", "domain", "store", "wire")
"""Packages of the product that are changed."""

BUILD_TIME = "mock_server/store/declared/"
"""Makes `store/sql.py`, in which the statements are changed; a server does not import it."""

CONTROL_ALONE = (
    "mock_server/api/docs_page.py", "mock_server/api/fault_responses.py", "mock_server/api/openapi.py",
    "mock_server/api/routes/examples.py", "mock_server/domain/faults.py", "mock_server/domain/journal.py",
    "mock_server/services/clock.py", "mock_server/services/faults.py", "mock_server/services/journal/",
    "mock_server/services/populate.py", "mock_server/services/scenarios.py", "mock_server/services/world_info.py",
    "mock_server/store/faults.py", "mock_server/store/inspection.py", "mock_server/store/snapshot/snapshots.py",
    "mock_server/wire/control.py", "mock_server/wire/journal.py",
)  # fmt: skip
"""Serve the control plane and the documentation, which are not the contract: what steers the conversation stays."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change of one place in a module. `path` is relative to the checkout."""

    path: str
    line: int
    operator: str
    change: Callable[[str], str]

    @property
    def part(self) -> str:
        """The package that it lies in."""
        return self.path.split("/")[1]

    @property
    def module(self) -> str:
        """The name of the module."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def statement(self) -> Collection[int]:
        """The lines of the statement that is changed."""
        return Module((ROOT / self.path).read_text()).statements().get(self.line, (self.line,))

    def source(self) -> str:
        """The text of the module with the change."""
        return self.change((ROOT / self.path).read_text())

    def diff(self) -> list[str]:
        """The lines that are taken away and those that take their place."""
        old, new = (ROOT / self.path).read_text().splitlines(), self.source().splitlines()
        return [line for line in difflib.unified_diff(old, new, lineterm="", n=0) if line[:3] not in ("---", "+++")][1:]


def of_source(path: str, source: str) -> list[Mutation]:
    """All mutations of a module, in the order in which they stand in it."""
    module = Module(source)
    found = [(edit.start, Mutation(path, module.line(edit.start), edit.operator, edit.apply))
             for edit in operators.edits(module)]  # fmt: skip
    for kind, operator, occurrence, (line, column) in library.positions(source):
        at = module.at(line, column)
        if not module.is_silent(at, at + 1):
            change = partial(library.mutated, operator=operator, occurrence=occurrence)
            found.append((at, Mutation(path, line, kind, change)))
    return [mutation for _, mutation in sorted(found, key=lambda pair: pair[0])]


def of_product(reached: dict[str, set[int]]) -> Iterator[Mutation]:
    """All mutations of statements that are `reached`: no other could change an answer."""
    for part in PARTS:
        for file in sorted((ROOT / PRODUCT / part).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if path in reached and not path.startswith((BUILD_TIME, *CONTROL_ALONE)):
                source = file.read_text()
                lines = Module(source).statements()
                yield from (
                    one
                    for one in of_source(path, source)
                    if not reached[path].isdisjoint(lines.get(one.line, (one.line,)))
                )


def draw(mutations: Iterable[Mutation], seed: int, number: int) -> list[Mutation]:
    """A sample in which every package has its share, and within it every operator. The same for the same seed."""
    chance = random.Random(seed)
    by_part: dict[str, dict[str, list[Mutation]]] = {part: {} for part in PARTS}
    for mutation in mutations:
        by_part[mutation.part].setdefault(mutation.operator, []).append(mutation)
    queues = [_alternating(list(kinds.values()), chance) for kinds in by_part.values()]
    drawn = (one for row in zip_longest(*queues) for one in row if one is not None)
    sample = []
    for mutation in drawn:
        if _compiles(mutation):
            sample.append(mutation)
        if len(sample) == number:
            break
    return sample


def _alternating(kinds: list[list[Mutation]], chance: random.Random) -> list[Mutation]:
    for several in kinds:
        chance.shuffle(several)
    chance.shuffle(kinds)
    return [one for one in chain.from_iterable(zip_longest(*kinds)) if one is not None]


def _compiles(mutation: Mutation) -> bool:
    try:
        compile(mutation.source(), mutation.path, "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True
