"""What a shell exports so that AWS tools and libraries use an S3 endpoint."""

from mock_server.s3.endpoint import Keys


def aws_variables(url: str, region: str, keys: Keys | None = None) -> dict[str, str]:
    """The variables: boto3, the AWS command line and SDKs read the first two, fsspec (s3fs) the last. Keys are in it
    where everybody may know them, as those of the embedded server; else whoever has an endpoint has its keys.
    """
    variables = {"AWS_ENDPOINT_URL_S3": url, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if keys is not None:
        variables["AWS_ACCESS_KEY_ID"] = keys.access_key_id
        variables["AWS_SECRET_ACCESS_KEY"] = keys.secret_access_key
    return variables | {"FSSPEC_S3_ENDPOINT_URL": url}
