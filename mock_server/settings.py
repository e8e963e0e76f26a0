"""What can be set when the server starts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from mock_server.domain.naming import ID_PATTERN
from mock_server.domain.versions import NEWEST, Version
from mock_server.errors import StartError
from mock_server.input_errors.numbers import plain
from mock_server.local_files import ALL_FILES, ReadableFiles

DEFAULT_DATA_DIR = Path(".codeocean-mock")
DEFAULT_JOURNAL_SIZE = 2000
DEFAULT_MAX_WORLDS = 500
DEFAULT_BUCKET = "codeocean-datasets"
MAX_TIME_SCALE = 1_000_000.0
MAX_RANDOM_SEED = 2**63 - 1
MAX_JOURNAL_SIZE = 1_000_000

ANY_HOST_NAME = "*"

_ID_AND_FOLDER = re.compile(rf"({ID_PATTERN})=(.+)", re.DOTALL)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_TOKEN = re.compile(r"[!-~]{8,200}")
_HOST_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


class LogFormat(StrEnum):
    """How the server's own messages are written."""

    TEXT = "text"
    JSON = "json"


class UnknownBuckets(StrEnum):
    """What a data asset made from a bucket that the seed does not declare becomes."""

    SIMULATE = "simulate"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class S3Setting:
    """Where the objects are that lie behind data assets: `embedded`, `aws` (as the settings of AWS tools say) or the
    URL of an endpoint; in which bucket the deployment keeps its own, by which URL clients reach the endpoint when that
    is another one, and further endpoints (`NAME=URL`).
    """

    where: str
    bucket: str = DEFAULT_BUCKET
    public_url: str | None = None
    endpoints: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        where: str,
        bucket: str = DEFAULT_BUCKET,
        public_url: str | None = None,
        endpoints: tuple[str, ...] = (),
    ) -> "S3Setting | None":
        """The setting; None for `off`. Raises `StartError` for the name of a bucket that cannot be."""
        if where == "off":
            return None
        if not _BUCKET.fullmatch(bucket):
            raise StartError(
                f'not the name of a bucket: "{bucket}"; write 3 to 63 lower-case letters, digits, hyphens and dots'
            )
        return cls(where, bucket, public_url, endpoints)


class TlsKind(StrEnum):
    """Whether a certificate is made."""

    OFF = "off"
    SELF_SIGNED = "self-signed"


@dataclass(frozen=True, slots=True)
class TlsSetting:
    """HTTPS, with the certificate and the key in two files, or without them with a certificate for this machine and
    `names`, signed by an authority that is kept in `ca_file`. Beside a certificate in a file `ca_file` is what clients
    are told to trust. Raises `StartError` for what does not go together.
    """

    cert: Path | None = None
    key: Path | None = None
    ca_file: Path | None = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.cert is None) != (self.key is None):
            raise StartError("a certificate needs its key: give both --tls-cert and --tls-key")
        if self.cert is not None and self.names:
            raise StartError("the certificate of --tls-cert has its names already: leave out --tls-name")

    @classmethod
    def of(
        cls,
        kind: TlsKind,
        cert: Path | None = None,
        key: Path | None = None,
        ca_file: Path | None = None,
        names: tuple[str, ...] = (),
    ) -> "TlsSetting | None":
        """The setting; None for plain HTTP. Raises `StartError` for what does not go together."""
        has_files = cert is not None or key is not None
        if kind is TlsKind.OFF and not has_files:
            if names:
                raise StartError("--tls-name needs --tls self-signed")
            return None
        if kind is TlsKind.SELF_SIGNED and has_files:
            raise StartError("--tls self-signed makes a certificate: leave out --tls-cert and --tls-key")
        return cls(cert, key, ca_file, names)


