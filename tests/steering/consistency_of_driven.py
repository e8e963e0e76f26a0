"""The plain model of driven runs that a history of many clients is held against: one end, one log, the files put in."""

from collections.abc import Generator, Iterable, Iterator
from typing import Any

from tests.steering.history import Call, Seen, falls

REFUSABLE = ("progress", "finish", "append", "put")
"""What comes too late for a run that has ended."""

RANKS = {"running": 1, "finalizing": 2}


def problems(of_run: list[Call], shown: list[Seen]) -> Iterator[str]:
    """All that cannot have been of one driven run: `of_run` are all calls for it, `shown` are the answers with it."""
    done = {action: [call for call in of_run if (call.action, call.status) == (action, 200)] for action in ACTIONS}
    endings = [*done["finish"], *done["stop"]]
    yield from _end(endings, done["finish"], shown)
    yield from _refusals(of_run, endings)
    yield from _lateness([*done["append"], *done["put"]], endings)
    log = yield from _log(done["append"], done["log"])
    yield from _results(done["put"], done["results"], endings, log)


ACTIONS = (*REFUSABLE, "stop", "log", "results")


def _end(endings: list[Call], finishes: list[Call], shown: list[Seen]) -> Iterator[str]:
    """It ends once, as one of those who ended it says, and not before."""
    ends = {_end_of(call.answer["end"]) for call in endings}
    if len(ends) > 1:
        yield f"was ended in several ways: {ends}"
    yield from (f"was ended, and is {call.answer['state']}" for call in endings if call.answer["state"] != "completed")
    for call in finishes:
        if call.answer["end"].get("exit_code") != call.sent:
            yield f"ended with {call.answer['end']}, and was to end with {call.sent}"
    for one in shown:
        run = one.value
        if run["state"] != "completed":
            if any(run.get(name) is not None for name in ("end_status", "exit_code")) or run["has_results"]:
                yield f"{run['state']} with an end"
        elif not any(_end_of(call.answer["end"]) == _end_of(run) and call.began < one.ended for call in endings):
            yield f"has ended with {_end_of(run)}, and nobody said so"


def _end_of(said: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(said.get(name) for name in ("end_status", "exit_code", "has_results"))


def _refusals(of_run: list[Call], endings: list[Call]) -> Iterator[str]:
    """What is refused has something before it that is in its way."""
    for call in (call for call in of_run if call.status == 409):
        rank = RANKS.get(call.sent, 3) if call.action == "progress" else 3
        steps = (step for step in of_run if (step.action, step.status) == ("progress", 200))
        before = [*endings, *(step for step in steps if RANKS[step.sent] > rank)]
        if not any(one.began < call.ended for one in before):
            yield f"{call.action} was refused, and nothing was in its way"


def _lateness(done: Iterable[Call], endings: list[Call]) -> Iterator[str]:
    """Nothing is added to a run that has ended."""
    over = min((call.ended for call in endings), default=float("inf"))
    yield from (f"{call.action} of {call.sent!r} came after the end" for call in done if call.began > over)


def _log(appends: list[Call], reads: list[Call]) -> Generator[str, None, str]:
    """What was added stands in the log once, where its answer says, and the log only grows; gives the log."""
    pieces = sorted((call.answer["length"] - len(call.sent), call.sent) for call in appends)
    log = "".join(text for _, text in pieces)
    ends = [0, *(start + len(text) for start, text in pieces)]
    for (start, text), end in zip(pieces, ends, strict=False):
        if start != end:
            yield f"{text!r} stands at {start} of the log, and what was before it ends at {end}"
    lengths = [Seen.by(call, call.answer["length"]) for call in appends]
    yield from falls([*lengths, *(Seen.by(call, len(call.answer)) for call in reads)])
    yield from (f"the log was {call.answer!r}, and is {log!r}" for call in reads if not log.startswith(call.answer))
    return log


def _results(puts: list[Call], lists: list[Call], endings: list[Call], log: str) -> Iterator[str]:
    """Once the run has ended, and not before, exactly what was put in is listed, and the log."""
    counts = [Seen.by(call, call.answer["files"]) for call in puts]
    yield from falls(counts)
    if sorted(one.value for one in counts) != list(range(1, len(puts) + 1)):
        yield f"{len(puts)} files were put in, and their answers count {[one.value for one in counts]}"
    expected = dict(call.sent for call in puts) | {"output": len(log)}
    for call in lists:
        listed = {item["name"]: item["size"] for item in call.answer["items"]}
        if listed not in ({}, expected):
            yield f"{listed} were listed, and not {expected}"
        if listed and not any(end.began < call.ended for end in endings):
            yield f"{listed} were listed before the end"
        if not listed and any(end.ended < call.began for end in endings):
            yield "nothing was listed after the end"
