"""The S3 of a deployment: its endpoints and buckets, and the threads that work there."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition, Lock

from mock_server import ids
from mock_server.background import DaemonThreads
from mock_server.domain.object_places import ObjectsAt
from mock_server.s3.deletion import remove_bucket
from mock_server.s3.embedded import KEYS, EmbeddedS3
from mock_server.s3.endpoint import Endpoint, EndpointOptions, Keys, check_url, named_endpoints
from mock_server.s3.failures import Failure, S3Error
from mock_server.s3.places import Check, Place, bucket_exists, ensure_bucket
from mock_server.s3.reading import presigned_url
from mock_server.s3.transfers import File
from mock_server.s3.variables import aws_variables

EMBEDDED = "embedded"
FROM_ENVIRONMENT = "aws"
"""What the settings of AWS tools say: AWS_ENDPOINT_URL_S3, AWS_PROFILE and so on; AWS itself when they say nothing."""

THREADS = 8
"""How many objects, or parts of them, are on their way at once."""

EMBEDDED_THREADS = 2
"""As many with the embedded server, which has each of them in memory, up to three times, and gains nothing by more."""
STOP_SECONDS = 10.0
"""How long a stop waits for what is being written to a bucket that is to be removed."""

LONGEST_BUCKET = 63
"""The most letters that the name of a bucket has (S3 user guide, Bucket naming rules)."""


class Storage:
    """S3 as one server uses it: at `where` (`embedded`, `aws` or a URL with settings as `EndpointOptions.parse` takes
    them), with the deployment's own `bucket`, further endpoints (`NAME=URL`) and, where clients reach it by another
    one, its `public_url`. Raises `S3Error` and `ValueError` for what cannot be used.
    """

    def __init__(self, where: str, bucket: str, public_url: str | None = None, endpoints: Sequence[str] = ()) -> None:
        self.bucket = bucket
        self._named = {name: Endpoint(options) for name, options in named_endpoints(list(endpoints)).items()}
        if public_url is not None:
            check_url(public_url)
        self._server = EmbeddedS3() if where == EMBEDDED else None
        if self._server is not None:
            self.main = self._server.start()
        else:
            self.main = Endpoint(EndpointOptions.parse("" if where == FROM_ENVIRONMENT else where))
        self._public = self.main.reached_at(public_url) if public_url else self.main
        self._anonymous: dict[str | None, Endpoint] = {}
        self._made: set[str] = set()
        self._lock = Lock()
        self._is_idle = Condition(self._lock)
        self._working = 0
        self._is_over = False
        # Two servers with worlds of the same name may use the same S3.
        self._mark = ids.random_token()
        self.executor = DaemonThreads(EMBEDDED_THREADS if self.is_embedded else THREADS, "s3")
        self.keys: dict[tuple[str, str], Keys] = {}
        """Credentials that came with a request, by the world and the data asset; they are nowhere else."""
        self._wake: Callable[[], None] = lambda: None
        self._left: set[str] = set()

    @property
    def is_embedded(self) -> bool:
        """Whether it is a server of its own, which holds nothing any more once it is stopped."""
        return self._server is not None

    @property
    def public_url(self) -> str:
        """Where clients reach it."""
        return self._public.url

    def variables(self) -> dict[str, str]:
        """What a client exports to use it."""
        return aws_variables(self.public_url, self._public.region, KEYS if self.is_embedded else None)

    def bucket_of(self, world: str, *, default: bool) -> str:
        """The bucket of a world: each has its own."""
        if default:
            return self.bucket
        # Names of worlds have letters that those of buckets have not.
        plain = re.sub(r"[^a-z0-9]+", "-", world.lower()).strip("-")
        mark = hashlib.sha256(f"{self._mark} {world}".encode()).hexdigest()[:8]
        return f"{f'{self.bucket}-{plain}'[: LONGEST_BUCKET - len(mark) - 1].rstrip('-.')}-{mark}"

    def on_news(self, wake: Callable[[], None]) -> None:
        """Have `wake` called when something is to be done."""
        self._wake = wake

    def wake(self) -> None:
        """Something is to be done."""
        self._wake()

    def leave(self, bucket: str) -> None:
        """Have the bucket of a world removed that is gone."""
        self._left.add(bucket)
        self._wake()

    def take_left(self, used: set[str]) -> list[str]:
        """The buckets that are to be removed, and that nobody works in any more."""
        free = sorted(self._left - used)
        self._left.difference_update(free)
        return free

    def place(self, at: ObjectsAt, keys: Keys | None = None) -> Place:
        """A place, for whoever has these keys, or else as this server may. Raises `S3Error` for an endpoint that it
        does not know.
        """
        return Place(self._endpoint(at, keys), at.bucket, at.prefix)

    def has_endpoint(self, name: str | None) -> bool:
        """Whether an endpoint of that name is known; None is the deployment's."""
        return name is None or name in self._named

    def _endpoint(self, at: ObjectsAt, keys: Keys | None) -> Endpoint:
        endpoint = self.main if at.endpoint is None else self._named.get(at.endpoint)
        if endpoint is None:
            raise S3Error(Failure.WRONG_SETTING, f"there is no S3 endpoint called {at.endpoint}")
        if keys is not None:
            return endpoint.with_keys(keys)
        if not at.public:
            return endpoint
        with self._lock:
            return self._anonymous.setdefault(at.endpoint, endpoint.without_keys())

    @contextmanager
    def work(self) -> Iterator[Check]:
        """Do something that `close` waits for, and that has to look now and then whether it is to end: what this gives
        raises `S3Error` then.
        """
        with self._lock:
            self._working += 1
        try:
            yield self._go_on
        finally:
            with self._lock:
                self._working -= 1
                self._is_idle.notify_all()

    def _go_on(self) -> None:
        if self._is_over:
            raise S3Error(Failure.BROKEN, "the server is being stopped")

    def make_bucket(self, bucket: str) -> None:
        """Create a bucket of the deployment unless it exists. Raises `S3Error`."""
        with self._lock:
            self._go_on()
            if bucket not in self._made:
                ensure_bucket(self.main, bucket)
                self._made.add(bucket)

    def remove_bucket(self, bucket: str) -> None:
        """Remove the bucket of a world that is gone, with everything in it. Raises `S3Error`."""
        if bucket == self.bucket:
            raise ValueError("the deployment's own bucket is not removed")
        with self._lock:
            if bucket not in self._made:
                return
            self._made.remove(bucket)
        remove_bucket(self.main, bucket)

    def fill(self, buckets: Mapping[str, Sequence[File]], public: set[str]) -> None:
        """Put files into those buckets of the embedded server that are not there yet; `public` are those that anybody
        may read. Raises `S3Error`.
        """
        assert self._server is not None, "buckets of others are not filled"
        new = {name: files for name, files in buckets.items() if not bucket_exists(self.main, name)}
        self._server.fill(new, self.executor)
        for name in public & new.keys():
            self._server.publish(name)

    def sign(self, at: ObjectsAt, path: str, seconds: int, disposition: str, content_type: str) -> str:
        """The URL at which anybody may GET a file for a while. Raises `S3Error`."""
        key = Place(self._public, at.bucket, at.prefix).key(path)
        headers = {"ContentDisposition": disposition, "ContentType": content_type}
        return presigned_url(self._public, at.bucket, key, seconds, headers)

    def close(self) -> None:
        """Let nothing more be begun, remove what was there for as long as the server, and end the embedded server."""
        with self._lock:
            self._is_over = True
        self.executor.shutdown(wait=False, cancel_futures=True)
        if self._server is None and self._made - {self.bucket}:
            with self._lock:
                # Whoever is writing there would leave something behind.
                self._is_idle.wait_for(lambda: not self._working, STOP_SECONDS)
            # A world in memory ends with the server. Where a bucket cannot be removed, others are not tried: the server
            # is to stop.
            with suppress(S3Error):
                for bucket in sorted(self._made - {self.bucket}):
                    self.remove_bucket(bucket)
        for endpoint in (self.main, self._public, *self._named.values(), *self._anonymous.values()):
            endpoint.close()
        if self._server is not None:
            self._server.stop()


@dataclass(frozen=True, slots=True)
class WorldStorage:
    """S3 as one world uses it, with its bucket."""

    storage: Storage
    bucket: str

    def wake(self) -> None:
        """Something is to be done in the world."""
        self.storage.wake()

    def leave(self) -> None:
        """The world is gone, and so is its bucket to be."""
        if self.bucket != self.storage.bucket:
            self.storage.leave(self.bucket)
