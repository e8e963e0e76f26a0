"""`serve`."""

import gc
import json
import os
import signal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli import control_token as token_file
from mock_server.cli.common import CA_FILE, CONTROL_TOKEN_FILE, IN_IMAGE, PREFIX, TLS, TLS_CERT, number, stop
from mock_server.cli.runner import EngineChoice
from mock_server.domain import durations, versions
from mock_server.domain.versions import NEWEST
from mock_server.errors import StartError
from mock_server.settings import (
    DEFAULT_BUCKET,
    DEFAULT_DATA_DIR,
    DEFAULT_JOURNAL_SIZE,
    DEFAULT_MAX_WORLDS,
    LogFormat,
    NamedFolder,
    S3Setting,
    Settings,
    TlsKind,
    TlsSetting,
    UnknownBuckets,
)
from mock_server.signals import EndCleanly

if TYPE_CHECKING:
    from mock_server.cli.runner_process import RunnerProcess


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
        bool, typer.Option("--in-memory", envvar=f"{PREFIX}IN_MEMORY", help="Keep nothing when the server stops.")
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
        typer.Option(
            envvar=f"{PREFIX}UNKNOWN_BUCKETS", help="What happens with buckets that the seed does not declare."
        ),
    ] = UnknownBuckets.SIMULATE,
    platform_version: Annotated[
        str, typer.Option(envvar=f"{PREFIX}PLATFORM_VERSION", help="The platform version to emulate, X.Y or X.Y.Z.")
    ] = str(NEWEST),
    legacy_names: Annotated[
        LegacyNames,
        typer.Option(
            envvar=f"{PREFIX}LEGACY_NAMES", help="documented adds names that only the oldest documentation prints."
        ),
    ] = LegacyNames.RECORDED,
    search_quirks: Annotated[
        bool,
        typer.Option("--search-quirks", envvar=f"{PREFIX}SEARCH_QUIRKS", help="Reproduce the service's search quirks."),
    ] = False,
    stable_order: Annotated[
        bool,
        typer.Option(
            "--stable-order",
            envvar=f"{PREFIX}STABLE_ORDER",
            help="Always list the processes of a run in the same order.",
        ),
    ] = False,
    scenarios: Annotated[
        Path | None,
        typer.Option(envvar=f"{PREFIX}SCENARIOS", help="A scenario file to load into each new world."),
    ] = None,
    journal_size: Annotated[
        int, typer.Option(envvar=f"{PREFIX}JOURNAL_SIZE", help="How many requests each world records.")
    ] = DEFAULT_JOURNAL_SIZE,
    max_worlds: Annotated[
        int, typer.Option(envvar=f"{PREFIX}MAX_WORLDS", help="Maximum number of worlds besides default.")
    ] = DEFAULT_MAX_WORLDS,
    world_idle: Annotated[
        str,
        typer.Option(envvar=f"{PREFIX}WORLD_IDLE", help="Drop worlds idle for this long; 0 keeps all."),
    ] = "1h",
    control_token: Annotated[
        str | None,
        typer.Option(envvar=f"{PREFIX}CONTROL_TOKEN", help="Control plane token; required off loopback."),
    ] = None,
    seed_dir: Annotated[
        list[Path] | None,
        typer.Option(envvar=f"{PREFIX}SEED_DIR", help="A folder the control plane may read files from."),
    ] = None,
    capsule: Annotated[
        list[Path] | None,
        typer.Option(
            envvar=f"{PREFIX}CAPSULE",
            metavar="[ID=]DIR",
            help="A folder with the code of a capsule to add to the worlds.",
        ),
    ] = None,
    allow_host_name: Annotated[
        list[str] | None,
        typer.Option(
            envvar=f"{PREFIX}ALLOW_HOST_NAME",
            help="A host name besides localhost that a server on loopback answers to; * allows all.",
        ),
    ] = None,
    control_token_file: Annotated[
        Path | None,
        typer.Option(envvar=CONTROL_TOKEN_FILE, help="File of the control token; created if missing."),
    ] = None,
    s3: Annotated[
        str,
        typer.Option(
            envvar=f"{PREFIX}S3",
            metavar="off|embedded|aws|URL",
            help="Where real objects lie behind data assets: in an S3 server beside this one, where AWS tools are told "
            "to look, at a URL; off plays them.",
        ),
    ] = "off",
    s3_bucket: Annotated[
        str, typer.Option(envvar=f"{PREFIX}S3_BUCKET", help="The bucket for internal data assets.")
    ] = DEFAULT_BUCKET,
    s3_public_url: Annotated[
        str | None,
        typer.Option(envvar=f"{PREFIX}S3_PUBLIC_URL", help="The URL at which clients reach S3, if different."),
    ] = None,
    s3_endpoint: Annotated[
        list[str] | None,
        typer.Option(
            envvar=f"{PREFIX}S3_ENDPOINT", metavar="NAME=URL", help="A further S3 endpoint, for endpoint_name."
        ),
    ] = None,
    tls: Annotated[
        TlsKind,
        typer.Option(envvar=TLS, help="self-signed: HTTPS with a generated certificate."),
    ] = TlsKind.OFF,
    tls_name: Annotated[
        list[str] | None,
        typer.Option(envvar=f"{PREFIX}TLS_NAME", help="An additional name or address for this certificate."),
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(envvar=TLS_CERT, help="Serve HTTPS with the certificate in this file.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(envvar=f"{PREFIX}TLS_KEY", help="The private key of that certificate.")
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option(envvar=CA_FILE, help="The authority that clients of --tls must trust."),
    ] = None,
    runner: Annotated[
        EngineChoice | None,
        typer.Option(envvar=f"{PREFIX}RUNNER", help="Start a runner beside the server, with this engine."),
    ] = None,
    log_format: Annotated[
        LogFormat, typer.Option(envvar=f"{PREFIX}LOG_FORMAT", help="How messages are written.")
    ] = LogFormat.TEXT,
) -> None:
    """Start a Code Ocean on this machine."""
    # Until the server minds it. The first process of a container would not hear it at all.
    signal.signal(signal.SIGTERM, EndCleanly(0, SystemExit(0)))
    # What is made from here on stays: looking for garbage in it takes a tenth of a start. `server` turns it on again.
    gc.disable()
    # Else pydantic looks for plugins in all installed packages when it builds its first model: a hundred files.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from mock_server import server  # Late: the other commands need none of it.

    try:
        idle = durations.seconds(number(world_idle) or 0)
    except ValueError as problem:
        stop(f"--world-idle: {problem}", 2)
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
            stable_order=stable_order,
            scenarios=scenarios,
            journal_size=journal_size,
            max_worlds=max_worlds,
            world_idle=idle,
            seed_dirs=tuple(seed_dir or ()),
            capsules=tuple(NamedFolder.of(str(one)) for one in capsule or ()),
            allowed_host_names=tuple(allow_host_name or ()),
            s3=S3Setting.of(s3, s3_bucket, s3_public_url, tuple(s3_endpoint or ())),
            tls=TlsSetting.of(tls, tls_cert, tls_key, ca_file, tuple(tls_name or ())),
            control_token=control_token or _kept(control_token_file, log_format),
            control_token_file=control_token_file.absolute() if control_token_file and not control_token else None,
            container=os.uname().nodename if IN_IMAGE in os.environ else None,
        )
        server.serve(settings, host, port, log_format, _beside(runner, log_format))
    except StartError as problem:
        stop(str(problem))


def _beside(engine: EngineChoice | None, log_format: LogFormat) -> "RunnerProcess | None":
    if engine is None:
        return None
    from mock_server.cli.runner_process import RunnerProcess

    return RunnerProcess(engine, log_format)


def _kept(path: Path | None, log_format: LogFormat) -> str | None:
    """The control token in the file, if one is named; a new one is told, this once."""
    if path is None:
        return None
    token, is_new = token_file.keep(path)
    if is_new:
        line = {"level": "info", "message": "made a control token", "control_token": token, "kept_in": str(path)}
        text = f"codeocean-mock: made the control token {token} and keeps it in {path}"
        typer.echo(json.dumps(line) if log_format is LogFormat.JSON else text, err=True)
    return token
