"""Numbers in messages."""

LARGE = 1e21
"""From here on nobody counts digits; JavaScript writes an exponent, too."""


def plain(value: float) -> str:
    """A number as people write it: exactly, and a whole one without a point or an exponent, unless it is `LARGE`."""
    if isinstance(value, float) and abs(value) < LARGE and value.is_integer():
        return str(int(value))
    return str(value)
