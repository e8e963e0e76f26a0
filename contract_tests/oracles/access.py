"""Oracles of access: authentication, scopes, ownership."""

from collections.abc import Iterable, Iterator
from typing import Any

from contract_tests.deployment import OTHER, OWNER, READER
from contract_tests.oracles.observation import Kind, Observation
from contract_tests.oracles.oracle import Oracle
from contract_tests.transport.operations import Effect

SHOWING = tuple(
    f"{what}_{kind}{of}"
    for what, of in (("attach", "_data_assets"), ("release", ""))
    for kind in ("capsule", "pipeline")
)
"""The operations that may show something along with a capsule."""

UNKNOWN = "unknown"
"""A token that nobody was given."""


class Authentication(Oracle):
    """Nothing is answered to nobody."""

    name = "authentication"
    summary = "No operation succeeds without a token, or with one that nobody was given."

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look at requests of nobody."""
        if seen.name is not None and seen.caller in (None, UNKNOWN):
            self.judged += 1
            if seen.ok:
                whose = "without a token" if seen.caller is None else "with an unknown token"
                yield f"{seen.name} {whose} returned {seen.exchange.status}"


class Scopes(Oracle):
    """A token that may only read does not write."""

    name = "scopes"
    summary = "No operation that makes, changes or deletes succeeds with a token with only read scopes."

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look at what the reader does."""
        if seen.caller == READER and seen.effect not in (None, Effect.READ):
            self.judged += 1
            if seen.ok:
                yield f"{seen.name} returned {seen.exchange.status} to a token with only read scopes"


class Ownership(Oracle):
    """Private resources are not shown to other users.

    A data asset is private when it is made. A run is shown to those who see its capsule, so it counts as private where
    the capsule's permissions name nobody but one owner.
    """

    name = "ownership"
    summary = "What the owner has made and not shared does not exist for another user."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._assets: set[str] = set()
        self._runs: dict[str, str] = {}
        """The capsule of each of the owner's runs."""
        self._capsules: set[str] = set()
        """Those whose permissions name nobody but one owner."""
        self._owners: dict[str, Any] = {}
        """The owner of each capsule, as far as it was seen: an administrator reads permissions of others too."""
        self._user: Any = None
        """The user whose token the owner has."""

    def observe(self, seen: Observation) -> Iterable[str]:
        """Remember what is private, and look at what another user gets."""
        if seen.caller == OTHER:
            yield from self._judge(seen)
        for record in seen.records:
            if record.kind is Kind.CAPSULE:
                self._owners[record.id] = record.fields.get("owner")
        if seen.created is not None and seen.caller == OWNER:
            self._user = seen.created.fields.get("owner")
            self._make(seen, seen.created.kind, seen.created.id)
        elif seen.name is not None and seen.name.endswith("_permissions") and seen.target is not None:
            self._share(seen, seen.target)
        elif seen.changes and seen.name in SHOWING:
            self._show(seen)

    def _make(self, seen: Observation, kind: Kind, key: str) -> None:
        if kind is Kind.DATA_ASSET:
            self._assets.add(key)
        elif isinstance(seen.sent, dict):
            self._runs[key] = str(seen.sent.get("capsule_id") or seen.sent.get("pipeline_id")).lower()

    def _share(self, seen: Observation, key: str) -> None:
        kept = self._assets if "data_asset" in (seen.name or "") else self._capsules
        if seen.changes:
            kept.discard(key)
            if seen.shares_along:
                # The data assets of a capsule, and the capsules of a pipeline.
                self._forget_all()
        elif seen.ok and seen.caller == OWNER and names_one_owner(seen.body):
            kept.add(key)
        elif seen.ok:
            kept.discard(key)

    def _show(self, seen: Observation) -> None:
        """What is attached to a capsule or released with it may be shown to those who see the capsule."""
        attached = list(_referenced_ids({"data_assets": seen.sent}))
        if attached:
            self._assets.difference_update(attached)
        else:
            self._forget_all()

    def _forget_all(self) -> None:
        self._assets.clear()
        self._capsules.clear()

    def _is_private(self, key: str) -> bool:
        capsule = self._runs.get(key)
        is_own = self._owners.get(capsule or "", self._user) == self._user
        return key in self._assets or (capsule in self._capsules and is_own)

    def _judge(self, seen: Observation) -> Iterable[str]:
        named = [seen.target] if seen.target is not None else list(_referenced_ids(seen.sent))
        for key in named:
            if key is not None and self._is_private(key):
                self.judged += 1
                if seen.ok:
                    yield f"{seen.name} of {key} returned {seen.exchange.status} to a user it is not shared with"
        for record in seen.records:
            if record.id not in named and self._is_private(record.id):
                yield f"{seen.name} shows {record} to a user it is not shared with"


def names_one_owner(permissions: Any) -> bool:
    """Tell whether permissions name nobody but one owner."""
    if not isinstance(permissions, dict) or permissions.get("everyone") not in (None, "none"):
        return False
    users = permissions.get("users") or []
    return not permissions.get("groups") and isinstance(users, list) and len(users) == 1


def _referenced_ids(sent: Any) -> Iterator[str]:
    """The things that a request's body names, to be run or captured."""
    if not isinstance(sent, dict):
        return
    source = sent.get("source")
    captured = source.get("computation") if isinstance(source, dict) else None
    assets = sent.get("data_assets")
    ids = sent.get("data_asset_ids")
    for item in (captured, *(assets if isinstance(assets, list) else ())):
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            yield item["id"].lower()
    yield from (item.lower() for item in (ids if isinstance(ids, list) else ()) if isinstance(item, str))
