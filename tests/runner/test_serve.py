"""A capsule's folder, executed for the official SDK: `serve --capsule DIR --runner ENGINE`."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from codeocean import CodeOcean
from codeocean.computation import Computation, ComputationState, DataAssetsRunParam, NamedRunParam, RunParams
from codeocean.data_asset import ComputationSource, DataAssetParams, Source

from mock_server.client import Control
from tests.process import PATIENCE, Process, started
from tests.runner.engines import require
from tests.runner.folders import write_capsule
from tests.runner.running import gone, until

ID = "aaaaaaaa-0000-4000-8000-000000000001"

TOKEN = "control-token-of-the-tests"

PANEL = {
    "version": 1,
    "parameters": [
        {
            "id": "0000000000000001",
            "name": "Word",
            "type": "text",
            "value_type": "string",
            "default_value": "by default",
        },
        {"id": "0000000000000002", "name": "Many", "type": "text", "value_type": "integer", "default_value": "2"},
    ],
}

SCRIPT = """
echo "arguments: $#"
for word in "$@"; do echo "<$word>"; done
if [ -d ../data/before ]; then cp ../data/before/bytes ../results/again; fi
printf 'a\\0\\377b' > ../results/bytes
mkdir ../results/deep && echo inner > ../results/deep/file.txt
"""


@contextmanager
def serving(engine: str, tmp_path: Path, *options: str, **env: str) -> Iterator[Process]:
    """A server with a runner beside it, and with a control token."""
    registry = require(engine, tmp_path)[1:]
    env["CODEOCEAN_MOCK_RUNNER_REGISTRY_HOST"] = registry[0] if registry else "none.invalid"
    env["CODEOCEAN_MOCK_RUNNER_WORK_DIR"] = str(tmp_path / "work")
    env["CODEOCEAN_MOCK_CONTROL_TOKEN"] = TOKEN
    with started("--runner", engine, *options, **env) as server:
        yield server
        server.stop(signal.SIGTERM)


@contextmanager
def sdk_of(server: Process) -> Iterator[CodeOcean]:
    sdk = CodeOcean(domain=server.url, token="cop_demo_user")
    with ExitStack() as made:
        made.callback(sdk.session.close)
        yield sdk


def run(sdk: CodeOcean, **params: Any) -> Computation:
    computation = sdk.computations.run_capsule(RunParams(capsule_id=ID, **params))
    return sdk.computations.wait_until_completed(computation, polling_interval=5, timeout=PATIENCE)


def result(sdk: CodeOcean, computation: Computation, path: str) -> bytes:
    urls = sdk.computations.get_result_file_urls(computation.id, path)
    return httpx.get(urls.download_url, timeout=PATIENCE).raise_for_status().content


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK looks at a run every five seconds at most; a test looks sooner."""
    monkeypatch.setattr("codeocean.computation.sleep", lambda _: time.sleep(0.05))


@pytest.mark.slow
def test_a_folder_runs_with_its_parameters_and_its_data(tmp_path: Path, engine_name: str) -> None:
    folder = write_capsule(tmp_path / "capsule", SCRIPT, **{".codeocean/app-panel.json": PANEL})
    (folder / "code/run").chmod(0o644)
    with serving(engine_name, tmp_path, "--in-memory", "--capsule", f"{ID}={folder}") as server, sdk_of(server) as sdk:
        first = run(sdk, parameters=["$(touch x); --flag", "7"])
        assert (first.state, first.end_status, first.exit_code) == (ComputationState.Completed, "succeeded", 0)
        assert result(sdk, first, "output") == b"arguments: 2\n<$(touch x); --flag>\n<7>\n"
        assert result(sdk, first, "bytes") == b"a\0\xffb"
        assert result(sdk, first, "deep/file.txt") == b"inner\n"
        source = Source(computation=ComputationSource(id=first.id))
        asset = sdk.data_assets.create_data_asset(
            DataAssetParams(name="first", tags=["t"], mount="first", source=source)
        )
        asset = sdk.data_assets.wait_until_ready(asset, polling_interval=5, timeout=PATIENCE)

        panel = PANEL | {"named_parameters": True}
        panel["parameters"] = [
            one | {"param_name": name}
            for one, name in zip(PANEL["parameters"], ("word", "how-many"), strict=True)  # type: ignore[call-overload]
        ]
        write_capsule(folder, SCRIPT + "exit 3", **{".codeocean/app-panel.json": panel})
        second = run(
            sdk,
            named_parameters=[NamedRunParam(param_name="word", value="")],
            data_assets=[DataAssetsRunParam(id=asset.id, mount="before")],
        )
        assert (second.state, second.end_status, second.exit_code) == (ComputationState.Completed, "failed", 3)
        assert result(sdk, second, "again") == b"a\0\xffb"
        assert b"<--word=>\n<--how-many=2>\n" in result(sdk, second, "output")
        names = {item.name for item in sdk.computations.list_computation_results(second.id).items}
        assert names == {"again", "bytes", "deep", "output"}


@pytest.mark.slow
def test_a_log_is_live_and_a_stop_ends_the_script(tmp_path: Path, engine_name: str) -> None:
    mark = tmp_path.name
    folder = write_capsule(tmp_path / "capsule", f"echo begun\necho r > ../results/r\nexec -a {mark} sleep 300000")
    with serving(engine_name, tmp_path, "--in-memory", "--capsule", f"{ID}={folder}") as server, sdk_of(server) as sdk:
        computation = sdk.computations.run_capsule(RunParams(capsule_id=ID))
        with Control(server.url, TOKEN) as control:
            driving = control.world().computation(computation.id)
            until(lambda: driving.log() == b"begun\n")
            assert driving.plan().state == "running"
            assert driving.plan().runner
            driving.stop()
        ended = sdk.computations.get_computation(computation.id)
        assert (ended.state, ended.end_status) == (ComputationState.Completed, "stopped")
        until(lambda: gone(mark))
        assert result(sdk, ended, "output") == b"begun\n"


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_server(tmp_path: Path, engine_name: str, how: signal.Signals) -> None:
    mark = tmp_path.name
    folder = write_capsule(tmp_path / "capsule", f"echo begun\nexec -a {mark} sleep 300000")
    with serving(engine_name, tmp_path, "--data-dir", str(tmp_path / "d"), "--capsule", f"{ID}={folder}") as server:
        with sdk_of(server) as sdk:
            computation = sdk.computations.run_capsule(RunParams(capsule_id=ID))
        with Control(server.url, TOKEN) as control:
            until(lambda: control.world().computation(computation.id).log() == b"begun\n")
        assert not gone(mark)
        server.popen.send_signal(how)
        server.popen.wait(PATIENCE)
        until(lambda: gone(mark))
        until(lambda: list((tmp_path / "work").iterdir()) == [])
    if how is signal.SIGTERM:
        with (
            started("--data-dir", str(tmp_path / "d"), CODEOCEAN_MOCK_CONTROL_TOKEN=TOKEN) as again,
            sdk_of(again) as sdk,
        ):
            ended = sdk.computations.get_computation(computation.id)
            assert ended.state == ComputationState.Failed
            assert result(sdk, ended, "output") == b"begun\ncodeocean-mock: the runner was stopped\n"
