"""A run of the suite in a process of its own, and many of them side by side."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from tests.process import COMMAND, environment
from tools.soak.conditions import Conditions, conditions_of

PATIENCE = "60"
"""Seconds in which the server has to respond to the first request: it shares the machine with all others."""

MOST_SECONDS = 3600
"""A run that takes longer hangs."""

Start = Callable[[Conditions], AbstractContextManager[str]]
"""Starts a server for a run, and yields its URL."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that a run calls broken, or why it came to no verdict."""

    check: str
    message: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a run."""

    seed: int
    conditions: Conditions
    seconds: float
    requests: int
    failures: tuple[Failure, ...]
    folder: Path
    """Where the reports of a failed run are."""


@dataclass(frozen=True, slots=True)
class Soak:
    """What is run: `options` of the suite, as on its command line; reports go into a folder for each seed."""

    start: Start
    options: Sequence[str]
    reports: Path

    def run_all(self, seeds: Sequence[int], at_once: int) -> Iterator[Result]:
        """Run every seed, several at once. Yields results as they come."""
        with ThreadPoolExecutor(at_once) as pool:
            running = [pool.submit(self.run, seed) for seed in seeds]
            try:
                for done in as_completed(running):
                    yield done.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def run(self, seed: int) -> Result:
        """Run one seed. The folder of a run in which nothing failed is removed."""
        conditions, folder, began = conditions_of(seed), self.reports / str(seed), monotonic()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with self.start(conditions) as url:
            code, output = self._suite(url, seed, conditions, folder)
        report = _report(folder)
        failures = tuple(_failures(code, report, output))
        if not failures:
            shutil.rmtree(folder)
        requests = sum(report.get("requests", {}).values())
        return Result(seed, conditions, monotonic() - began, requests, failures, folder)

    def _suite(self, url: str, seed: int, conditions: Conditions, folder: Path) -> tuple[int | None, str]:
        """The exit code of the suite, and what it printed; no code when it hung."""
        command = [COMMAND, "contract", "--quiet", "--url", url, "--seed", str(seed), "--timeout", PATIENCE]
        command += ["--report", str(folder), "--ledger", str(folder / "ledger.jsonl")]
        command += [*conditions.contract, *self.options]
        with (folder / "output.txt").open("w+") as output:
            try:
                code = subprocess.run(
                    command, stdout=output, stderr=output, env=environment(), timeout=MOST_SECONDS, check=False
                ).returncode
            except subprocess.TimeoutExpired:
                code = None
            output.seek(0)
            return code, output.read()


def _report(folder: Path) -> dict[str, Any]:
    """The report that a run has written; empty when it has not come so far."""
    try:
        report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    except FileNotFoundError:
        return {}
    return report


def _failures(code: int | None, report: dict[str, Any], output: str) -> Iterator[Failure]:
    """Everything but success is a failure: a finding, a check that could not run, and an end without a report."""
    if code == 0:
        return
    found = False
    for check in report.get("checks", []):
        if check["status"] not in ("failed", "error"):
            continue
        found = True
        name = f"{check['layer']}.{check['name']}"
        yield from (Failure(name, finding["message"]) for finding in check["findings"])
        if not check["findings"]:
            yield Failure(name, check["detail"])
    if not found:
        end = f"exit code {code}" if code is not None else f"no end within {MOST_SECONDS} seconds"
        yield Failure("suite", f"{end}: {output.strip()[-500:]}")
