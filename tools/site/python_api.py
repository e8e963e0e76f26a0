"""The page of the Python API: what mkdocstrings is to read. Decision 12 says what is public."""

from mock_server import client

PAGE = "python-api.md"

OPENING = """# The Python API

What is public in Python, from its docstrings: the server as a context manager, the client of the control plane, and the
models that these take and give. [Embedding](embedding.md), [the client](client.md) and [the pytest plugin](pytest.md)
show how it is used.
"""

PARTS = {
    "The server": ["mock_server.MockCodeOcean"],
    "The client": [f"mock_server.client.{name}" for name in client.__all__],
}
MODELS = {
    "Models of the control plane": "mock_server.wire.control",
    "Models of the journal": "mock_server.wire.journal",
}


def page() -> str:
    """The whole page."""
    parts = [OPENING]
    for title, names in PARTS.items():
        parts += [f"## {title}\n", *(f"::: {name}\n" for name in names)]
    for title, module in MODELS.items():
        options = "    options:\n      show_root_heading: false\n      show_root_toc_entry: false\n"
        parts.append(f"## {title}\n\n::: {module}\n{options}")
    return "\n".join(parts)
