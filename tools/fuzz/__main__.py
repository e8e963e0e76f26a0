"""Send a server of this checkout requests that nobody would send: `python -m tools.fuzz`, or `make fuzz`."""

import argparse
import sys
from pathlib import Path

from tools.fuzz.answer import Connection
from tools.fuzz.cases import Cases
from tools.fuzz.play import play
from tools.fuzz.report import failed, lines
from tools.fuzz.run import Run, clocked
from tools.fuzz.server import Server, running
from tools.fuzz.world_facts import learn

FOLDER = Path(".fuzz")


def main() -> int:
    """Do what the arguments say; 1 when anything is as it must not be."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed sends the same requests")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=8, help="how many at once")
    parser.add_argument("--limit", type=float, default=10, help="the most seconds for an answer")
    parser.add_argument("--case", type=int, action="append", help="play this case alone, and show what comes")
    parser.add_argument("--replay", type=Path, help="send the bytes of a file, and show what comes")
    options = parser.parse_args()
    with running() as server:
        if options.replay is not None:
            return _replay(server, options.replay.read_bytes(), options.limit)
        cases = Cases(options.seed, learn(server.url))
        if options.case:
            return _show(server, cases, options.case, options.limit)
        run = Run(cases, server, options.requests, options.connections, options.limit)
        results, seconds = clocked(run)
    print(f"seed {options.seed}, {options.connections} connections at once")
    for line in lines(results, seconds, FOLDER / str(options.seed)):
        print(line)
    return 1 if failed(results) else 0


def _show(server: Server, cases: Cases, numbers: list[int], limit: float) -> int:
    for number in numbers:
        case = cases.case(number)
        print(f"case {number}: {case.area}, {case.sending.value}, {'' if case.strict else 'not '}well-formed")
        for exchange in play(case, server.address, "127.0.0.1", limit):
            print(f"sent      {exchange.request.wire()!r}")
            print(f"answered  {exchange.answer or exchange.problem or 'nothing'}")
    print(server.log(), end="")
    return 0


def _replay(server: Server, data: bytes, limit: float) -> int:
    connection = Connection(server.address, "127.0.0.1", limit)
    connection.send(data)
    try:
        print(connection.answer(head_only=data.upper().startswith(b"HEAD"), limit=limit))
    except TimeoutError:
        print(f"no answer within {limit:g} s")
    connection.close()
    print(server.log(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
