"""A server and its worlds with all that a test or script needs of them: addresses, tokens, the SDK, the controls."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack
from urllib.parse import urlsplit

from mock_server.client.arguments import WorldFields
from mock_server.client.connection import is_loopback
from mock_server.client.control import Control
from mock_server.client.driven import ComputationControl, DataAssetControl
from mock_server.client.errors import WrongArgumentError
from mock_server.client.world import WorldControl
from mock_server.domain.naming import DEFAULT_WORLD, DEMO_TOKEN
from mock_server.wire.control import S3Info

if TYPE_CHECKING:
    from codeocean import CodeOcean


class CodeOceanWorld:
    """One world: where it is, who works in it, and how it is steered."""

    def __init__(self, url: str, control: WorldControl, token: str = DEMO_TOKEN) -> None:
        self.url = url
        self.control = control
        self._token = token

    def __repr__(self) -> str:
        return f"<CodeOceanWorld {self.name} at {self.url}>"

    @property
    def name(self) -> str:
        """The name of the world."""
        return self.control.name

    @property
    def ca_file(self) -> Path | None:
        """The file of the authorities that clients have to trust under HTTPS; None for those that they trust anyway."""
        return self.control.ca_file

    @property
    def token(self) -> str:
        """What a client sends as its token: the demo user's, in this world."""
        return self.control.token(self._token)

    def token_of(self, token: str) -> str:
        """What a client sends to be another user of this world: `token_of("cop_demo_viewer")`."""
        return self.control.token(token)

    @cached_property
    def client(self) -> "CodeOcean":
        """The official SDK, as the demo user. Raises `ModuleNotFoundError` when it is not installed."""
        return self.client_of(self._token)

    def client_of(self, token: str, **options: Any) -> "CodeOcean":
        """The official SDK as another user, or with other `options`, such as `retries`. Raises `ModuleNotFoundError`
        when it is not installed.
        """
        try:
            from codeocean import CodeOcean
        except ModuleNotFoundError as problem:
            reason = "the official SDK is not installed: pip install codeocean"
            raise ModuleNotFoundError(reason, name=problem.name) from problem
        client = CodeOcean(domain=self.url, token=self.token_of(token), **options)
        if self.ca_file is not None:
            client.session.verify = str(self.ca_file)
            # What the environment names would be trusted instead. Its proxies do not reach this machine either.
            client.session.trust_env = not is_loopback(urlsplit(self.url).hostname or "")
        return client

    def computation(self, computation_id: str) -> ComputationControl:
        """A run of this world, to be driven or looked at: `world.computation(run.id).finish(exit_code=1)`."""
        return self.control.computation(computation_id)

    def data_asset(self, data_asset_id: str) -> DataAssetControl:
        """A data asset of this world, to be driven or looked at."""
        return self.control.data_asset(data_asset_id)

    @property
    def s3(self) -> S3Info:
        """Where its objects are: the bucket of its internal data assets, and what AWS tools are to know. Raises
        `WrongArgumentError` when S3 is off.
        """
        found = self.control.info().s3
        if found is None:
            raise WrongArgumentError("S3 is off: start the server with s3=")
        return found

    def close(self) -> None:
        """Close the SDK's connections."""
        if "client" in vars(self):
            self.client.session.close()


class CodeOceanServer:
    """A server: its address, its controls, its worlds. What is asked of it is asked of its `default` world."""

    def __init__(self, control: Control) -> None:
        self.control = control

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.url}>"

    @property
    def url(self) -> str:
        """Where the server is: the SDK's `domain`."""
        return self.control.url

    @property
    def ca_file(self) -> Path | None:
        """The file of the authorities that clients have to trust under HTTPS; None for those that they trust anyway."""
        return self.control.ca_file

    @cached_property
    def default(self) -> CodeOceanWorld:
        """The world of tokens that name none."""
        return self.world(DEFAULT_WORLD)

    @property
    def token(self) -> str:
        """The demo user's token, in the default world."""
        return self.default.token

    @property
    def client(self) -> "CodeOcean":
        """The official SDK in the default world. Raises `ModuleNotFoundError` when it is not installed."""
        return self.default.client

    def world(self, name: str) -> CodeOceanWorld:
        """The world of that name, whether it is there or not."""
        return CodeOceanWorld(self.url, self.control.world(name))

    @property
    def s3(self) -> S3Info:
        """Where the objects of the default world are. Raises `WrongArgumentError` when S3 is off."""
        return self.default.s3

    def new_world(self, name: str, **fields: Unpack[WorldFields]) -> CodeOceanWorld:
        """Create a world. Raises `ControlError`."""
        return CodeOceanWorld(self.url, self.control.create_world(name, **fields))

    def close(self) -> None:
        """Close the connections."""
        if "default" in vars(self):
            self.default.close()
        self.control.close()
