"""What `doctor` looks at: this Python, the server, and what the environment tells clients."""

from collections.abc import Iterator

from mock_server.cli.common import UNAUTHORIZED, iso, length, token_problem
from mock_server.cli.doctor import environment
from mock_server.cli.doctor.engines import engines
from mock_server.cli.doctor.environment import Finding, Setup, ok, problem, warning
from mock_server.client import Control, ControlError, UntrustedError, WorldControl, WrongArgumentError
from mock_server.clock import real_time
from mock_server.domain import trust, versions
from mock_server.domain.naming import DEFAULT_WORLD, command_line
from mock_server.version import __version__
from mock_server.wire.control import Health, WorldInfo

TIMEOUT = 5.0
"""How long the server may take for one answer."""

MAX_DRIFT = 5.0
"""By how many seconds the server's machine may be off."""


def diagnose(setup: Setup) -> list[Finding]:
    """Everything there is to say about a setup."""
    findings = [environment.python(), environment.packages(), environment.data_directory(setup.data_dir)]
    findings.append(engines())
    try:
        with Control(setup.url, setup.control_token, timeout=TIMEOUT) as control:
            findings += _server(setup, control)
            findings += [environment.domain(setup, control.url), environment.proxies(control.url)]
    except ControlError as failure:
        findings.append(problem("server", failure.message, f"check {trust.CA_FILE}"))
    except WrongArgumentError as wrong:
        findings.append(problem("server", wrong.message, "check --url or CODEOCEAN_MOCK_URL"))
    return findings


def _server(setup: Setup, control: Control) -> Iterator[Finding]:
    try:
        health = control.health()
    except ControlError as failure:
        yield _no_server(setup, control.url, failure)
        yield environment.sdk(None)
        return
    yield _release(control.url, health)
    yield environment.sdk(versions.parse(health.platform_version))
    try:
        here = control.world(setup.world)
    except WrongArgumentError as wrong:
        yield problem("world", wrong.message, "check --world or CODEOCEAN_MOCK_WORLD")
        return
    try:
        worlds = {world.name: world for world in control.worlds()}
    except ControlError as failure:
        yield problem("worlds", failure.message, "ask with the token that the server has as --control-token")
        return
    yield _clock(worlds.get(setup.world), setup)
    yield _token(setup, here, worlds)


def _no_server(setup: Setup, url: str, failure: ControlError) -> Finding:
    if failure.status == UNAUTHORIZED:
        what, _, advice = token_problem(setup.control_token).partition(": ")
        return problem("server", what, advice)
    if failure.status == 403:
        return problem("server", failure.message, "give --control-token or CODEOCEAN_MOCK_CONTROL_TOKEN")
    if failure.status == 503:
        return problem("server", f"{url} is not well: {failure.message}", "look at what the server has written")
    if isinstance(failure, UntrustedError):
        return problem("server", failure.message, "export what the server printed as it started; docs/https.md")
    if "HTTPS" in failure.message:
        return problem("server", failure.message, f"give --url {url.replace('http://', 'https://')}")
    if failure.status is not None or environment.listens(url):
        return problem(
            "server", f"{failure.message}; the port is taken by something else", "serve on another port, and give --url"
        )
    return problem("server", failure.message, "start one with `codeocean-mock serve`, or give --url")


def _release(url: str, health: Health) -> Finding:
    what = f"codeocean-mock {health.version} answers at {url}, as platform {health.platform_version}"
    if health.version != __version__:
        return warning("server", f"{what}; this command is {__version__}", "use the same release for both")
    return ok("server", f"{what}, data {health.data}")


def _clock(world: WorldInfo | None, setup: Setup) -> Finding:
    name = setup.world
    if world is None:
        return warning("clock", f"there is no world {name} yet", command_line(f"worlds create {name}", url=setup.url))
    clock = world.clock
    drift = clock.now - clock.ahead - real_time()
    if abs(drift) > MAX_DRIFT:
        direction = "ahead of" if drift > 0 else "behind"
        what = f"the server's machine is {length(abs(drift))} {direction} this one"
        return warning("clock", what, "set the clocks of the machines")
    if clock.mode == "frozen":
        what = f"the clock of {name} stands at {iso(clock.now)}: nothing ends by itself"
        # A clock does not run backwards.
        going_on = "clock set scaled --scale 1" if clock.ahead > 0 else "clock set wall"
        return warning("clock", what, f"{setup.command('clock advance --next')}, or {setup.command(going_on)}")
    return ok("clock", f"{clock.mode}, {iso(clock.now)}")


def _token(setup: Setup, here: WorldControl, worlds: dict[str, WorldInfo]) -> Finding:
    name, _, suffix = (setup.token or "").partition("@")
    world = suffix or DEFAULT_WORLD
    # A world that is not there yet is made from the same seed as the default one.
    asked = worlds.get(world) or worlds.get(DEFAULT_WORLD)
    known = {one.partition("@")[0]: what for one, what in asked.tokens.items()} if asked else {}
    advice = setup.exporting(next(iter(known), None))
    if not setup.token:
        return warning("token", "CODEOCEAN_TOKEN is not set", advice)
    if name not in known:
        # Not shown: it may be the token of a real Code Ocean.
        return problem("token", f"the token is none of the world {world}", advice)
    if world != here.name:
        return warning("token", f"the token leads to the world {world}, not to {here.name}", advice)
    return ok("token", f"{known[name]}, in the world {world}")
