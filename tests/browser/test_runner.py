"""A capsule's own code, executed by a runner beside the server and watched in Chromium."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Window, opened
from tests.process import started, until
from tests.runner.folders import write_capsule

CAPSULE = "5b2d3f0a-7c34-4b61-9d3e-0c6a1f2e8d47"

COUNT = """echo $$ > "{pid}"
number=0
while true; do number=$((number + 1)); echo "line $number"; sleep 0.1; done
"""


@pytest.fixture
def pid_file(tmp_path: Path) -> Path:
    """Where the script says which process it is."""
    return tmp_path / "pid"


@pytest.fixture
def shown(chromium: Browser, tmp_path: Path, pid_file: Path) -> Iterator[Window]:
    """A window in front of a server of its own, beside which a runner executes a capsule that never ends."""
    folder = write_capsule(tmp_path / "counts", COUNT.format(pid=pid_file))
    with started("--in-memory", "--capsule", f"{CAPSULE}={folder}", "--runner", "process") as server:
        yield from opened(chromium, server.url)
        server.stop()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_lines_of_a_script_arrive_while_it_runs_and_a_stop_ends_it(shown: Window, pid_file: Path) -> None:
    page = shown.go(f"/capsules/{CAPSULE}")
    shown.click("Start the run")
    status = page.get_by_role("status").last
    expect(status).to_contain_text("running")
    expect(status).to_contain_text("executed by")
    for number in (1, 10, 20):
        expect(page.locator(".log")).to_contain_text(f"line {number}\n")
    script = int(pid_file.read_text())
    assert is_alive(script)
    shown.click("Stop the run…")
    page.get_by_role("dialog").get_by_role("button", name="Stop the run").click()
    expect(status).to_contain_text("stopped")
    expect(page.locator(".log")).to_contain_text("line 20\n")
    until(lambda: not is_alive(script))
