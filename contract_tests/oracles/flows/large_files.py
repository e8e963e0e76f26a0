"""Files that are too long to be sent at once: whole, and in parts at any place, they are the same bytes."""

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import expect
from contract_tests.oracles.flows.fixtures import temporary_run, wait_for_run
from contract_tests.oracles.flows.signatures import RESULTS, SignedFile

SIZE = 200_000
"""Bytes of a file: several blocks of any storage, and few enough to be looked at."""

TEXT, BYTES = "large/table.tsv", "large/reads.bam"

PARTS = ((0, 1), (65_530, 65_545), (131_071, 131_073), (60_000, 140_000), (SIZE - 70_000, SIZE), (SIZE - 1, SIZE))
"""Parts across the ends of blocks: the first byte of each, and the one behind its last."""

LINE = 64
"""Bytes of a line of text that the fake makes, the end of the line included (docs/seed-files.md)."""

RULE, MADE = "files.range", "seeds.made_content"


@check(*RESULTS, full=True)
def large_files_in_parts(deployment: Deployment) -> None:
    """A file of several blocks is as long as it is listed, and each of its parts is a part of the whole; what its name
    calls text is text, in lines.
    """
    deployment.steered()
    made = [{"path": path, "size": SIZE} for path in (TEXT, BYTES)]
    scenario = deployment.scenario("large", own_results=False, results=made)
    with deployment.scenarios(scenario), temporary_run(deployment) as run:
        wait_for_run(deployment, run)
        lines = _checked(SignedFile(deployment, run, TEXT)).splitlines(keepends=True)
        full = all(len(line) == LINE and line.isascii() for line in lines[:-1])
        expect(full, f"{TEXT} is no text of lines of {LINE} bytes", MADE)
        expect(not _checked(SignedFile(deployment, run, BYTES)).isascii(), f"{BYTES} is text", MADE)


def _checked(file: SignedFile) -> bytes:
    """The bytes of a file, of which each part was compared with the whole."""
    whole = file.open(200).answer
    expect(len(whole) == SIZE, f"{file.path} is listed with {SIZE} bytes, and has {len(whole)}", RULE)
    for start, stop in PARTS:
        part = file.open(206, Range=f"bytes={start}-{stop - 1}").answer
        expect(part == whole[start:stop], f"{file.path} from {start} to {stop} is no part of the whole", RULE)
    return whole


CHECKS = (large_files_in_parts,)
