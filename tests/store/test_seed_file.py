"""Seed files: the packaged ones are read, and whatever is wrong in one is named by line and field."""

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from mock_server.documents.document_error import DocumentError, Problem
from mock_server.documents.seed_file import read
from mock_server.documents.seed_model import SeedFileModel
from mock_server.seeds import PACKAGED
from mock_server.services import access
from mock_server.settings import Settings
from mock_server.worlds import Worlds

# Five lines: what a test adds begins on line 6.
HEAD = """\
version: 1
users:
  - {id: ann, email: ann@example.com, name: Ann}
tokens:
  - {token: secret, user: ann@example.com}
"""

CAPSULE = "{id: c, slug: '1234567', name: C, owner: ann@example.com, created: 1}"
ASSET = "{id: d, name: D, mount: d, owner: ann@example.com, created: 1}"

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_one(content: str | bytes) -> Path:
        path = tmp_path / "seed.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_one


def problems_of(path: Path) -> list[Problem]:
    with pytest.raises(DocumentError) as caught:
        read(str(path))
    assert caught.value.source == str(path)
    assert str(caught.value).startswith(f"seed {path}: {caught.value.problems[0]}")
    assert "\n" not in str(caught.value)
    return caught.value.problems


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, problems
    return problems[0]


@pytest.mark.parametrize("name", PACKAGED)
def test_a_packaged_seed_is_read_and_loaded(name: str) -> None:
    seed = read(name)
    assert {token.token for token in seed.tokens} >= {"cop_demo_user", "cop_demo_admin"}
    assert bool(seed.capsules) == bool(seed.data_assets) == (name == "demo")
    world = Worlds(Settings(data_dir=None, seed=name)).default
    assert list(access.tokens(world)) == [token.token for token in seed.tokens]
    world.close()


def test_a_seed_of_ones_own_is_read(write: Write) -> None:
    seed = read(str(write(HEAD + f"capsules:\n  - {CAPSULE}\ndata_assets:\n  - {ASSET}\n")))
    assert isinstance(seed, SeedFileModel)
    assert [capsule.id for capsule in seed.capsules] == ["c"]
    assert seed.capsules[0].scenario == "succeeds"
    assert seed.data_assets[0].files == []


def test_a_byte_order_mark_and_windows_lines_do_no_harm(write: Write) -> None:
    assert read(str(write("\ufeff" + HEAD.replace("\n", "\r\n")))) == read(str(write(HEAD)))


def test_json_is_taken_with_every_character(write: Write) -> None:
    capsule = yaml.safe_load(CAPSULE) | {"name": "\N{GRINNING FACE}"}
    text = json.dumps(yaml.safe_load(HEAD) | {"capsules": [capsule]}, indent="\t")
    assert r"\ud83d\ude00" in text
    assert [one.name for one in read(str(write(text))).capsules] == ["\N{GRINNING FACE}"]


def test_a_missing_file(tmp_path: Path) -> None:
    assert only(problems_of(tmp_path / "none.yaml")) == Problem(1, "", "cannot be read: No such file or directory")


def test_a_directory(tmp_path: Path) -> None:
    problem = only(problems_of(tmp_path))
    assert (problem.line, problem.field) == (1, "")
    assert problem.message.startswith("cannot be read: ")


def test_a_file_that_is_not_utf_8(write: Write) -> None:
    assert only(problems_of(write(HEAD.encode() + b"# caf\xe9\n"))) == Problem(
        1, "", "cannot be read: is not UTF-8 text"
    )


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_an_empty_file(write: Write, text: str) -> None:
    assert only(problems_of(write(text))) == Problem(1, "", "is empty")


