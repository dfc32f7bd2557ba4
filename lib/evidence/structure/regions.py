"""Regions: what is elsewhere than the stack is where whatever uses it looks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.evidence.reading import addresses, arguments, at, blocks, leaves, region_of, resources, text
from lib.evidence.template import Block, Template

EDGE = "us-east-1"
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html"""

FROM_ELSEWHERE = {
    "aws_cloudwatch_dashboard dashboard_body": "shows the alarms of every region",
    "aws_cloudwatch_log_delivery_destination delivery_destination_configuration": (
        "set up in us-east-1 for a bucket that is anywhere"
    ),
    "aws_s3_bucket_policy policy": "logs of the CDN are set up in us-east-1 and come to any bucket",
}
"""Kind and argument -> why what it names may be in another region."""

AT_THE_EDGE = ("viewer_certificate.acm_certificate_arn", "web_acl_id")
"""What a distribution, which is in no region, looks for in us-east-1."""

_ARN = re.compile(r"\barn:[^:\s]*:[a-z0-9-]+:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):")
_SCOPED = ("aws_wafv2_ip_set", "aws_wafv2_web_acl")
_CDN = "CLOUDFRONT"


def everything_is_where_it_is_looked_for(template: Template) -> list[str]:
    """A resource names only what is in its own region; CloudFront's certificate and web ACL are in us-east-1."""
    found = []
    known = blocks(template)
    for kind, address, block in resources(template):
        if "region" in arguments(kind):
            found += [f"{address}: {problem}" for problem in _names_elsewhere(template, known, kind, block)]
        if kind in _SCOPED and block.get("scope") == _CDN and region_of(template, block) not in (EDGE, None):
            found.append(f"{address}: CloudFront looks for it in {EDGE}")
    return [*found, *_away_from_the_edge(template, known), *_of_another_scope(template, known)]


def _names_elsewhere(template: Template, known: dict[str, Block], kind: str, block: Block) -> Iterator[str]:
    own = region_of(template, block)
    if own is None:
        return
    for argument, value in block.items():
        if f"{kind} {argument}" in FROM_ELSEWHERE:
            continue
        for each in sorted(addresses(value)):
            region = _region(template, known, each) or own
            if region != own:
                yield f"{argument} names {each} of {region} from {own}"
        for arn in sorted({arn for leaf in leaves(value) for arn in _arn_regions(leaf.value)}):
            if arn != own:
                yield f"{argument} names something of {arn} from {own}"


def _region(template: Template, known: dict[str, Block], address: str) -> str | None:
    """None for what is in no region, or not there."""
    is_regional = address in known and "region" in arguments(address.rpartition(".")[0])
    return region_of(template, known[address]) if is_regional else None


def _arn_regions(value: object) -> list[str]:
    return _ARN.findall(value) if isinstance(value, str) else []


def _away_from_the_edge(template: Template, known: dict[str, Block]) -> Iterator[str]:
    for name, distribution in template.named("aws_cloudfront_distribution").items():
        for path in AT_THE_EDGE:
            value = at(distribution, path)
            regions: set[str | None] = {_region(template, known, each) for each in addresses(value)} | {
                *_arn_regions(value)
            }
            # What is known nowhere, a variable or another template's, is not judged.
            if regions - {EDGE, None}:
                yield f"aws_cloudfront_distribution.{name}: looks for its {path} in {EDGE}"


def _of_another_scope(template: Template, known: dict[str, Block]) -> Iterator[str]:
    """A web ACL is for CloudFront or for a region, and so is all that it names and all that names it."""
    named, attached = _named(template), _attached(template)
    for name, acl in template.named("aws_wafv2_web_acl").items():
        address, scope = f"aws_wafv2_web_acl.{name}", text(acl, "scope")
        for each in sorted(addresses(acl.get("rule"))):
            if text(known.get(each), "scope") not in (scope, ""):
                yield f"{address}: names {each} of another scope"
        if address in (attached if scope == _CDN else named):
            yield f"{address}: is of scope {scope}"


def _named(template: Template) -> set[str]:
    distributions = template.all("aws_cloudfront_distribution")
    return {each for block in distributions for each in addresses(block.get("web_acl_id"))}


def _attached(template: Template) -> set[str]:
    associations = template.all("aws_wafv2_web_acl_association")
    return {each for block in associations for each in addresses(block.get("web_acl_arn"))}


def firewalls_protect_something(template: Template) -> list[str]:
    """Every web ACL stands before a distribution or a load balancer of the template."""
    used = _named(template) | _attached(template)
    return [
        f"aws_wafv2_web_acl.{name}: protects nothing"
        for name in template.named("aws_wafv2_web_acl")
        if f"aws_wafv2_web_acl.{name}" not in used
    ]
