"""`runner`."""

import json
import os
import re
import signal
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli import control_token as token_file
from mock_server.cli.common import (
    CONTROL_TOKEN_FILE,
    DEFAULT_URL,
    PREFIX,
    TokenOption,
    UrlOption,
    connected,
    number,
    stop,
)
from mock_server.domain.naming import printable
from mock_server.errors import StartError
from mock_server.settings import LogFormat
from mock_server.signals import INTERRUPTED

if TYPE_CHECKING:
    from mock_server.runner.options import EngineOptions, RunnerOptions
    from mock_server.runner.runner import Runner

OWN = f"{PREFIX}RUNNER_"
"""What the variables begin with that set options of a runner."""

PATIENCE = 600.0
"""How many seconds the server may take for an answer: it may be writing gigabytes."""

UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}

SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)


class EngineChoice(StrEnum):
    """What runs are executed with; the same as the runner's own, which is loaded late."""

    DOCKER = "docker"
    BUBBLEWRAP = "bubblewrap"
    PROCESS = "process"


def runner(
    url: UrlOption = DEFAULT_URL,
    control_token: TokenOption = None,
    control_token_file: Annotated[
        Path | None, typer.Option(envvar=CONTROL_TOKEN_FILE, help="Where the server keeps its control token.")
    ] = None,
    engine: Annotated[
        EngineChoice, typer.Option(envvar=f"{OWN}ENGINE", help="What executes the capsules.")
    ] = EngineChoice.DOCKER,
    name: Annotated[
        str | None, typer.Option(envvar=f"{OWN}NAME", help="What the runner is called; the machine's name without.")
    ] = None,
    slots: Annotated[int, typer.Option(envvar=f"{OWN}SLOTS", min=1, max=1000, help="How many runs at once.")] = 1,
    image: Annotated[
        str | None, typer.Option(envvar=f"{OWN}IMAGE", help="docker: an image for all capsules; nothing is built.")
    ] = None,
    registry_host: Annotated[
        str, typer.Option(envvar=f"{OWN}REGISTRY_HOST", help="docker: where base images come from.")
    ] = "registry.codeocean.com",
    env_file: Annotated[
        Path | None, typer.Option(envvar=f"{OWN}ENV_FILE", help="Variables for each run, NAME=value a line; secret.")
    ] = None,
    no_network: Annotated[
        bool, typer.Option("--no-network", envvar=f"{OWN}NO_NETWORK", help="Keep runs from the network.")
    ] = False,
    memory: Annotated[
        str | None, typer.Option(envvar=f"{OWN}MEMORY", help="What a run may use, such as 512m or 4g.")
    ] = None,
    cpus: Annotated[
        float | None, typer.Option(envvar=f"{OWN}CPUS", min=0.01, help="How many cores a run may use.")
    ] = None,
    max_run_time: Annotated[
        str, typer.Option(envvar=f"{OWN}MAX_RUN_TIME", help="After how long a run is stopped; 0: never.")
    ] = "0",
    max_input: Annotated[
        str, typer.Option(envvar=f"{OWN}MAX_INPUT", help="How large the data of a run may be.")
    ] = "10g",
    lease: Annotated[
        str, typer.Option(envvar=f"{OWN}LEASE", help="After how long without a word the server gives a run up.")
    ] = "30s",
    retries: Annotated[
        int,
        typer.Option(envvar=f"{OWN}RETRIES", min=0, max=100, help="How often a run is tried again that was given up."),
    ] = 0,
    work_dir: Annotated[
        Path | None, typer.Option(envvar=f"{OWN}WORK_DIR", help="Where runs have their files; a temporary folder.")
    ] = None,
    log_format: Annotated[
        LogFormat, typer.Option(envvar=f"{PREFIX}LOG_FORMAT", help="How messages are written.")
    ] = LogFormat.TEXT,
    attached: Annotated[bool, typer.Option("--attached", hidden=True)] = False,
) -> None:
    """Execute driven runs of capsules that have a folder."""
    from mock_server.runner.failures import RunnerError
    from mock_server.runner.masking import read_env_file
    from mock_server.runner.options import EngineOptions, RunnerOptions

    # A server that starts a runner says the token where no list of processes shows it.
    token = sys.stdin.readline().strip() or None if attached else control_token or _kept(control_token_file)
    try:
        engine_options = EngineOptions(
            work_dir=work_dir or _temporary(),
            image=image,
            registry_host=registry_host,
            network=not no_network,
            memory=_memory(memory),
            cpus=cpus,
            environment=read_env_file(env_file, os.environ) if env_file else {},
        )
        options = RunnerOptions(
            name=name or f"{os.uname().nodename}-{os.getpid()}",
            slots=slots,
            lease=_lease(lease),
            retries=retries,
            max_run_time=_seconds(max_run_time, "--max-run-time") or None,
            max_input=_size(max_input, "--max-input") or 0,
        )
        _run(url, token, engine, engine_options, options, log_format, attached)
    except RunnerError as problem:
        stop(str(problem))


