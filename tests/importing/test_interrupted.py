"""Ctrl-C in the middle of an import, and going on from there."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests.contract.stand_in import TOKEN, StandIn
from tests.importing.conftest import importing
from tests.process import COMMAND, PATIENCE, environment, until

ALL = ("--capsules", "", "--data-assets", "", "--files", "small", "--keep", "all")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "sent"), [(signal.SIGINT, 20), (signal.SIGINT, 110), (signal.SIGKILL, 60)])
def test_an_interrupted_import_goes_on_where_it_ended(
    real: StandIn, tmp_path: Path, number: signal.Signals, sent: int
) -> None:
    whole, out = tmp_path / "whole.yaml", tmp_path / "world.yaml"
    assert importing(real.url, *ALL, "--out", whole).code == 0
    needed = len(real.received)
    real.received.clear()
    line = [COMMAND, "import", "--url", real.url, *ALL, "--out", str(out), "--rate", "60", "--max-requests", "9999"]
    process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env=environment(CODEOCEAN_TOKEN=TOKEN))
    until(lambda: len(real.received) >= sent or process.poll() is not None)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    part = tmp_path / "world.yaml.part"
    if number is signal.SIGINT:
        assert (process.returncode, err) == (130, f"codeocean-mock: interrupted; go on with --resume from {part}\n")
    assert not out.exists()
    before = len(real.received)
    assert before < needed
    with part.open("ab") as file:
        file.write(b'["asset","half a li')
    done = importing(real.url, *ALL, "--out", out, "--resume")
    assert done.code == 0, done.err
    assert out.read_bytes() == whole.read_bytes()
    assert not part.exists()
    assert len(real.received) < needed + 40, "what was read is not read again"
