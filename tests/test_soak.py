"""The soak of the contract suite: runs that pass leave nothing, those that fail are told with their reports."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from tools.mutants.host import host
from tools.mutants.mutant import Answer, Ask, Request
from tools.soak.__main__ import play
from tools.soak.conditions import CONDITIONS, Conditions, conditions_of, server
from tools.soak.run import Soak, Start

pytestmark = pytest.mark.slow

PROBES = ("--layer", "probes")
SEED = 100
"""Whose conditions are the first."""


@contextmanager
def broken(_: Conditions) -> Iterator[str]:
    """A fake whose errors say nothing."""

    async def silent(ask: Ask, request: Request) -> Answer:
        answer = await ask(request)
        return answer if answer.status < 400 else answer.with_json({})

    with host() as (served, running):
        served.change = silent
        yield running.url


@contextmanager
def nobody(_: Conditions) -> Iterator[str]:
    """Where nothing listens."""
    yield "http://127.0.0.1:1"


@contextmanager
def interrupted(conditions: Conditions) -> Iterator[str]:
    """As `nobody`, but for the second conditions, under which somebody presses Ctrl-C."""
    if conditions is CONDITIONS[1]:
        raise KeyboardInterrupt
    yield "http://127.0.0.1:1"


def soaked(start: Start, folder: Path, seeds: range, *options: str) -> tuple[int, str]:
    """The exit code of a soak, and what it prints."""
    output = io.StringIO()
    code = play(Soak(start, options, folder), seeds, 1, Console(file=output, width=200))
    return code, output.getvalue()


def test_each_seed_has_its_conditions_and_all_conditions_come_in_turn() -> None:
    seeds = range(SEED, SEED + len(CONDITIONS))
    assert tuple(conditions_of(seed) for seed in seeds) == CONDITIONS
    assert len({conditions.name for conditions in CONDITIONS}) == len(CONDITIONS)


def test_the_unchanged_fake_passes_while_others_are_at_work(tmp_path: Path) -> None:
    seed = next(seed for seed in range(SEED, SEED + len(CONDITIONS)) if conditions_of(seed).name == "crowded")
    result = Soak(server, PROBES, tmp_path).run(seed)
    assert result.failures == ()
    assert result.requests > 500
    assert list(tmp_path.iterdir()) == []


def test_what_fails_is_told_with_its_seed_and_its_report(tmp_path: Path) -> None:
    code, output = soaked(broken, tmp_path, range(SEED, SEED + 1), *PROBES)
    assert code == 1
    assert f"FAILED  seed {SEED}, {CONDITIONS[0].name}" in output
    assert "oracles.errors_have_message: a response with status 404 has no message" in output
    assert "0 of 1 runs without a failure" in output
    assert {"report.html", "report.json", "junit.xml", "output.txt"} <= {
        path.name for path in (tmp_path / str(SEED)).iterdir()
    }


def test_a_run_without_a_verdict_is_a_failure(tmp_path: Path) -> None:
    code, output = soaked(nobody, tmp_path, range(SEED, SEED + 1))
    assert code == 1
    assert "suite: exit code 2: " in output


def test_an_interrupted_soak_says_where_to_go_on(tmp_path: Path) -> None:
    code, output = soaked(interrupted, tmp_path, range(SEED, SEED + 9))
    assert code == 130
    assert "0 of 1 runs without a failure" in output
    assert f"go on with SEED={SEED + 1}" in output
