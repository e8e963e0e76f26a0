"""What the control plane takes and answers (docs/control-plane.md), but for the journal. The client reads it too."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mock_server.domain import durations
from mock_server.domain.naming import NAME_PATTERN, NAME_WORDS
from mock_server.input_errors.words import patterned
from mock_server.settings import MAX_RANDOM_SEED, MAX_TIME_SCALE

ClockMode = Literal["wall", "frozen", "offset", "scaled", "skipping"]
EntityKind = Literal["computation", "data_asset", "attachment", "release"]

WORLD_NAME = patterned(f"^{NAME_PATTERN}$", NAME_WORDS)
"""Names of worlds and snapshots: they stand in tokens, URLs and file names."""


def _duration(written: Any) -> Any:
    return durations.seconds(written) if isinstance(written, str | int | float) else written


def _moment(written: Any) -> Any:
    return durations.moment(written) if isinstance(written, str | int | float) else written


class Control(BaseModel):
    """A body of the control plane: no unknown keys, no numbers that are none."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


Duration = Annotated[
    float,
    BeforeValidator(_duration, json_schema_input_type=float | str),
    Field(ge=0, description='Seconds, or text such as "90s" or "1h30m"'),
]
Moment = Annotated[
    float,
    BeforeValidator(_moment, json_schema_input_type=float | str),
    Field(ge=0, description="Unix seconds, or ISO 8601 text"),
]
Name = Annotated[str, Field(pattern=WORLD_NAME)]
Scale = Annotated[float, Field(gt=0, le=MAX_TIME_SCALE)]


Range = Annotated[tuple[Duration, Duration], AfterValidator(durations.ordered)]
"""A range that a duration is drawn from: `[low, high]`."""


def _latency(written: Any) -> float | tuple[float, float]:
    if isinstance(written, str | int | float):
        return durations.seconds(written)
    if isinstance(written, list | tuple) and [isinstance(end, str | int | float) for end in written] == [True, True]:
        low, high = map(durations.seconds, written)
        return durations.ordered((low, high))
    raise ValueError("not a duration or a range of two: write seconds, text such as 90s, or [low, high]")


# Validated as a whole: a union names its members' Python types where one says what is wrong.
Latency = Annotated[float | tuple[float, float], BeforeValidator(_latency, json_schema_input_type=Duration | Range)]


# Clock


CLOCK_FIELDS: dict[str, tuple[str, ...]] = {
    "wall": (),
    "frozen": ("at",),
    "offset": ("at", "offset"),
    "scaled": ("at", "scale"),
    "skipping": ("at",),
}
"""The modes of a clock, and what each can be given."""


class SetClock(Control):
    """How a clock is to run. `wall`: real time. `frozen`: it stands, at `at` if given. `offset`: real time plus
    `offset`, or from `at` on. `scaled`: `scale` times as fast from now on. `skipping`: it stands, and each poll of
    something unfinished moves it to the next change of that thing.
    """

    mode: ClockMode
    at: Moment | None = None
    offset: Duration | None = None
    scale: Scale | None = None

    @model_validator(mode="after")
    def _fits_its_mode(self) -> Self:
        given = [name for name in ("at", "offset", "scale") if getattr(self, name) is not None]
        for name in given:
            if name not in CLOCK_FIELDS[self.mode]:
                raise ValueError(f"{name} does not go with the mode {self.mode}")
        if self.mode == "scaled" and self.scale is None:
            raise ValueError("the mode scaled needs scale")
        if self.mode == "offset" and len(given) != 1:
            raise ValueError("the mode offset needs either offset or at")
        return self


class ClockInfo(Control):
    """A world's clock: `now` in Unix seconds, `ahead` of real time by that many seconds; when the next thing of the
    world will change its state by itself.
    """

    mode: ClockMode
    now: float
    iso: str
    scale: float
    ahead: float
    next_change: float | None


class AdvanceClock(Control):
    """By how much the clock is to move: `by` a duration, `to` a time, or to the `next_change`. `by` and `next_change`
    together mean the later of the two.
    """

    by: Duration | None = None
    to: Moment | None = None
    next_change: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.to is not None and (self.by is not None or self.next_change):
            raise ValueError("to goes with nothing else")
        if self.to is None and self.by is None and not self.next_change:
            raise ValueError("needs by, to or next_change")
        return self


class Change(Control):
    """A state that something came into. `entity` is its id, `of` the capsule that an attachment or release is of."""

    at: float
    kind: EntityKind
    entity: str
    name: str | None = None
    of: str | None = None
    before: str
    after: str


class Advanced(Control):
    """What an advance did: the changes in order of time, at most 1000 of them, and how many more there were."""

    before: float
    now: float
    iso: str
    changes: list[Change]
    more: int = 0


# Worlds


class CreateWorld(Control):
    """A world to make. `seed` is `demo`, `empty` or a file on the server's machine, the server's own when left out;
    `snapshot` takes the place of the seed. `replace` drops a world of the same name first.
    """

    name: Name
    seed: str | None = None
    snapshot: Name | None = None
    random_seed: Annotated[int, Field(ge=0, le=MAX_RANDOM_SEED)] | None = None
    clock: SetClock | None = None
    replace: bool = False

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if self.snapshot is not None and (self.seed is not None or self.random_seed is not None):
            raise ValueError("a snapshot brings its own seed and random_seed")
        return self


class Counts(Control):
    """How much a world holds."""

    capsules: int
    pipelines: int
    computations: int
    data_assets: int
    scenarios: int
    faults: int
    requests: int


class S3Info(Control):
    """S3 behind the data assets of a world: the bucket of its internal data assets, and what a client exports to use
    the endpoint (credentials only where everybody may know them).
    """

    bucket: str
    variables: dict[str, str]


