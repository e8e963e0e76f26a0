"""Faults: failures to rehearse. What they hit follows from the requests, the world's clock and its seed alone."""

import difflib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

from mock_server.domain.access import Caller
from mock_server.domain.versions import OPERATIONS
from mock_server.errors import BadRequestError
from mock_server.ids import SeededRandom

KNOWN_OPERATIONS = (*OPERATIONS, "get_file")
"""What a fault can name: all operations, and the downloads behind signed URLs."""

LONGEST_NAME = 100
"""How much of a mistaken name is compared and repeated."""


class FaultCall(NamedTuple):
    """A request as faults see it: the path decoded, `entities` the ids in it.

    The id of something that a request makes is known only from the answer, so a fault with `entity` never hits the
    request that makes it.
    """

    operation: str | None
    method: str
    path: str
    entities: tuple[str, ...]
    caller: Caller | None


class FaultEffect(NamedTuple):
    """What is to happen to a request: it waits `latency` real seconds, and unless that is all (`only_delays`), one of
    `status` (with `message` and `headers`), `close`, `truncate` and `malform` takes the place of its answer.

    All waiting is done in one place: with the phase `before` ahead of the operation, with `after` between the
    operation and its answer. `name` and `phase` are those of the fault that takes the answer's place; of the first one
    that fired when all they do is wait.
    """

    name: str
    phase: str
    latency: float
    status: int | None
    message: str | None
    headers: dict[str, str]
    close: bool
    truncate: int | None
    malform: bool

    @property
    def only_delays(self) -> bool:
        """Whether the answer of the operation is sent as it is."""
        return self.status is None and self.truncate is None and not self.close and not self.malform


@dataclass(slots=True)
class FaultRule:
    """A fault that was set at `set_at` on the world's clock: it has `seen` so many requests that fit, and hit (was
    `applied` to) so many of them. `spec` is the fault as JSON: durations in seconds, nothing that is null.
    """

    name: str
    spec: dict[str, Any]
    set_at: float
    seen: int = 0
    applied: int = 0

    @property
    def terminal(self) -> bool:
        """Whether it takes the place of an answer, and does not only delay it."""
        spec = self.spec
        return "status" in spec or "truncate" in spec or bool(spec.get("close")) or bool(spec.get("malform"))

    @property
    def paused(self) -> bool:
        """Whether it neither counts nor hits for the time being."""
        return bool(self.spec.get("paused"))

    @property
    def begins(self) -> float:
        """When its time begins."""
        return self.set_at + float(self.spec.get("after", 0.0))

    @property
    def ends(self) -> float:
        """When its time is over."""
        return self.begins + float(self.spec.get("lasts", "inf"))

    def fits(self, call: FaultCall, now: float) -> bool:
        """Whether it is its time and its kind of request."""
        wanted = self.spec
        caller = call.caller
        users = (caller.user_id.lower(), caller.email.lower()) if caller else ()
        return (
            not self.paused
            and self.begins <= now < self.ends
            and wanted.get("operation") in (None, call.operation)
            and ("method" not in wanted or wanted["method"].upper() == call.method)
            and ("path" not in wanted or path_fits(wanted["path"], call.path))
            and ("entity" not in wanted or wanted["entity"].lower() in map(str.lower, call.entities))
            and ("user" not in wanted or wanted["user"].lower() in users)
        )

    def fires(self, draws: Callable[..., SeededRandom]) -> bool:
        """Whether it hits the request that it has just counted."""
        spec = self.spec
        return (
            spec.get("nth") in (None, self.seen)
            and self.seen <= spec.get("first", self.seen)
            and self.seen % spec.get("every", 1) == 0
            and self.applied < spec.get("times", self.applied + 1)
            and ("probability" not in spec or self._draw(draws).uniform(0, 1) < spec["probability"])
        )

    def latency(self, draws: Callable[..., SeededRandom]) -> float:
        """For how many seconds the request that it has just counted has to wait."""
        latency = self.spec.get("latency", 0.0)
        if isinstance(latency, list | tuple):
            return self._draw(draws, "latency").uniform(*latency)
        return float(latency)

    def chosen(self, latency: float) -> FaultEffect:
        """What happens to a request that it hits."""
        spec = self.spec
        return FaultEffect(
            name=self.name,
            phase=spec.get("phase", "before"),
            latency=latency,
            status=spec.get("status"),
            message=spec.get("message"),
            headers=spec.get("headers", {}),
            close=spec.get("close", False),
            truncate=spec.get("truncate"),
            malform=spec.get("malform", False),
        )

    def _draw(self, draws: Callable[..., SeededRandom], *of: str) -> SeededRandom:
        return draws("fault", self.name, str(self.seen), *of)

    def to_json(self) -> dict[str, Any]:
        """The fault as it is stored."""
        return {
            "name": self.name,
            "spec": self.spec,
            "set_at": self.set_at,
            "seen": self.seen,
            "applied": self.applied,
        }


