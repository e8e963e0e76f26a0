"""Custom metadata: whether the values of a data asset fit the deployment's fields."""

from typing import Any

from mock_server.errors import BadRequestError

Fields = list[dict[str, Any]]
"""The deployment's fields, as the API shows them; a deployment without any takes everything."""


class Rules:
    """The deployment's fields, to check the values of many data assets against."""

    def __init__(self, fields: Fields) -> None:
        self._fields = {field["name"]: field for field in fields}
        self._required = [name for name, field in self._fields.items() if field.get("required")]

    def check(self, values: dict[str, Any]) -> None:
        """Raise `BadRequestError`, which names the field, when `values` do not fit or a required one is missing."""
        for name, value in values.items() if self._fields else ():
            if name not in self._fields:
                raise BadRequestError(f'unknown custom metadata field "{name}"')
            if value is not None:
                _check_field(self._fields[name], value)
        for name in self._required:
            if values.get(name) in (None, "", []):
                raise BadRequestError(f'custom metadata field "{name}" is required')


def check(fields: Fields, values: dict[str, Any]) -> None:
    """Raise as `Rules.check` does."""
    Rules(fields).check(values)


def _check_field(field: dict[str, Any], value: Any) -> None:
    name = field["name"]
    if isinstance(value, list) and not field.get("multiple"):
        raise BadRequestError(f'custom metadata field "{name}" takes one value')
    for one in value if isinstance(value, list) else [value]:
        is_number = isinstance(one, int | float) and not isinstance(one, bool)
        if (field["type"] == "string") != isinstance(one, str) or (field["type"] != "string" and not is_number):
            raise BadRequestError(f'custom metadata field "{name}" has to be a {field["type"]}')
        if field.get("allowed_values") and one not in field["allowed_values"]:
            raise BadRequestError(f'custom metadata field "{name}" does not take this value')
        limits = field.get("range") or {} if is_number else {}
        low, high = limits.get("min"), limits.get("max")
        if (low is not None and one < low) or (high is not None and one > high):
            raise BadRequestError(f'custom metadata field "{name}" is out of range')
