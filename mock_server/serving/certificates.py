"""Certificates that the server makes for itself, signed by an authority of its own that clients are told to trust.

The only module that knows trustme, and imported with `--tls self-signed` alone.
"""

import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mock_server.clock import real_time
from mock_server.errors import StartError
from mock_server.side_files import SideFile, put_new

try:
    from trustme import CA
except ImportError:
    raise StartError("--tls self-signed needs trustme: pip install 'codeocean-mock[tls]'") from None

BEFORE, AFTER = timedelta(days=1), timedelta(days=820)
"""For how long a certificate holds, around the start of the server. Apple's systems accept no more than 825 days."""

ORGANIZATION = "codeocean-mock"


def key_file(ca_file: Path) -> Path:
    """Where the authority's private key is kept, together with its certificate."""
    return ca_file.with_name(f"{ca_file.name}.key")


def authority(ca_file: Path) -> CA:
    """The authority whose certificate is in `ca_file`, and its key in a file beside it for the owner alone; made when
    it is not there. Raises `StartError`.
    """
    pair = key_file(ca_file)
    try:
        if ca_file.exists() and not pair.exists():
            raise StartError(f"{ca_file} is the certificate of another authority: its key is not in {pair}")
        ca_file.parent.mkdir(parents=True, exist_ok=True)
        kept = None if pair.exists() else _new(pair)
        kept = kept or _read(pair)
        if not ca_file.exists() or ca_file.read_bytes() != kept.cert_pem.bytes():
            with SideFile(ca_file.parent, ca_file.name) as aside:
                aside.file.write(kept.cert_pem.bytes())
                aside.move_to(ca_file)
    except OSError as problem:
        raise StartError(f"the certificate authority cannot be kept in {ca_file}: {problem.strerror}") from None
    return kept


def _new(pair: Path) -> CA | None:
    """A new authority, kept in one file as a whole; None when another server was first."""
    made = CA(organization_name=ORGANIZATION, organization_unit_name="authority of a local fake")
    return made if put_new(pair, made.private_key_pem.bytes() + made.cert_pem.bytes()) else None


def _read(pair: Path) -> CA:
    content = pair.read_bytes()
    try:
        return CA.from_pem(content, content)
    except ValueError:
        raise StartError(
            f"there is no certificate authority in {pair}: remove the file, and one is made anew"
        ) from None


def issue(by: CA, names: Iterable[str], context: ssl.SSLContext) -> None:
    """Let `context` present a new certificate for `names`: names of hosts and addresses. Raises `StartError`."""
    now = datetime.fromtimestamp(real_time(), UTC)
    try:
        issued = by.issue_cert(*names, organization_name=ORGANIZATION, not_before=now - BEFORE, not_after=now + AFTER)
    except ValueError as problem:
        raise StartError(f"there is no certificate for {', '.join(names)}: {problem}") from None
    try:
        issued.configure_cert(context)
    except OSError as problem:
        # Python reads keys from files alone.
        raise StartError(f"no temporary file for the certificate: {problem.strerror}") from None