class WorldInfo(Control):
    """A world: what it was made from, its clock, what it holds, its tokens with a word on each, for how many seconds
    nobody has used it, and S3 where real objects lie behind its data assets. A `problem` says why its content cannot
    be read; nothing is known of that then.
    """

    name: str
    seed: str
    random_seed: int
    clock: ClockInfo
    counts: Counts
    tokens: dict[str, str]
    idle: float
    s3: S3Info | None = None
    problem: str | None = None


class WorldList(Control):
    """All worlds that are there now."""

    worlds: list[WorldInfo]


class StageInfo(Control):
    """A stage of a run on the world's clock. `until` is missing for one that does not end by itself."""

    state: str
    since: float
    until: float | None = None


class RunPlan(Control):
    """What drives a run: its scenario, its stages, how it ends, and where it stands now. The `end` of a `driven` run is
    empty until it has been told; `runner` is who executes it, and `attempts` how often it was claimed so far.
    """

    id: str
    scenario: str
    driven: bool = False
    runner: str | None = None
    attempts: int | None = None
    state: str
    end_status: str | None = None
    stages: list[StageInfo]
    end: dict[str, Any]


class Health(Control):
    """The server can read, write and tell the time. `problems` are folders of capsules that cannot be read any more;
    the last version read remains in use.
    """

    status: Literal["ok"] = "ok"
    version: str
    platform_version: str
    data: str
    worlds: int
    now: float
    problems: list[str] = Field(default_factory=list)


class Problem(Control):
    """What is wrong in a text: the line, counted from 1, the field, and the column when it is inside of a template."""

    line: int
    column: int = 0
    field: str
    message: str


# Scenarios


class ScenarioInfo(Control):
    """A scenario that has been loaded: what was written, and how often it was matched and chosen."""

    name: str
    kind: EntityKind
    matched: int
    spec: dict[str, Any]


class ScenarioList(Control):
    """A world's scenarios in the order in which they are asked; `warnings` name those that can never match."""

    scenarios: list[ScenarioInfo]
    built_in: list[str]
    warnings: list[str]


# Faults


FRAMING = ("content-length", "date", "transfer-encoding")
"""Headers that an answer has from the server alone: a second one would make it something that is no HTTP."""


HeaderName = Annotated[
    str, Field(pattern=patterned(r"^[A-Za-z0-9-]{1,100}$", "must be letters, digits and hyphens, at most 100 of them"))
]
HeaderValue = Annotated[
    str, Field(pattern=patterned(r"^[ -~]{0,1000}$", "must be printable ASCII, at most 1000 characters"))
]


class Fault(Control):
    """A failure to rehearse. Which requests: all of `operation`, `method`, `path` (a pattern with `*`), `entity` and
    `user` (id or address) that are given. Which of those: `nth`, `first`, `every`, `probability`. What: one of
    `status`, `close`, `truncate` and `malform`, with `latency` or `latency` alone.
    """

    name: Name | None = None
    operation: str | None = None
    method: str | None = None
    path: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    entity: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    user: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    nth: Annotated[int, Field(ge=1)] | None = None
    first: Annotated[int, Field(ge=1)] | None = None
    every: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(gt=0, le=1)] | None = None
    after: Duration | None = Field(default=None, description="Begins that long after it was set, on the world's clock")
    lasts: Duration | None = Field(default=None, description="Ends that long after it began, on the world's clock")
    times: Annotated[int, Field(ge=1)] | None = Field(default=None, description="Hits at most this many requests")
    phase: Literal["before", "after"] = "before"
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    message: Annotated[str, Field(max_length=500)] | None = None
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    latency: Latency | None = Field(default=None, description="Real seconds, or a range to draw from")
    close: bool = False
    truncate: Annotated[int, Field(ge=0, le=2**40)] | None = Field(
        default=None, description="Bytes of the body that are sent before the connection is closed"
    )
    malform: bool = Field(default=False, description="Send a body that is not the JSON it claims to be")
    paused: bool = Field(default=False, description="Neither counts nor hits a request until it is set without this")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        effects = [
            self.status is not None,
            self.close,
            self.truncate is not None,
            self.malform,
        ]
        if sum(effects) > 1:
            raise ValueError("needs at most one of status, close, truncate and malform")
        if not any(effects) and self.latency is None:
            raise ValueError("does nothing: needs status, close, truncate, malform or latency")
        if self.status is None and (self.message is not None or self.headers):
            raise ValueError("message and headers go with status")
        for name in self.headers:
            if name.lower() in FRAMING:
                raise ValueError(f"the header {name} is the server's own; close and truncate break an answer")
        if sum(number is not None for number in (self.nth, self.first, self.every)) > 1:
            raise ValueError("needs at most one of nth, first and every")
        if self.phase == "before" and self.malform is False and self.truncate is not None:
            raise ValueError("truncate cuts an answer, so it goes with the phase after")
        return self


class FaultInfo(Control):
    """A fault that is set: how many requests it has looked at (`seen`) and hit (`applied`), and whether it can still
    happen.
    """

    name: str
    spec: Fault
    seen: int
    applied: int
    over: bool


class FaultList(Control):
    """A world's faults in the order in which they are asked."""

    faults: list[FaultInfo]


# Snapshots


class SnapshotInfo(Control):
    """A saved world. `saved` is the world's time then, `hash` the SHA-256 of its content, `size` bytes of the file."""

    name: str
    world: str
    release: str
    saved: float
    hash: str
    size: int


class SnapshotList(Control):
    """All snapshots of the server."""

    snapshots: list[SnapshotInfo]
