"""What is wrong in a text that people write for the server. Apart from what finds it, which reads YAML: whoever only
passes it on needs none of that.
"""

from typing import NamedTuple

from mock_server.errors import StartError


class Problem(NamedTuple):
    """What is wrong in a text and where; `line` counts from 1, and so does `column`, which is 0 for the field as a
    whole.
    """

    line: int
    field: str
    message: str
    column: int = 0

    def to_json(self) -> dict[str, str | int]:
        """The problem as the control plane and the command line tell it."""
        return {key: value for key, value in self._asdict().items() if key != "column" or value}

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"


class DocumentError(StartError):
    """A text that cannot be used, with all that is wrong in it."""

    def __init__(self, what: str, source: str, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{what} {source}: {problems[0]}{more}")
