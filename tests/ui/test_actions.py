"""What can be done in the dashboard is done, after it has been asked for, and as the API would do it."""

import base64
import re
import shlex

import httpx
import pytest

from tests import ids
from tests.conftest import USER, Client, HandClock, Server
from tests.control.conftest import Plane
from tests.ui.conftest import WORLD, Browser, captured, started


def test_a_run_is_started_by_its_form(browser: Browser, client: Client, clock: HandClock) -> None:
    page = browser.submit(
        browser.page(f"/capsules/{ids.CAPSULE}"), "/runs", **{"parameter.0": 5, "parameter.1": "mine"}
    )
    run = page.answer.url.path.rpartition("/")[2]
    assert "The run has been started" in page.text
    assert "initializing" in page.text
    told = client.ask("GET", f"/computations/{run}")
    assert [(item["param_name"], item["value"]) for item in told["parameters"]] == [("rows", "5"), ("label", "mine")]
    assert "The run has been started" not in browser.page(f"/computations/{run}").text
    clock.advance(60)
    assert "succeeded, exit code 0" in browser.page(f"/computations/{run}").text


def test_a_run_that_is_not_allowed_keeps_what_was_filled_in(browser: Browser) -> None:
    page = browser.page(f"/capsules/{ids.CAPSULE}")
    refused = browser.submit(page, "/runs", 400, **{"parameter.0": "5000", "parameter.1": "mine"})
    assert "Number of rows: has to be at most 1000" in refused.text
    [field] = [given for _, given in refused.elements if given.get("name") == "parameter.0"]
    assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "f-parameter-0-wrong f-parameter-0-help")
    assert "autofocus" in field
    fields = refused.form("/runs").fields
    assert (fields["parameter.0"], fields["parameter.1"]) == ("5000", "mine")


def test_a_pipeline_is_given_the_parameters_of_its_processes(browser: Browser, client: Client) -> None:
    page = browser.page(f"/pipelines/{ids.PIPELINE}")
    page = browser.submit(page, "/runs", **{"process.0.0": 8, "nextflow_profile": "quick"})
    told = client.ask("GET", f"/computations/{page.answer.url.path.rpartition('/')[2]}")
    assert told["nextflow_profile"] == "quick"
    given = {process["name"]: process.get("parameters") for process in told["processes"]}
    assert {item["param_name"]: item["value"] for item in given["capsule_star_alignment_1"]}["NumThreads"] == "8"


def test_what_is_wrong_in_a_process_stands_beside_its_field(browser: Browser) -> None:
    page = browser.page(f"/pipelines/{ids.BOTH_PIPELINE}")
    refused = browser.submit(page, "/runs", 400, **{"process.3.0": "many"})
    [field] = [given for _, given in refused.elements if given.get("aria-invalid")]
    assert (field["name"], field["value"]) == ("process.3.0", "many")
    assert "Number of files: has to be an integer" in refused.text


def test_a_capsule_without_a_panel_takes_parameters_and_data_assets_as_lines(browser: Browser, client: Client) -> None:
    page = browser.page(f"/capsules/{ids.FAILS}")
    page = browser.submit(page, "/runs", ordered="one\n two \n\n", data_assets=f"{ids.IRIS} flowers\n{ids.MOUSE}")
    told = client.ask("GET", f"/computations/{page.answer.url.path.rpartition('/')[2]}")
    assert [item["value"] for item in told["parameters"]] == ["one", "two"]
    assert ("flowers", ids.IRIS) in [(item["mount"], item["id"]) for item in told["data_assets"]]


def test_stopping_renaming_and_deleting_a_run(browser: Browser, client: Client) -> None:
    run = started(client, ids.SLOW)
    where = f"/computations/{run}"
    asked = browser.submit(browser.page(where), "/stop")
    assert "Stop" in asked.text
    assert "state" in client.ask("GET", where)
    assert client.ask("GET", where)["state"] != "completed"
    assert "stopped" in browser.agree(asked).text
    assert client.ask("GET", where)["end_status"] == "stopped"
    assert "/stop" not in browser.page(where).html
    assert "My run" in browser.submit(browser.page(where), "/rename", name="My run").text
    assert client.ask("GET", where)["name"] == "My run"
    assert browser.submit(browser.page(where), "/rename", 400, name=" ").status == 400
    browser.act(where, "/delete")
    client.ask("GET", where, 404)


