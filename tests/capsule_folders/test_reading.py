"""What is read from capsule folders, as the app, its export and people write them."""

import os
from pathlib import Path
from uuid import UUID

import pytest

from mock_server.documents import capsule_folder
from mock_server.documents.capsule_folder import CapsuleFolder
from mock_server.documents.git_remote import remote_of
from mock_server.local_files import ALL_FILES
from tests.capsule_folders.folders import (
    ASSET,
    DATASETS,
    METADATA,
    PANEL,
    RUN,
    app_json,
    new_form,
    old_form,
    set_panel,
    set_remote,
    write,
)


def read(folder: Path) -> CapsuleFolder:
    return capsule_folder.read(folder)


def test_a_folder_of_today(tmp_path: Path) -> None:
    found = read(new_form(tmp_path / "cells"))
    assert found.path == tmp_path / "cells"
    assert found.warnings == ()
    assert found.fields == {
        "name": "Count cells",
        "description": "Counts the cells\nof a section.",
        "tags": ["imaging", "cells"],
        "authors": [
            {"name": "Ada Lovelace", "affiliation": "Analytical Engines; London"},
            {"name": "Grace Hopper"},
        ],
        "parameters": [
            {
                "name": "Threshold", "param_name": "min-level", "category": "AbCdEfGh12345678",
                "description": "What counts", "help_text": "Try 0.5", "type": "text", "value_type": "number",
                "default_value": "0.5", "required": True, "minimum": 0.0, "maximum": 1.5,
            },
            {
                "name": "Filter", "param_name": "filter", "type": "list", "value_type": "string",
                "default_value": "gaussian", "value_options": ["gaussian", "median"],
            },
            {"name": "Label", "param_name": "label", "type": "text", "pattern": "[a-z]+"},
            {"name": "Table", "param_name": "table", "type": "file"},
        ],
        "app_panel": {
            "general": {"title": "Cells", "instructions": "Choose a threshold.", "help_text": "Ask us."},
            "categories": [{"id": "AbCdEfGh12345678", "name": "Detection", "description": "How"}],
            "results": [{"file_name": "cells.csv"}],
            "data_assets": [{"id": ASSET, "description": "What is counted", "help_text": "One folder each"}],
        },
        "data_assets": [{"id": ASSET, "mount": "sections"}],
    }  # fmt: skip


def test_a_folder_from_before_the_app_kept_its_panel_has_none(tmp_path: Path) -> None:
    fields = read(old_form(tmp_path / "old")).fields
    assert (fields["name"], fields["parameters"], fields["data_assets"]) == ("Count cells", [], [])
    assert "app_panel" not in fields


def test_a_run_file_alone_is_a_capsule_named_as_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "tiny", "code/run", RUN)
    found = read(tmp_path / "tiny")
    assert found.fields == {"name": "tiny", "parameters": [], "data_assets": []}
    warning = "it has no environment/Dockerfile, from which the engine docker builds an image"
    assert found.warnings == (f"capsule folder {tmp_path}/tiny: {warning}",)


def test_a_folder_that_looks_like_a_pipeline_too_is_warned_of(tmp_path: Path) -> None:
    new_form(tmp_path / "both")
    write(tmp_path / "both", "pipeline/main.nf", "#!/usr/bin/env nextflow")
    [warning] = read(tmp_path / "both").warnings
    assert warning.endswith("it has pipeline/main.nf too, as a pipeline has; code/run is what is run")


def test_an_archive_has_one_folder_at_its_top(tmp_path: Path) -> None:
    new_form(tmp_path / "export" / "capsule-1234567")
    write(tmp_path / "export", "REPRODUCING.md", "# Reproducing")
    write(tmp_path / "export", "__MACOSX/._code", "")
    found = read(tmp_path / "export")
    assert found.path == tmp_path / "export" / "capsule-1234567"
    assert found.id == read(tmp_path / "export" / "capsule-1234567").id


