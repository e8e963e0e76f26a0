"""The deployment under test as checks see it: who calls it, what is there to work on, how time passes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, TypeVar

import requests
from codeocean import CodeOcean

from contract_tests.findings import CheckFailed, CheckSkipped, expect
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.gate import Gate, exchange_of
from contract_tests.transport.operations import ROOT
from mock_server.client import WorldControl
from mock_server.input_errors.numbers import plain

T = TypeVar("T")

OWNER = "owner"
"""Whose token the run was given first."""
OTHER = "other"
"""Another user, who sees only what is shared."""
ADMIN = "admin"
READER = "reader"
"""The owner with only read scopes."""
NO_SCOPES = "no_scopes"
"""The owner without any scope."""

TERMINAL = ("completed", "failed")
"""States of a computation that are final; source: the API's documentation, "Computations"."""

STEERED_POLLS = 100
"""How often at least something is asked for where the clock can be moved: there the machine is slow, not the run."""


LONGEST_SLEEP = 120.0
"""The most seconds that are waited in reality for something that only time brings about."""


@dataclass(slots=True)
class Subjects:
    """Resources to test with; None where nothing was found or named."""

    capsule: str | None = None
    pipeline: str | None = None
    computation: str | None = None
    """A run that is completed and has results."""
    data_asset: str | None = None
    """One that is ready, and whose files the deployment holds."""
    data_asset_file: str | None = None
    """The path of one of its files."""


class Caller:
    """One user of the deployment, speaking HTTP."""

    def __init__(self, gate: Gate, token: str | None) -> None:
        self._gate = gate
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = (token, "") if token is not None else None

    def ask(
        self,
        method: str,
        path: str,
        status: int | None = None,
        *,
        raw: bool = False,
        rules: Sequence[str] = (),
        **more: Any,
    ) -> Exchange:
        """Send a request and give what became of it; `path` is below `/api/v1`, or a whole address.

        `status` is what must be answered: raises `CheckFailed` otherwise; `rules` are those that this judges. `raw`
        sends the path as written, dots and all. `more` is as for `requests`.
        """
        url = path if "://" in path else f"{self._gate.target.url}{ROOT}{path}"
        follows = more.pop("allow_redirects", False)
        prepared = self._session.prepare_request(requests.Request(method, url, **more))
        if raw:
            prepared.url = url
        self._session.send(prepared, allow_redirects=follows)
        exchange = exchange_of(prepared)
        assert exchange is not None
        if status is not None:
            message = f"{method} {exchange.path} returned {exchange.status}, expected {status}"
            expect(exchange.status == status, message, *rules)
        return exchange

    def close(self) -> None:
        """Close its connections."""
        self._session.close()


