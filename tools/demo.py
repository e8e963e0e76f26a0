"""A demo on this machine: a server with the demo world, and a client at work in it (`make demo`)."""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tools.processes import end

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).parent / "codeocean-mock"
CLIENT = ROOT / "docker" / "demo" / "client.py"
TOKEN = "cop_demo_user"
SESSION_QC = "ca952026-0000-4000-8000-000000000001"
GRACE = 30.0
"""Seconds that each of the two has to end."""

WELCOME = """\
A Code Ocean with the demo world runs on {url}, until Ctrl-C.
Nothing of it is kept. A client works in it: each of its rounds is a line below.

Three things to try, in this order:

1. Look around: open {url}/_ui
   Runs and data assets are those of a study, which docs/demo.md tells. Every name leads on.

2. Start a run: open {url}/_ui/worlds/default/capsules/{capsule}
   Choose another session and start. Some seconds later the page of the run shows its log, and the
   report of this session among the results.

3. Break something, and see below how the client takes it: the next two runs are refused.
   curl {url}/_mock/worlds/default/faults -d '{{"operation": "run_capsule", "times": 2, "status": 503}}'
   Who asked for what, and what it got, is in {url}/_ui/worlds/default/journal
"""


def main() -> int:
    """Run both until somebody says stop; the exit code of the one that ended by itself, else 0."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="where the server listens; 0 for a free port")
    port = parser.parse_args().port
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    with contextlib.suppress(KeyboardInterrupt):
        return _demo(port)
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _demo(port: int) -> int:
    serve = [str(COMMAND), "serve", "--in-memory", "--port", str(port), "--log-format", "json"]
    with _running(serve, stdout=subprocess.PIPE) as server:
        ready = server.stdout.readline() if server.stdout else ""
        if not ready:
            return server.wait()
        url = json.loads(ready)["url"]
        print(WELCOME.format(url=url, capsule=SESSION_QC), flush=True)
        with _running([sys.executable, "-u", str(CLIENT)], CODEOCEAN_DOMAIN=url, CODEOCEAN_TOKEN=TOKEN) as client:
            # Whoever ends first ends the demo.
            return _first_to_end(server, client)


def _first_to_end(*both: "subprocess.Popen[str]") -> int:
    while True:
        for process in both:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(0.5)


@contextmanager
def _running(command: list[str], *, stdout: int | None = None, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that does not hear Ctrl-C itself: it is asked to end afterwards, so that the two end in order."""
    process = subprocess.Popen(
        command, stdout=stdout, text=True, env=os.environ | variables, start_new_session=True, cwd=ROOT
    )
    try:
        yield process
    finally:
        end(process, GRACE)
        if process.stdout:
            process.stdout.close()


if __name__ == "__main__":
    sys.exit(main())
