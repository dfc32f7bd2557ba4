"""S3 buckets."""

from __future__ import annotations

from typing import Any

from localaws.resources.resource import Resource

_HOME = "us-east-1"
"""The region that a bucket is in when nothing is said, and that must not be said."""


def create_bucket(resource: Resource) -> dict[str, Any]:
    params: dict[str, Any] = {"Bucket": resource.get("bucket")}
    if resource.region != _HOME:
        params["CreateBucketConfiguration"] = {"LocationConstraint": resource.region}
    if resource.get("object_lock_enabled"):
        params["ObjectLockEnabledForBucket"] = True
    return dict(resource.call("create_bucket", params))


def location(resource: Resource) -> dict[str, Any]:
    return {"CreateBucketConfiguration": resource.call("get_bucket_location", resource.key("get_bucket_location"))}


def delete_bucket(resource: Resource) -> None:
    """AWS refuses a bucket that holds something; `force_destroy` empties it first."""
    bucket = {"Bucket": resource.get("bucket")}
    if resource.get("force_destroy"):
        found = resource.call("list_object_versions", bucket)
        for each in [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]:
            resource.call("delete_object", {**bucket, "Key": each["Key"], "VersionId": each["VersionId"]})
    resource.call("delete_bucket", bucket)


def suspend_versioning(resource: Resource) -> None:
    """A bucket that had versions can never again be without; the provider suspends them."""
    bucket = {"Bucket": resource.get("bucket")}
    resource.call("put_bucket_versioning", {**bucket, "VersioningConfiguration": {"Status": "Suspended"}})


def stop_logging(resource: Resource) -> None:
    resource.call("put_bucket_logging", {"Bucket": resource.get("bucket"), "BucketLoggingStatus": {}})