@pytest.mark.parametrize(
    ("added", "line"),
    [
        ("capsules: [\n", 7),
        ("capsules:\n  - a\n - b\n", 8),
        ("capsules: ]\n", 6),
        ("name: 'never closed\n", 7),
        ("\tgroups: []\n", 6),
        ("groups: *nothing\n", 6),
        ("groups: {<<: 5}\n", 6),
        ("? {a: 1}\n: 1\n", 6),
        ("groups: []\n? [a, b]\n: 1\n", 7),
        ("---\nversion: 1\n", 6),
    ],
)
def test_broken_yaml(write: Write, added: str, line: int) -> None:
    problem = only(problems_of(write(HEAD + added)))
    assert (problem.line, problem.field) == (line, "")
    assert problem.message.startswith("is not YAML: ")


def test_many_brackets(write: Write) -> None:
    for count in (900, 100_000):
        assert only(problems_of(write("[" * count))).message.startswith("is not YAML")


@pytest.mark.parametrize("text", ["hello\n", "- a\n- b\n", "5\n", "null\n"])
def test_yaml_that_is_no_mapping(write: Write, text: str) -> None:
    problem = only(problems_of(write(text)))
    assert (problem.line, problem.field) == (1, "")


SHAPES = [
    pytest.param("capsules: 5\n", 6, "capsules", "must be a list", id="a number for a list"),
    pytest.param("groups:\n  - 5\n", 7, "groups.0", "must be a mapping", id="a number for a mapping"),
    pytest.param("groups:\n  - name: [x]\n", 7, "groups.0.name", "must be text", id="a list for a text"),
    pytest.param(
        f"capsules:\n  - {CAPSULE[:-1]},\n     archived: perhaps}}\n",
        8,
        "capsules.0.archived",
        "true or false",
        id="a word for a flag",
    ),
    pytest.param("nonsense: 1\n", 6, "nonsense", "unknown field", id="unknown section"),
    pytest.param("groups:\n  - name: g\n    color: red\n", 8, "groups.0.color", "unknown field", id="unknown key"),
    pytest.param("groups:\n\n  # none\n  - {}\n", 9, "groups.0.name", "is missing", id="missing key"),
    pytest.param(
        f"capsules:\n  - {CAPSULE.replace(chr(39), '')}\n", 7, "capsules.0.slug", "must be text", id="bare slug"
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE.replace('1234567', '12')}\n", 7, "capsules.0.slug", "must be", id="short slug"
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE.replace('id: c', 'id: a b')}\n", 7, "capsules.0.id", "must be", id="strange id"
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE[:-1]}, scenario: explodes}}\n",
        7,
        "capsules.0.scenario",
        "there is no scenario called explodes",
        id="unknown scenario",
    ),
    pytest.param(
        f"data_assets:\n  - {ASSET[:-1]}, last_used: -1}}\n",
        7,
        "data_assets.0.last_used",
        "at least 0",
        id="negative time",
    ),
    pytest.param(
        dedent("""\
            buckets:
              - name: b
                files:
                  - {path: a.txt, size: 1}
                  - path: b.txt
                    text: x
                    size: 1
        """),
        10,
        "buckets.0.files.1",
        "exactly one of text, base64 and size",
        id="text and size",
    ),
    pytest.param(
        "buckets:\n  - name: b\n    files:\n      - path: b.txt\n",
        9,
        "buckets.0.files.0",
        "exactly one of text, base64 and size",
        id="neither text nor size",
    ),
    pytest.param(
        dedent("""\
            buckets:
              - name: b
                files:
                  - size: 1
                    path: ../b.txt
        """),
        10,
        "buckets.0.files.0.path",
        "relative path",
        id="path that climbs",
    ),
    pytest.param(
        f"data_assets:\n  - {ASSET.replace('mount: d', 'mount: /d')}\n",
        7,
        "data_assets.0.mount",
        "relative path",
        id="absolute mount",
    ),
    pytest.param(
        dedent("""\
            buckets:
              - name: b
                files:
                  - {path: a/b, size: 1}
                  - {path: a, size: 1}
        """),
        9,
        "buckets.0.files",
        "a is a file and a folder at once",
        id="file and folder",
    ),
    pytest.param(
        "buckets:\n  - name: b\n    files: [{path: a, size: 1}, {path: a, text: x}]\n",
        8,
        "buckets.0.files",
        "the same path twice",
        id="path twice",
    ),
    pytest.param(
        f"data_assets:\n  - {ASSET[:-1]},\n     type: combined}}\n",
        7,
        "data_assets.0",
        "combined and contained_data_assets go together",
        id="combined of nothing",
    ),
    pytest.param(
        f"data_assets:\n  - {ASSET[:-1]},\n     plan: {{stages: {{running: 1}}}}}}\n",
        8,
        "data_assets.0.plan",
        "the stages are not draft, in this order",
        id="stages of something else",
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE[:-1]},\n     data_assets: [{{id: a, mount: m, job: j, plan: {{}}}}]}}\n",
        8,
        "capsules.0.data_assets.0.plan",
        "needs the time at which it started",
        id="an attachment that started at no time",
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE}\ncomputations:\n"
        "  - {id: r, capsule: c, owner: ann@example.com, created: 5, run_time: 5, plan: {state: failed}}\n",
        9,
        "computations.0",
        "exactly one of run_time and plan",
        id="a run time and a plan",
    ),
    pytest.param(
        "buckets:\n  - name: b\n    files: [{path: a, text: x, files: 2}]\n",
        8,
        "buckets.0.files.0",
        "files and drawn_from go with a size alone",
        id="a folder with a text",
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE[:-1]},\n     permissions: [{{role: viewer}}]}}\n",
        8,
        "capsules.0.permissions.0",
        "exactly one of user, group and everyone",
        id="grant without subject",
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE[:-1]},\n     permissions: [{{role: viewer, everyone: true, group: g}}]}}\n",
        8,
        "capsules.0.permissions.0",
        "exactly one of user, group and everyone",
        id="grant with two subjects",
    ),
]


