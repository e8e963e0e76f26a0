"""`make demo`: the server and its client start, say what to try, and end together."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import ids
from tests.conftest import USER
from tests.process import PATIENCE, environment, until

ROOT = Path(__file__).parents[1]


@pytest.fixture
def demo() -> Iterator["subprocess.Popen[str]"]:
    """A demo on a free port, in a group of its own as a terminal has it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tools.demo", "--port", "0"],
        cwd=ROOT,
        env=environment(DEMO_PAUSE="0.1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)


def lines_up_to(process: "subprocess.Popen[str]", start: str) -> list[str]:
    """What it prints up to the first line that begins so."""
    lines: list[str] = []
    assert process.stdout is not None
    while not (lines and lines[-1].startswith(start)):
        line = process.stdout.readline()
        assert line, process.stderr and process.stderr.read()
        lines.append(line)
    return lines


def gone(url: str) -> bool:
    """Whether nothing listens there any more."""
    try:
        httpx.get(url)
    except httpx.TransportError:
        return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_to_try_in_order_and_ends_both(demo: "subprocess.Popen[str]", number: signal.Signals) -> None:
    text = "".join(lines_up_to(demo, "round 1: "))
    assert re.findall(r"^(\d)\. ", text, re.MULTILINE) == ["1", "2", "3"]
    dashboard, form, _, journal = re.findall(r"http\S+/_(?:ui|mock)\S*", text)
    url = dashboard.removesuffix("/_ui")
    for page in (dashboard, form, journal):
        assert httpx.get(page, follow_redirects=True, timeout=PATIENCE).status_code == 200, page
    assert form.endswith(ids.SESSION_QC)
    # A terminal sends Ctrl-C to the whole group.
    os.killpg(demo.pid, number)
    _, err = demo.communicate(timeout=PATIENCE)
    assert (demo.returncode, err) == (0, "")
    until(lambda: gone(url))


@pytest.mark.slow
def test_its_third_step_breaks_the_client_for_two_rounds(demo: "subprocess.Popen[str]") -> None:
    text = "".join(lines_up_to(demo, "round 1: "))
    command = next(line for line in text.splitlines() if line.strip().startswith("curl "))
    url, body = re.fullmatch(r"\s*curl (\S+) -d '(.*)'", command).groups()  # type: ignore[union-attr]
    assert httpx.post(url, content=body, timeout=PATIENCE).is_success
    assert demo.stderr is not None
    assert [" 503 " in demo.stderr.readline() for _ in range(2)] == [True, True]
    lines_up_to(demo, "round ")
    api = url.partition("/_mock")[0] + f"/api/v1/capsules/{ids.SESSION_QC}/computations"
    assert any(run["name"].startswith("Demo run ") for run in httpx.get(api, auth=(USER, "")).json())


@pytest.mark.slow
def test_a_port_that_is_taken_is_said_once(demo: "subprocess.Popen[str]") -> None:
    text = "".join(lines_up_to(demo, "round 1: "))
    port = re.findall(r":(\d+)/_ui", text)[0]
    done = subprocess.run(
        [sys.executable, "-m", "tools.demo", "--port", port],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert f"port {port}" in done.stderr
