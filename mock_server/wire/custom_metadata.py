"""The deployment's custom metadata fields (SDK custom_metadata.py)."""

from typing import Literal

from mock_server.wire.common import Absent, Response


class FieldRange(Response):
    """The least and the greatest value."""

    max: Absent[float]
    min: Absent[float]


class MetadataField(Response):
    """A field that data assets can have."""

    allowed_values: Absent[list[str] | list[float]]
    category: Absent[str]
    multiple: Absent[bool]
    name: str
    range: Absent[FieldRange]
    required: Absent[bool]
    type: Literal["string", "number", "date"]
    units: Absent[str]


class CustomMetadata(Response):
    """All fields and the categories they are in."""

    categories: Absent[list[str]]
    fields: Absent[list[MetadataField]]