@pytest.mark.parametrize(("added", "line", "field", "message"), SHAPES)
def test_a_value_of_the_wrong_shape(write: Write, added: str, line: int, field: str, message: str) -> None:
    problem = only(problems_of(write(HEAD + added)))
    assert (problem.line, problem.field) == (line, field)
    assert message in problem.message


@pytest.mark.parametrize("version", ["2", "one", "[]", "null"])
def test_another_version_of_seed_files(write: Write, version: str) -> None:
    problem = only(problems_of(write(HEAD.replace("version: 1", f"# a seed\nversion: {version}"))))
    assert (problem.line, problem.field) == (2, "version")


def test_missing_sections(write: Write) -> None:
    problem = only(problems_of(write("# a seed\ngroups: []\n")))
    assert problem == Problem(2, "", "is not a seed file: it has no version, users, tokens")
    problem = only(problems_of(write(HEAD.replace("tokens:", "groups:"))))
    assert problem == Problem(1, "", "is not a seed file: it has no tokens")


REFERENCES = [
    pytest.param(
        "groups:\n  - name: g\n    members:\n      - ann@example.com\n      - bob@example.com\n",
        10,
        "groups.0.members.1",
        "no user has the address bob@example.com",
        id="unknown member",
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE.replace('ann', 'bob')}\n",
        7,
        "capsules.0.owner",
        "no user has the address bob@example.com",
        id="unknown owner",
    ),
    pytest.param(
        f"data_assets:\n  - {ASSET[:-1]},\n     favorite_of: [bob@example.com]}}\n",
        8,
        "data_assets.0.favorite_of.0",
        "no user has the address bob@example.com",
        id="unknown admirer",
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE[:-1]},\n     permissions: [{{role: viewer, user: bob@example.com}}]}}\n",
        8,
        "capsules.0.permissions.0.user",
        "no user has the address bob@example.com",
        id="grant to an unknown user",
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE[:-1]},\n     data_assets: [{{id: nope, mount: x}}]}}\n",
        8,
        "capsules.0.data_assets.0.id",
        "no data asset has the id nope",
        id="unknown data asset",
    ),
    pytest.param(
        f"data_assets:\n  - {ASSET[:-1]}, type: result,\n     captured_from: r}}\n",
        8,
        "data_assets.0.captured_from",
        "no run has the id r",
        id="captured from nothing",
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE}\ndata_assets:\n  - {ASSET[:-1]}, type: result, captured_from: r}}\n"
        "computations:\n  - {id: r, capsule: c, owner: ann@example.com, created: 1, run_time: 1}\n",
        9,
        "data_assets.0.created",
        "the run r, whose results it holds, ended later",
        id="captured too early",
    ),
    pytest.param(
        "computations:\n  - id: r\n    capsule: nope\n    owner: ann@example.com\n    created: 1\n    run_time: 1\n",
        8,
        "computations.0.capsule",
        "no capsule or pipeline has the id nope",
        id="unknown capsule",
    ),
    pytest.param(
        f"pipelines:\n  - {CAPSULE[:-1]},\n     processes: [{{name: p, capsule_id: nope}}]}}\n",
        8,
        "pipelines.0.processes.0.capsule_id",
        "no capsule has the id nope",
        id="unknown capsule of a process",
    ),
    pytest.param(
        dedent(f"""\
            pipelines:
              - {CAPSULE[:-1]}, processes: [{{name: p, capsule_id: c}}]}}
            computations:
              - id: r
                capsule: c
                owner: ann@example.com
                created: 1
                run_time: 1
                processes:
                  - {{name: p, parameters: []}}
                  - {{name: q, parameters: []}}
        """),
        16,
        "computations.0.processes.1.name",
        "what was run has no process q",
        id="unknown process",
    ),
    pytest.param(
        dedent(f"""\
            capsules:
              - {CAPSULE}
            computations:
              - {{id: r, capsule: c, owner: ann@example.com, created: 1, run_time: 1,
                 processes: [{{name: p, parameters: []}}]}}
        """),
        10,
        "computations.0.processes.0.name",
        "what was run has no process p",
        id="process of a capsule",
    ),
    pytest.param(
        f"data_assets:\n  - {ASSET}\n  - {ASSET}\n",
        8,
        "data_assets.1.id",
        "d is already used by data_assets.0",
        id="duplicate id",
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE}\npipelines:\n  - {CAPSULE.replace('1234567', '7654321')}\n",
        9,
        "pipelines.0.id",
        "c is already used by capsules.0",
        id="id of a capsule and a pipeline",
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE}\n  - {CAPSULE.replace('id: c', 'id: e')}\n",
        8,
        "capsules.1.slug",
        "1234567 is already used by capsules.0",
        id="duplicate slug",
    ),
    pytest.param(
        f"capsules:\n  - {CAPSULE[:-1]},\n     release_jobs: [{{id: j, major_version: 1, plan: {{started: 5}}}}]}}\n",
        8,
        "capsules.0.release_jobs",
        "needs a release_capsule",
        id="release job without a release",
    ),
]


