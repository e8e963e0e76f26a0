"""Releases of the official SDK, each against the fake at a platform version of its time.

`python -m tools.sdk_matrix.matrix`: every release gets an environment of its own under `.venv/sdk`, kept for the next
time, and a server of its own. `flow.py` says which methods of the SDK it called; the table below says which it must.
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from codeocean import CodeOcean

from tests.process import environment, started
from tools.environments import ROOT, prepared

FLOW = Path(__file__).with_name("flow.py")
PINS = ROOT / "constraints-sdk.txt"
FLOW_SECONDS = 60

ALWAYS = {
    "get_capsule", "list_computations", "run_capsule", "wait_until_completed", "list_computation_results",
    "create_data_asset", "wait_until_ready", "get_data_asset", "update_metadata", "search_data_assets",
}  # fmt: skip
FIRST = ALWAYS | {"get_result_file_download_url", "pages by offset"}
PAGED = ALWAYS | {
    "search_data_assets_iterator", "search_capsules", "search_capsules_iterator", "list_data_asset_files",
    "rename_computation", "get_computation",
}  # fmt: skip
BY_URL = PAGED | {"get_result_file_download_url", "get_data_asset_file_download_url"}
BY_URLS = PAGED | {"get_result_file_urls", "get_data_asset_file_urls"}
WITH_PIPELINES = BY_URLS | {"search_pipelines", "search_pipelines_iterator"}


class Release(NamedTuple):
    """A release of the SDK, the platform version of its time, and the methods that it must be seen to call."""

    version: str
    platform: str
    calls: set[str]


def newest() -> str:
    """The release that the other tests use."""
    pins = (ROOT / "constraints.txt").read_text()
    found = re.search(r"^codeocean==(.+)$", pins, re.MULTILINE)
    assert found, "constraints.txt names no codeocean"
    return found.group(1)


# From 0.8 on the platform version is the release's MIN_SERVER_VERSION, which it sends. Before that:
# 0.1, 0.2  parse `keywords`, `published_capsule` and `non-published`, gone in 3.1, and need the `mount` of a data
#           asset; the SDK's maintainers name 2.18 to 3.0 for both (its pull request 29).
# 0.3       parses `tags`, `non_release` and `next_token`, pages with it and lists files: all new in 3.1, which its
#           changelog names.
# 0.6       sends and parses `nextflow_profile`, new in 3.6.
RELEASES = [
    Release("0.1.7", "3.0", FIRST),
    Release("0.2.0", "3.0", FIRST),
    Release("0.3.2", "3.1", BY_URL),
    Release("0.6.0", "3.6", BY_URL),
    Release("0.9.1", "3.6", BY_URL),
    Release("0.12.0", "4.0", WITH_PIPELINES),
    Release("0.14.0", "4.2", WITH_PIPELINES),
    Release("0.16.0", "4.6", WITH_PIPELINES),
    Release(newest(), CodeOcean.MIN_SERVER_VERSION, WITH_PIPELINES),
]


def check(release: Release) -> None:
    """Run the flow with a release. Raises `AssertionError` that says what went wrong."""
    python = prepared(f"sdk/{release.version}", PINS, f"codeocean=={release.version}")
    with started("--in-memory", "--time-scale", "50", "--platform-version", release.platform) as server:
        # A value that is missing or null where the release wants one is only a warning of dataclasses-json.
        command = [python, "-I", "-W", "error::RuntimeWarning", str(FLOW), server.url, "cop_demo_user"]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment(), timeout=FLOW_SECONDS, check=False
        )
        stopped = server.stop()
    assert done.returncode == 0, done.stderr
    called = set(json.loads(done.stdout))
    assert called == release.calls, f"not called: {release.calls - called}, not expected: {called - release.calls}"
    assert stopped == (0, ""), stopped


def main() -> int:
    """Check all releases; 1 when any fails."""
    failed = 0
    for release in RELEASES:
        begun = time.monotonic()
        problem = ""
        try:
            check(release)
        except (AssertionError, subprocess.SubprocessError) as error:
            failed += 1
            problem = f"\n{error}"
        seconds = time.monotonic() - begun
        verdict = f"FAILED{problem}" if problem else "passed"
        print(f"{seconds:5.1f} s  codeocean {release.version:7} platform {release.platform:6} {verdict}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
