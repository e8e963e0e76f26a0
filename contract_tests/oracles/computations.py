"""Results and end of computations."""

from collections.abc import Iterable
from typing import Any

from contract_tests.oracles.observation import Kind, Observation, Record
from contract_tests.oracles.oracle import Oracle
from contract_tests.oracles.states import at_end, rank

OF_THE_SERVICE = ("output", "nextflow")
"""What the service adds to the results of a run at its end."""

END_FIELDS = ("end_status", "exit_code", "has_results")
"""What a run shows of its end."""

FILES = ("list_computation_results", "get_result_file_urls", "get_result_file_download_url")


class ResultsAfterCompletion(Oracle):
    """A run has an end status, an exit code and its log once it has ended, and not before. Only a pipeline has some of
    its results before that: recorded answers list them while `has_results` is false.
    """

    name = "results_after_completion"
    summary = "A run shows results, end_status and exit_code after its end only; a pipeline lists some results before."
    remembers = True

    def __init__(self) -> None:
        super().__init__()
        self._had_files: dict[str, int] = {}
        """In which request a run had files."""
        self._had_log: dict[str, int] = {}
        """In which request it had a file that the service adds."""
        self._has_results: dict[str, int] = {}
        """In which request a run that had ended said that it has results."""

    def observe(self, seen: Observation) -> Iterable[str]:
        """Look at runs, and at their files."""
        if seen.ok and seen.name in FILES and seen.target is not None:
            yield from self._files(seen, seen.target)
        for record in seen.records:
            if record.kind is Kind.COMPUTATION and rank(record) is not None:
                self.judged += 1
                self.rules.update(f"{seen.name}.answer.{field}" for field in END_FIELDS if field in record.fields)
                yield from self._ended(seen, record) if at_end(record) else self._going(record)

    def _going(self, record: Record) -> Iterable[str]:
        for field in ("end_status", "exit_code"):
            if record.fields.get(field) is not None:
                yield f"{record} is {record.state} and already has {field}"
        if record.fields.get("has_results") is True:
            yield f"{record} is {record.state} and already says that it has results"
        if record.id in self._had_log:
            yield f"{record} is {record.state}, although request {self._had_log[record.id]} showed its log"
        elif record.id in self._had_files and not record.fields.get("processes"):
            yield f"{record} is {record.state}, although request {self._had_files[record.id]} showed result files of it"

    def _ended(self, seen: Observation, record: Record) -> Iterable[str]:
        if record.state == "completed" and record.fields.get("end_status") is None:
            yield f"{record} is completed without an end_status"
        if record.fields.get("has_results") is True:
            self._has_results.setdefault(record.id, seen.number)

    def _files(self, seen: Observation, key: str) -> Iterable[str]:
        if seen.name != FILES[0]:
            self._record_files(seen, key, [seen.query.get("path", "")])
            return
        items = seen.body.get("items") if isinstance(seen.body, dict) else None
        root = isinstance(seen.sent, dict) and seen.sent.get("path") in (None, "")
        if items:
            self._record_files(seen, key, [item.get("path") for item in items if isinstance(item, dict)])
        elif items == [] and root and key in self._has_results:
            said = self._has_results[key]
            yield f"computation {key} lists no results, although it said in request {said} that it has some"

    def _record_files(self, seen: Observation, key: str, paths: list[Any]) -> None:
        self._had_files.setdefault(key, seen.number)
        if any(str(path).strip("/").partition("/")[0] in OF_THE_SERVICE for path in paths):
            self._had_log.setdefault(key, seen.number)
