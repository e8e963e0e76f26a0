"""`make mutants-random`: changes of the product's source that a seed draws, and how many of them the suite sees."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from rich.console import Console
from rich.markup import escape

from tools.random_mutants import conversation, mutations, report
from tools.random_mutants.hunting import FORMS, hunt
from tools.random_mutants.mutations import Mutation
from tools.random_mutants.pool import trials
from tools.random_mutants.serve import REACHED
from tools.random_mutants.trial import Trial
from tools.replay.recorder import Line

SAMPLE, FEW = 7, 24
"""The seed and the number of the mutants that the gate hunts: what three minutes are enough for."""


def main() -> int:
    """Try a sample. Exit code 1 when a form sees less than its goal, 2 when nothing can be said."""
    parser = argparse.ArgumentParser(prog="python -m tools.random_mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int, default=300, help="how many mutations are drawn")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--form", choices=tuple(FORMS), action="append", help="forms of the suite; both when left out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was found out")
    parser.add_argument("--again", type=Path, metavar="FILE", help="try what survived in such a file again")
    parser.add_argument("--sample", action="store_true", help=f"as --seed {SAMPLE} --number {FEW} --form short")
    arguments = parser.parse_args()
    if arguments.sample:
        arguments.seed, arguments.number, arguments.form = SAMPLE, FEW, ["short"]
    forms = tuple(arguments.form or FORMS)
    console, began = Console(width=200, highlight=False, soft_wrap=True), perf_counter()
    expected, reached = _recorded(console)
    found = list(mutations.of_product(reached))
    drawn = _survivors(found, arguments.again) if arguments.again else None
    sample = mutations.draw(found, arguments.seed, arguments.number) if drawn is None else drawn
    console.print(f"{len(found)} mutations on lines that {len(expected)} requests reach; {len(sample)} are tried")
    if not _is_green(console, forms):
        return 2
    tried = list[Trial]()
    for trial in trials(sample, expected, forms, arguments.workers):
        tried.append(trial)
        console.print(f"{len(tried)}/{len(sample)}  {escape(report.line(trial))}")
        if arguments.json:
            report.write(arguments.json, tried, forms, arguments.seed)
    report.show(console, tried, forms)
    console.print(f"{perf_counter() - began:.0f} s")
    return 0 if all(report.rate(tried, form) >= report.GOALS[form] for form in forms) else 1


def _recorded(console: Console) -> tuple[list[Line], dict[str, set[int]]]:
    """The conversation, and the lines of the product that it reaches. Exits when it is not the same twice."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "reached.json"
        expected = conversation.record({REACHED: str(file)})
        reached = {path: set(lines) for path, lines in json.loads(file.read_text()).items()}
    again = conversation.record()
    if conversation.all_seen(expected) != conversation.all_seen(again):
        console.print("the unchanged product answers the conversation in two ways")
        raise SystemExit(2)
    return expected, reached


def _is_green(console: Console, forms: Sequence[str]) -> bool:
    """Whether the unchanged product is green in every form."""
    for form in forms:
        with conversation.server() as port:
            found = hunt(f"http://127.0.0.1:{port}", form)
        state = f"red: {found.red}" if found.red is not None else "green"
        console.print(f"the unchanged product, {form} form: {state} ({found.seconds:.0f} s)")
        if found.red is not None:
            return False
    return True


def _survivors(found: Sequence[Mutation], file: Path) -> list[Mutation]:
    """The mutations that survived in a file that `--json` wrote, wherever they stand now."""
    wanted = {_key(trial["path"], trial["operator"], trial["diff"]) for trial in json.loads(file.read_text())["trials"]
              if any(form["red"] is None for form in trial["forms"].values())}  # fmt: skip
    kinds = {key[:2] for key in wanted}
    return [one for one in found if (one.path, one.operator) in kinds
            and _key(one.path, one.operator, one.diff()) in wanted]  # fmt: skip


def _key(path: str, operator: str, diff: Sequence[str]) -> tuple[str, str, str]:
    return path, operator, "\n".join(line for line in diff if not line.startswith("@@"))


if __name__ == "__main__":
    sys.exit(main())