def _run(
    url: str,
    token: str | None,
    engine_choice: EngineChoice,
    engine_options: "EngineOptions",
    options: "RunnerOptions",
    log_format: LogFormat,
    attached: bool,
) -> None:
    from contextlib import ExitStack, closing

    from mock_server.runner.engines.choice import EngineName, engine_of
    from mock_server.runner.job import Conditions
    from mock_server.runner.leftovers import Workplace
    from mock_server.runner.masking import too_short
    from mock_server.runner.runner import Runner

    say = _reporting(log_format)
    with ExitStack() as made:
        workplace = made.enter_context(Workplace(engine_options.work_dir))
        engine = made.enter_context(closing(engine_of(EngineName(engine_choice), engine_options, workplace)))
        conditions = Conditions(engine, engine_options, options, engine.machine())
        workplace.remove_dead()
        engine.remove_dead()
        control = made.enter_context(connected(url, token, PATIENCE))
        # A renewal that is not answered soon is tried again while there is time.
        leases = made.enter_context(connected(url, token, max(1.0, options.lease / 3)))
        runner = Runner(control, leases, conditions, say)
        _end_on_signals(runner)
        if attached:
            _end_with_stdin(runner)
        if engine.note:
            say(f"engine {engine.name}: {engine.note}")
        for variable in too_short(engine_options.environment):
            say(f"the value of {variable} is too short to be masked in logs")
        runner.run(lambda: _announce(control.url, engine.name, options, log_format))


def _announce(url: str, engine: str, options: "RunnerOptions", log_format: LogFormat) -> None:
    """Say on standard output that work is looked for."""
    if log_format is LogFormat.JSON:
        ready = {"url": url, "runner": options.name, "engine": engine, "slots": options.slots}
        line = json.dumps({"level": "info", "message": "ready", **ready})
    else:
        line = f"codeocean-mock runner {options.name} is ready: {url}, engine {engine}, slots {options.slots}"
    typer.echo(line)
    sys.stdout.flush()


def _reporting(log_format: LogFormat) -> Callable[[str], None]:
    def say(line: str) -> None:
        if log_format is LogFormat.JSON:
            typer.echo(json.dumps({"level": "info", "message": line}), err=True)
        else:
            typer.echo(f"codeocean-mock runner: {printable(line)}", err=True)

    return say


def _end_on_signals(runner: "Runner") -> None:
    """The first signal lets the runner end in order, a second one at once: what it executes dies with it."""

    def end(_number: int, _frame: object) -> None:
        if runner.is_ending:
            os._exit(INTERRUPTED)
        runner.end()

    for signal_number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(signal_number) is not signal.SIG_IGN:
            signal.signal(signal_number, end)


def _end_with_stdin(runner: "Runner") -> None:
    """Let the runner end when standard input does, as it does with the process at its other end."""
    from threading import Thread

    def watch() -> None:
        sys.stdin.read()
        runner.end()

    Thread(target=watch, name="standard input", daemon=True).start()


def _kept(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return token_file.read(path)
    except StartError as problem:
        stop(str(problem))


def _temporary() -> Path:
    from tempfile import gettempdir

    return Path(gettempdir()) / f"codeocean-mock-runner-{os.getuid()}"


def _seconds(written: str, option: str) -> float:
    from mock_server.domain import durations

    try:
        return durations.seconds(number(written) or 0)
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint=option) from None


def _lease(written: str) -> float:
    from mock_server.wire.driven import MAX_LEASE

    found = _seconds(written, "--lease")
    if not 1 <= found <= MAX_LEASE:
        raise typer.BadParameter("a lease lasts from 1 second to 1 hour", param_hint="--lease")
    return found


def _memory(written: str | None) -> int | None:
    size = _size(written, "--memory")
    if size == 0:
        raise typer.BadParameter("no run can do without memory", param_hint="--memory")
    return size


def _size(written: str | None, option: str) -> int | None:
    """The bytes of a size such as `512m`."""
    if written is None:
        return None
    found = SIZE.fullmatch(written.strip())
    if found is None:
        raise typer.BadParameter(f'not a size: "{written}"; write bytes or text such as 512m, 4g', param_hint=option)
    return round(float(found[1]) * UNITS[found[2].lower()])
