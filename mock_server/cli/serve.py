"""`serve`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mock_server.cli.common import PREFIX, number, stop
from mock_server.domain import durations, versions
from mock_server.domain.versions import NEWEST
from mock_server.errors import StartError
from mock_server.settings import (
    DEFAULT_DATA_DIR,
    DEFAULT_JOURNAL_SIZE,
    DEFAULT_MAX_WORLDS,
    LogFormat,
    Settings,
    UnknownBuckets,
)


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
    search_quirks: Annotated[
        bool,
        typer.Option("--search-quirks", envvar=f"{PREFIX}SEARCH_QUIRKS", help="Search as oddly as the service does."),
    ] = False,
    scenarios: Annotated[
        Path | None,
        typer.Option(envvar=f"{PREFIX}SCENARIOS", help="A scenario file that is loaded into each new world."),
    ] = None,
    journal_size: Annotated[
        int, typer.Option(envvar=f"{PREFIX}JOURNAL_SIZE", help="How many requests each world remembers.")
    ] = DEFAULT_JOURNAL_SIZE,
    max_worlds: Annotated[
        int, typer.Option(envvar=f"{PREFIX}MAX_WORLDS", help="How many worlds there may be beside the default one.")
    ] = DEFAULT_MAX_WORLDS,
    world_idle: Annotated[
        str,
        typer.Option(envvar=f"{PREFIX}WORLD_IDLE", help="After how long an unused world is dropped; 0 keeps all."),
    ] = "1h",
    control_token: Annotated[
        str | None,
        typer.Option(envvar=f"{PREFIX}CONTROL_TOKEN", help="What the control plane asks for; needed off loopback."),
    ] = None,
    log_format: Annotated[
        LogFormat, typer.Option(envvar=f"{PREFIX}LOG_FORMAT", help="How messages are written.")
    ] = LogFormat.TEXT,
) -> None:
    """Start a Code Ocean on this machine."""
    from mock_server import server  # Late: the other commands need none of it.

    try:
        idle = durations.seconds(number(world_idle) or 0)
    except ValueError as problem:
        stop(f"--world-idle {world_idle} {problem}", 2)
    try:
        settings = Settings(
            data_dir=None if in_memory else data_dir,
            seed=seed,
            random_seed=random_seed,
            time_scale=time_scale,
            unknown_buckets=unknown_buckets,
            platform_version=versions.platform_version(platform_version),
            documented_names=legacy_names is LegacyNames.DOCUMENTED,
            search_quirks=search_quirks,
            scenarios=scenarios,
            journal_size=journal_size,
            max_worlds=max_worlds,
            world_idle=idle,
            control_token=control_token,
        )
        server.serve(settings, host, port, log_format)
    except StartError as problem:
        stop(str(problem))
