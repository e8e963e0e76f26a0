"""`contract rules`: what the contract says, and which checks judge it."""

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from mock_server.cli.common import write, write_json, write_table
from mock_server.cli.contract_options import failing_cleanly

if TYPE_CHECKING:
    from contract_tests.rules.rule import Rule

MOST_JUDGES = 4


def rules(
    text: Annotated[str, typer.Argument(help="Only rules with this text in their id, sentence or source.")] = "",
    operation: Annotated[str | None, typer.Option("--operation", help="Only rules of this operation.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rules as JSON.")] = False,
) -> None:
    """List the rules of the contract with the checks that judge each in a complete run."""
    with failing_cleanly():
        from contract_tests import suite
        from contract_tests.options import CannotRunError
        from contract_tests.rules.catalog import listed_judges
        from contract_tests.transport.operations import OPERATIONS

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


def _judges(rule: "Rule", judges: tuple[str, ...]) -> str:
    if not judges:
        return f"none: {rule.unjudged}" if rule.unjudged else "none yet"
    more = f" and {len(judges) - MOST_JUDGES} more" if len(judges) > MOST_JUDGES else ""
    return ", ".join(judges[:MOST_JUDGES]) + more


def _row(rule: "Rule", judges: tuple[str, ...]) -> dict[str, object]:
    return {
        "id": rule.id,
        "subject": rule.subject,
        "sentence": rule.sentence,
        "source": rule.source,
        "judges": list(judges),
        "unjudged": rule.unjudged,
    }


def _counts(chosen: list["Rule"], judged: Counter[bool]) -> str:
    subjects = {rule.subject for rule in chosen}
    left = f", {judged[False]} without a judge" if judged[False] else ""
    return f"{len(chosen)} rules of {len(subjects)} subjects, {judged[True]} judged in a complete run{left}"
