"""Identity of a run: its tag, its seed, its time."""

import os
from datetime import UTC, datetime


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def tag() -> str:
    """Marks what a run makes, and names its world; no two runs have the same."""
    return f"contract-{now():%Y%m%d-%H%M%S}-{os.urandom(3).hex()}"


def seed() -> int:
    """Draw the seed of generated requests."""
    return int.from_bytes(os.urandom(4), "big")
