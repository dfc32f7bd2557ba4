"""S3: what an entry of the table cannot say."""

from __future__ import annotations

import pytest

from localaws.provider.backend import Refused
from tests.localaws.local import client, make


def test_a_bucket_that_holds_something_is_not_deleted() -> None:
    bucket = make("aws_s3_bucket", bucket="full")
    client("s3").put_object(Bucket="full", Key="a", Body=b"")
    with pytest.raises(Refused, match="BucketNotEmpty"):
        bucket.delete()


def test_force_destroy_empties_a_bucket() -> None:
    bucket = make("aws_s3_bucket", bucket="emptied", force_destroy=True)
    client("s3").put_object(Bucket="emptied", Key="a", Body=b"")
    bucket.delete()
    assert bucket.read() is None
