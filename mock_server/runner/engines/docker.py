"""The engine `docker`: the script in a container of its capsule's own image, as the platform does it. Everything goes
through the engine's API and nothing through shared folders, so the engine may be on another machine.
"""

import os
import re
import socket
import stat
import tarfile
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mock_server.runner.capsules import Machine
from mock_server.runner.engines.docker_images import Images
from mock_server.runner.engines.engine import PLACES, Ended, Task
from mock_server.runner.engines.tars import folder_tar, places_tar, stream_of
from mock_server.runner.failures import CannotRunError, EngineUnavailableError
from mock_server.runner.leftovers import Workplace, is_dead
from mock_server.runner.options import EngineOptions
from mock_server.runner.results import Entry

if TYPE_CHECKING:
    from docker import APIClient

API_SECONDS = 300
"""How long the engine may take for one answer: it may have to copy gigabytes for it."""

LABEL = "codeocean-mock.runner"
MACHINE = "codeocean-mock.machine"
LOCK = "codeocean-mock.lock"
"""What says whose a container, volume or network is: the runner, its machine, and the file that it has locked there."""

SCRIPT = """
exec 3<&0 < /dev/null 2>&1
(while read -r -n 4096 -u 3; do :; done; kill -KILL -1) &
exec 3<&-
bash run "$@"
exit $?
"""
"""Runs the script until it ends, or until nobody is attached any more: then everything in the container is killed."""

CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"]
"""What root of a container needs to install packages and to read files of others, and no more."""

MOST_PROCESSES = 8192

DEFAULT_HOST = "unix:///var/run/docker.sock"
"""Where an engine is, unless DOCKER_HOST says otherwise."""


class DockerEngine:
    """Runs scripts in containers. Raises `EngineUnavailableError` without the library or an engine."""

    name = "docker"
    note: str | None = None

    def __init__(self, options: EngineOptions, workplace: Workplace) -> None:
        self._client = connect()
        self._options = options
        self._workplace = workplace
        self._images = Images(self._client, options)

    def machine(self) -> Machine:
        """The engine's machine."""
        try:
            info = self._client.info()
        except _failures() as problem:
            raise EngineUnavailableError(f"no Docker engine answers: {first_line(problem)}") from None
        return Machine(int(info["NCPU"]), int(info["MemTotal"]))

    def remove_dead(self) -> None:
        """Remove containers, volumes and networks of dead runners of this machine."""
        dead = self._dead
        client = self._client
        found = {"label": LABEL}
        with suppress(*_failures()):
            for container in client.containers(all=True, filters=found):
                if dead(container["Labels"]):
                    self._remove(client.remove_container, container["Id"], force=True, v=True)
            for volume in client.volumes(filters=found)["Volumes"] or []:
                if dead(volume["Labels"]):
                    self._remove(client.remove_volume, volume["Name"], force=True)
            for network in client.networks(filters=found):
                if dead(network["Labels"]):
                    self._remove(client.remove_network, network["Id"])

    @contextmanager
    def execution(self, task: Task, check: Callable[[], None]) -> Iterator["_Execution"]:
        """A container, with volumes and a network of its own."""
        image, build_log = self._images.image(task.capsule, check)
        with ExitStack() as made:
            execution = _Execution(self._client, task, image, build_log, self._labels(), self._options.network, made)
            yield execution

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _labels(self) -> dict[str, str]:
        workplace = self._workplace
        return {LABEL: workplace.key, MACHINE: workplace.machine, LOCK: str(workplace.lock)}

    def _dead(self, labels: dict[str, str]) -> bool:
        own = self._workplace
        if labels.get(MACHINE) != own.machine or labels.get(LABEL) == own.key:
            return False
        return is_dead(Path(labels.get(LOCK, "")))

    def _remove(self, remove: Callable[..., Any], key: str, **more: Any) -> None:
        # Another runner that starts may have been faster.
        with suppress(*_failures()):
            remove(key, **more)


