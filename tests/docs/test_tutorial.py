"""The tutorial, followed by the letter: files are written, commands run, and what it shows is what they print."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.docs.pages import blocks, text
from tests.docs.shell import run_in_shell
from tests.process import started

PAGE = "tutorial.md"

SET_UP = {
    "python3 -m venv .venv",
    ". .venv/bin/activate",
    "pip install codeocean-mock codeocean pytest",
    "codeocean-mock serve --in-memory",
}
"""What is there already when the tests run."""

STEP = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)

RETRY_LINE = re.compile(r"^RETRIES = .*\n", re.MULTILINE)


class Step(NamedTuple):
    """A block of the page, and the paragraph before it."""

    before: str
    language: str
    code: str


def steps() -> Iterator[Step]:
    page = text(PAGE)
    for found in STEP.finditer(page):
        before = page[: found.start()].rstrip().rpartition("\n\n")[2]
        yield Step(before, found["language"], found["code"])


def write(folder: Path, step: Step) -> None:
    """Do with a block of Python what the text before it says."""
    if RETRY_LINE.fullmatch(step.code):
        file = folder / "rows.py"
        changed, times = RETRY_LINE.subn(step.code, file.read_text())
        assert times == 1
        file.write_text(changed)
        return
    [name] = re.findall(r"`(\w+\.py)`:$", step.before)
    file = folder / name
    if "Write this into" in step.before:
        file.write_text(step.code)
    else:
        assert re.search(r"[Aa]dd this to", step.before)
        file.write_text(f"{file.read_text()}\n\n{step.code}")


def commands(code: str) -> str:
    return "\n".join(line for line in code.splitlines() if line not in SET_UP)


def shell(code: str, folder: Path, url: str) -> str:
    """What commands print, in a shell in which the tutorial has set the variables; they may fail."""
    script = f'eval "$(codeocean-mock env)"\n{code}'
    done = run_in_shell(script, folder, "-c", CODEOCEAN_MOCK_URL=url, PYTEST_ADDOPTS="-p no:cacheprovider")
    return done.stdout + done.stderr


def missing(expected: str, printed: str) -> list[str]:
    """The lines of `expected` that `printed` does not have in this order; `…` stands for anything."""
    lines = iter(printed.splitlines())
    patterns = [".*".join(map(re.escape, re.split(r" ?… ?", line))) for line in expected.splitlines()]
    return [pattern for pattern in patterns if not any(re.fullmatch(pattern, line) for line in lines)]


@pytest.mark.slow
def test_the_tutorial_by_the_letter(tmp_path: Path) -> None:
    printed, seen = "", []
    with started("--in-memory", "--time-scale", "4") as server:
        for step in steps():
            seen.append(step.language)
            if step.language == "python":
                write(tmp_path, step)
            elif step.language == "sh" and commands(step.code):
                printed = shell(commands(step.code), tmp_path, server.url)
            elif step.language == "text":
                expected = step.code.replace("http://127.0.0.1:8000", server.url)
                assert missing(expected, printed) == [], printed
    assert (seen.count("python"), seen.count("text")) == (8, 9)


def test_every_block_is_a_step() -> None:
    found = list(steps())
    for language in ("python", "sh", "text", "yaml"):
        assert [step.code for step in found if step.language == language] == blocks(PAGE, language)


def test_its_job_runs_what_the_reader_has_run() -> None:
    [workflow] = blocks(PAGE, "yaml")
    runs = [step["run"] for step in yaml.safe_load(workflow)["jobs"]["test"]["steps"] if "run" in step]
    assert runs[0] in SET_UP
    assert runs[1:] == ["pytest"]


def test_a_line_that_is_not_printed_is_missed() -> None:
    assert missing("… 1 passed …\nend\n", "== 1 passed in 2s ==\nend\n") == []
    assert len(missing("end\n… 1 passed …\n", "1 passed in 2s\nend\n")) == 1
