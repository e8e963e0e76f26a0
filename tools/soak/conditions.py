"""Under which conditions a run takes place: in which world, how its clock goes, and who else is at work."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.process import started
from tools.soak.clients import jumping, working

CONTROL_TOKEN = "soak-control-token"


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions of a run."""

    name: str
    summary: str
    serve: tuple[str, ...] = ()
    """Options of the server."""
    contract: tuple[str, ...] = ()
    """Options of the suite."""
    clients: int = 0
    """How many other clients are at work, in the world `default` and in that of the run."""
    jumps: bool = False
    """Whether somebody moves the clock of the run's world on."""


LOCKED = ("--control-token", CONTROL_TOKEN, "--time-scale", "300")
"""The suite is not told the token: it works in the world `default`, by a clock that it cannot move."""

CONDITIONS = (
    Conditions("alone", "in a world of its own, with nobody else at work"),
    Conditions("busy", "with other clients in the world default, and in its own", clients=2),
    Conditions("jumping", "with somebody who moves the clock of its world on", jumps=True),
    Conditions("scaled", "in the world default, where an hour takes twelve seconds", LOCKED, ("--profile", "full")),
    Conditions("crowded", "there, with other clients", LOCKED, ("--profile", "full"), clients=2),
)


def conditions_of(seed: int) -> Conditions:
    """The conditions under which a seed is run, always the same."""
    return CONDITIONS[seed % len(CONDITIONS)]


@contextmanager
def server(conditions: Conditions) -> Iterator[str]:
    """Run a server of this checkout inside the block, with others at work on it; yields its URL."""
    with started("--in-memory", "--world-idle", "0", *conditions.serve) as process, ExitStack() as others:
        url = process.url
        token = CONTROL_TOKEN if CONTROL_TOKEN in conditions.serve else None
        for number in range(conditions.clients):
            others.enter_context(working(url, token, number))
        if conditions.jumps:
            others.enter_context(jumping(url))
        yield url
