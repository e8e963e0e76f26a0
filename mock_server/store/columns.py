"""What the columns of a table are, beside their type: marks on the fields of the dataclass that is a row."""

from dataclasses import fields
from enum import Enum
from typing import Annotated, Any, TypeVar

from mock_server.domain.lifecycle import Plan

T = TypeVar("T")


class Mark(Enum):
    """One thing that a column is."""

    KEY = "part of the primary key"
    UNIQUE = "unique"
    INDEXED = "indexed"
    JSON = "stored as JSON"
    PLAN = "a plan, stored as JSON"


Key = Annotated[T, Mark.KEY]
Unique = Annotated[T, Mark.UNIQUE]
Indexed = Annotated[T, Mark.INDEXED]
Json = Annotated[T, Mark.JSON]
StoredPlan = Annotated[Plan, Mark.PLAN]


def columns(row: type[Any]) -> dict[str, Any]:
    """The columns of a row's table by name, and the type of each."""
    return {field.name: getattr(field.type, "__origin__", field.type) for field in fields(row)}


def marked(row: type[Any], mark: Mark) -> list[str]:
    """The columns that carry a mark."""
    return [field.name for field in fields(row) if mark in getattr(field.type, "__metadata__", ())]
