"""Mutants that a seed draws: which there are, which count, and what is said of those that survive.

Run by `make mutants-sample`: the library that draws is not among what tests need.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests import ids
from tools.random_mutants import conversation, kept, report, trial
from tools.random_mutants.conversation import Eyes, Part
from tools.random_mutants.hunting import Hunted, Red
from tools.random_mutants.mutations import BUILD_TIME, CONTROL_ALONE, PARTS, ROOT, Mutation, draw, of_product, of_source
from tools.random_mutants.trial import Fate, Trial

ONE, TWO = "11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"
PLACE = "mock_server/services/example.py"


@pytest.fixture(scope="module")
def everything() -> list[Mutation]:
    """All mutations, as if every line were reached."""
    files = [file for part in PARTS for file in (ROOT / "mock_server" / part).rglob("*.py")]
    reached = {
        file.relative_to(ROOT).as_posix(): set(range(1, file.read_text().count("\n") + 1)) for file in sorted(files)
    }
    return list(of_product(reached))


@pytest.fixture(scope="module")
def expected() -> list[Part]:
    return conversation.record()


def changed(source: str) -> set[str]:
    return {mutation.change(source) for mutation in of_source(PLACE, source)}


def of_line(path: str, old: str, new: str) -> Mutation:
    """A mutation that exchanges a text of a module, of which there is one."""
    source = (ROOT / path).read_text()
    assert source.count(old) == 1
    return Mutation(path, source[: source.index(old)].count("\n") + 1, "test", lambda text: text.replace(old, new))


def tried(mutation: Mutation, expected: list[Part]) -> Trial:
    return trial.run(mutation, expected, ("short",), lambda _: None)


def test_a_seed_draws_the_same_each_time_and_another_draws_otherwise(everything: list[Mutation]) -> None:
    one, other, again = (draw(everything, seed, 40) for seed in (1, 2, 1))
    places = [[(each.path, each.line, each.operator, each.diff()) for each in sample] for sample in (one, other, again)]
    assert places[0] == places[2] != places[1]


def test_each_package_and_each_operator_has_its_share(everything: list[Mutation]) -> None:
    sample = draw(everything, 1, 100)
    assert {part: sum(each.part == part for each in sample) for part in PARTS} == dict.fromkeys(PARTS, 20)
    assert len({each.operator for each in sample}) > 12


def test_what_survived_is_found_again_where_it_stands_now(everything: list[Mutation], tmp_path: Path) -> None:
    drawn = draw(everything, 5, 3)
    trials = [trial.of(each) for each in drawn]
    for each, red in zip(trials, (None, Red("oracles", "pages", "…"), None), strict=True):
        each.forms = {"short": Hunted(red, 1.0, red is not None)}
    report.write(tmp_path / "tried.json", trials, ["short"], 5)
    moved = [replace(each, line=each.line + 7) for each in drawn]
    found = kept.find(moved, kept.survivors(tmp_path / "tried.json"))
    assert {each.diff()[-1] for each in found} == {drawn[0].diff()[-1], drawn[2].diff()[-1]}


def test_the_sample_is_in_the_source(everything: list[Mutation]) -> None:
    """What is no longer there would be left out without a word. `--keep` makes another sample."""
    there = {kept.key(each.path, each.operator, each.diff()) for each in kept.find(everything, kept.sample())}
    assert [key for key in kept.sample() if key not in there] == []


def test_what_is_left_out_is_there() -> None:
    assert [path for path in (BUILD_TIME, *CONTROL_ALONE) if not (ROOT / path).exists()] == []


def test_another_id_is_as_good_as_the_first_if_it_is_used_alike() -> None:
    line = {"target": "/api/v1/computations", "status": 200, "headers": [], "body": {"id": ONE, "of": ids.CAPSULE}}
    text = json.dumps(line)
    renamed, mixed = json.loads(text.replace(ONE, TWO)), json.loads(text.replace(ids.CAPSULE, ONE))
    assert Eyes().see(line) == Eyes().see(renamed)
    assert Eyes().see(line) != Eyes().see(mixed)
    eyes = Eyes()
    assert eyes.see(line) != eyes.see(renamed)


def test_a_refusal_may_be_reworded_and_has_to_say_something() -> None:
    line = {"target": "/api/v1/capsules/1", "status": 404, "headers": [], "body": {"json": {"message": "no capsule"}}}
    other, empty = (line | {"body": {"json": {"message": words}}} for words in ("not found", ""))
    assert Eyes().see(line) == Eyes().see(other)
    assert Eyes().see(line) != Eyes().see(empty)
    assert Eyes().see(line | {"status": 200}) != Eyes().see(other | {"status": 200})


def test_allowed_methods_are_a_set_and_a_signature_that_is_repeated_is_any() -> None:
    line = {"target": "/_files/a", "status": 405, "headers": [["Allow", "GET, PUT"]], "body": {"text": ""}}
    assert Eyes().see(line) == Eyes().see(line | {"headers": [["allow", "PUT, GET"]]})
    assert Eyes().see(line) != Eyes().see(line | {"headers": [["Allow", "GET"]]})
    signed, other = (line | {"body": f"<SignatureProvided>{text}</SignatureProvided>"} for text in ("1f", "2e"))
    assert Eyes().see(signed) == Eyes().see(other) != Eyes().see(line)


def test_every_mutation_of_a_sample_is_a_change_that_compiles(everything: list[Mutation]) -> None:
    for mutation in draw(everything, 3, 60):
        source = (ROOT / mutation.path).read_text()
        assert mutation.source() != source
        compile(mutation.source(), mutation.path, "exec", dont_inherit=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = a < b\n", "x = a <= b\n"),
        ("x = a == b\n", "x = a != b\n"),
        ("x = a in b\n", "x = a not in b\n"),
        ("x = a not in b\n", "x = a in b\n"),
        ("x = a and b\n", "x = a or b\n"),
        ("x = a and b\n", "x = b\n"),
        ("x = not a\n", "x = a\n"),
        ("x = True\n", "x = False\n"),
        ("x = limit + 1\n", "x = limit + 2\n"),
        ("x = 'é', 'name'\n", "x = 'é', \"\"\n"),
        ("x = call(a, b)\n", "x = call(b, a)\n"),
        ("x = call(a, key=b)\n", "x = call(a)\n"),
        ("x = (a, b, c)\n", "x = (a, c)\n"),
        ("x = [a, b]\n", "x = [b, a]\n"),
        ("x = {a: 1, b: 2}\n", "x = {b: 2}\n"),
        ("x = a if b else c\n", "x = c\n"),
        ("x = [a for a in b if a]\n", "x = [a for a in b if True]\n"),
        ("x = sorted(a)\n", "x = list(a)\n"),
        ("x = a.lower()\n", "x = a\n"),
        ("x = a[1:n]\n", "x = a[1:]\n"),
        ("def f():\n    store()\n", "def f():\n    pass\n"),
        ("def f():\n    return a\n", "def f():\n    return None\n"),
        ('x = "SELECT a FROM t WHERE b = 1 AND d > 2 ORDER BY f"\n', 'x = "SELECT a FROM t WHERE d > 2 ORDER BY f"\n'),
        ('x = "SELECT a FROM t WHERE b = 1 AND d > 2 ORDER BY f"\n', 'x = "SELECT a FROM t WHERE b = 1 ORDER BY f"\n'),
        ('x = "SELECT a FROM t WHERE b = :c"\n', 'x = "SELECT a FROM t WHERE b != :c"\n'),
        ('x = "SELECT a FROM t WHERE NOT (EXISTS (SELECT b))"\n', 'x = "SELECT a FROM t WHERE (EXISTS (SELECT b))"\n'),
        ('x = "SELECT a FROM t ORDER BY b DESC, c"\n', 'x = "SELECT a FROM t ORDER BY b, c"\n'),
        ('x = "SELECT a FROM t ORDER BY b DESC, c"\n', 'x = "SELECT a FROM t ORDER BY b DESC"\n'),
    ],
)  # fmt: skip
def test_an_operator_makes_this_change(before: str, after: str) -> None:
    # cosmic-ray puts a space before what it changes.
    assert after.replace(" ", "") in {text.replace(" ", "") for text in changed(before)}


@pytest.mark.parametrize(
    "source",
    [
        '"""Says what it is."""\n',
        "def f(a: int | None) -> str | None:\n    ...\n",
        "import a, b\n",
        'log.info("a", 1)\n',
        'route(summary="a", example={"a": 1, "b": 2})\n',
    ],
)
def test_what_nobody_can_see_is_left_alone(source: str) -> None:
    assert changed(source) == set()


def test_the_message_of_an_error_is_emptied_and_not_reworded() -> None:
    source = 'def f():\n    raise BadRequestError("no such thing")\n'
    texts = [mutation.change(source) for mutation in of_source(PLACE, source) if mutation.operator == "text"]
    assert texts == ['def f():\n    raise BadRequestError("")\n']


def test_the_conversation_has_the_same_answers_twice(expected: list[Part]) -> None:
    conversation.repeat(expected)
    assert sum(200 <= line["status"] < 300 for part in expected for line in part.lines) > 500


def test_a_change_that_no_answer_shows_does_not_count(expected: list[Part]) -> None:
    found = tried(of_line("mock_server/services/data_assets.py", 'M = TypeVar("M"', 'M = TypeVar("M2"'), expected)
    assert found.fate is Fate.UNSEEN
    assert report.rate([found], "short") == 1.0


def test_a_change_that_an_answer_shows_counts_and_is_seen(expected: list[Part]) -> None:
    path = "mock_server/store/sql.py"
    found = tried(
        of_line(path, "ORDER BY computation.created DESC, computation.id')", "ORDER BY computation.id')"), expected
    )
    assert found.fate is Fate.SEEN
    assert found.request is not None
    assert found.answer is not None
    assert found.request["body"] != found.answer["body"]
    assert found.is_seen_by("short")


def test_what_does_not_start_is_told_apart(expected: list[Part]) -> None:
    found = tried(of_line("mock_server/services/data_assets.py", 'DEFAULT_SORT = ("created", True)', "1 / 0"), expected)
    assert found.fate is Fate.DEAD
    assert report.rate([found], "short") == report.rate([found], "short", with_dead=True) == 1.0


def test_a_survivor_is_reported_with_its_change_and_the_request_that_shows_it() -> None:
    survivor = Trial("store", PLACE, 12, "comparison", ["@@ -12 +12 @@", "-a < b", "+a <= b"], Fate.SURVIVED)
    survivor.request = {"method": "GET", "target": "/api/v1/capsules/1", "status": 200, "body": {"json": {"size": 1}}}
    survivor.answer = survivor.request | {"body": {"json": {"size": 2}}}
    survivor.forms = {"short": Hunted(None, 1.0), "full": Hunted(None, 2.0)}
    seen = Trial("store", PLACE, 13, "comparison", [], Fate.SEEN)
    seen.forms = dict.fromkeys(("short", "full"), Hunted(Red("oracles", "pages", "…"), 1.0, True))
    text = report.survivor(survivor)
    for part in (f"{PLACE}:12", "-a < b", "+a <= b", "GET /api/v1/capsules/1", '"size": 1', '"size": 2'):
        assert part in text
    assert report.missed([survivor, seen], "full") == [survivor]
    assert report.rate([survivor, seen], "full") == 0.5
