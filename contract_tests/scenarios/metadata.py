"""Custom metadata: the deployment's fields, and the values that they take."""

from typing import Any

from codeocean.data_asset import DataAssetUpdateParams

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error


@check("get_custom_metadata")
def custom_metadata(deployment: Deployment) -> None:
    """The deployment's fields are listed with name and type, each once, in categories that there are."""
    schema = deployment.sdk().custom_metadata.get_custom_metadata()
    names = [field.name for field in schema.fields or ()]
    expect(all(names) and len(set(names)) == len(names), "a field of custom metadata has no name, or another's")
    known = {field.category for field in schema.fields or () if field.category}
    strange = known - set(schema.categories or ())
    expect(not strange, f"fields of custom metadata are in categories that are not listed: {sorted(strange)}")


@check(
    "get_custom_metadata",
    "run_capsule",
    "get_computation",
    "create_data_asset",
    "get_data_asset",
    "update_data_asset",
    "delete_data_asset",
    full=True,
)
def metadata_values(deployment: Deployment) -> None:
    """Values that fit the fields are kept, when a data asset is made and when it is changed; others are refused and
    change nothing.
    """
    client = deployment.sdk().data_assets
    fields = deployment.sdk().custom_metadata.get_custom_metadata().fields or []
    if not fields:
        raise CheckSkipped("the deployment has no fields of custom metadata")
    values = {field.name: valid_value(field) for field in fields}
    with fixtures.capture_asset(deployment, f"{deployment.tag} described", custom_metadata=values) as asset:
        expect(
            asset.custom_metadata == values,
            f"values {values} are shown as {asset.custom_metadata}",
            "data_assets.metadata_kept",
        )
        for wrong in _invalid_values(fields):
            update = DataAssetUpdateParams(custom_metadata=values | wrong)
            expect_error(
                400,
                f"the custom metadata {wrong}",
                client.update_metadata,
                asset.id,
                update,
                rules=("data_assets.metadata_checked",),
            )
            expect_error(
                400,
                f"making a data asset with {wrong}",
                client.create_data_asset,
                _params_with_metadata(deployment, wrong),
                rules=("data_assets.metadata_checked",),
            )
        client.update_metadata(asset.id, DataAssetUpdateParams(description="Described."))
        kept = client.get_data_asset(asset.id).custom_metadata
        expect(
            kept == values,
            f"values {values} became {kept}, although only the description was changed",
            "data_assets.metadata_kept",
        )
        name, value = next(iter(values.items()))
        required = {field.name: values[field.name] for field in fields if field.required}
        fewer = required | {name: value}
        client.update_metadata(asset.id, DataAssetUpdateParams(custom_metadata=fewer))
        actual = client.get_data_asset(asset.id).custom_metadata
        expect(actual == fewer, f"values that were replaced by {fewer} are {actual}")


def _params_with_metadata(deployment: Deployment, values: dict[str, Any]) -> Any:
    source = fixtures.from_run(fixtures.shared_run(deployment).id)
    return fixtures.asset_params(deployment, "wrong", source=source, custom_metadata=values)


def valid_value(field: Any) -> Any:
    """A value that the field takes."""
    if field.allowed_values:
        value = field.allowed_values[-1]
    elif field.type == "string":
        value = "größer als 20 Zeichen, mit Leerraum"
    else:
        limits = field.range
        low, high = (limits.min, limits.max) if limits else (None, None)
        value = low if low is not None else high if high is not None else 1644883200
    return [value] if field.multiple else value


def _invalid_values(fields: list[Any]) -> list[dict[str, Any]]:
    """Values that the fields do not take, one wrong in each."""
    wrong: list[dict[str, Any]] = [{"no such field": "x"}]
    for field in fields:
        wrong.append({field.name: 1 if field.type == "string" else "a text"})
        if field.allowed_values:
            wrong.append({field.name: "no such value" if field.type == "string" else -1e9})
        if field.range and field.range.max is not None:
            wrong.append({field.name: field.range.max + 1})
        if field.range and field.range.min is not None:
            wrong.append({field.name: field.range.min - 1})
        if not field.multiple:
            wrong.append({field.name: [valid_value(field), valid_value(field)]})
    return wrong
