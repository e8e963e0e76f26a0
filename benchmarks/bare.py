"""What the fake is measured against: FastAPI with nothing behind it, answering the same fields."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(openapi_url=None)


class Item(BaseModel):
    """As many fields and bytes as a computation."""

    cloud_workstation: bool
    created: int
    end_status: str
    exit_code: int
    has_results: bool
    id: str
    name: str
    owner: str
    owner_email: str
    parameters: list[dict[str, str]]
    run_time: int
    state: str


class Params(BaseModel):
    """As many fields as the body of a run."""

    capsule_id: str
    named_parameters: list[dict[str, str]]


class Bucket(BaseModel):
    """As many fields as the bucket that a data asset is made of."""

    bucket: str
    prefix: str | None = None
    origin: str | None = None


class Source(BaseModel):
    """Where the files of a data asset come from."""

    aws: Bucket


class AssetParams(BaseModel):
    """As many fields as the body of a new data asset."""

    name: str
    tags: list[str]
    mount: str
    description: str
    source: Source


class AssetChange(BaseModel):
    """As many fields as the body of an update."""

    name: str
    tags: list[str]
    description: str


class Asset(BaseModel):
    """As many fields and bytes as a data asset."""

    created: int
    description: str
    files: int
    id: str
    last_used: int
    mount: str
    name: str
    owner: str
    owner_email: str
    size: int
    source_bucket: Bucket
    state: str
    tags: list[str]
    type: str


ITEM = Item(
    cloud_workstation=False,
    created=1710962969,
    end_status="succeeded",
    exit_code=0,
    has_results=True,
    id="8f174aed-64ce-43eb-9c16-64d25da84bda",
    name="Run With Parameters 962969",
    owner="9b17d7b7-8b48-461a-95c6-ddb1a00a4e49",
    owner_email="demo-user@example.com",
    parameters=[{"name": "Number of threads", "param_name": "threads", "value": "2"}],
    run_time=31,
    state="completed",
)
items = {ITEM.id: ITEM}
ASSET = Asset(
    created=1710962969,
    description="Reads of one lane",
    files=0,
    id="37a93748-ce90-4980-913b-2de0908d5212",
    last_used=0,
    mount="reads",
    name="Reads",
    owner="9b17d7b7-8b48-461a-95c6-ddb1a00a4e49",
    owner_email="demo-user@example.com",
    size=0,
    source_bucket=Bucket(bucket="reads", prefix="lane-1", origin="aws"),
    state="draft",
    tags=["reads", "lane"],
    type="dataset",
)
assets = {ASSET.id: ASSET}


@app.get("/api/v1/computations/{computation_id}")
async def get(computation_id: str) -> Item:
    """Answer an object from memory."""
    return items[computation_id]


@app.post("/api/v1/computations")
async def post(params: Params) -> Item:
    """Keep an object in memory and answer it."""
    items[params.capsule_id] = ITEM
    return ITEM


@app.post("/api/v1/data_assets")
async def create_asset(params: AssetParams) -> Asset:
    """Keep an object in memory and answer it."""
    assets[params.name] = ASSET
    return ASSET


@app.put("/api/v1/data_assets/{data_asset_id}")
async def update_asset(data_asset_id: str, params: AssetChange) -> Asset:
    """Change an object in memory and answer it."""
    assets[data_asset_id] = changed = assets[data_asset_id].model_copy(update=params.model_dump())
    return changed
