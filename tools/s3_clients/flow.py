"""Take the steps of all clients of S3, with the fake as their Code Ocean and its embedded server as their S3.

Runs inside the environment of the clients: `python -m tools.s3_clients.flow`, with what `codeocean-mock env` prints.
Prints one JSON line, for each step `ok` or what went wrong.
"""

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

from tools.s3_clients import arrays, indexer, losses, sessions

Outcomes = dict[str, str]


def attempt(step: Callable[[], None]) -> str:
    """`ok`, or what went wrong."""
    try:
        step()
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"
    return "ok"


def taken(*modules: ModuleType) -> Outcomes:
    """Take the steps of modules one after another."""
    return {
        f"{module.__name__.rpartition('.')[2]} {step.__name__}": attempt(step)
        for module in modules
        for step in module.STEPS
    }


def main() -> Outcomes:
    """Take all steps. Most of their time they wait until the SDK looks again, so some of them wait together."""
    logging.disable()
    sessions.uploaded()
    with ThreadPoolExecutor(3) as pool:
        taking = [pool.submit(taken, *modules) for modules in ((sessions, indexer), (losses,), (arrays,))]
        return {step: outcome for one in taking for step, outcome in one.result().items()}


if __name__ == "__main__":
    print(json.dumps(main()))
