"""`openapi`."""

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

from mock_server.cli.common import stop
from mock_server.domain import versions
from mock_server.domain.versions import NEWEST
from mock_server.errors import StartError


class SpecFormat(StrEnum):
    """How the OpenAPI document is written."""

    JSON = "json"
    YAML = "yaml"


def openapi(
    format: Annotated[SpecFormat, typer.Option("--format", help="How to write it.")] = SpecFormat.JSON,  # noqa: A002
    platform_version: Annotated[str, typer.Option(help="The platform version, as X.Y or X.Y.Z.")] = str(NEWEST),
) -> None:
    """Print the OpenAPI document of the public API."""
    import yaml

    from mock_server.app import spec_of

    try:
        version = versions.platform_version(platform_version)
    except StartError as problem:
        stop(str(problem))
    spec = spec_of(version)
    if format is SpecFormat.JSON:
        sys.stdout.write(json.dumps(spec, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(yaml.safe_dump(spec, sort_keys=True, allow_unicode=True, width=120))
