"""Hold two public clients against the fake: `python -m tools.clients.run`, or `make test-clients`."""

import sys
import time
from pathlib import Path

from tests.process import started
from tools import outcomes
from tools.environments import ROOT, prepared

CONSTRAINTS = ROOT / "constraints-clients.txt"
PACKAGES = ("aind-session", "aind-codeocean-pipeline-monitor[full]")
WORLD = Path(__file__).with_name("world.yaml")
TOKEN = "cop_scientist"


def main() -> int:
    """Print the outcomes; 1 unless every step is as it should be."""
    python = prepared("clients", CONSTRAINTS, *PACKAGES)
    begun = time.perf_counter()
    with started("--in-memory", "--time-scale", "50", "--seed", str(WORLD)) as server:
        domain = {"CODE_OCEAN_DOMAIN": server.url, "CODE_OCEAN_API_TOKEN": TOKEN}
        found = outcomes.of_module(python, "tools.clients.flow", **domain)
    passed = outcomes.listed(found, "steps", time.perf_counter() - begun)
    return 0 if found and passed == set(found) else 1


if __name__ == "__main__":
    sys.exit(main())