class NamedFolder(NamedTuple):
    """A capsule folder, and the id of its capsule unless it is to be made of the folder's remote or name."""

    folder: Path
    id: str | None = None

    @classmethod
    def of(cls, written: "str | Path | NamedFolder") -> "NamedFolder":
        """`DIR` or `ID=DIR`. What begins like an id and goes on with `=` is the latter; `/there/a=b` is a folder."""
        if isinstance(written, NamedFolder):
            return written
        found = _ID_AND_FOLDER.fullmatch(written) if isinstance(written, str) else None
        return cls(Path(found[2]), found[1]) if found else cls(Path(written))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that shapes a server; see `docs/settings.md`. Raises `StartError` for values out of range."""

    data_dir: Path | None = DEFAULT_DATA_DIR
    """Where the database lives; None keeps everything in memory and nothing after the stop."""
    seed: str = "demo"
    """`demo`, `empty` or the path of a seed file. Used when the data directory holds no database yet."""
    time_scale: float = 1.0
    """Seconds of the world's clock per real second."""
    unknown_buckets: UnknownBuckets = UnknownBuckets.SIMULATE
    platform_version: Version = NEWEST
    """The platform version to be."""
    documented_names: bool = False
    """Whether data assets carry the names that only the oldest documentation prints."""
    search_quirks: bool = False
    """Whether searches have the oddities that the service is known for."""
    stable_order: bool = False
    """Whether processes of a pipeline's run are always in the pipeline's order."""
    random_seed: int | None = None
    """Makes ids and durations repeatable; None draws a new one for each new world."""
    scenarios: Path | None = None
    """A scenario file that is loaded into each new world."""
    journal_size: int = DEFAULT_JOURNAL_SIZE
    """How many requests each world remembers."""
    max_worlds: int = DEFAULT_MAX_WORLDS
    """How many worlds there may be beside the default one."""
    world_idle: float = 3600.0
    """After how many real seconds a world that nobody uses is dropped; 0 keeps all."""
    control_token: str | None = None
    """What the control plane asks for; None asks for nothing."""
    control_token_file: Path | None = None
    """The file that holds the control token, which the login of the dashboard names; None when it was given itself."""
    container: str | None = None
    """The host name of the container of the project's image that the server runs in; None outside of one."""
    seed_dirs: tuple[Path, ...] = ()
    """The folders from which the control plane may have files read."""
    capsules: tuple[NamedFolder, ...] = ()
    """Folders with the code of capsules, which each world made from a seed has."""
    s3: S3Setting | None = None
    """Where real objects lie behind data assets; None plays all of them."""
    tls: TlsSetting | None = None
    """How HTTPS is spoken; None for plain HTTP."""
    allowed_host_names: tuple[str, ...] = ()
    """The names beside `localhost` to which a server on the loopback interface answers; `ANY_HOST_NAME` allows all."""

    def __post_init__(self) -> None:
        if not 0 < self.time_scale <= MAX_TIME_SCALE:
            raise StartError(
                f"time scale {plain(self.time_scale)} is out of range: more than 0, at most {plain(MAX_TIME_SCALE)}"
            )
        if not 0 <= self.journal_size <= MAX_JOURNAL_SIZE:
            raise StartError(f"journal size {self.journal_size} is out of range: 0 to {MAX_JOURNAL_SIZE}")
        if self.max_worlds < 0:
            raise StartError(f"max worlds {self.max_worlds} is out of range: 0 or more")
        if not 0 <= self.world_idle < float("inf"):
            raise StartError(f"world idle {plain(self.world_idle)} is out of range: 0 seconds or more")
        if self.control_token is not None and not _TOKEN.fullmatch(self.control_token):
            raise StartError("the control token must be 8 to 200 printable characters without spaces")
        check_host_names(self.allowed_host_names)
        if self.random_seed is not None and not 0 <= self.random_seed <= MAX_RANDOM_SEED:
            raise StartError(f"random seed {self.random_seed} is out of range: 0 to {MAX_RANDOM_SEED}")

    @property
    def readable_files(self) -> ReadableFiles:
        """The files that the control plane may have read: those in the folders that were named, if any were. Without a
        control token it answers this machine alone, whose files they are.
        """
        if self.seed_dirs or self.control_token is not None:
            return ReadableFiles(self.seed_dirs)
        return ALL_FILES


def check_host_names(names: Iterable[str]) -> None:
    """Raise `StartError` for what cannot be the name of a host."""
    for name in names:
        if name != ANY_HOST_NAME and not _HOST_NAME.fullmatch(name):
            raise StartError(f'not a host name: "{name}"; write a name without scheme and port, or {ANY_HOST_NAME}')
