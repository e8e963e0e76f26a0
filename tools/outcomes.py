"""What became of the steps of a program that was held against the fake: `ok`, or what went wrong."""

import json
import subprocess
import textwrap

from tests.process import environment
from tools.environments import ROOT

LIMIT_SECONDS = 300
MAX_TEXT = 400
OK = "ok"


def of_module(python: str, module: str, *arguments: str, **variables: str) -> dict[str, str]:
    """The outcomes that a module of the tools prints as JSON, run by the Python of another environment."""
    command = [python, "-m", module, *arguments]
    env = environment(**variables)
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env, timeout=LIMIT_SECONDS, check=True
    )
    outcomes: dict[str, str] = json.loads(done.stdout)
    return outcomes


def listed(outcomes: dict[str, str], kind: str, seconds: float) -> set[str]:
    """Print the outcomes, and how many are ok; the steps that are."""
    width = max(map(len, outcomes), default=0)
    for step, outcome in outcomes.items():
        print(f"{step:<{width}}  {textwrap.shorten(outcome, MAX_TEXT, placeholder=' …')}")
    passed = {step for step, outcome in outcomes.items() if outcome == OK}
    print(f"{len(passed)} of {len(outcomes)} {kind} ok, {seconds:.1f} s")
    return passed
