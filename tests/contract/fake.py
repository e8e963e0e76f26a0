"""The harness against the fake, in this process: a world of its own on a clock that stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from contract_tests.deployment import Deployment, Subjects
from contract_tests.discovery import discover
from contract_tests.session import DEMO_TOKENS
from contract_tests.transport.budgets import Budgets, Meter
from contract_tests.transport.gate import Gate
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.profiles import Profile, Rules
from contract_tests.transport.target import Target
from mock_server.client import CodeOceanServer

PATIENCE = 5.0
"""Real seconds for what only the clock holds up, and that a test moves."""

_numbers = count(1)


@contextmanager
def deployment(
    server: CodeOceanServer,
    profile: Profile = Profile.FULL,
    *,
    budgets: Budgets | None = None,
    ledger: Ledger | None = None,
    named: Subjects | None = None,
    **world: Any,
) -> Iterator[Deployment]:
    """A fresh world of `server` as checks see it, through a gate that is installed."""
    options: dict[str, Any] = {"clock": {"mode": "frozen"}, "random_seed": 7} | world
    created = server.new_world(f"contract-{next(_numbers)}", **options)
    target = Target.of(server.url)
    rules = Rules(profile, target, tag="contract-test", capsule=named.capsule if named else None)
    tokens = {who: created.token_of(token) for who, token in DEMO_TOKENS.items()}
    callers = {token: who for who, token in tokens.items()}
    gate = Gate(target, rules, Meter(budgets or Budgets()), ledger, callers)
    try:
        with gate.installed():
            under_test = Deployment(gate, tokens, "contract-test", created.control, PATIENCE)
            under_test.subjects = discover(under_test, named or Subjects())
            yield under_test
            under_test.close()
    finally:
        created.control.delete()
        created.close()
