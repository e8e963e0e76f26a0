"""What a form sends."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

from mock_server.errors import BadRequestError

MOST_BYTES = 4 * 1024 * 1024
"""The most bytes of a form. The dashboard reads no more of any request."""

MOST_FIELDS = 5000


class Form:
    """The fields of a form, in order. Fields that are not there are empty."""

    def __init__(self, body: bytes = b"") -> None:
        try:
            self._fields = parse_qsl(
                body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
            )
        except ValueError:
            raise BadRequestError(f"the form has more than {MOST_FIELDS} fields") from None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self._fields)

    def text(self, name: str) -> str:
        """A field without white space around it."""
        return self.typed(name).strip()

    def typed(self, name: str) -> str:
        """A field as it was typed, white space and all; browsers end its lines as HTTP does."""
        return next((value for key, value in self._fields if key == name), "").replace("\r\n", "\n")

    def optional(self, name: str) -> str | None:
        """A field, or None when it is empty."""
        return self.text(name) or None

    def number(self, name: str) -> int | None:
        """A whole number, or None when the field is empty. Raises `BadRequestError`."""
        text = self.text(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise BadRequestError(f"{name}: {text[:40]} is not a whole number") from None

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.text(name) != ""

    def lines(self, name: str) -> list[str]:
        """The lines of a field that are not empty."""
        return [line.strip() for line in self.text(name).splitlines() if line.strip()]

    def starting(self, prefix: str) -> list[tuple[str, str]]:
        """The fields whose names start with `prefix`, by what comes behind it."""
        return [(key.removeprefix(prefix), value) for key, value in self._fields if key.startswith(prefix)]
