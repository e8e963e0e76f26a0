"""Transactions of several requests that are committed together."""

import asyncio
from collections.abc import Callable


class CommitGroup:
    """What the requests of one turn of the event loop write, and those who wait until it is kept.

    The turn that opens a group runs to its end before `commit` is called: every request that is ready by then takes
    part, and a lone one waits for nobody.
    """

    __slots__ = ("_handle", "_waiting", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, commit: Callable[[], None]) -> None:
        self.loop = loop
        self._handle = loop.call_soon(commit)
        self._waiting: list[asyncio.Future[BaseException | None]] = []

    async def wait(self) -> None:
        """Wait until the group is kept. Raises what has kept it from that."""
        # One for each: a future that several wait for is cancelled for all of them when one is.
        future = self.loop.create_future()
        self._waiting.append(future)
        problem = await future
        if problem is not None:
            raise problem

    def end(self, problem: BaseException | None) -> None:
        """Let everybody go on; with a `problem`, nothing of the group is there any more."""
        self._handle.cancel()
        for future in self._waiting:
            if not future.done():
                future.set_result(problem)
