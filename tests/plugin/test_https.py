"""The plugin over HTTPS: the SDK and the controls trust the server, and nobody has to do anything for it."""

from pathlib import Path

import pytest

from mock_server import MockCodeOcean
from tests.plugin.sessions import session

TESTS = """
import httpx, pytest, requests

@pytest.mark.parametrize("number", [1, 2])
def test_clients(codeocean_world, codeocean_server, number, monkeypatch):
    assert codeocean_world.url.startswith("https://")
    assert codeocean_world.client.capsules.search_capsules
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/hostname")
    capsule = codeocean_world.client.capsules.get_capsule("1d8288da-0785-4e4f-aa37-2d1db3636bc4")
    assert codeocean_world.control.clock().now
    answer = requests.get(codeocean_world.url + "/_mock/health", verify=str(codeocean_world.ca_file))
    note(url=codeocean_world.url, status=answer.status_code, ca_file=str(codeocean_server.ca_file))
"""


@pytest.mark.slow
def test_the_clients_of_a_server_that_is_started_trust_it(tmp_path: Path) -> None:
    done = session(tmp_path, TESTS, "--codeocean-tls")
    assert done.outcomes == {"passed": 2}, done.out
    assert {one["status"] for one in done.noted} == {200}


@pytest.mark.slow
def test_all_workers_trust_the_server_that_they_share(tmp_path: Path) -> None:
    done = session(tmp_path, TESTS, "--codeocean-tls", "-n", "2")
    assert done.outcomes == {"passed": 2}, done.out
    [url] = {str(one["url"]) for one in done.noted}
    [ca_file] = {str(one["ca_file"]) for one in done.noted}
    assert url.startswith("https://127.0.0.1:")
    assert not Path(ca_file).parent.exists()


def test_a_server_that_is_there_is_trusted_by_the_authority_that_is_named(tmp_path: Path) -> None:
    with MockCodeOcean(tls=True) as mock:
        done = session(tmp_path, TESTS, "--codeocean-url", mock.url, "--codeocean-ca-file", str(mock.ca_file))
        assert done.outcomes == {"passed": 2}, done.out
        assert {one["url"] for one in done.noted} == {mock.url}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_without_the_extra_it_is_named(tmp_path: Path, workers: tuple[str, ...]) -> None:
    (tmp_path / "trustme.py").write_text("raise ImportError('not here')")
    done = session(tmp_path, TESTS, "--codeocean-tls", *workers)
    assert "needs trustme: pip install 'codeocean-mock[tls]'" in done.out
    assert "Traceback" not in done.out
    assert "INTERNALERROR" not in done.out
