"""The table of mutants and the layers that see them, for the documentation."""

from collections.abc import Mapping

from contract_tests.options import LAYERS
from tools.mutants import MUTANTS
from tools.mutants.hunt import HuntResult

PAGE = "docs/mutants.md"

HEAD = """# Mutants

Does the contract suite find faults? Each mutant is the fake with one small change. For each, `make mutants` runs the
smallest part of the suite that must notice, and fails if the check named here stays green, or if that part fails on the
unchanged fake. `make mutants-table` runs all checks that call the mutant's operations, and writes this page.

"""


def page(results: Mapping[str, HuntResult | None]) -> str:
    """The page, from what went red with each mutant."""
    lines = ["| mutant | what is wrong | the check that must go red | " + " | ".join(LAYERS) + " |"]
    lines.append("|---" * (3 + len(LAYERS)) + "|")
    for mutant in MUTANTS:
        caught = results.get(mutant.name)
        seen = ["red" if caught is not None and caught.red.get(layer) else "" for layer in LAYERS]
        lines.append(f"| `{mutant.name}` | {mutant.summary} | `{mutant.caught_by}` | {' | '.join(seen)} |")
    return HEAD + "\n".join(lines) + "\n"