def test_a_capture_that_is_refused_says_what_is_wrong_beside_its_field(browser: Browser, client: Client) -> None:
    page = browser.page(f"/computations/{ids.PAST_RUN}")
    refused = browser.submit(page, "/capture", 400, name="", mount="in", tags="a", path="")
    [field] = [given for _, given in refused.elements if given.get("aria-invalid")]
    assert (field["id"], field["aria-describedby"]) == ("capture-name", "capture-name-wrong")
    assert refused.form("/capture").fields["mount"] == "in"
    refused = browser.submit(page, "/rename", 400, name=" ")
    assert "Name: fill this in" in refused.text


def test_capturing_and_where_it_comes_from(browser: Browser, client: Client, clock: HandClock) -> None:
    run = started(client, ids.CAPSULE)
    assert "Results appear when the run ends" in browser.page(f"/computations/{run}").text
    clock.advance(60)
    page = browser.submit(
        browser.page(f"/computations/{run}"), "/capture", name="My table", mount="table", tags="a, b c,", path=""
    )
    asset = page.answer.url.path.rpartition("/")[2]
    assert "draft" in page.text
    clock.advance(60)
    told = client.ask("GET", f"/data_assets/{asset}")
    assert (told["name"], told["mount"], told["tags"]) == ("My table", "table", ["a", "b c"])
    user = started(client, ids.FASTQC, data_assets=[{"id": asset, "mount": "in"}])
    clock.advance(60)
    made = captured(client, user, name="Made of it")
    boxes = [given for tag, given in browser.page(f"/data_assets/{asset}").elements if tag == "a"]
    for kind, key in (("capsules", ids.CAPSULE), ("computations", run), ("computations", user), ("data_assets", made)):
        assert f"{WORLD}/{kind}/{key}" in [box.get("href") for box in boxes]
    origins = browser.page(f"/data_assets/{made}")
    assert f"{WORLD}/data_assets/{asset}" in origins.paths
    assert "My table" in browser.page(f"/computations/{run}").text


def test_results_are_browsed_shown_and_downloaded(browser: Browser, client: Client) -> None:
    where = f"/computations/{ids.PAST_RUN}"
    assert "row value 1 0.25" in browser.page(f"{where}/files?path=table.csv").text
    assert "./run" in browser.page(f"{where}/files?path=output").text
    picture = browser.page(f"{where}/files?path=figures/overview.svg")
    assert [given["alt"] for tag, given in picture.elements if tag == "img"][-1] == "figures/overview.svg"
    listing = browser.page(f"{where}/files?path=figures")
    assert [link for link in listing.links if link.endswith("files?path=figures%2Foverview.svg")]
    url = client.ask("GET", f"{where}/results/urls", params={"path": "table.csv"})["download_url"]
    bytes_ = browser.get(f"{WORLD}{where}/raw?path=table.csv&download=1")
    assert bytes_.content == httpx.get(url).content
    assert bytes_.headers["content-disposition"] == "attachment; filename*=UTF-8''table.csv"
    assert "file not found" in browser.page(f"{where}/raw?path=nothing", 404).text
    assert "folder not found" in browser.page(f"{where}/files?path=nothing", 404).text


def test_binary_and_large_files_are_not_shown_as_text(browser: Browser, client: Client, clock: HandClock) -> None:
    run = started(client, ids.SLOW)
    clock.advance(40_000)
    assert "no preview of this file" in browser.page(f"/computations/{run}/files?path=model.pt").text
    reads = started(client, ids.MANY_FILES)
    clock.advance(60)
    text = browser.page(f"/computations/{reads}/files?path=session-1/summary.json").text
    assert '{"units": 17}' in text
    assert "Only the beginning is shown" not in text
    assert "Only the beginning is shown" in browser.page(f"/data_assets/{ids.REFERENCE}/files?path=genome.fasta").text


