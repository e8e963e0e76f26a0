"""What takes long, or waits for a disk, runs in a thread beside the event loop, so that other requests are answered."""

import asyncio
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar
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
