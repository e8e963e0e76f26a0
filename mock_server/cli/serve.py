"""`serve`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mock_server.cli.common import PREFIX, stop
from mock_server.domain import versions
from mock_server.domain.versions import NEWEST
from mock_server.errors import StartError
from mock_server.settings import DEFAULT_DATA_DIR, LogFormat, Settings, UnknownBuckets


class LegacyNames(StrEnum):
    """Which of the old names data assets have."""

    RECORDED = "recorded"
    DOCUMENTED = "documented"


def serve(
    host: Annotated[str, typer.Option(envvar=f"{PREFIX}HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(envvar=f"{PREFIX}PORT", min=0, max=65535, help="Port; 0 takes a free one.")
    ] = 8000,
    data_dir: Annotated[
        Path, typer.Option(envvar=f"{PREFIX}DATA_DIR", help="Where the data is kept.")
    ] = DEFAULT_DATA_DIR,
    in_memory: Annotated[
        bool, typer.Option("--in-memory", envvar=f"{PREFIX}IN_MEMORY", help="Keep nothing after the stop.")
    ] = False,
    seed: Annotated[
        str,
        typer.Option(envvar=f"{PREFIX}SEED", help="demo, empty or a seed file; used when there is no data yet."),
    ] = "demo",
    random_seed: Annotated[
        int | None,
        typer.Option(envvar=f"{PREFIX}RANDOM_SEED", help="Makes the ids and durations of a new world repeatable."),
    ] = None,
    time_scale: Annotated[
        float, typer.Option(envvar=f"{PREFIX}TIME_SCALE", help="Seconds of the clock per real second.")
    ] = 1.0,
    unknown_buckets: Annotated[
        UnknownBuckets,
        typer.Option(envvar=f"{PREFIX}UNKNOWN_BUCKETS", help="What a bucket that the seed does not declare gives."),
    ] = UnknownBuckets.SIMULATE,
    platform_version: Annotated[
        str, typer.Option(envvar=f"{PREFIX}PLATFORM_VERSION", help="The platform version to be, as X.Y or X.Y.Z.")
    ] = str(NEWEST),
    legacy_names: Annotated[
        LegacyNames,
        typer.Option(
            envvar=f"{PREFIX}LEGACY_NAMES", help="documented adds names that only the oldest documentation prints."
        ),
    ] = LegacyNames.RECORDED,
    log_format: Annotated[
        LogFormat, typer.Option(envvar=f"{PREFIX}LOG_FORMAT", help="How messages are written.")
    ] = LogFormat.TEXT,
) -> None:
    """Start a Code Ocean on this machine."""
    from mock_server import server  # Late: the other commands need none of it.

    try:
        settings = Settings(
            data_dir=None if in_memory else data_dir,
            seed=seed,
            random_seed=random_seed,
            time_scale=time_scale,
            unknown_buckets=unknown_buckets,
            platform_version=versions.platform_version(platform_version),
            documented_names=legacy_names is LegacyNames.DOCUMENTED,
        )
        server.serve(settings, host, port, log_format)
    except StartError as problem:
        stop(str(problem))
