"""Sessions of pytest in a folder of their own, as users of the plugin run them."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.process import PATIENCE

OUTCOME = re.compile(r"(\d+) (passed|failed|error|errors|skipped)")


class Session:
    """A session that has ended."""

    def __init__(self, done: "subprocess.CompletedProcess[str]", noted: Path) -> None:
        self.out = done.stdout + done.stderr
        self._noted = noted

    @property
    def outcomes(self) -> Counter[str]:
        """How many tests ended in which way."""
        last = self.out.strip().splitlines()[-1]
        return Counter({name.rstrip("s"): int(number) for number, name in OUTCOME.findall(last)})

    @property
    def noted(self) -> list[dict[str, object]]:
        """What the tests have noted."""
        return [json.loads(line) for file in sorted(self._noted.iterdir()) for line in file.read_text().splitlines()]


NOTE = """
import json, os, pathlib

def note(**facts):
    with (pathlib.Path(os.environ["NOTES"]) / str(os.getpid())).open("a") as file:
        file.write(json.dumps(facts) + "\\n")
"""


def session(folder: Path, tests: str, *options: str, path: str = "test_it.py") -> Session:
    """Run `tests`, the text of a test file. They may call `note(name=value)`."""
    notes = folder / "notes"
    notes.mkdir(exist_ok=True)
    for file in notes.iterdir():
        file.unlink()
    (folder / path).write_text(NOTE + tests)
    unwanted = ("CODEOCEAN", "PYTEST_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)} | {"NOTES": str(notes)}
    # What else is installed beside the product takes a second to import, in every session and worker.
    fast = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:cacheprovider", "-p", "no:anyio")
    command = [sys.executable, "-m", "pytest", *fast, "--strict-markers", "-W", "error", *options]
    done = subprocess.run(
        [*command, path], cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    return Session(done, notes)
