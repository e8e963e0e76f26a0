"""Pieces that the models share.

Requests take null and empty values for every optional field and ignore keys they do not know, because real clients send
all of these.
Responses leave empty fields out, and list their fields in alphabetical order, as recorded responses do.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, TypeAdapter, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import CoreSchema

MAX_INT64 = 2**63 - 1

T = TypeVar("T")


class Request(BaseModel):
    """A request body: strict types, unknown keys ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False, defer_build=True)


class Response(BaseModel):
    """A response body: nothing undeclared in it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True)

    @classmethod
    def of(cls, **fields: Any) -> Self:
        """The model of `fields` that are valid, complete and in the order of the declaration: nothing is checked, which
        would cost more than everything else that an answer does.
        """
        made = cls.__new__(cls)
        put = object.__setattr__
        put(made, "__dict__", fields)
        put(made, "__pydantic_fields_set__", set(fields))
        put(made, "__pydantic_extra__", None)
        put(made, "__pydantic_private__", None)
        return made

    @classmethod
    def of_stored(cls, stored: Mapping[str, Any]) -> Self:
        """As `of`, from what is stored in any order, without what is absent and perhaps with more."""
        return cls.of(**{name: stored.get(name) for name in cls.__pydantic_fields__})


class SchemaOf:
    """The JSON schema of an adapter in the place of a field's own; made when somebody asks for it."""

    def __init__(self, adapter: TypeAdapter[Any]) -> None:
        self._adapter = adapter

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return self._adapter.json_schema()


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


Absent = Annotated[T | SkipJsonSchema[None], Field(default=None, json_schema_extra=_without_default)]
"""A response field that is left out when it is empty; it is never null."""


def _empty_text_allowed(schema: dict[str, Any]) -> None:
    # Options may be shared with other fields, so they are replaced.
    options = [{key: part for key, part in option.items() if key != "minLength"} for option in schema["anyOf"]]
    schema["anyOf"] = [option | ({"enum": [*option["enum"], ""]} if "enum" in option else {}) for option in options]


def _empty_object_allowed(schema: dict[str, Any]) -> None:
    schema["anyOf"].insert(-1, {"type": "object", "maxProperties": 0})


OptionalText = Annotated[
    T | None,
    BeforeValidator(lambda value: None if value == "" else value),
    Field(json_schema_extra=_empty_text_allowed),
]
"""A request field that counts as absent when it is null or `""`; Go, the language of the service, reads both alike."""
OptionalList = Annotated[T | None, BeforeValidator(lambda value: None if value == [] else value)]
"""A request field that counts as absent when it is null or `[]`."""
OptionalObject = Annotated[
    T | None,
    BeforeValidator(lambda value: None if value == {} else value),
    Field(json_schema_extra=_empty_object_allowed),
]
"""A request field that counts as absent when it is null or `{}`."""


def _integral(value: Any) -> Any:
    """JSON Schema calls 1.0 an integer, so a strict integer field takes it too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _wire_bool(value: Any) -> Any:
    """Booleans as text, in any case: in a query the SDK sends Python's `True`, other clients send `true`."""
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def _wire_int(value: Any) -> Any:
    """Integers as text: digits with an optional sign, nothing else that `int` would take."""
    digits = value[1:] if isinstance(value, str) and value[:1] == "-" else value
    if isinstance(digits, str) and digits.isascii() and digits.isdigit() and len(digits) < 20:
        return int(value)
    return value


NO_NUL = r"^[^\x00]*$"

Text = Annotated[str, Field(max_length=100_000, pattern=NO_NUL)]
"""Free text without NUL characters."""
Name = Annotated[str, Field(min_length=1, max_length=1000, pattern=NO_NUL)]
Path = Annotated[str, Field(max_length=4096, pattern=NO_NUL)]
Id = Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL, description="An id")]
Count = Annotated[int, Field(ge=0, le=MAX_INT64)]
"""A whole number that a response states."""
Number = Annotated[int, Field(ge=-(2**63), le=MAX_INT64)] | float
Version = Annotated[int, Field(strict=True, ge=0, le=MAX_INT64), BeforeValidator(_integral)]
Offset = Annotated[int, Field(strict=True, ge=0, le=MAX_INT64), BeforeValidator(_integral)]
Limit = Annotated[int, Field(strict=True, ge=1, le=1000), BeforeValidator(_integral)]
QueryOffset = Annotated[int, Field(strict=True, ge=0, le=MAX_INT64), BeforeValidator(_wire_int)]
QueryVersion = Annotated[int, Field(strict=True, ge=0, le=MAX_INT64), BeforeValidator(_wire_int)]
QueryLimit = Annotated[int, Field(strict=True, ge=1, le=1000), BeforeValidator(_wire_int)]
QueryBool = Annotated[bool, Field(strict=True), BeforeValidator(_wire_bool)]
TextBool = Annotated[
    QueryBool,
    WithJsonSchema(
        {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"}]}
    ),
]
"""A boolean of a request body that the documentation also prints as text, `"true"`."""
TextVersion = Annotated[
    Version,
    BeforeValidator(_wire_int),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": MAX_INT64},
                {"type": "string", "pattern": "^[0-9]{1,18}$"},
            ]
        }
    ),
]
"""A version in a request body that the documentation prints as text, `"1"`."""
SortOrder = Literal["asc", "desc"]
Ownership = Literal["private", "created", "shared"]


class Error(Response):
    """What every failure answers. One more key may stand beside the message, such as the data assets that block a
    request.
    """

    # Built at once: what pydantic imports to build its first model is there then before a request waits for it, and
    # before the process may have run out of files.
    model_config = ConfigDict(extra="allow", defer_build=False)

    message: str


class FolderParams(Request):
    """Which folder to list; the root when the path is missing or empty (SDK models/folder.py)."""

    path: OptionalText[Path] = None


class FolderItem(Response):
    """A file or a folder in a listing (SDK models/folder.py). `size` in bytes, files only."""

    name: str
    path: str
    size: Absent[Count]
    type: Literal["file", "folder"]


class Folder(Response):
    """One level of a folder."""

    items: list[FolderItem]


class FileURLs(Response):
    """Signed URLs of a file: one that downloads it, one that shows it in the browser."""

    download_url: str
    view_url: str


class DownloadFileURL(Response):
    """The signed URL of a file, as it was before platform version 4.0."""

    url: str
