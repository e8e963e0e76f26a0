"""What a run is made of: parameters, mounts, processes and the files that the service adds."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.domain.content import Text
from mock_server.domain.files import Entry, FileTree
from mock_server.domain.runs import (
    NEXTFLOW_FILES,
    RunRecord,
    mounted,
    process_fields,
    with_logs,
)
from mock_server.errors import BadRequestError

PANEL: list[dict[str, Any]] = [
    {"name": "Number of rows", "param_name": "rows", "default_value": "3"},
    {"name": "Label"},
    {"name": "Nothing", "param_name": None},
]

assets = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from("abcd"), "mount": st.sampled_from(("x", "y", "z", "x/y"))}),
    max_size=5,
)


def log_of(record: RunRecord) -> str:
    content = with_logs(record, FileTree()).find("output")
    assert isinstance(content, Text)
    return content.text


def test_a_process_is_shown_without_its_panel_and_without_what_it_has_not() -> None:
    process = {"name": "align", "capsule_id": "c", "version": None, "public": False, "parameters": PANEL}
    shown = {"name": "align", "capsule_id": "c"}
    assert process_fields(process, []) == shown
    assert process_fields(process | {"public": True}, []) == shown | {"public": True}
    assert process_fields(process | {"version": 0}, [{"name": "", "value": "1"}]) == shown | {
        "version": 0,
        "parameters": [{"name": "", "value": "1"}],
    }


def test_what_is_asked_for_comes_behind_what_is_attached() -> None:
    attached, asked = [{"id": "a", "mount": "x"}], [{"id": "b", "mount": "y"}]
    for replaces in (True, False):
        assert mounted(attached, asked, replaces=replaces) == attached + asked


def test_a_pipeline_lets_one_replace_what_is_attached() -> None:
    attached = [{"id": "a", "mount": "x"}, {"id": "b", "mount": "y"}]
    assert mounted(attached, [{"id": "c", "mount": "x"}], replaces=True) == [{"id": "c", "mount": "x"}, attached[1]]
    with pytest.raises(BadRequestError, match='"x" is used by more than one'):
        mounted(attached, [{"id": "c", "mount": "x"}], replaces=False)


@pytest.mark.parametrize("replaces", [True, False])
def test_two_that_are_asked_for_never_share_a_mount(replaces: bool) -> None:
    with pytest.raises(BadRequestError):
        mounted([], [{"id": "a", "mount": "x"}, {"id": "b", "mount": "x"}], replaces=replaces)


@given(assets, assets, st.booleans())
def test_each_mount_holds_one_data_asset(
    attached: list[dict[str, str]], asked: list[dict[str, str]], replaces: bool
) -> None:
    attached = list({asset["mount"]: asset for asset in attached}.values())
    taken = [asset["mount"] for asset in asked]
    clash = len(set(taken)) < len(taken) or (not replaces and bool(set(taken) & {asset["mount"] for asset in attached}))
    try:
        result = mounted(attached, asked, replaces=replaces)
    except BadRequestError:
        assert clash
        return
    assert not clash
    by_mount = {asset["mount"]: asset for asset in result}
    assert len(by_mount) == len(result)
    assert by_mount == {asset["mount"]: asset for asset in attached + asked}


def test_the_log_tells_the_command_and_the_mounts() -> None:
    parameters = [
        {"name": "Rows", "param_name": "rows", "value": "5"},
        {"name": "", "value": "plain {value}"},
    ]
    record = RunRecord("id", parameters, ["ref", "data/deep"], pipeline=False, last_line="Run completed.")
    assert log_of(record) == "+ ./run --rows=5 plain {value}\n/data/ref\n/data/data/deep\nRun completed.\n"


def test_a_run_without_anything_has_a_log() -> None:
    assert log_of(RunRecord("id", [], [], pipeline=False, last_line="end")) == "+ ./run\nend\n"


def test_a_capsule_leaves_its_files_and_the_log() -> None:
    own = FileTree((Entry("a/table.csv", Text("x")),))
    tree = with_logs(RunRecord("id", [], [], pipeline=False, last_line="end"), own)
    assert [entry.path for entry in tree.entries] == ["output", "a/table.csv"]
    assert tree.find("a/table.csv") == Text("x")


def test_a_pipeline_leaves_what_nextflow_writes_too() -> None:
    tree = with_logs(RunRecord("the-key", [], [], pipeline=True, last_line="{end}"), FileTree())
    listing = tree.listing("nextflow")
    assert listing is not None
    assert [item.name for item in listing] == sorted(NEXTFLOW_FILES)
    for name in NEXTFLOW_FILES:
        content = tree.find(f"nextflow/{name}")
        assert isinstance(content, Text)
        assert "the-key" in content.text
        assert "{name}" not in content.text
    log = tree.find("nextflow/nextflow.log")
    assert isinstance(log, Text)
    assert log.text.endswith("\n{end}\n")
    output = tree.find("output")
    assert isinstance(output, Text)
    assert output.text.startswith("N E X T F L O W\n")
