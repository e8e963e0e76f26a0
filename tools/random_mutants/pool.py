"""Trials side by side, each in a process of its own that is ended with all that it started."""

import os
import signal
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic

from tools.random_mutants import trial
from tools.random_mutants.conversation import Part
from tools.random_mutants.mutations import Mutation
from tools.random_mutants.trial import Fate, Trial

LIMIT = 600.0
"""Seconds for one trial; that of a survivor takes about a third of it."""


@dataclass(slots=True)
class _Running:
    process: BaseProcess
    results: Connection
    since: float
    latest: Trial


def trials(mutations: Sequence[Mutation], parts: Sequence[Part], forms: Sequence[str], workers: int) -> Iterator[Trial]:
    """Try all, and yield each as it ends."""
    waiting, running = list(reversed(mutations)), list[_Running]()
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                running.append(_start(waiting.pop(), parts, forms))
            wait([one.results for one in running], timeout=1.0)
            for one in list(running):
                ended = _ended(one, forms)
                if ended is not None:
                    running.remove(one)
                    yield ended
    finally:
        for one in running:
            _end(one)


def _start(mutation: Mutation, parts: Sequence[Part], forms: Sequence[str]) -> _Running:
    # Forked, so that what the suite imports is imported once.
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(mutation, parts, forms, there))
    process.start()
    there.close()
    return _Running(process, here, monotonic(), trial.of(mutation))


def _work(mutation: Mutation, parts: Sequence[Part], forms: Sequence[str], results: Connection) -> None:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # What a mutant says of its errors is not for the reader.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        results.send(trial.run(mutation, parts, forms, results.send))
    except Exception:
        broken = trial.of(mutation)
        broken.fate, broken.problem = Fate.UNTRIED, traceback.format_exc()
        results.send(broken)
    results.send(None)


def _ended(one: _Running, forms: Sequence[str]) -> Trial | None:
    """The trial, if it has come to its end; one that takes too long is ended."""
    try:
        while one.results.poll():
            news = one.results.recv()
            if news is None:
                _end(one)
                return one.latest
            one.latest = news
    except EOFError:
        _end(one)
        raise RuntimeError(f"the trial of {one.latest.path}:{one.latest.line} broke off") from None
    taken = monotonic() - one.since
    if taken < LIMIT:
        return None
    _end(one)
    return trial.cut_off(one.latest, forms, taken)


def _end(one: _Running) -> None:
    if one.process.pid is not None and one.process.is_alive():
        os.killpg(one.process.pid, signal.SIGKILL)
    one.process.join()
    one.results.close()
