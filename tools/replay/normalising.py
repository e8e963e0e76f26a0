"""What differs between two recordings of one commit, and what takes its place."""

import hashlib
import json
import re
from typing import Any, NamedTuple

from tools.replay.exchange import Answer

REAL = "<real time>"

MOST_BYTES = 250_000
"""Longer bodies are the content of files; that they differ is enough to know."""


class Rule(NamedTuple):
    """Text that is replaced in requests whose path begins with `path`, and in their answers."""

    path: str
    what: str
    pattern: re.Pattern[str]
    replacement: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


RULES = (
    Rule(
        "/_mock",
        "leases, which are secrets that nobody can guess",
        re.compile(r'("lease":\s*"|lease=)[\w-]{43}'),
        r"\1<lease>",
    ),
    Rule(
        "/_mock",
        "the members `ahead`, `idle`, `real` and `took`, which hold real time",
        re.compile(r'"(ahead|idle|real|took)":\s*-?[0-9.e+-]+'),
        rf'"\1":"{REAL}"',
    ),
    Rule(
        "/_mock",
        "the hash of a snapshot, whose database holds the real time at which its clock was set",
        re.compile(r'"hash":"[0-9a-f]{64}"'),
        '"hash":"<hash>"',
    ),
    Rule(
        "/_mock",
        "the size of a snapshot's file, for the same reason",
        re.compile(r'("hash":"<hash>",)"size":\d+'),
        r'\1"size":"<size>"',
    ),
    Rule(
        "/_ui",
        "session cookies, which are signed with a key that each server draws",
        re.compile(r"(?:guest|trusted)\.[\w-]+\.[0-9a-f]{64}"),
        "<session>",
    ),
    Rule(
        "/_ui",
        "the hidden field `form_token`, which forms had until Origin and Sec-Fetch-Site alone guarded them",
        re.compile(
            r'(?:data: )?[ ]*<input type="hidden" name="form_token" value="[0-9a-f]{64}">\n?|form_token=[0-9a-f]{64}&?'
        ),
        "",
    ),
    Rule(
        "/_ui",
        "the hidden field `once`, whose value each page draws anew",
        re.compile(r'<input type="hidden" name="once" value="[\w-]{43}">'),
        "",
    ),
    Rule(
        "/_ui",
        "the port in the names of cookies, and the real time at which a deleted cookie expires",
        re.compile(r"(codeocean_mock_[a-z]+_)\d+|(expires=)[^;]+ GMT(?=;)"),
        r"\1\2<port or time>",
    ),
    Rule(
        "/_ui",
        "how long requests took, when they really came, how far ahead a clock is, how long a world was idle",
        re.compile(
            r'(Real time</dt><dd>|Ahead of real time</dt><dd>).*?(?=</dd>)|(<td class="number wide">)[^<]*(?=<)'
        ),
        rf"\1\2{REAL}",
    ),
    Rule(
        "/_ui",
        "the size of a snapshot's file",
        re.compile(r'(?<=<td class="number">)[\d.]+\sKB(?=</td>\s*<td class="row">)'),
        "<size>",
    ),
    Rule(
        "/_ui",
        "the time of a world whose clock is real time",
        re.compile(r'<time datetime="[^"]*" data-now="[^"]*" data-scale="1.0">[^<]*'),
        f'<time data-scale="1.0">{REAL}',
    ),
)

SNAPSHOT = "/_mock: the database in a snapshot's file, of which the head alone is compared"
UNTIMED = "the header Date of answers of a world that a token has made, whose clock is real time"
LENGTH = "the header Content-Length where it is the length of the body: that it is, and the body, are compared"

NORMALISATIONS = (*map(str, RULES), SNAPSHOT, UNTIMED, LENGTH)
"""All of them, one line each."""


def normalised(path: str, answer: Answer, *, untimed: bool = False) -> Answer:
    """The answer to a request for `path` without what no other server could repeat; `untimed` without its date."""
    headers = []
    for name, value in answer.headers:
        if name.lower() == "content-length" and value == str(len(answer.body)):
            headers.append((name, "<length of the body>"))
        elif not (untimed and name.lower() == "date"):
            headers.append((name, replaced(path, value.encode()).decode()))
    return Answer(answer.status, headers, replaced(path, answer.body), answer.cut)


def replaced(path: str, content: bytes) -> bytes:
    """Apply the rules to a body or header of a request to `path` or its answer; binary content stays as it is."""
    try:
        text = _head(content).decode()
    except UnicodeDecodeError:
        return content
    for rule in RULES:
        if path.startswith(rule.path):
            text = rule.pattern.sub(rule.replacement, text)
    return text.encode()


def _head(body: bytes) -> bytes:
    """The two lines at the beginning of a snapshot's file; any other body as it is."""
    if not body.startswith(b"codeocean-mock snapshot\n"):
        return body
    return b"".join(body.splitlines(keepends=True)[:2])


def written(body: bytes) -> Any:
    """Return a body as a recording holds it: parsed JSON where that loses nothing, else text, else hexadecimal digits;
    a long body as its hash.
    """
    if len(body) > MOST_BYTES:
        return {"length": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {"bytes": body.hex()}
    try:
        parsed = json.loads(text)
    except ValueError:
        return text
    return {"json": parsed} if json.dumps(parsed, separators=(",", ":"), ensure_ascii=False) == text else text
