"""The rules of parameters in paths and queries that a generated request has judged."""

from collections.abc import Iterator
from typing import Any

from schemathesis.generation.meta import negated_parameters

REJECTION = "negative_data_rejection"
"""The check of Schemathesis that requires a spoiled request to be refused."""


def spoiled_rules(check: str, operation: str | None, case: Any) -> Iterator[str]:
    """Yield the rules of the parameters that were spoiled in a case, when `check` looked at whether that is refused."""
    if check == REJECTION and operation is not None:
        for parameter, location in negated_parameters(case.meta):
            # Of a body only the innermost field is named.
            if location.value in ("path", "query"):
                yield f"{operation}.{location.value}.{parameter}"
