"""Where the dashboard's pages are."""

from functools import lru_cache
from urllib.parse import quote, urlencode

ROOT = "/_ui"
LOGIN = f"{ROOT}/login"
LOGOUT = f"{ROOT}/logout"
STATIC = f"{ROOT}/static"
WORLDS = f"{ROOT}/worlds"

REMEMBERED = 4096
"""How many paths are remembered: pages link to the same places over and over."""


def owns(path: str) -> bool:
    """Whether the dashboard serves `path`."""
    return path in ("/", ROOT) or path.startswith(f"{ROOT}/")


def of_world(name: str, /, *parts: str, **query: object) -> str:
    """The path of a page of a world. `parts` are quoted, and what is empty in `query` is left out; a list is one field
    several times.
    """
    fields = {key: value for key, value in query.items() if value not in (None, "", False)}
    path = _of_parts(name, *parts)
    return f"{path}?{urlencode(fields, doseq=True)}" if fields else path


@lru_cache(REMEMBERED)
def _of_parts(*parts: str) -> str:
    return f"{WORLDS}/{'/'.join(quote(part, safe='') for part in parts)}"


def quoted(path: str) -> str:
    """A decoded path as it stands in a URL."""
    return quote(path, safe="/")


def login(wanted: str) -> str:
    """The path of the login that leads on to a page."""
    return f"{LOGIN}?{urlencode({'next': wanted})}"


def is_own(path: str) -> bool:
    """Whether `path` leads to a page of the dashboard and nowhere else."""
    return path.startswith(f"{ROOT}/") and "\\" not in path and "//" not in path