@pytest.mark.parametrize(("added", "line", "field", "message"), REFERENCES)
def test_a_name_that_leads_nowhere_or_is_used_twice(
    write: Write, added: str, line: int, field: str, message: str
) -> None:
    assert only(problems_of(write(HEAD + added))) == Problem(line, field, message)


def test_a_token_of_nobody(write: Write) -> None:
    text = HEAD.replace("user: ann", "user: bob")
    assert only(problems_of(write(text))) == Problem(5, "tokens.0.user", "no user has the address bob@example.com")


def test_two_users_with_one_address(write: Write) -> None:
    text = HEAD.replace("tokens:", "  - {id: other, email: ann@example.com, name: Other}\ntokens:")
    assert only(problems_of(write(text))) == Problem(4, "users.1.email", "ann@example.com is already used by users.0")


def test_all_problems_of_shape_are_listed_by_line(write: Write) -> None:
    path = write(HEAD + "extra: 1\ngroups:\n  - {name: '', color: red}\nbuckets: none\n")
    problems = problems_of(path)
    assert [(problem.line, problem.field) for problem in problems] == [
        (6, "extra"),
        (8, "groups.0.color"),
        (8, "groups.0.name"),
        (9, "buckets"),
    ]
    with pytest.raises(DocumentError, match=r"line 6: extra: .* \(and 3 more\)$"):
        read(str(path))


