"""The remote repository of a Git checkout, read without Git."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from mock_server.local_files import ReadableFiles

MAX_BYTES = 1024 * 1024

_SECTION = re.compile(r"""\s*\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]""")
_VALUE = re.compile(r'\s*url\s*=\s*"?([^"#;\s]+)', re.IGNORECASE)
_SCP = re.compile(r"(?:[^@/:]+@)?([^@/:]{2,}):(?!//)(.+)")
"""The short form of ssh, `user@host:path`. A single letter before the colon is a drive."""


def remote_of(checkout: Path, files: ReadableFiles) -> str | None:
    """Where the checkout comes from: the remote `origin`, else the first one, without credentials and in one form for
    ssh and https; None when it is no checkout or has no remote.
    """
    try:
        config = files.read(_git_folder(checkout, files) / "config", MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    urls: dict[str, str] = {}
    for name, url in _remotes(config):
        urls.setdefault(name, url)
    chosen = urls.get("origin") or next(iter(urls.values()), None)
    return None if chosen is None else _plain(chosen)


def _git_folder(checkout: Path, files: ReadableFiles) -> Path:
    """The folder with the configuration; a worktree and a submodule have a file that says where theirs is."""
    git = checkout / ".git"
    if not git.is_file():
        return git
    there = checkout / files.read(git, MAX_BYTES).decode("utf-8", "replace").strip().removeprefix("gitdir:").strip()
    try:
        return there / files.read(there / "commondir", MAX_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return there


def _remotes(config: str) -> Iterator[tuple[str, str]]:
    remote = ""
    for line in config.splitlines():
        if section := _SECTION.match(line):
            remote = (section[2] or "") if section[1].lower() == "remote" else ""
        elif remote and (value := _VALUE.match(line)):
            yield remote, value[1]


def _plain(url: str) -> str:
    """`host/path` of a URL; a path of this machine stays as it is."""
    short = _SCP.fullmatch(url)
    if short:
        host, path = short[1], short[2]
    else:
        try:
            parts = urlsplit(url)
        except ValueError:
            return url
        host, path = parts.netloc.rpartition("@")[2], parts.path
    return f"{host.lower()}/{path.strip('/')}".removesuffix(".git") if host else path.removesuffix(".git")
