"""What takes long, or waits for a disk, runs in a thread beside the event loop, so that other requests are answered."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

AT_ONCE = 2
"""How many such things one event loop has going; the next ones wait."""

P = ParamSpec("P")
T = TypeVar("T")

_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def run(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `call` returns, which must not touch what the event loop works with. Raises what it raises.

    A server that stops does not wait for it, as it would for a thread of asyncio's own.
    """
    loop = asyncio.get_running_loop()
    async with _slots.setdefault(loop, asyncio.Semaphore(AT_ONCE)):
        return await in_thread(call, *args, **kwargs)


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As `run`, however many such things are going."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, problem: BaseException | None) -> None:
        if done.cancelled():
            return
        if problem is None:
            done.set_result(result)  # type: ignore[arg-type]
        else:
            done.set_exception(problem)

    def work() -> None:
        result, problem = None, None
        try:
            result = call(*args, **kwargs)
        except BaseException as raised:
            problem = raised
        try:
            loop.call_soon_threadsafe(settle, result, problem)
        except RuntimeError:
            return  # The loop has ended, and nobody waits any more.

    threading.Thread(target=work, name="background", daemon=True).start()
    return await done


class DaemonThreads(Executor):
    """An executor whose threads end with the process, whatever they wait for: those of the standard library's would be
    waited for.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads = threads
        self._name = name
        self._started = 0
        self._is_over = False
        self._lock = threading.Lock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a call made by the next free thread. Raises `RuntimeError` after a shutdown."""
        future: Future[T] = Future()
        with self._lock:
            if self._is_over:
                raise RuntimeError("the executor was shut down")
            self._calls.put((future, partial(fn, *args, **kwargs)))
            if self._started < self._threads:
                self._started += 1
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - Executor has them
        """Begin nothing any more. What is under way is left alone, and not waited for."""
        with self._lock:
            self._is_over = True
            for _ in range(self._started):
                self._calls.put(None)

    def _work(self) -> None:
        while (entry := self._calls.get()) is not None:
            future, call = entry
            if self._is_over:
                future.cancel()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as problem:
                future.set_exception(problem)
