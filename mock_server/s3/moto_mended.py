"""What moto's S3 does otherwise than S3, or at too high a price, set right in the process that serves it."""

from typing import Any


def mend() -> None:
    """Change moto; nothing else in its process may have used it before."""
    _leave_out_wrong_checksums()
    _leave_out_unused_checksums()


def _leave_out_wrong_checksums() -> None:
    """Have the copy of an object that was uploaded in parts be without a checksum. moto gives it the one of the parts'
    checksums, as if it were that of the whole: boto3 refuses to read it. S3 works out that of the whole (S3 user guide,
    Checking object integrity), for which all of the object would have to be in memory here.
    """
    from moto.s3.models import S3Backend

    copy = S3Backend.copy_object

    def copy_object(backend: Any, source: Any, bucket: str, key: str, **options: Any) -> None:
        copy(backend, source, bucket, key, **options)
        if source.checksum_type == "COMPOSITE":
            made = backend.get_object(bucket, key)
            made.checksum_algorithm = made.checksum_value = None

    S3Backend.copy_object = copy_object  # type: ignore[method-assign, assignment]


def _leave_out_unused_checksums() -> None:
    """Have no checksum worked out of an object that is uploaded in parts for which nobody has chosen an algorithm: moto
    puts the whole together twice more in memory for one that it shows to nobody then.
    """
    from moto.s3 import models

    class Builder(models.MultipartChecksumBuilder):
        def __init__(self, checksum_algorithm: str | None, checksum_type: str | None) -> None:
            super().__init__(checksum_algorithm, checksum_type)
            self.is_used = checksum_algorithm is not None

        def addPart(self, part: bytes) -> None:  # noqa: N802 - moto's name
            if self.is_used:
                super().addPart(part)

        def build(self) -> tuple[str, str, int] | None:
            return super().build() if self.is_used else None

    models.MultipartChecksumBuilder = Builder  # type: ignore[misc]
