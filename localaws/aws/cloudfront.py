"""CloudFront: response headers policies, origin access of a distribution."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from moto.cloudfront import urls
from moto.cloudfront.exceptions import CloudFrontException
from moto.cloudfront.models import Origin, random_id
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult

from localaws.aws.extending import Added, Extension, Mended, Routed


class _NoSuchPolicy(CloudFrontException):
    status = 404

    def __init__(self) -> None:
        super().__init__("NoSuchResponseHeadersPolicy", "The response headers policy does not exist.")


class _PolicyExists(CloudFrontException):
    status = 409

    def __init__(self) -> None:
        super().__init__("ResponseHeadersPolicyAlreadyExists", "A response headers policy of this name exists.")


class _Changed(CloudFrontException):
    status = 412

    def __init__(self) -> None:
        super().__init__("PreconditionFailed", "The If-Match version is missing or not valid for the resource.")


# ---- response headers policies, kept as they are given


def _policies(self: Any) -> dict[str, dict[str, Any]]:
    there: dict[str, dict[str, Any]] = self.backend.__dict__.setdefault("_local_response_headers_policies", {})
    return there


def _policy(self: Any) -> dict[str, Any]:
    found = _policies(self).get(self.path.split("/")[3])
    if not found:
        raise _NoSuchPolicy
    return found


def _unchanged_policy(self: Any) -> dict[str, Any]:
    found = _policy(self)
    if self.headers.get("If-Match") != found["etag"]:
        raise _Changed
    return found


def _shown(policy: dict[str, Any]) -> ActionResult:
    told = {"Id": policy["id"], "LastModifiedTime": policy["at"], "ResponseHeadersPolicyConfig": policy["config"]}
    return ActionResult({"ResponseHeadersPolicy": told, "ETag": policy["etag"]})


def create_response_headers_policy(self: Any) -> ActionResult:
    config = self._get_param("ResponseHeadersPolicyConfig")
    if any(each["config"]["Name"] == config["Name"] for each in _policies(self).values()):
        raise _PolicyExists
    policy = {"id": random_id(), "config": config, "etag": random_id(), "at": datetime.now(UTC)}
    _policies(self)[policy["id"]] = policy
    return _shown(policy)


def get_response_headers_policy(self: Any) -> ActionResult:
    return _shown(_policy(self))


def update_response_headers_policy(self: Any) -> ActionResult:
    policy = _unchanged_policy(self)
    policy |= {
        "config": self._get_param("ResponseHeadersPolicyConfig"),
        "etag": random_id(),
        "at": datetime.now(UTC),
    }
    return _shown(policy)


def delete_response_headers_policy(self: Any) -> ActionResult:
    del _policies(self)[_unchanged_policy(self)["id"]]
    return EmptyResult()


# ---- origins


def _with_access_control(original: Callable[..., Any]) -> Callable[..., Any]:
    def start(self: Any, origin: dict[str, Any]) -> None:
        self.origin_access_control_id = origin.get("OriginAccessControlId", "")
        if "S3OriginConfig" in origin:
            self.s3_origin_config = dict(origin["S3OriginConfig"])
        original(self, origin)

    return start


_NONE = "no such operation"
_PATH = "{0}/2020-05-31/response-headers-policy"
EXTENSIONS: Final[tuple[Extension, ...]] = (
    Added(CloudFrontResponse, create_response_headers_policy, _NONE),
    Added(CloudFrontResponse, get_response_headers_policy, _NONE),
    Added(CloudFrontResponse, update_response_headers_policy, _NONE),
    Added(CloudFrontResponse, delete_response_headers_policy, _NONE),
    Routed(urls.url_paths, f"{_PATH}$", CloudFrontResponse.dispatch, "the way to these"),
    Routed(urls.url_paths, f"{_PATH}/(?P<policy_id>[^/]+)$", CloudFrontResponse.dispatch, "the way to one of them"),
    Mended(Origin, "__init__", _with_access_control, "an origin's access control is forgotten"),
)
