"""What the searches for capsules and data assets share (SDK models/components.py; docs: search)."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from mock_server.domain.search.query import MAX_QUERY
from mock_server.wire.common import NO_NUL, Name, Number, OptionalList, OptionalObject, OptionalText, Request, SchemaOf

MAX_FILTERS = 100
MAX_VALUES = 1000
"""Of one filter, and of all filters of a search together."""
MAX_CHARACTERS = 100_000
"""Of all values of a search together."""

Query = Annotated[str, Field(max_length=MAX_QUERY, pattern=NO_NUL)]
_values: TypeAdapter[Any] = TypeAdapter(Name | Number | bool, config=Request.model_config)


def _filter_value(value: Any) -> Any:
    """One message instead of one for each type of a union."""
    try:
        return _values.validate_python(value)
    except ValidationError:
        raise ValueError("has to be a text with something in it, a finite number, true or false") from None


FilterValue = Annotated[Any, AfterValidator(_filter_value), SchemaOf(_values)]


class SearchFilterRange(Request):
    """A range of numbers, ends included; one end may be left open. Dates are Unix seconds."""

    min: Number | None = None
    max: Number | None = None


class SearchFilter(Request):
    """A filter on `name`, `description`, `tags` or a custom metadata field: one of `value`, `values` and `range`. With
    `exclude` it leaves out what matches.
    """

    key: Name
    value: OptionalText[FilterValue] = None
    values: OptionalList[Annotated[list[FilterValue], Field(max_length=MAX_VALUES)]] = None
    range: OptionalObject[SearchFilterRange] = None
    exclude: bool | None = None


Filters = Annotated[list[SearchFilter], Field(max_length=MAX_FILTERS)]
