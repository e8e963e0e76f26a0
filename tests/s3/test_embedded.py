"""moto's S3 server as a process beside this one."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import boto3
import httpx
import pytest
from boto3.s3.transfer import TransferConfig

from mock_server.s3.embedded import KEYS, EmbeddedS3
from mock_server.s3.failures import S3Error
from mock_server.s3.moto_server import has_expired
from mock_server.s3.places import Place, measure
from mock_server.s3.reading import presigned_url
from tests.process import PATIENCE, until
from tests.s3.conftest import contents
from tests.s3.test_transfers import file

PARENT = """
import sys
from mock_server.s3.embedded import EmbeddedS3
s3 = EmbeddedS3()
endpoint = s3.start()
print(endpoint.url, s3.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def s3(_no_settings_of_aws: None) -> Iterator[EmbeddedS3]:
    with EmbeddedS3() as s3:
        yield s3


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_it_answers_as_soon_as_it_has_started_and_is_gone_when_it_is_stopped() -> None:
    s3 = EmbeddedS3()
    endpoint = s3.start()
    assert httpx.get(endpoint.url).status_code == 200
    pid = s3.pid
    assert pid is not None
    assert pid != os.getpid()
    s3.stop()
    s3.stop()
    assert s3.pid is None
    assert not is_running(pid)
    with pytest.raises(httpx.ConnectError):
        httpx.get(endpoint.url)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_it_ends_with_whoever_started_it(number: signal.Signals) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stdin is not None
    with parent:
        pid = int(parent.stdout.readline().split()[1])
        assert is_running(pid)
        parent.send_signal(number)
        parent.wait(PATIENCE)
        until(lambda: not is_running(pid))


def test_ctrl_c_at_a_terminal_is_for_its_parent_alone(s3: EmbeddedS3) -> None:
    assert s3.pid is not None
    assert os.getpgid(s3.pid) != os.getpgid(0)


def test_buckets_are_filled(s3: EmbeddedS3) -> None:
    s3.fill({"one-bucket": [file("a/b", b"abc"), file("c", b"d")], "no-files": []})
    assert contents(Place(s3.endpoint, "one-bucket")) == {"a/b": b"abc", "c": b"d"}
    assert contents(Place(s3.endpoint, "no-files")) == {}


def test_nothing_is_left_of_it_after_a_stop() -> None:
    s3 = EmbeddedS3()
    s3.start()
    s3.fill({"a-bucket": [file("a", b"abc")]})
    s3.stop()
    s3.start()
    try:
        with pytest.raises(S3Error, match="the bucket a-bucket does not exist"):
            measure(Place(s3.endpoint, "a-bucket"))
    finally:
        s3.stop()


def test_a_signed_url_expires(s3: EmbeddedS3) -> None:
    s3.fill({"signed-urls": [file("a", b"abc")]})
    url = presigned_url(s3.endpoint, "signed-urls", "a", 1)
    until(lambda: httpx.get(url).status_code == 403)
    assert "Request has expired" in httpx.get(url).text
    assert httpx.get(presigned_url(s3.endpoint, "signed-urls", "a", 600)).content == b"abc"


@pytest.mark.parametrize(
    ("query", "expired"),
    [
        ("X-Amz-Date=20270115T080000Z&X-Amz-Expires=60", True),
        ("X-Amz-Date=20270115T080000Z&X-Amz-Expires=61", False),
        ("X-Amz-Date=yesterday&X-Amz-Expires=1", False),
        ("X-Amz-Date=20270115T080000Z&X-Amz-Expires=soon", False),
        ("list-type=2", False),
        ("", False),
    ],
)
def test_when_a_url_expires_is_in_its_query(query: str, expired: bool) -> None:
    assert has_expired(query, 1_800_000_060.5) == expired


def test_what_is_private_is_not_read_by_anybody(s3: EmbeddedS3) -> None:
    s3.fill({"private-or-not": [file("private", b"abc"), file("public", b"abc")]})
    s3.endpoint.client.put_object_acl(Bucket="private-or-not", Key="public", ACL="public-read")
    assert httpx.get(f"{s3.endpoint.url}/private-or-not/private").status_code == 403
    assert httpx.get(f"{s3.endpoint.url}/private-or-not/public").content == b"abc"


def test_the_copy_of_what_was_uploaded_in_parts_is_read_by_clients_that_check(s3: EmbeddedS3) -> None:
    s3.fill({"checked": []})
    client = boto3.client(
        "s3",
        endpoint_url=s3.endpoint.url,
        region_name="us-east-1",
        aws_access_key_id=KEYS.access_key_id,
        aws_secret_access_key=KEYS.secret_access_key,
    )
    with closing(client):
        content = bytes(range(256)) * 40_000
        parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
        client.upload_fileobj(io.BytesIO(content), "checked", "original", Config=parts)
        assert client.get_object(Bucket="checked", Key="original")["ChecksumCRC32"].endswith("-2")
        client.copy_object(Bucket="checked", Key="copy", CopySource={"Bucket": "checked", "Key": "original"})
        assert client.get_object(Bucket="checked", Key="copy")["Body"].read() == content
        client.copy_object(
            Bucket="checked",
            Key="summed",
            CopySource={"Bucket": "checked", "Key": "original"},
            ChecksumAlgorithm="SHA256",
        )
        assert client.get_object(Bucket="checked", Key="summed")["Body"].read() == content


def test_what_is_public_is_read_by_anybody_and_written_by_nobody_else(s3: EmbeddedS3) -> None:
    s3.fill({"all-public": [file("a b/\u00fc", b"abc")], "not-public": [file("a", b"abc")]})
    s3.publish("all-public")
    url = f"{s3.endpoint.url}/all-public/a%20b/%C3%BC"
    assert httpx.get(url).content == b"abc"
    assert httpx.head(url).headers["Content-Length"] == "3"
    assert httpx.get(f"{s3.endpoint.url}/all-public/none").status_code == 404
    assert httpx.put(url, content=b"d").status_code == 403
    assert httpx.delete(url).status_code == 403
    anybody = s3.endpoint.without_keys()
    assert measure(Place(anybody, "all-public")) == (1, 3)
    with pytest.raises(S3Error, match="denied"):
        measure(Place(anybody, "not-public"))


def test_a_browser_of_another_origin_may_read(s3: EmbeddedS3) -> None:
    answer = httpx.get(s3.endpoint.url, headers={"Origin": "http://127.0.0.1:8000"})
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", "http://127.0.0.1:8000")


def test_one_that_cannot_start_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(S3Error, match=r"^the embedded S3 server did not start \(exit code 1\)$"):
        EmbeddedS3().start()
