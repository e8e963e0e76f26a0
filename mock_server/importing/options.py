"""What an import is asked for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

DEFAULT_LIMIT = 1000
DEFAULT_COMPUTATIONS = 20
DEFAULT_MAX_FILE = 64 * 1024
DEFAULT_MAX_LISTING = 1000


class ImportFailedError(Exception):
    """The deployment cannot be imported; the message says why, in one line."""


class ImportPausedError(ImportFailedError):
    """The import cannot go on now; later it can."""


class Files(StrEnum):
    """How much of results and data assets comes along."""

    NONE = "none"
    """Numbers and sizes."""
    LISTING = "listing"
    """Names and sizes of the files."""
    SMALL = "small"
    """The content of small files too."""


class Roles(StrEnum):
    """Whose permissions are read: a request for each."""

    NONE = "none"
    CAPSULES = "capsules"
    ALL = "all"


class Durations(StrEnum):
    """How long imported runs take when they are started anew."""

    REAL = "real"
    DEMO = "demo"


KEEPABLE = ("people", "buckets", "secrets")
"""What stays as it is when somebody asks for that; else it is replaced."""

REDACTABLE = ("descriptions",)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is read. Queries are in the search language; None searches for nothing, and an empty one for everything."""

    capsules: tuple[str, ...] = ()
    pipelines: tuple[str, ...] = ()
    data_assets: tuple[str, ...] = ()
    capsule_query: str | None = None
    data_asset_query: str | None = None
    owned: bool = False
    """Whether all that the token's user owns is selected."""
    limit: int = DEFAULT_LIMIT
    """How many objects each search may find."""
    computations: int = DEFAULT_COMPUTATIONS
    """How many of the newest runs of each capsule come along."""
    follow: bool = False
    files: Files = Files.LISTING
    max_file: int = DEFAULT_MAX_FILE
    """Bytes."""
    max_listing: int = DEFAULT_MAX_LISTING
    """How many files of a tree are listed at most; larger ones are generated."""
    roles: Roles = Roles.ALL
    is_lenient: bool = False
    """Whether what is named need not be there."""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is named."""
        named = self.capsules or self.pipelines or self.data_assets
        return not named and self.capsule_query is None and self.data_asset_query is None

    def as_json(self) -> dict[str, Any]:
        """The selection as a begun import remembers it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Address:
    """The deployment, and how its gate lets requests pass."""

    url: str
    token: str | None = None
    allow_host: str | None = None
    budgets: Mapping[str, float] = field(default_factory=dict)
    """Fields of the harness's `Budgets` that differ from those of the profile `observe`."""
    timeout: float | None = None
    """Seconds that a response may take."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is replaced, and what is not."""

    keep: frozenset[str] = frozenset()
    redact: frozenset[str] = frozenset()

    def replaces(self, what: str) -> bool:
        """Tell whether people, buckets or secrets are replaced."""
        return what not in self.keep
