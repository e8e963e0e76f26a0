"""Tables of characters, written for Hypothesis so that it need not work them out again in every run."""

import gzip
import json
import unicodedata
from pathlib import Path

ENCODABLE = {
    "ascii": [(0, 0x7F)],
    # All but the surrogates.
    "utf-8": [(0, 0xD7FF), (0xE000, 0x10FFFF)],
}
"""The characters that can be encoded, by codec; all of them are decoded to what they were."""


def write_tables(home: Path) -> None:
    """Write the tables into a new home directory of Hypothesis, where it keeps them itself from one run to the next.

    Working out one of them tries every character there is, which takes a second and 200 MB. If it ever looks for them
    elsewhere, it does that again.
    """
    folder = home / "unicode_data" / unicodedata.unidata_version
    folder.mkdir(parents=True)
    for codec, characters in ENCODABLE.items():
        with gzip.open(folder / f"codec-v2-{codec}.json.gz", "wt") as table:
            json.dump([characters, []], table)
