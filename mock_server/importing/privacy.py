"""Texts and values as they are written: with stand-ins for people, places and secrets."""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from mock_server.domain.redaction import MASK, is_secret, redact
from mock_server.importing.known import PERSON_FIELD, Known
from mock_server.importing.options import Privacy
from mock_server.importing.stand_ins import MAIL, SHAPE, StandIns

_EMAIL = re.compile(r"(?!git@)[\w.%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")

_S3 = re.compile(
    r"(?P<scheme>\b(?:s3[an]?|gs)://|arn:aws[\w-]*:s3:::)(?P<bucket>[\w.-]+)(?P<path>(?:/[^\s\"'<>,;)\]}]*)?)"
)
_S3_HOST = re.compile(r"(?<![\w.-])(?P<bucket>[\w.-]+?)(?P<host>\.s3[\w.-]*\.amazonaws\.com)")
_S3_PATH = re.compile(r"(?P<host>\bs3[\w.-]*\.amazonaws\.com/)(?P<bucket>[\w.-]+)")
_ACCOUNT = re.compile(r"(?<=:)\d{12}(?=:)")
_HOME = re.compile(r"(?P<place>/(?:home|Users|users)/)(?P<name>[\w.-]+)")

_WORD = re.compile(r"[^\W\d_]{2,}")
_GAP = re.compile(r"[._-]|,?\s+(?:[^\W\d_]\.?\s+)?|%20")
"""What may stand between the words of a name, an initial too."""

_MORE_SECRETS = re.compile(
    r"(?<![\w/+=-])(?=[\w/+]*[A-Z])(?=[\w/+]*[a-z])(?=[\w/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=-])"
    r"|\bxox[abeoprs]-[\w-]{8,}|\bsk-[\w-]{20,}|\bAIza[\w-]{30,}"
)
"""Secrets beside those that the product knows by their form: secret keys of AWS, tokens of chats and other services."""

_SESSION = re.compile(r"(session)(?=[ _.-]?id)", re.IGNORECASE)
"""A session is one with a web site elsewhere; here it is an experiment, and its id names data."""

_MARK = "\ue000"

SHORTEST_INSIDE = 6
"""A name of a bucket or group with fewer characters is replaced only where it stands alone."""

REMEMBERED = 20_000
"""Texts that are remembered: tags, names of parameters and fields come again and again."""

LONGEST_REMEMBERED = 200


class Scrubbing(NamedTuple):
    """What is replaced, and by what; the token of the import always is."""

    privacy: Privacy
    stand_ins: StandIns
    token: str | None = None


