"""What the pages of the documentation hold."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def text(page: str) -> str:
    """A page of docs/."""
    return (ROOT / "docs" / page).read_text()


def blocks(page: str, language: str) -> list[str]:
    """The blocks of code in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text(page), re.DOTALL | re.MULTILINE)


def headings(page: str, level: int) -> list[str]:
    """The headings of a level, without their marks."""
    return [found.strip("`") for found in re.findall(rf"^{'#' * level} (.+)$", text(page), re.MULTILINE)]


def section(page: str, heading: str) -> str:
    """What stands below a heading, up to the next one of any level."""
    return text(page).partition(f"# {heading}\n")[2].partition("\n#")[0]


def rows(page: str, heading: str) -> list[str]:
    """What the first column of the table below a heading names."""
    return re.findall(r"^\| `([^`|]+)` \|", section(page, heading), re.MULTILINE)


def entries(page: str, heading: str) -> set[str]:
    """What the list below a heading is of: the names in front of each colon, without arguments."""
    fronts = re.findall(r"^- (.+?):", section(page, heading), re.MULTILINE)
    return {name for front in fronts for name in re.findall(r"`(\w+)", front)}
