"""Settings of what stands before the platform, outside the VPC: the CDN and the HTTP API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lib.settings.base import Domain, LogRetentionDays, Model, Percent, Problem

EDGE_REGION = "us-east-1"
"""Where CloudFront looks for certificates and web ACLs, and reports its metrics and logs.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html#https-requirements-aws-region"""

CLIENT_HEADER = "x-client-address"
"""Where the platform finds the client's address: to the load balancer every request comes from the VPC link. The API
overwrites it on each request, so no client can set it."""


class Cdn(Model):
    """CloudFront in front of a bucket with the assets: files that all users may see."""

    domain_name: Domain | None = None
    """The name under which the assets are reached. Left out: a name of CloudFront's."""
    hosted_zone: Domain | None = None
    """The public Route 53 zone that holds `domain_name`: a certificate and an alias record are made."""
    certificate_arn: (
        Annotated[str, Field(pattern=rf"^arn:aws[a-z-]*:acm:{EDGE_REGION}:[0-9]{{12}}:certificate/.+$")] | None
    ) = None
    """An issued ACM certificate of us-east-1 for `domain_name`, in place of `hosted_zone`."""
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = "PriceClass_100"
    """Which edge locations answer: North America and Europe, all but the dearest, all."""
    default_object: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,255}$")] = "index.html"
    """What `/` answers with."""
    firewall: bool = False
    """A web ACL of its own, in us-east-1, with the rules of `[firewall]`."""
    old_version_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """How long an overwritten or deleted asset can be had back."""
    alarm_5xx_percent: Percent = 5
    """Alarm above this share of 5xx answers."""

    def _own_problems(self) -> Iterator[Problem]:
        if self.domain_name is None and (self.hosted_zone or self.certificate_arn):
            yield self.problem(
                "domain_name", "must be given with hosted_zone or certificate_arn", "hosted_zone", "certificate_arn"
            )
        elif self.domain_name is not None and (self.hosted_zone is None) == (self.certificate_arn is None):
            yield self.problem(
                "domain_name", "needs hosted_zone or certificate_arn, one of them", "hosted_zone", "certificate_arn"
            )
        elif self.hosted_zone and not f".{self.domain_name}".endswith(f".{self.hosted_zone}"):
            yield self.problem("domain_name", f"must lie in hosted_zone {self.hosted_zone!r}", "hosted_zone")


class HttpApi(Model):
    """An API Gateway HTTP API in front of the load balancer, which it reaches by a VPC link. A few zones have no VPC
    links: `network.zone_names` chooses others."""

    requests_per_second: Annotated[int, Field(ge=1, le=100_000)] = 500
    """Requests that are let through a second on average; the account's limit (10,000 at first) comes before."""
    burst: Annotated[int, Field(ge=1, le=50_000)] = 1000
    """Requests that may come at once; the account's limit (5,000 at first) comes before."""
    timeout_milliseconds: Annotated[int, Field(ge=50, le=30_000)] = 29_000
    """How long an answer of the platform may take."""
    log_retention_days: LogRetentionDays = 30
    """How long the access log is kept."""
    alarm_5xx_count: Annotated[int, Field(ge=1)] = 10
    """Alarm above this many 5xx answers a minute."""
    alarm_latency_milliseconds: Annotated[int, Field(ge=1, le=30_000)] = 2000
    """Alarm when answers take longer than this on average."""