def over(rule: FaultRule, now: float) -> bool:
    """Whether it cannot happen any more: its time is over, or all that it could hit has gone by."""
    spec = rule.spec
    return (
        now >= rule.ends
        or ("times" in spec and rule.applied >= spec["times"])
        or ("nth" in spec and rule.seen >= spec["nth"])
        or ("first" in spec and rule.seen >= spec["first"])
    )


class Faults:
    """The faults of a world in the order in which they are asked."""

    def __init__(self, rules: Iterable[FaultRule] = ()) -> None:
        self._rules = {rule.name: rule for rule in rules}

    def __bool__(self) -> bool:
        return bool(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[FaultRule]:
        return iter(self._rules.values())

    def set(self, spec: dict[str, Any], now: float) -> FaultRule:
        """Set one fault. One of the same name is replaced where it stands, and counts anew; one without a name gets
        one.
        """
        name = spec.get("name") or next(_free_names(self._rules))
        self._rules[name] = FaultRule(name, {**spec, "name": name}, now)
        return self._rules[name]

    def replace(self, specs: list[dict[str, Any]], now: float) -> None:
        """Set these faults and no others. Raises `BadRequestError` when two have the same name."""
        named = Counter(spec["name"] for spec in specs if "name" in spec)
        if named and (twice := named.most_common(1)[0])[1] > 1:
            raise BadRequestError(f"two faults are called {twice[0]}")
        free = _free_names(named)
        rules = [{**spec, "name": spec.get("name") or next(free)} for spec in specs]
        self._rules = {spec["name"]: FaultRule(spec["name"], spec, now) for spec in rules}

    def forget(self, name: str) -> bool:
        """Remove one; whether it was there."""
        return self._rules.pop(name, None) is not None

    def pause(self, name: str, *, paused: bool) -> bool:
        """Let one rest, or go on; whether it was there."""
        rule = self._rules.get(name)
        if rule is not None:
            rule.spec = {**rule.spec, "paused": paused}
        return rule is not None

    def clear(self) -> None:
        """Remove all."""
        self._rules.clear()

    def choose(self, call: FaultCall, now: float, draws: Callable[..., SeededRandom]) -> FaultEffect | None:
        """What happens to a request; None when no fault hits it.

        Every fault that fits counts the request. The first one that takes the answer's place does so, and keeps later
        ones of that kind from firing; the latencies of all that fire add up.
        """
        first: FaultRule | None = None
        taking: FaultRule | None = None
        latency = 0.0
        for rule in self._rules.values():
            if not rule.fits(call, now):
                continue
            rule.seen += 1
            if (taking and rule.terminal) or not rule.fires(draws):
                continue
            rule.applied += 1
            latency += rule.latency(draws)
            first = first or rule
            if rule.terminal:
                taking = rule
        named = taking or first
        return named.chosen(latency) if named else None

    def to_json(self) -> list[dict[str, Any]]:
        """The faults as they are stored, with all that they have counted."""
        return [rule.to_json() for rule in self]

    @classmethod
    def from_json(cls, stored: list[dict[str, Any]]) -> "Faults":
        """The faults that `to_json` stored."""
        return cls(FaultRule(**rule) for rule in stored)


def path_fits(pattern: str, path: str) -> bool:
    """Whether all of `path` has the form of `pattern`, where `*` stands for any text, slashes included."""
    first, *rest = pattern.split("*")
    if not rest:
        return path == pattern
    *middle, last = rest
    if not path.startswith(first):
        return False
    at = len(first)
    for part in middle:
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return path.endswith(last) and len(path) - len(last) >= at


def unknown_operation(name: str) -> str | None:
    """What to say of an operation that there is not, with those that sound like it; None for one that there is."""
    if name in KNOWN_OPERATIONS:
        return None
    name = name[:LONGEST_NAME]
    close = difflib.get_close_matches(name.lower(), KNOWN_OPERATIONS)
    return f"there is no operation {name}" + (f"; did you mean {' or '.join(close)}?" if close else "")


def _free_names(taken: Container[str]) -> Iterator[str]:
    return (name for number in count(1) if (name := f"fault-{number}") not in taken)
