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


@app.get("/api/v1/computations/{computation_id}")
async def get(computation_id: str) -> Item:
    """Answer an object from memory."""
    return items[computation_id]


@app.post("/api/v1/computations")
async def post(params: Params) -> Item:
    """Keep an object in memory and answer it."""
    items[params.capsule_id] = ITEM
    return ITEM