class Scrubber:
    """Writes texts with stand-ins, as far as that is asked for."""

    def __init__(self, scrubbing: Scrubbing, known: Known) -> None:
        privacy, stand_ins, self._token = scrubbing
        self._stand_ins = stand_ins
        self._known = known
        self.people = privacy.replaces("people")
        self.buckets = privacy.replaces("buckets")
        self.secrets = privacy.replaces("secrets")
        self._redacts = privacy.redact
        self._odd_addresses = [address for address in known.emails if not _EMAIL.fullmatch(address)]
        self._names = [(name, stand_ins.bucket) for name in known.buckets if self.buckets]
        self._names += [(name, stand_ins.group) for name in known.groups if self.people]
        self._names.sort(key=lambda entry: len(entry[0]), reverse=True)
        self._remembered = lru_cache(REMEMBERED)(self._scrubbed)

    def text(self, text: str) -> str:
        """A text of whatever kind."""
        return self._remembered(text) if len(text) <= LONGEST_REMEMBERED else self._scrubbed(text)

    def description(self, text: str) -> str | None:
        """A description; None when descriptions are left out."""
        return None if "descriptions" in self._redacts else self.text(text)

    def path(self, path: str) -> str:
        """A path; what is a secret in it stays different from others."""
        return "/".join(self._part(part) for part in path.split("/"))

    def value(self, names: tuple[str, ...], value: Any) -> Any:
        """What a field or parameter holds that has these names."""
        if self.secrets and any(map(_is_secret, names)) and value not in (None, "", []):
            return self._stand_ins.secret(repr(value))
        if self.people and any(map(PERSON_FIELD.search, names)):
            return self._each(value, self.name)
        return self._each(value, self.text)

    def tree(self, node: Any) -> Any:
        """JSON of whatever kind."""
        if isinstance(node, dict):
            return {self.text(key): self._member(key, below) for key, below in node.items()}
        if isinstance(node, list):
            return [self.tree(below) for below in node]
        return self.text(node) if isinstance(node, str) else node

    def email(self, address: str) -> str:
        """An e-mail address."""
        return self._stand_ins.email(address) if self.people else address

    def owner(self, id_: str) -> str:
        """The id of a user."""
        return self._stand_ins.owner(id_) if self.people else id_

    def group(self, name: str) -> str:
        """The name of a group."""
        return self._stand_ins.group(name) if self.people else name

    def bucket(self, name: str) -> str:
        """The name of a bucket."""
        return self._stand_ins.bucket(name) if self.buckets and name else name

    def prefix(self, path: str) -> str:
        """A place in a bucket."""
        return self._stand_ins.prefix(path) if self.buckets else self.text(path)

    def name(self, name: str) -> str:
        """The name of a person."""
        if not self.people or not name:
            return name
        return self.text(name) if "@" in name else self._stand_ins.person(name)

    def _member(self, key: str, below: Any) -> Any:
        return self.tree(below) if isinstance(below, dict) else self.value((key,), below)

    def _each(self, value: Any, change: Callable[[str], str]) -> Any:
        if isinstance(value, list):
            return [self._each(one, change) for one in value]
        if isinstance(value, dict):
            return self.tree(value)
        return change(value) if isinstance(value, str) else value

    def _part(self, part: str) -> str:
        changed = self.text(part)
        return self._stand_ins.secret(part) if MASK in changed and MASK not in part else changed

    def _scrubbed(self, text: str) -> str:
        if self._token and self._token in text:
            text = text.replace(self._token, MASK)
        if self.secrets:
            text = self._without_secrets(text)
        if self.buckets:
            text = self._without_places(text)
        if self.people:
            text = self._without_people(text)
        for name, stand_in in self._names:
            if name in text:
                text = _replaced(text, name, stand_in(name))
        return text

    def _without_secrets(self, text: str) -> str:
        marked = _SESSION.sub(rf"\1{_MARK}", text)
        shown = redact(marked)
        self._stand_ins.counts["secrets"] += shown != marked
        text = shown.replace(_MARK, "")
        text = _ACCOUNT.sub("0" * 12, text)
        return _MORE_SECRETS.sub(lambda found: self._stand_ins.secret(found[0]), text)

    def _without_places(self, text: str) -> str:
        make = self._stand_ins
        if "://" in text or "arn:" in text:
            text = _S3.sub(lambda f: f["scheme"] + make.bucket(f["bucket"]) + make.prefix(f["path"]), text)
        if "amazonaws" in text:
            text = _S3_HOST.sub(lambda f: make.bucket(f["bucket"]) + f["host"], text)
            text = _S3_PATH.sub(lambda f: f["host"] + make.bucket(f["bucket"]), text)
        return text

    def _without_people(self, text: str) -> str:
        make = self._stand_ins
        if "@" in text:
            text = _EMAIL.sub(lambda found: self._address(found[0]), text)
            for address in self._odd_addresses:
                if address in text:
                    text = text.replace(address, make.email(address))
        if "/" in text:
            text = _HOME.sub(lambda found: found["place"] + make.person(found["name"]), text)
        return self._without_names(text)

    def _address(self, address: str) -> str:
        return address if address.endswith(MAIL) else self._stand_ins.email(address)

    def _without_names(self, text: str) -> str:
        """The text without names of known people: words that stand one after the other, and names of users."""
        names, user_names = self._known.names, self._known.user_names
        words = [(found[0].lower(), *found.span()) for found in _WORD.finditer(text)] if names else []
        parts, at, number = [], 0, 0
        while number < len(words):
            word, start, end = words[number]
            length = 1 if word in user_names else 0
            for name in names.get(word, ()):
                if len(name) > length and _stands(name, words, number, text):
                    length, end = len(name), words[number + len(name) - 1][2]
            if length:
                parts += [text[at:start], self._stand_ins.person(text[start:end])]
                at = end
            number += length or 1
        return "".join((*parts, text[at:])) if parts else text


def _stands(name: tuple[str, ...], words: list[tuple[str, int, int]], number: int, text: str) -> bool:
    """Tell whether a name stands where the word of this number is."""
    found = words[number : number + len(name)]
    if [word for word, _, _ in found] != list(name):
        return False
    return all(_GAP.fullmatch(text, one[2], other[1]) for one, other in pairwise(found))


def _replaced(text: str, name: str, stand_in: str) -> str:
    inside = re.escape(name) if len(name) >= SHORTEST_INSIDE else rf"(?<![\w.-]){re.escape(name)}(?![\w.-])"
    return re.sub(rf"({SHAPE})|{inside}", lambda found: found[1] or stand_in, text)


def _is_secret(name: str) -> bool:
    return is_secret(_SESSION.sub(rf"\1{_MARK}", name))
