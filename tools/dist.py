"""Build the distributions, and try the wheel as a user gets it: `python -m tools.dist`, or `make dist`."""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from mock_server.version import __version__
from tests.process import environment
from tools import ci_files

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
HERE = Path(sys.executable).parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""What the classifiers name; a version that is not on this machine is left out, with a line that says so."""
README_SERVER = "http://127.0.0.1:8000"
CLIENT = ("codeocean", "requests", "pytest")
"""What a user of the README's lines and of the plugin has beside the wheel."""
SECONDS = 600


def main() -> int:
    """Build, check, try; fill dist/ with a wheel, an sdist, an SBOM and checksums."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--tag", help="the tag of a release, which has to be this version's")
    tag = parser.parse_args().tag
    if tag is not None:
        _require_release(tag)
    shutil.rmtree(DIST, ignore_errors=True)
    _run(sys.executable, "-m", "hatchling", "build", "-d", str(DIST))
    [wheel] = DIST.glob("*.whl")
    _run(str(HERE / "twine"), "check", "--strict", *map(str, sorted(DIST.iterdir())))
    with TemporaryDirectory() as folder:
        tried = [version for version in PYTHONS if _try(version, wheel, Path(folder, version))]
        _try_ways_to_install(wheel, Path(folder, "ways"))
        _write_bill_of_materials(wheel, Path(folder, "bill"))
    if not tried:
        sys.exit(f"none of Python {', '.join(PYTHONS)} is on this machine")
    ci_files.try_all(wheel)
    _write_checksums()
    print(f"{len(tried)} of {len(PYTHONS)} versions of Python tried: {', '.join(tried)}")
    print("\n".join(f"{file.stat().st_size:>9,} {file.relative_to(ROOT)}" for file in sorted(DIST.iterdir())))
    return 0


def _require_release(tag: str) -> None:
    """End the program unless `tag` is that of this version, and the changelog has a section for it."""
    if tag != f"v{__version__}":
        sys.exit(f"the tag is {tag}, the version {__version__}")
    if not re.search(rf"^## {re.escape(__version__)} ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE):
        sys.exit(f"CHANGELOG.md has no section {__version__}")


def _run(*command: str, cwd: Path = ROOT) -> str:
    """What `command` prints. Ends the program with the command's words when it fails."""
    env = {name: value for name, value in environment().items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def _environment(version: str, home: Path, *packages: str) -> Path:
    """The bin folder of a new environment with `packages`, at the pinned versions unless NEWEST=yes."""
    uv = str(HERE / "uv")
    pins = [] if os.environ.get("NEWEST") == "yes" else ["--constraint", str(ROOT / "constraints.txt")]
    _run(uv, "venv", "--quiet", "--no-python-downloads", "--python", version, str(home))
    _run(uv, "pip", "install", "--quiet", "--python", str(home / "bin" / "python"), *pins, *packages)
    return home / "bin"


def _python(version: str) -> str | None:
    """Where Python `version` is on this machine: on the path, or installed by pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for candidate in [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"{version}.*/bin/python"))]:
        # A shim of pyenv is there for versions that are not switched on, and fails.
        if candidate and subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return str(candidate)
    return None


def _try(version: str, wheel: Path, home: Path) -> bool:
    """Do what the README says with the wheel alone, in an empty environment; whether this Python is here."""
    python = _python(version)
    if python is None:
        print(f"Python {version}: not on this machine")
        return False
    bin_ = _environment(python, home, str(wheel))
    command = str(bin_ / "codeocean-mock")
    said = _run(command, "--version", cwd=home)
    if __version__ not in said:
        sys.exit(f"Python {version}: the wheel says it is {said}")
    _run(str(HERE / "uv"), "pip", "install", "--quiet", "--python", str(bin_ / "python"), *CLIENT)
    [test, lines] = _blocks("python")
    with _server(command, home) as url:
        _require_documentation(url)
        printed = _run(str(bin_ / "python"), "-c", lines.replace(README_SERVER, url), cwd=home)
        if "completed 0" not in printed:
            sys.exit(f"Python {version}: the README's lines printed {printed}")
    (home / "test_example.py").write_text(test)
    _run(str(bin_ / "python"), "-m", "pytest", "--quiet", "test_example.py", cwd=home)
    print(f"Python {version}: installed alone, ran the README's lines and its test")
    return True


def _require_documentation(url: str) -> None:
    """End the program unless an installed server has the documentation."""
    for path in ("/_docs/", "/_docs/tutorial/", "/_docs/search/search_index.json"):
        answer = httpx.get(f"{url}{path}")
        if answer.status_code != 200:
            sys.exit(f"the wheel has no documentation at {path}: {answer.text}")


def _blocks(language: str) -> list[str]:
    """The README's blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)


def _try_ways_to_install(wheel: Path, home: Path) -> None:
    """Run each line with which the README installs or starts it, but for the image's, with what was just built."""
    [block] = [block for block in _blocks("sh") if block.startswith("pip install codeocean-mock")]
    for line in (line.partition("#")[0].strip() for line in block.splitlines()):
        match line.split():
            case ["pip", "install", what]:
                # Paths are those of this checkout, so that one which is not there fails.
                source = str(wheel) if what == "codeocean-mock" else str(ROOT / what)
                bin_ = _environment(sys.executable, home / f"pip-{len(list(home.glob('*')))}", source)
                said = _run(str(bin_ / "codeocean-mock"), "--version")
            case ["uvx", *_]:
                said = _run(*_UVX, "--from", str(wheel), "codeocean-mock", "--version")
            case ["pipx", "run", *_]:
                said = _run(*_UVX, "pipx", "run", "--spec", str(wheel), "codeocean-mock", "--version")
            case ["make", "docker"]:
                continue
            case _:
                sys.exit(f"the README installs it by {line}, which is not tried")
        if __version__ not in said:
            sys.exit(f"{line}: says {said}")
        print(line)


_UVX = (str(HERE / "uv"), "tool", "run", "--quiet", "--constraints", str(ROOT / "constraints.txt"))


@contextmanager
def _server(command: str, home: Path) -> Iterator[str]:
    serve = [command, "serve", "--port", "0", "--in-memory", "--log-format", "json"]
    with subprocess.Popen(serve, cwd=home, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def _write_bill_of_materials(wheel: Path, home: Path) -> None:
    """Write what a plain installation of the wheel consists of, in CycloneDX's form."""
    bin_ = _environment(sys.executable, home, str(wheel))
    bill = DIST / f"{wheel.name.removesuffix('.whl')}.cdx.json"
    reader = [str(HERE / "cyclonedx-py"), "environment", "--output-reproducible"]
    _run(*reader, "--pyproject", str(ROOT / "pyproject.toml"), "--output-file", str(bill), str(bin_ / "python"))


def _write_checksums() -> None:
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(DIST.iterdir())]
    (DIST / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    sys.exit(main())
