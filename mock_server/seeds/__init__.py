"""The worlds that come with the package: what people wrote, and the rows that are made of it."""

from pathlib import Path

PACKAGED = ("demo", "empty")
"""The names of these worlds."""

_FOLDER = Path(__file__).parent


def text_of(name: str) -> str:
    """Return the seed file of a packaged world."""
    return (_FOLDER / f"{name}.yaml").read_text("utf-8")


def rows_of(name: str) -> str:
    """Return the rows of a packaged world, as `make seeds` writes them."""
    return (_FOLDER / f"{name}.json").read_text("utf-8")
