"""HTTPS: clients that trust the authority are served as over HTTP; what goes wrong before is said, or closed."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import requests
from codeocean import CodeOcean
from trustme import CA

from mock_server.app import create_app
from mock_server.serving.limits import Limits
from mock_server.serving.listening import listen, tls_on
from mock_server.settings import Settings, TlsSetting
from mock_server.threaded_server import LiveServer
from tests import ids
from tests.process import PATIENCE, Process, run, started
from tests.server.raw import RawClient, request, unverified

SELF_SIGNED = ("--tls", "self-signed")
CAPSULE = f"/api/v1/capsules/{ids.CAPSULE}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("https")
    with started("--data-dir", str(folder / "data"), "--tls-name", "*.fake.test", *SELF_SIGNED) as server:
        yield server


@pytest.fixture
def trusting(server: Process, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server's URL, in an environment that has what it printed for clients."""
    for name, value in server.ready["trust"].items():
        monkeypatch.setenv(name, value)
    return server.url


def trusts(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def test_all_addresses_are_https(server: Process) -> None:
    ready = server.ready
    addresses = (ready["url"], ready["control"], ready["dashboard"])
    assert [urlsplit(url).scheme for url in addresses] == ["https"] * 3
    assert f"curl --cacert {ready['trust']['CURL_CA_BUNDLE']} " in ready["try"]
    options = f"--url {ready['url']} --ca-file {ready['trust']['CURL_CA_BUNDLE']}"
    assert ready["env"] == f'eval "$(codeocean-mock env {options})"'


def test_requests_trusts_it_with_what_is_printed(trusting: str) -> None:
    files = f"{trusting}/api/v1/computations/{ids.PAST_RUN}/results"
    [name, *_] = [
        one["path"]
        for one in requests.post(files, json={"path": ""}, auth=("cop_demo_user", ""), timeout=PATIENCE).json()["items"]
        if one["type"] == "file"
    ]
    urls = requests.get(f"{files}/urls", {"path": name}, auth=("cop_demo_user", ""), timeout=PATIENCE).json()
    assert urls["download_url"].startswith(f"{trusting}/")
    assert requests.get(urls["download_url"], timeout=PATIENCE).content


def test_the_sdk_trusts_it_with_what_is_printed(trusting: str) -> None:
    client = CodeOcean(domain=trusting, token="cop_demo_user")
    assert client.capsules.get_capsule(ids.CAPSULE).id == ids.CAPSULE
    client.session.close()


def test_httpx_trusts_it_with_what_is_printed(trusting: str) -> None:
    assert httpx.get(trusting + CAPSULE, auth=("cop_demo_user", "")).json()["id"] == ids.CAPSULE


def test_curl_trusts_it_with_what_is_printed(trusting: str) -> None:
    command = ["curl", "-sS", "--fail", "-u", "cop_demo_user:", trusting + CAPSULE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ids.CAPSULE in done.stdout, done.stderr


def test_nobody_trusts_it_otherwise(server: Process) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(server.url + CAPSULE, timeout=PATIENCE)
    done = run("wait", "--timeout", "1h", "--url", server.url)
    assert done.returncode == 1
    assert "is not trusted" in done.stderr
    assert "CODEOCEAN_MOCK_CA_FILE" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "one.fake.test"])
def test_the_certificate_is_for_this_machine_and_the_names_given(server: Process, name: str) -> None:
    place = urlsplit(server.url)
    with (
        socket.create_connection((place.hostname, place.port), PATIENCE) as plain,
        trusts(server.ready["trust"]["SSL_CERT_FILE"]).wrap_socket(plain, server_hostname=name) as connection,
    ):
        assert connection.version() in ("TLSv1.2", "TLSv1.3")


@pytest.mark.slow
def test_the_commands_trust_it_with_what_is_printed(server: Process) -> None:
    trust = {"CODEOCEAN_MOCK_CA_FILE": server.ready["trust"]["CODEOCEAN_MOCK_CA_FILE"]}
    for command in (("wait",), ("clock", "show"), ("env",), ("doctor", "--token", "cop_demo_user")):
        done = run(*command, "--url", server.url, **trust)
        assert server.url in done.stdout or "wall" in done.stdout, done.stdout + done.stderr
    doctor = run("doctor", "--url", server.url).stdout
    assert "is not trusted" in doctor
    assert "-> export what the server printed" in doctor
    exported = run("env", "--json", "--url", server.url, **trust).stdout
    assert all(f'"{name}": "{value}"' in exported for name, value in server.ready["trust"].items())
    assert "export REQUESTS_CA_BUNDLE=" in run("env", "--url", server.url, **trust).stdout


