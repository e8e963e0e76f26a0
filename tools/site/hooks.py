"""Hooks of MkDocs: pages from beside docs/, what is made from the program, and what the finished site leaves out."""

import tomllib
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from mock_server.version import __version__
from tools.site import commands, control_plane, finish, links, python_api

ROOT = Path(__file__).parents[2]

HERE = Path(__file__).parent
ASSETS = (ROOT / "mock_server/ui/static/icon.svg", HERE / "site.css", HERE / "site.js")

ADDED = {"cli.md": commands.with_options, "control-plane.md": control_plane.with_fields}
"""Pages of docs/ to whose headings the site adds something."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Say where the project is published, which pyproject.toml alone knows, and which release the pages are of."""
    config.copyright = f'codeocean-mock {__version__} · MIT licence · <a href="{_repository()}">Repository</a>'
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what does not lie in docs/."""
    for source, name in links.OUTSIDE.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text(encoding="utf-8")))
    files.append(File.generated(config, python_api.PAGE, content=python_api.page()))
    for asset in ASSETS:
        files.append(File.generated(config, f"assets/{asset.name}", abs_src_path=str(asset)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files, **_: Any) -> str:
    """Complete a page, and have its links lead to pages of the site."""
    name = page.file.src_uri
    markdown = ADDED[name](markdown) if name in ADDED else markdown
    source = next((path for path, made in links.OUTSIDE.items() if made == name), f"docs/{name}")
    inside = {file.src_uri for file in files if file.inclusion is not InclusionLevel.EXCLUDED}
    return links.as_on_the_site(markdown, source, inside, f"{_repository()}/blob/v{__version__}")


def on_post_build(config: MkDocsConfig, **_: Any) -> None:
    """Leave out what no page asks for, and write down which scripts are in the pages."""
    finish.finish(Path(config.site_dir))


def _repository() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["tool"]["hatch"]["metadata"]["hooks"]["custom"]["repository"]).rstrip("/")