def test_the_search_language_is_that_of_the_api(browser: Browser) -> None:
    assert "STAR alignment" in browser.page("/capsules?query=tag:alignment+name:star").text
    assert "BWA" not in browser.page("/capsules?query=tag:alignment+name:star").text
    assert "commoncrawl" in browser.page("/data_assets?query=name:crawl&type=dataset").text
    assert "No data assets found" in browser.page("/data_assets?query=name:crawl&type=model").text
    assert "No pipelines found" in browser.page("/pipelines?query=nothing-like-this").text


def test_the_dashboard_acts_as_the_user_that_was_chosen(browser: Browser, client: Client) -> None:
    asset = browser.page("/data_assets").text
    page = browser.submit(browser.page("/data_assets"), "/user", token="cop_demo_viewer")
    assert page.answer.url.path == f"{WORLD}/data_assets"
    assert "You now act as demo-viewer@example.com" in page.text
    assert page.text != asset
    assert "not found" in browser.page(f"/capsules/{ids.CAPSULE}", 404).text
    browser.submit(browser.page(), "/user", token="cop_demo_readonly")
    page = browser.page(f"/capsules/{ids.CAPSULE}")
    assert "lacks the scope capsule:write" in browser.submit(page, "/runs", 403).text
    browser.submit(browser.page(), "/user", token="cop_demo_noscope")
    assert "lacks the scope capsule:read" in browser.page("/capsules", 403).text
    assert "lacks the scope data_asset:read" in browser.page("/data_assets", 403).text
    assert browser.page("/journal").status == 200
    browser.submit(browser.page(), "/user", token="cop_made_up")
    assert browser.page("/capsules", 403).status == 403


def test_looking_does_not_move_a_clock_that_skips(browser: Browser, client: Client, server: Server) -> None:
    with Plane(server.url) as plane:
        plane.ask("PUT", "/worlds/default/clock", json={"mode": "skipping"})
    run = started(client, ids.CAPSULE)
    before = server.app.worlds.default.clock.now()
    for path in (f"/computations/{run}", f"/computations/{run}/files", "/computations", "", f"/data_assets/{ids.IRIS}"):
        browser.page(path)
    assert server.app.worlds.default.clock.now() == before
    client.ask("GET", f"/computations/{run}")
    assert server.app.worlds.default.clock.now() > before


@pytest.mark.parametrize(
    ("operation", "count"), [("get_computation", 2), ("", 3), ("delete_capsule", 0)], ids=["one", "all", "none"]
)
def test_the_journal_is_filtered(browser: Browser, client: Client, operation: str, count: int) -> None:
    client.ask("GET", f"/computations/{ids.PAST_RUN}")
    client.ask("GET", f"/computations/{ids.NOBODYS}", 404)
    client.ask("GET", f"/capsules/{ids.CAPSULE}")
    page = browser.page(f"/journal?operation={operation}")
    assert len([link for link in page.links if re.search(r"/journal/\d+$", link)]) == count
    assert f"Showing {count} of 3 requests" in page.text
    assert f"Showing {'1' if count else '0'} of" in browser.page(f"/journal?operation={operation}&status=4xx").text


def test_a_request_of_the_journal_can_be_repeated(browser: Browser, client: Client) -> None:
    first = client.ask("POST", "/capsules/search", json={"query": "it's", "limit": 3, "color": "red"})
    client.ask("POST", "/data_assets/search?x=1", json={"query": "password: hunter2"})
    page = browser.page("/journal/1")
    assert "body.color" in page.text
    [line] = [words for words in re.findall(r"curl -X [^\n<]+", page.text) if "capsules/search" in words]
    words = shlex.split(line.partition("Request body")[0])
    method, url = words[words.index("-X") + 1], words[words.index("-X") + 2]
    token = words[words.index("-u") + 1]
    headers = dict(word.split(": ", 1) for at, word in enumerate(words) if words[at - 1] == "-H")
    body = words[words.index("-d") + 1]
    again = httpx.request(
        method,
        url,
        content=body,
        headers=headers | {"Authorization": "Basic " + base64.b64encode(token.encode()).decode()},
    )
    assert again.json() == first
    assert token == f"{USER}:"
    assert "hunter2" not in browser.page("/journal/2").html
    browser.act("/journal", "/clear")
    assert "Showing 0 of 0 requests" in browser.page("/journal").text
