"""Capsule folders that would be taken for something else: one clear message, with the file and the reason."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.documents import capsule_folder
from mock_server.errors import StartError
from mock_server.local_files import ReadableFiles
from tests.capsule_folders.folders import ASSET, OTHER, PANEL, RUN, app_json, new_form, set_panel, write
from tests.process import run


def refusal(folder: Path) -> str:
    with pytest.raises(StartError) as refused:
        capsule_folder.read(folder)
    message = str(refused.value)
    assert "\n" not in message
    return message


def without_run(folder: Path) -> None:
    (folder / "code/run").unlink()


def with_run_sh(folder: Path) -> None:
    (folder / "code/run").rename(folder / "code/run.sh")


def as_pipeline(folder: Path) -> None:
    without_run(folder)
    write(folder, "pipeline/main.nf", "process x {}\n")


def with_folder_as_run(folder: Path) -> None:
    without_run(folder)
    (folder / "code/run").mkdir()


def with_pipe_as_run(folder: Path) -> None:
    without_run(folder)
    os.mkfifo(folder / "code/run")


def with_broken_link_as_run(folder: Path) -> None:
    without_run(folder)
    (folder / "code/run").symlink_to("nowhere")


def with_code_from_elsewhere(folder: Path) -> None:
    shutil.rmtree(folder / "code")
    (folder / "code").symlink_to("/usr")


def with_data_from_elsewhere(folder: Path) -> None:
    (folder / "data").symlink_to("..")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (with_code_from_elsewhere, "code is a link that leads out of it"),
        (with_data_from_elsewhere, "data is a link that leads out of it"),
        (without_run, "it has no code/run"),
        (with_run_sh, "it has no code/run; name code/run.sh so"),
        (as_pipeline, "it is a pipeline; pipelines are simulated, and only capsules are run"),
        (with_folder_as_run, "code/run cannot be read: not a regular file"),
        (with_pipe_as_run, "code/run cannot be read: not a regular file"),
        (with_broken_link_as_run, "code/run cannot be read: No such file or directory"),
    ],
)
def test_a_folder_that_has_nothing_to_run(tmp_path: Path, change: Callable[[Path], None], reason: str) -> None:
    change(new_form(tmp_path))
    assert refusal(tmp_path) == f"capsule folder {tmp_path}: {reason}"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("nowhere", "cannot be read: No such file or directory"),
        ("file", "cannot be read: Not a directory"),
        ("empty", "it has no code/run"),
        ("two", "it has no code/run"),
    ],
)
def test_what_is_no_capsule_folder(tmp_path: Path, path: str, reason: str) -> None:
    write(tmp_path, "file", "")
    (tmp_path / "empty").mkdir()
    new_form(tmp_path / "two" / "a")
    new_form(tmp_path / "two" / "b")
    assert refusal(tmp_path / path) == f"capsule folder {tmp_path / path}: {reason}"


def test_a_folder_whose_name_cannot_be_shown(tmp_path: Path) -> None:
    assert refusal(new_form(tmp_path / "a\nb")).endswith("/a\\nb': its path cannot be written")
    assert refusal(new_form(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")))).endswith("its path cannot be written")


@pytest.mark.parametrize(
    ("panel", "reason"),
    [
        ([], "line 1: is not a mapping of keys to values"),
        ("text", "line 1: is not a mapping of keys to values"),
        ({"version": 2}, "line 2: version: must be 1"),
        (
            {"version": 1, "parameters": {"a": {"name": "A"}}},
            "line 3: parameters: must be a list, not a mapping",
        ),
        (
            {"version": 1, "parameters": [{"name": "A", "type": "slider"}]},
            "line 6: parameters.0.type: must be 'text', 'list' or 'file'",
        ),
        ({"version": 1, "parameters": [{"type": "text"}]}, "line 4: parameters.0.name: is missing"),
        (
            {"version": 1, "named_parameters": True, "parameters": [{"name": "A"}]},
            "line 5: parameters.0.param_name: is required, as named_parameters is true",
        ),
        (
            {"version": 1, "named_parameters": True, "parameters": [{"name": n, "param_name": "x"} for n in "ab"]},
            "line 11: parameters.1.param_name: x stands twice",
        ),
        (
            {"version": 1, "parameters": [{"name": "A", "minimum": 2, "maximum": 1}]},
            "line 6: parameters.0.minimum: is above the maximum",
        ),
    ],
)  # fmt: skip
def test_an_app_panel_of_another_form(tmp_path: Path, panel: Any, reason: str) -> None:
    assert refusal(new_form(tmp_path, panel)) == f"app panel {tmp_path}/.codeocean/app-panel.json: {reason}"


@pytest.mark.parametrize("text", ["", "{", "{,}", '{"version": 1} {}', "\0", '{"version": NaN}', '{"a": 1, "a": 2}'])
def test_an_app_panel_that_is_no_json(tmp_path: Path, text: str) -> None:
    write(new_form(tmp_path), ".codeocean/app-panel.json", text)
    where, _, reason = refusal(tmp_path).partition("app-panel.json: line ")
    assert where == f"app panel {tmp_path}/.codeocean/"
    assert reason.startswith(("1: ", "2: "))


def test_an_app_panel_in_another_encoding(tmp_path: Path) -> None:
    path = new_form(tmp_path) / ".codeocean/app-panel.json"
    path.write_bytes(app_json(PANEL).encode("utf-16"))
    assert refusal(tmp_path) == f"app panel {path}: line 1: cannot be read: is not UTF-8 text"


@pytest.mark.parametrize(
    ("attached", "reason"),
    [
        (
            [{"id": ASSET, "mount": mount}],
            "line 6: attached_datasets.0.mount: must be a relative path without empty, . and .. parts",
        )
        for mount in ("../x", "/etc", "a/../../x", "", ".", "a//b", "x\0")
    ]
    + [
        ([{"id": ASSET}], "line 4: attached_datasets.0.mount: is missing"),
        ([{"id": "../x", "mount": "m"}],
         "line 5: attached_datasets.0.id: must be letters, digits, hyphens and underscores, at most 100 of them"),
        ([{"id": one, "mount": "m"} for one in (ASSET, OTHER)], "line 3: attached_datasets: the mount m is used twice"),
    ],
)  # fmt: skip
def test_data_assets_that_cannot_be_mounted(tmp_path: Path, attached: Any, reason: str) -> None:
    new_form(tmp_path, datasets={"version": 1, "attached_datasets": attached})
    assert refusal(tmp_path) == f"attached data assets {tmp_path}/.codeocean/datasets.json: {reason}"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("metadata/metadata.yml", "- a\n", "line 1: is not a mapping of keys to values"),
        ("metadata/metadata.yml", "name: {a: b}\n", "line 1: name: must be text"),
        ("metadata/metadata.yml", "name: a\ntags: b\n", "line 2: tags: must be a list"),
        ("metadata/metadata.yml", "name: a\n\tb: c\n", "line 2: is not YAML: "),
        (".codeocean/resources.json", "[1]", "line 1: is not a mapping of keys to values"),
        (
            ".codeocean/resources.json",
            '{"version": 1, "resource_class": []}',
            "line 1: resource_class: must be",
        ),
    ],
)
def test_other_files_of_another_form(tmp_path: Path, name: str, text: str, reason: str) -> None:
    write(new_form(tmp_path), name, text)
    assert f" {tmp_path}/{name}: {reason}" in refusal(tmp_path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = new_form(tmp_path) / "metadata/metadata.yml"
    path.unlink()
    path.symlink_to("/dev/zero")
    assert refusal(tmp_path) == f"capsule metadata {path}: line 1: cannot be read: not a regular file"


def test_links_lead_only_to_what_may_be_read(tmp_path: Path) -> None:
    files = ReadableFiles((tmp_path / "inside",))
    folder = new_form(tmp_path / "inside" / "cells")
    capsule_folder.read(folder, files)
    secret = write(tmp_path, "secret", "name: secret\n")
    for name in ("metadata/metadata.yml", ".codeocean/app-panel.json", "code/run"):
        kept = (folder / name).read_text()
        (folder / name).unlink()
        (folder / name).symlink_to(secret)
        with pytest.raises(StartError, match="not in a folder that --seed-dir allows") as refused:
            capsule_folder.read(folder, files)
        assert "secret" not in str(refused.value)
        write(folder, name, kept)
    (tmp_path / "inside" / "link").symlink_to(new_form(tmp_path / "outside"))
    with pytest.raises(StartError, match="not in a folder that --seed-dir allows"):
        capsule_folder.read(tmp_path / "inside" / "link", files)


def test_the_command_says_it_in_one_line_and_ends(tmp_path: Path) -> None:
    set_panel(new_form(tmp_path / "cells"), version=7)
    for options in (["--capsule", f"{tmp_path}/cells"], ["--capsule", f"mine={tmp_path}/cells"]):
        done = run("serve", "--port", "0", "--in-memory", *options)
        assert done.returncode == 1
        where = f"app panel {tmp_path}/cells/.codeocean/app-panel.json"
        assert done.stderr == f"codeocean-mock: {where}: line 2: version: must be 1\n"


def test_two_folders_with_one_id_are_refused(tmp_path: Path) -> None:
    for place in ("a", "b"):
        write(tmp_path / place / "cells", "code/run", RUN)
    done = run(
        "serve", "--port", "0", "--in-memory", "--capsule", f"{tmp_path}/a/cells", "--capsule", f"{tmp_path}/b/cells"
    )
    assert done.returncode == 1
    assert f"{tmp_path}/a/cells and {tmp_path}/b/cells have one id, " in done.stderr
    assert done.stderr.endswith("; give one another: --capsule ID=DIR\n")
