"""The OpenAPI document that a deployment is held against."""

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from contract_tests.transport.operations import OPERATIONS, Operation
from contract_tests.transport.redaction import url as redact_url

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")

PACKAGED = "openapi.json"


class SpecError(Exception):
    """The document cannot be used; the message says why."""


class Declared(NamedTuple):
    """An operation of the document."""

    name: str
    method: str
    path: str
    about: dict[str, Any]
    known: Operation | None
    """The same in the harness's own table: by method and path, whatever the document calls it."""


_BY_ROUTE = {(operation.method, operation.template): operation for operation in OPERATIONS.values()}


def packaged() -> dict[str, Any]:
    """The document that comes with the harness."""
    inside = resources.files("contract_tests") / PACKAGED
    beside = Path(__file__).parents[2] / "openapi" / PACKAGED
    return parse(inside.read_text() if inside.is_file() else beside.read_text(), PACKAGED)


def load(path: Path) -> dict[str, Any]:
    """A document from a file, YAML or JSON. Raises `SpecError`."""
    try:
        return parse(path.read_text(), str(path))
    except (OSError, UnicodeDecodeError) as problem:
        raise SpecError(f"the spec {path} cannot be read: {problem}") from None


def parse(text: str, name: str) -> dict[str, Any]:
    """A document from text. Raises `SpecError` when it is none, or declares no operation."""
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SpecError(f"the spec {redact_url(name)} is neither JSON nor YAML") from None
    if not isinstance(document, dict) or "openapi" not in document:
        raise SpecError(f"the spec {redact_url(name)} is not an OpenAPI document")
    if not any(declared(document)):
        raise SpecError(f"the spec {redact_url(name)} declares no operations")
    return document


def declared(document: dict[str, Any]) -> Iterator[Declared]:
    """The operations of a document."""
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in METHODS:
            about = item.get(method) if isinstance(item, dict) else None
            if isinstance(about, dict):
                name = str(about.get("operationId") or f"{method.upper()} {path}")
                yield Declared(name, method.upper(), path, about, _BY_ROUTE.get((method.upper(), path)))
