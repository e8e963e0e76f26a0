"""Fields of what a deployment answers, as a seed file has them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from mock_server.importing.privacy import Scrubber
from mock_server.input_errors.words import in_words

PARAMETER = ("name", "param_name", "value")


class Fitted(NamedTuple):
    """The fields of an object that its model takes, and what was left out, each with the reason."""

    fields: dict[str, Any] | None
    """None when the object itself cannot be had."""
    left_out: list[str]


def fitted(model: type[BaseModel], fields: dict[str, Any]) -> Fitted:
    """Check fields against their model; those that it does not take are left out, as far as it can do without."""
    left_out: list[str] = []
    while True:
        try:
            checked = model.model_validate(fields)
        except ValidationError as problem:
            error = problem.errors(include_url=False, include_input=False)[0]
            wrong = str(error["loc"][0]) if error["loc"] else ""
            left_out.append(f"{'.'.join(map(str, error['loc'])) or 'the whole'}: {in_words(error)}")
            info = model.model_fields.get(wrong)
            if wrong not in fields or info is None or info.is_required():
                return Fitted(None, left_out)
            fields = {name: value for name, value in fields.items() if name != wrong}
        else:
            return Fitted(checked.model_dump(mode="json", exclude_defaults=True, exclude_none=True), left_out)


def picked(record: Any, names: Collection[str]) -> dict[str, Any]:
    """The fields of these names that a record has."""
    if not isinstance(record, Mapping):
        return {}
    return {name: record[name] for name in names if record.get(name) is not None}


def each(records: Any, names: Collection[str]) -> list[dict[str, Any]]:
    """The fields of these names of each record."""
    return [picked(record, names) for record in records or () if isinstance(record, Mapping)]


def without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def distinct(entries: Iterable[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """The entries but for those whose key stands before already."""
    found: dict[Any, dict[str, Any]] = {}
    for entry in entries:
        found.setdefault(entry.get(key), entry)
    return list(found.values())


def names_of(parameter: Mapping[str, Any]) -> tuple[str, ...]:
    """What a parameter is called: its label, and its argument."""
    return tuple(parameter[key] for key in ("name", "param_name") if isinstance(parameter.get(key), str))


def parameters(given: Any, scrubber: Scrubber) -> list[dict[str, Any]]:
    """Parameters of a run."""
    return [
        {
            **{key: scrubber.text(one[key]) for key in ("name", "param_name") if key in one},
            "value": scrubber.value(names_of(one), one.get("value", "")),
        }
        for one in each(given, PARAMETER)
    ]
