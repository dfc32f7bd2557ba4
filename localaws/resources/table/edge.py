"""WAF, CloudFront, Route 53."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry
from localaws.resources.special import edge as special
from localaws.resources.special.common import by_etag, token

_DISTRIBUTIONS_ZONE = "'Z2FDTNDATAQYW2'"
"""The hosted zone of every distribution's name.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html"""

ENTRIES: Final = {
    "aws_wafv2_web_acl": Entry(
        service="wafv2",
        create="create_web_acl",
        id="Summary.Id",
        key="id name scope",
        read="get_web_acl:WebACL",
        update=special.changing("web_acl"),
        delete=special.deleting("web_acl"),
        constants={"Rules": []},
    ),
    "aws_wafv2_ip_set": Entry(
        service="wafv2",
        create="create_ip_set",
        id="Summary.Id",
        key="id name scope",
        read="get_ip_set:IPSet",
        update=special.changing("ip_set"),
        delete=special.deleting("ip_set"),
        constants={"Addresses": []},
    ),
    "aws_wafv2_web_acl_association": Entry(
        service="wafv2",
        create="associate_web_acl",
        id="{web_acl_arn},{resource_arn}",
        key="resource_arn",
        read="get_web_acl_for_resource:WebACL",
        delete="disassociate_web_acl",
        shown_as={"WebACLArn": "ARN"},
    ),
    "aws_wafv2_web_acl_logging_configuration": Entry(
        service="wafv2",
        create="put_logging_configuration",
        id="{resource_arn}",
        key="resource_arn",
        read="get_logging_configuration:LoggingConfiguration",
        update="put_logging_configuration",
        delete="delete_logging_configuration",
        into="LoggingConfiguration",
    ),
    "aws_cloudfront_origin_access_control": Entry(
        service="cloudfront",
        create="create_origin_access_control",
        id="OriginAccessControl.Id",
        read="get_origin_access_control:OriginAccessControl.OriginAccessControlConfig",
        update=special.changing_by_etag(
            "get_origin_access_control", "update_origin_access_control", "OriginAccessControlConfig"
        ),
        delete=by_etag("get_origin_access_control", "delete_origin_access_control"),
        into="OriginAccessControlConfig",
        computed={"etag": "ETag", "arn": "arn:aws:cloudfront::{account}:origin-access-control/{id}"},
    ),
    "aws_cloudfront_response_headers_policy": Entry(
        service="cloudfront",
        create="create_response_headers_policy",
        id="ResponseHeadersPolicy.Id",
        read="get_response_headers_policy:ResponseHeadersPolicy.ResponseHeadersPolicyConfig",
        update=special.changing_by_etag(
            "get_response_headers_policy", "update_response_headers_policy", "ResponseHeadersPolicyConfig"
        ),
        delete=by_etag("get_response_headers_policy", "delete_response_headers_policy"),
        into="ResponseHeadersPolicyConfig",
        renames={
            "security_headers_config.content_security_policy": "ContentSecurityPolicy",
            "security_headers_config.xss_protection": "XSSProtection",
        },
        computed={"etag": "ETag", "arn": "arn:aws:cloudfront::{account}:response-headers-policy/{id}"},
    ),
    "aws_cloudfront_distribution": Entry(
        service="cloudfront",
        create="create_distribution",
        id="Distribution.Id",
        read="get_distribution:Distribution",
        update=special.change_distribution,
        delete=special.delete_distribution,
        into="DistributionConfig",
        constants={"DistributionConfig.CallerReference": token},
        adjust=special.complete_distribution,
        renames={
            "is_ipv6_enabled": "IsIPV6Enabled",
            "ordered_cache_behavior": "CacheBehaviors",
            "default_cache_behavior.min_ttl": "MinTTL",
            "default_cache_behavior.max_ttl": "MaxTTL",
            "default_cache_behavior.default_ttl": "DefaultTTL",
            "default_cache_behavior.allowed_methods": "AllowedMethods.Items",
            "default_cache_behavior.cached_methods": "AllowedMethods.CachedMethods.Items",
            "origin.custom_origin_config.http_port": "HTTPPort",
            "origin.custom_origin_config.https_port": "HTTPSPort",
            "origin.origin_id": "Id",
            "restrictions.geo_restriction.locations": "Items",
        },
        code_takes={"wait_for_deployment": "", "retain_on_delete": ""},
        computed={"arn": "ARN", "hosted_zone_id": _DISTRIBUTIONS_ZONE, "etag": "ETag"},
    ),
    "aws_route53_record": Entry(
        service="route53",
        create=special.put_record,
        id="{zone_id}_{name}_{type}",
        key="hosted_zone_id=zone_id",
        read=special.read_record,
        update=special.change_record,
        delete=special.delete_record,
        code_takes={
            "zone_id": "",
            "name": "Name",
            "type": "Type",
            "ttl": "TTL",
            "records": "ResourceRecords",
            "alias": "AliasTarget",
        },
        computed={"fqdn": special.full_name},
    ),
}
