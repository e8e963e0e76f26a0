"""The results on record, `benchmarks/results/<version>.json`: what fell since the last ones, what is missed."""

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from packaging.version import Version
from rich.console import Console
from rich.table import Table

from benchmarks.figures import RATIO, Figure
from benchmarks.pace import is_close, pace
from mock_server.version import __version__

RESULTS = Path(__file__).parent / "results"

TOLERANCE = {RATIO: 0.05}
OTHER_TOLERANCE = 0.1
"""By which share of it a figure may be worse than the one on record before it counts as fallen."""


def machine() -> dict[str, Any]:
    """The kind of machine that this is; nothing that tells one of its kind from another."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(pages / 2**30),
        "processor": platform.machine(),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "system": platform.system(),
    }


class Record:
    """The figures of one run of one benchmark; `run` names it in the file of this version."""

    def __init__(self, console: Console, run: str, folder: Path = RESULTS) -> None:
        self.console = console
        self._run = run
        self._folder = folder
        self._figures: list[Figure] = []
        self._pace_before = pace()

    def add(self, *figures: Figure) -> None:
        """Keep figures."""
        self._figures += figures

    def finish(self) -> int:
        """Print what fell and what is missed, write the file, and return the exit code: 1 when a target is missed."""
        now = (self._pace_before + pace()) / 2
        self._print_targets()
        self._print_fallen(now)
        path = self._write(now)
        missed = [figure for figure in self._figures if not figure.is_met]
        self.console.print(f"Written to {path.name}.")
        for figure in missed:
            self.console.print(f"MISSED: {figure.name}: {figure}, target {figure.goal}", style="bold red")
        if not missed:
            self.console.print("All targets are met.", style="bold green")
        return 1 if missed else 0

    def _print_targets(self) -> None:
        table = Table("figure", "unit", "measured (min-max)", "target")
        for figure in self._figures:
            if figure.target is not None:
                table.add_row(figure.name, figure.unit, str(figure), figure.verdict)
        self.console.print(table)

    def _print_fallen(self, now: float) -> None:
        found = last(self._folder, self._run)
        if found is None:
            self.console.print("No results of this benchmark are on record to compare with.")
            return
        version, kind, before_pace, before = found
        is_same = kind == machine() and is_close(before_pace, now)
        compared = [
            figure
            for figure in self._figures
            if figure.is_ours and figure.name in before and (is_same or figure.unit == RATIO)
        ]
        how = (
            "on the same kind of machine, as fast, all figures"
            if is_same
            else "on another machine, or pace, ratios only"
        )
        self.console.print(f"Compared with the results of {version}: {how} ({len(compared)}).")
        for figure in compared:
            if figure.has_fallen(before[figure.name], TOLERANCE.get(figure.unit, OTHER_TOLERANCE)):
                self.console.print(
                    f"FELL: {figure.name}: {figure} {figure.unit}, was {before[figure.name]}", style="red"
                )

    def _write(self, now: float) -> Path:
        """Put this run into the file of this version, beside the others that it holds."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{__version__}.json"
        content: dict[str, Any] = (
            json.loads(path.read_text()) if path.exists() else {"version": __version__, "runs": {}}
        )
        figures = {figure.name: _written(figure) for figure in self._figures}
        content["runs"][self._run] = {"machine": machine(), "pace_ms": round(now, 2), "figures": figures}
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        return path


def _written(figure: Figure) -> dict[str, Any]:
    fields = figure._asdict()
    del fields["name"]
    return {name: round(value, 5) if isinstance(value, float) else value for name, value in fields.items()}


def last(folder: Path, run: str) -> tuple[str, dict[str, Any], float | None, dict[str, Figure]] | None:
    """The newest results of `run` on record: of which version, on which kind of machine, at which pace, and the figures
    by name.
    """
    files = sorted(folder.glob("*.json"), key=lambda path: Version(path.stem), reverse=True)
    for path in files:
        found = json.loads(path.read_text())["runs"].get(run)
        if found is not None:
            figures = {name: Figure(name=name, **fields) for name, fields in found["figures"].items()}
            return path.stem, found["machine"], found.get("pace_ms"), figures
    return None
