"""Budgets of a run: requests, resources, time."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep

import requests

from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import Effect
from mock_server.input_errors.numbers import plain


class StoppedError(requests.RequestException):
    """Raised when the run must stop: a budget is exhausted, or the deployment keeps failing. The message says which.

    HTTP clients treat it as a network failure.
    """


class BudgetSpentError(StoppedError):
    """Raised when a budget does not allow a request. What was seen until then stands."""


COUNTED = {"requests": "requests", "created": "data assets", "runs": "computations"}
"""Budgets that count, each with what it counts."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """The most that a run may use; None is no limit."""

    requests: int | None = None
    created: int | None = None
    """Data assets."""
    runs: int | None = None
    """Computations."""
    seconds: float | None = None
    """Of wall time."""
    per_second: float | None = None
    """Requests."""
    failures_in_a_row: int | None = 20
    """Requests answered 5xx, or not at all, one after the other."""


class Meter:
    """Counts what a run uses. `wait` and `now` are real time."""

    def __init__(
        self, budgets: Budgets, wait: Callable[[float], None] = sleep, now: Callable[[], float] = monotonic
    ) -> None:
        self.budgets = budgets
        self.stopped: str | None = None
        """Why the run has to end; None while it may go on."""
        self.spent = False
        """Whether it has to end because a budget is spent, and not because of the deployment."""
        self.used = dict.fromkeys(COUNTED, 0)
        self._wait, self._now = wait, now
        self._started = now()
        self._last: float | None = None
        self._failures = 0

    def before(self, exchange: Exchange) -> None:
        """Count a request that is to be sent, and wait until it may be. Raises `StoppedError`, and `BudgetSpentError`
        where only this one is not allowed: a run that may make nothing more can still read.
        """
        if self.stopped is not None:
            raise (BudgetSpentError if self.spent else StoppedError)(self.stopped)
        limit = self.budgets.seconds
        if limit is not None and self._now() - self._started >= limit:
            self._stop(f"budget exhausted: {plain(limit)} seconds")
        effect = exchange.operation.effect if exchange.operation else None
        made = {Effect.CREATE: "created", Effect.RUN: "runs"}.get(effect) if effect else None
        if made is not None and self._is_spent(made):
            raise BudgetSpentError(self._exhausted(made))
        if self._is_spent("requests"):
            self._stop(self._exhausted("requests"))
        for counted in ("requests", made):
            if counted is not None:
                self.used[counted] += 1
        self._pace()

    def after(self, exchange: Exchange) -> None:
        """Look at an answer, or at there being none. Raises nothing: the request that comes next is stopped."""
        failed = exchange.status is None or exchange.status >= 500
        self._failures = self._failures + 1 if failed else 0
        limit = self.budgets.failures_in_a_row
        if limit is not None and self._failures >= limit:
            last = "no response" if exchange.status is None else exchange.status
            self.stopped = f"the deployment failed {limit} requests in a row (last: {last})"

    def _is_spent(self, what: str) -> bool:
        limit: int | None = getattr(self.budgets, what)
        return limit is not None and self.used[what] >= limit

    def _exhausted(self, what: str) -> str:
        return f"budget exhausted: {getattr(self.budgets, what)} {COUNTED[what]}"

    def _pace(self) -> None:
        if self.budgets.per_second is None:
            return
        if self._last is not None:
            self._wait(max(0.0, self._last + 1 / self.budgets.per_second - self._now()))
        self._last = self._now()

    def _stop(self, reason: str) -> None:
        self.stopped, self.spent = reason, True
        raise BudgetSpentError(reason)
