"""What sees to it that nothing outlives a runner, taken apart: in a run it is a program of its own."""

import os
import signal
import subprocess

from mock_server.runner.engines import supervisor
from tests.process import PATIENCE
from tests.runner.running import until


def test_all_that_a_command_has_started_is_found_measured_and_killed() -> None:
    before = set(supervisor.descendants())
    with subprocess.Popen(["sh", "-c", "sleep 300000 & sleep 300000"], start_new_session=True) as child:
        until(lambda: len(set(supervisor.descendants()) - before) == 3)
        found = sorted(set(supervisor.descendants()) - before)
        assert child.pid in found
        assert all(0 < supervisor.proportional(one) <= supervisor.resident(one) + 2**20 for one in found)
        assert supervisor.uses_more_than(1, found)
        assert not supervisor.uses_more_than(2**40, found)
        for process in found:
            if process != child.pid:
                os.kill(process, signal.SIGKILL)
        child.kill()
        child.wait(PATIENCE)
        until(lambda: not set(supervisor.descendants()) - before)


def test_a_process_that_is_gone_uses_nothing() -> None:
    with subprocess.Popen(["true"]) as child:
        child.wait(PATIENCE)
    assert supervisor.resident(child.pid) == supervisor.proportional(child.pid) == 0
