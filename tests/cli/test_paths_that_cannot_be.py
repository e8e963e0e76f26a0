"""Paths that no disk has: the system says so as soon as it is asked whether something is there."""

import pytest

from tests.cli.conftest import command

LONG = "x" * 300


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("serve", "--port", "0", "--in-memory", "--control-token-file", LONG), 1),
        (("serve", "--port", "0", "--in-memory", "--tls", "self-signed", "--ca-file", LONG), 1),
        (("serve", "--port", "0", "--data-dir", LONG), 1),
        (("serve", "--port", "0", "--in-memory", "--seed", LONG), 1),
        (("serve", "--port", "0", "--in-memory", "--scenarios", LONG), 1),
        (("serve", "--port", "0", "--in-memory", "--capsule", LONG), 1),
        (("import", "--url", "http://127.0.0.1:1", "--capsules", "", "--out", LONG), 2),
        (("import", "--url", "http://127.0.0.1:1", "--capsules", "", "--out", "x" * 253), 2),
        (("seed", "check", LONG), 1),
        (("scenarios", "check", LONG), 1),
    ],
    ids=lambda given: " ".join(word for word in given if len(word) < 30) if isinstance(given, tuple) else "",
)
def test_a_name_that_is_too_long_is_one_line(arguments: tuple[str, ...], code: int) -> None:
    done = command(*arguments, CODEOCEAN_TOKEN="cop_x")
    assert (done.code, done.out) == (code, "")
    assert done.err.count("\n") == 1
    assert "File name too long" in done.err
