"""Signatures: of the tokens that continue a search, of the dashboard's cookies. URLs have their own, as S3 has."""

import hmac
from hashlib import sha256


def sign(key: bytes, *parts: object) -> str:
    """Return the signature of `parts`, in this order, as hexadecimal digits."""
    message = "\0".join(str(part) for part in parts).encode("utf-8", "replace")
    return hmac.new(key, message, sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Tell whether two signatures or secrets are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
