"""Routes of capsules and of pipelines: the same ones, made once for each kind."""

from fastapi import APIRouter

from mock_server.api.call import Call
from mock_server.api.capsule_changes import add_changes
from mock_server.api.declare import link, operation
from mock_server.api.parameters import CapsuleId
from mock_server.services import capsules
from mock_server.services.capsules import Kind
from mock_server.wire.capsules import Capsule, CapsuleSearchParams, CapsuleSearchResults
from mock_server.wire.computations import Computation

READ = ("capsule:read",)

EXAMPLE = {
    "created": 1646687025,
    "id": "1d8288da-0785-4e4f-aa37-2d1db3636bc4",
    "name": "Example capsule to execute for capsule API",
    "owner": "9b17d7b7-8b48-461a-95c6-ddb1a00a4e49",
    "slug": "1576467",
    "status": "non_release",
}
RUN_EXAMPLE = {
    "cloud_workstation": False,
    "created": 1646690405,
    "end_status": "succeeded",
    "exit_code": 0,
    "has_results": True,
    "id": "86a79b7f-ab60-4141-a97c-b1dbbb94decb",
    "name": "Run 6689159",
    "owner": "9b17d7b7-8b48-461a-95c6-ddb1a00a4e49",
    "run_time": 5,
    "state": "completed",
}


def make_router(kind: Kind) -> APIRouter:
    """The routes under `/capsules` or under `/pipelines` (the SDK's `Pipelines` is its `Capsules` on another path)."""
    plural = f"{kind}s"
    router = APIRouter(prefix=f"/api/v1/{plural}", tags=[plural])
    first = link(f"get_{kind}", capsule_id="$response.body#/results/0/id")

    @router.post(
        "/search",
        summary=f"Search {plural}",
        **operation(
            f"search_{plural}",
            evidence="documented",
            scopes=READ,
            answers=f"A page of {plural}",
            example={"has_more": False, "results": [EXAMPLE]},
            failures=(413,),
            links={f"get_{kind}": first},
        ),
    )
    async def search(call: Call, params: CapsuleSearchParams) -> CapsuleSearchResults:
        """Search by words, phrases, fields and filters; sorted by relevance when there are words, and else by name."""
        return await capsules.search(call.world, call.caller, kind, params)

    @router.get(
        "/{capsule_id}",
        summary=f"Get {kind}",
        **operation(
            f"get_{kind}",
            evidence="documented",
            scopes=READ,
            answers=f"The {kind}",
            example=EXAMPLE,
            failures=(404,),
        ),
    )
    async def get(call: Call, capsule_id: CapsuleId) -> Capsule:
        """Get what is known of one; a pipeline is found under both paths."""
        return capsules.get(call.world, call.caller, kind, capsule_id)

    @router.get(
        "/{capsule_id}/computations",
        summary=f"List computations of a {kind}",
        **operation(
            f"list_{kind}_computations",
            evidence="documented",
            scopes=READ,
            answers="All runs, newest first",
            example=[RUN_EXAMPLE],
            failures=(404,),
        ),
    )
    async def list_computations(call: Call, capsule_id: CapsuleId) -> list[Computation]:
        """List all runs, newest first; there are no pages."""
        return capsules.list_computations(call.world, call.caller, kind, capsule_id)

    add_changes(router, kind)
    return router
