"""What a run is made of: its parameters, data assets and processes as asked for, and the files it leaves."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from mock_server.domain.content import Text
from mock_server.domain.files import Entry, FileTree
from mock_server.domain.lifecycle import FOREVER, Moment, Plan
from mock_server.domain.panel import Panel, Parameter
from mock_server.errors import BadRequestError

ADDED_BY_THE_SERVICE = ("output", "nextflow")
"""What stands at the root of results beside the files that the code writes."""

SECONDS_OF_AN_ENDLESS_LOG = 60.0
"""How long a run that never ends goes on writing its log."""

PROCESS_FIELDS = ("name", "capsule_id", "version", "public")
"""What a run repeats of a pipeline's process where it is there; `public` only when it is true (recorded answers)."""

NEXTFLOW_FILES = {
    "dag.html": "<!DOCTYPE html>\n<title>DAG</title>\n<p>{name}</p>\n",
    "nextflow.log": "N E X T F L O W  ~  version 24.10.4\nLaunching `main.nf` [{name}]\n{log}\n",
    "report.html": "<!DOCTYPE html>\n<title>Nextflow report</title>\n<p>{name}</p>\n",
    "timeline.html": "<!DOCTYPE html>\n<title>Timeline</title>\n<p>{name}</p>\n",
    "trace.txt": "task_id\thash\tnative_id\tname\tstatus\texit\n1\t0a/b1c2d3\t1\t{name}\tCOMPLETED\t0\n",
}
"""What Nextflow leaves beside a pipeline's results (docs: nextflow-artifacts page)."""


Outcome = Literal["unfinished", "succeeded", "failed", "stopped"]
"""How runs went: not to an end yet, or to one of the ends."""


class Start(NamedTuple):
    """A run that starts: what there is of its row, with its `owner` by id and what was `asked` for."""

    id: str
    name: str
    created: float
    owner: str
    asked: dict[str, Any]


def has_parameters(asked: dict[str, Any]) -> bool:
    """Whether a run is called one with parameters: of a pipeline exactly when a process has some (recorded answers)."""
    if asked["processes"]:
        return any(process.get("parameters") for process in asked["processes"])
    return bool(asked["parameters"])


def process_fields(process: dict[str, Any], parameters: list[Parameter]) -> dict[str, Any]:
    """A process of a pipeline as its runs show it, with the parameters that this run gave it if it gave any."""
    shown = {key: process[key] for key in PROCESS_FIELDS if process.get(key) is not None}
    if not shown.get("public"):
        shown.pop("public", None)
    return shown | ({"parameters": parameters} if parameters else {})


def mounted(attached: list[dict[str, Any]], asked: list[dict[str, str]], *, replaces: bool) -> list[dict[str, str]]:
    """The data assets of a run: those attached to the capsule, then those asked for.

    With `replaces` (a pipeline), one that is asked for takes the place of the one at its mount.
    Raises `BadRequestError` when two would share a mount.
    """
    by_mount = {asset["mount"]: {"id": asset["id"], "mount": asset["mount"]} for asset in attached}
    own: set[str] = set()
    for asset in asked:
        mount = asset["mount"]
        if mount in own or (mount in by_mount and not replaces):
            raise BadRequestError(f'mount "{mount}" is used by more than one data asset')
        own.add(mount)
        by_mount[mount] = asset
    return list(by_mount.values())


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What the files that the service adds to a run's results tell of it."""

    key: str
    parameters: list[Parameter]
    mounts: list[str]
    pipeline: bool
    last_line: str

    @classmethod
    def of(cls, key: str, asked: dict[str, Any], log: str, *, pipeline: bool) -> "RunRecord":
        """The record of a run that was `asked` for this, whose own lines of the log are `log`."""
        return cls(key, asked["parameters"], [asset["mount"] for asset in asked["data_assets"]], pipeline, log)


def with_logs(record: RunRecord, own: FileTree) -> FileTree:
    """The result files of a run: the log `output`, `nextflow/` for a pipeline, and `own`, what its code has written."""
    entries = [Entry("output", Text(_log(record)))]
    if record.pipeline:
        fill = {"name": record.key, "log": record.last_line}
        entries += [Entry(f"nextflow/{name}", Text(text.format(**fill))) for name, text in NEXTFLOW_FILES.items()]
    return FileTree((*entries, *own.entries))


def arguments(parameters: list[Parameter], panel: Panel | None = None) -> list[str]:
    """What a run's script is called with: a word for each parameter, `--name=value` for a named one (docs: exporting
    pipelines). By a panel they are in its order, with its defaults; an ordered one without a value is an empty word, so
    that the others keep their places (exported capsules), and a named one is left out.
    """
    left = list(parameters)
    words = []
    for known in panel or ():
        key, default = known.get("param_name"), known.get("default_value")
        given = next((p for p in left if p.get("param_name") == key and (key or p["name"] == known["name"])), None)
        if given is not None:
            left.remove(given)
            words.append(_word(key, given["value"]))
        elif default or not key:
            words.append(_word(key, default or ""))
    return words + [_word(p.get("param_name"), p["value"]) for p in left]


def _word(name: str | None, value: str) -> str:
    return f"--{name}={value}" if name is not None else value


def log_so_far(record: RunRecord, plan: Plan, moment: Moment) -> str:
    """The log of a run that is played: from when its code runs on it has its first lines, then those that are its own
    come one by one, and at its end it is whole.
    """
    if moment.end is not None:
        return _log(record)
    before = sum(stage.seconds for stage in plan.stages if stage.state == "initializing")
    running = next((stage.seconds for stage in plan.stages if stage.state == "running"), 0.0)
    if moment.elapsed < before or not running:
        return ""
    lines = record.last_line.split("\n")
    passed = (moment.elapsed - before) / min(running, SECONDS_OF_AN_ENDLESS_LOG if running >= FOREVER else running)
    done = lines[: min(len(lines), int(len(lines) * passed))]
    return _beginning(record) + "".join(f"{line}\n" for line in done)


def _log(record: RunRecord) -> str:
    return f"{_beginning(record)}{record.last_line}\n"


def _beginning(record: RunRecord) -> str:
    command = " ".join(["./run", *arguments(record.parameters)])
    mounts = "".join(f"/data/{mount}\n" for mount in record.mounts)
    banner = "N E X T F L O W\n" if record.pipeline else ""
    return f"{banner}+ {command}\n{mounts}"
