"""Networks, names and what faces clients."""

from __future__ import annotations

from lib.evidence.structure.address_space import network_of
from lib.evidence.values.rule import Rule, between, boolean, matching, one_of, sized

_AWS = "https://docs.aws.amazon.com/"
_TERRAFORM = "https://github.com/hashicorp/terraform-provider-aws/blob/v6.25.0/website/docs/{}.html.markdown"
_EC2 = f"{_AWS}AWSEC2/latest/APIReference/API_"
_GATEWAY = f"{_AWS}apigateway/latest/developerguide/"
_CDN = f"{_AWS}cloudfront/latest/APIReference/API_"
_HOST = r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_ID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE")


def cidr(page: str) -> tuple[Rule, ...]:
    """A network in CIDR notation whose address has no bits beyond its length."""
    allowed = "a network like 10.0.0.0/16, its address without bits of hosts"
    return (Rule("cidr_blocks", allowed, page, lambda value: network_of(value) is not None),)


_PROTOCOL = (one_of("tcp", "udp", "icmp", "icmpv6", "-1", source=f"{_EC2}IpPermission.html"),)

ARGUMENTS: dict[tuple[str, str], tuple[Rule, ...]] = {
    ("aws_vpc", "cidr_block"): cidr(f"{_EC2}CreateVpc.html"),
    ("aws_subnet", "cidr_block"): cidr(f"{_EC2}CreateSubnet.html"),
    ("aws_route", "destination_cidr_block"): cidr(f"{_EC2}CreateRoute.html"),
    ("aws_vpc_security_group_egress_rule", "cidr_ipv4"): cidr(f"{_EC2}IpRange.html"),
    ("aws_vpc_security_group_egress_rule", "ip_protocol"): _PROTOCOL,
    ("aws_vpc_security_group_ingress_rule", "cidr_ipv4"): cidr(f"{_EC2}IpRange.html"),
    ("aws_vpc_security_group_ingress_rule", "ip_protocol"): _PROTOCOL,
    ("aws_vpc_endpoint", "service_name"): (
        matching(
            r"(?:com|cn\.com)\.amazonaws\.[a-z0-9-]+\.[a-z0-9.-]+|com\.amazonaws\.vpce\.[a-z0-9.-]+",
            f"{_EC2}CreateVpcEndpoint.html",
        ),
    ),
    ("aws_flow_log", "max_aggregation_interval"): (one_of(60, 600, source=f"{_EC2}CreateFlowLogs.html"),),
    ("aws_route53_record", "allow_overwrite"): (boolean(_TERRAFORM.format("r/route53_record")),),
    ("data.aws_ami", "filter.name"): (matching(r"[a-z][a-z0-9-]*(?:\.[a-z-]+)*|tag:.+", f"{_EC2}DescribeImages.html"),),
    ("data.aws_availability_zones", "filter.name"): (
        one_of(
            "group-name",
            "message",
            "opt-in-status",
            "parent-zoneID",
            "parent-zoneName",
            "region-name",
            "state",
            "zone-id",
            "zone-type",
            "zone-name",
            "group-long-name",
            source=f"{_EC2}DescribeAvailabilityZones.html",
        ),
    ),
    ("data.aws_availability_zones", "filter.values"): (
        matching(
            r"opt-in-not-required|opted-in|not-opted-in|availability-zone|available|[a-z]{2,4}(?:-[a-z]+)+-\d[a-z]?|[a-z0-9]+-az\d",
            f"{_EC2}DescribeAvailabilityZones.html",
        ),
    ),
    ("data.aws_availability_zones", "state"): (
        one_of(
            "available", "information", "impaired", "unavailable", "constrained", source=f"{_EC2}AvailabilityZone.html"
        ),
    ),
    ("data.aws_route53_zone", "name"): (
        matching(rf"{_HOST}\.?", f"{_AWS}Route53/latest/DeveloperGuide/DomainNameFormat.html"),
    ),
    ("data.aws_route53_zone", "private_zone"): (boolean(_TERRAFORM.format("d/route53_zone")),),
    ("data.aws_ssm_parameter", "name"): (
        sized(1, 2048, f"{_AWS}systems-manager/latest/APIReference/API_GetParameter.html"),
        matching(r"/?[\w.-]+(?:/[\w.-]+)*", f"{_AWS}systems-manager/latest/APIReference/API_PutParameter.html"),
    ),
    ("aws_apigatewayv2_api", "description"): (
        sized(0, 1024, f"{_AWS}apigatewayv2/latest/api-reference/apis.html"),
        matching(r"[ -~]*", f"{_AWS}apigatewayv2/latest/api-reference/apis.html"),
    ),
    ("aws_apigatewayv2_integration", "description"): (
        sized(0, 1024, f"{_AWS}apigatewayv2/latest/api-reference/apis-apiid-integrations.html"),
        matching(r"[ -~]*", f"{_AWS}apigatewayv2/latest/api-reference/apis-apiid-integrations.html"),
    ),
    ("aws_apigatewayv2_integration", "integration_method"): (
        one_of("ANY", *_METHODS, source=f"{_AWS}apigatewayv2/latest/api-reference/apis-apiid-integrations.html"),
    ),
    ("aws_apigatewayv2_integration", "payload_format_version"): (
        one_of("1.0", "2.0", source=f"{_AWS}apigatewayv2/latest/api-reference/apis-apiid-integrations.html"),
    ),
    ("aws_apigatewayv2_integration", "request_parameters.*"): (
        matching(
            r"\$(?:request\.(?:path(?:\.\w+)?|header\.[\w-]+|querystring\.\w+|body(?:\.[\w.]+)?)|context\.[\w.]+|stageVariables\.\w+)|(?!\$).+",
            f"{_GATEWAY}http-api-parameter-mapping.html",
        ),
        sized(1, 512, f"{_GATEWAY}http-api-parameter-mapping.html"),
    ),
    ("aws_apigatewayv2_integration", "tls_config.server_name_to_verify"): (
        matching(_HOST, f"{_AWS}apigatewayv2/latest/api-reference/apis-apiid-integrations.html"),
    ),
    ("aws_apigatewayv2_route", "route_key"): (
        matching(
            rf"\$default|(?:ANY|{'|'.join(_METHODS)}) /(?:[\w.~-]+|{{\w+\+?}})?(?:/(?:[\w.~-]+|{{\w+\+?}}))*",
            f"{_GATEWAY}http-api-develop-routes.html",
        ),
    ),
    ("aws_apigatewayv2_route", "target"): (
        matching(r"integrations/[\w-]+", f"{_AWS}apigatewayv2/latest/api-reference/apis-apiid-routes.html"),
    ),
    # Nobody can have more than the account has.
    ("aws_apigatewayv2_stage", "default_route_settings.throttling_burst_limit"): (
        between(0, 5_000, f"{_GATEWAY}limits.html"),
    ),
    ("aws_apigatewayv2_stage", "default_route_settings.throttling_rate_limit"): (
        between(0, 10_000, f"{_GATEWAY}limits.html"),
    ),
    ("aws_cloudfront_distribution", "aliases"): (matching(_HOST, f"{_CDN}Aliases.html"),),
    ("aws_cloudfront_distribution", "comment"): (
        sized(0, 128, f"{_CDN}DistributionConfig.html"),
        matching(r"[ -~]*", f"{_CDN}DistributionConfig.html"),
    ),
    ("aws_cloudfront_distribution", "default_cache_behavior.cache_policy_id"): (
        matching(_ID, f"{_AWS}AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html"),
    ),
    ("aws_cloudfront_distribution", "default_cache_behavior.cached_methods"): (
        one_of("GET", "HEAD", "OPTIONS", source=f"{_CDN}CachedMethods.html"),
    ),
    ("aws_cloudfront_distribution", "default_cache_behavior.origin_request_policy_id"): (
        matching(_ID, f"{_AWS}AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html"),
    ),
    ("aws_cloudfront_distribution", "default_cache_behavior.target_origin_id"): (
        matching(r"[\w.-]{1,128}", f"{_CDN}DefaultCacheBehavior.html"),
    ),
    ("aws_cloudfront_distribution", "origin.origin_id"): (matching(r"[\w.-]{1,128}", f"{_CDN}Origin.html"),),
    ("aws_cloudfront_distribution", "default_root_object"): (
        matching(r"[\w\-.*$'\"&][\w\-.*$/~'\"&]{0,254}", f"{_CDN}DistributionConfig.html"),
    ),
    ("aws_cloudfront_origin_access_control", "description"): (
        sized(0, 256, f"{_CDN}OriginAccessControlConfig.html"),
        matching(r"[ -~]*", f"{_CDN}OriginAccessControlConfig.html"),
    ),
    ("aws_cloudfront_response_headers_policy", "comment"): (
        sized(0, 128, f"{_CDN}ResponseHeadersPolicyConfig.html"),
        matching(r"[ -~]*", f"{_CDN}ResponseHeadersPolicyConfig.html"),
    ),
    ("aws_cloudfront_response_headers_policy", "cors_config.access_control_allow_headers.items"): (
        matching(r"(?!.*\*.*\*)[\w!#$%&'*+.^`|~-]+", f"{_CDN}ResponseHeadersPolicyAccessControlAllowHeaders.html"),
    ),
    ("aws_cloudfront_response_headers_policy", "cors_config.access_control_allow_origins.items"): (
        matching(
            rf"\*|(?:https?://)?(?:\*|{_HOST}|[\d.]+)(?::\d+|:\*)?",
            f"{_CDN}ResponseHeadersPolicyAccessControlAllowOrigins.html",
        ),
    ),
    ("aws_cloudfront_response_headers_policy", "cors_config.access_control_max_age_sec"): (
        between(0, 2**31 - 1, f"{_CDN}ResponseHeadersPolicyCorsConfig.html"),
    ),
    (
        "aws_cloudfront_response_headers_policy",
        "security_headers_config.strict_transport_security.access_control_max_age_sec",
    ): (between(0, 2**31 - 1, f"{_CDN}ResponseHeadersPolicyStrictTransportSecurity.html"),),
}
