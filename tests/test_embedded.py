"""`MockCodeOcean`: a server in this process."""

import ssl
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest
from codeocean.computation import RunParams
from trustme import CA

from mock_server import MockCodeOcean
from mock_server.client import ControlError
from mock_server.embedded import SettingsFields
from mock_server.errors import StartError
from mock_server.settings import Settings, TlsSetting
from tests import ids
from tests.process import PATIENCE


def test_a_server_with_its_clients() -> None:
    with MockCodeOcean(random_seed=7) as mock:
        assert mock.token == "cop_demo_user"
        run = mock.client.computations.run_capsule(RunParams(capsule_id=ids.CAPSULE))
        mock.default.control.advance("1h")
        assert mock.client.computations.get_computation(run.id).state == "completed"
        assert mock.control.health()
        url = mock.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_over_https_its_clients_trust_it() -> None:
    with MockCodeOcean(tls=True) as mock, MockCodeOcean(tls=False) as other:
        assert (mock.url.partition(":")[0], other.url.partition(":")[0]) == ("https", "http")
        assert mock.client.capsules.get_capsule(ids.CAPSULE).id == ids.CAPSULE
        world = mock.new_world("ci")
        assert world.client.capsules.get_capsule(ids.CAPSULE).id == ids.CAPSULE
        world.close()
        assert mock.ca_file is not None
        assert httpx.get(f"{mock.url}/_mock/health", verify=ssl.create_default_context(cafile=mock.ca_file)).is_success
        ca_file = mock.ca_file
        assert other.ca_file is None
    assert not ca_file.exists()


def test_with_a_certificate_in_files_the_authority_named_is_trusted(tmp_path: Path) -> None:
    authority, cert, key, ca_file = CA(), tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem"
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(ca_file)
    with MockCodeOcean(tls=TlsSetting(cert, key, ca_file)) as mock:
        assert mock.control.health()
        assert mock.client.capsules.get_capsule(ids.CAPSULE).id == ids.CAPSULE


def test_several_at_once_share_nothing() -> None:
    with MockCodeOcean(random_seed=7) as one, MockCodeOcean(random_seed=8, seed="empty") as two:
        assert one.url != two.url
        assert one.default.control.info().counts.capsules
        assert two.default.control.info().counts.capsules == 0


def test_worlds_users_and_options() -> None:
    with MockCodeOcean() as mock:
        world = mock.new_world("ci", random_seed=3, clock={"mode": "frozen"})
        assert (world.name, world.token) == ("ci", "cop_demo_user@ci")
        viewer = world.client_of("cop_demo_viewer", retries=2)
        assert (viewer.token, viewer.retries) == ("cop_demo_viewer@ci", 2)
        assert mock.world("ci").control.info().random_seed == 3
        viewer.session.close()
        world.close()
        with pytest.raises(ControlError, match="ci"):
            mock.new_world("ci")


def test_settings_may_be_text(tmp_path: Path) -> None:
    scenarios = tmp_path / "scenarios.yaml"
    scenarios.write_text("version: 1\nscenarios: [{name: mine, like: fails}]\n")
    for _ in range(2):
        with MockCodeOcean(
            data_dir=str(tmp_path / "data"),
            platform_version="3.0",
            scenarios=str(scenarios),
            unknown_buckets="fail",
            control_token="very-secret",
            journal_size="5",
            max_worlds="1",
            random_seed="7",
            time_scale="60",
            world_idle="0",
        ) as mock:
            assert mock.default.control.info().random_seed == 7
            assert mock.default.control.clock().scale == 60
            assert [one.name for one in mock.default.control.scenarios().scenarios] == ["mine"]
    assert (tmp_path / "data/default.sqlite").exists()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"seed": "/no/such/seed.yaml"}, StartError),
        ({"platform_version": "x"}, StartError),
        ({"time_scale": 0}, StartError),
        ({"control_token": "short"}, StartError),
        ({"unknown_buckets": "perhaps"}, StartError),
        ({"data_dir": 3}, StartError),
        ({"random_seed": 1.5}, StartError),
        ({"journal_size": "many"}, StartError),
        ({"time_scale": "inf"}, StartError),
        ({"max_worlds": float("inf")}, StartError),
        ({"sead": "demo"}, TypeError),
    ],
)
def test_settings_that_cannot_be_used(settings: Any, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        MockCodeOcean(**settings)


def test_every_setting_can_be_given() -> None:
    """But for where the command found the control token, which its login page says."""
    told = {"control_token_file", "container"}
    assert set(SettingsFields.__annotations__) == {field.name for field in fields(Settings)} - told


def test_importing_the_package_imports_no_server() -> None:
    code = (
        "import sys, mock_server; assert not {'fastapi', 'sqlmodel', 'httpx'} & set(sys.modules); mock_server.nothing"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert "AttributeError: module 'mock_server' has no attribute 'nothing'" in done.stderr
