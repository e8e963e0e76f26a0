"""What a seed file must not hold of the deployment that it was made from."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.documents.seed_file import read
from tests.conftest import Server
from tests.importing.conftest import importing

ROOT = "cop_root"

ASSET, RUN, CAPSULE, PIPELINE, OTHER = (f"5f9c5d9e-0000-4000-8000-00000000000{number}" for number in range(5))
OWNER_ID = "11111111-2222-4333-8444-555555555555"

EMAILS = ("jane.roe@smithlab.org", "o'neil_k+x@dept.uni.edu", "Guest.User@Smithlab.org")
NAMES = (
    "Jane Roe",
    "Roe, Jane",
    "jane_roe",
    "JANE ROE",
    "Jane Q. Roe",
    "jroe",
    "Marie-Claire Dubois",
    "Dubois Marie-Claire",
)
BUCKETS = ("smithlab-raw-data", "codeocean-s3datasetsbucket-1u41qdg42ur9")
PLACES = (
    f"s3://{BUCKETS[0]}/mouse/718", f"https://{BUCKETS[1]}.s3.us-west-2.amazonaws.com/x", f"arn:aws:s3:::{BUCKETS[0]}/*"
)  # fmt: skip
SECRETS = (
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "cop_abcdefGHIJKL123456",
    "ghp_16C7e42F292c6912E7710c",
    "hunter2-the-password", "xoxb-123456789012-abcdefghijkl", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
)  # fmt: skip
GROUP = "SMITHLAB-Surgeons"

OTHERS = ("Zaphod", "Trillian", "roe-private", OWNER_ID, ROOT)
"""What is in a field of its own too, and is known from there."""

PROCESS = f"capsule_{NAMES[2]}_1"

PLANTED = (*EMAILS, *NAMES, *BUCKETS, *SECRETS[:4], *SECRETS[5:], GROUP)

TEXT = (
    f"Made by {NAMES[0]} ({EMAILS[0]}), {NAMES[1]}, {NAMES[2]}, {NAMES[3]}, {NAMES[4]} and {NAMES[6]}; files "
    f"of {NAMES[5]} at {PLACES[0]}, {PLACES[1]} and {PLACES[2]}, keys {SECRETS[0]} {SECRETS[1]} {SECRETS[2]} "
    f"{SECRETS[3]}; password={SECRETS[4]} {SECRETS[5]} {SECRETS[6]} {EMAILS[1]} {EMAILS[2]} {NAMES[7]} {GROUP} "
    f"Zaphod and Trillian Astra, {ROOT}"
)


def planted_world() -> dict[str, Any]:
    """A world with all of that in every text that it has."""
    grants = [{"role": "viewer", "user": EMAILS[1]}, {"role": "viewer", "group": GROUP}]
    files = [
        {"path": f"{NAMES[2]}/{SECRETS[0]}/report.txt", "text": TEXT},
        {"path": f"{BUCKETS[0]}/{SECRETS[2]}", "text": "x"},
        {"path": f"{BUCKETS[0]}/{SECRETS[3]}", "base64": "AP8="},
    ]
    parameters = [
        {"name": "API key", "param_name": "api_key", "value": SECRETS[4]},
        {"name": "Experimenter", "param_name": "who", "value": "Zaphod"},
        {"name": "Text", "param_name": "text", "value": TEXT[:4000]},
    ]
    capsule: dict[str, Any] = {
        "slug": "1234567", "name": TEXT, "owner": EMAILS[0], "created": 1, "description": TEXT, "field": TEXT[:900],
        "tags": [TEXT[:900], NAMES[0]], "cloned_from_url": f"https://jane:{SECRETS[4]}@github.com/{NAMES[5]}/code.git",
        "article": {"name": TEXT, "authors": [{"first_name": "Trillian", "last_name": "Astra"}, {"name": TEXT}]},
        "original_capsule": {"id": OTHER, "name": TEXT}, "submission": {"timestamp": 1, "commit": TEXT},
        "permissions": grants, "results": files,
        "versions": [{"major_version": 1, "minor_version": 0, "release_time": 1, "doi": TEXT}],
        "app_panel": {
            "general": {"title": TEXT, "instructions": TEXT, "help_text": TEXT},
            "categories": [{"id": "one", "name": TEXT[:900], "description": TEXT}],
            "results": [{"file_name": TEXT[:900]}],
            "data_assets": [{"id": ASSET, "description": TEXT, "help_text": TEXT}],
        },
        "parameters": [
            {"name": TEXT[:900], "param_name": "text", "description": TEXT, "help_text": TEXT, "default_value": TEXT},
            {"name": "Token", "param_name": "token", "default_value": SECRETS[4]},
            {"name": "Operator", "type": "list", "value_options": ["Zaphod", TEXT], "default_value": "Zaphod"},
        ],
        "data_assets": [{"id": ASSET, "mount": NAMES[2]}],
    }  # fmt: skip
    asset = {
        "id": ASSET, "name": TEXT, "mount": NAMES[2], "owner": EMAILS[0], "created": 1, "description": TEXT,
        "tags": [TEXT[:900], NAMES[0], BUCKETS[0]], "permissions": grants, "files": files,
        "custom_metadata": {
            "password": SECRETS[4], "Experimenter": "Zaphod", "surgeons": ["Marie-Claire Dubois"], "notes": TEXT,
            "session id": "1234567890", "names": [TEXT],
        },
        "source_bucket": {"origin": "aws", "bucket": BUCKETS[0], "prefix": "roe-private/mouse"},
        "provenance": {"commit": "a" * 40, "docker_image": TEXT, "run_script": TEXT, "capsule": CAPSULE},
        "app_parameters": [{"name": "secret", "value": SECRETS[4]}, {"name": "text", "value": TEXT}],
        "transfer_error": TEXT, "nextflow_profile": TEXT,
    }  # fmt: skip
    external = asset | {
        "id": OTHER, "mount": "external", "files": [],
        "source_bucket": {"origin": "aws", "bucket": BUCKETS[1], "prefix": "roe-private/mouse", "external": True},
    }  # fmt: skip
    run = {
        "id": RUN, "capsule": CAPSULE, "owner": EMAILS[2], "created": 2, "name": TEXT, "parameters": parameters,
        "data_assets": [{"id": ASSET, "mount": NAMES[2]}], "nextflow_profile": TEXT, "files": files,
        "plan": {"stages": {"initializing": 9}, "end_status": "succeeded", "exit_code": 0, "has_results": True},
    }  # fmt: skip
    process = {"name": PROCESS, "capsule_id": CAPSULE, "parameters": capsule["parameters"]}
    own = {key: value for key, value in capsule["app_panel"].items() if key != "data_assets"}
    pipeline = {key: value for key, value in capsule.items() if key not in ("parameters", "data_assets")}
    pipeline |= {"id": PIPELINE, "slug": "7654321", "processes": [process], "app_panel": own}
    given = [{"name": PROCESS, "parameters": parameters}]
    return {
        "version": 1,
        "users": [
            {"id": OWNER_ID, "email": EMAILS[0], "name": "Jane Roe", "admin": True},
            {"id": "b", "email": EMAILS[1], "name": "Kim"},
            {"id": "c", "email": EMAILS[2], "name": "Guest"},
        ],
        "groups": [{"name": GROUP}],
        "tokens": [{"token": ROOT, "user": EMAILS[0]}],
        "data_assets": [asset, external],
        "capsules": [capsule | {"id": CAPSULE}],
        "pipelines": [pipeline],
        "computations": [run, run | {"id": f"{RUN[:-1]}9", "capsule": PIPELINE, "parameters": [], "processes": given}],
    }


@pytest.fixture
def planted(start: Callable[..., Server], tmp_path: Path) -> Server:
    path = tmp_path / "planted.json"
    path.write_text(json.dumps(planted_world()))
    return start(seed=str(path))


ALL = ("--capsules", "", "--data-assets", "", "--files", "small")


def test_nothing_that_was_planted_is_in_the_file(planted: Server, tmp_path: Path) -> None:
    out = tmp_path / "world.yaml"
    done = importing(planted.url, *ALL, "--out", out, token=ROOT)
    assert done.code == 0, done.err
    text = out.read_text()
    found = [one for one in (*PLANTED, SECRETS[4], *OTHERS) if one.lower() in text.lower()]
    assert found == []
    assert not re.search(r"smithlab|\bRoe\b|Dubois", text, re.IGNORECASE)
    assert "1234567890" in text, "the id of a session names data"
    assert CAPSULE in text
    assert ASSET in text


def test_nothing_is_lost_but_what_was_replaced(planted: Server, tmp_path: Path) -> None:
    """The seed is valid, and of the same things: what differs in the deployment differs in the file."""
    out = tmp_path / "world.yaml"
    done = importing(planted.url, *ALL, "--out", out, token=ROOT)
    assert done.err == ""
    seed = read(str(out))
    assert len(seed.data_assets[0].files) == 3 or len(seed.data_assets[1].files) == 3
    assert {len(run.files or []) for run in seed.computations} == {3}
    assert seed.capsules[0].parameters[1].default_value != SECRETS[4]
    owners = {*(one.owner for one in seed.capsules), *(one.owner for one in seed.data_assets)}
    assert len(owners) == 1
    assert {run.owner for run in seed.computations}.isdisjoint(owners)


def test_the_file_and_the_command_say_what_was_replaced(planted: Server, tmp_path: Path) -> None:
    out = tmp_path / "world.yaml"
    done = importing(planted.url, *ALL, "--out", out, token=ROOT)
    heading = [line for line in out.read_text().splitlines() if line.startswith("#")]
    assert "#   e-mail addresses, names of people and groups, and the ids of owners" in heading
    assert re.search(r"replaced: \d buckets, 3 e-mail addresses, .*1 names of groups", done.out)


def test_stand_ins_of_two_imports_have_nothing_in_common(planted: Server, tmp_path: Path) -> None:
    texts = []
    for name in ("one.yaml", "two.yaml"):
        importing(planted.url, *ALL, "--out", tmp_path / name, token=ROOT)
        texts.append(set(re.findall(r"person-[0-9a-f]{12}", (tmp_path / name).read_text())))
    assert all(texts)
    assert texts[0].isdisjoint(texts[1])


def test_a_map_says_what_stands_for_what_and_keeps_it_so(planted: Server, tmp_path: Path) -> None:
    where = tmp_path / "map.jsonl"
    for name in ("one.yaml", "two.yaml"):
        done = importing(planted.url, *ALL, "--out", tmp_path / name, "--map", where, token=ROOT)
        assert done.code == 0, done.err
    assert (tmp_path / "one.yaml").read_bytes() == (tmp_path / "two.yaml").read_bytes()
    lines = [json.loads(line) for line in where.read_text().splitlines()]
    assert EMAILS[0] in [line.get("real") for line in lines]
    assert where.stat().st_mode & 0o777 == 0o600
    assert len({json.dumps(line) for line in lines}) == len(lines)


def test_what_is_kept_stays_and_the_rest_does_not(planted: Server, tmp_path: Path) -> None:
    out = tmp_path / "world.yaml"
    done = importing(planted.url, *ALL, "--out", out, "--keep", "people,buckets", token=ROOT)
    assert done.code == 0, done.err
    text = out.read_text()
    assert all(one in text for one in (EMAILS[0], "Jane Roe", BUCKETS[0], GROUP, OWNER_ID))
    assert [one for one in SECRETS if one in text] == []


def test_the_token_of_the_import_is_never_written(planted: Server, tmp_path: Path) -> None:
    out = tmp_path / "world.yaml"
    done = importing(planted.url, *ALL, "--out", out, "--keep", "all", token=ROOT)
    assert done.code == 0, done.err
    text = out.read_text()
    assert EMAILS[0] in text
    assert SECRETS[0] in text
    assert ROOT not in text
    assert ROOT not in done.out


def test_descriptions_are_left_out_where_that_is_asked_for(planted: Server, tmp_path: Path) -> None:
    out = tmp_path / "world.yaml"
    done = importing(planted.url, *ALL, "--out", out, "--redact", "descriptions", token=ROOT)
    assert done.code == 0, done.err
    seed = read(str(out))
    assert {one.description for one in (*seed.capsules, *seed.pipelines)} == {None}
    assert {one.description for one in seed.data_assets} == {None}
