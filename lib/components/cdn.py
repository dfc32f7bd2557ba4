"""The CDN: CloudFront in front of a bucket of assets, files that all users may see."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.cloudfront_distribution import (
    CloudfrontDistribution,
    CloudfrontDistributionDefaultCacheBehavior,
    CloudfrontDistributionOrigin,
    CloudfrontDistributionRestrictions,
    CloudfrontDistributionRestrictionsGeoRestriction,
    CloudfrontDistributionViewerCertificate,
)
from cdktf_cdktf_provider_aws.cloudfront_origin_access_control import CloudfrontOriginAccessControl
from cdktf_cdktf_provider_aws.cloudfront_response_headers_policy import (
    CloudfrontResponseHeadersPolicy,
    CloudfrontResponseHeadersPolicyCorsConfig,
    CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowHeaders,
    CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowMethods,
    CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowOrigins,
    CloudfrontResponseHeadersPolicySecurityHeadersConfig,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigContentTypeOptions,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigFrameOptions,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigReferrerPolicy,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurity,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_delivery import (
    CloudwatchLogDelivery,
    CloudwatchLogDeliveryS3DeliveryConfiguration,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_delivery_destination import (
    CloudwatchLogDeliveryDestination,
    CloudwatchLogDeliveryDestinationDeliveryDestinationConfiguration,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_delivery_source import CloudwatchLogDeliverySource
from cdktf_cdktf_provider_aws.s3_bucket_cors_configuration import (
    S3BucketCorsConfiguration,
    S3BucketCorsConfigurationCorsRule,
)
from constructs import Construct

from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.bucket import Bucket
from lib.components.policy import Statement
from lib.naming import Kind, Names
from lib.settings.edge import EDGE_REGION
from lib.settings.edge import Cdn as Settings

ACCESS_LOG_PREFIX = "cdn"
"""Where in the log bucket the access logs lie, below it by distribution and day."""

_PART = "cdn"
_ORIGIN = "assets"
_METHODS = ("GET", "HEAD", "OPTIONS")
_DAY_SECONDS = 24 * 60 * 60

_CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""The address is all that tells objects apart, and they stay for a day unless their own Cache-Control says otherwise.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html"""
_CORS_S3_ORIGIN = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"
"""S3 is told of a browser's questions about origins, and of nothing else that a client sends: no query, no cookie.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html"""

_LOGGED_FIELDS = (
    "date",
    "time",
    "c-ip",
    "x-forwarded-for",
    "cs-protocol",
    "cs-protocol-version",
    "ssl-protocol",
    "cs-method",
    "x-host-header",
    "cs-uri-stem",
    "cs-uri-query",
    "cs(Referer)",
    "cs(User-Agent)",
    "sc-status",
    "sc-content-type",
    "sc-bytes",
    "time-taken",
    "time-to-first-byte",
    "x-edge-location",
    "x-edge-request-id",
    "x-edge-result-type",
    "x-edge-detailed-result-type",
)
"""All that tells of a request and its answer, without cookies, which AWS logs by default: assets need none, and those
of a shared domain hold sessions.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html"""


