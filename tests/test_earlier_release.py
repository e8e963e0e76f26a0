"""A data directory of an earlier release opens in this one."""

import sqlite3
from pathlib import Path

from codeocean import CodeOcean

from mock_server.store.engine import SCHEMA_VERSION
from tests import earlier
from tests.process import started


def test_a_directory_of_schema_version_1(tmp_path: Path) -> None:
    path = earlier.write_directory(tmp_path / "data")
    with started("--data-dir", str(path.parent)) as server:
        assert server.ready["new"] is False
        client = CodeOcean(domain=server.url, token="cop_demo_user")
        earlier.assert_all_is_there(client)
        client.session.close()
        assert server.stop() == (0, "")
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
