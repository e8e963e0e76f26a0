"""Content types of files, as S3 would have been told them."""

TYPES = {
    ".csv": "text/csv",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".log": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain; charset=utf-8",
}
"""Content types by the extension of a file name."""


def content_type_of(name: str) -> str:
    """Return the content type of a file by its name; `binary/octet-stream`, S3's default, for all others."""
    dot = name.rfind(".")
    return TYPES.get(name[dot:].lower() if dot >= 0 else "", "binary/octet-stream")
