"""Where an editor finds the JSON Schema of seed files: a line at their top that `yaml-language-server` reads."""

from collections.abc import Iterable
from functools import cache
from importlib import metadata

from mock_server.version import __version__

PLACEHOLDER = "/OWNER/"
"""What the address of the repository contains until the project is published."""

BESIDE = "seed.schema.json"
"""The file beside the seed file that `codeocean-mock seed schema` is written to where there is no address."""


@cache
def editor_line() -> str:
    """The line, without the sign of a comment."""
    try:
        urls = metadata.metadata("codeocean-mock").get_all("Project-URL") or ()
    except metadata.PackageNotFoundError:
        urls = ()
    return f"yaml-language-server: $schema={address(urls)}"


def address(urls: Iterable[str]) -> str:
    """The address of this release's schema, by the `Project-URL` fields of the metadata."""
    named = dict(url.split(", ", 1) for url in urls)
    repository = named.get("Repository", PLACEHOLDER)
    return BESIDE if PLACEHOLDER in repository else f"{repository}/raw/v{__version__}/docs/{BESIDE}"
