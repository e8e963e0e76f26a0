"""Profiles: what may be sent to a deployment; denied unless allowed."""

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Any

import requests

from contract_tests.transport.budgets import Budgets
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.operations import OPERATIONS, Effect, Operation
from contract_tests.transport.target import Target


class Refused(requests.RequestException):
    """A request that the profile does not allow; it was not sent. Clients take it for a failure of the network."""


class Profile(StrEnum):
    """Permissions of a run on a deployment."""

    OBSERVE = "observe"
    """Only what cannot change anything."""
    SANDBOXED = "sandboxed"
    """May also make runs of one capsule and data assets, change and delete those, and nothing else."""
    FULL = "full"
    """Everything: for the fake."""


DOCUMENT = "/openapi.json"
"""Where a deployment may hand out a document of its own."""

BUDGETS = {
    Profile.OBSERVE: Budgets(requests=1400, created=0, runs=0, seconds=1800, per_second=5, failures_in_a_row=5),
    Profile.SANDBOXED: Budgets(requests=2000, created=10, runs=5, seconds=3600, per_second=5, failures_in_a_row=5),
    Profile.FULL: Budgets(),
}
"""What each profile may use when nothing else is said."""


MOST_SIGNED_URLS = 10_000
"""How many of the addresses that a run was given last it may fetch."""


class Rules:
    """Decides on every request. `tag` marks what the run makes; `capsule` is the only one that a sandboxed run may
    start; `named` are administrators' operations that the user asked for by name.
    """

    def __init__(
        self,
        profile: Profile,
        target: Target,
        *,
        tag: str,
        capsule: str | None = None,
        named: Collection[str] = (),
    ) -> None:
        self.profile = profile
        self._target = target
        self._tag = tag
        self._capsule = capsule
        self._named = frozenset(named)
        self._own: set[str] = set()
        self._signed_urls: dict[str, None] = {}

    def allows(self, operation: Operation) -> bool:
        """Tell whether requests of this operation may be allowed; each is still examined."""
        if self.profile is Profile.FULL or operation.effect is Effect.READ:
            return True
        if operation.effect is Effect.ADMIN:
            return operation.name in self._named
        return self.profile is Profile.SANDBOXED and (operation.name in _OWN or operation.name in _CREATES)

    def allows_generated(self, operation: Operation) -> bool:
        """Tell whether generated requests of this operation may be sent: outside the fake, only those that read."""
        return self.profile is Profile.FULL or operation.effect is Effect.READ

    def refusal(self, exchange: Exchange) -> str | None:
        """Give the reason why a request may not be sent; None when it may."""
        if exchange.url in self._signed_urls and exchange.method in ("GET", "HEAD") and exchange.caller is None:
            return None
        if not self._target.owns(exchange.url):
            return "it goes to another host"
        if self.profile is Profile.FULL:
            return None
        operation = exchange.operation
        if exchange.method == "GET" and self._target.path_of(exchange.url) == DOCUMENT:
            return None
        if operation is None:
            return "it is not an operation of the contract"
        if any(_may_be_path(value) for value in exchange.keys.values()):
            return "an id in its path could be read as another path"
        if not self.allows(operation):
            return f"the profile {self.profile} does not allow {operation.name}"
        if operation.effect is Effect.READ:
            return None
        if operation.name in _CREATES:
            return _CREATES[operation.name](self, exchange.sent_json())
        ids = set(exchange.keys.values())
        return None if ids and ids <= self._own else "its target was not created by this run"

    def add_own(self, ids: Collection[str]) -> None:
        """Remember that the run has made these."""
        self._own.update(ids)

    def learn(self, exchange: Exchange) -> None:
        """Remember from an answer what the run owns, and which addresses it was given."""
        if not exchange.ok or exchange.operation is None:
            return
        answer = exchange.json()
        if not isinstance(answer, dict):
            return
        if exchange.operation.effect in (Effect.RUN, Effect.CREATE) and isinstance(answer.get("id"), str):
            self._own.add(answer["id"])
        self._signed_urls.update((url, None) for url in map(answer.get, _ADDRESSES) if isinstance(url, str))
        while len(self._signed_urls) > MOST_SIGNED_URLS:
            self._signed_urls.pop(next(iter(self._signed_urls)))

    def _refuse_run(self, body: Any) -> str | None:
        capsule = body.get("capsule_id") if isinstance(body, dict) else None
        if self._capsule is None or capsule != self._capsule:
            return "it does not run the capsule named with --capsule"
        return "it runs a pipeline" if body.get("pipeline_id") else None

    def _refuse_asset(self, body: Any) -> str | None:
        if not isinstance(body, dict) or self._tag not in (body.get("tags") or ()):
            return f"it lacks the tag {self._tag}"
        if body.get("target"):
            return "it would write to a bucket"
        source = body.get("source")
        # Clients send null for the kinds of source that they do not use.
        used = {kind: value for kind, value in source.items() if value is not None} if isinstance(source, dict) else {}
        run = used.get("computation") if set(used) == {"computation"} else None
        if not isinstance(run, dict) or run.get("id") not in self._own:
            return "its source is not a computation started by this run"
        return None


def _may_be_path(value: str) -> bool:
    """Tell whether an intermediary could read an id as a path."""
    return value.strip(".") == "" or any(char in value for char in "/\\\0?#%;")


_ADDRESSES = ("url", "download_url", "view_url")

_CREATES: dict[str, Callable[[Rules, Any], str | None]] = {
    "run_capsule": Rules._refuse_run,
    "create_data_asset": Rules._refuse_asset,
}
"""What a sandboxed run may make, and who looks at the body."""

_OWN = frozenset(
    {
        "delete_computation",
        "rename_computation",
        "archive_data_asset",
        "delete_data_asset",
        "update_data_asset",
    }
)
"""What a sandboxed run may do to what it has made."""

assert _OWN | set(_CREATES) <= set(OPERATIONS)
