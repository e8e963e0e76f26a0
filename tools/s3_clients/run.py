"""Hold boto3, s3fs, zarr and other clients of S3 against the fake: `python -m tools.s3_clients.run`, or
`make test-s3-clients`.
"""

import json
import sys
import time

from tests.process import run, started
from tools import outcomes
from tools.environments import ROOT, prepared

CONSTRAINTS = ROOT / "constraints-s3-clients.txt"
PACKAGES = ("aind-codeocean-utils", "boto3", "codeocean", "requests", "s3fs", "universal-pathlib", "zarr")


def main() -> int:
    """Print the outcomes; 1 unless every step is as it should be."""
    python = prepared("s3-clients", CONSTRAINTS, *PACKAGES)
    begun = time.perf_counter()
    with started("--in-memory", "--time-scale", "50", "--s3", "embedded") as server:
        variables = json.loads(run("env", "--json", "--url", server.url).stdout)
        found = outcomes.of_module(python, "tools.s3_clients.flow", **variables)
    passed = outcomes.listed(found, "steps", time.perf_counter() - begun)
    return 0 if found and passed == set(found) else 1


if __name__ == "__main__":
    sys.exit(main())
