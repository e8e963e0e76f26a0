"""Walking through the pages of a search."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contract_tests.findings import expect


def rows_of(search: Callable[[Any], Any], params: Any) -> list[Any]:
    """All rows of a search, through all of its pages; `params` are the SDK's parameters with a `limit`.

    Raises `CheckFailed` when a page is too long, gives a row again, or contradicts itself about whether there are more;
    each would keep the SDK's own iterators going for ever, or end them too soon.
    """
    rows: list[Any] = []
    known: set[str] = set()
    while True:
        page = search(params)
        ids = [row.id for row in page.results]
        expect(len(ids) <= params.limit, f"a page of {params.limit} has {len(ids)} rows")
        repeated = len(ids) - len(set(ids) - known)
        expect(not repeated, f"{repeated} rows of a page were there before")
        expect(bool(page.next_token) is page.has_more, f"a page has has_more={page.has_more}, but its token disagrees")
        expect(ids or not page.has_more, "a page without rows says that there are more")
        rows += page.results
        known |= set(ids)
        if not page.has_more:
            return rows
        params = replace(params, next_token=page.next_token)