class Deployment:
    """Deployment as checks see it. `control` steers the clock of the fake; `tag` marks what is created."""

    def __init__(
        self,
        gate: Gate,
        tokens: dict[str, str],
        tag: str,
        control: WorldControl | None = None,
        patience: float = 600.0,
    ) -> None:
        self.gate = gate
        self.tag = tag
        self.control = control
        self.patience = patience
        """Real seconds that a run may take where no clock can be moved."""
        self.subjects = Subjects()
        self._tokens = tokens
        self._open: list[Callable[[], None]] = []
        self._sdks: dict[str, CodeOcean] = {}
        self._callers: dict[str, Caller] = {}

    def sdk(self, who: str = OWNER) -> CodeOcean:
        """The official SDK as one of the users. Raises `CheckSkipped` when there is no such token."""
        if who not in self._sdks:
            sdk = CodeOcean(domain=self.gate.target.url, token=self.token(who))
            sdk.session.trust_env = False
            self._open.append(sdk.session.close)
            self._sdks[who] = sdk
        return self._sdks[who]

    def http(self, who: str = OWNER) -> Caller:
        """HTTP as one of the users. Raises `CheckSkipped` when there is no such token."""
        if who not in self._callers:
            self._callers[who] = self._caller(self.token(who))
        return self._callers[who]

    def anybody(self, token: str | None = None) -> Caller:
        """HTTP without a token, or with one of the check's own making."""
        return self._caller(token)

    def token(self, who: str) -> str:
        """The token of a user. Raises `CheckSkipped`."""
        if who not in self._tokens:
            raise CheckSkipped(f"no token for the user {who}")
        return self._tokens[who]

    @property
    def capsule(self) -> str:
        """A capsule that can be run. Raises `CheckSkipped`."""
        return self._require(self.subjects.capsule, "capsule")

    @property
    def pipeline(self) -> str:
        """A pipeline that can be run. Raises `CheckSkipped`."""
        return self._require(self.subjects.pipeline, "pipeline")

    @property
    def computation(self) -> str:
        """A completed run with results. Raises `CheckSkipped`."""
        return self._require(self.subjects.computation, "completed computation")

    @property
    def data_asset(self) -> str:
        """A ready data asset with files. Raises `CheckSkipped`."""
        return self._require(self.subjects.data_asset, "ready data asset")

    def steered(self) -> WorldControl:
        """The control plane of the fake. Raises `CheckSkipped` where there is none."""
        if self.control is None:
            raise CheckSkipped("requires the fake's control plane")
        return self.control

    def pass_time(self, seconds: float) -> None:
        """Let time pass: on the fake's clock, else in reality. Raises `CheckSkipped` when that would take too long."""
        if self.control is not None:
            self.control.advance(seconds)
        elif seconds > LONGEST_SLEEP:
            raise CheckSkipped(f"requires a clock that can be moved by {plain(seconds)} seconds")
        else:
            sleep(seconds)

    def pass_until(self, at: float) -> None:
        """Let time pass until the fake's clock stands at `at`, in Unix seconds, or later: one that moves by itself may
        have passed it already. Raises `CheckSkipped` where there is no such clock.
        """
        control = self.steered()
        control.advance(max(0.0, at - control.clock().now))

    @contextmanager
    def clock_held(self) -> Iterator[WorldControl]:
        """Keep the fake's clock from moving by itself inside the block, to look at what is on its way; whoever moves
        it still can. Raises `CheckSkipped` where there is no such clock.
        """
        control = self.steered()
        before = control.clock()
        if before.mode == "frozen":
            yield control
            return
        control.freeze()
        try:
            yield control
        finally:
            if before.mode == "scaled":
                control.set_clock("scaled", scale=before.scale)
            elif before.mode == "skipping":
                control.set_clock("skipping")
            else:
                control.set_clock("offset", at=control.clock().now)

    def poll(self, ask: Callable[[], T], done: Callable[[T], bool], what: str) -> T:
        """Ask until it is done, with time passing in between: from change to change on the fake's clock. Raises
        `CheckFailed` when that takes longer than the run's patience, and on the fake more than `STEERED_POLLS` too.
        """
        end = monotonic() + self.patience
        polls_left = STEERED_POLLS if self.control is not None else 0
        pause = 0.5
        answer = ask()
        while not done(answer):
            polls_left -= 1
            if monotonic() > end and polls_left < 0:
                raise CheckFailed(f"{what} did not finish within {plain(self.patience)} seconds")
            if self.control is not None:
                # Where others are at work too, the next change is seldom the one that is waited for.
                self.control.advance(pause / 5, next_change=True)
            else:
                sleep(pause)
            pause = min(pause * 1.5, 30.0)
            answer = ask()
        return answer

    def scenario(self, name: str, kind: str = "capsule", **fields: Any) -> dict[str, Any]:
        """A scenario of this run for the runs of its capsule, or pipeline (docs/scenarios.md)."""
        return {"name": f"{self.tag}-{name}", "when": {kind: getattr(self, kind)}, **fields}

    @contextmanager
    def scenarios(self, *scenarios: dict[str, Any]) -> Iterator[None]:
        """Load scenarios of the fake inside the block (docs/scenarios.md). Raises `CheckSkipped` elsewhere."""
        control = self.steered()
        control.load_scenarios({"version": 1, "scenarios": list(scenarios)})
        try:
            yield
        finally:
            for scenario in scenarios:
                control.delete_scenario(scenario["name"])

    def close(self) -> None:
        """Close all connections."""
        for close in self._open:
            close()
        self._open.clear()

    def _caller(self, token: str | None) -> Caller:
        caller = Caller(self.gate, token)
        self._open.append(caller.close)
        return caller

    @staticmethod
    def _require(subject: str | None, what: str) -> str:
        if subject is None:
            raise CheckSkipped(f"no {what} to test with")
        return subject
