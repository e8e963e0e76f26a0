"""Answers that are sent piece by piece: whole, or ended so that nobody takes a part for the whole."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

import pytest

from mock_server.asgi.connection import CONNECTION
from mock_server.asgi.streams import Stream, in_threads, send_stream
from mock_server.errors import ApiError, UnavailableError


class Client:
    """What a client gets, and when it leaves: after so many pieces, or when it is hung up on."""

    is_loopback = True

    def __init__(self, stays_for: int = 1000) -> None:
        self.stopping = asyncio.Event()
        self.sent: list[MutableMapping[str, Any]] = []
        self.was_hung_up_on = False
        self._stays_for = stays_for
        self._gone = asyncio.Event()
        self.scope: dict[str, Any] = {"state": {CONNECTION: self}}

    async def receive(self) -> MutableMapping[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)
        if len(self.sent) > self._stays_for:
            self._gone.set()
        await asyncio.sleep(0)

    def hang_up(self) -> None:
        self.was_hung_up_on = True
        self._gone.set()

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def is_answered(self) -> bool:
        return self.sent[-1]["type"] == "http.response.body" and not self.sent[-1].get("more_body")


class Pieces:
    """Pieces without an end, unless there is a problem, and whether they were closed."""

    def __init__(self, count: int = 10**6, problem: Exception | None = None) -> None:
        self.are_closed = False
        self._count, self._problem = count, problem

    async def all(self) -> AsyncGenerator[bytes]:
        try:
            for _ in range(self._count):
                yield b"x"
            if self._problem is not None:
                raise self._problem
        finally:
            self.are_closed = True


async def answered(client: Client, pieces: AsyncGenerator[bytes]) -> None:
    await send_stream(Stream(b"text/plain", pieces, ((b"x", b"y"),)), client.scope, client.receive, client.send)


def test_a_whole_answer() -> None:
    async def check() -> None:
        client = Client()
        await answered(client, in_threads(iter([b"a", b"b", b"c"])))
        assert client.sent[0]["headers"] == [(b"content-type", b"text/plain"), (b"x", b"y")]
        assert (client.body, client.is_answered, client.was_hung_up_on) == (b"abc", True, False)

    asyncio.run(check())


def test_a_client_that_leaves_ends_the_work_for_it() -> None:
    async def check() -> None:
        client, pieces = Client(stays_for=5), Pieces()
        await answered(client, pieces.all())
        assert pieces.are_closed
        assert 5 < len(client.sent) < 10
        assert not client.is_answered

    asyncio.run(check())


def test_what_cannot_be_completed_ends_the_connection() -> None:
    async def check() -> None:
        client, pieces = Client(), Pieces(3, UnavailableError("the disk is gone"))
        await answered(client, pieces.all())
        assert (client.body, client.is_answered, client.was_hung_up_on) == (b"xxx", False, True)

    asyncio.run(check())


def test_a_fault_of_ours_is_the_server_s_to_log() -> None:
    async def check() -> None:
        client = Client()
        with pytest.raises(ZeroDivisionError):
            await answered(client, Pieces(3, ZeroDivisionError()).all())
        assert not client.is_answered

    asyncio.run(check())


def test_an_answer_that_may_not_begin_is_refused() -> None:
    async def check() -> None:
        async def send(_message: MutableMapping[str, Any]) -> None:
            raise UnavailableError("nothing was kept")

        client, pieces = Client(), Pieces()
        with pytest.raises(ApiError, match="nothing was kept"):
            await send_stream(Stream(b"text/plain", pieces.all()), client.scope, client.receive, send)

    asyncio.run(check())
