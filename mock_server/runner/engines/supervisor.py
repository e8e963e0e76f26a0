"""Starts a command and sees to it that nothing of it outlives whoever is at the other end of standard input, not even
by kill -9. A program of its own, which needs nothing but the standard library:

    python -I supervisor.py STATUS MEMORY COMMAND…

Standard input is a pipe that is never written to: when it closes, the command and all that it has started are killed.
The same happens when the command ends, and when all of it uses more than MEMORY bytes (0: as many as there are). Then
`{"exit_code": …, "out_of_memory": …}` is written to the file descriptor STATUS.
"""

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
LOOK_SECONDS = 0.25
"""How often the memory is looked at."""

CANNOT_START = 127
"""The exit code of a command that cannot be started, as a shell has it."""

PAGE = os.sysconf("SC_PAGE_SIZE")
PROC = Path("/proc")


def main() -> None:
    """Run the command to its end."""
    status, memory, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    become_subreaper()
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        child = subprocess.Popen(  # noqa: S603 - the command is the operator's
            command, stdin=subprocess.DEVNULL, start_new_session=True, restore_signals=True, preexec_fn=default_signals
        )
    except OSError as problem:
        print(f"{command[0]}: {problem.strerror}", flush=True)  # noqa: T201 - this is the log of the run
        return tell(status, CANNOT_START, False)
    out_of_memory = watch(child, woken, memory)
    kill_all(child)
    exit_code = child.wait()
    return tell(status, exit_code if exit_code >= 0 else 128 - exit_code, out_of_memory)


def tell(status: int, exit_code: int, out_of_memory: bool) -> None:
    """Say how it ended."""
    os.write(status, json.dumps({"exit_code": exit_code, "out_of_memory": out_of_memory}).encode())


def become_subreaper() -> None:
    """Let those that lose their parent become children of this process, where the system can do that."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def default_signals() -> None:
    """What this process ignores, its child does not."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def watch(child: "subprocess.Popen[bytes]", woken: int, memory: int) -> bool:
    """Wait until the child has ended or is to be killed. Whether the reason is its memory."""
    poller = select.poll()
    for descriptor in (0, woken):
        poller.register(descriptor, select.POLLIN)
    while child.poll() is None:
        ready = {descriptor for descriptor, _ in poller.poll(LOOK_SECONDS * 1000 if memory else None)}
        if 0 in ready and not os.read(0, 1):
            return False
        if woken in ready:
            os.read(woken, 4096)
            reap(child)
        if memory and uses_more_than(memory, descendants()):
            return True
    return False


def kill_all(child: "subprocess.Popen[bytes]") -> None:
    """Kill the command and all that it has started. What is started meanwhile is found in the next round."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    while left := descendants():
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        reap(child)


def reap(child: "subprocess.Popen[bytes]") -> None:
    """Let those go that have ended and were left to this process by their parents."""
    for process in descendants():
        if process != child.pid:
            with suppress(ChildProcessError):
                os.waitpid(process, os.WNOHANG)


def descendants() -> list[int]:
    """The children of this process, their children, and so on."""
    children: dict[int, list[int]] = defaultdict(list)
    for process in processes():
        with suppress(OSError, ValueError):
            # The name in parentheses may hold anything.
            fields = (PROC / str(process) / "stat").read_bytes().rpartition(b")")[2].split()
            children[int(fields[1])].append(process)
    found = []
    rest = [os.getpid()]
    while rest:
        of_one = children.pop(rest.pop(), [])
        found += of_one
        rest += of_one
    return found


def processes() -> list[int]:
    """All processes of this machine; none where there is no /proc."""
    try:
        return [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]
    except OSError:
        return []


def uses_more_than(memory: int, found: list[int]) -> bool:
    """Whether processes use more than so many bytes. What they share is counted once, if that can make a difference."""
    return sum(map(resident, found)) > memory and sum(map(proportional, found)) > memory


def resident(process: int) -> int:
    """The bytes of a process that are in memory."""
    with suppress(OSError, ValueError, IndexError):
        return int((PROC / str(process) / "statm").read_bytes().split()[1]) * PAGE
    return 0


def proportional(process: int) -> int:
    """The bytes of a process that are in memory, of shared ones its part."""
    with suppress(OSError, ValueError):
        for line in (PROC / str(process) / "smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    return resident(process)


if __name__ == "__main__":
    main()
