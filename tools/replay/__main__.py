"""The command line of `tools.replay`."""

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tools.replay
from tools.replay.comparing import differences, report
from tools.replay.recorder import Line, read, write
from tools.replay.recording import record
from tools.replay.servers import command_of

HERE = Path(__file__).parents[2]


def main() -> None:
    """Record, compare, or both. The exit status is 1 when something differs."""
    parser = argparse.ArgumentParser(
        "python -m tools.replay", description=tools.replay.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--against", type=Path, metavar="DIR", help="record this checkout and that in DIR, and compare")
    parser.add_argument(
        "--checkout", type=Path, metavar="DIR", default=HERE, help="this checkout, if it is another one"
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write both recordings into FOLDER")
    parser.set_defaults(do=_against)
    steps = parser.add_subparsers(metavar="STEP")
    recording = steps.add_parser("record", help="record a checkout into a file")
    recording.add_argument("folder", type=Path, metavar="CHECKOUT")
    recording.add_argument("file", type=Path, metavar="FILE")
    recording.set_defaults(do=lambda given: write(record(command_of(given.folder)), given.file))
    comparing = steps.add_parser("compare", help="compare two recordings")
    comparing.add_argument("one", type=Path, metavar="FILE")
    comparing.add_argument("other", type=Path, metavar="FILE")
    comparing.set_defaults(do=lambda given: _compare(read(given.one), read(given.other)))
    given = parser.parse_args()
    if given.do is _against and given.against is None:
        parser.error("needs --against DIR, record or compare")
    given.do(given)


def _against(given: argparse.Namespace) -> None:
    commands = [command_of(checkout) for checkout in (given.against, given.checkout)]
    with ThreadPoolExecutor(len(commands)) as pool:
        one, other = pool.map(record, commands)
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
        write(one, given.keep / "against.jsonl")
        write(other, given.keep / "this.jsonl")
    _compare(one, other)


def _compare(one: list[Line], other: list[Line]) -> None:
    found = differences(one, other)
    print(report(found, len(one)))
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
