"""What can be set of a runner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MIB = 2**20
GIB = 2**30


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How runs are executed. `memory` in bytes and `cpus` limit a run; without them `.codeocean/resources.json` does.
    `environment` are variables that each run is given, and whose values are secret.
    """

    work_dir: Path
    image: str | None = None
    registry_host: str = "registry.codeocean.com"
    network: bool = True
    memory: int | None = None
    cpus: float | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """How work is claimed. `lease` and `max_run_time` are in seconds, `max_input` in bytes."""

    name: str
    slots: int = 1
    lease: float = 30.0
    retries: int = 0
    max_run_time: float | None = None
    max_input: int = 10 * GIB
