"""The trial of one mutation: does it change an answer, and if so, does the suite see it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from tools.random_mutants import conversation
from tools.random_mutants.conversation import Comparing, DiffersError, Part
from tools.random_mutants.hunting import Hunted, Red, hunt
from tools.random_mutants.mutations import Mutation
from tools.random_mutants.serve import MUTATED_MODULE, MUTATED_SOURCE

NO_ANSWER = {"answer": "none"}


class Fate(StrEnum):
    """What became of a mutation."""

    UNSEEN = "changes no answer"
    DEAD = "does not start"
    """Or answers nothing but errors."""
    SEEN = "seen"
    SURVIVED = "survived"
    """The full form of the suite stays green, though a client could see it."""
    UNTRIED = "could not be tried"


@dataclass(slots=True)
class Trial:
    """What was found out about a mutation."""

    part: str
    path: str
    line: int
    operator: str
    diff: list[str]
    fate: Fate = Fate.UNSEEN
    request: dict[str, Any] | None = None
    """The first request with another answer, and the answer it should have."""
    answer: dict[str, Any] | None = None
    """The answer that it has instead."""
    forms: dict[str, Hunted] = field(default_factory=dict)
    """What each form of the suite made of it."""
    seconds: float = 0.0
    problem: str = ""
    """Why it could not be tried."""

    def is_seen_by(self, form: str) -> bool:
        """Whether a form of the suite went red."""
        return self.fate is not Fate.DEAD and form in self.forms and self.forms[form].red is not None

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)


def of(mutation: Mutation) -> Trial:
    """A trial that has not begun."""
    return Trial(mutation.part, mutation.path, mutation.line, mutation.operator, mutation.diff())


def run(mutation: Mutation, parts: Sequence[Part], forms: Sequence[str], show: Callable[[Trial], None]) -> Trial:
    """Try a mutation, and `show` what is known of it before it is hunted."""
    trial, began = of(mutation), monotonic()
    reaching = conversation.reaching(parts, mutation.path, mutation.statement())
    with _overlay(mutation) as variables:
        try:
            with conversation.server(variables) as port:
                is_stuck = _converse(trial, port, reaching)
                show(trial)
                if trial.fate is Fate.SEEN and not is_stuck:
                    _hunt(trial, port, forms)
            if is_stuck:
                with conversation.server(variables) as port:
                    _hunt(trial, port, forms)
        except SystemExit:
            trial.fate = Fate.DEAD
    trial.seconds = monotonic() - began
    return trial


@contextmanager
def _overlay(mutation: Mutation) -> Iterator[Mapping[str, str]]:
    with TemporaryDirectory(prefix="mutant-") as folder:
        source = Path(folder) / "source.py"
        source.write_text(mutation.source())
        yield {MUTATED_MODULE: mutation.module, MUTATED_SOURCE: str(source)}


def _converse(trial: Trial, port: int, parts: Sequence[Part]) -> bool:
    """Look for an answer that differs. Returns whether the server no longer answers at all."""
    for part in parts:
        comparing = Comparing(port, part)
        try:
            comparing.hold()
        except DiffersError as found:
            trial.request, trial.answer = conversation.reported(found.expected), conversation.reported(found.found)
            break
        except OSError:
            trial.request, trial.answer = conversation.reported(part.lines[len(comparing.lines)]), NO_ANSWER
            break
    if trial.answer is None:
        return False
    trial.fate = Fate.SEEN
    if trial.answer is NO_ANSWER:
        return True
    if trial.answer["status"] in (0, *range(500, 600)) and conversation.is_dead(port):
        trial.fate = Fate.DEAD
    return False


def _hunt(trial: Trial, port: int, forms: Sequence[str]) -> None:
    trial.forms = hunt(f"http://127.0.0.1:{port}", forms)
    trial.fate = Fate.SEEN if trial.forms[forms[-1]].red is not None else Fate.SURVIVED


def cut_off(trial: Trial, forms: Sequence[str], seconds: float) -> Trial:
    """A trial that did not come to its end: what hangs there is seen, for the unchanged product does not hang."""
    red = Red("hang", "hang", f"still running after {seconds:.0f} s")
    trial.request = trial.request or {"hang": "in the conversation"}
    trial.forms = dict.fromkeys(forms, Hunted(red, seconds, True))
    trial.fate, trial.seconds = Fate.SEEN, seconds
    return trial