def test_all_contradictions_are_listed_by_line(write: Write) -> None:
    added = dedent("""\
        computations:
          - {id: r, capsule: nope, owner: bob@example.com, created: 1, run_time: 1}
          - {id: r, capsule: nope, owner: ann@example.com, created: 1, run_time: 1,
             data_assets: [{id: gone, mount: x}]}
    """)
    problems = problems_of(write(HEAD + added))
    assert [(problem.line, problem.field) for problem in problems] == [
        (7, "computations.0.capsule"),
        (7, "computations.0.owner"),
        (8, "computations.1.capsule"),
        (8, "computations.1.id"),
        (9, "computations.1.data_assets.0.id"),
    ]


def test_a_problem_below_an_alias_is_named_where_the_text_stands(write: Write) -> None:
    added = dedent("""\
        groups:
          - &one
            name: one
            members: [bob@example.com]
          - <<: *one
            name: two
    """)
    problems = problems_of(write(HEAD + added))
    assert [(problem.line, problem.field) for problem in problems] == [
        (9, "groups.0.members.0"),
        (9, "groups.1.members.0"),
    ]


def test_a_problem_says_where_it_is() -> None:
    assert str(Problem(7, "users.0.id", "is bad")) == "line 7: users.0.id: is bad"
    assert str(Problem(1, "", "is empty")) == "line 1: is empty"


def _growing(first: str, next_: str) -> str:
    """Nine lines, each of which names the line before nine times."""
    lines = [f"x{number}: &x{number} " + next_.format(", ".join([f"*x{number - 1}"] * 9)) for number in range(1, 9)]
    return "\n".join([f"x0: &x0 {first}", *lines, ""])


BILLIONS = _growing("[a, a, a, a, a, a, a, a, a]", "[{}]")
MERGED_BILLIONS = _growing("{a: 1, b: 2, c: 3, d: 4, e: 5}", "{{<<: [{}]}}")


def test_a_few_thousand_values_through_aliases_are_taken(write: Write) -> None:
    names = "x0: &x0 [a, a, a]\n" + f"x1: [{', '.join(['*x0'] * 2000)}]\n"
    assert {problem.message for problem in problems_of(write(HEAD + names))} == {
        "unknown field `x0`",
        "unknown field `x1`",
    }


@pytest.mark.parametrize(
    ("added", "line", "words"),
    [
        ("groups: !!int ''\n", 6, "a value is not the int that its tag says"),
        ("groups: []\ncapsules: !!float ''\n", 7, "a value is not the float that its tag says"),
        ("groups: !!bool x\n", 6, "a value is not the bool that its tag says"),
        ("groups: !!timestamp x\n", 6, "a tag that is not of the core schema"),
        ("groups: !unknown []\n", 6, "a tag that is not of the core schema"),
        ("groups: !!set {a}\n", 6, "a tag that is not of the core schema"),
        (f"groups: {'9' * 401}\n", 6, "a number has more than 400 characters"),
        ("groups: []\ncapsules: \x01\n", 7, "characters are not allowed"),
        ("groups: []\ngroups: []\n", 7, "the same key twice"),
        ("groups: &all [*all]\n", 6, "an alias stands inside"),
        (BILLIONS, 12, "its aliases stand for more than 1000000 values"),
        (MERGED_BILLIONS, 12, "its aliases stand for more than 1000000 values"),
    ],
)
def test_values_that_are_none(write: Write, added: str, line: int, words: str) -> None:
    problem = only(problems_of(write(HEAD + added)))
    assert problem.line == line
    assert words in problem.message