def test_a_run_file_needs_no_right_to_be_executed(tmp_path: Path) -> None:
    """Archives lose it, and it is called by `bash`."""
    run = new_form(tmp_path) / "code/run"
    run.chmod(0o644)
    assert not os.access(run, os.X_OK)
    assert read(tmp_path).warnings == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\t", "  ") + "\n\n",
        lambda text: text.replace('"version": 1', '"version": 1, "validation_pattern": "x", "more": {"a": [null]}'),
        lambda text: text.replace("\n", " ").replace("\t", ""),
    ],
    ids=["line ends of Windows", "a mark of the byte order", "spaces", "keys that nobody knows", "one line"],
)
def test_what_people_write_by_hand_is_the_same(tmp_path: Path, change: object) -> None:
    assert callable(change)
    before = read(new_form(tmp_path))
    for name in (".codeocean/app-panel.json", ".codeocean/datasets.json"):
        write(tmp_path, name, change((tmp_path / name).read_text()))
    assert read(tmp_path).fields == before.fields


def test_metadata_with_line_ends_of_windows(tmp_path: Path) -> None:
    before = read(new_form(tmp_path))
    write(tmp_path, "metadata/metadata.yml", METADATA.replace("\n", "\r\n"))
    assert read(tmp_path).fields == before.fields


def test_metadata_may_be_next_to_nothing(tmp_path: Path) -> None:
    old_form(tmp_path)
    write(
        tmp_path, "metadata/metadata.yml", "metadata_version: 1\nname: 2024\ntags:\nauthors: ~\nfield: Neuroscience\n"
    )
    fields = read(tmp_path).fields
    assert (fields["name"], fields["tags"], fields["authors"], fields["field"]) == ("2024", [], [], "Neuroscience")
    assert "description" not in fields


def test_ordered_parameters_have_no_names(tmp_path: Path) -> None:
    panel = {key: part for key, part in PANEL.items() if key != "named_parameters"}
    parameters = read(new_form(tmp_path, panel)).fields["parameters"]
    assert [parameter["name"] for parameter in parameters] == ["Threshold", "Filter", "Label", "Table"]
    assert not any("param_name" in parameter for parameter in parameters)


def test_numbers_and_booleans_are_texts_where_the_app_has_texts(tmp_path: Path) -> None:
    new_form(tmp_path)
    flag = {"name": "Flag", "type": "list", "value_type": "boolean", "default_value": True, "extra_data": [True, False]}
    set_panel(tmp_path, named_parameters=False, parameters=[flag, {"name": "N", "default_value": 3, "minimum": "1"}])
    assert read(tmp_path).fields["parameters"] == [
        {"name": "Flag", "type": "list", "value_type": "boolean", "default_value": "True",
         "value_options": ["True", "False"]},
        {"name": "N", "type": "text", "default_value": "3", "minimum": 1.0},
    ]  # fmt: skip


def test_a_script_of_windows_is_warned_of(tmp_path: Path) -> None:
    new_form(tmp_path)
    write(tmp_path, "code/run", "#!/usr/bin/env bash\r\nset -e\r\n")
    [warning] = read(tmp_path).warnings
    assert "code/run has the line ends of Windows" in warning


def test_a_pattern_that_cannot_be_checked_is_left_out_with_a_warning(tmp_path: Path) -> None:
    new_form(tmp_path)
    set_panel(tmp_path, parameters=[{"name": "P", "param_name": "p", "pattern": "(?!x).*"}])
    found = read(tmp_path)
    assert found.fields["parameters"] == [{"name": "P", "param_name": "p", "type": "text"}]
    assert found.warnings == (
        f'capsule folder {tmp_path}: .codeocean/app-panel.json: values of "P" are not checked against (?!x).*',
    )


def test_a_default_that_its_own_panel_refuses_is_a_warning(tmp_path: Path) -> None:
    new_form(tmp_path)
    old = {"name": "P", "param_name": "p", "type": "list", "default_value": "gone", "extra_data": ["a", "b"]}
    set_panel(tmp_path, parameters=[old])
    found = read(tmp_path)
    assert found.fields["parameters"][0]["default_value"] == "gone"
    assert found.warnings == (
        f"capsule folder {tmp_path}: .codeocean/app-panel.json: the default value is not taken: "
        'parameter "p" has to be one of: a, b',
    )


def test_an_empty_panel_is_none(tmp_path: Path) -> None:
    fields = read(new_form(tmp_path, {"version": 1}, {"version": 1})).fields
    assert fields["parameters"] == fields["data_assets"] == []
    assert not any(fields["app_panel"].values())


# Ids


REMOTES = [
    "https://github.com/Lab/cells.git",
    "https://github.com/Lab/cells",
    "https://GitHub.com/Lab/cells/",
    "https://user%40lab.org:ghp_secret@github.com/Lab/cells.git",
    "git@github.com:Lab/cells.git",
    "ssh://git@github.com/Lab/cells.git",
]


