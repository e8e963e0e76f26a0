"""Links between pages of the repository, as the site has them."""

import re
from pathlib import PurePosixPath
from posixpath import normpath, relpath

LINK = re.compile(r"(?P<start>!?\[[^]]*]\()(?!https?:|#)(?P<path>[^)#]+)(?P<anchor>(?:#[^)]*)?\))")
"""A Markdown link to a file of the repository."""

OUTSIDE = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Pages of the site that lie beside docs/, and what the site calls them."""


def as_on_the_site(markdown: str, source: str, files: set[str], elsewhere: str) -> str:
    """`markdown` of the repository's file `source`, with links to pages of the site, or else below `elsewhere`.

    `files` are the files of docs/ that the site has.
    """
    here = PurePosixPath(page_of(source, files) or source).parent

    def replaced(link: re.Match[str]) -> str:
        target = normpath(PurePosixPath(source).parent / link["path"])
        page = page_of(target, files)
        path = f"{elsewhere}/{target}" if page is None else relpath(page, here)
        return f"{link['start']}{path}{link['anchor']}"

    return LINK.sub(replaced, markdown)


def page_of(target: str, files: set[str]) -> str | None:
    """What the site calls a file of the repository, or None when it has none."""
    if target in OUTSIDE:
        return OUTSIDE[target]
    inside = target.removeprefix("docs/")
    return inside if target.startswith("docs/") and inside in files else None