@pytest.mark.slow
def test_a_command_without_the_authority_has_one_line(server: Process, tmp_path: Path) -> None:
    for command in (("wait",), ("env",), ("worlds", "list")):
        done = run(*command, "--url", server.url, CODEOCEAN_MOCK_CA_FILE=str(tmp_path / "nothing.pem"))
        assert done.returncode == 1
        assert done.stderr == (
            f"codeocean-mock: the certificates to trust cannot be read from {tmp_path}/nothing.pem: "
            "No such file or directory\n"
        )


def test_plain_http_is_told_what_is_spoken(server: Process) -> None:
    url = server.url.replace("https://", "http://")
    answer = requests.post(f"{url}/api/v1/capsules/search", json={"query": "x" * 100_000}, timeout=PATIENCE)
    assert answer.status_code == 400
    assert answer.json() == {"message": "this server speaks HTTPS: write https:// instead of http://"}
    assert answer.headers["Connection"] == "close"
    assert run("wait", "--timeout", "1h", "--url", url).stderr.startswith("codeocean-mock: this server speaks HTTPS")


@pytest.mark.parametrize("sent", [b"\r\n\x00garbage\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b"\x16\xff\xff\xff\xff"])
def test_what_is_neither_is_closed(server: Process, sent: bytes) -> None:
    with RawClient(server.url.replace("https://", "http://")) as raw:
        raw.send(sent)
        assert b"Traceback" not in raw.rest()


def test_old_tls_is_refused(server: Process) -> None:
    context = unverified()
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname, place.port), PATIENCE) as plain, pytest.raises(OSError):  # noqa: PT011 - how depends on the release of OpenSSL
        context.wrap_socket(plain)


def test_cookies_are_for_https_alone(server: Process) -> None:
    context = trusts(server.ready["trust"]["SSL_CERT_FILE"])
    cookies = httpx.get(f"{server.url}/_ui/worlds/default", verify=context, timeout=PATIENCE).headers
    assert "; Secure" in cookies["Set-Cookie"]


def test_pages_under_http_are_another_site(server: Process) -> None:
    context = trusts(server.ready["trust"]["SSL_CERT_FILE"])
    for scheme, status in (("https", 200), ("http", 403)):
        origin = server.url.replace("https", scheme)
        answer = httpx.get(f"{server.url}/_mock/worlds", headers={"Origin": origin}, verify=context, timeout=PATIENCE)
        assert answer.status_code == status


