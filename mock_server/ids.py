"""All randomness: ids, draws and secrets of a world, every one of them derived from the world's seed."""

import hashlib
import random
import secrets
import uuid

Draws = random.Random
"""A source of numbers, as the domain takes it."""


def fresh_seed() -> int:
    """A seed that nobody can guess, for a world that was not given one."""
    return secrets.randbits(63)


class Ids:
    """What a world draws. The same seed gives the same ids, numbers and keys."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def uuid(self, number: int) -> str:
        """The `number`-th id of this world, in the form of a version 4 UUID."""
        return str(uuid.UUID(bytes=self.digest("id", str(number))[:16], version=4))

    def draws(self, *parts: str) -> Draws:
        """A generator of numbers that belongs to `parts` alone, so that draws do not disturb each other."""
        return Draws(self.digest("draw", *parts))

    def digest(self, *parts: str) -> bytes:
        """32 bytes that belong to `parts`, such as the key that signs URLs."""
        text = "\0".join((str(self._seed), *parts))
        return hashlib.blake2b(text.encode(), digest_size=32).digest()
