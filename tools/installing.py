"""Runs pip for `make run`, and names what it fetches in place of all its output. Nothing is installed yet by then."""

import re
import subprocess
import sys
from pathlib import PurePath

FETCHED = re.compile(r"\s*(?:Collecting|Processing) (?P<what>[^\s;]+)")
"""What pip prints for a package that it fetches from an index, or finds as a file."""


def name_of(line: str) -> str | None:
    """The package that pip is about to fetch by a line of its output; None for other lines."""
    match = FETCHED.match(line)
    return re.split(r"[<>=!~\[]|-(?=\d)", PurePath(match["what"]).name)[0] if match else None


def run(command: list[str]) -> int:
    """Run pip; its exit code. When it fails, all that it has printed comes out."""
    printed: list[str] = []
    names: dict[str, None] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            printed.append(line)
            name = name_of(line)
            if name and name not in names:
                _write(f"{', ' if names else ''}{name}")
                names[name] = None
            elif line.startswith("Installing collected packages"):
                _write("; unpacking")
    _write("\n" if pip.returncode else "; done.\n")
    if pip.returncode:
        sys.stderr.write("".join(printed))
    return pip.returncode


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)  # What make says of it is enough.
