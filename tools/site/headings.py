"""Additions below the headings of a page."""

import re
from collections.abc import Callable


def with_additions(markdown: str, addition: Callable[[str], str]) -> str:
    """`markdown` with what `addition` makes of each second-level heading at the end of its section."""
    start, *sections = re.split(r"^(?=## `)", markdown, flags=re.MULTILINE)
    return start + "".join(f"{section.rstrip()}\n\n{addition(_title(section))}\n" for section in sections)


def _title(section: str) -> str:
    return section.partition("\n")[0].removeprefix("## ").strip("`")


def cell(text: str) -> str:
    """`text` as the cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
