"""Pages of searches: nothing twice, nothing dropped, nothing that is archived."""

from collections.abc import Iterable
from typing import NamedTuple

from contract_tests.oracles.observation import Kind, Observation, brief, same
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.states import at_end
from contract_tests.oracles.walks import LEGACY, Page, Walks

KEPT = 3
"""How many complete walks of one search are compared."""


class _Walk(NamedTuple):
    """A walk that has come to its end."""

    rows: frozenset[str]
    ended: frozenset[str]
    """What the run has made, and had come to its end when the walk began: time does not move it any more."""
    number: int
    """The request that ended it."""


class Pages(Oracle):
    """A walk through a search shows every row once."""

    name = "pages"
    summary = "Pages are no longer than asked, lead on while there is more, and neither repeat nor drop rows."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._walks = Walks()
        self._made: set[str] = set()
        self._ended: set[str] = set()
        """What was made and has come to its end: it stays as it is while the run changes nothing."""
        self._began: dict[str, frozenset[str]] = {}
        """What had come to its end when the latest walk of a search began."""
        self._complete: dict[str, list[_Walk]] = {}

    def observe(self, seen: Observation) -> Iterable[str]:
        """Follow the walk that a page belongs to."""
        if seen.changes:
            self._complete.clear()
            self._began.clear()
        if seen.created is not None:
            self._made.add(seen.created.id)
        page = self._walks.follow(seen)
        if page is not None:
            self.judged += 1
            yield from self._check(seen, page)
        self._ended.update(record.id for record in seen.records if record.id in self._made and at_end(record))

    def _check(self, seen: Observation, page: Page) -> Iterable[str]:
        if page.before == ():
            self._began[page.key] = frozenset(self._ended)
        for message in (
            *self._check_page(seen, page),
            *self._check_repeats(seen, page),
            *self._check_drops(seen, page),
        ):
            yield f"{seen.name}: {message}"

    @staticmethod
    def _check_page(seen: Observation, page: Page) -> Iterable[str]:
        """Report what a page shows to be wrong on its own."""
        if page.limit is not None and len(page.rows) > page.limit:
            yield f"a page of at most {page.limit} has {len(page.rows)} rows"
        if page.more and not page.rows:
            yield "a page is empty but has_more is true"
        if page.more and page.token is None and seen.name != LEGACY:
            yield "has_more is true but there is no next_token"
        if not page.more and page.token is not None:
            yield "has_more is false but there is a next_token"
        total = seen.body.get("total")
        if total is not None and page.walked is not None and not page.before and total != len(page.rows):
            yield f"the total is {brief(total)}, but all {len(page.rows)} rows are on one page"

    def _is_stable(self, page: Page) -> bool:
        """Tell whether neither another client nor time can have moved the pages of a walk: those that are found by
        counting move when any row comes, goes or changes its place.
        """
        fixed = self._ended if page.order else self._made
        return not page.by_offset or fixed.issuperset((*(page.before or ()), *page.rows))

    def _check_repeats(self, seen: Observation, page: Page) -> Iterable[str]:
        before = set(page.before or ()) if self._is_stable(page) else set()
        if page.order:
            # A row that has changed since may have come to another place.
            before -= {record.id for record in seen.records if not same(record.fields, page.shown.get(record.id))}
        for number, key in enumerate(page.rows):
            if key in page.rows[:number]:
                yield f"{key} appears twice on one page"
            elif key in before:
                yield f"{key} appears on two pages of one walk"

    def _check_drops(self, seen: Observation, page: Page) -> Iterable[str]:
        """Compare a whole walk with those before, while the run has changed nothing in between."""
        if page.walked is None or not seen.whole or not self._is_stable(page):
            return
        walked = frozenset(page.walked)
        walks = self._complete.setdefault(page.key, [])
        for earlier in walks:
            for key in sorted((earlier.rows ^ walked) & earlier.ended):
                present, gone = earlier.number, seen.number
                if key in walked:
                    present, gone = gone, present
                yield f"{key} is in the walk that request {present} ended, and not in that of request {gone}"
        for index, between in enumerate(walks if not page.order else ()):
            for earlier in walks[:index]:
                for key in sorted((earlier.rows & walked) - between.rows - self._made):
                    number = between.number
                    yield f"{key} is missing from the walk that request {number} ended, but present before and after"
        walks.append(_Walk(walked, self._began.get(page.key, frozenset()), seen.number))
        del walks[:-KEPT]


class ArchiveHides(Oracle):
    """Archived records appear only in searches for archived ones."""

    name = "archive_hides"
    summary = "An archived thing is in searches with archived alone, and back in the others when that is taken back."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._archived: dict[str, tuple[bool, int]] = {}

    def observe(self, seen: Observation) -> Iterable[str]:
        """Remember what is archived, and look for it in searches."""
        if seen.created is not None and seen.created.kind is Kind.DATA_ASSET:
            self._archived[seen.created.id] = (False, seen.number)
        elif seen.name is not None and seen.name.startswith("archive_") and seen.changes:
            self._change(seen, seen.target or "")
        archived = _archived(seen)
        if archived is None:
            return
        for record in seen.records:
            known = self._archived.get(record.id)
            if known is None:
                continue
            self.judged += 1
            if known[0] is not archived:
                what = "archived" if known[0] else "not archived"
                kind = "a search for archived items" if archived else "a search that excludes archived items"
                yield f"{record} is {what} since request {known[1]}, but appears in {kind}"

    def _change(self, seen: Observation, key: str) -> None:
        flag = {"true": True, "false": False}.get(seen.query.get("archive", "").lower())
        if seen.ok and flag is not None:
            self._archived[key] = (flag, seen.number)
        else:
            self._archived.pop(key, None)


def _archived(seen: Observation) -> bool | None:
    """Tell whether a search is for archived records; None when it is not a search, or a later page of one."""
    if not seen.ok or seen.name is None or not seen.name.startswith("search_"):
        return None
    if seen.name == LEGACY:
        flags = {"true": True, "false": False}
        return flags.get(seen.query.get("archived", "false").lower()) if seen.plain else None
    if not isinstance(seen.sent, dict) or seen.sent.get("next_token"):
        return None
    flag = seen.sent.get("archived")
    return bool(flag) if flag is None or isinstance(flag, bool) else None
