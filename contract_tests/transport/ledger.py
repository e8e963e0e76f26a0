"""Ledger of what a run creates, written before it is created, so that it can be deleted even after a crash.

A file of JSON lines. The first line of a run is its `run`; then for each thing an `intent`, written and synced before
the request is sent, and `made` with the id once the answer is there, or `refused`; `gone` when it is deleted. No token
is in it.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from contract_tests.transport.exchange import Exchange


class LedgerError(Exception):
    """The ledger cannot be read or written; the message says why."""


@dataclass(slots=True)
class Entry:
    """Something that a run intended to create."""

    number: int
    operation: str
    id: str | None = None
    """None while it is not known whether it was made."""
    settled: bool = False
    """It was refused, or is deleted."""


@dataclass(slots=True)
class Run:
    """Entries of one run."""

    tag: str
    url: str
    capsule: str | None
    before: list[str]
    """The computations of the capsule that were there before."""
    entries: list[Entry] = field(default_factory=list)
    mark: str = ""
    """What `mark_of` gives for the token that it was made with; empty when that is not known."""

    @property
    def created_count(self) -> int:
        """Number of resources that were certainly created."""
        return sum(entry.id is not None for entry in self.entries)

    @property
    def left(self) -> list[Entry]:
        """Entries that may still exist."""
        return [entry for entry in self.entries if not entry.settled]


class Ledger:
    """The ledger of one run, kept in `path`; earlier runs in the file stay."""

    def __init__(self, path: Path, tag: str, url: str, capsule: str | None, token: str | None = None) -> None:
        self.path = path
        mark = mark_of(tag, token) if token is not None else ""
        self._about = {"tag": tag, "url": url, "capsule": capsule, "mark": mark}
        self.tag = tag
        self._number = 0
        self._opened = False

    def open(self, before: list[str]) -> None:
        """Begin. `before` are the computations of the capsule that are there already. Raises `LedgerError`."""
        self._write({"run": self._about | {"before": before}})
        self._opened = True

    def record_intent(self, exchange: Exchange) -> int:
        """Write down that something is to be made. Raises `LedgerError`: then it must not be made."""
        if not self._opened:
            self.open([])
        self._number += 1
        self._write({"intent": self._number, "operation": exchange.name})
        return self._number

    def record_response(self, intent: int, exchange: Exchange) -> None:
        """Write down what came of it."""
        answer = exchange.json()
        created = answer.get("id") if exchange.ok and isinstance(answer, dict) else None
        if created is not None:
            self._write({"made": intent, "id": created})
        elif exchange.status is not None and 400 <= exchange.status < 500:
            self._write({"refused": intent})

    def record_deletion(self, entry: int) -> None:
        """Write down that something is deleted."""
        self._write({"gone": entry})

    def _write(self, line: dict[str, Any]) -> None:
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"of": self.tag} | line) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            raise LedgerError(f"{self.path} cannot be written: {problem.strerror}") from None


def mark_of(tag: str, token: str) -> str:
    """Tells whether two tokens are the same, and nothing else of them; another one in each run."""
    return sha256(f"{tag} {token}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read(path: Path) -> list[Run]:
    """All runs of a ledger, oldest first; a last line that a crash has cut off is passed over. Raises `LedgerError`."""
    runs: dict[str, Run] = {}
    for number, line in _lines(path):
        try:
            _apply(runs, line)
        except (KeyError, TypeError, ValueError):
            raise LedgerError(f"{path}: line {number} is not a ledger entry") from None
    return list(runs.values())


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise LedgerError(f"{path} cannot be read: {problem}") from None
    for number, line in enumerate(text.split("\n"), 1):
        try:
            yield number, json.loads(line)
        except ValueError:
            if line and text.endswith("\n"):
                raise LedgerError(f"{path}: line {number} is not JSON") from None


def _apply(runs: dict[str, Run], line: dict[str, Any]) -> None:
    tag = line["of"]
    if "run" in line:
        runs[tag] = Run(**line["run"])
        return
    run = runs[tag]
    if "intent" in line:
        run.entries.append(Entry(line["intent"], line["operation"]))
        return
    number = next(line[word] for word in ("made", "refused", "gone") if word in line)
    entry = next(entry for entry in run.entries if entry.number == number)
    entry.id = line.get("id", entry.id)
    entry.settled = entry.settled or "made" not in line
