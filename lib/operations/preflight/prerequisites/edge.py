"""What users come by: certificates, hosted zones, records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from lib.operations.preflight.planned import Planned
from lib.operations.preflight.prerequisites.prerequisite import DoesNotApply, Note, Registry, Situation
from lib.operations.preflight.site import Site
from lib.settings.edge import EDGE_REGION

EDGE = Registry()
_LEAST_LEFT = timedelta(days=30)


@EDGE.add("certificates", "Certificates that are given are issued, in their region, for the domain, for a month more")
def certificates(situation: Situation) -> Iterator[str | Note]:
    planned = situation.site.planned
    found = [*_of_listeners(planned), *_of_distributions(planned)]
    if not found:
        raise DoesNotApply("no certificate is given by its ARN")
    for arn, region, domains in found:
        yield from _certificate(situation.site, arn, region, domains)


@EDGE.add("hosted_zones", "Hosted zones are there, public, and the only ones of their name")
def hosted_zones(situation: Situation) -> Iterator[str | Note]:
    names = _zone_names(situation.site.planned)
    if not names:
        raise DoesNotApply("the stack writes no records")
    zones = situation.site.in_region(EDGE_REGION).ask("route53", "list_hosted_zones")["HostedZones"]
    for name in names:
        same = [each for each in zones if each["Name"].rstrip(".") == name]
        public = [each for each in same if not each.get("Config", {}).get("PrivateZone")]
        if not same:
            yield f"there is no hosted zone {name}: make one, or put a domain of yours into the blueprint"
        elif not public:
            yield f"the hosted zone {name} is private: certificates and users need a public one"
        elif len(public) > 1:
            yield f"there are {len(public)} public hosted zones {name}: delegated to is one, and Terraform cannot tell"
        else:
            yield Note(
                f"{name}: whether its parent delegates to this zone is not asked; without it no certificate comes"
            )


@EDGE.add("records", "Records that the stack writes are free")
def records(situation: Situation) -> Iterator[str | Note]:
    site = situation.site.in_region(EDGE_REGION)
    wanted = {
        (site.planned.text(each.body.get("name")).rstrip("."), str(each.body.get("type")))
        for each in site.planned.all("aws_route53_record")
        if not each.body.get("allow_overwrite")
    }
    wanted = {(name, type) for name, type in wanted if name}
    if not wanted:
        raise DoesNotApply("the stack writes no records of a name of its own")
    for zone in site.ask("route53", "list_hosted_zones")["HostedZones"]:
        if zone["Name"].rstrip(".") not in _zone_names(site.planned):
            continue
        for each in site.ask("route53", "list_resource_record_sets", HostedZoneId=zone["Id"])["ResourceRecordSets"]:
            name = each["Name"].rstrip(".")
            if (name, each["Type"]) in wanted and not situation.ownership.has(name):
                yield f"there is a record {name} of type {each['Type']} that is not this stack's: delete or import it"


def _certificate(site: Site, arn: str, region: str, domains: list[str]) -> Iterator[str | Note]:
    of = arn.split(":")[3]
    if of != region:
        yield f"the certificate {arn} is of {of}; it has to be of {region}"
        return
    certificate = site.in_region(of).ask("acm", "describe_certificate", CertificateArn=arn)["Certificate"]
    if certificate["Status"] != "ISSUED":
        yield f"the certificate {arn} is {certificate['Status']}, not issued"
    names = {certificate["DomainName"], *certificate.get("SubjectAlternativeNames", [])}
    for domain in domains:
        if not any(_covers(name, domain) for name in names):
            yield f"the certificate {arn} is not for {domain}, only for {', '.join(sorted(names))}"
    until = certificate.get("NotAfter")
    if until and until - datetime.now(UTC) < _LEAST_LEFT:
        yield f"the certificate {arn} ends on {until:%Y-%m-%d}"


def _covers(name: str, domain: str) -> bool:
    """A `*` stands for one label."""
    return name == domain or (name.startswith("*.") and domain.partition(".")[2] == name[2:])


def _of_listeners(planned: Planned) -> Iterator[tuple[str, str, list[str]]]:
    """ARN, the region it has to be of, and the domains it has to be for, as far as the template tells them."""
    url = planned.template.outputs.get("load_balancer_url", {}).get("value", "")
    host = planned.text(url).removeprefix("https://")
    for listener in planned.all("aws_lb_listener"):
        if arn := planned.text(listener.body.get("certificate_arn")):
            yield arn, listener.region, [host] if host else []


def _of_distributions(planned: Planned) -> Iterator[tuple[str, str, list[str]]]:
    for distribution in planned.all("aws_cloudfront_distribution"):
        for viewers in distribution.blocks("viewer_certificate"):
            if arn := planned.text(viewers.get("acm_certificate_arn")):
                yield arn, EDGE_REGION, list(distribution.body.get("aliases") or [])


def _zone_names(planned: Planned) -> list[str]:
    return sorted(
        {planned.text(each.get("name")).rstrip(".") for each in planned.template.data("aws_route53_zone")} - {""}
    )
