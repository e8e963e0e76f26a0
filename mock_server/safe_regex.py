"""Regular expressions that cannot run away: matched in linear time, by the engine that pydantic brings."""

from functools import lru_cache

from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema


def is_pattern(text: str) -> bool:
    """Whether `text` is a regular expression that is taken: no look-around, no back-references."""
    try:
        _compiled(text)
    except SchemaError:
        return False
    return True


def matches(pattern: str, value: str) -> bool:
    """Whether the whole of `value` matches."""
    try:
        _compiled(pattern).validate_python(value)
    except ValidationError:
        return False
    return True


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=f"^(?:{pattern})$"))