@pytest.mark.parametrize("url", REMOTES)
def test_the_same_remote_is_the_same_id_however_it_is_written_and_wherever_it_lies(tmp_path: Path, url: str) -> None:
    first, second = old_form(tmp_path / "one"), old_form(tmp_path / "two")
    set_remote(first, REMOTES[0])
    set_remote(second, url)
    assert remote_of(second, ALL_FILES) == "github.com/Lab/cells"
    assert read(first).id == read(second).id == "83cada0b-4bcd-5608-85e2-ab380318ed1f"
    assert UUID(read(first).id).version == 5


def test_other_remotes_are_other_ids(tmp_path: Path) -> None:
    urls = [REMOTES[0], "https://github.com/Lab/other", "https://gitlab.com/Lab/cells", "/srv/git/cells", "file:///a/b"]
    found = []
    for url in urls:
        set_remote(old_form(tmp_path / "one"), url)
        found.append(read(tmp_path / "one").id)
    assert len(set(found)) == len(urls)


def test_without_a_remote_the_name_of_the_folder_makes_the_id(tmp_path: Path) -> None:
    here, there = old_form(tmp_path / "a" / "cells"), old_form(tmp_path / "b" / "cells")
    assert read(here).id == read(there).id != read(old_form(tmp_path / "other")).id
    write(here, ".git/config", '[core]\n\tbare = false\n[branch "master"]\n\turl = https://x.org/y\n')
    assert read(here).id == read(there).id


def test_the_remote_called_origin_comes_first(tmp_path: Path) -> None:
    config = '[remote "fork"]\n\turl = https://x.org/fork\n[Remote "origin"]\n\tURL = "https://x.org/main"\n'
    write(old_form(tmp_path), ".git/config", config)
    assert remote_of(tmp_path, ALL_FILES) == "x.org/main"
    write(tmp_path, ".git/config", config.partition("[Remote")[0])
    assert remote_of(tmp_path, ALL_FILES) == "x.org/fork"


def test_a_worktree_knows_its_repository(tmp_path: Path) -> None:
    set_remote(tmp_path / "main", REMOTES[0])
    write(tmp_path, "main/.git/worktrees/side/commondir", "../..\n")
    write(old_form(tmp_path / "side"), ".git", f"gitdir: {tmp_path}/main/.git/worktrees/side\n")
    assert remote_of(tmp_path / "side", ALL_FILES) == "github.com/Lab/cells"


@pytest.mark.parametrize("url", ["https://[bad/x", "   ", "\\", "C:/git/x"])
def test_an_odd_remote_does_no_harm(tmp_path: Path, url: str) -> None:
    set_remote(old_form(tmp_path), url)
    assert UUID(read(tmp_path).id)


def test_the_slug_is_the_one_in_the_remote_of_the_platform(tmp_path: Path) -> None:
    old_form(tmp_path)
    set_remote(tmp_path, "https://user@lab.org:token@acmecorp.codeocean.com/capsule-0042488.git")
    assert read(tmp_path).slug == "0042488"
    set_remote(tmp_path, REMOTES[0])
    assert len(read(tmp_path).slug) == 7
    assert read(tmp_path).slug == read(tmp_path).slug


def test_its_age_is_that_of_the_oldest_file(tmp_path: Path) -> None:
    run = new_form(tmp_path) / "code/run"
    os.utime(run, (1_600_000_000, 1_600_000_000))
    assert read(tmp_path).created == 1_600_000_000


def test_the_stamp_tells_what_has_changed(tmp_path: Path) -> None:
    new_form(tmp_path)
    stamps = {capsule_folder.stamp(tmp_path)}
    for name in (*capsule_folder.STAMPED, "code/main.py"):
        write(tmp_path, name, "something else, and longer than what was there before" * 40 + name)
        stamps.add(capsule_folder.stamp(tmp_path))
    assert len(stamps) == 1 + len(capsule_folder.STAMPED)
    (tmp_path / ".codeocean/datasets.json").unlink()
    assert capsule_folder.stamp(tmp_path) not in stamps


def test_the_forms_of_the_tests_are_those_of_the_app() -> None:
    assert app_json(DATASETS).startswith('{\n\t"version": 1,\n\t"attached_datasets": [\n\t\t{\n')
    assert app_json(DATASETS).endswith("}")
