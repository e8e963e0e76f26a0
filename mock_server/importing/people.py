"""Who there is in an imported world: users, groups, tokens, and what the token's own user may see."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mock_server.ids import Ids
from mock_server.importing.known import Known
from mock_server.importing.privacy import Scrubber
from mock_server.importing.source import REFUSED
from mock_server.importing.spool import Line
from mock_server.importing.stand_ins import MAIL

RELEASE = "release"
"""What runs of a release capsule show in the place of their owner's id (platform 4.3)."""

UNKNOWN_ME = f"importer{MAIL}"
ADMIN = f"administrator{MAIL}"
VIEWER = f"viewer{MAIL}"
ADDED = ({"email": ADMIN, "name": "Administrator", "admin": True}, {"email": VIEWER, "name": "Viewer"})
"""Users that every imported world has: one who sees everything, and one with whom nothing is shared."""

_TOKEN = re.compile(r"[^!-9;-?A-~]")


class People:
    """Users and groups, as far as objects tell of them."""

    def __init__(self, known: Known, scrubber: Scrubber) -> None:
        self._known = known
        self._scrubber = scrubber
        self._by_id = {id_: email for email, id_ in known.emails.items() if id_}
        self._ids = Ids(0)
        self.is_admin = False
        """Whether the token's user sees what nobody has shared with them."""
        self._through: dict[str, None] = {}
        self._me: str | None = None

    def learn(self, line: Line) -> None:
        """Look how the token's user comes to see an object; `deployment` is the first line."""
        if line.kind == "deployment":
            me = line.content["me"]
            self._me = me.get("owner_email") or self._by_id.get(me.get("owner", ""))
            if self._me is None and me.get("owner"):
                self._me = _address_of(me["owner"])
            return
        permissions = line.content.get("permissions")
        if not isinstance(permissions, dict) or self._is_open(line.content["record"], permissions):
            return
        groups = [entry["group"] for entry in permissions.get("groups") or () if entry.get("group")]
        others = [entry for entry in permissions.get("users") or () if entry.get("role") != "owner"]
        if groups:
            self._through.update(dict.fromkeys(groups))
        elif self._me is not None or not others:
            self.is_admin = True

    def _is_open(self, record: dict[str, Any], permissions: dict[str, Any]) -> bool:
        """Tell whether the token's user is named by an object, or it is everyone's. Who could read the roles sees more
        than what is discoverable.
        """
        if permissions.get("everyone") == "viewer":
            return True
        named = {entry.get("email") for entry in permissions.get("users") or ()}
        return self._me is not None and (self._me in named or self.address(record) == self._me)

    @property
    def me(self) -> str:
        """The address of the token's user, which is made up when nothing of theirs was found."""
        return self._me or UNKNOWN_ME

    def address(self, record: dict[str, Any]) -> str:
        """The address of the owner of a record; made from the id where the platform does not tell it."""
        email, owner = record.get("owner_email"), record.get("owner")
        if isinstance(email, str) and email:
            return email
        if not isinstance(owner, str) or owner == RELEASE:
            return self.me
        return self._by_id.get(owner) or _address_of(owner)

    def owner(self, record: dict[str, Any]) -> str:
        """The address of the owner of a record, as it is written."""
        return self._scrubber.email(self.address(record))

    def owner_of_hidden(self) -> str:
        """The address of somebody who owns what the token's user may not see."""
        return ADMIN

    def grants(self, record: dict[str, Any], permissions: Any, *, is_viewed: bool) -> list[dict[str, Any]]:
        """The roles on an object. Where they cannot be read, the token's user may see it: they have seen it. One whose
        roles are refused is discoverable and no more, unless something inside of it was seen (`is_viewed`).
        """
        owner = self.address(record)
        if permissions == REFUSED and not is_viewed:
            return [{"role": "discoverable", "everyone": True}]
        if not isinstance(permissions, dict):
            return [] if owner == self.me else [{"role": "viewer", "user": self._scrubber.email(self.me)}]
        grants = [
            {"role": entry["role"], "user": self._scrubber.email(entry["email"])}
            for entry in permissions.get("users") or ()
            if entry.get("email") and entry.get("role") and entry["email"] != owner
        ]
        grants += [
            {"role": entry["role"], "group": self._scrubber.group(entry["group"])}
            for entry in permissions.get("groups") or ()
            if entry.get("group") and entry.get("role")
        ]
        if permissions.get("everyone") in ("viewer", "discoverable"):
            grants.append({"role": permissions["everyone"], "everyone": True})
        return grants

    def users(self) -> Iterator[dict[str, Any]]:
        """All users, by their addresses."""
        addresses = dict(self._known.emails) | {_address_of(id_): id_ for id_ in self._without_address()}
        addresses.setdefault(self.me, None)
        addresses = {address: id_ for address, id_ in addresses.items() if address not in (ADMIN, VIEWER)}
        for address in sorted(addresses, key=self._scrubber.email):
            shown = self._scrubber.email(address)
            id_ = addresses[address]
            yield {
                "id": self._scrubber.owner(id_) if id_ else self._made_id(shown),
                "email": shown,
                "name": shown.partition("@")[0] or shown,
                **({"admin": True} if address == self.me and self.is_admin else {}),
            }
        for user in ADDED:
            yield {"id": self._made_id(str(user["email"])), **user}

    def groups(self) -> Iterator[dict[str, Any]]:
        """All groups; of their members nobody tells but what the token's user sees through them."""
        for name in sorted(self._known.groups, key=self._scrubber.group):
            is_member = name in self._through and not self.is_admin
            members = {"members": [self._scrubber.email(self.me)]} if is_member else {}
            yield {"name": self._scrubber.group(name), **members}

    def tokens(self) -> Iterator[dict[str, Any]]:
        """The tokens of the packaged world, those of its user for the token's own, and one for each other user."""
        me = self._scrubber.email(self.me)
        yield {"token": "cop_demo_user", "user": me}
        yield {"token": "cop_demo_admin", "user": ADMIN}
        yield {"token": "cop_demo_viewer", "user": VIEWER}
        yield {"token": "cop_demo_readonly", "user": me, "scopes": ["capsule:read", "data_asset:read"]}
        yield {"token": "cop_demo_noscope", "user": me, "scopes": []}
        for user in self.users():
            if user["email"] not in (me, ADMIN, VIEWER):
                yield {"token": token_of(user["email"]), "user": user["email"]}

    def _without_address(self) -> list[str]:
        return [id_ for id_ in self._known.owners if id_ not in self._by_id]

    def _made_id(self, address: str) -> str:
        """An id for somebody whose own nobody tells; the same for the same address."""
        digits = self._ids.digest("user", address).hex()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


class Context(NamedTuple):
    """What all objects of an import have in common."""

    scrubber: Scrubber
    people: People
    known: Any
    """Which objects were read, by kind and id."""


def token_of(address: str) -> str:
    """The token of a user of an imported world."""
    return "cop_" + _TOKEN.sub("_", address.removesuffix(MAIL).replace("@", "."))[:196]


def _address_of(owner: str) -> str:
    return f"user-{owner}{MAIL}"
