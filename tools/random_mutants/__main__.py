"""`make mutants-random`: changes of the product's source that a seed draws, and how many of them the suite sees."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.markup import escape

from tools.random_mutants import conversation, kept, mutations, report
from tools.random_mutants.conversation import Part
from tools.random_mutants.hunting import FORMS, hunt
from tools.random_mutants.mutations import Mutation
from tools.random_mutants.pool import trials
from tools.random_mutants.trial import Trial


def main() -> int:
    """Try a sample. Exit code 1 when a form sees less than its goal, 2 when nothing can be said."""
    # Ended in whatever way, it takes the servers along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    arguments = _arguments()
    forms = tuple(form for form in FORMS if form in (arguments.form or FORMS))
    if arguments.keep:
        kept.keep(arguments.keep)
        return 0
    console, began = Console(width=200, highlight=False, soft_wrap=True), perf_counter()
    parts = _recorded(console)
    found = list(mutations.of_product(conversation.reached(parts)))
    sample = _chosen(found, arguments)
    sent = sum(len(part.lines) for part in parts)
    console.print(f"{len(found)} mutations on lines that {sent} requests reach; {len(sample)} are tried")
    if not _is_green(console, forms):
        return 2
    tried = list[Trial]()
    for trial in trials(sample, parts, forms, arguments.workers):
        tried.append(trial)
        console.print(f"{len(tried)}/{len(sample)}  {escape(report.line(trial))}")
        if arguments.json:
            report.write(arguments.json, tried, forms, arguments.seed)
    goals = {form: 1.0 if arguments.sample else report.GOALS[form] for form in forms}
    report.show(console, tried, goals)
    console.print(f"{perf_counter() - began:.0f} s")
    return 0 if all(report.rate(tried, form) >= goals[form] for form in forms) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.random_mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int, default=300, help="how many mutations are drawn")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--form", choices=tuple(FORMS), action="append", help="forms of the suite; both when left out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was found out")
    others = parser.add_mutually_exclusive_group()
    others.add_argument("--again", type=Path, metavar="FILE", help="try what survived in such a file")
    others.add_argument("--sample", action="store_true", help="try the sample that is kept: each has to be seen")
    others.add_argument("--keep", type=Path, metavar="FILE", help="make what was seen in such a file the sample")
    return parser.parse_args()


def _chosen(found: Sequence[Mutation], arguments: argparse.Namespace) -> list[Mutation]:
    """The mutations that are tried: those of a file, or drawn ones."""
    if arguments.again:
        return kept.find(found, kept.survivors(arguments.again))
    if arguments.sample:
        return kept.find(found, kept.sample())
    return mutations.draw(found, arguments.seed, arguments.number)


def _recorded(console: Console) -> list[Part]:
    """The conversation. Exits when it is not the same twice."""
    parts = conversation.record()
    try:
        conversation.repeat(parts)
    except conversation.DiffersError as problem:
        console.print(f"the unchanged product answers {problem} in two ways")
        raise SystemExit(2) from None
    return parts


def _is_green(console: Console, forms: Sequence[str]) -> bool:
    """Whether the unchanged product is green in every form."""
    with conversation.server() as port:
        found = hunt(f"http://127.0.0.1:{port}", forms)
    for form, hunted in found.items():
        state = f"red: {hunted.red}" if hunted.red is not None else "green"
        console.print(f"the unchanged product, {form} form: {state} ({hunted.seconds:.0f} s)")
    return all(hunted.red is None for hunted in found.values())


if __name__ == "__main__":
    sys.exit(main())
