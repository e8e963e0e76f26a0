"""How a driven run, or a driven data asset, is told that it goes on, and how it ends."""

from mock_server.domain import lifecycle
from mock_server.domain.lifecycle import STAGES, End
from mock_server.errors import BadRequestError, ConflictError
from mock_server.services import access, runs
from mock_server.services.driven import row as rows
from mock_server.services.driven.row import DrivenRun
from mock_server.store import queries
from mock_server.store.schema import DataAssetRow, DrivenRow
from mock_server.wire.control import RunPlan
from mock_server.wire.driven import DataAssetPlan, Finish, FinishDataAsset, Progress
from mock_server.world import World

_ORDER = STAGES["computation"]


def progress(world: World, computation_id: str, request: Progress, lease: str | None) -> RunPlan:
    """Have a driven run come into a later stage. Raises `ConflictError` for one that it has left, or has ended."""
    with world.write():
        run = rows.find(world, computation_id, lease)
        rows.require_going(run)
        before = run.moment.state
        if _ORDER.index(request.state) < _ORDER.index(before):
            raise ConflictError(f"the run is {before} already, and does not go back to {request.state}")
        if request.state != before:
            rows.write_plan(world, run.row, lifecycle.reached(run.row.plan, world.clock.now(), request.state))
    return runs.plan_of(world, run.row.id)


def finish(world: World, computation_id: str, request: Finish, lease: str | None) -> RunPlan:
    """Have a driven run end. Raises `ConflictError` when it has ended otherwise."""
    with world.write():
        run = rows.find(world, computation_id, lease)
        before = run.moment.end
        if before is None:
            _finish(world, run, rows.require_going(run), request)
        elif before != _end(request, has_results=before.has_results):
            rows.require_going(run)
    return runs.plan_of(world, run.row.id)


def _finish(world: World, run: DrivenRun, going: DrivenRow, request: Finish) -> None:
    end = _end(request, has_results=rows.has_results(world, run.row))
    plan = lifecycle.ended(run.row.plan, world.clock.now(), end)
    rows.write_end(world, run.row, going, plan, results=request.has_results is not False)


def _end(request: Finish, *, has_results: bool) -> End:
    """The end that a request tells of; `has_results` when it says nothing of them. A run that the platform has failed
    has no exit code (docs: computation page). Raises `BadRequestError` when it does not say how the run has ended.
    """
    results = has_results if request.has_results is None else request.has_results
    if request.state == "failed":
        return End("failed", request.end_status, None, results)
    if request.exit_code is None and request.end_status is None:
        raise BadRequestError("needs exit_code or end_status")
    status = request.end_status or ("failed" if request.exit_code else "succeeded")
    return End("completed", status, request.exit_code, results)


def data_asset_plan(world: World, data_asset_id: str) -> DataAssetPlan:
    """Where a data asset stands."""
    return _described(world, access.find(world, queries.DATA_ASSETS, "data asset", data_asset_id))


def finish_data_asset(world: World, data_asset_id: str, request: FinishDataAsset) -> DataAssetPlan:
    """Have a driven data asset be ready, or fail for a reason. Raises `ConflictError` when it is not driven, or has
    ended otherwise.
    """
    with world.write():
        row = access.find(world, queries.DATA_ASSETS, "data asset", data_asset_id)
        if not row.plan.driven:
            raise ConflictError(f"the data asset is not driven: it follows the scenario {row.plan.scenario}")
        reason = request.failure_reason
        end = End("ready") if reason is None else End("failed", failure_reason=reason)
        before = world.state_of(row.plan).end
        if before is None:
            row.plan = lifecycle.ended(row.plan, world.clock.now(), end)
            row.settles = row.plan.ends_at
            queries.settle_data_asset(world.db, row)
        elif before != end:
            raise ConflictError(f"the data asset is {before.state} already")
    return _described(world, row)


def _described(world: World, row: DataAssetRow) -> DataAssetPlan:
    moment = world.state_of(row.plan)
    reason = moment.end.failure_reason if moment.end else None
    return DataAssetPlan(
        id=row.id, scenario=row.plan.scenario, driven=row.plan.driven, state=moment.state, failure_reason=reason
    )
