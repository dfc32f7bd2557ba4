"""Templates in which addresses are none, lie outside or are taken twice."""

from __future__ import annotations

from lib.evidence.structure import address_space as checks
from tests.template import Block, Template
from tests.templates.defects.seeding import breaks, copied, first


def secondary(template: Template, cidr: str) -> None:
    """Gives the VPC a second network."""
    block = {"vpc_id": template.reference("aws_vpc", "id"), "cidr_block": cidr}
    template.document["resource"]["aws_vpc_ipv4_cidr_block_association"] = {"more": block}


def to_anywhere(template: Template) -> Block:
    return first(template, "aws_route", destination_cidr_block="0.0.0.0/0")


@breaks(checks.addresses_are_networks, "cidr_block '10.0.8.5/24' has bits of a host: the network is 10.0.8.0/24")
def a_network_is_an_address_in_it(template: Template) -> None:
    first(template, "aws_subnet", cidr_block="10.0.8.0/24")["cidr_block"] = "10.0.8.5/24"


@breaks(checks.addresses_are_networks, "destination_cidr_block '10.0.0.256/32' is no network like 10.0.0.0/16")
def a_part_of_an_address_is_above_255(template: Template) -> None:
    copied(template, "aws_route", destination_cidr_block="10.0.0.256/32")


@breaks(checks.addresses_are_networks, "ingress[].cidr_blocks[] '203.0.113.7' has no /")
def an_address_stands_for_a_network(template: Template) -> None:
    rule = {"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["203.0.113.7", "${var.office}"]}
    first(template, "aws_security_group")["ingress"] = [rule]


@breaks(checks.addresses_are_networks, "addresses[] '10.0.0.1/16' has bits of a host", "payments-prod")
def a_set_of_the_firewall_has_an_address(template: Template) -> None:
    template.only("aws_wafv2_ip_set")["addresses"] = ["10.0.0.1/16"]


@breaks(checks.addresses_are_networks, "addresses '2001:db8::/32' is not of IPV4", "payments-prod")
def a_set_of_the_firewall_has_another_version(template: Template) -> None:
    template.only("aws_wafv2_ip_set")["addresses"] = ["2001:db8::/32"]


@breaks(checks.addresses_are_networks, "addresses '0.0.0.0/0' is everything", "payments-prod")
def a_set_of_the_firewall_has_everything(template: Template) -> None:
    template.only("aws_wafv2_ip_set")["addresses"] = ["0.0.0.0/0"]


@breaks(checks.networks_fit_together, "cidr_block 10.0.0.0/8 is not from /16 to /28")
def a_vpc_is_too_large(template: Template) -> None:
    template.only("aws_vpc")["cidr_block"] = "10.0.0.0/8"


@breaks(checks.networks_fit_together, "cidr_block 11.0.0.0/16 is of none of the private ranges")
def a_vpc_takes_the_addresses_of_others(template: Template) -> None:
    template.only("aws_vpc")["cidr_block"] = "11.0.0.0/16"


@breaks(checks.networks_fit_together, "cidr_block 172.17.0.0/16 overlaps 172.17.0.0/16, which services of AWS use")
def a_vpc_takes_what_services_use(template: Template) -> None:
    template.only("aws_vpc")["cidr_block"] = "172.17.0.0/16"


@breaks(checks.networks_fit_together, "cidr_block 10.1.8.0/24 is not inside aws_vpc.network_vpc_4E8F0223")
def a_subnet_is_outside_its_vpc(template: Template) -> None:
    first(template, "aws_subnet", cidr_block="10.0.8.0/24")["cidr_block"] = "10.1.8.0/24"


@breaks(checks.networks_fit_together, "cidr_block 10.0.8.0/29 is not from /16 to /28")
def a_subnet_is_too_small(template: Template) -> None:
    first(template, "aws_subnet", cidr_block="10.0.8.0/24")["cidr_block"] = "10.0.8.0/29"


@breaks(checks.networks_fit_together, "cidr_block 10.0.8.0/24 overlaps 10.0.8.0/22 of aws_subnet.")
def two_subnets_overlap(template: Template) -> None:
    one, _ = [each for each in template.all("aws_subnet") if each["cidr_block"] in ("10.0.8.0/24", "10.0.9.0/24")][:2]
    one["cidr_block"] = "10.0.8.0/22"
    copied(template, "aws_subnet", cidr_block="10.0.8.0/24")


@breaks(checks.networks_fit_together, "cidr_block 10.0.0.0/20 overlaps 10.0.0.0/16 of aws_vpc.")
def the_second_network_of_a_vpc_is_in_the_first(template: Template) -> None:
    secondary(template, "10.0.0.0/20")


@breaks(
    checks.networks_fit_together, "cidr_block 10.9.0.0/24 is not inside aws_vpc.network_vpc_4E8F0223, which has 10.0"
)
def a_subnet_is_in_neither_network_of_its_vpc(template: Template) -> None:
    secondary(template, "10.1.0.0/16")
    first(template, "aws_subnet")["cidr_block"] = "10.9.0.0/24"


@breaks(checks.networks_fit_together, "destination_cidr_block 0.0.0.0/0 is where aws_route.")
def a_table_has_two_ways_to_one_place(template: Template) -> None:
    copied(template, "aws_route")


@breaks(checks.networks_fit_together, "destination_cidr_block 10.0.0.0/16 is the VPC's own network")
def a_route_leads_the_vpc_s_own_traffic_out(template: Template) -> None:
    copied(template, "aws_route", destination_cidr_block="10.0.0.0/16")
