"""The first minutes with the command line: help, completion, typing errors, wrong addresses and wrong tokens."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server import quick_help
from tests.cli.conftest import command
from tests.process import COMMAND, PATIENCE, environment, run, started
from tools import cli_help

TOKEN = "a-token-of-this-test"
WAYS = "give --control-token or set CODEOCEAN_MOCK_CONTROL_TOKEN"

HELP = ["", "openapi", "worlds", "worlds list", "contract", "contract plan", "seed", "seed check"]


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """The address of a server that asks for a control token."""
    with started("--in-memory", "--control-token", TOKEN) as server:
        yield server.url


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address where nothing answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("words", HELP)
def test_h_is_help_everywhere(words: str) -> None:
    short, long = command(*words.split(), "-h"), command(*words.split(), "--help")
    assert short.code == 0
    assert short == long
    assert "-h, --help" in short.out


def test_the_help_that_is_kept_is_that_of_the_commands() -> None:
    assert quick_help.TEXT.read_text() == cli_help.text(), "run `make cli-help`"


@pytest.mark.parametrize("arguments", ["--help", "-h", "--version"])
@pytest.mark.parametrize("columns", ["", "80", "132", "40"])
def test_what_is_known_beforehand_is_what_the_commands_say(arguments: str, columns: str) -> None:
    environment_of = {"COLUMNS": columns} if columns else {}
    by_the_commands = "from mock_server.cli import app; app(prog_name='codeocean-mock')"
    whole = subprocess.run(
        [sys.executable, "-c", by_the_commands, arguments],
        env=environment(**environment_of),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    done = run(arguments, **environment_of)
    assert (done.returncode, done.stdout, done.stderr) == (0, whole.stdout, "")


@pytest.mark.parametrize("arguments", [["--help"], ["worlds", "--help"]])
def test_help_that_cannot_be_written_is_a_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False
        )
    assert (done.returncode, done.stderr) == (1, "the output cannot be written: No space left on device\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(shell: str) -> None:
    source = run(_CODEOCEAN_MOCK_COMPLETE=f"source_{shell}")
    assert (source.returncode, source.stderr) == (0, "")
    assert "codeocean-mock" in source.stdout


def test_completion_is_installed_where_the_shell_reads_it(tmp_path: Path) -> None:
    # The shell is found by the process that starts the command.
    shell = ["bash", "-c", '"$@"; exit $?', "bash", COMMAND, "--install-completion"]
    done = subprocess.run(
        shell, env=environment(HOME=str(tmp_path)), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "bash completion installed" in done.stdout
    script = next(tmp_path.glob(".bash_completions/*")).read_text()
    assert "complete" in script
    assert str(next(tmp_path.glob(".bash_completions/*"))) in (tmp_path / ".bashrc").read_text()


@pytest.mark.parametrize(
    ("words", "place", "found"),
    [
        ("codeocean-mock wor", 1, {"worlds"}),
        ("codeocean-mock clock s", 2, {"show", "set"}),
        ("codeocean-mock clock set fr", 3, {"frozen"}),
        ("codeocean-mock serve --plat", 2, {"--platform-version"}),
    ],
)
def test_a_shell_is_told_what_a_word_may_become(words: str, place: int, found: set[str]) -> None:
    done = run(_CODEOCEAN_MOCK_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(place))
    assert set(done.stdout.split()) == found


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("wrold", "No such command 'wrold'. Did you mean 'worlds'?"),
        ("worlds lst", "No such command 'lst'. Did you mean 'list'?"),
        ("serve --prot 1", "No such option: --prot. Did you mean '--host' or '--port'?"),
        ("--vresion", "No such option: --vresion. Did you mean '--version'?"),
        ("clock set frosen", "'frosen' is not one of 'wall', 'frozen', 'offset', 'scaled', 'skipping'; did you mean"),
        ("serve --port x", 'must be a whole number, not "x"'),
        ("serve --port 70000", "must be at most 65535"),
        ("contract --max-requests 0", "Invalid value for '--max-requests': must be at least 1"),
        ("contract --patience long", 'must be a number, not "long"'),
        ("import --url x --files al", "is not one of 'none', 'listing', 'small'"),
    ],
)
def test_a_typing_error_is_told_with_what_was_meant(words: str, hint: str) -> None:
    done = command(*words.split())
    assert done.code == 2
    assert hint in done.err.splitlines()[-1]
    assert "Value error" not in done.err


def test_a_variable_of_the_environment_is_named_in_the_refusal() -> None:
    done = command("serve", "--port", "0", CODEOCEAN_MOCK_TIME_SCALE="x")
    assert done.err.splitlines()[-1].endswith("(env var: 'CODEOCEAN_MOCK_TIME_SCALE'): must be a number, not \"x\"")


@pytest.mark.parametrize("words", ["worlds list", "wait --once", "runs show x", "journal list", "clock show"])
def test_a_missing_and_a_wrong_control_token_are_told_in_one_line_each(guarded: str, words: str) -> None:
    missing = command(*words.split(), "--url", guarded)
    assert missing == (1, "", f"codeocean-mock: this server needs its control token: {WAYS}\n")
    wrong = command(*words.split(), "--url", guarded, "--control-token", "another-token")
    assert wrong == (1, "", f"codeocean-mock: wrong control token: {WAYS}\n")


def test_doctor_tells_a_missing_from_a_wrong_control_token(guarded: str) -> None:
    assert "this server needs its control token\n" in command("doctor", "--url", guarded).out
    assert "wrong control token\n" in command("doctor", "--url", guarded, "--control-token", "another-token").out


@pytest.mark.parametrize(
    "words",
    [
        "contract",
        "contract --quick --profile observe",
        "contract drift",
        "import --yes --out seed.yaml",
        "worlds list",
        "wait --once",
        "runs show x",
        "doctor",
    ],
)
def test_an_address_where_nothing_answers_is_told_before_any_token(nowhere: str, words: str, tmp_path: Path) -> None:
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        done = command(*words.split(), "--url", nowhere)
    finally:
        os.chdir(here)
    assert done.code != 0
    said = done.out + done.err
    assert f"nothing answers at {nowhere}" in said
    assert words == "doctor" or "token" not in said
