"""What an index is given: the metadata that a build writes."""

import json
import re
import subprocess
import sys

import pytest

from mock_server.version import __version__
from tests.docs.pages import ROOT
from tests.process import PATIENCE


@pytest.fixture(scope="module")
def metadata() -> dict[str, object]:
    command = [sys.executable, "-m", "hatchling", "metadata"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True)
    loaded: dict[str, object] = json.loads(done.stdout)
    return loaded


def test_every_link_of_the_readme_leads_to_the_web(metadata: dict[str, object]) -> None:
    links = re.findall(r"]\(([^)]+)\)", metadata["readme"]["text"])  # type: ignore[index]
    assert len(links) > 40
    assert [link for link in links if not link.startswith("https://")] == []


def test_a_link_leads_to_the_file_and_the_heading_at_this_version(metadata: dict[str, object]) -> None:
    text = metadata["readme"]["text"]  # type: ignore[index]
    at = rf"https://\S+/(?:blob|raw)/v{re.escape(str(metadata['version']))}/"
    pages = re.findall(rf"]\({at}([^)#]+)", text)
    assert "docs/worlds.md" in pages
    assert [page for page in pages if not (ROOT / page).exists()] == []
    assert re.search(rf"!\[[^]]*]\({at.replace('(?:blob|raw)', 'raw')}docs/screenshots/", text)
    assert "docs/worlds.md#the-clock)" in text


def test_the_version_stands_in_one_place(metadata: dict[str, object]) -> None:
    assert metadata["version"] == __version__
    assert __version__ not in (ROOT / "pyproject.toml").read_text().partition("[project.optional-dependencies]")[0]


def test_addresses_come_from_one_place(metadata: dict[str, object]) -> None:
    project = (ROOT / "pyproject.toml").read_text()
    [repository] = re.findall(r'^repository = "(.+)"$', project, re.MULTILINE)
    assert project.count(repository) == 1
    assert all(url.startswith(repository) for url in metadata["urls"].values())  # type: ignore[attr-defined]
