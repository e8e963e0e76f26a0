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

TAIL = """
## Mutants that nobody chose

The list above has its authors' blind spots. `make mutants-random SEED=1 N=300` draws random changes to the product's
source by a seed, from `api`, `services`, `domain`, `store` and `wire`, with a share for each package and each
operator: comparisons, numbers, truth values and arithmetic as [cosmic-ray](https://cosmic-ray.readthedocs.io/)
changes them; texts emptied or changed, statements removed, arguments and elements swapped or dropped, conditions
dropped, SQL clauses dropped or reversed. Only statements that the conversation below reaches are changed; error
messages are emptied, not reworded; logs, and code that only affects the OpenAPI document, are left alone.

Each mutant is a separate server. It counts if any answer to a fixed conversation differs, headers included, on a
frozen clock: thousands of requests with every operation, every refusal, searches, files, sharing and states, in
scripts that each begin with a fresh demo world. Scripts that never reach the changed statement are skipped. The order
of headers, of members and of the methods in `Allow` does not count, nor does the text of a new id, a page token or a
signature, since their use is answered too; that a refusal has a message counts, its wording does not.

The suite then runs against it until something is red: first the directed checks, which are the same in both forms and
run once, then the short form's generated requests, and finally the full form's. The rates leave out mutants that do
not start, which any request would show; the report also has the rates with them. A mutant that hangs counts as seen,
as the unchanged product does not hang. The exit code is 1 if the full form sees less than 95 % of the mutants that
count, or the short form less than 90 %, and 2 if the unchanged product is red.

Survivors are printed with their location, their change, and the first request that shows it, with the answer before
and after. `ARGS="--json FILE"` saves everything; `ARGS="--again FILE"` retries the survivors in such a file, for
instance after you have written a check. The gate runs `make mutants-sample`: a fixed list of mutants, each of which
the short form must see; `ARGS="--keep FILE"` turns the mutants seen in a file into the new list.

Samples of 300, measured at commit bbc3f96, before checks were written for the survivors:

| seed | mutants that change an answer | seen by the short form | by the full form |
|---|---|---|---|
| 11 | 182 | 98.4 % | 98.4 % |
| 12 | 182 | 97.3 % | 97.8 % |
| 13 | 165 | 96.4 % | 97.0 % |

The survivors, and the checks that see them now:

| survivor | seen by |
|---|---|
| an empty `path` of an unknown object gives 404 | `text_edges_of_requests` |
| NUL in the query of the oldest search | `text_edges_of_requests` |
| the parameters of a signed URL must be in their original order | `signatures_cover_every_part` |
| a signed URL names the disposition differently from S3 | `signed_files_say_what_they_are` |
| 304 without an ETag | `signed_files_in_parts` |
| a cloud workstation's folder with a script cannot be captured | `workstation_result` |
| the buckets of a seed are missing, and so are invented | `buckets_of_the_seed` |
| new positions in the search index are not integers | `made_in_one_second`, which now holds the clock |
| a failing built-in scenario leaves a log without the reason | `logs_of_failures` |
| invented files have the names of folders | `made_up_buckets` |
| the stem of invented file names (`generated_folders._number`) | none |
| the number of files and bytes in an invented bucket (its name and prefix swapped before hashing) | none |

The last two are not faults for a client. Invented content is the same for everybody and at any time, differs by
bucket and prefix, and adds up, as `made_up_buckets` and `counts_of_data_assets` check. Its names, numbers and sizes
are not guaranteed, and may change with a release. The times in `/_mock/clock` are guaranteed: `changes_to_come` steps
from one to the next.
"""


def page(results: Mapping[str, HuntResult | None]) -> str:
    """The page, from what went red with each mutant."""
    lines = ["| mutant | what is wrong | the check that must go red | " + " | ".join(LAYERS) + " |"]
    lines.append("|---" * (3 + len(LAYERS)) + "|")
    for mutant in MUTANTS:
        caught = results.get(mutant.name)
        seen = ["red" if caught is not None and caught.red.get(layer) else "" for layer in LAYERS]
        lines.append(f"| `{mutant.name}` | {mutant.summary} | `{mutant.caught_by}` | {' | '.join(seen)} |")
    return HEAD + "\n".join(lines) + "\n" + TAIL
