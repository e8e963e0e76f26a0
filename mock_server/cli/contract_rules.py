"""What `contract rules` prints. Only that command imports it."""

from collections import Counter
from itertools import groupby

from contract_tests import suite
from contract_tests.options import CannotRunError
from contract_tests.rules.catalog import listed_judges
from contract_tests.rules.rule import Rule
from contract_tests.transport.operations import OPERATIONS
from mock_server.cli.common import write, write_json, write_table

MOST_JUDGES = 4


def write_rules(text: str, operation: str | None, as_json: bool) -> None:
    """Write the rules with `text` in their id, sentence or source, those of one operation alone, each with its judges.

    Raises `CannotRunError` for what is not an operation.
    """
    if operation is not None and operation not in OPERATIONS:
        raise CannotRunError(f'not an operation: "{operation}"; codeocean-mock contract plan lists them')
    judges = listed_judges()
    chosen = [rule for rule in suite.rules().values() if rule.mentions(text) and operation in (None, rule.subject)]
    if as_json:
        write_json([_row(rule, judges.get(rule.id, ())) for rule in chosen])
        return
    for subject, of_subject in groupby(chosen, key=lambda rule: rule.subject):
        rows = [(rule.id, rule.sentence, _judges(rule, judges.get(rule.id, ()))) for rule in of_subject]
        write_table((subject, "rule", "judges"), rows)
        write("")
    write(_counts(chosen, Counter(rule.id in judges for rule in chosen)))


def _judges(rule: Rule, judges: tuple[str, ...]) -> str:
    if not judges:
        return f"none: {rule.unjudged}" if rule.unjudged else "none yet"
    more = f" and {len(judges) - MOST_JUDGES} more" if len(judges) > MOST_JUDGES else ""
    return ", ".join(judges[:MOST_JUDGES]) + more


def _row(rule: Rule, judges: tuple[str, ...]) -> dict[str, object]:
    return {
        "id": rule.id,
        "subject": rule.subject,
        "sentence": rule.sentence,
        "source": rule.source,
        "judges": list(judges),
        "unjudged": rule.unjudged,
    }


def _counts(chosen: list[Rule], judged: Counter[bool]) -> str:
    subjects = {rule.subject for rule in chosen}
    left = f", {judged[False]} without a judge" if judged[False] else ""
    return f"{len(chosen)} rules of {len(subjects)} subjects, {judged[True]} judged in a complete run{left}"
