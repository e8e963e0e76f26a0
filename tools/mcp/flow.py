"""Call every tool of Code Ocean's MCP server over stdio, with the fake as its domain.

Runs inside the environment of the MCP server: `python -m tools.mcp.flow URL TOKEN`. Prints one JSON line, for each
tool `ok` or what went wrong.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from mcp import ClientSession, StdioServerParameters  # type: ignore[import-not-found, unused-ignore]
from mcp.client.stdio import stdio_client  # type: ignore[import-not-found, unused-ignore]

from tools.expectations import includes, one_of, same, shows

SERVER = str(Path(sys.executable).parent / "codeocean-mcp-server")

CAPSULE = "1d8288da-0785-4e4f-aa37-2d1db3636bc4"
RELEASE = "6a0f0d2c-3b0e-4d53-9c5e-0a6fd1f3d8b1"
FASTQC = "0b4f6f7c-7f4b-4f0a-9a77-3d7c1f5a2e10"
STAR = "5c9d2a44-1f57-4a8e-8f2b-6e3a9d7b4c21"
RNA_PIPELINE = "e7a77780-b8ae-439e-89ac-fac2549da91b"
BOTH_PIPELINE = "cd4ef788-b404-4406-8bda-76b5e41a7b8d"
PAST_RUN = "86a79b7f-ab60-4141-a97c-b1dbbb94decb"
IRIS = "37a93748-ce90-4980-913b-2de0908d5212"
REFERENCE = "eeefcc52-b445-4e3c-80c5-0e65526cd712"

TABLE = "row,value\n1,0.25\n2,0.5\n3,0.75\n"
OWNER = {"email": "demo-user@example.com", "role": "owner"}
ROWS = {"name": "Number of rows", "param_name": "rows", "value": "3"}


class ToolError(Exception):
    """A tool answered that it failed."""


@dataclass
class Agent:
    """What an agent has: a session with the MCP server, and what it has learnt from it so far."""

    session: Any
    called: set[str] = field(default_factory=set)
    learnt: dict[str, Any] = field(default_factory=dict)

    async def call(self, tool: str, **arguments: Any) -> Any:
        """The structured answer of `tool`. Raises `ToolError`."""
        self.called.add(tool)
        answer = await self.session.call_tool(tool, arguments)
        if answer.isError:
            raise ToolError(" ".join(part.text for part in answer.content))
        content = answer.structuredContent
        return content["result"] if content is not None and content.keys() == {"result"} else content

    def need(self, tool: str) -> Any:
        """What an earlier step has learnt from `tool`."""
        if tool not in self.learnt:
            raise ToolError(f"there was nothing to work with, as {tool} failed")
        return self.learnt[tool]


def fetched(url: str) -> str:
    """The text behind a signed URL."""
    return httpx.get(url, verify=httpx.create_ssl_context(), trust_env=False, timeout=20).raise_for_status().text


async def search_capsules(agent: Agent) -> None:
    found = await agent.call("search_capsules", search_params={"query": "tag:example"}, include_field_names=True)
    shows(found, item_count=2, has_more=False)
    same({item["id"] for item in found["items"]}, {CAPSULE, RELEASE})
    shows(found["field_names"], n="name", s="slug")
    first = next(item for item in found["items"] if item["id"] == CAPSULE)
    shows(first, n="Example capsule to execute for capsule API", s="1576467", t=["example"])


async def search_pipelines(agent: Agent) -> None:
    params = {"query": "tag:RNA", "sort_field": "name", "sort_order": "desc", "limit": 10}
    found = await agent.call("search_pipelines", search_params=params)
    same([item["id"] for item in found["items"]], [RNA_PIPELINE, BOTH_PIPELINE])


async def get_capsule(agent: Agent) -> None:
    capsule = await agent.call("get_capsule", capsule_id=CAPSULE)
    shows(capsule, id=CAPSULE, slug="1576467", status="non_release", created=1646687025, release_capsule=RELEASE)
    shows(capsule, owner_email=OWNER["email"], field="Bioinformatics", tags=["example"])


async def get_capsule_app_panel(agent: Agent) -> None:
    panel = await agent.call("get_capsule_app_panel", capsule_id=CAPSULE)
    same([parameter["param_name"] for parameter in panel["parameters"]], ["rows", "label"])
    shows(panel["parameters"][0], name="Number of rows", type="text", default_value="3")
    shows(panel["general"], title="Example")


async def get_capsule_permissions(agent: Agent) -> None:
    permissions = await agent.call("get_capsule_permissions", capsule_id=FASTQC)
    shows(permissions, users=[OWNER], groups=[{"group": "demo-lab", "role": "viewer"}], everyone="none")


async def attach_data_assets(agent: Agent) -> None:
    wish = {"id": REFERENCE, "mount": "genome"}
    [attached] = await agent.call("attach_data_assets", capsule_id=CAPSULE, attach_params=[wish])
    shows(attached, id=REFERENCE, mount="genome", external=False, job_id="", mount_state="mounted", ready=True)
    try:
        await agent.call("run_capsule", run_params={"capsule_id": CAPSULE, "data_assets": [{"id": REFERENCE}]})
    except ToolError as refused:
        includes(str(refused), "data asset already attached")
    else:
        raise AssertionError("a run takes the data asset as if it were not attached")


async def detach_data_assets(agent: Agent) -> None:
    """That it is detached shows in `run_capsule`, which mounts it."""
    same(await agent.call("detach_data_assets", capsule_id=CAPSULE, data_assets=[REFERENCE]), None)


async def run_capsule(agent: Agent) -> None:
    params = {
        "capsule_id": CAPSULE,
        "data_assets": [{"id": REFERENCE, "mount": "reference"}],
        "named_parameters": [{"param_name": "rows", "value": "3"}],
    }
    run = await agent.call("run_capsule", run_params=params)
    agent.learnt["run_capsule"] = run["id"]
    one_of(run["state"], {"initializing", "running"})
    shows(run, end_status=None, cloud_workstation=False)


async def rename_computation(agent: Agent) -> None:
    key = agent.need("run_capsule")
    same(await agent.call("rename_computation", computation_id=key, name="Three rows"), None)


async def wait_until_completed(agent: Agent) -> None:
    run = await agent.call("wait_until_completed", computation_id=agent.need("run_capsule"))
    shows(run, state="completed", end_status="succeeded", exit_code=0, has_results=True, name="Three rows")


async def get_computation(agent: Agent) -> None:
    run = await agent.call("get_computation", computation_id=agent.need("run_capsule"))
    shows(run, state="completed", data_assets=[{"id": REFERENCE, "mount": "reference"}])
    includes(run["parameters"], ROWS)
    assert run["run_time"] > 0


async def list_computation_results(agent: Agent) -> None:
    folder = await agent.call("list_computation_results", computation_id=agent.need("run_capsule"))
    shows(folder["items"][0], name="figures", path="figures", type="folder")
    table = {"name": "table.csv", "path": "table.csv", "size": len(TABLE), "type": "file"}
    includes(folder["items"], table)
    includes([item["name"] for item in folder["items"]], "output")


async def get_result_file_urls(agent: Agent) -> None:
    key = agent.need("run_capsule")
    urls = await agent.call("get_result_file_urls", computation_id=key, file_path="table.csv")
    same([fetched(urls[name]) for name in ("download_url", "view_url")], [TABLE, TABLE])


async def download_and_read_a_file_from_computation(agent: Agent) -> None:
    tool = "download_and_read_a_file_from_computation"
    same(await agent.call(tool, computation_id=agent.need("run_capsule"), file_path="table.csv"), TABLE)


async def create_data_asset(agent: Agent) -> None:
    source = {"computation": {"id": agent.need("run_capsule")}}
    params = {"name": "Captured", "tags": ["captured"], "mount": "captured", "source": source}
    asset = await agent.call("create_data_asset", data_asset_params=params)
    agent.learnt["create_data_asset"] = asset
    shows(asset, name="Captured", tags=["captured"], mount="captured", state="draft", type="result")


async def wait_until_ready(agent: Agent) -> None:
    asset = await agent.call("wait_until_ready", data_asset=agent.need("create_data_asset"), timeout=60)
    shows(asset, state="ready", id=agent.need("create_data_asset")["id"])
    shows(asset["provenance"], computation=agent.need("run_capsule"), data_assets=[REFERENCE])


async def get_data_asset(agent: Agent) -> None:
    asset = await agent.call("get_data_asset", data_asset_id=IRIS)
    shows(asset, name="Iris measurements", mount="iris", state="ready", type="dataset", tags=["flowers", "668759"])
    shows(asset["custom_metadata"], **{"subject id": "668759", "sampling rate": 30.5})


async def list_data_asset_files(agent: Agent) -> None:
    folder = await agent.call("list_data_asset_files", data_asset_id=IRIS, path="docs")
    size = len("# Iris measurements\n")
    same(folder["items"], [{"name": "README.md", "path": "docs/README.md", "size": size, "type": "file"}])


async def get_data_asset_file_urls(agent: Agent) -> None:
    key = agent.need("create_data_asset")["id"]
    urls = await agent.call("get_data_asset_file_urls", data_asset_id=key, file_path="table.csv")
    same([fetched(urls[name]) for name in ("download_url", "view_url")], [TABLE, TABLE])


async def download_and_read_a_file_from_data_asset(agent: Agent) -> None:
    tool = "download_and_read_a_file_from_data_asset"
    text = await agent.call(tool, data_asset_id=IRIS, file_path="iris.csv")
    same(text.splitlines()[:2], ["sepal_length,sepal_width,species", "5.1,3.5,setosa"])


async def update_metadata(agent: Agent) -> None:
    key = agent.need("create_data_asset")["id"]
    wish: dict[str, Any] = {"name": "Three rows", "description": "By an agent.", "tags": ["mcp"], "mount": "rows"}
    wish["custom_metadata"] = {"subject id": "668759"}
    shows(await agent.call("update_metadata", data_asset_id=key, update_params=wish), id=key, **wish)


async def search_data_assets(agent: Agent) -> None:
    params = {"query": "tag:mcp", "type": "result", "ownership": "created"}
    found = await agent.call("search_data_assets", search_params=params)
    key = agent.need("create_data_asset")["id"]
    same(found["items"], [{"id": key, "n": "Three rows", "d": "By an agent.", "t": ["mcp"]}])


async def get_data_asset_permissions(agent: Agent) -> None:
    permissions = await agent.call("get_data_asset_permissions", data_asset_id=IRIS)
    includes(permissions["users"], OWNER, {"email": "demo-viewer@example.com", "role": "viewer"})
    shows(permissions, everyone="none")


async def get_custom_metadata(agent: Agent) -> None:
    """The schema has the fields that data assets of the demo world have values in."""
    schema = await agent.call("get_custom_metadata")
    types = {one["name"]: one["type"] for one in schema["fields"] or []}
    shows(types, **{"data level": "string", "subject id": "string"})
    shows(types, **{"acquisition date": "date", "sampling rate": "number"})
    level = next(one for one in schema["fields"] if one["name"] == "data level")
    includes(level["allowed_values"], "raw")
    includes(schema["categories"], level["category"])


async def attach_computation_data_assets(agent: Agent) -> None:
    key = await _cloud_workstation(agent)
    agent.learnt["attach_computation_data_assets"] = key
    wish = {"id": IRIS, "mount": "flowers"}
    [attached] = await agent.call("attach_computation_data_assets", computation_id=key, attach_params=[wish])
    shows(attached, id=IRIS, mount="flowers", external=False)
    includes((await agent.call("get_computation", computation_id=key))["data_assets"], wish)


async def detach_computation_data_assets(agent: Agent) -> None:
    key = agent.need("attach_computation_data_assets")
    same(await agent.call("detach_computation_data_assets", computation_id=key, data_assets=[IRIS]), None)
    left = (await agent.call("get_computation", computation_id=key))["data_assets"] or []
    assert IRIS not in [asset["id"] for asset in left], "it is still attached"


async def _cloud_workstation(agent: Agent) -> str:
    """The cloud workstation that runs in the demo world."""
    for run in await agent.call("list_computations", capsule_id=STAR):
        if run["cloud_workstation"] and run["state"] == "running":
            return str(run["id"])
    raise ToolError("no cloud workstation is running in the demo world")


async def release_capsule(agent: Agent) -> None:
    job = await agent.call("release_capsule", capsule_id=CAPSULE)
    agent.learnt["release_capsule"] = job["job_id"]
    one_of(job["status"], {"created", "started"})
    shows(job, release_capsule=None, release_version=None, error=None)


async def get_release_job(agent: Agent) -> None:
    key = agent.need("release_capsule")
    job = await agent.call("get_release_job", capsule_id=CAPSULE, job_id=key)
    shows(job, job_id=key, error=None)
    one_of(job["status"], {"created", "started", "completed"})


async def wait_until_release_completed(agent: Agent) -> None:
    key = agent.need("release_capsule")
    job = await agent.call("wait_until_release_completed", capsule_id=CAPSULE, job_id=key, timeout=60)
    shows(job, job_id=key, status="completed", release_capsule=RELEASE, error=None)
    shows(job["release_version"], major_version=2, minor_version=0)
    released = await agent.call("get_capsule", capsule_id=RELEASE)
    same([version["major_version"] for version in released["versions"]], [1, 2])


async def list_computations(agent: Agent) -> None:
    runs = await agent.call("list_computations", capsule_id=CAPSULE)
    includes([run["id"] for run in runs], agent.need("run_capsule"), PAST_RUN)
    assert all(run["created"] for run in runs)


async def delete_computation(agent: Agent) -> None:
    """Delete the run, and the cloud workstation, which shuts it down."""
    for capsule, key in ((CAPSULE, agent.need("run_capsule")), (STAR, agent.need("attach_computation_data_assets"))):
        same(await agent.call("delete_computation", computation_id=key), None)
        left = [run["id"] for run in await agent.call("list_computations", capsule_id=capsule)]
        assert key not in left, "it is still there"


async def sync_capsule(agent: Agent) -> None:
    """Commits go both ways once, then there is nothing left to exchange."""
    first = await agent.call("sync_capsule", capsule_id=FASTQC)
    same(first, {"pushed": 2, "pulled": 1, "new_branch": False})
    again = await agent.call("sync_capsule", capsule_id=FASTQC)
    same(again, {"pushed": 0, "pulled": 0, "new_branch": False})


STEPS: tuple[Callable[[Agent], Awaitable[None]], ...] = (
    search_capsules,
    search_pipelines,
    get_capsule,
    get_capsule_app_panel,
    get_capsule_permissions,
    attach_data_assets,
    detach_data_assets,
    run_capsule,
    rename_computation,
    wait_until_completed,
    get_computation,
    list_computation_results,
    get_result_file_urls,
    download_and_read_a_file_from_computation,
    create_data_asset,
    wait_until_ready,
    get_data_asset,
    list_data_asset_files,
    get_data_asset_file_urls,
    download_and_read_a_file_from_data_asset,
    update_metadata,
    search_data_assets,
    get_data_asset_permissions,
    get_custom_metadata,
    attach_computation_data_assets,
    detach_computation_data_assets,
    release_capsule,
    get_release_job,
    wait_until_release_completed,
    list_computations,
    delete_computation,
    sync_capsule,
)
"""One step for each tool, of its name, in an order in which each finds what it needs."""


async def attempt(agent: Agent, step: Callable[[Agent], Awaitable[None]], tool: str) -> str:
    """`ok`, or what went wrong."""
    try:
        await step(agent)
    except Exception as problem:
        return str(problem) or repr(problem)
    return "ok" if tool in agent.called else "not called"


async def main(url: str, token: str) -> dict[str, str]:
    """Start the MCP server, list its tools, take all steps."""
    variables = {"CODEOCEAN_DOMAIN": url, "CODEOCEAN_TOKEN": token, "AGENT_ID": "codeocean-mock", "LOG_LEVEL": "ERROR"}
    # The only one that it needs under HTTPS: it speaks through the SDK, which is built on requests.
    trust = {name: os.environ[name] for name in ("REQUESTS_CA_BUNDLE",) if name in os.environ}
    server = StdioServerParameters(command=SERVER, env=variables | trust)
    async with stdio_client(server) as streams, ClientSession(*streams) as session:
        hello = await session.initialize()
        includes(hello.instructions, url)
        agent = Agent(session)
        outcomes = {tool.name: "not called" for tool in (await session.list_tools()).tools}
        for step in STEPS:
            tool = step.__name__
            outcomes[tool] = await attempt(agent, step, tool)
        return outcomes


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
