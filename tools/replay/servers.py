"""Servers of a checkout, each a process of its own, on a free port, with a clock that stands."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.processes import end
from tools.replay.exchange import Headers, Request, exchange

START = 1_800_000_000
"""When it is, in Unix seconds, in every world until a script moves its clock."""

SEED = 7
FROZEN = {"mode": "frozen", "at": START}
STOP_SECONDS = 20


def command_of(checkout: Path) -> Path:
    """The command of a checkout. Raises `SystemExit` for a folder that has none."""
    command = checkout.resolve() / ".venv" / "bin" / "codeocean-mock"
    if not command.exists():
        raise SystemExit(f"{checkout} has no .venv/bin/codeocean-mock; run make test there first")
    return command


@contextmanager
def started(
    command: tuple[str, ...], options: tuple[str, ...], key: Headers, variables: Mapping[str, str] | None = None
) -> Iterator[int]:
    """The port of a server that runs `command` with `options` until the end; `key` opens its control plane.
    `variables` are added to its environment.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CODEOCEAN_MOCK_")}
    environment |= variables or {}
    serve = [*command, "serve", "--port", "0", "--in-memory", "--random-seed", str(SEED), "--log-format", "json"]
    process = subprocess.Popen([*serve, *options], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"{' '.join(command)} did not start")
        port = int(json.loads(line)["url"].rpartition(":")[2])
        answer = exchange(port, Request("PUT", "/_mock/worlds/default/clock", None, FROZEN, key))
        if answer.status != 200:
            raise SystemExit(f"the clock cannot be frozen: {answer.status} {answer.body.decode(errors='replace')}")
        yield port
    finally:
        end(process, STOP_SECONDS)
        process.stdout.close()
