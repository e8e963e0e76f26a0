"""Forms that a browser sends twice although one thing was asked for: on a double click it sends the form, drops the
connection before the answer, and sends the form again.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable

from starlette.responses import Response

FIELD = "once"
"""The field whose value a page draws anew each time it is shown: who sends a form again from there, asks again."""

KEPT = 10.0
"""Seconds for which an answer is kept. Nobody clicks twice as slowly as that."""

_FILLED = re.compile(rf"(^|&){FIELD}=[^&]".encode())


class _Deed:
    """What one form is about: who acts on it, and how that was answered."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.lock = asyncio.Lock()
        self.answer: Response | None = None


class Once:
    """What forms did in the last seconds."""

    def __init__(self) -> None:
        self._deeds: dict[bytes, _Deed] = {}

    async def answer(self, path: str, body: bytes, act: Callable[[], Awaitable[Response]]) -> Response:
        """Act on a form, unless the very same has just been sent: that one's answer is given again then. A form that
        was refused did nothing, and one without the field is not from a page that was shown.
        """
        if not _FILLED.search(body):
            return await act()
        deed = self._deed(hashlib.sha256(b"%b\0%b" % (path.encode("utf-8", "replace"), body)).digest())
        async with deed.lock:
            if deed.answer is None:
                response = await act()
                if response.status_code != 303:
                    return response
                deed.answer = response
        again = Response(status_code=deed.answer.status_code)
        again.raw_headers = list(deed.answer.raw_headers)
        return again

    def _deed(self, form: bytes) -> _Deed:
        now = asyncio.get_running_loop().time()
        for key, deed in list(self._deeds.items()):
            if deed.until < now and not deed.lock.locked():
                del self._deeds[key]
        return self._deeds.setdefault(form, _Deed(now + KEPT))
