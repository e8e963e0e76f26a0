"""All randomness: ids, draws and secrets of a world, every one of them derived from the world's seed; and the secrets
of a server.
"""

import secrets
from collections.abc import Iterable
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def random_seed() -> int:
    """A seed that nobody can guess, for a world that was not given one."""
    return secrets.randbits(63)


def random_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(32)


NUMBER_BYTES = 7
"""A draw takes this many bytes of a hash: as many bits as a float holds, and a few more."""

NUMBERS: int = 256**NUMBER_BYTES


class SeededRandom:
    """A row of numbers that looks random and is the same for the same key."""

    __slots__ = ("_at", "_block")

    def __init__(self, key: bytes) -> None:
        self._block = key
        self._at = 0

    def uniform(self, low: float, high: float) -> float:
        """The next number, from `low` up to `high`."""
        if self._at + NUMBER_BYTES > len(self._block):
            self._block, self._at = blake2b(self._block, digest_size=32).digest(), 0
        at = self._at
        self._at = after = at + NUMBER_BYTES
        return low + (high - low) * (int.from_bytes(self._block[at:after], "big") / NUMBERS)

    def shuffled(self, items: Iterable[T]) -> list[T]:
        """`items` in the order that is drawn next."""
        drawn = [(self.uniform(0, 1), number, item) for number, item in enumerate(items)]
        return [item for _, _, item in sorted(drawn, key=lambda entry: entry[:2])]


class Ids:
    """What a world draws. The same seed gives the same ids, numbers and keys."""

    def __init__(self, seed: int) -> None:
        self._keyed = blake2b(key=str(seed).encode(), digest_size=32)

    def uuid(self, number: int) -> str:
        """The `number`-th id of this world, in the form of a version 4 UUID."""
        digits = self.digest("id", str(number)).hex()
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"

    def draws(self, *parts: str) -> SeededRandom:
        """Numbers that belong to `parts` alone, so that draws do not disturb each other."""
        return SeededRandom(self.digest("draw", *parts))

    def digest(self, *parts: str) -> bytes:
        """32 bytes that belong to `parts`, such as the key that signs URLs."""
        hashed = self._keyed.copy()
        hashed.update("\0".join(parts).encode())
        return hashed.digest()
