"""Runs that are stopped, deleted or looked at on their way, in each of their states."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.files import files_of, results_of, walk

RUN = ("run_capsule", "get_computation", "list_computation_results", "delete_computation")
ASSET = ("create_data_asset", "get_data_asset", "list_data_asset_files", "delete_data_asset")

STAGES = {"initializing": 60, "running": 4000, "finalizing": 60}
"""Seconds of each stage: long, so that others who move the clock do not jump over one."""

ON_THE_WAY = "runs.pipeline_results_on_the_way"

PARTS = 3
"""How often parts of a pipeline's results appear while it is running (fidelity page)."""

TOO_FAST = "time passes too fast for a run to be stopped on its way"

SERVICE_FILES = ("output", "nextflow")
"""What the service adds at the end, and of which nothing is there before."""


def _results(names: str) -> list[dict[str, str]]:
    return [{"path": f"{name}/file.txt", "text": name} for name in names]


@contextmanager
def _long_run(deployment: Deployment, kind: str, names: str = "abcdef") -> Iterator[Any]:
    """A run of the capsule or pipeline with stages of known lengths, which leaves these folders; time stands still."""
    scenario = deployment.scenario("long", kind, own_results=False, results=_results(names)) | STAGES
    with (
        deployment.clock_held(),
        deployment.scenarios(scenario),
        fixtures.start_run(deployment, **{f"{kind}_id": getattr(deployment, kind)}) as run,
    ):
        yield run


def _go_into(deployment: Deployment, run: Any, state: str) -> Any:
    """The run when it has entered a state. Raises `CheckSkipped` when the clock has jumped over it."""
    control = deployment.steered()
    plan = control.plan(run.id)
    stage = next(stage for stage in plan.stages if stage.state == state)
    deployment.pass_until(stage.since)
    current = deployment.sdk().computations.get_computation(run.id)
    if control.clock().now < (stage.until or stage.since):
        expect(current.state == state, f"a run that began to be {state} is {current.state.value}")
    if current.state != state:
        raise CheckSkipped(TOO_FAST)
    return current


def _stopped(deployment: Deployment, run: Any, what: str, *, has_results: bool) -> Any:
    """Stop a run on its way, and give it as it has ended. Raises `CheckSkipped` when it had ended before."""
    deployment.steered().stop(run.id)
    stopped = deployment.sdk().computations.get_computation(run.id)
    if stopped.end_status == "succeeded":
        raise CheckSkipped(TOO_FAST)
    end = (stopped.state, stopped.end_status, stopped.exit_code, stopped.has_results)
    expect(end == ("completed", "stopped", 0, has_results), f"{what} ended {end}", "runs.stopped")
    return stopped


@check(*RUN, full=True)
def stopped_in_each_state(deployment: Deployment) -> None:
    """A run is stopped whatever it does: it ends at once, completed and stopped, with exit code 0, the time that it has
    run by then, and nothing of its results; stopping it again changes nothing.
    """
    control, client = deployment.steered(), deployment.sdk().computations
    for state in STAGES:
        with _long_run(deployment, "capsule") as run:
            before = _go_into(deployment, run, state)
            stopped = _stopped(deployment, run, f"a run that was stopped while {state}", has_results=False)
            expect(stopped.run_time >= before.run_time, f"a run that was stopped while {state} lost its time")
            expect(stopped.run_time <= sum(STAGES.values()), f"a run stopped while {state} ran {stopped.run_time} s")
            expect(not results_of(deployment, run.id)("").items, f"a run that was stopped while {state} lists results")
            deployment.pass_time(600)
            control.stop(run.id)
            again = client.get_computation(run.id)
            what = f"a run that was stopped while {state} changed when it was stopped again"
            expect(again == stopped, what, "always.terminal_is_final")


@check(*RUN, *ASSET, full=True)
def stopped_after_its_end(deployment: Deployment) -> None:
    """A run that has ended cannot be stopped any more: it stays succeeded, with its results."""
    control = deployment.steered()
    with fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run:
        before = walk(results_of(deployment, run.id)).sizes
        deployment.pass_time(600)
        control.stop(run.id)
        after = deployment.sdk().computations.get_computation(run.id)
        expect(after == run, "a run that had ended changed when it was stopped")
        expect(walk(results_of(deployment, run.id)).sizes == before, "a run that had ended lost results when stopped")


