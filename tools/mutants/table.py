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

The list above is as blind as whoever wrote it. `make mutants-random SEED=1 N=300` draws changes of the product's
source by a seed, from `api`, `services`, `domain`, `store` and `wire`, each package and each operator with its share:
comparisons, numbers, truth values and arithmetic as [cosmic-ray](https://cosmic-ray.readthedocs.io/) changes them;
texts emptied or changed, statements removed, arguments and elements swapped or dropped, conditions dropped, clauses
of SQL dropped or turned around. Only statements that the conversation below reaches are changed; messages of errors
are emptied, not reworded; what is in the OpenAPI document alone, and logs, stay as they are.

Each mutant is a server of its own. It counts when one of the answers to a fixed conversation differs, headers
included, on a frozen clock: thousands of requests with every operation, every refusal, searches, files, sharing and
states, in scripts that each begin with the demo world as it is at first. Scripts that never reach the changed
statement are left out. The order of headers, of members and of the methods in `Allow` does not count, nor do the
letters of a new id, a page token or a signature, for what is done with them is answered too; that a refusal has a
message counts, its words do not.

Then the suite runs against it until something is red: what is directed first, which is the same in both forms and so
runs once, then what the short form generates, and what the full form does behind it. The rates leave out what does
not start, which any request shows; the report has them with it too. A mutant that hangs is seen: the unchanged
product does not. The exit code is 1 when the full form sees less than 95 % of the mutants that count, or the short
form less than 90 %, and 2 when the unchanged product is red.

A survivor is printed with its place, its change, and the first request that shows it, with the answer before and
after. `ARGS="--json FILE"` keeps everything; `ARGS="--again FILE"` tries the survivors of such a file again, after a
check was written. The gate runs `make mutants-sample`: a fixed list of mutants, each of which the short form has to
see; `ARGS="--keep FILE"` makes what was seen in a file the new list.

Samples of 300, measured at commit bbc3f96, before there were checks for what survived in them:

| seed | change an answer | seen by the short form | by the full form |
|---|---|---|---|
| 11 | 182 | 98.4 % | 98.4 % |
| 12 | 182 | 97.3 % | 97.8 % |
| 13 | 165 | 96.4 % | 97.0 % |

What survived, and what sees it now:

| survivor | seen by |
|---|---|
| an empty `path` of an unknown object is answered 404 | `text_edges_of_requests` |
| NUL in the query of the oldest search | `text_edges_of_requests` |
| the parameters of a signed URL have to be in the order in which it was made | `signatures_cover_every_part` |
| a signed URL names the disposition in another way than S3 | `signed_files_say_what_they_are` |
| 304 without an ETag | `signed_files_in_parts` |
| a cloud workstation's folder with a script cannot be captured | `workstation_result` |
| the buckets of a seed are not there, and so are made up | `buckets_of_the_seed` |
| new places in the index of searches are no whole numbers | `made_in_one_second`, which holds the clock now |
| a built-in scenario that fails leaves a log that does not say why | `logs_of_failures` |
| files that are made up have the names of folders | `made_up_buckets` |
| which stem the names of made-up files have (`generated_folders._number`) | nobody |
| which number of files and bytes a made-up bucket has (its name and prefix exchanged before they are hashed) | nobody |

The last two are no fault for a client. What is made up is the same for everybody and at any time, differs by bucket
and prefix, and adds up: `made_up_buckets` and `counts_of_data_assets` hold that. Which names, numbers and sizes it has
is not promised, and may change with a release. The times of `/_mock/clock` are promised: `changes_to_come` goes from
one to the next.
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
