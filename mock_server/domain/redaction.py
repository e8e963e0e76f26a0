"""Redaction: what must not be shown, by its name and by its form, in whatever notation it stands.

The one list of secret names for the journal, the dashboard, logs, and the reports of the contract suite. This module
imports nothing of the product: it is the one of the domain that the suite, otherwise a black box, shares.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote_plus

MASK = "***"

SHORT = 200
"""Texts below this length are remembered: headers, names, ids and states come again with every request."""

NAMES_OF_SECRETS = (
    r"pass[ _.-]?(?:word|wd|phrase|code)|secret|(?<!next)(?<!next[ _.-])token(?!iz)|credential|signature"
    r"|(?:api|access|account|customer|encryption|private|session|shared|signing)[ _.-]?key|session[ _.-]?id"
    r"|authorization|cookie|(?<![a-z])(?:auth|jwt|pass|pwd|sig)(?![a-z])"
)
"""Names of secrets: what they contain. `next_token` leads to the next page and is none."""

_SECRET_NAME = re.compile(NAMES_OF_SECRETS, re.IGNORECASE)

_SECRET_MEMBER = re.compile(
    rf"(?:{NAMES_OF_SECRETS})[\w.\-\[\]]{{0,100}}+(?P<quote>(?:\\*+[\"']|%22|%27)?)\s*+"
    r"(?P<sign>[:=>]{1,3}|%3[ad]|,\s*+\\*+[\"']value\\*+[\"']\s*+:)",
    re.IGNORECASE,
)
"""The name of a secret with what stands between it and its value, in whatever notation: JSON, also inside of a string,
`name=value`, `name: value`, XML, `"name": "password", "value":`.
"""

_OPENING = re.compile(r"\s*+[A-Za-z]{0,2}(\\*+)([\"'{\[])")
_TO_COMMA = re.compile(r"\s*+[^\s,&}\]]*+")
_TO_SPACE = re.compile(r"\s*+[^\s&<>\"']*+")
_TO_END_OF_LINE = re.compile(r"[^\r\n]*+")

_SECRET_FORM = re.compile(
    r"cop_[^\s/?&#\"'<>,;:\\(){}\[\]@]+"
    r"|Y29wX[\w+/-]+=*"
    r"|AKIA[A-Z0-9]{2,}|ASIA[A-Z0-9]{5,}"
    r"|gh[oprsu]_\w{8,}|github_pat_\w+|glpat-[\w-]+|eyJ[\w-]{8,}(?:\.[\w-]*){0,2}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=://)[^\s/@\"'<>]+(?=@)"
    r"|\b(?:[Bb]asic|[Bb]earer) +(?:[\w.~+/-]{20,}+=*|[\w.~+/-]+=+)",
    re.DOTALL,
)
"""What is a secret whatever it is called: tokens of Code Ocean, also in base64, key ids of AWS, tokens of Git hosts,
JSON web tokens, private keys, passwords in URLs, credentials of HTTP.
"""

_ESCAPED = re.compile(r"(?:\\u00|%)(2d|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])", re.IGNORECASE)
"""Letters, digits, `-` and `_` written in a way that would hide a name."""


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Tell whether something of this name must not be shown."""
    return _SECRET_NAME.search(name) is not None


def redact(text: str) -> str:
    """Return `text` with `***` for all secrets in it. It need not be well-formed: where it is unclear how far a secret
    goes, too much is taken away.
    """
    return _redact_short(text) if len(text) < SHORT else _redact(text)


@lru_cache(maxsize=4096)
def _redact_short(text: str) -> str:
    return _redact(text)


def _redact(text: str) -> str:
    text = text.encode("utf-8", "replace").decode()
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    shown = _SECRET_FORM.sub(MASK, "".join(_without_values(plain)))
    return text if shown == plain else shown


def _without_values(text: str) -> Iterator[str]:
    at = 0
    while named := _SECRET_MEMBER.search(text, at):
        start, stop = _value(text, named)
        yield text[at:start] + MASK
        at = stop
    yield text[at:]


def _value(text: str, named: re.Match[str]) -> tuple[int, int]:
    """From where to where the value of a secret goes: a text up to its closing quote, anything else up to what ends it
    in the likely notation. An object or a list goes to the end, because nobody can tell where it stops.
    """
    opening = _OPENING.match(text, named.end())
    if opening is None:
        bare = _TO_COMMA if named["quote"] else _TO_END_OF_LINE if ":" in named["sign"] else _TO_SPACE
        return named.end(), bare.match(text, named.end()).end()  # type: ignore[union-attr]
    escapes, mark = opening.groups()
    if mark in "{[":
        return named.end(), len(text)
    closing = re.compile(rf"(?<!\\)\\{{0,{len(escapes)}}}{mark}").search(text, opening.end())
    return opening.end(), closing.start() if closing else len(text)


def redact_json(node: Any) -> Any:
    """Return JSON without the secrets in it: the values of members so called, of parameters so called, and texts."""
    if isinstance(node, str):
        return redact(node)
    if isinstance(node, list):
        return [redact_json(item) for item in node]
    if not isinstance(node, dict):
        return node
    labels = [node.get(label) for label in ("param_name", "name", "key")] if "value" in node else []
    hidden = any(isinstance(label, str) and is_secret(label) for label in labels)
    return {
        redact(name): MASK if is_secret(name) or (hidden and name == "value") else redact_json(member)
        for name, member in node.items()
    }


def redact_pair(pair: str) -> str:
    """Return a parameter of a query, as it was written unless there is a secret in it."""
    name, _, value = pair.partition("=")
    if value and is_secret(unquote_plus(name)):
        return f"{redact(unquote_plus(name))}={MASK}"
    plain = unquote_plus(pair)
    shown = redact(plain)
    return pair if shown == plain else quote(shown, safe="=*")
