"""The steps that scenarios are made of: each sees what is wrong, and is silent otherwise."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from codeocean.capsule import CapsuleSearchParams
from codeocean.error import Error
from codeocean.models.folder import Folder, FolderItem

from contract_tests.deployment import Deployment
from contract_tests.findings import CheckFailed, CheckSkipped
from contract_tests.scenarios import capsules, fixtures
from contract_tests.scenarios.eventually import ATTEMPTS, undisturbed
from contract_tests.scenarios.expect_error import expect_error, expect_success
from contract_tests.scenarios.files import download, open_item, results_of, smallest, walk
from contract_tests.scenarios.pages import rows_of
from contract_tests.scenarios.parameters import invalid_values, valid_values
from contract_tests.transport.gate import KEPT_BYTES
from tests import ids


def file(path: str, size: int | None = 1) -> FolderItem:
    return FolderItem(name=path.rpartition("/")[2], path=path, type="file", size=size)


def folder(path: str) -> FolderItem:
    return replace(file(path, None), type="folder")


def listing(**folders: list[FolderItem]) -> Callable[[str], Folder]:
    return lambda path: Folder(items=folders[path or "root"])


def test_a_tree_is_walked_through_all_of_its_folders() -> None:
    tree = walk(listing(root=[folder("a"), file("b", 3)], a=[file("a/c", 2)]))
    assert tree.sizes == {"b": 3, "a/c": 2}
    assert tree.whole
    assert [item.path for item in smallest(tree)] == ["a/c", "b"]


def test_a_tree_that_goes_on_for_ever_is_left() -> None:
    def deeper(path: str) -> Folder:
        return Folder(items=[folder(f"{path}/a".lstrip("/"))])

    assert not walk(deeper).whole


@pytest.mark.parametrize(
    "items",
    [
        [file("a"), file("a")],
        [replace(file("a"), path="b")],
        [replace(file("a"), type="link")],
        [file("a", None)],
    ],
    ids=["twice", "path", "type", "size"],
)
def test_a_listing_that_is_wrong_is_seen(items: list[FolderItem]) -> None:
    with pytest.raises(CheckFailed):
        walk(listing(root=items))


def test_a_file_of_another_size_or_with_other_bytes_is_seen(deployment: Deployment) -> None:
    client = deployment.sdk().computations
    items = walk(results_of(deployment, ids.PAST_RUN)).files
    urls = {path: client.get_result_file_urls(ids.PAST_RUN, path) for path in items}
    assert open_item(deployment, items["table.csv"], lambda: urls["table.csv"]).startswith(b"row,value")
    with pytest.raises(CheckFailed, match=r"\d+ bytes, but is listed with \d+"):
        open_item(deployment, replace(items["table.csv"], size=1), lambda: urls["table.csv"])
    mixed = replace(urls["table.csv"], view_url=urls["output"].view_url)
    with pytest.raises(CheckFailed, match="different content"):
        open_item(deployment, items["table.csv"], lambda: mixed)


def test_of_a_large_file_a_part_is_read_and_its_size_compared(deployment: Deployment) -> None:
    client = deployment.sdk().data_assets
    files = {item.path: item for item in client.list_data_asset_files(ids.REFERENCE).items}
    large = files["genome.fasta"]
    assert large.size > KEPT_BYTES

    def urls() -> Any:
        return client.get_data_asset_file_urls(ids.REFERENCE, "genome.fasta")

    assert open_item(deployment, large, urls)
    with pytest.raises(CheckFailed):
        open_item(deployment, replace(large, size=large.size + 1), urls)


def test_an_address_that_has_expired_is_asked_for_again(deployment: Deployment) -> None:
    client = deployment.sdk().computations
    addresses = [client.get_result_file_urls(ids.PAST_RUN, "output").download_url]
    deployment.pass_time(100000)

    def address() -> str:
        addresses.append(client.get_result_file_urls(ids.PAST_RUN, "output").download_url)
        return str(addresses[-2])

    assert download(deployment, address).ok
    with pytest.raises(CheckFailed, match="403"):
        download(deployment, lambda: addresses[0])


def page(*keys: str, more: str | None = None, has_more: bool | None = None) -> Any:
    rows = [SimpleNamespace(id=key) for key in keys]
    return SimpleNamespace(results=rows, next_token=more, has_more=bool(more) if has_more is None else has_more)


def walked(*pages: Any, limit: int = 2) -> list[str]:
    left = iter(pages)
    return [row.id for row in rows_of(lambda _: next(left), CapsuleSearchParams(limit=limit))]


def test_pages_are_walked_to_the_last() -> None:
    assert walked(page("a", "b", more="t"), page("c")) == ["a", "b", "c"]
    assert walked(page()) == []


@pytest.mark.parametrize(
    "pages",
    [
        [page("a", "b", "c")],
        [page("a", more="t"), page("a")],
        [page("a", "a")],
        [page(more="t"), page("a")],
        [page("a", has_more=True)],
        [page("a", more="t", has_more=False)],
    ],
    ids=["long", "repeated", "twice", "empty", "no token", "token"],
)
def test_pages_that_are_wrong_are_seen(pages: list[Any]) -> None:
    with pytest.raises(CheckFailed):
        walked(*pages)


def test_what_must_be_refused_and_is_not_is_seen(deployment: Deployment) -> None:
    get = deployment.sdk().capsules.get_capsule
    assert expect_error(404, "a capsule", get, ids.NOBODYS).status_code == 404
    with pytest.raises(CheckFailed, match="a capsule was accepted, expected 404"):
        expect_error(404, "a capsule", get, ids.CAPSULE)
    with pytest.raises(CheckFailed, match="a capsule returned 404, expected 403"):
        expect_error(403, "a capsule", get, ids.NOBODYS)
    assert expect_success("a capsule", get, ids.CAPSULE).id == ids.CAPSULE
    with pytest.raises(CheckFailed, match="a capsule returned 404: capsule not found"):
        expect_success("a capsule", get, ids.NOBODYS)


def test_what_others_disturbed_once_is_looked_at_again() -> None:
    tries = []

    def check(good: int) -> None:
        tries.append(good)
        if len(tries) < good:
            raise CheckFailed("disturbed")

    undisturbed(lambda: check(2))
    assert len(tries) == 2
    with pytest.raises(CheckFailed, match="disturbed"):
        undisturbed(lambda: check(1000))
    assert len(tries) == 2 + ATTEMPTS


def test_values_for_parameters_fit_the_panel_and_others_do_not() -> None:
    panel: list[dict[str, Any]] = [
        {"name": "Rows", "param_name": "rows", "type": "text", "default_value": "1", "minimum": 1, "maximum": 9},
        {"name": "Kind", "param_name": "kind", "type": "list", "default_value": "a", "value_options": ["a", "b"]},
        {"name": "Code", "param_name": "code", "type": "text", "default_value": "x1", "pattern": "x[0-9]"},
        {"name": "Label", "param_name": "label", "type": "text", "default_value": "demo"},
        {"name": "No argument", "type": "text"},
    ]
    assert valid_values(panel) == {"rows": "2", "kind": "b", "code": "x1", "label": "given label"}
    assert invalid_values(panel) == {"rows": "10", "kind": "no such option"}


def test_what_a_broken_scenario_created_is_deleted_and_the_first_trouble_is_reported(deployment: Deployment) -> None:
    client = deployment.sdk().computations
    with (
        pytest.raises(CheckFailed, match="trouble"),
        fixtures.start_run(deployment, capsule_id=deployment.capsule) as run,
    ):
        raise CheckFailed("trouble")
    expect_error(404, "the run", client.get_computation, run.id)
    with fixtures.start_run(deployment, capsule_id=deployment.capsule) as run:
        client.delete_computation(run.id)


def test_time_that_nobody_would_wait_for_is_not_waited_for(deployment: Deployment) -> None:
    deployment.control = None
    with pytest.raises(CheckSkipped, match="requires a clock that can be moved by 3600 seconds"):
        deployment.pass_time(3600)


def test_a_capsule_that_others_keep_running_is_not_synced(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = deployment.sdk().capsules.search_capsules(CapsuleSearchParams()).results
    linked = next(row.id for row in rows if row.cloned_from_url and row.status == "non_release")
    with deployment.scenarios({"name": "locks", "like": "stuck", "when": {"capsule": linked}}):
        deployment.http().ask("POST", "/computations", 200, json={"capsule_id": linked})
    deployment.control = None
    monkeypatch.setattr(capsules, "SYNC_PAUSE", 0.0)
    with pytest.raises(CheckSkipped, match="others are running the capsule"):
        capsules.sync_idle(deployment, "capsule", linked)


def test_a_capsule_that_nobody_runs_has_to_be_synced(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: object, _key: str) -> None:
        raise Error(SimpleNamespace(response=SimpleNamespace(status_code=capsules.LOCKED, json=dict, text="")))

    rows = deployment.sdk().capsules.search_capsules(CapsuleSearchParams()).results
    linked = next(row.id for row in rows if row.cloned_from_url and row.status == "non_release")
    monkeypatch.setattr(type(deployment.sdk().capsules), "sync_capsule", refuse)
    with pytest.raises(CheckFailed, match="each of 5 syncs of a capsule that is not running returned 423"):
        capsules.sync_idle(deployment, "capsule", linked)
