"""Metadata made when the project is built: where it is published, and the README as an index shows it."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(?P<picture>!?)(?P<text>\[[^]]*])\((?!https?:|#)(?P<path>[^)#]+)(?P<anchor>#[^)]*)?\)")
"""A Markdown link to a file of the repository."""


class PublishedMetadata(MetadataHookInterface):
    """Fills in `urls` and `readme`, whose links lead into the repository at the tag of this version."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add what depends on `repository`, which pyproject.toml sets."""
        repository = self.config["repository"].rstrip("/")
        tag = f"v{metadata['version']}"
        metadata["urls"] = {
            "Repository": repository,
            "Documentation": f"{repository}/tree/{tag}/docs",
            "Changelog": f"{repository}/blob/{tag}/CHANGELOG.md",
            "Issues": f"{repository}/issues",
        }
        readme = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": with_absolute_links(readme, repository, tag)}


def with_absolute_links(readme: str, repository: str, tag: str) -> str:
    """`readme` with links and pictures that also hold outside the repository."""

    def absolute(link: re.Match[str]) -> str:
        kind = "raw" if link["picture"] else "blob"
        return f"{link['picture']}{link['text']}({repository}/{kind}/{tag}/{link['path']}{link['anchor'] or ''})"

    return LINK.sub(absolute, readme)
