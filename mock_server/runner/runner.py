"""The runner: claims work as long as there is a free slot, and executes each run in a thread of its own."""

from collections.abc import Callable
from threading import Event, Semaphore, Thread, current_thread

from mock_server.client import Control, ControlError
from mock_server.runner.failures import RunnerError
from mock_server.runner.job import Conditions, Job
from mock_server.runner.lease import is_refusal
from mock_server.runner.pacing import now, pauses
from mock_server.wire.driven import Work

WAIT_SECONDS = 1.0
"""For how long a claim waits for work; a runner that is told to end does not end before."""

LOOK_SECONDS = 0.2


class Runner:
    """Executes what the server behind `control` hands out; `leases` speaks to the same server, and does not wait as
    long for an answer. `report` takes lines for whoever looks on.
    """

    def __init__(
        self, control: Control, leases: Control, conditions: Conditions, report: Callable[[str], None]
    ) -> None:
        self._control = control
        self._leases = leases
        self._conditions = conditions
        self._report = report
        self._ending = Event()
        self._slots = Semaphore(conditions.options.slots)
        self._jobs: dict[Thread, Job] = {}

    def end(self) -> None:
        """Claim nothing more, and break off what is going on. May be called by a handler of signals."""
        self._ending.set()

    @property
    def is_ending(self) -> bool:
        """Whether it was told to end."""
        return self._ending.is_set()

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Run until `end` is called; `ready` is, once the server has answered. Raises `RunnerError` when it will not
        have this runner.
        """
        wait = 0.0
        try:
            while not self._ending.is_set():
                if not self._slots.acquire(timeout=LOOK_SECONDS):
                    continue
                asked = now()
                work = self._claimed(wait)
                if wait == 0 and not self._ending.is_set():
                    ready()
                    wait = WAIT_SECONDS
                if work is None:
                    self._slots.release()
                else:
                    self._begin(work, asked)
        finally:
            self._break_off()

    def _claimed(self, wait: float) -> Work | None:
        """The next run, if one comes while the server waits for it; a server that is not there is waited for."""
        options = self._conditions.options
        silent = False
        for pause in pauses():
            if self._ending.is_set():
                return None
            try:
                work = self._control.claim(
                    options.name, folders=True, wait=wait, lease=options.lease, retries=options.retries
                )
            except ControlError as problem:
                if is_refusal(problem):
                    raise RunnerError(problem.message) from None
                if not silent:
                    self._report(f"{problem.message}; trying again")
                silent = True
                self._ending.wait(pause)
                continue
            if silent:
                self._report(f"{self._control.url} answers again")
            return work
        raise AssertionError("there is always a next attempt")

    def _begin(self, work: Work, asked: float) -> None:
        job = Job(
            work,
            asked,
            self._control.world(work.world),
            self._control.driving(work),
            self._leases.driving(work),
            self._conditions,
        )
        thread = Thread(target=self._execute, args=(work, job), name=f"run {work.id}")
        self._jobs[thread] = job
        if self._ending.is_set():
            job.break_off()
        thread.start()

    def _execute(self, work: Work, job: Job) -> None:
        name = f"run {work.id} of {work.capsule_name}"
        self._report(f"{name}: begins" + (f", attempt {work.attempt}" if work.attempt > 1 else ""))
        try:
            self._report(f"{name}: {job.run()}")
        except Exception as problem:
            # A fault of the runner must not end the others.
            self._report(f"{name}: given up after an unexpected {type(problem).__name__}: {problem}")
        finally:
            self._jobs.pop(current_thread(), None)
            self._slots.release()

    def _break_off(self) -> None:
        going = dict(self._jobs)
        for job in going.values():
            job.break_off()
        for thread in going:
            thread.join()
