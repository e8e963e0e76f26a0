"""A stand-in for a real deployment, as the contract suite has it, and the command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Done, command
from tests.contract.stand_in import TOKEN, StandIn, run_stand_in

CAPSULE = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
QUICKLY = ("--rate", "10000", "--max-requests", "100000")


@pytest.fixture
def real(tmp_path: Path) -> Iterator[StandIn]:
    with run_stand_in(tmp_path) as server:
        yield server


def importing(url: str, *options: str | Path, token: str = TOKEN) -> Done:
    """The command against a deployment."""
    return command("import", "--url", url, *QUICKLY, *map(str, options), CODEOCEAN_TOKEN=token)


def refused(done: Done) -> str:
    """The one line of a command that could not import."""
    assert done.code == 2, done
    assert done.out == ""
    assert done.err.count("\n") == 1
    return done.err
