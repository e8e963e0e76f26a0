"""Servers with capsule folders."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from codeocean import CodeOcean

from tests.capsule_folders.folders import new_form
from tests.conftest import USER, Server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A capsule folder as the app makes it."""
    return new_form(tmp_path / "cells")


@pytest.fixture
def sdk_of() -> Iterator[Callable[..., CodeOcean]]:
    """The official SDK for a server."""
    made: list[CodeOcean] = []

    def sdk_of(server: Server, token: str = USER) -> CodeOcean:
        made.append(CodeOcean(domain=server.url, token=token))
        return made[-1]

    yield sdk_of
    for sdk in made:
        sdk.session.close()
