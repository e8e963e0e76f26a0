"""Results and end of computations."""

from collections.abc import Iterable

from contract_tests.oracles.observation import Kind, Observation, Record
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.states import at_end, rank

FILES = ("list_computation_results", "get_result_file_urls", "get_result_file_download_url")


class ResultsAfterCompletion(Oracle):
    """A run has results, an end status and an exit code once it has ended, and not before."""

    name = "results_after_completion"
    summary = "A run shows results, end_status and exit_code after its end only, and has the results that it says."

    def __init__(self) -> None:
        super().__init__()
        self._had_files: dict[str, int] = {}
        """In which request a run had files."""
        self._has_results: dict[str, int] = {}
        """In which request a run that had ended said that it has results."""

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look at runs, and at their files."""
        if seen.ok and seen.name in FILES and seen.target is not None:
            yield from self._files(seen, seen.target)
        for record in seen.records:
            if record.kind is Kind.COMPUTATION and rank(record) is not None:
                self.judged += 1
                yield from self._ended(seen, record) if at_end(record) else self._going(record)

    def _going(self, record: Record) -> Iterable[str]:
        for field in ("end_status", "exit_code"):
            if record.fields.get(field) is not None:
                yield f"{record} is {record.state} and already has {field}"
        if record.fields.get("has_results") is True:
            yield f"{record} is {record.state} and already says that it has results"
        if record.id in self._had_files:
            yield f"{record} is {record.state}, although request {self._had_files[record.id]} showed result files of it"

    def _ended(self, seen: Observation, record: Record) -> Iterable[str]:
        if record.state == "completed" and record.fields.get("end_status") is None:
            yield f"{record} is completed without an end_status"
        if record.fields.get("has_results") is True:
            self._has_results.setdefault(record.id, seen.number)

    def _files(self, seen: Observation, key: str) -> Iterable[str]:
        if seen.name != FILES[0]:
            self._had_files.setdefault(key, seen.number)
            return
        items = seen.body.get("items") if isinstance(seen.body, dict) else None
        root = isinstance(seen.sent, dict) and not seen.sent.get("path")
        if items:
            self._had_files.setdefault(key, seen.number)
        elif items == [] and root and key in self._has_results:
            said = self._has_results[key]
            yield f"computation {key} lists no results, although it said in request {said} that it has some"