class _Execution:
    """A run in a container. Data assets are volumes, filled through a second container that is never started: only so
    are they read-only for the first.
    """

    def __init__(
        self,
        client: "APIClient",
        task: Task,
        image: str,
        build_log: bytes | None,
        labels: dict[str, str],
        network: bool,
        made: ExitStack,
    ) -> None:
        self.build_log = build_log
        self._client = client
        self._task = task
        self._image = image
        self._labels = labels
        self._network = network
        self._made = made
        self._name = re.sub(r"[^A-Za-z0-9_.-]", "-", f"codeocean-mock-{labels[LABEL]}-{task.name}")
        self._volumes: dict[str, str] = {}
        self._copied: list[tuple[Path, str, Collection[str]]] = []
        self._container: str | None = None
        self._killed = False
        self._socket: Any = None

    def copy(self, folder: Path, place: str, skip: Collection[str] = ()) -> None:
        """Copy a folder's content: into the container, once it is there."""
        self._copied.append((folder, place, skip))

    def unpack(self, tar: BinaryIO, mount: str) -> None:
        """Unpack a data asset into a volume of its own."""
        volume = self._volumes.get(mount)
        if volume is None:
            volume = f"{self._name}-data-{len(self._volumes)}"
            self._create("volume", self._client.create_volume, volume, labels=self._labels)
            self._made.callback(self._gone, self._client.remove_volume, volume, force=True)
            self._volumes[mount] = volume
        place = f"/data/{mount}"
        config = self._client.create_host_config(binds=[f"{volume}:{place}:rw"])
        with ExitStack() as made:
            filling = self._container_of(f"{volume}-filling", made, host_config=config, entrypoint=["true"])
            self._put(filling, place, iter(lambda: tar.read(2**20), b""))

    def start(self) -> None:
        """Start the container, attached first, so that nothing that it writes is missed."""
        network = None
        if self._network:
            network = self._name
            self._create("network", self._client.create_network, network, driver="bridge", labels=self._labels)
            self._made.callback(self._gone, self._client.remove_network, network)
        container = self._container_of(
            self._name,
            self._made,
            command=["bash", "-c", SCRIPT, "bash", *self._task.arguments],
            environment=dict(self._task.variables),
            working_dir="/code",
            host_config=self._host_config(network),
        )
        self._put(container, "/", places_tar(PLACES))
        for folder, place, skip in self._copied:
            self._put(container, f"/{place}", folder_tar(folder, skip))
        self._attach(container)
        self._container = container
        try:
            self._client.start(container)
        except _failures() as problem:
            raise CannotRunError(f"the container cannot be started: {first_line(problem)}") from None
        if self._killed:
            self.kill()

    def output(self) -> Iterator[bytes]:
        """What it writes."""
        from docker.utils.socket import frames_iter

        frames: Callable[..., Iterator[tuple[int, bytes]]] = frames_iter
        for _, piece in frames(self._socket, tty=False):
            yield piece

    def ended(self) -> Ended:
        """How it ended, as the engine says."""
        assert self._container is not None
        exit_code = int(self._client.wait(self._container)["StatusCode"])
        state = self._client.inspect_container(self._container)["State"]
        return Ended(exit_code, bool(state["OOMKilled"]))

    def kill(self) -> None:
        """Kill it."""
        self._killed = True
        if self._container is not None:
            with suppress(*_failures()):
                self._client.kill(self._container)

    def results(self) -> Iterator[Entry]:
        """All that is in `/results`, as the engine packs it up."""
        from docker.errors import NotFound

        try:
            for path, entry, content in self._packed("/results"):
                _, _, inside = path.partition("/")
                if inside or not entry.isdir():
                    yield _entry(inside, entry, content)
        except NotFound:
            yield Entry("", 0)

    @contextmanager
    def result(self, path: str) -> Iterator[Entry | None]:
        """One plain file."""
        from docker.errors import NotFound

        packed = self._packed(f"/results/{path}")
        found = None
        with suppress(NotFound):
            found = next((_entry(path, entry, content) for _, entry, content in packed), None)
        yield found if found is not None and stat.S_ISREG(found.kind) else None
        packed.close()

    def _packed(self, path: str) -> Generator[tuple[str, tarfile.TarInfo, Any]]:
        assert self._container is not None
        pieces, _ = self._client.get_archive(self._container, path)
        with tarfile.open(fileobj=stream_of(pieces), mode="r|") as entries:
            for entry in entries:
                # Else it remembers them all.
                entries.members = []  # type: ignore[attr-defined]
                yield entry.name, entry, entries.extractfile(entry) if entry.isreg() else None

    def _host_config(self, network: str | None) -> dict[str, Any]:
        from docker.types import LogConfig

        resources = self._task.resources
        return self._client.create_host_config(
            binds=[f"{volume}:/data/{mount}:ro" for mount, volume in self._volumes.items()],
            network_mode=network or "none",
            mem_limit=resources.memory,
            memswap_limit=resources.memory,
            nano_cpus=round(resources.cpus * 1e9),
            pids_limit=MOST_PROCESSES,
            cap_drop=["ALL"],
            cap_add=CAPABILITIES,
            security_opt=["no-new-privileges"],
            # What it writes goes to whoever is attached, and is not kept a second time.
            log_config=LogConfig(type="none"),
        )

    def _container_of(self, name: str, made: ExitStack, **more: Any) -> str:
        container = self._create(
            "container",
            self._client.create_container,
            self._image,
            name=name,
            labels=self._labels,
            user="0",
            stdin_open=True,
            **more,
        )
        made.callback(self._gone, self._client.remove_container, container["Id"], force=True, v=True)
        return str(container["Id"])

    def _create(self, what: str, create: Callable[..., Any], *given: Any, **more: Any) -> Any:
        try:
            return create(*given, **more)
        except _failures() as problem:
            raise CannotRunError(f"the {what} cannot be made: {first_line(problem)}") from None

    def _put(self, container: str, place: str, tar: Iterable[bytes]) -> None:
        try:
            self._client.put_archive(container, place, tar)
        except _failures() as problem:
            raise CannotRunError(f"{place} cannot be filled: {first_line(problem)}") from None

    def _attach(self, container: str) -> None:
        streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        self._socket = self._client.attach_socket(container, params=streams)
        connection: socket.socket = getattr(self._socket, "_sock", self._socket)
        connection.settimeout(None)
        self._made.callback(self._detach)

    def _detach(self) -> None:
        # The library has it hold on to the answer that it is the connection of.
        response = getattr(self._socket, "_response", None)
        if response is not None:
            response.close()
        self._socket.close()

    def _gone(self, remove: Callable[..., Any], key: str, **more: Any) -> None:
        with suppress(*_failures()):
            remove(key, **more)