@pytest.mark.slow
def test_the_authority_survives_a_restart(tmp_path: Path) -> None:
    context = None
    for _ in range(2):
        with started("--data-dir", str(tmp_path), *SELF_SIGNED) as server:
            ca_file = server.ready["trust"]["SSL_CERT_FILE"]
            context = context or trusts(ca_file)
            assert httpx.get(f"{server.url}/_mock/health", verify=context, timeout=PATIENCE).status_code == 200
            assert server.stop() == (0, "")
    assert Path(ca_file) == tmp_path / "tls" / "ca.pem"
    assert (tmp_path / "tls" / "ca.pem.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_in_memory_the_authority_goes_with_the_server(tmp_path: Path) -> None:
    with started("--in-memory", *SELF_SIGNED) as server:
        ca_file = Path(server.ready["trust"]["SSL_CERT_FILE"])
        assert httpx.get(f"{server.url}/_mock/health", verify=trusts(str(ca_file))).status_code == 200
        server.stop()
    assert not ca_file.parent.exists()
    kept = tmp_path / "mine" / "ca.pem"
    with started("--in-memory", *SELF_SIGNED, "--ca-file", str(kept)) as server:
        assert Path(server.ready["trust"]["SSL_CERT_FILE"]) == kept
        server.stop()
    assert kept.exists()


# Connections that do not get as far as a request.

SHORT = Limits(handshake_seconds=0.4, lingering_seconds=0.4, look_seconds=0.1)


@pytest.fixture
def hasty() -> Iterator[str]:
    """The URL of a server that gives a handshake little time."""
    settings = Settings(data_dir=None, tls=TlsSetting())
    listener = listen("127.0.0.1", 0)
    tls = tls_on(listener, settings)
    assert tls is not None
    app = create_app(settings)
    with LiveServer(app, listener, limits=SHORT, tls=tls.context) as live:
        yield live.url
    app.worlds.close()
    tls.close()


@pytest.mark.parametrize("sent", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01"], ids=["nothing", "a byte", "a head"])
def test_a_handshake_that_does_not_end_is_given_up_and_holds_up_nobody(
    hasty: str, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with RawClient(hasty.replace("https://", "http://")) as stalled:
        stalled.send(sent)
        with RawClient(hasty) as other:
            other.send(request())
            assert other.answer().status == 200
        assert stalled.rest() == b""
    assert caplog.messages == []


def test_a_stop_does_not_wait_for_handshakes(tmp_path: Path) -> None:
    with (
        started("--data-dir", str(tmp_path), *SELF_SIGNED) as server,
        RawClient(server.url.replace("https://", "http://")) as stalled,
        RawClient(server.url) as idle,
    ):
        stalled.send(b"\x16\x03")
        idle.send(request())
        assert idle.answer().status == 200
        assert server.stop() == (0, "")
        assert (stalled.rest(), idle.rest()) == (b"", b"")


# Certificates of one's own.


class Files:
    """A certificate for `localhost` in files, by an authority of its own."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.authority = CA()
        self.ca_file, self.cert, self.key = folder / "ca.pem", folder / "cert.pem", folder / "key.pem"
        issued = self.authority.issue_cert("localhost", **options)  # type: ignore[arg-type]
        self.authority.cert_pem.write_to_path(self.ca_file)
        self.cert.write_bytes(b"".join(one.bytes() for one in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(self.key)

    @property
    def options(self) -> tuple[str, ...]:
        return ("--tls-cert", str(self.cert), "--tls-key", str(self.key))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.mark.slow
def test_a_certificate_of_ones_own(files: Files) -> None:
    with started("--in-memory", *files.options) as server:
        assert "trust" not in server.ready
        url = server.url.replace("127.0.0.1", "localhost")
        assert httpx.get(f"{url}/_mock/health", verify=trusts(str(files.ca_file))).status_code == 200
        # In its own environment, as in a container, a command needs no more, whatever names the certificate is for.
        beside = {"CODEOCEAN_MOCK_TLS_CERT": str(files.cert)}
        assert run("wait", "--once", "--url", server.url, **beside).returncode == 0
        server.stop()


def test_another_certificate_is_not_taken_for_ones_own(server: Process, files: Files) -> None:
    done = run("wait", "--once", "--url", server.url, CODEOCEAN_MOCK_TLS_CERT=str(files.cert))
    assert "is not trusted" in done.stderr


def refusal(*options: str, **env: str) -> str:
    """The one line with which a server does not start."""
    done = run("serve", "--port", "0", "--in-memory", *options, **env)
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    return line.removeprefix("codeocean-mock: ")


@pytest.mark.slow
def test_files_that_cannot_be_used_are_named_before_the_start(files: Files, tmp_path: Path) -> None:
    cert, key, nothing = str(files.cert), str(files.key), str(tmp_path / "nothing")
    (tmp_path / "text").write_text("no certificate")
    (tmp_path / "torn").write_text(files.cert.read_text().replace("M", "", 3))
    (tmp_path / "other").mkdir()
    other = Files(tmp_path / "other")
    assert refusal("--tls-cert", nothing, "--tls-key", key) == (
        f"the certificate cannot be read from {nothing}: No such file or directory"
    )
    assert refusal("--tls-cert", cert, "--tls-key", str(tmp_path)) == (
        f"the private key cannot be read from {tmp_path}: Is a directory"
    )
    assert refusal("--tls-cert", key, "--tls-key", key) == (
        f"there is no certificate in {key}: it has to be in PEM form"
    )
    assert refusal("--tls-cert", cert, "--tls-key", str(tmp_path / "text")) == (
        f"there is no private key in {tmp_path}/text: it has to be in PEM form"
    )
    assert refusal("--tls-cert", cert, "--tls-key", str(other.key)) == (
        f"the private key in {other.key} does not belong to the certificate in {cert}"
    )
    assert refusal("--tls-cert", str(tmp_path / "torn"), "--tls-key", key).startswith(
        f"the certificate in {tmp_path}/torn and its key in {key} cannot be used: "
    )
    assert refusal("--tls-cert", cert) == "a certificate needs its key: give both --tls-cert and --tls-key"
    assert refusal(*SELF_SIGNED, *files.options) == (
        "--tls self-signed makes a certificate: leave out --tls-cert and --tls-key"
    )
    assert refusal("--tls-name", "x") == "--tls-name needs --tls self-signed"
    assert refusal(*files.options, "--tls-name", "x") == (
        "the certificate of --tls-cert has its names already: leave out --tls-name"
    )


def test_an_expired_certificate_is_refused_before_the_start(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    old = Files(tmp_path, not_after=datetime(2020, 1, 1, tzinfo=UTC))
    assert refusal(*old.options) == f"the certificate in {old.cert} cannot be used: certificate has expired"


def test_an_encrypted_key_is_refused_before_the_start(files: Files) -> None:
    from cryptography.hazmat.primitives import serialization as of_keys

    key = of_keys.load_pem_private_key(files.key.read_bytes(), None)
    closed = of_keys.BestAvailableEncryption(b"secret")
    files.key.write_bytes(key.private_bytes(of_keys.Encoding.PEM, of_keys.PrivateFormat.PKCS8, closed))
    assert refusal(*files.options) == f"the private key in {files.key} is encrypted: write it without a passphrase"


@pytest.mark.slow
def test_an_authority_that_cannot_be_kept_is_refused_before_the_start(files: Files, tmp_path: Path) -> None:
    assert refusal(*SELF_SIGNED, "--ca-file", str(files.ca_file)) == (
        f"{files.ca_file} is the certificate of another authority: its key is not in {files.ca_file}.key"
    )
    assert refusal(*SELF_SIGNED, "--ca-file", str(files.key / "ca.pem")) == (
        f"the certificate authority cannot be kept in {files.key}/ca.pem: File exists"
    )
    (tmp_path / "torn.pem.key").write_text("torn")
    assert refusal(*SELF_SIGNED, "--ca-file", str(tmp_path / "torn.pem")).startswith(
        f"there is no certificate authority in {tmp_path}/torn.pem.key"
    )
    assert refusal(*SELF_SIGNED, "--tls-name", "not a name").startswith("there is no certificate for ")


def test_without_the_extra_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "trustme.py").write_text("raise ImportError('not here')")
    assert refusal(*SELF_SIGNED, PYTHONPATH=str(tmp_path)) == (
        "--tls self-signed needs trustme: pip install 'codeocean-mock[tls]'"
    )


@pytest.mark.slow
def test_a_runner_beside_the_server_trusts_it(tmp_path: Path) -> None:
    with started("--data-dir", str(tmp_path), *SELF_SIGNED, "--runner", "process") as server:
        assert server.popen.stderr is not None
        lines = iter(server.popen.stderr.readline, "")
        assert any("ready" in line for line in lines)
        server.stop()


@pytest.mark.slow
def test_with_the_servers_own_settings_commands_look_for_it_under_https(server: Process, files: Files) -> None:
    """As the health check of an image does."""
    of_the_server = {"CODEOCEAN_MOCK_CA_FILE": server.ready["trust"]["CODEOCEAN_MOCK_CA_FILE"]}
    for variables in (
        of_the_server | {"CODEOCEAN_MOCK_TLS": "self-signed"},
        {"CODEOCEAN_MOCK_TLS_CERT": str(files.cert)},
    ):
        assert '"CODEOCEAN_DOMAIN": "https://127.0.0.1:8000"' in run("env", "--json", **variables).stdout
    assert '"CODEOCEAN_DOMAIN": "http://127.0.0.1:8000"' in run("env", "--json", **of_the_server).stdout


@pytest.mark.slow
def test_the_contract_suite_trusts_it_with_what_is_printed(server: Process) -> None:
    done = run("contract", "--url", server.url, "--layer", "oracles", "--quiet", **server.ready["trust"])
    assert done.returncode == 0, done.stdout + done.stderr
