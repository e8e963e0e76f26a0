"""What a form sends, and what is wrong in it."""

from collections.abc import Container, Iterator
from typing import NamedTuple
from urllib.parse import parse_qsl

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mock_server.documents.document_error import DocumentError
from mock_server.errors import ApiError, BadRequestError
from mock_server.input_errors.words import in_words, limited, with_place

MOST_BYTES = 4 * 1024 * 1024
"""The most bytes of a form. The dashboard reads no more of any request."""

MOST_FIELDS = 5000

LIMITS = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "int_parsing": "not a whole number",
    "float_parsing": "not a number",
    "string_too_short": "fill this in",
    "string_too_long": "at most {max_length} characters",
    "missing": "fill this in",
}
"""What is said of a value, by the type of pydantic's error."""


class FieldError(BadRequestError):
    """The request is wrong in one field of its form."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Refusal(NamedTuple):
    """A form that was refused: its name, what is wrong in which field, and in no field alone."""

    form: str
    fields: dict[str, str]
    message: str
    status: int

    @classmethod
    def of(cls, form: str, problem: ApiError | DocumentError | ValidationError, sent: Container[str]) -> "Refusal":
        """What `problem` says of a form that has `sent` these fields."""
        if isinstance(problem, FieldError):
            return cls(form, {problem.field: problem.message}, "", problem.status)
        if not isinstance(problem, ValidationError):
            status = problem.status if isinstance(problem, ApiError) else BadRequestError.status
            return cls(form, {}, str(problem), status)
        fields: dict[str, str] = {}
        others = []
        for error in problem.errors(include_url=False, include_input=False):
            field = str(error["loc"][0]) if error["loc"] else ""
            if field in sent:
                fields.setdefault(field, _in_words(error))
            else:
                others.append(f"{field}: {_in_words(error)}" if field else _in_words(error))
        return cls(form, fields, "; ".join(others), BadRequestError.status)


def in_one_line(problem: ValidationError) -> str:
    """What is wrong in a form, where it cannot stand beside a field."""
    return f"the form: {with_place(problem.errors(include_url=False)[0])}"


def _in_words(error: ErrorDetails) -> str:
    known = LIMITS.get(error["type"])
    return limited(known, error.get("ctx", {})) if known else in_words(error)


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

    @property
    def names(self) -> set[str]:
        """The names of its fields."""
        return {name for name, _ in self._fields}

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
        """A whole number, or None when the field is empty. Raises `FieldError`."""
        text = self.text(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise FieldError(name, "not a whole number") from None

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.text(name) != ""

    def lines(self, name: str) -> list[str]:
        """The lines of a field that are not empty."""
        return [line.strip() for line in self.text(name).splitlines() if line.strip()]

    def starting(self, prefix: str) -> list[tuple[str, str]]:
        """The fields whose names start with `prefix`, by what comes behind it."""
        return [(key.removeprefix(prefix), value) for key, value in self._fields if key.startswith(prefix)]
