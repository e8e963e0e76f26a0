"""An import from its first request to the file in its place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mock_server.importing import seed_text
from mock_server.importing.connection import connected
from mock_server.importing.options import Address, Durations, ImportFailedError, ImportPausedError, Privacy, Selection
from mock_server.importing.privacy import Scrubbing
from mock_server.importing.reading import Reading
from mock_server.importing.source import Source
from mock_server.importing.spool import Spool, path_beside
from mock_server.importing.stand_ins import stand_ins
from mock_server.importing.world import World


class Progress(Protocol):
    """Receiver of what goes on."""

    def expect(self, requests: int) -> None:
        """Some more requests than was known."""

    def sent(self) -> None:
        """A request."""

    def writing(self) -> None:
        """Everything is read."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is imported, and how it is written."""

    address: Address
    selection: Selection
    privacy: Privacy = field(default_factory=Privacy)
    durations: Durations = Durations.REAL
    map_path: Path | None = None


@dataclass(slots=True)
class Done:
    """What became of an import."""

    counts: dict[str, int] = field(default_factory=dict)
    """Entries by section of the seed file."""
    replaced: dict[str, int] = field(default_factory=dict)
    """How many different things were replaced, by kind."""
    requests: int = 0
    lacking: list[str] = field(default_factory=list)
    """What the platform does not have."""
    warnings: list[str] = field(default_factory=list)
    """What whoever serves the file should know."""
    unseen: list[str] = field(default_factory=list)
    """What is referred to, and could not be seen."""
    left_out: dict[str, list[str]] = field(default_factory=dict)
    """By object what the seed file does not take, and why."""


def run(request: Request, out: Path, progress: Progress, *, force: bool = False, resume: bool = False) -> Done:
    """Import into the file `out`. Raises `ImportFailedError`. What was read is beside it, to go on from, when the
    import is interrupted, or cannot go on now.
    """
    try:
        seed_text.refuse_existing(out, force=force)
        is_begun = path_beside(out).exists()
    except OSError as problem:
        raise ImportFailedError(f"{out} cannot be written: {problem.strerror}") from None
    if is_begun and not (resume or force):
        raise ImportFailedError(f"an import into {out} was interrupted: --resume goes on with it, --force begins anew")
    done = Done()
    with _spool(path_beside(out), request, resume=resume) as spool:
        try:
            _read(spool, request, progress, done)
            progress.writing()
            with _world(spool, request, done) as world:
                done.warnings += seed_text.write(world, out, request.privacy, force=force)
        except ImportPausedError as problem:
            if spool.is_empty:
                spool.remove()
                raise
            raise ImportFailedError(f"{problem}; --resume goes on from {spool.path}") from None
        except ImportFailedError:
            spool.remove()
            raise
        spool.remove()
    return done


@contextmanager
def current_world(request: Request, beside: Path, progress: Progress, done: Done) -> Iterator[World]:
    """The world as it is in the deployment now; nothing of it is left when the block ends."""
    path = beside.with_name(f"{beside.name}.now")
    with _spool(path, request, resume=False) as spool:
        try:
            _read(spool, request, progress, done)
            with _world(spool, request, done) as world:
                yield world
        finally:
            spool.remove()


@contextmanager
def _spool(path: Path, request: Request, *, resume: bool) -> Iterator[Spool]:
    what = {"url": request.address.url, "selection": request.selection.as_json()}
    try:
        spool = Spool.resume(path, what) if resume else Spool.begin(path, what)
        try:
            yield spool
        finally:
            spool.close()
    except OSError as problem:
        raise ImportFailedError(f"{path} cannot be written: {problem.strerror or problem}") from None


def _read(spool: Spool, request: Request, progress: Progress, done: Done) -> None:
    progress.expect(1)
    with connected(request.address, progress.sent) as connection:
        source = Source(connection)
        try:
            Reading(source, spool, request.selection, progress).run()
        finally:
            done.requests = connection.sent
        done.lacking = source.lacking


@contextmanager
def _world(spool: Spool, request: Request, done: Done) -> Iterator[World]:
    with stand_ins(request.map_path) as made:
        scrubbing = Scrubbing(request.privacy, made, request.address.token)
        world = World(spool, scrubbing, request.durations)
        yield world
        done.counts = dict(world.counts)
        done.replaced = {kind: number for kind, number in made.counts.items() if number}
        done.unseen = world.unseen
        done.left_out = world.skipped
