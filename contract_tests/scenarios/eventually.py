"""Expectations that hold only after a while, or while nobody else interferes."""

from collections.abc import Callable

from codeocean.error import Error

from contract_tests.deployment import Deployment
from contract_tests.findings import CheckFailed, expect

ATTEMPTS = 3
"""How often a check of what others may change is tried."""


def eventually(deployment: Deployment, holds: Callable[[], bool], message: str) -> None:
    """Raise `CheckFailed` unless it holds: at once on the fake, and elsewhere in the course of time,
    since a search index may lag behind.
    """
    if deployment.control is not None:
        expect(holds(), message)
    else:
        deployment.poll(holds, bool, f"waiting: {message},")


def undisturbed(check: Callable[[], None]) -> None:
    """Do a check of things that are not the scenario's own: it is broken when it is so each time."""
    for _ in range(ATTEMPTS - 1):
        try:
            return check()
        except (CheckFailed, Error):
            continue
    return check()
