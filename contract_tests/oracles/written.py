"""What a request writes into a record, field by field, and whether a value reads so."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from contract_tests.oracles.observation import same

UNKNOWN: Final = object()
"""In place of a value: the field is written, but nobody can say how it will read."""

Fields = Mapping[str, Any]
"""Values that are written, by field; what is not among them stays as it is."""

_PLAIN = re.compile(r"[A-Za-z0-9_\-]+")
"""A mount that nothing tidies up."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def _is_text(value: Any) -> bool:
    """Tell whether it is text that can be kept: half of a pair of surrogates cannot."""
    return isinstance(value, str) and not _SURROGATE.search(value)


def _is_plain_mount(value: Any) -> bool:
    return isinstance(value, str) and _PLAIN.fullmatch(value) is not None


def _are_tags(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


_UNDERSTOOD: dict[str, Callable[[Any], bool]] = {
    "name": _is_text,
    "description": _is_text,
    "tags": _are_tags,
    "mount": _is_plain_mount,
    "custom_metadata": _is_object,
}
"""The fields of a data asset that a request writes, and which values are kept as they are."""

_KEEPS = ("name", "mount")
"""The fields of which an empty text keeps the present value, as null does of all."""


def fields_of_data_asset(sent: dict[str, Any]) -> Fields:
    """Return the fields that a request writes into a data asset."""
    fields = {field: sent[field] for field in _UNDERSTOOD if sent.get(field) is not None}
    kept = [field for field in _KEEPS if fields.get(field) == ""]
    return {
        field: value if _UNDERSTOOD[field](value) else UNKNOWN for field, value in fields.items() if field not in kept
    }


def fields_of_run(sent: dict[str, Any]) -> Fields:
    """Return the fields that a request writes into a run; without ordered parameters, which pipelines ignore."""
    parameters = _objects(sent.get("named_parameters"), "param_name", "value")
    times = Counter(parameter["param_name"] for parameter in parameters)
    return {
        "parameters": [parameter for parameter in parameters if times[parameter["param_name"]] == 1],
        "data_assets": _objects(sent.get("data_assets"), "id"),
    }


def _objects(value: Any, *names: str) -> list[dict[str, str]]:
    """Those of a list that have a text, not an empty one, under each of these names, and nothing else of them."""
    items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    return [
        {name: item[name] for name in names}
        for item in items
        if all(_is_text(item.get(name)) and item[name] for name in names)
    ]


def reads_back(field: str, expected: Any, actual: Any) -> bool:
    """Compare a value with what was written. Empty values may be left out; tags have no promised order."""
    match field:
        case "tags":
            return set(expected) == set(map(str, actual if isinstance(actual, list) else ()))
        case "custom_metadata":
            metadata = actual if isinstance(actual, dict) else {}
            return all(same(value, metadata.get(name)) for name, value in expected.items() if value is not None)
        case "parameters":
            return all(_contains(parameter, actual) for parameter in expected)
        case "data_assets":
            # Ids are the same in upper case.
            return {asset["id"].lower() for asset in expected} <= set(_ids(actual))
        case _:
            return same(expected, actual) or (expected == "" and actual is None)


def _contains(expected: dict[str, Any], items: Any) -> bool:
    """Tell whether a list contains an object with at least these values."""
    objects = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return any(all(item.get(name) == value for name, value in expected.items()) for item in objects)


def _ids(items: Any) -> list[str]:
    objects = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return [item["id"].lower() for item in objects if isinstance(item.get("id"), str)]
