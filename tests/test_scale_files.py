"""The files that start several servers behind HAProxy agree with each other."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
SCALE = ROOT / "docker" / "scale"
CONFIG = (SCALE / "haproxy.cfg").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker/compose.scale.yaml").read_text())["services"]
SERVICE, STATEFUL_SET = yaml.safe_load_all((SCALE / "servers.yaml").read_text())
BALANCER_SERVICE, DEPLOYMENT = yaml.safe_load_all((SCALE / "balancer.yaml").read_text())
HAPROXY = DEPLOYMENT["spec"]["template"]["spec"]["containers"][0]
SERVER = STATEFUL_SET["spec"]["template"]["spec"]["containers"][0]
REPLICA = re.compile(r"REPLICA_\d+")


def environment_of(container: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry.get("value", "") for entry in container["env"]}


def test_both_balancers_have_all_variables_of_the_configuration() -> None:
    needed = {name for name in re.findall(r"\$\{(\w+)\}", CONFIG) if not REPLICA.fullmatch(name)}
    assert needed == {"LISTEN", "REPLICAS", "CODEOCEAN_MOCK_CONTROL_TOKEN"}
    assert needed <= set(COMPOSE["balancer"]["environment"])
    assert needed <= set(environment_of(HAPROXY))


def test_both_balancers_know_every_server() -> None:
    servers = [name for name in COMPOSE if name != "balancer"]
    given = COMPOSE["balancer"]["environment"]
    assert int(given["REPLICAS"]) == len(servers)
    assert replicas(given) == [f"{name}:8000" for name in servers]
    count = STATEFUL_SET["spec"]["replicas"]
    given = environment_of(HAPROXY)
    name, domain = STATEFUL_SET["metadata"]["name"], f"{SERVICE['metadata']['name']}.$(NAMESPACE).svc.cluster.local"
    assert int(given["REPLICAS"]) == count
    assert replicas(given) == [f"{name}-{number}.{domain}:8000" for number in range(count)]
    assert STATEFUL_SET["spec"]["serviceName"] == SERVICE["metadata"]["name"]


def replicas(given: dict[str, Any]) -> list[str]:
    return [str(value) for name, value in sorted(given.items()) if REPLICA.fullmatch(name)]


def test_each_server_has_a_backend_of_its_own_and_a_volume() -> None:
    backends = re.findall(r"^backend codeocean-(\d+) from replica\n +server codeocean-(\d+) ", CONFIG, re.MULTILINE)
    assert backends == [(str(number), str(number)) for number in range(8)]
    volumes = [volume for service in COMPOSE.values() for volume in service["volumes"] if volume.endswith(":/data")]
    assert len(set(volumes)) == len(COMPOSE) - 1
    assert SERVER["volumeMounts"] == [
        {"name": STATEFUL_SET["spec"]["volumeClaimTemplates"][0]["metadata"]["name"], "mountPath": "/data"}
    ]


def test_the_servers_take_the_settings_that_one_alone_takes() -> None:
    alone = yaml.safe_load((ROOT / "docker/compose.yaml").read_text())["services"]["codeocean"]["environment"]
    for name, service in COMPOSE.items():
        if name != "balancer":
            assert sorted(service["environment"]) == sorted(alone)


def test_there_is_one_configuration_and_one_haproxy() -> None:
    kustomization = yaml.safe_load((SCALE / "kustomization.yaml").read_text())
    assert {path.name for path in SCALE.iterdir()} == {*kustomization["resources"], "kustomization.yaml", "haproxy.cfg"}
    [config] = kustomization["configMapGenerator"]
    assert config["files"] == ["haproxy.cfg"]
    assert DEPLOYMENT["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] == config["name"]
    file, place = COMPOSE["balancer"]["volumes"][0].removesuffix(":ro").split(":")
    assert ROOT / "docker" / file == SCALE / "haproxy.cfg"
    assert place == f"{HAPROXY['volumeMounts'][0]['mountPath']}/haproxy.cfg"
    assert COMPOSE["balancer"]["image"] == f"${{HAPROXY_IMAGE:-{HAPROXY['image']}}}"


def test_kubernetes_sets_no_variable_that_is_a_setting() -> None:
    """Kubernetes would name one CODEOCEAN_MOCK_PORT, after the service, and give it an address."""
    for workload in (STATEFUL_SET, DEPLOYMENT):
        assert workload["spec"]["template"]["spec"]["enableServiceLinks"] is False
