"""Jobs for every engine of this machine."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, cast

import pytest

from mock_server.runner.engines.choice import EngineName, engine_of
from mock_server.runner.job import Conditions, Job
from mock_server.runner.leftovers import Workplace
from mock_server.runner.options import RunnerOptions
from mock_server.runner.pacing import now
from mock_server.wire.driven import Work
from tests.runner.engines import ENGINES, options, require
from tests.runner.recording import Recording

MakeJob = Callable[..., Job]


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    name: str = request.param
    require(name, tmp_path)
    return name


@pytest.fixture
def make_job(engine_name: str, tmp_path: Path) -> Iterator[MakeJob]:
    """Makes a job of what was handed out and of a recording, with options of an engine and a runner."""
    with ExitStack() as made:

        def make(work: Work, recording: Recording, engine: dict[str, Any] | None = None, **more: Any) -> Job:
            chosen = options(tmp_path, **(engine or {}))
            workplace = made.enter_context(Workplace(chosen.work_dir))
            one = made.enter_context(closing(engine_of(EngineName(engine_name), chosen, workplace)))
            conditions = Conditions(one, chosen, RunnerOptions(name="runner", **more), one.machine())
            run = cast(Any, recording)
            return Job(work, now(), run, run, run, conditions)

        yield make