def connect() -> "APIClient":
    """The Docker engine that the environment names, else the one of this machine. Raises `EngineUnavailableError`."""
    try:
        import docker
    except ImportError:
        what = "the engine docker needs a library: pip install 'codeocean-mock[runner]'"
        raise EngineUnavailableError(what) from None
    host = os.environ.get("DOCKER_HOST") or DEFAULT_HOST
    _require_socket(host)
    with ExitStack() as opened:
        try:
            client = docker.from_env(timeout=API_SECONDS).api
            opened.callback(client.close)
            client.ping()
        except _failures() as problem:
            raise EngineUnavailableError(f"no Docker engine answers at {host}: {first_line(problem)}") from None
        opened.pop_all()
    return client


def _require_socket(host: str) -> None:
    """Raise `EngineUnavailableError` when nobody listens at a socket of this machine: the library would say so in half
    a page.
    """
    scheme, _, path = host.partition("://")
    if scheme == "unix":
        with socket.socket(socket.AF_UNIX) as tried:
            try:
                tried.connect(path)
            except OSError as problem:
                reason = problem.strerror or problem
                raise EngineUnavailableError(f"no Docker engine answers at {host}: {reason}") from None


def first_line(problem: Exception) -> str:
    """What the engine says of a failure, in one line; when it was not reached, what the system says."""
    explanation = getattr(problem, "explanation", None) or _reason_of_system(problem) or str(problem)
    return " ".join(str(explanation).split())[:1000]


def _reason_of_system(problem: BaseException | None) -> str | None:
    """The system's own words, below what libraries have wrapped around them."""
    while problem is not None:
        if isinstance(problem, OSError) and problem.strerror and problem.errno:
            return problem.strerror
        problem = problem.__cause__ or problem.__context__
    return None


def _failures() -> tuple[type[Exception], ...]:
    """What the library raises."""
    from docker.errors import DockerException
    from requests import RequestException

    return DockerException, RequestException, OSError


def _entry(path: str, entry: tarfile.TarInfo, content: Any) -> Entry:
    kinds = {
        tarfile.DIRTYPE: stat.S_IFDIR, tarfile.SYMTYPE: stat.S_IFLNK, tarfile.LNKTYPE: stat.S_IFLNK,
        tarfile.FIFOTYPE: stat.S_IFIFO, tarfile.CHRTYPE: stat.S_IFCHR, tarfile.BLKTYPE: stat.S_IFBLK,
    }  # fmt: skip
    kind = stat.S_IFREG if entry.isreg() else kinds.get(entry.type, 0)
    # A second name of a file refers to the first by its path in the archive.
    target = f"/{entry.linkname}" if entry.islnk() else entry.linkname
    return Entry(path, kind, entry.size, target, content)
