"""The journal as the control plane shows it, and what can be asked of it (docs/journal.md)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mock_server.wire.control import Control, Duration


class Match(Control):
    """Which requests are meant: all that is given must hold. `status` is a number or a class such as `4xx`; `path` a
    pattern with `*`; `fault` the name of a fault, or `*` for any; `after` the number of a request.
    """

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    entity: str | None = None
    user: str | None = None
    status: str | int | None = None
    fault: str | None = None
    after: int | None = None


class Entry(Control):
    """A request as the journal shows it, secrets left out.

    `time` is the world's clock at arrival, `real` real time, `took` real seconds. `status` is what the client was
    answered, 0 when the connection was closed instead; `outcome` is what the operation itself had answered, None when
    it was not reached. `entity` is the object of the request, `names` all objects
    that it speaks of, `state` the state that the answer showed. `unread` are fields of the request that nothing read.
    """

    number: int
    time: float
    real: float
    took: float
    method: str
    path: str
    query: str
    operation: str | None
    user: str | None
    entity: str | None
    names: list[str]
    status: int
    outcome: int | None
    state: str | None
    fault: str | None
    unread: list[str]
    retry_after: float | None
    headers: dict[str, str]
    body: str
    answer: str


class Journal(Control):
    """Requests in the order in which they came; `dropped` have fallen out of the ring, `last` is the newest number."""

    requests: list[Entry]
    dropped: int
    last: int


class WaitRequest(Control):
    """Wait until `count` requests match, `timeout` real seconds at most."""

    match: Match
    count: Annotated[int, Field(ge=1)] = 1
    timeout: Annotated[Duration, Field(le=600)] = 10.0


class Waited(Control):
    """Whether it came to that: the requests that matched, and if not, those nearest to what was waited for."""

    met: bool
    seen: int
    requests: list[Entry]
    nearest: list[Entry]


class CountCheck(Control):
    """So many requests match."""

    check: Literal["count"]
    match: Match = Match()
    exactly: Annotated[int, Field(ge=0)] | None = None
    at_least: Annotated[int, Field(ge=0)] | None = None
    at_most: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _says_how_many(self) -> Self:
        if self.exactly is None and self.at_least is None and self.at_most is None:
            raise ValueError("needs exactly, at_least or at_most")
        return self


class OrderCheck(Control):
    """Requests came in this order, whatever came between them."""

    check: Literal["order"]
    matches: Annotated[list[Match], Field(min_length=2)]


class SpacingCheck(Control):
    """Two requests for the same thing, one after the other, are that far apart, on the `world`'s clock or in `real`
    time.
    """

    check: Literal["spacing"]
    match: Match = Match()
    at_least: Duration | None = None
    at_most: Duration | None = None
    clock: Literal["world", "real"] = "world"

    @model_validator(mode="after")
    def _says_how_far(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("needs at_least or at_most")
        return self


class FinalCheck(Control):
    """Once an answer has shown a terminal state, the same is not asked again."""

    check: Literal["final"]
    match: Match = Match()


class RetryAfterCheck(Control):
    """After an answer with `Retry-After` the same is not asked before that time is over, in `real` time or on the
    `world`'s clock.
    """

    check: Literal["retry_after"]
    match: Match = Match()
    clock: Literal["world", "real"] = "real"


class UniqueCheck(Control):
    """No two requests with the same method, path and body took effect, whatever the client was told: a run that was
    started twice because the first answer was lost is found by this.
    """

    check: Literal["unique"]
    match: Match = Match()


Check = Annotated[
    CountCheck | OrderCheck | SpacingCheck | FinalCheck | RetryAfterCheck | UniqueCheck, Field(discriminator="check")
]


class Verification(Control):
    """What is to be true of the journal."""

    checks: Annotated[list[Check], Field(min_length=1)]


class CheckResult(Control):
    """Whether one check holds, in a sentence; if not, the requests nearest to what was wanted."""

    check: str
    passed: bool
    message: str
    nearest: list[Entry] = Field(default_factory=list)


class Verdict(Control):
    """Whether all checks hold. `dropped` requests had fallen out of the ring and were not looked at."""

    passed: bool
    results: list[CheckResult]
    dropped: int

    def __repr__(self) -> str:
        """What fails, in sentences: pytest cuts off what it shows of an object after some 240 characters."""
        failed = "; ".join(f"{result.check}: {result.message}" for result in self.results if not result.passed)
        return f"<Verdict: {failed or 'passed'}>"

    __str__ = __repr__
