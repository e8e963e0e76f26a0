"""TLS for a server: its certificate, and what its clients have to trust."""

import ssl
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from mock_server.domain import trust
from mock_server.errors import StartError
from mock_server.settings import ANY_HOST_NAME, Settings, TlsSetting

OWN_NAMES = ("localhost", "127.0.0.1", "::1")
"""What a certificate that is made is for, besides the names that were given."""

KEPT_IN = Path("tls", "ca.pem")
"""Where the certificate authority is kept, below the data directory."""


class Tls:
    """How a server speaks TLS. `ca_file` is what its clients have to trust; None where that is not known. `close`
    removes what was made for as long as the server runs.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        ca_file: Path | None,
        *,
        cert: Path | None = None,
        kept: "TemporaryDirectory[str] | None" = None,
    ) -> None:
        self.context = context
        self.ca_file = ca_file
        self._cert = cert
        self._kept = kept

    @property
    def exports(self) -> dict[str, str]:
        """The variables that make clients trust the server; none where that is not known."""
        return trust.variables(str(self.ca_file)) if self.ca_file is not None else {}

    @property
    def known_by(self) -> dict[str, str]:
        """The variables by which commands beside the server know it."""
        if self._cert is not None:
            return {trust.TLS_CERT: str(self._cert)}
        return {trust.CA_FILE: str(self.ca_file)}

    def close(self) -> None:
        """Remove the authority that was made for this server alone."""
        if self._kept is not None:
            self._kept.cleanup()


def tls_of(tls: TlsSetting, settings: Settings, host: str) -> Tls:
    """How a server with these settings, which listens on the address `host`, speaks TLS. Raises `StartError`."""
    context = _context()
    if tls.cert is not None and tls.key is not None:
        _load(context, tls.cert, tls.key)
        return Tls(context, _existing(tls.ca_file), cert=tls.cert.absolute())
    names = [*OWN_NAMES, host.partition("%")[0], *tls.names, *settings.allowed_host_names]
    return _self_signed(context, tls, settings.data_dir, [name for name in names if name != ANY_HOST_NAME])


def _existing(ca_file: Path | None) -> Path | None:
    """The file if it is there. Raises `StartError` for one that cannot be."""
    try:
        return ca_file.absolute() if ca_file is not None and ca_file.exists() else None
    except OSError as problem:
        raise StartError(f"{ca_file} cannot be read: {problem.strerror}") from None


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _self_signed(context: ssl.SSLContext, tls: TlsSetting, data_dir: Path | None, names: Sequence[str]) -> Tls:
    from mock_server.serving import certificates  # Late: it needs the extra `tls`.

    kept = None
    if tls.ca_file is not None:
        ca_file = tls.ca_file
    elif data_dir is not None:
        ca_file = data_dir / KEPT_IN
    else:
        kept = TemporaryDirectory(prefix="codeocean-mock-tls-")
        ca_file = Path(kept.name, KEPT_IN.name)
    made = Tls(context, ca_file.absolute(), kept=kept)
    try:
        certificates.issue(certificates.authority(ca_file), list(dict.fromkeys(names)), context)
    except BaseException:
        made.close()
        raise
    return made


def _load(context: ssl.SSLContext, cert: Path, key: Path) -> None:
    """Let `context` present the certificate, and try it. Raises `StartError`."""
    _pem(cert, "certificate", "CERTIFICATE-----")
    _pem(key, "private key", "PRIVATE KEY-----")

    def encrypted() -> NoReturn:
        raise StartError(f"the private key in {key} is encrypted: write it without a passphrase")

    try:
        context.load_cert_chain(cert, key, encrypted)
    except ssl.SSLError as problem:
        if problem.reason in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"):
            raise StartError(f"the private key in {key} does not belong to the certificate in {cert}") from None
        reason = (problem.reason or str(problem)).replace("_", " ").lower()
        raise StartError(f"the certificate in {cert} and its key in {key} cannot be used: {reason}") from None
    try:
        _shake_hands(context, cert)
    except ssl.SSLCertVerificationError as problem:
        raise StartError(f"the certificate in {cert} cannot be used: {problem.verify_message}") from None
    except ssl.SSLError as problem:
        raise StartError(f"the certificate in {cert} cannot be used: {problem.reason}") from None


def _pem(path: Path, what: str, mark: str) -> None:
    """Raise `StartError` for a file that holds nothing of the kind."""
    try:
        text = path.read_text("latin-1")
    except OSError as problem:
        raise StartError(f"the {what} cannot be read from {path}: {problem.strerror}") from None
    if mark not in text:
        raise StartError(f"there is no {what} in {path}: it has to be in PEM form")


def _shake_hands(server_context: ssl.SSLContext, cert: Path) -> None:
    """Try a handshake with somebody who trusts the certificate as it is: Python reads its dates in no other way. Raises
    `ssl.SSLError`, such as for one that has expired.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cert)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = context.wrap_bio(to_client, to_server)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
