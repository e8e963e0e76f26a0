"""Credentials that come with a request are used for what it asks for, and appear nowhere."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import httpx

from mock_server.client import Control
from mock_server.s3.endpoint import Endpoint
from tests.conftest import Client
from tests.control.test_snapshots import parts_of
from tests.objects.conftest import CHOSEN
from tests.objects.deployment import FILES, variables
from tests.process import PATIENCE, Process, started, until
from tests.s3.conftest import new_bucket
from tests.s3.proxy import Proxy

OF_SOMEBODY = {"access_key_id": "SOMEBODYSKEYID0000", "secret_access_key": "somebodys/secret+of+forty+letters0000000"}


def create(client: Client, bucket: str, **aws: object) -> str:
    source = {"aws": {"bucket": bucket} | aws}
    made = client.ask("POST", "/data_assets", json={"name": "n", "tags": [], "mount": "n", "source": source})
    return str(made["id"])


def pages(url: str) -> dict[str, str]:
    """The pages of the dashboard that show requests and data assets, as they are sent."""
    found: dict[str, str] = {}
    with httpx.Client(base_url=url, follow_redirects=True, timeout=PATIENCE) as browser:
        left = [f"/_ui/worlds/default/{name}" for name in ("journal", "data_assets")]
        while left and len(found) < 30:
            path = left.pop(0)
            if path not in found:
                found[path] = browser.get(path).raise_for_status().text
                links = re.findall(r'href="(/_ui/worlds/default/(?:journal|data_assets)/[^"#?]+)"', found[path])
                left += links
    return found


def test_they_appear_nowhere(tmp_path: Path, endpoint: Endpoint, proxy: Proxy) -> None:
    bucket = new_bucket(endpoint)
    for path, body in FILES.items():
        endpoint.client.put_object(Bucket=bucket, Key=path, Body=body)
    keys = endpoint.keys
    assert keys is not None
    # moto lets in whoever has any.
    right = OF_SOMEBODY
    if CHOSEN:
        right = {"access_key_id": keys.access_key_id, "secret_access_key": keys.secret_access_key}
    for name, code in (("denied", 403), ("slow", 503)):
        proxy.refuse("GET", code, "AccessDenied" if code == 403 else "SlowDown", path=f"{bucket}-{name}", times=1000)
    options = ["--data-dir", str(tmp_path), "--s3", proxy.url, "--s3-bucket", new_bucket(endpoint)]
    with started(*options, **variables(endpoint)) as server, Client(server.url) as client:
        done, failing = [], []
        for is_external in (False, True):
            aws = {"keep_on_external_storage": is_external}
            done.append(create(client, bucket, **right, **aws))
            failing += [create(client, f"{bucket}-{name}", **OF_SOMEBODY, **aws) for name in ("gone", "denied")]
            create(client, f"{bucket}-slow", **OF_SOMEBODY, **aws)
            create(client, bucket, secret_access_key=OF_SOMEBODY["secret_access_key"], **aws)
        for keys_, state in ((done, "ready"), (failing, "failed")):
            until(lambda keys_=keys_, state=state: all(state_of(client, key) == state for key in keys_))  # type: ignore[misc]
        places = everywhere(server, client, tmp_path)
        server.kill()
    with started(*options, **variables(endpoint)) as server, Client(server.url) as client:
        places |= {f"later {name}": text for name, text in everywhere(server, client, tmp_path).items()}
        code, logged = server.stop()
        assert code == 0
        places["later log"] = logged
    for secret in OF_SOMEBODY.values():
        spelled = {secret, json.dumps(secret)[1:-1], quote(secret), quote(secret, safe="")}
        assert [name for name, text in places.items() if any(one in text for one in spelled)] == []
    assert all(f"{bucket}-{name}" in places["search"] for name in ("gone", "denied"))
    assert any(bucket in text for name, text in places.items() if name.startswith("page "))
    assert any(bucket in text for name, text in places.items() if name.startswith("file "))


def state_of(client: Client, key: str) -> str:
    return str(client.ask("GET", f"/data_assets/{key}")["state"])


def everywhere(server: Process, client: Client, data: Path) -> dict[str, str]:
    """All texts in which something of a request may be."""
    found = {f"page {path}": text for path, text in pages(server.url).items()}
    with Control(server.url) as control:
        control.world().save("saved")
        found["snapshot"] = parts_of(control.export_snapshot("saved"))[1].decode("latin-1")
        found["journal"] = httpx.get(f"{server.url}/_mock/worlds/default/journal", params={"limit": 1000}).text
    found["search"] = client.request("POST", "/data_assets/search", json={"limit": 1000}).text
    for path in data.rglob("*"):
        if path.is_file():
            found[f"file {path.name}"] = path.read_bytes().decode("latin-1")
    return found
