"""Addresses: every network is one, lies where it must, and takes no other's place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import combinations
from typing import NamedTuple

from lib.evidence.reading import blocks, is_known, leaves, referred, resources, text, texts
from lib.evidence.template import Block, Template

Network = IPv4Network | IPv6Network

_VPC = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"
_SUBNET = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html"
_ROUTE = "https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html"
_IP_SET = "https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateIPSet.html"
_NOTATION = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html"

_CIDR_ARGUMENT = re.compile(r"(.*_)?cidrs?(_ipv[46]|_blocks?)?")
_OTHER_CIDRS = {("aws_wafv2_ip_set", "addresses")}
"""What takes networks under another name."""

LARGEST, SMALLEST = 16, 28
"""Length of the prefix of a VPC's and of a subnet's IPv4 network."""

PRIVATE = tuple(IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
"""RFC 1918 and RFC 6598. With any other range, a VPC takes somebody else's addresses off the internet."""
TAKEN = IPv4Network("172.17.0.0/16")
"""Services of AWS use it themselves: `don't use this range when creating your VPC`."""

_DESTINATIONS = ("destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id")


class _Place(NamedTuple):
    """A network of the template's own."""

    address: str
    network: Network


def addresses_are_networks(template: Template) -> list[str]:
    """Wherever a network is asked for, one is written, its address without bits of hosts; WAF takes no /0, and only the
    version that its set is of."""
    found = []
    for kind, address, block in resources(template):
        for leaf in leaves(block):
            name = leaf.path.rpartition(".")[2].removesuffix("[]")
            is_cidr = _CIDR_ARGUMENT.fullmatch(name) or (kind, name) in _OTHER_CIDRS
            if is_cidr and is_known(leaf.value):
                problem = _wrong_notation(leaf.value)
                found += [f"{address}: {leaf.path} {leaf.value!r} {problem}, see {_NOTATION}"] if problem else []
    return [*found, *_wrong_sets(template)]


def network_of(value: object) -> Network | None:
    """The network that a text writes in CIDR notation, its address without bits of hosts; None for all else."""
    try:
        return ip_network(value) if isinstance(value, str) and "/" in value else None
    except ValueError:
        return None


def _wrong_notation(value: str) -> str | None:
    if network_of(value):
        return None
    try:
        return f"has bits of a host: the network is {ip_network(value, strict=False)}" if "/" in value else "has no /"
    except ValueError:
        return "is no network like 10.0.0.0/16"


def _wrong_sets(template: Template) -> Iterator[str]:
    for name, block in template.named("aws_wafv2_ip_set").items():
        version = text(block, "ip_address_version")
        for value in texts(block, "addresses"):
            network = network_of(value)
            if network is not None and f"IPV{network.version}" != version:
                yield f"aws_wafv2_ip_set.{name}: addresses {value!r} is not of {version}, see {_IP_SET}"
            if network is not None and network.prefixlen == 0:
                yield f"aws_wafv2_ip_set.{name}: addresses {value!r} is everything, which WAF refuses, see {_IP_SET}"


def networks_fit_together(template: Template) -> list[str]:
    """VPCs and subnets are of sizes that AWS takes, VPCs in private ranges, subnets inside their VPC and beside each
    other; no table of routes has a destination twice or its VPC's own network."""
    found: list[str] = []
    for vpc in template.named("aws_vpc"):
        found += _wrong_vpc(template, f"aws_vpc.{vpc}")
    return [*found, *_wrong_routes(template)]


def _wrong_vpc(template: Template, vpc: str) -> Iterator[str]:
    own, are_all_known = _networks_of_vpc(template, vpc)
    for place in own:
        yield from (f"{place.address}: {problem}, see {_VPC}" for problem in _wrong_range(place.network))
    yield from _overlaps(own, _VPC)
    subnets = _places(template, "aws_subnet", vpc)
    for address, network in subnets:
        if not LARGEST <= network.prefixlen <= SMALLEST:
            yield f"{address}: cidr_block {network} is not from /{LARGEST} to /{SMALLEST}, see {_SUBNET}"
        if are_all_known and not any(_is_inside(network, place.network) for place in own):
            within = ", ".join(str(place.network) for place in own)
            yield f"{address}: cidr_block {network} is not inside {vpc}, which has {within}, see {_SUBNET}"
    yield from _overlaps(subnets, _SUBNET)


def _networks_of_vpc(template: Template, vpc: str) -> tuple[list[_Place], bool]:
    """Those that the template tells, and whether these are all."""
    primary = _place(vpc, blocks(template).get(vpc, {}))
    secondary_kind = "aws_vpc_ipv4_cidr_block_association"
    secondary = _places(template, secondary_kind, vpc)
    count = sum(referred(each.get("vpc_id")) == vpc for each in template.all(secondary_kind))
    return [*primary, *secondary], bool(primary) and len(secondary) == count


def _places(template: Template, kind: str, vpc: str) -> list[_Place]:
    return [
        place
        for name, block in template.named(kind).items()
        if referred(block.get("vpc_id")) == vpc
        for place in _place(f"{kind}.{name}", block)
    ]


def _place(address: str, block: Block) -> list[_Place]:
    network = network_of(block.get("cidr_block"))
    return [_Place(address, network)] if isinstance(network, IPv4Network) else []


def _wrong_range(network: Network) -> Iterator[str]:
    if not LARGEST <= network.prefixlen <= SMALLEST:
        yield f"cidr_block {network} is not from /{LARGEST} to /{SMALLEST}"
    if not any(_is_inside(network, each) for each in PRIVATE):
        yield f"cidr_block {network} is of none of the private ranges {', '.join(map(str, PRIVATE))}"
    if network.overlaps(TAKEN):
        yield f"cidr_block {network} overlaps {TAKEN}, which services of AWS use themselves"


def _is_inside(inner: Network, outer: Network) -> bool:
    return isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network) and inner.subnet_of(outer)


def _overlaps(places: list[_Place], page: str) -> Iterator[str]:
    for (one, first), (other, second) in combinations(places, 2):
        if first.overlaps(second):
            yield f"{other}: cidr_block {second} overlaps {first} of {one}, see {page}"


def _wrong_routes(template: Template) -> Iterator[str]:
    seen: dict[tuple[str, str], str] = {}
    for name, route in template.named("aws_route").items():
        address, table = f"aws_route.{name}", text(route, "route_table_id")
        for argument in _DESTINATIONS:
            destination = text(route, argument)
            if not destination:
                continue
            other = seen.setdefault((table, destination), address)
            if other != address:
                yield f"{address}: {argument} {destination} is where {other} of the same table goes, see {_ROUTE}"
            if network_of(destination) in _local(template, table):
                yield f"{address}: {argument} {destination} is the VPC's own network, see {_ROUTE}"


def _local(template: Template, table: str) -> list[Network]:
    """The networks of the VPC that a table of routes is of, to which every table has a route by itself."""
    vpc = referred(blocks(template).get(referred(table) or "", {}).get("vpc_id")) or ""
    return [place.network for place in _networks_of_vpc(template, vpc)[0]] if vpc.startswith("aws_vpc.") else []
