"""What a seed file contradicts beside what is wrong in its parts, so that one look tells all."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from mock_server.documents import scenario_file
from mock_server.documents.problems import Finding
from mock_server.documents.seed_checks import contradictions
from mock_server.documents.seed_model import SeedFileModel, SeedMetadata
from mock_server.input_errors.paths import FieldPath


def contradictions_beside(content: Any, wrong: Sequence[Finding]) -> Iterator[Finding]:
    """Return what `content` contradicts as far as it can be read. What refers to something that is wrong itself is not
    among it, and there is nothing where a whole section is wrong or has another name.
    """
    places = [one.at for one in wrong]
    if not isinstance(content, Mapping) or any(len(place) < 2 for place in places):
        return
    seed = _readable(content, places)
    unread = {value for place in places for value in _texts(content, place)}
    for finding in _found(seed):
        is_wrong = any(finding.at[: len(place)] == place for place in places)
        if not is_wrong and unread.isdisjoint(_texts(content, finding.at)):
            yield finding
    if not any(place[0] == "scenarios" for place in places):
        for one in scenario_file.contradictions(seed.scenarios):
            yield Finding(*one)


def _found(seed: SeedFileModel) -> Iterator[Finding]:
    try:
        for one in contradictions(seed):
            yield Finding(*one)
    except TypeError:
        # Two things were compared, and one could not be read.
        return


def _readable(content: Mapping[str, Any], places: Sequence[FieldPath]) -> SeedFileModel:
    """Return the seed; a field that cannot be read is as if it were left out, or None if the model needs it."""
    sections: dict[str, Any] = {}
    for name, field in SeedFileModel.model_fields.items():
        wrong = {place[1] for place in places if place[0] == name}
        items = content.get(name)
        item = get_args(field.annotation)[0] if get_origin(field.annotation) is list else None
        if wrong and isinstance(items, list) and isinstance(item, type) and issubclass(item, BaseModel):
            sections[name] = [
                _part(item, one) if at in wrong else item.model_validate(one) for at, one in enumerate(items)
            ]
        else:
            sections[name] = _field(SeedFileModel, name, content)
    if any(place[0] == "custom_metadata" for place in places):
        sections["custom_metadata"] = SeedMetadata(enforced=False)
    return SeedFileModel.model_construct(**sections)


def _part(model: type[BaseModel], content: Any) -> BaseModel:
    fields = content if isinstance(content, Mapping) else {}
    return model.model_construct(**{name: _field(model, name, fields) for name in model.model_fields})


def _field(model: type[BaseModel], name: str, content: Mapping[str, Any]) -> Any:
    field = model.model_fields[name]
    if name in content:
        try:
            return _reader(model, name).validate_python(content[name])
        except ValidationError:
            pass
    return None if field.is_required() else field.get_default(call_default_factory=True)


@cache
def _reader(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    kind: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return TypeAdapter(kind)


def _texts(content: Any, place: FieldPath) -> set[str]:
    """Return the text at a place; of a thing, what it is called."""
    for step in place:
        try:
            content = content[step]
        except (LookupError, TypeError):
            return set()
    if isinstance(content, Mapping):
        return {value for name, value in content.items() if name in ("id", "name", "email") and isinstance(value, str)}
    return {content} if isinstance(content, str) else set()