@pytest.mark.parametrize("path", ["output", "output/x", "nextflow/trace.txt"])
def test_results_may_not_be_called_like_the_services_own_files(write: Write, path: str) -> None:
    added = dedent(f"""\
        capsules:
          - id: c1
            slug: "1234567"
            name: One
            owner: ann@example.com
            created: 5
            results: [{{path: {path}, text: x}}]
    """)
    problem = only(problems_of(write(HEAD + added)))
    assert (problem.line, problem.field) == (12, "capsules.0.results")


def test_a_group_that_is_not_there(write: Write) -> None:
    added = dedent("""\
        data_assets:
          - id: d1
            name: One
            mount: one
            owner: ann@example.com
            created: 5
            permissions: [{group: nobody, role: viewer}]
    """)
    assert only(problems_of(write(HEAD + added))) == Problem(
        12, "data_assets.0.permissions.0.group", "there is no group nobody"
    )


ASSET_WITH = "{id: d, name: D, mount: d, owner: ann@example.com, created: 1, %s}"
CAPSULE_WITH = "{id: c, slug: '1234567', name: C, owner: ann@example.com, created: 1, %s}"
PROCESSES = "processes: [{name: a, capsule_id: c}, {name: a, capsule_id: c}]"


@pytest.mark.parametrize(
    ("section", "item", "field"),
    [
        ("data_assets", ASSET_WITH % "permissions: [{everyone: true, role: editor}]", "data_assets.0.permissions.0"),
        (
            "data_assets",
            ASSET_WITH % "permissions: [{user: ann@example.com, role: discoverable}]",
            "data_assets.0.permissions.0",
        ),
        ("capsules", CAPSULE_WITH % "release_capsule: nowhere", "capsules.0.release_capsule"),
        ("capsules", CAPSULE_WITH % "release_capsule: c, status: release", "capsules.0.release_capsule"),
        (
            "capsules",
            CAPSULE_WITH % "parameters: [{name: A, pattern: 'a{99999999999999999999}'}]",
            "capsules.0.parameters.0.pattern",
        ),
        (
            "capsules",
            CAPSULE_WITH % "parameters: [{name: A, param_name: x}, {name: B, param_name: x}]",
            "capsules.0.parameters.1.param_name",
        ),
        (
            "capsules",
            CAPSULE_WITH % "parameters: [{name: A, minimum: 5, maximum: 1}]",
            "capsules.0.parameters.0.minimum",
        ),
        (
            "capsules",
            CAPSULE_WITH % "parameters: [{name: A, value_type: integer, default_value: zz}]",
            "capsules.0.parameters.0.default_value",
        ),
        ("pipelines", CAPSULE_WITH % PROCESSES, "pipelines.0.processes.1.name"),
    ],
)
def test_what_could_not_be_served(write: Write, section: str, item: str, field: str) -> None:
    assert field in {problem.field for problem in problems_of(write(f"{HEAD}{section}: [{item}]\n"))}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ("{name: f, type: string, range: {min: 0}}", "custom_metadata.fields.0"),
        ("{name: f, type: number, range: {min: 5, max: 1}}", "custom_metadata.fields.0"),
        ("{name: f, type: number, allowed_values: ['1']}", "custom_metadata.fields.0"),
        ("{name: f, type: number}, {name: f, type: string}", "custom_metadata.fields.1.name"),
        ("{name: f, type: number}", "data_assets.0.custom_metadata"),
    ],
)
def test_metadata_that_could_not_be_served(write: Write, fields: str, field: str) -> None:
    asset = ASSET_WITH % "custom_metadata: {f: x}"
    added = f"custom_metadata: {{fields: [{fields}]}}\ndata_assets: [{asset}]\n"
    assert field in {problem.field for problem in problems_of(write(HEAD + added))}
