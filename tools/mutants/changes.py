"""The forms that changes have."""

from collections.abc import Callable, Iterable
from typing import Any

from tools.mutants.mutant import Answer, Ask, Change, Request

Edit = Callable[[dict[str, Any]], object]
"""Changes an object in place."""


def answers(names: Iterable[str], change: Callable[[Answer], Answer], when: Callable[[Answer], bool]) -> Change:
    """Change the answers of some operations."""
    operations = frozenset(names)

    async def changed(ask: Ask, request: Request) -> Answer:
        answer = await ask(request)
        return change(answer) if request.name in operations and when(answer) else answer

    return changed


def succeeding(*names: str, change: Callable[[Answer], Answer]) -> Callable[[], Change]:
    """Change answers with 2xx."""
    return lambda: answers(names, change, lambda answer: answer.ok)


def failing(*names: str, change: Callable[[Answer], Answer]) -> Callable[[], Change]:
    """Change answers with 4xx."""
    return lambda: answers(names, change, lambda answer: answer.status >= 400)


def objects(*names: str, edit: Edit) -> Callable[[], Change]:
    """Change each object that is answered: the answer itself, or the rows of a page or an array."""

    def change(answer: Answer) -> Answer:
        content = answer.json()
        for row in rows(content):
            edit(row)
        return answer.with_json(content)

    return succeeding(*names, change=change)


def pages(*names: str, edit: Edit) -> Callable[[], Change]:
    """Change pages of a search, and listings, as a whole."""

    def change(answer: Answer) -> Answer:
        content = answer.json()
        edit(content)
        return answer.with_json(content)

    return succeeding(*names, change=change)


def requests(*names: str, change: Callable[[Request], Request]) -> Callable[[], Change]:
    """Change what the fake is asked."""
    operations = frozenset(names)

    def make() -> Change:
        async def changed(ask: Ask, request: Request) -> Answer:
            return await ask(change(request) if request.name in operations else request)

        return changed

    return make


def bodies(*names: str, edit: Edit) -> Callable[[], Change]:
    """Change the object that is sent in a body."""

    def change(request: Request) -> Request:
        content = request.json()
        if not isinstance(content, dict):
            return request
        edit(content)
        return request.with_json(content)

    return requests(*names, change=change)


def ignored(*names: str, status: int) -> Callable[[], Change]:
    """Answer as if it were done, and do nothing, where the fake knows what is named."""
    operations = frozenset(names)

    def make() -> Change:
        async def changed(ask: Ask, request: Request) -> Answer:
            if request.name not in operations:
                return await ask(request)
            path = request.scope["path"].removesuffix("/archive").removesuffix("/permissions")
            reading = Request(request.scope | {"method": "GET", "path": path, "raw_path": path.encode()}, b"")
            answer = await ask(reading)
            return Answer(status, [], b"") if answer.ok else answer

        return changed

    return make


def rows(content: Any) -> list[dict[str, Any]]:
    """The objects of an answer."""
    items = content.get("results", content.get("items", [content])) if isinstance(content, dict) else content
    return [row for row in items if isinstance(row, dict)] if isinstance(items, list) else []
