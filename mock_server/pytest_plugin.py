"""The pytest plugin (docs/pytest.md): one server for the session, a world of its own for each test.

Loaded by every pytest that finds it installed, so it imports nothing that takes time until a fixture is asked for.
"""

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mock_server import ids
from mock_server.errors import StartError
from mock_server.shared_server import SharedServer

if TYPE_CHECKING:
    from mock_server.client import CodeOceanServer, CodeOceanWorld

MARKER = "codeocean"
FIELDS = ("seed", "snapshot", "random_seed", "clock", "scenarios", "faults")
"""What the marker may say."""

PACKAGED_SEEDS = ("demo", "empty")
SDK_MODULES = ("capsule", "computation", "data_asset")
"""The SDK's modules that wait (SDK releases 0.4 to 0.17)."""

_shared = pytest.StashKey[SharedServer]()
_number = pytest.StashKey[int]()
_session_name = pytest.StashKey[str]()
_world = pytest.StashKey["CodeOceanWorld"]()

ANSWER_SECONDS = 5.0
"""How long the server at `--codeocean-url` may take until it answers."""

LAST_REQUESTS = 10
"""How many requests the report of a failing test shows."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("codeocean-mock")
    group.addoption("--codeocean-url", metavar="URL", help="Use the codeocean-mock server at URL; none is started.")
    group.addoption("--codeocean-control-token", metavar="TOKEN", help="What that server has as --control-token.")
    group.addoption("--codeocean-ca-file", metavar="FILE", help="The authority of that server, under HTTPS.")
    group.addoption("--codeocean-tls", action="store_true", help="The server that is started speaks HTTPS.")
    group.addoption(
        "--codeocean-allow-host-name",
        metavar="NAME",
        action="append",
        default=[],
        help="A name beside localhost to which the server that is started answers; * allows all.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and check the options. Raises `pytest.UsageError`."""
    _import_as_it_is(config)
    _check_host_names(config.getoption("--codeocean-allow-host-name"))
    config.addinivalue_line(
        "markers", f"{MARKER}({', '.join(f'{name}=' for name in FIELDS)}): what the test's world is to be like."
    )
    config.stash[_session_name] = f"{ids.random_seed():016x}"[-8:]


def _import_as_it_is(config: pytest.Config) -> None:
    """Keep pytest from rewriting the `assert` statements of all modules of a plugin's distribution, for messages that
    nobody reads. In a fresh environment, as CI has it, that takes as long as the server's start. pytest has no setting
    for this; a release that keeps the names elsewhere rewrites them as before.
    """
    marked: set[str] = getattr(config.pluginmanager.rewrite_hook, "_must_rewrite", set())
    marked -= {"contract_tests", "mock_server"}


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Look for the server at `--codeocean-url`, once for all tests and workers. Raises `pytest.UsageError`."""
    config = session.config
    url = config.getoption("--codeocean-url")
    if url is None or hasattr(config, "workerinput") or config.getoption("--collect-only"):
        return
    from mock_server.client import Control, ControlError

    token, ca_file = config.getoption("--codeocean-control-token"), config.getoption("--codeocean-ca-file")
    try:
        with Control(url, token, ca_file=ca_file) as control:
            control.wait_until_ready(ANSWER_SECONDS)
    except ControlError as problem:
        raise pytest.UsageError(f"--codeocean-url: {problem}") from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the last requests of its world in the report of a test that failed."""
    report = yield
    world = item.stash.get(_world, None)
    if report.when == "call" and report.failed and world is not None:
        requests = _last_requests(world)
        if requests:
            report.sections.append(("codeocean: last requests", requests))
    return report


def _last_requests(world: "CodeOceanWorld") -> str:
    """What the clients of a world asked last, a line each; nothing when it cannot be had."""
    from mock_server.client import ControlError

    try:
        entries = world.control.journal(limit=LAST_REQUESTS).requests
    except ControlError:  # The test may have dropped the world, or stopped the server.
        return ""
    lines = []
    for one in entries:
        query = f"?{one.query}" if one.query else ""
        fault = f"  (fault {one.fault})" if one.fault else ""
        lines.append(f"{one.number:4}  {one.status or 'closed':<6}  {one.method} {one.path}{query}{fault}")
    return "\n".join(lines)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the server is that all workers share."""
    config: pytest.Config = node.config
    if config.getoption("--codeocean-url") is None:
        if _shared not in config.stash:
            config.stash[_shared] = _started(config)
        shared = config.stash[_shared]
        node.workerinput["codeocean_url"] = shared.url
        node.workerinput["codeocean_ca_file"] = shared.ca_file and str(shared.ca_file)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the shared server."""
    if _shared in config.stash:
        config.stash[_shared].stop()


@pytest.fixture(scope="session")
def codeocean_server(pytestconfig: pytest.Config) -> "Iterator[CodeOceanServer]":
    """The server: the one at `--codeocean-url`, else one that is started for the session and shared by all workers."""
    from mock_server.client import CodeOceanServer, Control

    shared = getattr(pytestconfig, "workerinput", {})
    url = pytestconfig.getoption("--codeocean-url") or shared.get("codeocean_url")
    if url is None:
        from mock_server.embedded import MockCodeOcean

        allowed = pytestconfig.getoption("--codeocean-allow-host-name")
        with _clean_failures():
            mock = MockCodeOcean(
                world_idle=0, allowed_host_names=allowed, tls=pytestconfig.getoption("--codeocean-tls")
            )
        with mock as started:
            yield started
        return
    with _clean_failures():
        token = pytestconfig.getoption("--codeocean-control-token")
        ca_file = pytestconfig.getoption("--codeocean-ca-file") or shared.get("codeocean_ca_file")
        server = CodeOceanServer(Control(url, token, ca_file=ca_file))
        server.control.wait_until_ready()
    yield server
    server.close()


