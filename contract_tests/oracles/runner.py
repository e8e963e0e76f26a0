"""Runner of all oracles over every exchange."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from contract_tests.oracles.access import Authentication, Ownership, Scopes
from contract_tests.oracles.answers import ErrorsHaveMessage, NeverNull, NoServerError, RequiredFields
from contract_tests.oracles.computations import ResultsAfterCompletion
from contract_tests.oracles.files import ListingIsOneLevel, SignedUrls
from contract_tests.oracles.lists import FiltersHold, ListAgreesWithGet, SortedAsRequested
from contract_tests.oracles.observation import Observation
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.pages import ArchiveHides, Pages
from contract_tests.oracles.states import NoUnknownStatus, RunTimeGrows, StateOrder, TerminalIsFinal
from contract_tests.oracles.write_consistency import CreatedExists, CreatedIsFixed, GoneAfterDelete, NewIds, ReadsBack
from contract_tests.transport.exchange import Exchange

ORACLES: tuple[type[Oracle], ...] = (
    StateOrder,
    TerminalIsFinal,
    RunTimeGrows,
    ResultsAfterCompletion,
    NewIds,
    CreatedExists,
    CreatedIsFixed,
    ReadsBack,
    GoneAfterDelete,
    ListAgreesWithGet,
    FiltersHold,
    SortedAsRequested,
    Pages,
    ArchiveHides,
    Authentication,
    Scopes,
    Ownership,
    SignedUrls,
    ListingIsOneLevel,
    NoUnknownStatus,
    RequiredFields,
    NeverNull,
    ErrorsHaveMessage,
    NoServerError,
)
"""All oracles, in the order in which people read of them."""


LAYER = "oracles"
GENERATED = "spec"
"""The layer whose requests are generated."""


def make_oracles(document: dict[str, Any] | None = None) -> list[Oracle]:
    """All oracles, new, for a deployment of the platform version that the document is of."""
    return [RequiredFields(document) if oracle is RequiredFields else oracle() for oracle in ORACLES]


class Watch:
    """Shows each exchange to a run's oracles, and puts what they find into its `problems`."""

    def __init__(self, oracles: Iterable[Oracle] | None = None) -> None:
        self.oracles = make_oracles() if oracles is None else list(oracles)
        self._lost: set[str] = set()
        """The records that a request was sent to whose effect is not known, and may still come."""
        self.judged: dict[str, set[str]] = {}
        """The oracles that had something to judge, by operation."""
        self.rules: dict[str, set[str]] = {}
        """The rules that were judged, each with the names of its judges: an oracle counts apart for what it saw in
        generated requests, which are others each time.
        """

    def observe(self, exchange: Exchange) -> None:
        """Show an exchange that has just ended to all."""
        seen = Observation(exchange)
        remembered = self._remembered(seen)
        for oracle in self.oracles:
            before = oracle.judged
            view = remembered if oracle.remembers else seen
            try:
                exchange.problems += [(oracle.name, message) for message in oracle.observe(view)]
            except Exception as problem:
                exchange.problems.append((oracle.name, _crash_message(problem)))
            if oracle.judged > before:
                self._record(exchange, oracle)
            if seen.name is not None and oracle.judged > before:
                self.judged.setdefault(seen.name, set()).add(oracle.name)

    def _remembered(self, seen: Observation) -> Observation:
        """The exchange as far as it can be compared with others.

        What ran beside another request tells as little of the order as one whose answer was lost. The record that a
        lost request was sent to is not looked at any more: the request may still take effect.
        """
        if seen.exchange.overlapped:
            seen = Observation(replace(seen.exchange, status=None, answer=b"", is_cut=False))
        if seen.changes_anything:
            self.oracles = [oracle.without_memory() if oracle.remembers else oracle for oracle in self.oracles]
        if seen.is_lost and seen.target is not None:
            self._lost.add(seen.target)
        return seen.without(self._lost) if self._lost else seen

    def _record(self, exchange: Exchange, oracle: Oracle) -> None:
        judge = f"{GENERATED if exchange.layer == GENERATED else LAYER}.{oracle.name}"
        self.rules.setdefault(oracle.rule(), set()).add(judge)
        for rule in oracle.rules:
            self.rules.setdefault(rule, set()).add(judge)
        oracle.rules.clear()

    def finish(self) -> list[tuple[str, str]]:
        """Report what is wrong with the run as a whole: name of the oracle, message."""
        problems = []
        for oracle in self.oracles:
            try:
                problems += [(oracle.name, message) for message in oracle.finish()]
            except Exception as problem:
                problems.append((oracle.name, _crash_message(problem)))
        return problems


def _crash_message(problem: Exception) -> str:
    return f"the oracle itself raised {type(problem).__name__}: {problem}"
