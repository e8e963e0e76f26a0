"""The documentation, everything below `/_docs`: the pages that `make docs` builds, and that the wheel contains."""

ROOT = "/_docs"


def owns(path: str) -> bool:
    """Whether `path` is served here."""
    return path == ROOT or path.startswith(f"{ROOT}/")
