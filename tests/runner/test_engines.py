"""What a script finds and leaves, in each engine of this machine."""

import os
from pathlib import Path

import pytest

from tests.runner.conftest import MakeJob
from tests.runner.folders import write_capsule
from tests.runner.recording import Recording, work_of
from tests.runner.running import running


def test_a_script_gets_its_arguments_as_they_are_and_leaves_its_own_bytes(tmp_path: Path, make_job: MakeJob) -> None:
    folder = write_capsule(
        tmp_path / "capsule",
        """for word in "$@"; do printf "<%s>" "$word"; done
        echo
        printf "a\\0b\\xff" > ../results/bytes
        mkdir ../results/deep
        echo inner > ../results/deep/file.txt
        touch ../results/none""",
    )
    run = Recording()
    words = ["", "two words", "$(touch /tmp/x-by-shell); --flag", "--name=value", "*", "ümlaut\nline"]
    assert make_job(work_of(folder, *words), run).run() == "exit code 0"
    assert run.text == "".join(f"<{word}>" for word in words) + "\n"
    assert run.results == {"bytes": b"a\0b\xff", "deep/file.txt": b"inner\n", "none": b""}
    assert run.finished == {"state": "completed", "exit_code": 0, "end_status": None}
    assert run.states == ["running", "finalizing"]
    assert not Path("/tmp/x-by-shell").exists()


def test_the_exit_code_is_the_scripts(tmp_path: Path, make_job: MakeJob) -> None:
    folder = write_capsule(tmp_path / "capsule", "echo to stdout\necho to stderr >&2\nexit 3")
    run = Recording()
    assert make_job(work_of(folder), run).run() == "exit code 3"
    assert run.text == "to stdout\nto stderr\n"
    assert run.finished == {"state": "completed", "exit_code": 3, "end_status": None}
    assert run.results == {}


def test_a_script_finds_what_the_platform_has(tmp_path: Path, make_job: MakeJob, engine_name: str) -> None:
    script = "pwd\nls ../results ../scratch | wc -l\nprintenv CO_CAPSULE_ID CO_COMPUTATION_ID CO_CPUS CO_MEMORY"
    script += "\ncat < /dev/stdin"
    if engine_name != "process":
        script += "\nls -d /code /data /results /scratch\nls -l /root/capsule | tail -n 4 | tr -s ' ' | sort"
        script += "\nid -u\necho $HOME\ntouch /code/new /data/new /scratch/new"
    resources = {".codeocean/resources.json": {"version": 1, "resource_class": "xsmall"}}
    folder = write_capsule(tmp_path / "capsule", script, **resources, **{"data/local/file": "local"})
    run = Recording()
    assert make_job(work_of(folder), run, {"memory": 2**31}).run() == "exit code 0", run.text
    lines = run.text.splitlines()
    assert lines[0].endswith("/code")
    assert lines[2:6] == ["capsule", "run", "1", str(2**31)]
    if engine_name != "process":
        assert lines[0] == "/code"
        assert lines[6:10] == ["/code", "/data", "/results", "/scratch"]
        assert [line.split(" ", 8)[-1] for line in lines[10:14]] == [
            f"{place} -> /{place}" for place in ("code", "data", "results", "scratch")
        ]
        assert lines[14:] == ["0", "/root"]
    assert not (folder / "code/new").exists()


def test_a_data_asset_is_mounted_read_only_beside_local_data(
    tmp_path: Path, make_job: MakeJob, engine_name: str
) -> None:
    script = "cat ../data/lab/mouse/deep/a.csv ../data/own.txt\ncp -r ../data/lab/mouse ../results/copy"
    script += "\nstat -c %a ../data/lab/mouse ../data/lab/mouse/deep ../data/lab/mouse/deep/a.csv"
    if engine_name != "process":
        script += "\necho x > ../data/lab/mouse/deep/a.csv && echo written"
        script += "\necho x > ../data/lab/mouse/new && echo written\ntrue"
    local = {"data/own.txt": "own\n", "data/lab/mouse/hidden": "not seen"}
    folder = write_capsule(tmp_path / "capsule", script, **local)
    run = Recording(once_lost=["download"])
    run.assets["one"] = {"deep/a.csv": b"1,2\n", "big": bytes(3_000_000)}
    job = make_job(work_of(folder, mounts={"lab/mouse": "one"}, size=3_000_004), run)
    outcome = job.run()
    assert run.text.startswith("1,2\nown\n"), run.text
    # What root writes in spite of these modes, as whom the process engine may run, is a copy.
    assert engine_name == "docker" or "555\n555\n444\n" in run.text
    assert "written" not in run.text
    assert run.results == {"copy/deep/a.csv": b"1,2\n", "copy/big": bytes(3_000_000)}
    assert outcome == "exit code 0", run.text


