"""Calls that must be refused, and such that must not."""

from collections.abc import Callable
from typing import Any

from codeocean.error import Error

from contract_tests.findings import CheckFailed, expect


def expect_error(status: int, what: str, call: Callable[..., Any], *arguments: Any) -> Error:
    """Return the error that a call of the SDK raises. Raises `CheckFailed` when there is none, or another status.

    `what` begins the message: "a run with an unknown parameter".
    """
    try:
        call(*arguments)
    except Error as problem:
        expect(problem.status_code == status, f"{what} returned {problem.status_code}, expected {status}")
        return problem
    raise CheckFailed(f"{what} was accepted, expected {status}")


def expect_success(what: str, call: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a call of the SDK returns. Raises `CheckFailed`, whose message begins with `what`, on an error."""
    try:
        return call(*arguments)
    except Error as problem:
        raise CheckFailed(f"{what} returned {problem.status_code}: {problem.message}") from None
