"""What `doctor` finds without asking the server: packages, folders, ports, variables of the environment."""

import ipaddress
import os
import shutil
import socket
import sys
import urllib.request
from importlib import metadata
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import SplitResult, urlsplit

from packaging.requirements import Requirement
from packaging.version import Version

from mock_server.client import is_loopback
from mock_server.domain.naming import command_line, exporting
from mock_server.domain.versions import Version as PlatformVersion
from mock_server.domain.versions import parse as parse_platform

PACKAGE = "codeocean-mock"

OLDEST_PYTHON = (3, 11)

NEWEST_SDK = (0, 17)
"""The newest release of the SDK that this release was tested with."""

LITTLE_SPACE = 200 * 2**20
NO_SPACE = 10 * 2**20


class Setup(NamedTuple):
    """What is to be looked at."""

    url: str
    control_token: str | None
    world: str
    token: str | None
    domain: str | None
    data_dir: str

    def command(self, words: str) -> str:
        """A command that acts on the world of this setup."""
        return command_line(words, url=self.url, world=self.world)

    def exporting(self, token: str | None = None) -> str:
        """What a shell evaluates to send its clients to this world, with a `token` other than the usual one."""
        return exporting(url=self.url, world=self.world, token=token)


class Finding(NamedTuple):
    """One thing that was looked at."""

    status: Literal["ok", "warning", "problem"]
    of: str
    message: str
    advice: str | None = None


def ok(of: str, message: str) -> Finding:
    """Something is as it should be."""
    return Finding("ok", of, message)


def warning(of: str, message: str, advice: str) -> Finding:
    """Something may surprise."""
    return Finding("warning", of, message, advice)


def problem(of: str, message: str, advice: str) -> Finding:
    """Something cannot work."""
    return Finding("problem", of, message, advice)


def python() -> Finding:
    """The Python that runs this."""
    running = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return problem("python", f"Python {running} is too old", "use Python 3.11 or newer")
    return ok("python", f"Python {running}")


def packages() -> Finding:
    """The packages that this one needs."""
    try:
        needs = metadata.requires(PACKAGE) or []
    except metadata.PackageNotFoundError:
        return warning("packages", f"{PACKAGE} runs without being installed", "pip install .")
    wrong = [what for need in needs if (what := _unmet(need))]
    if wrong:
        return problem("packages", "; ".join(wrong), f"pip install --upgrade {PACKAGE}")
    return ok("packages", "all that is needed is installed")


def _unmet(line: str) -> str | None:
    """Return what is wrong with a requirement, as package metadata writes it; None when it is met, or not for here."""
    requirement = Requirement(line)
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
        return None
    try:
        installed = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    met = requirement.specifier.contains(installed, prereleases=True)
    return None if met else f"{requirement.name} {installed} does not meet {requirement.specifier}"


def sdk(server: PlatformVersion | None) -> Finding:
    """Code Ocean's SDK in this environment, against the platform version that the `server` is, if it is there."""
    try:
        installed = metadata.version("codeocean")
    except metadata.PackageNotFoundError:
        return warning("sdk", "Code Ocean's SDK is not installed here", "pip install codeocean, where it is needed")
    required = _required_by_sdk()
    if server and required and required > server:
        what = f"codeocean {installed} asks for platform {required}, the server is {server}: it refuses all its calls"
        return problem("sdk", what, f"codeocean-mock serve --platform-version {required}, or an older SDK")
    if Version(installed).release[:2] > NEWEST_SDK:
        newest = ".".join(map(str, NEWEST_SDK))
        return warning("sdk", f"codeocean {installed} is newer than {newest}, which this release knows", "upgrade")
    return ok("sdk", f"codeocean {installed}")


def _required_by_sdk() -> PlatformVersion | None:
    try:
        from codeocean import CodeOcean

        return parse_platform(CodeOcean.MIN_SERVER_VERSION)
    except Exception:  # Another project's code: whatever it does, this goes on.
        return None


def data_directory(written: str) -> Finding:
    """Whether a server that is started here can keep its data."""
    folder = Path(written).absolute()
    advice = "choose another with `codeocean-mock serve --data-dir`, or --in-memory"
    try:
        existing = next(path for path in (folder, *folder.parents) if path.exists())
    except OSError as failure:
        return problem("data", f"{folder} cannot be used: {failure.strerror}", advice)
    if not existing.is_dir():
        return problem("data", f"{existing} is not a folder", advice)
    if not os.access(existing, os.W_OK | os.X_OK):
        return problem("data", f"{existing} cannot be written", advice)
    free = shutil.disk_usage(existing).free
    space = f"{folder}: {free // 2**20} MiB are free"
    if free < NO_SPACE:
        return problem("data", space, advice)
    return warning("data", space, advice) if free < LITTLE_SPACE else ok("data", space)


def listens(url: str) -> bool:
    """Whether anything takes connections there."""
    place = urlsplit(url)
    try:
        with socket.create_connection((place.hostname, _port(place)), timeout=2):
            return True
    except OSError:
        return False


def domain(setup: Setup, url: str) -> Finding:
    """Where clients will look for Code Ocean."""
    written, advice = setup.domain, setup.exporting()
    if not written:
        return warning("domain", "CODEOCEAN_DOMAIN is not set", advice)
    address = _split(written)
    if address is None or address.scheme not in ("http", "https") or address.path or not address.hostname:
        what = f"CODEOCEAN_DOMAIN is {written}; it should look like http://127.0.0.1:8000, without a trailing slash"
        return problem("domain", what, advice)
    if _place(address) != _place(urlsplit(url)):
        return problem("domain", f"clients go to {written} (CODEOCEAN_DOMAIN), not to {url}", advice)
    return ok("domain", f"clients go to {written}")


def _split(url: str) -> SplitResult | None:
    try:
        place = urlsplit(url)
        return place if place.port != 0 else None
    except ValueError:
        return None


def _place(url: SplitResult) -> tuple[str, str, int]:
    host = url.hostname or ""
    return url.scheme, "loopback" if is_loopback(host) else host, _port(url)


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def proxies(url: str) -> Finding:
    """Whether clients would send what is meant for this machine to a proxy."""
    place = urlsplit(url)
    host = place.hostname or ""
    found = urllib.request.getproxies_environment()
    proxy = found.get(place.scheme) or found.get("all")
    if not proxy or not is_loopback(host):
        return ok("proxies", "none is in the way")
    if urllib.request.proxy_bypass(f"{host}:{_port(place)}") or _in_network(host, found.get("no", "")):
        return ok("proxies", f"NO_PROXY excepts {host}")
    what = f"clients send requests for {host} to the proxy of the environment"
    return problem("proxies", what, "export NO_PROXY=127.0.0.1,localhost,::1")


def _in_network(host: str, excepted: str) -> bool:
    """Clients built on `requests` also take networks such as 127.0.0.0/8 in `NO_PROXY`."""
    for one in excepted.split(","):
        try:
            if ipaddress.ip_address(host) in ipaddress.ip_network(one.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False
