"""An S3 server of its own: moto's, as a process beside this one."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from typing import Self

from mock_server.s3.endpoint import DEFAULT_REGION, AddressStyle, Endpoint, EndpointOptions, Keys
from mock_server.s3.failures import Failure, S3Error, failures_of, require_library
from mock_server.s3.places import Place, ensure_bucket
from mock_server.s3.transfers import File, Transfer

KEYS = Keys("codeocean-mock", "codeocean-mock")
"""Any will do: it believes whoever has some, and lets everybody else read what is public."""

STOP_SECONDS = 10.0


class EmbeddedS3:
    """An S3 server on a free port of the loopback interface. It ends with this process, whatever ends that, and with it
    all that it holds. Raises `S3Error` when it cannot be started.
    """

    def __init__(self) -> None:
        require_library("moto", "flask", "flask_cors")
        self._process: subprocess.Popen[bytes] | None = None
        self._endpoint: Endpoint | None = None

    def start(self) -> Endpoint:
        """Start it, and return its endpoint once it answers."""
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "mock_server.s3.moto_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for the one that started it, which still needs it then.
            start_new_session=True,
        )
        self._process = process
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            self.stop()
            raise S3Error(Failure.BROKEN, f"the embedded S3 server did not start (exit code {process.returncode})")
        options = EndpointOptions(f"http://127.0.0.1:{int(port)}", region=DEFAULT_REGION, style=AddressStyle.PATH)
        self._endpoint = Endpoint(options, KEYS)
        return self._endpoint

    @property
    def endpoint(self) -> Endpoint:
        """Where it is, for whoever has its keys."""
        assert self._endpoint is not None, "it has not been started"
        return self._endpoint

    @property
    def pid(self) -> int | None:
        """Its process, as long as it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def fill(self, buckets: Mapping[str, Iterable[File]], executor: Executor | None = None) -> None:
        """Put files into buckets, which are created, on the threads of an executor. Raises `S3Error`."""
        for bucket, files in buckets.items():
            ensure_bucket(self.endpoint, bucket)
            Transfer(executor).put(files, Place(self.endpoint, bucket))

    def publish(self, bucket: str) -> None:
        """Let anybody list a bucket and read what is in it. Raises `S3Error`."""
        arn = f"arn:aws:s3:::{bucket}"
        statements = [
            {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
            for action, resource in (("s3:ListBucket", arn), ("s3:GetObject", f"{arn}/*"))
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        with failures_of(self.endpoint.url, bucket):
            self.endpoint.client.put_bucket_policy(Bucket=bucket, Policy=policy)

    def stop(self) -> None:
        """End it."""
        if self._endpoint is not None:
            self._endpoint.close()
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.stop()