def test_hostile_results_are_left_out_and_listed(tmp_path: Path, make_job: MakeJob, engine_name: str) -> None:
    folder = write_capsule(
        tmp_path / "capsule",
        """cd ../results
        echo good > good
        ln -s good inside; ln -s inside twice; mkdir -p a/b; echo deep > a/b/file; ln -s ../good a/up; ln -s a/b folder
        ln -s folder/file through
        ln good second
        ln -s /etc/passwd absolute; ln -s ../../../../../etc/passwd relative; ln -s loop loop; ln -s nowhere dangling
        ln -s .. parent; ln -s parent/code/run climbing
        mkfifo pipe
        echo x > "$(printf 'bad\\377name')"
        echo x > output
        echo locked > locked; chmod 000 locked
        echo odd > "$(printf 'new\\nline')"
        """,
    )
    run = Recording()
    assert make_job(work_of(folder), run).run() == "exit code 0", run.text
    good = dict.fromkeys(("good", "inside", "twice", "a/up", "second"), b"good\n")
    deep = {"a/b/file": b"deep\n", "through": b"deep\n", "locked": b"locked\n", "new\nline": b"odd\n"}
    assert run.results == good | deep
    heading, *listed = run.text.replace("codeocean-mock:", "").splitlines()
    assert heading.strip() == "left out of the results:"
    out = "a link that leads out of /results"
    assert sorted(line.strip() for line in listed) == sorted(
        [
            f"absolute: {out}",
            "bad\\xffname: its name is not UTF-8",
            f"climbing: {out}",
            "dangling: a link that leads to no file in /results",
            "folder: a link that leads to no file in /results",
            "loop: a link that leads to itself",
            "output: the name is taken by the run's own log",
            f"parent: {out}",
            "pipe: a named pipe",
            f"relative: {out}",
        ]
    )


REPLACED = "codeocean-mock: left out of the results:\ncodeocean-mock:   /results: not a folder any more\n"


@pytest.mark.parametrize(
    ("instead", "name"), [("true", "removed"), ("ln -s $PWD/outside results", "a link"), ("echo x > results", "a file")]
)
def test_results_that_are_not_a_folder_any_more_are_not_followed(
    tmp_path: Path, make_job: MakeJob, engine_name: str, instead: str, name: str
) -> None:
    if engine_name == "bubblewrap":
        pytest.skip("there it cannot be removed, for something is mounted on it")
    script = f"cd ..; mkdir outside; echo x > outside/file; rm -r results; {instead}; echo {name}"
    run = Recording()
    assert make_job(work_of(write_capsule(tmp_path / "capsule", script)), run).run() == "exit code 0", run.text
    assert run.text == f"{name}\n{REPLACED}"
    run.results.pop("buildLog", None)
    assert run.results == {}


def test_what_the_runner_says_stands_on_a_line_of_its_own(tmp_path: Path, make_job: MakeJob) -> None:
    folder = write_capsule(tmp_path / "capsule", "ln -s /etc/passwd ../results/link\nprintf half")
    run = Recording()
    assert make_job(work_of(folder), run, {"environment": {"SECRET": "half a line"}}).run() == "exit code 0", run.text
    assert run.text.startswith("half\ncodeocean-mock: left out of the results:\n")


def test_a_run_without_a_script_fails_and_says_so(tmp_path: Path, make_job: MakeJob) -> None:
    folder = write_capsule(tmp_path / "capsule", None, **{"code/main.py": "print()\n"})
    run = Recording()
    assert make_job(work_of(folder), run).run() == "exit code 127"
    assert f"codeocean-mock: there is no code/run in {folder}\n" in run.text
    assert run.finished == {"state": "completed", "exit_code": 127, "end_status": None}


def test_what_a_script_starts_ends_with_it(tmp_path: Path, make_job: MakeJob) -> None:
    nap = f"sleep {200_000 + os.getpid()}"
    folder = write_capsule(tmp_path / "capsule", f"setsid {nap} &\n({nap} &)\necho done")
    run = Recording()
    assert make_job(work_of(folder), run).run() == "exit code 0"
    assert run.text == "done\n"
    assert running(nap) == 0


def test_secrets_are_given_and_masked(tmp_path: Path, make_job: MakeJob) -> None:
    script = 'echo "my $API_SECRET"\nfor at in 0 3 9; do printf "${API_SECRET:$at:4}"; done\necho\n'
    script += 'printf "%s" "${API_SECRET:0:6}"; sleep 0.7; echo "${API_SECRET:6}"\nprintenv SHORT'
    folder = write_capsule(tmp_path / "capsule", script)
    run = Recording()
    secrets = {"API_SECRET": "cop_abcdef123", "SHORT": "1"}
    assert make_job(work_of(folder), run, {"environment": secrets}).run() == "exit code 0", run.text
    assert run.text == "my ***\ncop__abcf123\n***\n1\n"


def test_a_path_that_leads_nowhere_fails_the_run_in_one_line(
    tmp_path: Path, make_job: MakeJob, engine_name: str
) -> None:
    folder = write_capsule(tmp_path / "capsule", "echo never")
    run = Recording()
    outcome = make_job(work_of(folder), run, {"environment": {"PATH": "/nowhere"}}).run()
    assert outcome == (
        "failed" if engine_name == "docker" else "exit code 127" if engine_name == "process" else "exit code 1"
    )
    assert "bash" in run.text
    assert len(run.text.splitlines()) == 1
    assert "never" not in run.text


def test_a_run_that_uses_too_much_memory_is_killed(tmp_path: Path, make_job: MakeJob) -> None:
    folder = write_capsule(tmp_path / "capsule", "set -o pipefail\nhead -c 300000000 /dev/zero | tail | wc -c")
    run = Recording()
    assert make_job(work_of(folder), run, {"memory": 100 * 2**20}).run() == "exit code 137", run.text
    assert run.text.endswith("codeocean-mock: Out of memory.\n")
