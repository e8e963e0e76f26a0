"""Resources that flows create and delete, over plain HTTP so that responses are seen unchanged."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from contract_tests.deployment import OWNER, TERMINAL, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.oracles.access import names_one_owner
from contract_tests.transport.exchange import Exchange


def value_at(answer: Any, *steps: str | int) -> Any:
    """Return the value at a path of keys and indexes. Raises `CheckFailed` when there is none."""
    for step in steps:
        fits = isinstance(answer, list) if isinstance(step, int) else isinstance(answer, dict)
        exists = fits and (step < len(answer) if isinstance(step, int) else step in answer)
        expect(exists, f"the answer has no {'.'.join(map(str, steps))}")
        answer = answer[step]
    return answer


def complete_json(exchange: Exchange) -> Any:
    """The answer of an exchange. Raises `CheckSkipped` when it was too long to be kept."""
    if exchange.is_cut:
        raise CheckSkipped(f"an answer to {exchange.name} is too long to be looked at")
    return exchange.json()


@contextmanager
def temporary_run(deployment: Deployment, who: str = OWNER, **params: Any) -> Iterator[str]:
    """The id of a run that has just begun, of the ground's capsule unless `params` name another."""
    caller = deployment.http(who)
    defaults = {"capsule_id": deployment.capsule} if "pipeline_id" not in params else {}
    key = value_at(caller.ask("POST", "/computations", 200, json=defaults | params).json(), "id")
    try:
        yield key
    finally:
        caller.ask("DELETE", f"/computations/{key}")


@contextmanager
def temporary_data_asset(deployment: Deployment, name: str, **fields: Any) -> Iterator[str]:
    """The id of a data asset that is a draft yet, captured from the ground's run unless `fields` say otherwise."""
    caller = deployment.http()
    body = {"name": name, "tags": [deployment.tag], "mount": name, **fields}
    if "data_asset_ids" not in fields:
        body.setdefault("source", {"computation": {"id": deployment.computation}})
    key = value_at(caller.ask("POST", "/data_assets", 200, json=body).json(), "id")
    try:
        yield key
    finally:
        caller.ask("DELETE", f"/data_assets/{key}")


def get_run(deployment: Deployment, key: str) -> Any:
    """A run as it is now."""
    return deployment.http().ask("GET", f"/computations/{key}", 200).json()


def get_data_asset(deployment: Deployment, key: str) -> Any:
    """A data asset as it is now."""
    return deployment.http().ask("GET", f"/data_assets/{key}", 200).json()


def wait_for_run(deployment: Deployment, key: str) -> Any:
    """A run when it has ended."""
    return deployment.poll(
        lambda: get_run(deployment, key), lambda run: value_at(run, "state") in TERMINAL, f"the run {key}"
    )


def wait_for_data_asset(deployment: Deployment, key: str) -> Any:
    """A data asset when it is no draft any more."""
    return deployment.poll(
        lambda: get_data_asset(deployment, key),
        lambda asset: value_at(asset, "state") != "draft",
        f"the data asset {key}",
    )


def is_private(deployment: Deployment, capsule: str) -> bool:
    """Tell whether nobody but its owner may see a capsule."""
    return names_one_owner(deployment.http().ask("GET", f"/capsules/{capsule}/permissions").json())


def list_own_capsules(deployment: Deployment) -> list[dict[str, Any]]:
    """The owner's capsules, as far as one page has them."""
    answer = complete_json(deployment.http().ask("POST", "/capsules/search", 200, json={"ownership": "created"}))
    return [row for row in value_at(answer, "results") if isinstance(row, dict) and "id" in row]


def private_capsule(deployment: Deployment) -> str:
    """A capsule that nobody but its owner may see. Raises `CheckSkipped`."""
    for row in list_own_capsules(deployment)[:20]:
        if row.get("status") == "non_release" and is_private(deployment, row["id"]):
            return str(row["id"])
    raise CheckSkipped("the owner has no capsule that is private")
