"""CloudFront: response headers policies, origins."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.probing import Clients, Probe, asked


def _config(name: str) -> dict[str, Any]:
    return {"Name": name, "Comment": "probe", "SecurityHeadersConfig": {"ContentTypeOptions": {"Override": True}}}


def _policy(clients: Clients, name: str) -> Any:
    return clients("cloudfront").create_response_headers_policy(ResponseHeadersPolicyConfig=_config(name))


def _policy_shown(clients: Clients) -> Any:
    one = _policy(clients, "shown")["ResponseHeadersPolicy"]["Id"]
    found = clients("cloudfront").get_response_headers_policy(Id=one)["ResponseHeadersPolicy"]
    return found["ResponseHeadersPolicyConfig"]


def _policy_changed(clients: Clients) -> Any:
    made = _policy(clients, "before")
    one, tag = made["ResponseHeadersPolicy"]["Id"], made["ETag"]
    told = {"Id": one, "IfMatch": tag, "ResponseHeadersPolicyConfig": _config("after")}
    clients("cloudfront").update_response_headers_policy(**told)
    found = clients("cloudfront").get_response_headers_policy(Id=one)["ResponseHeadersPolicy"]
    return found["ResponseHeadersPolicyConfig"]["Name"]


def _policy_deleted(clients: Clients) -> Any:
    made = _policy(clients, "deleted")
    one = made["ResponseHeadersPolicy"]["Id"]
    clients("cloudfront").delete_response_headers_policy(Id=one, IfMatch=made["ETag"])
    try:
        clients("cloudfront").get_response_headers_policy(Id=one)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def _origin(clients: Clients) -> Any:
    origin = {
        "Id": "a",
        "DomainName": "a.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
        "OriginAccessControlId": "E1",
    }
    config = {
        "CallerReference": "probe",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "a", "ViewerProtocolPolicy": "https-only"},
    }
    made = clients("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]
    (found,) = clients("cloudfront").get_distribution(Id=made["Id"])["Distribution"]["DistributionConfig"]["Origins"][
        "Items"
    ]
    return found["OriginAccessControlId"], found["S3OriginConfig"]


PROBES = (
    Probe(
        "a policy shown",
        (
            "CloudFrontResponse.create_response_headers_policy",
            "CloudFrontResponse.get_response_headers_policy",
            "{0}/2020-05-31/response-headers-policy$",
            "{0}/2020-05-31/response-headers-policy/(?P<policy_id>[^/]+)$",
        ),
        _policy_shown,
        _config("shown"),
    ),
    Probe("a policy changed", ("CloudFrontResponse.update_response_headers_policy",), _policy_changed, "after"),
    Probe(
        "a policy deleted",
        ("CloudFrontResponse.delete_response_headers_policy",),
        _policy_deleted,
        "NoSuchResponseHeadersPolicy",
    ),
    Probe("an origin", ("Origin.__init__",), _origin, ("E1", {"OriginAccessIdentity": ""})),
)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer
