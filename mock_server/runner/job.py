"""One run, from its claim to its end."""

from threading import Timer
from typing import NamedTuple

from mock_server.client import ComputationControl, ControlError, WorldControl
from mock_server.input_errors.numbers import plain
from mock_server.runner.capsules import CapsuleFolder, Machine
from mock_server.runner.engines.docker_images import BuildError
from mock_server.runner.engines.engine import Ended, Engine, Execution, Task
from mock_server.runner.failures import BrokenOffError, CannotRunError
from mock_server.runner.inputs import check_mounts, check_size, hand_in
from mock_server.runner.lease import Lease
from mock_server.runner.log import Log
from mock_server.runner.masking import Mask
from mock_server.runner.options import EngineOptions, RunnerOptions
from mock_server.runner.results import ResultsTar
from mock_server.wire.driven import Work

BUILD_LOG = "buildLog"
"""The result file with what building the environment wrote, in the run that it was built for."""


class Outcome(NamedTuple):
    """How a run ends, in the words of the control plane."""

    state: str = "completed"
    exit_code: int | None = None
    end_status: str | None = None


FAILED_TO_RUN = Outcome("failed")
"""The script was never started, or its machine was lost: the platform failed, and there is no exit code."""

STOPPED = Outcome(end_status="stopped", exit_code=0)
"""As a run ends that somebody stops."""


class Conditions(NamedTuple):
    """What all runs of a runner have in common."""

    engine: Engine
    engine_options: EngineOptions
    options: RunnerOptions
    machine: Machine


class Job:
    """A run that was claimed. `control` and `lease_control` speak for it, the second with little patience."""

    def __init__(
        self,
        work: Work,
        held_since: float,
        world: WorldControl,
        control: ComputationControl,
        lease_control: ComputationControl,
        conditions: Conditions,
    ) -> None:
        self._work = work
        self._world = world
        self._control = control
        self._conditions = conditions
        self._execution: Execution | None = None
        self._started = False
        self._lease = Lease(lease_control, work.seconds, held_since, self._kill)
        mask = Mask(conditions.engine_options.environment.values())
        self._mask = mask
        self._log = Log(control, self._lease, mask, work.log_length)
        self._build_log: bytes | None = None

    def run(self) -> str:
        """Execute it; how that went, in a few words. Raises nothing that has to do with the run."""
        self._lease.start()
        self._log.start()
        try:
            return self._to_the_end()
        except BrokenOffError as broken:
            return f"broken off: {broken.reason}"
        except ControlError as problem:
            reason = self._lease.reason
            return f"broken off: {reason}" if reason else f"given up: {problem.message}"
        finally:
            self._lease.end()

    def break_off(self) -> None:
        """The runner ends: so does the run."""
        self._lease.break_off("runner stopped")

    def _to_the_end(self) -> str:
        try:
            capsule = CapsuleFolder(self._work.folder or "")
            check_mounts(self._work)
            check_size(self._work, capsule, self._conditions.options.max_input)
            self._lease.check()
            with self._conditions.engine.execution(self._task(capsule), self._lease.check) as execution:
                outcome = self._executed(capsule, execution)
                return self._finish(outcome, execution)
        except CannotRunError as problem:
            if isinstance(problem, BuildError):
                self._show_build(problem.log)
            self._log.line(str(problem))
            return self._finish(FAILED_TO_RUN, None)
        except BrokenOffError as broken:
            if broken.reason != "runner stopped":
                raise
            return self._given_back()
        except ControlError:
            raise
        except Exception as problem:
            # Whatever it is, as an engine that was ended: the run is not left to lapse.
            self._log.line(f"the runner could not go on: {type(problem).__name__}: {problem}")
            return self._finish(FAILED_TO_RUN, None)

    def _task(self, capsule: CapsuleFolder) -> Task:
        work = self._work
        conditions = self._conditions
        resources = capsule.resources(conditions.engine_options, conditions.machine)
        variables = {
            **conditions.engine_options.environment,
            "CO_CAPSULE_ID": work.capsule_id,
            "CO_COMPUTATION_ID": work.id,
            "CO_CPUS": f"{resources.cpus:g}",
            "CO_MEMORY": str(resources.memory),
        }
        return Task(f"{work.world}-{work.id}-{work.attempt}", capsule, work.arguments, variables, resources)

    def _executed(self, capsule: CapsuleFolder, execution: Execution) -> Outcome:
        self._build_log = execution.build_log
        if not capsule.has_script:
            self._log.line(f"there is no code/run in {capsule.path}")
        hand_in(self._work, capsule, execution, self._world, self._lease)
        self._lease.check()
        self._execution = execution
        self._lease.insist(self._control.start)
        self._started = True
        execution.start()
        limit = self._conditions.options.max_run_time
        timer = Timer(limit or 0, self._lease.break_off, ["time limit"])
        timer.daemon = True
        if limit is not None:
            timer.start()
        # It may have been broken off before there was anything to kill.
        if self._lease.reason is not None:
            execution.kill()
        for piece in execution.output():
            self._log.write(piece)
        ended = execution.ended()
        timer.cancel()
        return self._outcome(ended)

    def _outcome(self, ended: Ended) -> Outcome:
        reason = self._lease.reason
        if reason is None:
            if ended.out_of_memory and ended.exit_code != 0:
                self._log.line("Out of memory.")
                return Outcome(exit_code=128 + 9)
            return Outcome(exit_code=ended.exit_code)
        limit = self._conditions.options.max_run_time
        if reason == "time limit" and limit is not None:
            self._log.line(f"the run took longer than {plain(limit)} seconds and was stopped")
            return STOPPED
        if reason == "runner stopped":
            raise BrokenOffError(reason)
        self._lease.check_held()
        return STOPPED

    def _kill(self) -> None:
        if self._execution is not None:
            self._execution.kill()

    def _show_build(self, log: bytes) -> None:
        self._build_log = log
        self._log.write(log if log.endswith(b"\n") or not log else log + b"\n")

    def _finish(self, outcome: Outcome, execution: Execution | None) -> str:
        """Say what there is to say, and how the run ends. Nothing of it depends on being said once."""
        insist = self._lease.insist
        if execution is not None and self._lease.reason is None:
            insist(self._control.finalize)
        refused = self._send_results(execution)
        if refused:
            outcome = FAILED_TO_RUN
        self._log.end()
        if self._lease.reason not in (None, "time limit"):
            self._lease.check()
        insist(lambda: self._control.finish(**outcome._asdict()))
        return outcome.end_status or (outcome.state if outcome.exit_code is None else f"exit code {outcome.exit_code}")

    def _send_results(self, execution: Execution | None) -> bool:
        """Send the results and list in the log what is not among them. Whether they were refused."""
        extra = [] if self._build_log is None else [(BUILD_LOG, self._mask.all_of(self._build_log))]
        tar = ResultsTar(execution, extra)
        try:
            self._lease.insist(lambda: self._control.put_results(tar.pieces(self._lease.check_held)), self._not_taken)
        except ControlError as problem:
            if self._lease.reason is not None:
                # Somebody has stopped it, and it has ended.
                return False
            self._log.line(f"the results were refused: {problem.message}")
            return True
        if tar.left_out:
            self._log.line("left out of the results:")
            for line in tar.left_out:
                self._log.line(f"  {line}")
        return False

    def _not_taken(self, problem: ControlError) -> None:
        self._log.line(f"the results are not taken yet: {problem.message}; trying again")

    def _given_back(self) -> str:
        """The runner ends: a run that has not begun is somebody else's, as is one that may be tried again."""
        if not self._started or self._work.attempt <= self._conditions.options.retries:
            self._control.give_back()
            return "given back"
        self._log.line("the runner was stopped")
        self._log.end()
        self._control.finish(**FAILED_TO_RUN._asdict())
        return "failed: the runner was stopped"
