"""Which certificates the client trusts."""

import os
import ssl
from pathlib import Path

import httpx

from mock_server.client.errors import ControlError
from mock_server.domain import trust

_END = "-----END CERTIFICATE-----"


def ca_file_of(given: Path | str | None) -> Path | None:
    """The file of the authorities to trust: the one given, else the one that `CODEOCEAN_MOCK_CA_FILE` names."""
    named = given or os.environ.get(trust.CA_FILE)
    return Path(named) if named else None


def context_of(ca_file: Path | None, *, is_loopback: bool) -> ssl.SSLContext:
    """The context of connections to a server: it trusts the authorities in `ca_file`, else those that `SSL_CERT_FILE`
    and `SSL_CERT_DIR` name, else the public ones. On this machine it knows the server whose settings are in the
    environment by its own certificate, whatever names that is for. Raises `ControlError`.
    """
    own = os.environ.get(trust.TLS_CERT) if is_loopback else None
    file = own or ca_file
    try:
        if own:
            return _known(Path(own))
        return httpx.create_ssl_context() if file is None else ssl.create_default_context(cafile=file)
    except OSError as problem:
        reason = "it holds none" if isinstance(problem, ssl.SSLError) else problem.strerror
        raise ControlError(
            f"the certificates to trust cannot be read from {file or 'the environment'}: {reason}"
        ) from None


def _known(certificate: Path) -> ssl.SSLContext:
    """A context that accepts the first certificate of a file, and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    first, end, _ = certificate.read_text("latin-1").partition(_END)
    context.load_verify_locations(cadata=first[first.find("-----BEGIN") :] + end)
    return context
