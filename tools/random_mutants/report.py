"""What came out: rates, survivors, and where they live."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tools.random_mutants.mutations import PARTS
from tools.random_mutants.trial import Fate, Trial

GOALS = {"full": 0.95, "short": 0.90}
"""What part of the visible mutations each form has to see."""

WIDTH = 300


def rate(trials: Sequence[Trial], form: str, *, with_dead: bool = False) -> float:
    """What part of the visible mutations a form saw; those that do not start are seen by everybody."""
    visible = [trial for trial in trials if trial.fate in (Fate.SEEN, Fate.SURVIVED)]
    dead = [trial for trial in trials if trial.fate is Fate.DEAD] if with_dead else []
    seen = sum(trial.is_seen_by(form) for trial in visible) + len(dead)
    return seen / (len(visible) + len(dead)) if visible or dead else 1.0


def missed(trials: Sequence[Trial], form: str) -> list[Trial]:
    """Visible mutations that a form did not see."""
    return [trial for trial in trials if trial.fate in (Fate.SEEN, Fate.SURVIVED) and not trial.is_seen_by(form)]


def line(trial: Trial) -> str:
    """A trial in a line."""
    reds = {f"{found.red.layer}.{found.red.check}" for found in trial.forms.values() if found.red is not None}
    by = f" by {', '.join(sorted(reds))}" if reds else ""
    return f"{trial.fate}{by}  {trial.path}:{trial.line} {trial.operator}  {trial.seconds:.1f} s"


def survivor(trial: Trial) -> str:
    """A mutation that was not seen: the change, and the request and answers that show it."""
    request, answer = trial.request or {}, trial.answer or {}
    forms = ", ".join(form for form, found in trial.forms.items() if found.red is None)
    sent = {name: request[name] for name in ("token", "sent") if name in request}
    return "\n".join(
        [
            f"{trial.path}:{trial.line}  {trial.operator}  (not seen by: {forms})",
            *(f"    {text}" for text in trial.diff),
            f"  request  {request.get('method')} {str(request.get('target'))[:WIDTH]} {_brief(sent)}",
            *_sides(request, answer),
        ]
    )


def _sides(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for name in ("status", "headers", "body"):
        one, other = _apart(before.get(name), after.get(name))
        # As text: 10 and 10.0 are equal, and are not the same answer.
        if one != other:
            yield f"  {name:8} before  {one}"
            yield f"  {'':8} after   {other}"


def _apart(one: Any, other: Any) -> tuple[str, str]:
    """Two values, from shortly before where they begin to differ."""
    texts = [json.dumps(value, ensure_ascii=False, sort_keys=isinstance(value, dict)) for value in (one, other)]
    pairs = enumerate(zip(*texts, strict=False))
    same = next((at for at, pair in pairs if pair[0] != pair[1]), min(map(len, texts)))
    start = max(0, same - WIDTH // 2)
    cut = ["…" * (start > 0) + text[start : start + WIDTH] + "…" * (len(text) > start + WIDTH) for text in texts]
    return cut[0], cut[1]


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}…"


def show(console: Console, trials: Sequence[Trial], goals: Mapping[str, float]) -> None:
    """Print survivors, the table of packages, and the rate of each form with its goal."""
    forms = tuple(goals)
    for trial in missed(trials, forms[0]):
        console.print(f"\n{escape(survivor(trial))}")
    table = Table(
        "package", "drawn", "no answer changed", "does not start", "visible", *(f"{form} misses" for form in forms)
    )
    for part in (*PARTS, "all"):
        mine = [trial for trial in trials if part in (trial.part, "all")]
        unseen, dead = (sum(trial.fate is fate for trial in mine) for fate in (Fate.UNSEEN, Fate.DEAD))
        visible = sum(trial.fate in (Fate.SEEN, Fate.SURVIVED) for trial in mine)
        counts = [len(mine), unseen, dead, visible, *(len(missed(mine, form)) for form in forms)]
        table.add_row(part, *map(str, counts))
    console.print(table)
    for trial in trials:
        if trial.fate is Fate.UNTRIED:
            console.print(f"{trial.path}:{trial.line} {trial.operator} could not be tried:\n{escape(trial.problem)}")
    for form in forms:
        with_dead = rate(trials, form, with_dead=True)
        console.print(
            f"{form} form: {rate(trials, form):.1%} of the visible mutations seen (goal {goals[form]:.0%}); "
            f"{with_dead:.1%} with those that do not start"
        )


def write(file: Path, trials: Sequence[Trial], forms: Sequence[str], seed: int) -> None:
    """Write everything as JSON."""
    content = {
        "seed": seed,
        "rates": {form: rate(trials, form) for form in forms},
        "rates_with_dead": {form: rate(trials, form, with_dead=True) for form in forms},
        "trials": [trial.as_json() for trial in trials],
    }
    file.write_text(json.dumps(content, indent=1) + "\n")
