"""The CDN: deployed, by TLS only, the one way to its bucket, and answering."""

from __future__ import annotations

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from lib.naming import Kind
from lib.settings.edge import EDGE_REGION
from lib.settings.model import ASSETS
from tests.integration.deployment import Block, Deployment, fetched, told

pytestmark = pytest.mark.unit("cdn_distribution_id")

METHODS = {"GET", "HEAD", "OPTIONS"}
MISSING = "/integration-test/no-such-object"


@pytest.fixture
def distribution(deployment: Deployment) -> Block:
    answer = deployment.client("cloudfront").get_distribution(Id=deployment["cdn_distribution_id"])
    return cast(Block, answer["Distribution"])


@pytest.fixture
def settings(distribution: Block) -> Block:
    return cast(Block, distribution["DistributionConfig"])


@pytest.fixture
def behavior(settings: Block) -> Block:
    """What it does with every request: there is no other behaviour."""
    assert settings["CacheBehaviors"]["Quantity"] == 0
    return cast(Block, settings["DefaultCacheBehavior"])


def test_is_enabled_and_deployed(deployment: Deployment, distribution: Block, settings: Block) -> None:
    assert (settings["Enabled"], distribution["Status"]) == (True, "Deployed")
    assert distribution["DomainName"] == deployment["cdn_domain_name"]
    assert distribution["ARN"] == deployment["cdn_distribution_arn"]


def test_speaks_http_2_and_3_also_by_ipv6(settings: Block) -> None:
    assert (settings["HttpVersion"].lower(), settings["IsIPV6Enabled"]) == ("http2and3", True)


def test_has_one_origin_the_bucket_of_assets(deployment: Deployment, settings: Block, behavior: Block) -> None:
    (origin,) = settings["Origins"]["Items"]
    assert origin["DomainName"] == f"{deployment['bucket_names'][ASSETS]}.s3.{deployment.region}.amazonaws.com"
    assert behavior["TargetOriginId"] == origin["Id"]


def test_signs_what_it_asks_of_the_bucket(deployment: Deployment, settings: Block) -> None:
    (origin,) = settings["Origins"]["Items"]
    answer = deployment.client("cloudfront").get_origin_access_control(Id=origin["OriginAccessControlId"])
    control = answer["OriginAccessControl"]["OriginAccessControlConfig"]
    assert (control["OriginAccessControlOriginType"], control["SigningBehavior"]) == ("s3", "always")
    assert control["SigningProtocol"] == "sigv4"


def test_users_come_by_tls_only(deployment: Deployment, settings: Block, behavior: Block) -> None:
    assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
    certificate = settings["ViewerCertificate"]
    domain = deployment["cdn_url"].removeprefix("https://")
    if domain == deployment["cdn_domain_name"]:
        assert certificate["CloudFrontDefaultCertificate"] is True
    else:
        assert settings["Aliases"]["Items"] == [domain]
        assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"
        assert certificate["SSLSupportMethod"] == "sni-only"


def test_only_reads_and_compresses(behavior: Block) -> None:
    assert set(behavior["AllowedMethods"]["Items"]) == METHODS
    assert set(behavior["AllowedMethods"]["CachedMethods"]["Items"]) == METHODS
    assert behavior["Compress"] is True


def test_has_the_web_acl_that_it_should(deployment: Deployment, settings: Block) -> None:
    assert settings["WebACLId"] == deployment.outputs.get("cdn_web_acl_arn", "")


def test_adds_headers_for_security(deployment: Deployment, behavior: Block) -> None:
    answer = deployment.client("cloudfront").get_response_headers_policy(Id=behavior["ResponseHeadersPolicyId"])
    headers = answer["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 365 * 24 * 60 * 60
    assert headers["ContentTypeOptions"]["Override"] is True
    assert headers["FrameOptions"]["FrameOption"] == "DENY"


def test_pages_of_any_origin_may_use_the_assets(deployment: Deployment) -> None:
    rules = told("rules for pages of other origins", cors_rules(deployment))
    assert [(rule["AllowedOrigins"], sorted(rule["AllowedMethods"])) for rule in rules] == [(["*"], ["GET", "HEAD"])]


def cors_rules(deployment: Deployment) -> list[Block]:
    try:
        answer = deployment.client("s3").get_bucket_cors(Bucket=deployment["bucket_names"][ASSETS])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchCORSConfiguration":
            raise
        return []
    return cast(list[Block], answer["CORSRules"])


def test_writes_down_each_request(deployment: Deployment) -> None:
    logs = deployment.client("logs", EDGE_REGION)
    sources = [each for page in paged(logs, "describe_delivery_sources") for each in page["deliverySources"]]
    of_cdn = [each for each in sources if deployment["cdn_distribution_arn"] in each["resourceArns"]]
    (source,) = told("delivery of the access log", of_cdn)
    deliveries = [each for page in paged(logs, "describe_deliveries") for each in page["deliveries"]]
    (delivery,) = [each for each in deliveries if each["deliverySourceName"] == source["name"]]
    destination = delivery["deliveryDestinationArn"].rpartition(":")[2]
    bucket = logs.get_delivery_destination(name=destination)["deliveryDestination"]
    resource = bucket["deliveryDestinationConfiguration"]["destinationResourceArn"]
    assert resource.partition(":s3:::")[2].startswith(f"{deployment.names.of(Kind.BUCKET, 'logs')}-")
    assert "cs(Cookie)" not in delivery["recordFields"]


def paged(client: Any, operation: str) -> Any:
    return client.get_paginator(operation).paginate()


@pytest.mark.real_account
def test_a_missing_object_is_a_404_by_https(deployment: Deployment) -> None:
    answer = fetched(deployment["cdn_url"] + MISSING)
    assert answer.status == 404
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.real_account
def test_plain_http_is_redirected(deployment: Deployment) -> None:
    answer = fetched(deployment["cdn_url"].replace("https:", "http:", 1) + MISSING)
    assert (answer.status, answer.headers["Location"]) == (301, deployment["cdn_url"] + MISSING)


@pytest.mark.real_account
def test_nobody_gets_at_the_bucket_past_it(deployment: Deployment) -> None:
    bucket = deployment["bucket_names"][ASSETS]
    assert fetched(f"https://{bucket}.s3.{deployment.region}.amazonaws.com{MISSING}").status == 403