class Cdn(Construct):
    """A distribution, the only one that may read its bucket, and its access log.

    A missing object is a 404: CloudFront may list the bucket, without which S3 answers 403 to all that it cannot find,
    and nobody could tell a wrong address from a wrong permission. No client gets to see the list: `/` is the default
    object, and no query reaches S3.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        settings: Settings,
        account: Account,
        assets: Bucket,
        log_bucket: Bucket,
        domain_name: str | None,
        certificate_arn: str | None,
        web_acl_arn: str | None,
    ) -> None:
        """
        assets: its key, if it has one, lets CloudFront in: `keys.for_cdn`.
        log_bucket: one under S3's own key.
        domain_name: beside the name that CloudFront gives; its record is made elsewhere.
        certificate_arn: an issued certificate of us-east-1 for `domain_name`; None without one.
        web_acl_arn: a web ACL for CloudFront.
        """
        super().__init__(scope, id)
        self._names = names
        self._settings = settings
        self._distribution = self._build_distribution(assets, domain_name, certificate_arn, web_acl_arn)
        self._build_access(assets)
        self._build_access_log(account, log_bucket)
        self.url = f"https://{domain_name or self.domain_name}"

    @property
    def distribution_id(self) -> str:
        return self._distribution.id

    @property
    def arn(self) -> str:
        return self._distribution.arn

    @property
    def domain_name(self) -> str:
        """The name that CloudFront gives: `d111111abcdef8.cloudfront.net`."""
        return self._distribution.domain_name

    @property
    def hosted_zone_id(self) -> str:
        """The hosted zone of `domain_name`, for alias records."""
        return self._distribution.hosted_zone_id

    def alarms(self) -> list[Alarm]:
        """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html"""
        return [
            Alarm(
                unit=_PART,
                role="5xx",
                region=EDGE_REGION,
                namespace="AWS/CloudFront",
                metric="5xxErrorRate",
                statistic="Average",
                threshold=self._settings.alarm_5xx_percent,
                dimensions={"DistributionId": self.distribution_id, "Region": "Global"},
                # A share: over five minutes a single failure among few requests says less.
                period_seconds=300,
                why=f"More than {self._settings.alarm_5xx_percent} % of the CDN's answers are 5xx: S3 does not answer"
                " it, or it is in trouble itself. Its access log (x-edge-detailed-result-type) tells which; then look"
                " at AWS Health.",
            )
        ]

    def _build_origin_access(self) -> str:
        return CloudfrontOriginAccessControl(
            self,
            "origin_access",
            name=self._names.of(Kind.ORIGIN_ACCESS, _PART),
            description="The CDN reads its bucket",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
        ).id

    def _build_response_headers(self) -> str:
        return CloudfrontResponseHeadersPolicy(
            self,
            "response_headers",
            name=self._names.of(Kind.RESPONSE_HEADERS, _PART),
            comment="Security, and use by pages of any origin",
            security_headers_config=CloudfrontResponseHeadersPolicySecurityHeadersConfig(
                # Without subdomains: the domain may be one under which others live.
                strict_transport_security=CloudfrontResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurity(
                    access_control_max_age_sec=365 * _DAY_SECONDS, override=True
                ),
                content_type_options=CloudfrontResponseHeadersPolicySecurityHeadersConfigContentTypeOptions(
                    override=True
                ),
                frame_options=CloudfrontResponseHeadersPolicySecurityHeadersConfigFrameOptions(
                    frame_option="DENY", override=True
                ),
                referrer_policy=CloudfrontResponseHeadersPolicySecurityHeadersConfigReferrerPolicy(
                    referrer_policy="strict-origin-when-cross-origin", override=True
                ),
            ),
            # Pages load fonts and modules from here, from another origin. Here and not from S3, whose answer depends on
            # who asked first: the cache keeps one for all.
            cors_config=CloudfrontResponseHeadersPolicyCorsConfig(
                access_control_allow_origins=CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowOrigins(
                    items=["*"]
                ),
                access_control_allow_headers=CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowHeaders(
                    items=["*"]
                ),
                access_control_allow_methods=CloudfrontResponseHeadersPolicyCorsConfigAccessControlAllowMethods(
                    items=[*_METHODS]
                ),
                access_control_allow_credentials=False,
                access_control_max_age_sec=_DAY_SECONDS,
                origin_override=True,
            ),
        ).id

    def _build_distribution(
        self, assets: Bucket, domain_name: str | None, certificate_arn: str | None, web_acl_arn: str | None
    ) -> CloudfrontDistribution:
        # It has no name of its own: it goes by its comment.
        name = self._names.of(Kind.DISTRIBUTION, _PART)
        return CloudfrontDistribution(
            self,
            "distribution",
            comment=name,
            enabled=True,
            aliases=[domain_name] if domain_name else None,
            viewer_certificate=_viewer_certificate(certificate_arn),
            web_acl_id=web_acl_arn,
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class=self._settings.price_class,
            default_root_object=self._settings.default_object,
            origin=[
                CloudfrontDistributionOrigin(
                    origin_id=_ORIGIN,
                    domain_name=assets.bucket_domain,
                    origin_access_control_id=self._build_origin_access(),
                )
            ],
            default_cache_behavior=CloudfrontDistributionDefaultCacheBehavior(
                target_origin_id=_ORIGIN,
                viewer_protocol_policy="redirect-to-https",
                allowed_methods=[*_METHODS],
                cached_methods=[*_METHODS],
                compress=True,
                cache_policy_id=_CACHING_OPTIMIZED,
                origin_request_policy_id=_CORS_S3_ORIGIN,
                response_headers_policy_id=self._build_response_headers(),
            ),
            restrictions=CloudfrontDistributionRestrictions(
                geo_restriction=CloudfrontDistributionRestrictionsGeoRestriction(restriction_type="none")
            ),
            tags={"Name": name},
        )

    def _build_access(self, assets: Bucket) -> None:
        """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"""
        cloudfront = {"Service": "cloudfront.amazonaws.com"}
        this_distribution = {"StringEquals": {"aws:SourceArn": self.arn}}
        assets.allow(
            Statement(
                sid="CdnReads",
                actions=["s3:GetObject"],
                resources=[f"{assets.arn}/*"],
                principal=cloudfront,
                condition=this_distribution,
            ),
            Statement(
                sid="CdnFindsOut",
                actions=["s3:ListBucket"],
                resources=[assets.arn],
                principal=cloudfront,
                condition=this_distribution,
            ),
        )
        # S3 answers a browser's question whether it may ask (OPTIONS) only where a rule says yes.
        S3BucketCorsConfiguration(
            self,
            "cors",
            bucket=assets.name,
            cors_rule=[
                S3BucketCorsConfigurationCorsRule(
                    allowed_origins=["*"],
                    allowed_methods=["GET", "HEAD"],
                    allowed_headers=["*"],
                    max_age_seconds=_DAY_SECONDS,
                )
            ],
        )

    def _build_access_log(self, account: Account, log_bucket: Bucket) -> None:
        """Standard logging v2, as the older kind needs a bucket with access lists.

        It is set up in us-east-1, wherever the bucket is.
        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
        """
        source_name = self._names.of(Kind.LOG_DELIVERY, _PART, "source")
        log_bucket.allow(_access_log_statement(account, log_bucket, source_name))
        source = CloudwatchLogDeliverySource(
            self,
            "log_source",
            region=EDGE_REGION,
            name=source_name,
            log_type="ACCESS_LOGS",
            resource_arn=self.arn,
        )
        destination = CloudwatchLogDeliveryDestination(
            self,
            "log_destination",
            region=EDGE_REGION,
            name=self._names.of(Kind.LOG_DELIVERY, _PART, "destination"),
            # Every line says what its values are; Parquet has a price for the conversion.
            output_format="json",
            delivery_destination_configuration=[
                CloudwatchLogDeliveryDestinationDeliveryDestinationConfiguration(
                    # By the name, which is to be had once the policy is in force: without it the delivery is refused,
                    # or AWS adds to the policy, and the next deployment takes that back.
                    destination_resource_arn=f"arn:{account.partition}:s3:::{log_bucket.name}/{ACCESS_LOG_PREFIX}"
                )
            ],
        )
        CloudwatchLogDelivery(
            self,
            "log_delivery",
            region=EDGE_REGION,
            delivery_source_name=source.name,
            delivery_destination_arn=destination.arn,
            record_fields=[*_LOGGED_FIELDS],
            s3_delivery_configuration=[
                # Both: an attribute in Terraform's eyes, which is whole or not there.
                CloudwatchLogDeliveryS3DeliveryConfiguration(
                    suffix_path="{DistributionId}/{yyyy}/{MM}/{dd}", enable_hive_compatible_path=False
                )
            ],
            tags={"Name": self._names.of(Kind.LOG_DELIVERY, _PART, "delivery")},
        )


def _viewer_certificate(certificate_arn: str | None) -> CloudfrontDistributionViewerCertificate:
    """CloudFront's own name has CloudFront's own certificate, whose least protocol nobody can choose.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html
    """
    if certificate_arn is None:
        return CloudfrontDistributionViewerCertificate(cloudfront_default_certificate=True)
    return CloudfrontDistributionViewerCertificate(
        acm_certificate_arn=certificate_arn, ssl_support_method="sni-only", minimum_protocol_version="TLSv1.2_2021"
    )


def _access_log_statement(account: Account, log_bucket: Bucket, source_name: str) -> Statement:
    """What the delivery needs of the log bucket.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
    """
    source_arn = account.arn("logs", f"delivery-source:{source_name}", region=EDGE_REGION)
    return Statement(
        sid="CdnLogs",
        actions=["s3:PutObject"],
        resources=[f"{log_bucket.arn}/{ACCESS_LOG_PREFIX}/*"],
        principal={"Service": "delivery.logs.amazonaws.com"},
        condition={
            "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": account.id},
            "ArnLike": {"aws:SourceArn": source_arn},
        },
    )
