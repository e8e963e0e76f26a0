"""Capsules and pipelines as a search finds them."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from contract_tests.deployment import OWNER, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios.eventually import undisturbed

MOST = 1000

Rows = list[dict[str, Any]]


class Collection(NamedTuple):
    """Capsules or pipelines."""

    deployment: Deployment
    kind: str

    @property
    def path(self) -> str:
        """Where they are, below the root of the API."""
        return f"/{self.kind}s"

    def rows(self, who: str = OWNER, **request: Any) -> Rows:
        """All that a search finds, in order. Raises `CheckSkipped` when it does not fit on a page."""
        sent = {"limit": MOST} | request
        answer = self.deployment.http(who).ask("POST", f"{self.path}/search", 200, json=sent).json()
        if answer["has_more"]:
            raise CheckSkipped(f"there are more than {MOST} {self.kind}s")
        found: Rows = answer["results"]
        return found

    def ids(self, who: str = OWNER, **request: Any) -> list[str]:
        """The ids of all that a search finds, in order."""
        return [row["id"] for row in self.rows(who, **request)]

    def expect_refused(self, request: dict[str, Any], what: str, *rules: str, who: str = OWNER) -> None:
        """Raise `CheckFailed` unless a search answers 400; `what` begins the message, `rules` are those that this
        judges.
        """
        status = self.deployment.http(who).ask("POST", f"{self.path}/search", json=request).status
        expect(status == 400, f"{what} in a search for {self.kind}s returned {status}, expected 400", *rules)

    def expect_found(self, expected: Iterable[str], *rules: str, **request: Any) -> None:
        """Raise `CheckFailed` unless a search finds these, in any order; `rules` are those that this judges."""
        actual, right = sorted(self.ids(**request)), sorted(expected)
        expect(
            actual == right,
            f"a search for {self.kind}s with {request} finds {len(actual)} rows, or others, of {len(right)}",
            *rules,
        )


def judge_each(deployment: Deployment, *judges: Callable[[Collection], None]) -> None:
    """Judge the capsules and the pipelines of the fake, whatever others do meanwhile. Raises `CheckSkipped` elsewhere,
    and when there are neither.
    """
    deployment.steered()
    collections = [Collection(deployment, kind) for kind in ("capsule", "pipeline")]
    filled = [collection for collection in collections if collection.rows()]
    if not filled:
        raise CheckSkipped("there are neither capsules nor pipelines")
    for collection in filled:
        for judge in judges:
            undisturbed(partial(judge, collection))
