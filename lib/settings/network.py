"""Settings of what stands between the internet and the services: network, load balancer, firewall."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lib.settings.base import Domain, EachOnce, LogRetentionDays, Model, Problem


def _private_block(value: str) -> str:
    """A block that AWS takes for a VPC: no host bits, /16 to /28, of the private ranges.

    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
    """
    try:
        block = IPv4Network(value)
    except ValueError as error:
        raise ValueError(f"is no IPv4 block: {error}") from None
    if not 16 <= block.prefixlen <= 28:
        raise ValueError("must be between /16 and /28 in size")
    if not block.is_private:
        raise ValueError("must be private: within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    return value


class Network(Model):
    """The VPC: public, private and isolated subnets in each availability zone."""

    cidr: Annotated[str, AfterValidator(_private_block)] = "10.0.0.0/16"
    """Address block of the VPC, /16 to /28."""
    zone_count: Annotated[int, Field(ge=2, le=4)] = 2
    """Number of availability zones. Load balancer and database need two."""
    zone_names: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$")], ...] = ()
    """The zones by name (`sa-east-1a`), `zone_count` of them. Left out: the first ones that the region offers."""
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
    subnet_prefix_length: Annotated[int, Field(ge=16, le=27)] = 24
    """Size of every subnet: 24 is 251 usable addresses. Each running task takes one. A load balancer asks for 27 at the
    least."""
    nat_gateways: Literal["single", "per_zone"] = "single"
    """`single` costs least; `per_zone` keeps the other zones' way out when a zone fails."""
    flow_log_retention_days: LogRetentionDays = 14
    """How long accepted and rejected connections stay on record."""

    def _own_problems(self) -> Iterator[Problem]:
        yield from self._size_problems()
        if self.zone_names and not len(self.zone_names) == len(set(self.zone_names)) == self.zone_count:
            yield self.problem(
                "zone_names", f"must be {self.zone_count} different zones (zone_count), or left out", "zone_count"
            )

    def _size_problems(self) -> Iterator[Problem]:
        block = IPv4Network(self.cidr)
        needed = 3 * self.zone_count
        # The three tiers of a zone are cut out of equal blocks, a power of two of them.
        available = 2 ** max(0, self.subnet_prefix_length - block.prefixlen)
        if self.subnet_prefix_length <= block.prefixlen or available < needed:
            largest = self.subnet_prefix_length - (needed - 1).bit_length()
            yield self.problem(
                "cidr",
                f"is too small: {needed} subnets of /{self.subnet_prefix_length} (3 tiers in {self.zone_count} zones)"
                f" need a block of /{largest} or larger",
                "zone_count",
                "subnet_prefix_length",
            )


class LoadBalancer(Model):
    """The application load balancer that serves all services. With a certificate it speaks HTTPS and redirects HTTP."""

    certificate_arn: (
        Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$")] | None
    ) = None
    """An issued ACM certificate of the stack's region. Or give `domain_name` and `hosted_zone`."""
    domain_name: Domain | None = None
    """The name under which the load balancer is reached: a certificate and an alias record are made for it. `{suffix}`
    in it stands for the environment's suffix."""
    hosted_zone: Domain | None = None
    """The public Route 53 zone that holds `domain_name`; it must exist."""
    internal: bool = False
    """Only what is in the VPC reaches it: the HTTP API does."""
    accept_plain_http: bool = False
    """Says that production may go without TLS. Other tiers may in any case."""
    tls_policy: Literal[
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
        "ELBSecurityPolicy-TLS13-1-3-2021-06",
        "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
    ] = "ELBSecurityPolicy-TLS13-1-2-2021-06"
    """Protocols and ciphers of the HTTPS listener; none of these takes less than TLS 1.2."""
    idle_timeout_seconds: Annotated[int, Field(ge=1, le=4000)] = 60
    """How long a quiet connection stays open."""
    access_log_retention_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """How long access logs stay in the log bucket."""
    alarm_5xx_count: Annotated[int, Field(ge=1)] = 10
    """Alarm above this many 5xx answers a minute, made by the load balancer itself or by the targets."""

    @property
    def has_tls(self) -> bool:
        return self.certificate_arn is not None or self.domain_name is not None

    def _own_problems(self) -> Iterator[Problem]:
        if self.certificate_arn is not None and self.domain_name is not None and self.hosted_zone is None:
            return  # One's own certificate, one's own DNS: the name only says what the URL reads.
        if (self.domain_name is None) != (self.hosted_zone is None):
            yield self.problem(
                "domain_name",
                "goes with hosted_zone: both, or none (domain_name alone needs certificate_arn)",
                "hosted_zone",
                "certificate_arn",
            )
        elif self.domain_name is not None and not f".{self.domain_name}".endswith(f".{self.hosted_zone}"):
            yield self.problem("domain_name", f"must lie in hosted_zone {self.hosted_zone!r}", "hosted_zone")


MANAGED_RULES = {
    "AWSManagedRulesCommonRuleSet": (
        "NoUserAgent_",
        "UserAgent_BadBots_",
        "SizeRestrictions_",
        "EC2MetaDataSSRF_",
        "GenericLFI_",
        "RestrictedExtensions_",
        "GenericRFI_",
        "CrossSiteScripting_",
    ),
    "AWSManagedRulesKnownBadInputsRuleSet": (
        "JavaDeserializationRCE_",
        "Host_localhost_",
        "PROPFIND_",
        "ExploitablePaths_",
        "Log4JRCE_",
        "ReactJSRCE_",
    ),
    "AWSManagedRulesSQLiRuleSet": ("SQLi_", "SQLiExtendedPatterns_"),
}
"""The groups in the order in which they are asked, and how the names of their rules begin.
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html"""


class Firewall(Model):
    """The WAF web ACL in front of the load balancer: three managed rule groups and a limit per address."""

    requests_per_5_minutes_per_address: Annotated[int, Field(ge=10, le=2_000_000_000)] = 2000
    """Requests that one address may send in five minutes before it is blocked."""
    count_only_rules: Annotated[tuple[str, ...], EachOnce] = ("SizeRestrictions_BODY",)
    """Rules of the managed groups that count instead of block. The body size rule refuses every upload over 8 KB."""
    log_retention_days: LogRetentionDays = 30
    """How long blocked and counted requests stay on record."""
    alarm_blocked_requests: Annotated[int, Field(ge=1)] = 500
    """Alarm above this many blocked requests in five minutes."""

    def _own_problems(self) -> Iterator[Problem]:
        known = tuple(beginning for beginnings in MANAGED_RULES.values() for beginning in beginnings)
        # WAF ignores an override of a rule that it does not have, and says nothing.
        # https://docs.aws.amazon.com/waf/latest/APIReference/API_ManagedRuleGroupStatement.html
        if unknown := [rule for rule in self.count_only_rules if not rule.startswith(known)]:
            yield self.problem(
                "count_only_rules", f"names no managed rule: {', '.join(unknown)}; names begin with {', '.join(known)}"
            )
