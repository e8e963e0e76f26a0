"""How many requests an import sends, as far as that is known before the first."""

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

from mock_server.importing.options import Files, Selection
from mock_server.importing.reading import KINDS, OF_DEPLOYMENT, PASSES, requests_each, searches
from mock_server.importing.source import PAGE

GREETING = 1


class Step(NamedTuple):
    """Requests of one kind: the fewest, and the most, or None where only the deployment knows."""

    what: str
    least: int
    most: int | None


def steps(selection: Selection) -> list[Step]:
    """What an import sends, in order. It is what is sent when every answer comes at the first attempt."""
    return [Step("the deployment", GREETING + OF_DEPLOYMENT, GREETING + OF_DEPLOYMENT), *_objects(selection)]


def total(planned: list[Step]) -> tuple[int, int | None]:
    """The fewest and the most requests of a plan."""
    most = [step.most for step in planned]
    return sum(step.least for step in planned), None if None in most else sum(number or 0 for number in most)


def _objects(selection: Selection) -> Iterator[Step]:
    capsules = len(selection.capsules) + len(selection.pipelines)
    assets = len(selection.data_assets)
    if capsules:
        yield _exactly("capsules and pipelines", capsules * requests_each("capsules", selection))
    if assets:
        yield _exactly("data assets", assets * (1 + requests_each("data_assets", selection)))
    found = {"capsules": capsules, "data_assets": assets}
    for kind, _ in searches(selection):
        passes = len(PASSES[kind])
        yield Step(f"searches for {kind.replace('_', ' ')}", passes, _pages(passes, selection.limit))
        each = selection.limit * requests_each(kind, selection)
        if each:
            yield Step(f"each {KINDS[kind]} that is found", 0, each)
        found["data_assets" if kind == "data_assets" else "capsules"] += selection.limit
    yield from _files(selection, found["capsules"] * selection.computations, found["data_assets"])
    if selection.follow:
        yield Step("what is referred to (--follow)", 0, None)


def _files(selection: Selection, runs: int, assets: int) -> Iterator[Step]:
    if selection.files is Files.NONE:
        return
    for what, trees in (("results of runs", runs), ("files of data assets", assets)):
        if trees:
            # A folder takes a request, and a tree is given up when it has more files and folders than are listed.
            yield Step(f"{what}, a request for each folder", 0, trees * (1 + selection.max_listing))
            if selection.files is Files.SMALL:
                yield Step(f"{what}, two requests for each small file", 0, trees * 2 * selection.max_listing)


def _pages(passes: int, limit: int) -> int:
    """The most pages of a search. What is a favorite may be as much again."""
    return passes * max(1, ceil(limit / PAGE))


def _exactly(what: str, requests: int) -> Step:
    return Step(what, requests, requests)
