"""What is wrong with a template is said by line and column of the file."""

from pathlib import Path

import pytest

from mock_server.documents import scenario_file, seed_file
from mock_server.documents.document_error import DocumentError
from tests.cli.conftest import command
from tests.store.test_seed_file import HEAD as USERS

HEAD = (
    f"{USERS}capsules:\n"
    + """\
  - id: c1
    slug: "1234567"
    name: C
    owner: ann@example.com
    created: 1
    parameters:
      - {name: Number of rows, param_name: rows}
    results:
"""
)


def problem(body: str) -> str:
    """What is said of a seed file whose results are these."""
    with pytest.raises(DocumentError) as refused:
        seed_file.parse(HEAD + body, "seed.yaml")
    assert len(refused.value.problems) == 1
    return str(refused.value.problems[0])


FIELD = "capsules.0.results.0"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "      - path: a\n        template: |\n          one\n            {{ parameters.rows | colour }}\n",
            f"line 18, column 34: {FIELD}.template: unknown filter",
        ),
        (
            "      - {path: a, template: '{{ colour }}'}\n",
            f'line 15, column 33: {FIELD}.template: unknown name "colour"',
        ),
        ("      - path: a\n        template: x {{ 1 + }}\n", f"line 16, column 28: {FIELD}.template: unexpected"),
        (
            "      - path: a\n        template: \"x {{ 'a' | b }}\"\n",
            f"line 16, column 31: {FIELD}.template: unknown filter",
        ),
        (
            '      - path: a\n        template: "\\tx {{ colour }}"\n',
            f"line 16, column 19: {FIELD}.template: unknown name",
        ),
        (
            "      - path: a\n        template: >\n          x\n          {{ colour }}\n",
            f"line 16, column 19: {FIELD}.template: unknown name",
        ),
        (
            "      - path: a\n        template: |-\n\n          é{% for x in [1] %}\n          {{ y }}{% endfor %}",
            f"line 19, column 14: {FIELD}.template: unknown name",
        ),
        ("      - path: a\n        template: |\n          {% if 1 %}\n", "line 17, column"),
        (
            "      - path: a\n        template: |\n          {{ parameters.colour }}\n",
            f'line 17, column 24: {FIELD}.template: the app panel has no parameter "colour"',
        ),
        (
            "      - path: '{{ item }}'\n        template: x\n",
            f'line 15, column 19: {FIELD}.path: unknown name "item"',
        ),
        (
            "      - path: '{{ item }}'\n        for_each: parameters.colours\n        text: x\n",
            f'line 16, column 31: {FIELD}.for_each: the app panel has no parameter "colours"',
        ),
        (
            "      - {path: a, for_each: 1 +, template: x}\n",
            f"line 15, column 32: {FIELD}.for_each: unexpected",
        ),
        ("      - {path: a, template: x, text: y}\n", f"line 15: {FIELD}: needs exactly one of template, text, base64"),
        ("      - {path: ../a, template: x}\n", f"line 15: {FIELD}: must be a relative path"),
        ("      - {path: output, template: x}\n", "line 15: capsules.0.results: output is a name"),
        (
            "      - {path: a, template: '{{ run.colour }}'}\n",
            f'line 15, column 36: {FIELD}.template: run has no "colour"; it has created, id, name',
        ),
        (
            "      - {path: a, template: x}\n    log_template: |\n      {{ random.colour() }}\n",
            'line 17, column 23: capsules.0.log_template: unknown function "random.colour"',
        ),
        (
            "      - {path: a, template: \"{% include 'x' %}\"}\n",
            f"line 15, column 33: {FIELD}.template: include is not taken here",
        ),
        ("      - {path: a, template: '{{ rows() }}'}\n", f"line 15, column 37: {FIELD}.template: rows: missing"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(body: str, said: str) -> None:
    assert problem(body).startswith(said)


def test_a_parameter_that_may_be_missing_is_no_problem() -> None:
    body = """\
      - path: a
        template: |
          {{ parameters.colour | default("red") }}{% if parameters.size is defined %}x{% endif %}
          {{ parameters["Number of rows"] }} {{ parameters.rows }}
"""
    seed_file.parse(HEAD + body, "seed.yaml")


def test_all_templates_of_a_capsule_together_are_not_too_long() -> None:
    long = " ".join(["{{ 1 }}"] * 300)
    body = "".join(f"      - {{path: a{number}, template: '{long}'}}\n" for number in range(3))
    assert "the templates of a run have more than 1500 words and signs" in problem(body)


def test_a_scenario_likewise(tmp_path: Path) -> None:
    text = "scenarios:\n  - name: s\n    log_template: |\n      a\n      {{ a b }}\n"
    path = tmp_path / "scenarios.yaml"
    path.write_text(text)
    with pytest.raises(DocumentError, match=r"line 5, column 12: scenarios\.0\.log_template: expected token"):
        scenario_file.read(str(path))


@pytest.mark.parametrize("group", ["seed", "scenarios"])
def test_the_command_line_says_line_and_column(tmp_path: Path, group: str) -> None:
    written = {
        "seed": HEAD + "      - {path: a, template: '{{ colour }}'}\n",
        "scenarios": "scenarios: [{name: s, log_template: '{{ colour }}'}]\n",
    }
    (tmp_path / "file.yaml").write_text(written[group])
    done = command(group, "check", str(tmp_path / "file.yaml"))
    assert done.code == 1
    assert ", column " in done.err
    assert 'unknown name "colour"' in done.err
    assert "Traceback" not in done.err
