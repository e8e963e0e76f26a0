"""What searches are measured against: FastAPI that has each page in memory, as models, and answers it.

The pages are those that the fake has answered, one in a file in the folder `BENCH_PAGES`, and the models are its own:
so the answers are the same to the byte. What the routes take is read and checked, and has no effect.
"""

import os
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query, Response

from mock_server.wire.data_assets import DataAssetSearchParams, DataAssetSearchResults

FOLDER = Path(os.environ["BENCH_PAGES"])

app = FastAPI(openapi_url=None)


@cache
def content(name: str) -> bytes:
    """The bytes of a page."""
    return (FOLDER / f"{name}.json").read_bytes()


@cache
def model(name: str) -> DataAssetSearchResults:
    """A page as FastAPI is given it."""
    return DataAssetSearchResults.model_validate_json(content(name))


@app.get("/")
async def ready() -> bool:
    """Answer, once there is a server."""
    return True


@app.post("/pages/{name}", response_model_exclude_none=True)
async def page(name: str, _params: DataAssetSearchParams) -> DataAssetSearchResults:
    """Answer a page."""
    return model(name)


@app.get("/pages/{name}", response_model_exclude_none=True)
async def page_with_total(
    name: str, _query: Annotated[str, Query(alias="query")], _limit: Annotated[int, Query(alias="limit")]
) -> DataAssetSearchResults:
    """Answer a page of the old search."""
    return model(name)


@app.api_route("/bytes/{name}", methods=["GET", "POST"])
async def constant(name: str) -> Response:
    """Answer the bytes of a page: nothing is read, and no model is written."""
    return Response(content(name), media_type="application/json")
