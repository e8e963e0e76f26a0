"""The environment variables that make clients trust a certificate authority (docs/https.md)."""

CA_FILE = "CODEOCEAN_MOCK_CA_FILE"
"""Read by the commands and by the control client: whom they trust. `serve` keeps its own authority there."""

TLS_CERT = "CODEOCEAN_MOCK_TLS_CERT"
"""The setting `--tls-cert`. Where it is set, as in a container, commands know the server beside them by it."""


def variables(ca_file: str) -> dict[str, str]:
    """What to export so that clients trust the authorities in `ca_file`: `requests` and so the SDK; what is built on
    OpenSSL or httpx, and the MCP server's own Python; curl; the commands.
    """
    return dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", CA_FILE), ca_file)
