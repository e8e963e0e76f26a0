"""Take the steps of both clients, with the fake as their Code Ocean.

Runs inside the environment of the clients: `python -m tools.clients.flow`, with `CODE_OCEAN_DOMAIN` and
`CODE_OCEAN_API_TOKEN`. Prints one JSON line, for each step `ok` or what went wrong.
"""

import json
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tools.clients import monitor, session
from tools.clients.outside import Alerts, MetadataDb, play


def attempt(step: Callable[[], None]) -> str:
    """`ok`, or what went wrong."""
    try:
        step()
    except Exception as problem:
        return str(problem) or repr(problem)
    return "ok"


def main() -> dict[str, str]:
    """Take all steps; those of the monitor wait most of their time, and wait together."""
    logging.disable()
    database, alerts = MetadataDb(), Alerts()
    play(database)
    session.lay_out(database)
    with alerts.listening(), ThreadPoolExecutor(len(monitor.STEPS)) as pool:
        watched = monitor.Monitor(os.environ["CODE_OCEAN_DOMAIN"], database, alerts)
        jobs = {f"monitor {step.__name__}": pool.submit(attempt, partial(step, watched)) for step in monitor.STEPS}
        outcomes = {f"session {step.__name__}": attempt(step) for step in session.STEPS}
        return outcomes | {name: job.result() for name, job in jobs.items()}


if __name__ == "__main__":
    print(json.dumps(main()))
