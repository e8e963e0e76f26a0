"""Calls that must be refused, and such that must not."""

from collections.abc import Callable, Sequence
from typing import Any

from codeocean.error import Error

from contract_tests.findings import CheckFailed, expect


def expect_error(status: int, what: str, call: Callable[..., Any], *arguments: Any, rules: Sequence[str] = ()) -> Error:
    """Return the error that a call of the SDK raises. Raises `CheckFailed` when there is none, or another status.

    `what` begins the message: "a run with an unknown parameter". `rules` are those that this judges.
    """
    try:
        call(*arguments)
    except Error as problem:
        expect(problem.status_code == status, f"{what} returned {problem.status_code}, expected {status}", *rules)
        return problem
    raise CheckFailed(f"{what} was accepted, expected {status}", rules)


def expect_success(what: str, call: Callable[..., Any], *arguments: Any, rules: Sequence[str] = ()) -> Any:
    """Return what a call of the SDK returns. Raises `CheckFailed`, whose message begins with `what`, on an error;
    `rules` are those that this judges.
    """
    try:
        answer = call(*arguments)
    except Error as problem:
        raise CheckFailed(f"{what} returned {problem.status_code}: {problem.message}", rules) from None
    expect(True, what, *rules)
    return answer
