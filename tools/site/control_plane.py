"""Parameters, fields and answers of the control plane's routes, from its own spec."""

from collections.abc import Iterator
from typing import Any

from mock_server.control import spec
from tools.site.headings import cell, with_additions


def with_fields(markdown: str) -> str:
    """The page of the control plane, with what each route takes and answers."""
    return with_additions(markdown, lambda title: "".join(_details(title)))


def _details(title: str) -> Iterator[str]:
    """What there is to say of a route that a heading names, as in `GET /_mock/worlds`."""
    method, path = title.split()
    route = spec.document()["paths"][path][method.lower()]
    queries = [one for one in route.get("parameters", ()) if one["in"] == "query"]
    if queries:
        yield "| query | type | what it is |\n|---|---|---|\n"
        for one in queries:
            yield f"| `{one['name']}` | {_type(one['schema'])} | {cell(one.get('description', ''))} |\n"
        yield "\n"
    yield from _body(route.get("requestBody", {}))
    answers = ", ".join(f"{status}{_answer(response)}" for status, response in sorted(_answers(route)))
    yield f"Answers: {answers}.\n"


def _answers(route: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The answers by their status; of failures only the statuses matter, since all look the same."""
    yield from ((status, answer) for status, answer in route["responses"].items() if status != "422")


def _answer(response: dict[str, Any]) -> str:
    """The model of an answer, as text behind its status."""
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    return f" (`{name}`)" if name and name != "Error" else ""


def _body(body: dict[str, Any]) -> Iterator[str]:
    """A table of the fields of a request's body."""
    for kind, content in body.get("content", {}).items():
        model = _resolved(content.get("schema", {}))
        fields = model.get("properties", {})
        if not fields:
            yield f"The body is `{kind}`.\n\n"
            continue
        yield "| field | type | default |\n|---|---|---|\n"
        for name, field in fields.items():
            default = "required" if name in model.get("required", ()) else _written(field.get("default"))
            yield f"| `{name}` | {_type(field)} | {default} |\n"
        yield "\n"


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return spec.document()["components"]["schemas"][name] if name else schema


def _written(default: Any) -> str:
    return "" if default is None else f"`{default}`".replace("True", "true").replace("False", "false")


def _type(schema: dict[str, Any]) -> str:
    """The type of a field in words."""
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        kinds = [_type(one) for one in choices if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", "any"))
