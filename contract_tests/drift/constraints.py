"""Constraints of a JSON schema beyond the type: format, pattern, bounds."""

import json
from functools import cache
from typing import Any

import jsonschema_rs

_KEYWORDS = (
    *("format", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems"),
)


def violation(schema: dict[str, Any], value: Any) -> str | None:
    """Describe the first constraint that a value violates; None when it meets all."""
    keywords = {keyword: schema[keyword] for keyword in _KEYWORDS if keyword in schema}
    validator = _validator(json.dumps(keywords)) if keywords else None
    broken = next(validator.iter_errors(_comparable(value)), None) if validator is not None else None
    if broken is None:
        return None
    keyword = broken.kind.name
    return f"not in the format {schema['format']}" if keyword == "format" else f"violates {keyword}"


def _comparable(value: Any) -> Any:
    """Reduce a value to what its constraints apply to. The validator does not accept lone surrogates."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return [None] * len(value) if isinstance(value, list) else value


@cache
def _validator(keywords: str) -> jsonschema_rs.Draft202012Validator | None:
    try:
        return jsonschema_rs.Draft202012Validator(json.loads(keywords), validate_formats=True)
    except ValueError:
        return None  # A pattern of another dialect, or a bound that is none, says nothing.
