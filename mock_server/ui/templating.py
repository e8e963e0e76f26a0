"""HTML from templates. Everything that is put into one is escaped."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from mock_server import manual
from mock_server.manual.pages import is_built
from mock_server.ui import formats, paths, pieces, static_files
from mock_server.version import __version__


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("mock_server.ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    for name in ("sized", "when", "iso", "lasting", "grouped", "tenths", "counted", "tone", "status_tone", "compact"):
        made.filters[name] = getattr(formats, name)
    for name in ("at", "badge", "driver", "here", "navigation", "person", "ran", "state", "strip", "tags"):
        made.globals[name] = getattr(pieces, name)
    made.filters["numbered"] = enumerate
    made.filters["pair"] = lambda value: (value, value)
    made.filters["worded"] = lambda pair: (pair[0], f"{pair[0]}: {pair[1]}")
    made.globals.update(static=static_files.url, paths=paths, version=__version__)
    made.globals.update(manual=manual.ROOT, has_manual=is_built)
    return made


def render(template: str, **values: Any) -> str:
    """The HTML that a template makes of the values."""
    return _environment().get_template(template).render(**values)
