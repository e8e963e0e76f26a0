"""Changes of SQL: clauses, conditions and terms that are dropped or turned around."""

import re
from collections.abc import Iterator

Cut = tuple[int, int, str]
"""Start, end, and what takes the place of the text between them."""

_SQL = re.compile(
    r"\bSELECT\b.*\bFROM\b|\bUPDATE\b.*\bSET\b|\bDELETE FROM\b|\bORDER BY\b|\bWHERE\b|^\W*(AND|OR) |\b(ASC|DESC)\b"
    r"|\bNOT IN\b|\bEXISTS\b|\bJOIN\b|\bMATCH\b| (<|<=|>|>=|=) [:?{]",
    re.DOTALL,
)
_DECLARES = re.compile(r"\bCREATE (UNIQUE )?(TABLE|INDEX|VIRTUAL)|\bPRAGMA\b")
_TERM = r'(?:"\w+"|[\w.]+|\{[^}]*\})(?: ASC| DESC)?'
_ORDER = re.compile(rf"ORDER BY ({_TERM}(?:, {_TERM})*)")
_NEXT = re.compile(r"\b(AND|OR|ORDER BY|GROUP BY|LIMIT|RETURNING|UNION|HAVING)\b")

TURNED: tuple[tuple[str, str], ...] = (
    (r"<=", "<"), (r">=", ">"), (r"(?<![<>!])=(?!=)(?= )", "!="), (r"!=", "="), (r"<(?![=>])", "<="),
    (r"(?<!-)(?<!>)>(?![=>])", ">="), (r"\bAND\b", "OR"), (r"\bOR\b", "AND"), (r"\bNOT IN\b", "IN"),
    (r"(?<!NOT )\bIN\b", "NOT IN"), (r"\bNOT (?=\(?EXISTS\b)", ""), (r"\bIS NOT NULL\b", "IS NULL"),
    (r"\bIS NULL\b", "IS NOT NULL"), (r" DESC\b", ""), (r" ASC\b", " DESC"), (r"\bDISTINCT ", ""),
    (r"\bmax\(", "min("), (r"\bmin\(", "max("), (r" COLLATE NOCASE\b", ""), (r"\blower\(", "("),
)  # fmt: skip


def is_sql(text: str) -> bool:
    """Whether a text is SQL, or a piece of it, that can be changed."""
    return _SQL.search(text) is not None and _DECLARES.search(text) is None


def cuts(code: str) -> Iterator[Cut]:
    """The changes of a literal; some of them are no SQL, which a server says when it runs them."""
    for pattern, text in TURNED:
        for found in re.finditer(pattern, code):
            if not _is_assignment(code, found.start()):
                yield found.start(), found.end(), text
    yield from _conditions(code)
    yield from _order(code)


def _is_assignment(code: str, at: int) -> bool:
    """Whether it is the = of SET: turned around it is no SQL."""
    begins = code.rfind(" SET ", 0, at)
    return begins >= 0 and "WHERE" not in code[begins:at]


def _conditions(code: str) -> Iterator[Cut]:
    """Each condition of a WHERE dropped."""
    for found in re.finditer(r"\bWHERE ", code):
        end = _end_of_condition(code, found.end())
        if code[end : end + 4] == "AND ":
            yield found.end(), end + 4, ""
        else:
            yield found.end(), end, "1 " if code[end - 1 : end] == " " else "1"
    for found in re.finditer(r" AND ", code):
        end = _end_of_condition(code, found.end())
        yield found.start() + 1, end, ""


def _end_of_condition(code: str, start: int) -> int:
    """Where a condition ends: at the next word of its own level, at the bracket that closes it, or at a quote."""
    depth = 0
    for at in range(start, len(code)):
        sign = code[at]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        if depth < 0 or (depth == 0 and sign in '"\n' and '"' not in code[at + 1 : at + 20]):
            return at
        if depth == 0 and at > start and _NEXT.match(code, at):
            return at
    return len(code.rstrip("'\""))


def _order(code: str) -> Iterator[Cut]:
    """The terms of an ORDER BY dropped, swapped, or turned around."""
    for found in _ORDER.finditer(code):
        start, terms = found.start(1), found[1].split(", ")
        if len(terms) > 1:
            yield from ((start, found.end(1), ", ".join(terms[:n] + terms[n + 1 :])) for n in range(len(terms)))
            yield start, found.end(1), ", ".join(reversed(terms))
        for term in terms:
            if not term.endswith(("ASC", "DESC")):
                at = code.index(term, start) + len(term)
                yield at, at, " DESC"
