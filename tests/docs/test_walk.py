"""The commands of the pages, block by block as they would be pasted, one page after the other against one server."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import blocks
from tests.docs.shell import run_in_shell
from tests.process import run, started

SERVER = "http://127.0.0.1:8000"
PAGES = (
    "../README.md",
    "debugging.md",
    "faults.md",
    "cli.md",
    "worlds.md",
    "control-plane.md",
    "journal.md",
    "import.md",
    "contract.md",
)
"""In an order in which somebody might go through them."""

REFUSED = ("debugging.md", "faults.md")
"""Pages that show how a request is refused."""

ELSEWHERE = re.compile(
    r"(make|pip|pipx|uvx) |codeocean-mock (serve|contract)\b(?! rules)|export CODEOCEAN_TOKEN=cop_\.\.\."
    r"|.*codeocean\.example\.org"
)
"""Commands that install, start a server, or reach a deployment; others than these are all run."""

NOTHING = re.compile(r'\[]|\{}|.*("passed": ?false|"requests": ?\[]).*')
"""Output that shows a reader nothing."""


def pasted(page: str) -> Iterator[str]:
    """The blocks of a page, without what belongs elsewhere."""
    for block in blocks(page, "sh"):
        lines = re.sub(r"\\\n *", "", block).splitlines()
        kept = [line for line in lines if not ELSEWHERE.match(line)]
        if kept:
            yield "\n".join([*kept, "wait"])


def shell(block: str, url: str, folder: Path) -> str:
    """What a block prints. Fails when one of its commands does."""
    commands = block.replace(SERVER, url).replace("curl ", "curl --silent --show-error ")
    done = run_in_shell(commands, folder, CODEOCEAN_MOCK_URL=url)
    assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_the_commands_of_all_pages_run_twice_and_show_something(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl here")
    (tmp_path / "scenarios.yaml").write_text(blocks("scenarios.md", "yaml")[0])
    with started("--in-memory") as server:
        for page in PAGES * 2:
            for block in pasted(page):
                printed = shell(block, server.url, tmp_path)
                shown = [line for line in printed.splitlines() if not NOTHING.fullmatch(line)]
                assert shown or block.startswith("eval "), f"{page} prints nothing to see:\n{block}\n{printed}"
                assert page in REFUSED or '{"message":' not in printed, f"{page}:\n{block}\n{printed}"
        assert run("faults", "list", "--url", server.url).stdout == "no faults are set\n"
    assert (tmp_path / "before.snapshot").stat().st_size > 1000


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_command(page: str) -> None:
    assert list(pasted(page))
