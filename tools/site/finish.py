"""What is done with the finished site."""

import base64
import hashlib
import re
from pathlib import Path

from mock_server.manual.pages import SCRIPT_HASHES

UNUSED = ("**/*.map", "assets/javascripts/lunr", "sitemap.xml*", "404.html", "objects.inv")
"""What no page asks for: source maps, other languages of the search, and what needs the address of a published site."""

INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def finish(site: Path) -> None:
    """Remove what is not used from a built site, and list its scripts in `SCRIPT_HASHES`."""
    for pattern in UNUSED:
        for path in sorted(site.glob(pattern), reverse=True):
            _remove(path)
    scripts = {script for page in site.rglob("*.html") for script in INLINE.findall(page.read_text(encoding="utf-8"))}
    (site / SCRIPT_HASHES).write_text("".join(f"{line}\n" for line in sorted(map(_hash, scripts))), encoding="ascii")


def _remove(path: Path) -> None:
    if path.is_dir():
        for part in path.iterdir():
            _remove(part)
        path.rmdir()
    else:
        path.unlink()


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
