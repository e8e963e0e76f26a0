"""Server-sent events as bytes."""


def event(name: str, html: str) -> bytes:
    """An event as it is written: every line of its data is marked as such. Browsers drop one without any data."""
    data = "".join(f"data: {line}\n" for line in html.splitlines() or [""])
    return f"event: {name}\n{data}\n".encode("utf-8", "replace")