@pytest.fixture
def codeocean_world(request: pytest.FixtureRequest, codeocean_server: "CodeOceanServer") -> "Iterator[CodeOceanWorld]":
    """A Code Ocean for this test alone, as the marker `codeocean` wants it; dropped when the test is over."""
    from mock_server.client import ControlError

    options = _options(request)
    fresh: dict[str, Any] = {name: options[name] for name in ("seed", "snapshot", "clock") if name in options}
    if "snapshot" not in options:
        # The same test draws the same ids and durations, wherever and with whatever it runs.
        fresh["random_seed"] = options.get("random_seed", _seed_of(request.node.nodeid))
    with _clean_failures():
        world = codeocean_server.new_world(_new_name(request), **fresh)
        if "scenarios" in options:
            world.control.load_scenarios(options["scenarios"])
        if "faults" in options:
            world.control.set_faults(options["faults"])
    request.node.stash[_world] = world
    yield world
    world.close()
    try:
        world.control.delete()
    except ControlError as problem:
        # The test may have dropped it, or stopped the server.
        if problem.status not in (None, 404):
            raise


@pytest.fixture
def codeocean_fast_wait(
    request: pytest.FixtureRequest, codeocean_world: "CodeOceanWorld", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK waits on the world's clock: where it would sleep, the clock moves by as much, or to the next change when
    that is later. The clock stands otherwise, unless the marker says how it is to run.
    """
    control = codeocean_world.control
    with _clean_failures():
        if "clock" not in _options(request):
            control.freeze()
        modules = _sdk_modules()

    def sleep(seconds: float) -> None:
        control.advance(seconds, next_change=True)

    def time() -> float:
        return control.clock().now

    for module in modules:
        monkeypatch.setattr(module, "sleep", sleep)
        monkeypatch.setattr(module, "time", time)


def _started(config: pytest.Config) -> SharedServer:
    try:
        return SharedServer(config.getoption("--codeocean-allow-host-name"), tls=config.getoption("--codeocean-tls"))
    except StartError as problem:
        raise pytest.UsageError(f"--codeocean-tls: {problem}") from None


def _check_host_names(names: Sequence[str]) -> None:
    if not names:
        return
    from mock_server.settings import check_host_names

    try:
        check_host_names(names)
    except StartError as problem:
        raise pytest.UsageError(f"--codeocean-allow-host-name: {problem}") from None


@contextmanager
def _clean_failures() -> Iterator[None]:
    """What goes wrong inside fails the test with its message alone: the traceback would be the plugin's."""
    from mock_server.client import ControlError

    try:
        yield
    except (ControlError, ModuleNotFoundError, StartError) as problem:
        raise pytest.fail.Exception(f"codeocean-mock: {problem}", pytrace=False) from None


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Merge the options of all markers; the closest one wins: function, class, module. None means unset."""
    options: dict[str, Any] = {}
    for marker in request.node.iter_markers(MARKER):
        wrong = [*map(repr, marker.args), *(name for name in marker.kwargs if name not in FIELDS)]
        if wrong:
            pytest.fail(f"@pytest.mark.{MARKER} takes {', '.join(FIELDS)}, by name; not {wrong[0]}", pytrace=False)
        options = marker.kwargs | options
    readers: dict[str, Callable[[Any], Any]] = {
        "clock": lambda clock: clock if isinstance(clock, Mapping) else {"mode": clock},
        "faults": _faults,
        "scenarios": lambda given: _scenarios(_beside(request, given)),
        "seed": lambda given: _seed(request, given),
    }
    said = {name: value for name, value in options.items() if value is not None}
    return {name: readers[name](value) if name in readers else value for name, value in said.items()}


def _beside(request: pytest.FixtureRequest, given: Any) -> Any:
    """A path from the folder of the test on; what is no path is left alone."""
    return request.path.parent / given if isinstance(given, Path) else given


def _seed(request: pytest.FixtureRequest, given: Any) -> Any:
    is_file = isinstance(given, str | Path) and given not in PACKAGED_SEEDS
    return str(_beside(request, Path(given))) if is_file else given


def _faults(given: Any) -> Any:
    if not isinstance(given, list | tuple):
        pytest.fail(f"@pytest.mark.{MARKER} takes a list of faults", pytrace=False)
    return given


def _scenarios(given: Any) -> Any:
    """A list of scenarios stands for a file that holds nothing else."""
    return {"version": 1, "scenarios": given} if isinstance(given, list) else given


def _new_name(request: pytest.FixtureRequest) -> str:
    """A name for a world: of the test, this session and worker, and a number."""
    config = request.config
    config.stash[_number] = config.stash.get(_number, 0) + 1
    test = re.sub(r"[^A-Za-z0-9_-]+", "-", request.node.name).strip("-_")[:40].rstrip("-_") or "test"
    return f"{test}-{config.stash[_session_name]}-{config.stash[_number]}"


def _seed_of(nodeid: str) -> int:
    return int.from_bytes(blake2b(nodeid.encode(errors="surrogatepass"), digest_size=8).digest(), "big") >> 1


def _sdk_modules() -> list[Any]:
    from importlib import import_module

    try:
        modules = [import_module(f"codeocean.{name}") for name in SDK_MODULES]
    except ModuleNotFoundError as problem:
        reason = "codeocean_fast_wait needs the official SDK: pip install codeocean"
        raise ModuleNotFoundError(reason, name=problem.name) from problem
    # The oldest releases do not wait everywhere.
    return [module for module in modules if hasattr(module, "sleep")]
