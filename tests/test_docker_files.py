"""The files around the image, as far as they can be checked without an engine, and what the docs show of CI."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
import yaml

from mock_server.cli import app
from mock_server.version import __version__
from tests.process import PATIENCE
from tests.test_docs import blocks

ROOT = Path(__file__).parent.parent
DOCKER = ROOT / "docker"
DOCKERFILES = [DOCKER / "Dockerfile", DOCKER / "demo" / "Dockerfile"]
COMPOSE_FILES = sorted(DOCKER.glob("compose*.yaml"))
PAGE = (ROOT / "docs" / "docker.md").read_text()

OF_THE_IMAGE = {"HOST", "PORT", "DATA_DIR", "CONTROL_TOKEN_FILE", "CA_FILE", "ALLOW_HOST_NAME"}
"""Settings that the image makes, and that whoever uses it leaves alone. It listens on all addresses, where every name
is accepted.
"""


def problems(schema: str, *files: Path) -> str:
    """What is wrong in YAML files by a schema that check-jsonschema brings along; nothing when all is well."""
    command = [str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=PATIENCE, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=lambda file: file.name)
def test_compose_files_keep_to_the_specification(file: Path, tmp_path: Path) -> None:
    assert problems("compose-spec", file) == ""
    broken = tmp_path / file.name
    broken.write_text(file.read_text().replace("read_only:", "readonly:"))
    assert "readonly" in problems("compose-spec", broken)


def test_every_setting_can_be_given_to_compose() -> None:
    serve = typer.main.get_command(app).commands["serve"]  # type: ignore[attr-defined]
    settings = {str(option.envvar).removeprefix("CODEOCEAN_MOCK_") for option in serve.params if option.envvar}
    services = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
    given = {name.removeprefix("CODEOCEAN_MOCK_") for name in services["codeocean"]["environment"]}
    assert given == settings - OF_THE_IMAGE


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=lambda file: file.name)
def test_all_services_have_no_more_rights_than_they_need(file: Path) -> None:
    for service in yaml.safe_load(file.read_text())["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_all_images_stand_on_the_same_base() -> None:
    bases = {re.findall(r"^ARG BASE_IMAGE=(.+)$", file.read_text(), re.MULTILINE)[0] for file in DOCKERFILES}
    [base] = bases
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", base)


def test_the_image_has_the_version_of_the_package() -> None:
    assert f'org.opencontainers.image.version="{__version__}"' in DOCKERFILES[0].read_text()


@pytest.mark.parametrize(("name", "schema"), [("jobs", "github-workflows"), ("test", "gitlab-ci")])
def test_what_the_docs_show_of_ci_is_valid(name: str, schema: str, tmp_path: Path) -> None:
    shown = [text for text in blocks(PAGE, "yaml") if name in yaml.safe_load(text)]
    assert len(shown) == 1
    file = tmp_path / "shown.yaml"
    file.write_text(shown[0])
    assert problems(schema, file) == ""


def test_the_page_names_the_targets_and_files() -> None:
    for name in (
        "make docker",
        "make docker-test",
        "make docker-demo",
        *(f"docker/{file.name}" for file in COMPOSE_FILES),
    ):
        assert name in PAGE


@pytest.mark.parametrize("token", ["", "a-control-token"])
def test_the_demo_says_how_to_see_the_control_token(token: str) -> None:
    """Only what is printed before the engine is needed; the lines of make are not run."""
    command = ["make", "--dry-run", "docker-demo", "PORT=1234"]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    script = lines.partition("PORT=1234 docker")[0]
    shell = ["sh", "-c", script]
    environment = {"CODEOCEAN_MOCK_CONTROL_TOKEN": token}
    said = subprocess.run(shell, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    assert "http://127.0.0.1:1234/_ui" in said
    assert token not in said or not token
    assert ("exec codeocean cat /data/control-token" in said) == (not token)
