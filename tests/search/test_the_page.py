"""Every row of the tables of docs/search.md is true."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import Client, Server

HERE = Path(__file__).parent
PAGE = (HERE.parent.parent / "docs/search.md").read_text()
HEADING = re.compile(r"\| (?:query|search) for (data assets|capsules|pipelines) \| (finds|message) \|")
ROW = re.compile(r"\| `(.*)` \| (.*) \|")


class Row(NamedTuple):
    """A row of a table: whom is asked what, and what comes of it."""

    kind: str
    wants: str
    asked: str
    answer: str


def rows() -> Iterator[Row]:
    kind = wants = ""
    for line in PAGE.splitlines():
        if heading := HEADING.fullmatch(line):
            kind, wants = heading[1].replace(" ", "_"), heading[2]
        elif row := ROW.fullmatch(line):
            yield Row(kind, wants, row[1], row[2])


ROWS = list(rows())


@pytest.fixture
def ann(start: Callable[..., Server]) -> Iterator[Client]:
    with Client(start(seed=str(HERE / "world.yaml")).url, "cop_ann") as client:
        yield client


def test_the_page_has_many_rows() -> None:
    assert len(ROWS) >= 60
    assert len({(row.kind, row.asked) for row in ROWS}) == len(ROWS)
    assert sum(line.startswith("| `") for line in PAGE.splitlines()) == len(ROWS)


def test_every_row(ann: Client) -> None:
    wrong = []
    for row in ROWS:
        body = json.loads(row.asked) if row.asked.startswith("{") else {"query": row.asked}
        if row.wants == "message":
            answer = ann.ask("POST", f"/{row.kind}/search", 400, json=body)["message"]
        else:
            found = ann.ask("POST", f"/{row.kind}/search", json=body)["results"]
            answer = ", ".join(entry["id"] for entry in found) or "nothing"
        if answer != row.answer:
            wrong.append(f"{row.kind} {row.asked}: the page says {row.answer}, the answer is {answer}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_what_bob_sees(ann: Client) -> None:
    bob = ann.speaking_as("cop_bob")

    def found(**params: object) -> list[str]:
        return [entry["id"] for entry in bob.ask("POST", "/data_assets/search", json=params)["results"]]

    assert found() == ["secret", "model", "rnaseq", "pophys"]
    assert found(ownership="shared") == ["model"]
    assert found(ownership="private") == ["secret"]
    assert found(query="iris") == ["secret"]
    assert found(favorite=True) == []
