"""A seed file is refused with all that is wrong in it at once: the parts, and what they contradict."""

import json
from pathlib import Path

import pytest

from mock_server.documents.document_error import DocumentError
from mock_server.documents.seed_file import parse
from tests.process import run

HEAD = "version: 1\nusers:\n  - {id: u1, email: a@x.org, name: Ada}\ntokens: []\n"
CAPSULE = "id: c1, slug: '1234567', name: Cells, owner: a@x.org, created: 1"
RUN = "id: r1, capsule: c1, owner: a@x.org, created: 1"

SEVERAL = f"""{HEAD}capsules:
  - {{{CAPSULE}, result: []}}
  - 12
computations:
  - {{{RUN}, run_time: x, scenario: nope}}
  - {{id: r1, capsule: c2, owner: b@x.org, created: 1, run_time: 1}}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as refusal:
        parse(text, "seed.yaml")
    return [f"{one.field}: {one.message}" for one in refusal.value.problems]


def test_parts_and_references_are_told_together() -> None:
    assert problems(SEVERAL) == [
        "capsules.0.result: unknown field `result`; did you mean `results`?",
        "capsules.1: must be a mapping, not a number",
        'computations.0.run_time: must be a whole number, not "x"',
        "computations.0.scenario: there is no scenario called nope",
        "computations.1.capsule: no capsule or pipeline has the id c2",
        "computations.1.id: r1 is already used by computations.0",
        "computations.1.owner: no user has the address b@x.org",
    ]


@pytest.mark.parametrize(
    ("text", "only"),
    [
        # What refers to something that is wrong itself is right.
        (
            HEAD + f"capsules: [{{{CAPSULE.replace('c1', 'c 1')}}}]\n"
            f"computations: [{{{RUN.replace('c1', 'c2')}, run_time: 1}}]\n",
            [
                "capsules.0.id: must be letters, digits, hyphens and underscores, at most 100 of them",
                "computations.0.capsule: no capsule or pipeline has the id c2",
            ],
        ),
        # A section that is called otherwise holds what others refer to.
        (
            HEAD + f"capsule: [{{{CAPSULE}}}]\ncomputations: [{{{RUN}, run_time: 1}}]\n",
            ["capsule: unknown field `capsule`; did you mean `capsules`?"],
        ),
        # Times that cannot be read are not compared.
        (
            HEAD
            + f"capsules: [{{{CAPSULE}}}]\ncomputations: [{{{RUN.replace('created: 1', 'created: x')}, run_time: 1}}]\n"
            "data_assets: [{id: d1, name: D, mount: d, owner: a@x.org, created: 1, type: result, captured_from: r1}]\n",
            ['computations.0.created: must be a number, not "x"'],
        ),
        # Fields of assets are not checked by metadata that cannot be read.
        (
            HEAD + "custom_metadata: {fields: [{name: a, type: x}]}\n"
            "data_assets: [{id: d1, name: D, mount: d, owner: a@x.org, created: 1, custom_metadata: {a: b}}]\n",
            ["custom_metadata.fields.0.type: must be 'string', 'number' or 'date'"],
        ),
    ],
)
def test_what_only_follows_from_another_problem_is_not_told(text: str, only: list[str]) -> None:
    assert problems(text) == only


def test_the_command_prints_them_in_lines_or_as_json(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(HEAD + f"capsules: [{{{CAPSULE}, result: []}}]\n")
    told = run("seed", "check", str(file))
    problem = "unknown field `result`; did you mean `results`?"
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == f"{file}: line 5: capsules.0.result: {problem}\n"
    listed = run("seed", "check", "--json", str(file))
    entry = {"line": 5, "field": "capsules.0.result", "message": problem}
    assert (listed.returncode, json.loads(listed.stdout), listed.stderr) == (1, {"problems": [entry]}, "")


def test_one_user_is_no_users(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(HEAD)
    counts = "1 user, 0 capsules, 0 pipelines, 0 computations, 0 data assets, 0 buckets"
    assert run("seed", "check", str(file)).stdout == f"{file}: fine: {counts}\n"
    names = ("users", "capsules", "pipelines", "computations", "data_assets", "buckets")
    assert json.loads(run("seed", "check", "--json", str(file)).stdout) == {
        "counts": {name: int(name == "users") for name in names},
        "warnings": [],
        "problems": [],
    }


@pytest.mark.parametrize("wrong", ["scenario: nowhere", "result: []"], ids=["a reference", "a part"])
def test_scenarios_that_refer_to_nothing_are_told_beside_what_else_is_wrong(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(HEAD + f"capsules: [{{{CAPSULE}, {wrong}}}]\nscenarios: [{{name: one, like: nobody}}]\n")
    first, second = run("seed", "check", str(file)).stderr.splitlines()
    assert f": capsules.0.{wrong.partition(':')[0]}: " in first
    assert ": scenarios.0.like: no computation scenario called nobody is built in or stands before this one" in second