@check(*RUN, *ASSET, full=True)
def stopped_pipeline(deployment: Deployment) -> None:
    """What a pipeline has left by the time that it is stopped stays, can be captured, and nothing is added to it."""
    deployment.steered()
    with _long_run(deployment, "pipeline") as run:
        _go_into(deployment, run, "running")
        deployment.pass_time(STAGES["running"] / 4 + 30)
        _stopped(deployment, run, "a pipeline that had results when it was stopped", has_results=True)
        left = walk(results_of(deployment, run.id)).sizes
        expect(left, "a pipeline that had results when it was stopped lists none")
        added = sorted(path for path in left if path.partition("/")[0] in SERVICE_FILES)
        expect(not added, f"a pipeline that was stopped lists {added}")
        deployment.pass_time(2 * STAGES["running"])
        expect(walk(results_of(deployment, run.id)).sizes == left, "the results of a stopped pipeline changed later")
        source = fixtures.from_run(run.id)
        with fixtures.create_ready_asset(deployment, f"{deployment.tag} stopped", source=source) as asset:
            held = walk(files_of(deployment, asset.id)).sizes
            expect(held == left, f"what was captured from a stopped pipeline holds {held}, not {left}")


@check(*RUN, "create_data_asset", full=True)
def results_on_the_way(deployment: Deployment) -> None:
    """A running pipeline lists a third of its results after each quarter of its time but the last, and says that it has
    none until its end, when the service adds its own; a capsule lists nothing before.
    """
    control, client = deployment.steered(), deployment.sdk().computations
    names = "abcdef"
    with _long_run(deployment, "pipeline", names) as run:
        stage = next(stage for stage in control.plan(run.id).stages if stage.state == "running")
        quarter = ((stage.until or 0) - stage.since) / (PARTS + 1)
        for number in range(PARTS + 1):
            deployment.pass_until(stage.since + number * quarter + 1)
            before = control.clock().now
            listed = [item.name for item in results_of(deployment, run.id)("").items]
            after, going = control.clock().now, client.get_computation(run.id)
            if after >= (stage.until or 0):
                raise CheckSkipped("time passes too fast for a run to be looked at on its way")
            least, most = (
                len(names) * min(PARTS, int((at - stage.since) / quarter)) // PARTS for at in (before, after)
            )
            expect(
                least <= len(listed) <= most and listed == list(names[: len(listed)]),
                f"a pipeline in the quarter {number} of its time lists {listed}, not {least} to {most} of {names}",
                ON_THE_WAY,
            )
            none = going.has_results is False or going.end_status
            expect(none, "a running pipeline says that it has results", ON_THE_WAY)
            early = fixtures.asset_params(deployment, "early", source=fixtures.from_run(run.id))
            if not going.end_status:
                create, rules = deployment.sdk().data_assets.create_data_asset, ["data_assets.capture_too_early"]
                expect_error(400, "capturing a running pipeline", create, early, rules=rules)
        fixtures.wait_for_run(deployment, run.id)
        listed = [item.name for item in results_of(deployment, run.id)("").items]
        expect(listed == sorted([*names, *SERVICE_FILES]), f"a pipeline that has ended lists {listed}")
        reports = [item.name for item in results_of(deployment, run.id)("nextflow").items]
        expected = ["dag.html", "nextflow.log", "report.html", "timeline.html", "trace.txt"]
        expect(reports == expected, f"Nextflow leaves {reports}, not {expected}")
    with _long_run(deployment, "capsule", names) as run:
        _go_into(deployment, run, "running")
        deployment.pass_time(STAGES["running"] / 2)
        items = results_of(deployment, run.id)("").items
        ended = client.get_computation(run.id).end_status
        expect(not items or ended, f"a capsule that is running lists {len(items)} results")


@check(*RUN, "list_pipeline_computations", full=True)
def deleted_in_each_state(deployment: Deployment) -> None:
    """A run is deleted whatever it does, and is gone at once, from the list of its pipeline too."""
    sdk = deployment.sdk()
    for state in STAGES:
        with _long_run(deployment, "pipeline") as run:
            _go_into(deployment, run, state)
            sdk.computations.delete_computation(run.id)
            expect_error(404, f"a run deleted while {state}", sdk.computations.get_computation, run.id)
            expect_error(404, f"results of a run deleted while {state}", results_of(deployment, run.id), "")
            listed = [row.id for row in sdk.pipelines.list_computations(deployment.pipeline)]
            expect(run.id not in listed, f"a run that was deleted while {state} is listed")


CHECKS = (
    stopped_in_each_state,
    stopped_after_its_end,
    stopped_pipeline,
    results_on_the_way,
    deleted_in_each_state,
)
