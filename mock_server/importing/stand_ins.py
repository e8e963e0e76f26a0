"""Stand-ins for what must not be told: the same for the same, and nobody can work back from them.

Each is a hash that is keyed with a secret of the import, so that not even guessing finds what it stands for.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TextIO
from uuid import UUID

from mock_server.ids import random_token
from mock_server.importing.id_set import IdSet
from mock_server.importing.options import ImportFailedError

DIGITS = 12
"""Hexadecimal digits of a stand-in."""

SHAPE = r"(?:person|group|bucket|path|redacted)-[0-9a-f]{12}"
"""What all stand-ins look like but those of owners, which are ids, as a regular expression."""

MAIL = "@example.org"


class StandIns:
    """Makes stand-ins with a key; `counts` tells how many there are of each kind.

    Where a `map_file` is given, every one that is not among those `mapped` is written down there, with what it stands
    for.
    """

    def __init__(self, key: str, map_file: TextIO | None = None, mapped: IdSet | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self._key = blake2b(key.encode(), digest_size=32).digest()
        self._made = IdSet()
        self._map_file = map_file
        self._mapped = mapped or IdSet()

    def email(self, address: str) -> str:
        """A stand-in for an e-mail address."""
        return self._of("person", "e-mail addresses", address.lower()) + MAIL

    def person(self, name: str) -> str:
        """A stand-in for the name of a person."""
        return self._of("person", "names of people", name.lower())

    def group(self, name: str) -> str:
        """A stand-in for the name of a group."""
        return self._of("group", "names of groups", name)

    def bucket(self, name: str) -> str:
        """A stand-in for the name of a bucket."""
        return self._of("bucket", "buckets", name)

    def prefix(self, path: str) -> str:
        """A stand-in for a place in a bucket, part by part."""
        return "/".join(self._of("path", "prefixes", part) if part else "" for part in path.split("/"))

    def secret(self, text: str) -> str:
        """A stand-in for what is a secret, or looks like one."""
        return self._of("redacted", "secrets", text)

    def owner(self, id_: str) -> str:
        """A stand-in for the id of a user."""
        stand_in = str(UUID(bytes=self._digest("owner", id_)[:16], version=4))
        self._note("ids of owners", id_, stand_in)
        return stand_in

    def _of(self, word: str, kind: str, real: str) -> str:
        stand_in = f"{word}-{self._digest(word, real).hex()[:DIGITS]}"
        self._note(kind, real, stand_in)
        return stand_in

    def _digest(self, word: str, real: str) -> bytes:
        text = f"{word}\0{real}".encode("utf-8", "surrogatepass")
        return blake2b(text, key=self._key, digest_size=32).digest()

    def _note(self, kind: str, real: str, stand_in: str) -> None:
        if not self._made.add(kind, stand_in):
            return
        self.counts[kind] += 1
        if self._map_file is not None and self._mapped.add(kind, stand_in):
            self._map_file.write(json.dumps({"kind": kind, "real": real, "stand_in": stand_in}) + "\n")


@contextmanager
def stand_ins(map_path: Path | None) -> Iterator[StandIns]:
    """Stand-ins under a new key, which is forgotten; or those of the map at `map_path`, which keeps the key, so that
    the next import with this map makes the same ones. Raises `ImportFailedError`, `OSError`.
    """
    if map_path is None:
        yield StandIns(random_token())
        return
    try:
        descriptor = os.open(map_path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise ImportFailedError(f"the map cannot be written: {problem.strerror}: {map_path}") from None
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        mapped = IdSet()
        key = _key_in(file, mapped, map_path)
        if key is None:
            key = random_token()
            file.write(json.dumps({"key": key}) + "\n")
        yield StandIns(key, file, mapped)


def _key_in(file: TextIO, mapped: IdSet, path: Path) -> str | None:
    """The key of a map, None when the file is empty. What it holds is added to `mapped`."""
    key = None
    try:
        for line in file:
            entry = json.loads(line)
            if key is None:
                key = str(entry["key"])
            else:
                mapped.add(entry["kind"], entry["stand_in"])
    except (ValueError, KeyError, TypeError):
        raise ImportFailedError(f"not a map of stand-ins: {path}") from None
    return key
