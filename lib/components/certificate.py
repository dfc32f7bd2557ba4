"""A certificate for one domain, and the records that lead the domain to what answers it."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.acm_certificate import AcmCertificate
from cdktf_cdktf_provider_aws.acm_certificate_validation import AcmCertificateValidation
from cdktf_cdktf_provider_aws.data_aws_route53_zone import DataAwsRoute53Zone
from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from constructs import Construct

from lib.naming import Kind, Names


class Certificate(Construct):
    """An ACM certificate, validated by DNS; ACM renews it for as long as the validation record stays.

    `arn` is that of the validation: whoever uses it waits until the certificate is issued.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        domain_name: str,
        hosted_zone: str,
        part: str = "alb",
        region: str | None = None,
    ) -> None:
        """
        domain_name: `shop.example.com`, in `hosted_zone`.
        hosted_zone: name of a public Route 53 zone that exists and that the domain's parent delegates to.
        part: what shows the certificate.
        region: where that looks for it: CloudFront in us-east-1; None for the stack's.
        """
        super().__init__(scope, id)
        self._region = region
        certificate = self._build_certificate(names.of(Kind.CERTIFICATE, part), domain_name)
        record = self._build_validation_record(certificate, _zone_id(self, hosted_zone))
        self.arn = self._build_validation(certificate, record)

    def _build_certificate(self, name: str, domain_name: str) -> AcmCertificate:
        return AcmCertificate(
            self,
            "certificate",
            region=self._region,
            domain_name=domain_name,
            validation_method="DNS",
            # A listener never lets go of the certificate that it uses.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            tags={"Name": name},
        )

    def _build_validation_record(self, certificate: AcmCertificate, zone_id: str) -> Route53Record:
        # A set of one, because the certificate has one domain.
        option = certificate.domain_validation_options.get(0)
        return Route53Record(
            self,
            "validation_record",
            zone_id=zone_id,
            name=option.resource_record_name,
            type=option.resource_record_type,
            records=[option.resource_record_value],
            ttl=60,
            # ACM gives an account the same record for the same domain again: the one that an earlier certificate left.
            # https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
            allow_overwrite=True,
        )

    def _build_validation(self, certificate: AcmCertificate, record: Route53Record) -> str:
        return AcmCertificateValidation(
            self,
            "validation",
            region=self._region,
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
        ).certificate_arn


class AliasRecord(Construct):
    """The domain's A record, pointing at a load balancer or a distribution; with IPv6 an AAAA record beside it."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        hosted_zone: str,
        domain_name: str,
        target_dns_name: str,
        target_zone_id: str,
        ipv6: bool = False,
    ) -> None:
        """
        hosted_zone: name of the public Route 53 zone that holds `domain_name`.
        target_zone_id: the target's own zone, not `hosted_zone`.
        ipv6: whether the target answers IPv6.
        """
        super().__init__(scope, id)
        # There is no second place to answer from, so the targets' health changes nothing.
        alias = Route53RecordAlias(name=target_dns_name, zone_id=target_zone_id, evaluate_target_health=False)
        zone_id = _zone_id(self, hosted_zone)
        Route53Record(self, "record", zone_id=zone_id, name=domain_name, type="A", alias=alias)
        if ipv6:
            Route53Record(self, "ipv6_record", zone_id=zone_id, name=domain_name, type="AAAA", alias=alias)


def _zone_id(scope: Construct, hosted_zone: str) -> str:
    return DataAwsRoute53Zone(scope, "zone", name=hosted_zone, private_zone=False).zone_id
