"""What a deployment says of people and places somewhere, and must not be found anywhere in what is written of it."""

import re
from collections.abc import Iterator
from typing import Any

from mock_server.importing.spool import Line

PERSON_FIELD = re.compile(
    r"(?:^|[\s_.-])(?:experimenter|investigator|operator|author|owner|user|surgeon|scientist|technician|submitter"
    r"|contact|person|patient|collaborator|correspondent|created[\s_.-]?by|(?:first|last|full|given|family)[\s_.-]?name"
    r"|surname)s?(?:$|[\s_.-]?(?:full[\s_.-]?)?name$)",
    re.IGNORECASE,
)
"""Fields of custom metadata, and of articles, that name people."""

_WORD = re.compile(r"[^\W\d_]+")

SHORTEST_NAME = 2
"""A word of fewer letters is an initial, and no part of a name that is looked for."""

LEAST_WORDS = 2
"""A single word may be any word."""

LEAST_USER_NAME = 4


class Known:
    """E-mail addresses, names of people and groups, and buckets of a deployment."""

    def __init__(self) -> None:
        self.emails: dict[str, str | None] = {}
        """Each with the id of its owner where that is known."""
        self.owners: dict[str, None] = {}
        """Ids of owners, with and without an address."""
        self.groups: dict[str, None] = {}
        self.buckets: dict[str, None] = {}
        self.names: dict[str, list[tuple[str, ...]]] = {}
        """Names by their first word, all in lower case."""
        self.user_names: set[str] = set()

    def learn(self, line: Line) -> None:
        """Add what a line of the spool tells."""
        if line.kind == "deployment":
            self._person(line.content["me"])
            return
        content = line.content
        record = content["record"]
        for one in (record, *content.get("runs", ())):
            self._person(one)
        for user in _entries(content.get("permissions"), "users"):
            self.person(user.get("email"))
        for group in _entries(content.get("permissions"), "groups"):
            if isinstance(group.get("group"), str):
                self.groups[group["group"]] = None
        bucket = (record.get("source_bucket") or {}).get("bucket")
        if isinstance(bucket, str) and bucket:
            self.buckets[bucket] = None
        for fields in (record.get("custom_metadata"), record.get("article")):
            for name in _people_in(fields):
                self.name(name)
                if name[:1].isupper() and len(name) >= LEAST_USER_NAME and _WORD.fullmatch(name):
                    self.user_names.add(name.lower())

    def person(self, email: Any, id_: str | None = None) -> None:
        """Add an e-mail address."""
        if not isinstance(email, str) or "@" not in email:
            return
        self.emails[email] = id_ or self.emails.get(email)
        self.name(email.partition("@")[0])

    def name(self, written: str) -> None:
        """Add the name of a person, in any order and notation."""
        words = tuple(word.lower() for word in _WORD.findall(written) if len(word) >= SHORTEST_NAME)
        if len(words) < LEAST_WORDS or words in self.names.get(words[0], ()):
            return
        for order in {words, (*words[1:], words[0]), (words[-1], *words[:-1])}:
            self.names.setdefault(order[0], []).append(order)
        first, last = words[0], words[-1]
        both = (first + last, last + first, first[0] + last, last + first[0])
        self.user_names.update(name for name in both if len(name) >= LEAST_USER_NAME)

    def _person(self, record: Any) -> None:
        if not isinstance(record, dict):
            return
        owner = record.get("owner")
        if isinstance(owner, str) and owner != "release":
            self.owners[owner] = None
        self.person(record.get("owner_email"), owner if isinstance(owner, str) else None)


def _entries(permissions: Any, name: str) -> list[dict[str, Any]]:
    found = permissions.get(name) if isinstance(permissions, dict) else None
    return [entry for entry in found or () if isinstance(entry, dict)]


def _people_in(fields: Any) -> Iterator[str]:
    """The values of all fields that name people; first and last names that stand apart, together too."""
    if isinstance(fields, list):
        for entry in fields:
            yield from _people_in(entry)
    elif isinstance(fields, dict):
        for key, value in fields.items():
            if PERSON_FIELD.search(key):
                yield from _texts(value)
            else:
                yield from _people_in(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        parts = [text for key, one in value.items() if PERSON_FIELD.search(key) for text in _texts(one)]
        yield from (*parts, " ".join(parts))
