"""A Code Ocean inside this process (docs/embedding.md)."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from socket import socket
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

from mock_server.app import create_app
from mock_server.client import CodeOceanServer, Control
from mock_server.domain import versions
from mock_server.domain.versions import Version
from mock_server.errors import StartError
from mock_server.serving.listening import listen, tls_on
from mock_server.settings import NamedFolder, S3Setting, Settings, TlsSetting, UnknownBuckets
from mock_server.threaded_server import LiveServer


class SettingsFields(TypedDict, total=False):
    """The fields of `mock_server.settings.Settings`, as text too where they are something else."""

    data_dir: Path | str | None
    seed: Path | str
    time_scale: float | str
    unknown_buckets: UnknownBuckets | str
    platform_version: Version | str
    documented_names: bool
    search_quirks: bool
    stable_order: bool
    random_seed: int | str | None
    scenarios: Path | str | None
    journal_size: int | str
    max_worlds: int | str
    world_idle: float | str
    control_token: str | None
    seed_dirs: Sequence[Path | str]
    capsules: Sequence[Path | str | NamedFolder]
    s3: S3Setting | str | None
    tls: TlsSetting | bool | None
    allowed_host_names: Sequence[str]


class MockCodeOcean(CodeOceanServer):
    """A server in a thread, on a free port of the loopback interface; it answers inside a `with` block.

    `settings` are those of the command (docs/settings.md); nothing is kept unless a `data_dir` is given. `listener` is
    a socket that listens already. Raises `StartError` for settings that cannot be used.
    """

    def __init__(self, *, listener: socket | None = None, **settings: Unpack[SettingsFields]) -> None:
        read = _settings(settings)
        with ExitStack() as undone:
            listener = listener or undone.enter_context(listen("127.0.0.1", 0))
            tls = tls_on(listener, read)
            if tls is not None:
                undone.callback(tls.close)
            self._app = app = create_app(read)
            undone.callback(app.worlds.close)
            self._live = LiveServer(app, listener, tls=tls.context if tls else None)
            super().__init__(Control(self._live.url, read.control_token, ca_file=tls.ca_file if tls else None))
            self._at_end = undone.pop_all()

    def __enter__(self) -> Self:
        """Start, and return when it answers. Raises `TimeoutError` when it does not."""
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and return when it has stopped."""
        self.close()
        self._live.__exit__(kind, value, trace)
        self._at_end.close()


def _whole(given: Any) -> int:
    number = int(given)
    if not isinstance(given, str) and number != given:
        raise ValueError("is no whole number")
    return number


def _listed(given: Any) -> Any:
    return [given] if isinstance(given, str | Path | NamedFolder) else given


def _tls(given: Any) -> TlsSetting | None:
    if isinstance(given, bool):
        return TlsSetting() if given else None
    if not isinstance(given, TlsSetting):
        raise TypeError("it has to be True, False or a TlsSetting")
    return given


READ: dict[str, Callable[[Any], Any]] = {
    "allowed_host_names": lambda given: (given,) if isinstance(given, str) else tuple(given),
    "capsules": lambda given: tuple(map(NamedFolder.of, _listed(given))),
    "control_token": str,
    "data_dir": Path,
    "journal_size": _whole,
    "max_worlds": _whole,
    "platform_version": lambda given: versions.platform_version(str(given)),
    "random_seed": _whole,
    "s3": lambda given: S3Setting.of(given) if isinstance(given, str) else given,
    "scenarios": Path,
    "seed": str,
    "seed_dirs": lambda given: tuple(map(Path, _listed(given))),
    "time_scale": float,
    "tls": _tls,
    "unknown_buckets": UnknownBuckets,
    "world_idle": float,
}
"""How settings are read that may be given as text."""


def _settings(given: SettingsFields) -> Settings:
    """The settings; what is None is as if it were left out. Raises `StartError`."""
    read: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    for name in READ.keys() & read.keys():
        try:
            read[name] = READ[name](read[name])
        except (OverflowError, TypeError, ValueError) as problem:
            raise StartError(f"{name.replace('_', ' ')} {read[name]!r} cannot be used: {problem}") from None
    return Settings(**{"data_dir": None} | read)
