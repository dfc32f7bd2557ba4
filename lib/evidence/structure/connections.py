"""Who may talk to whom: the rules of security groups against what the settings declare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from lib.evidence.reading import at, every, number, referred, resources, text, text_table
from lib.evidence.template import Block, Template
from lib.settings import Settings
from lib.settings.data import ServerlessCache

INTERNET = "internet"
_ANYWHERE = "0.0.0.0/0"
_STORES = ("cache", "database", "files")
_ENTRY = "alb"
_GATEWAY = "gateway"
_FLEET = "a fleet"
_ROTATION = "rotation"
_ENTRY_PORTS = (80, 443)
_WAY_OUT_PORT = 443

WEARERS = {
    "aws_lb": ("security_groups", _ENTRY),
    "aws_ecs_service": ("network_configuration.security_groups", None),
    "aws_elasticache_serverless_cache": ("security_group_ids", "cache"),
    "aws_elasticache_replication_group": ("security_group_ids", "cache"),
    "aws_db_instance": ("vpc_security_group_ids", "database"),
    "aws_rds_cluster": ("vpc_security_group_ids", "database"),
    "aws_lambda_function": ("vpc_config.security_group_ids", _ROTATION),
    "aws_launch_template": ("network_interfaces.security_groups", _FLEET),
    "aws_apigatewayv2_vpc_link": ("security_group_ids", _GATEWAY),
    "aws_efs_mount_target": ("security_groups", "files"),
}
"""What wears security groups: by which argument, and which end of a connection it is; None for a service's own name,
`_FLEET` for a fleet's. Of functions one alone is in the VPC."""

_PEERS = ("referenced_security_group_id", "cidr_ipv4", "cidr_ipv6", "prefix_list_id")


class Edge(NamedTuple):
    """`source` may open connections to `target`. An end is the name of a service or fleet, `alb`, `gateway`, a store,
    the internet, or `rotation`: the function that rotates the database's password."""

    source: str
    target: str
    port: int

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}:{self.port}"


def declared(settings: Settings) -> set[Edge]:
    """All the edges that a stack of these settings must have, and no other."""
    balancer = settings.load_balancer
    has_tls = balancer.certificate_arn is not None or balancer.domain_name is not None
    edges: set[Edge] = set()
    if not balancer.internal:
        edges |= {Edge(INTERNET, _ENTRY, port) for port in _ENTRY_PORTS[: 1 + has_tls]}
    if settings.http_api is not None:
        edges.add(Edge(_GATEWAY, _ENTRY, _ENTRY_PORTS[has_tls]))
    cache_ports = {6379, 6380} if isinstance(settings.cache, ServerlessCache) else {6379}
    for name, target in {**settings.services, **settings.fleets}.items():
        wanted = ("cache", "database") if target.connects_to is None else target.connects_to
        edges |= {Edge(_ENTRY, name, target.port), Edge(name, INTERNET, _WAY_OUT_PORT)}
        if settings.cache is not None and "cache" in wanted:
            edges |= {Edge(name, "cache", port) for port in cache_ports}
        if settings.database is not None and "database" in wanted:
            edges |= {Edge(name, "database", 5432), Edge(_ROTATION, "database", 5432)}
            edges.add(Edge(_ROTATION, INTERNET, _WAY_OUT_PORT))
    for name, service in settings.services.items():
        if service.mounts:
            edges.add(Edge(name, "files", 2049))
        edges |= {Edge(name, callee, settings.services[callee].port) for callee in service.calls}
    return edges


def connections_are_declared(template: Template, settings: Settings) -> list[str]:
    """Every declared edge is open at both of its ends, and nothing else is. Who has no edge is an unused store."""
    wanted = declared(settings)
    found = []
    for side in ("ingress", "egress"):
        # Into the internet and out of it there is no rule to have.
        due = {edge for edge in wanted if (edge.target if side == "ingress" else edge.source) != INTERNET}
        there = set(_edges(template, side))
        found += [f"{side}: {edge} is open and not declared" for edge in sorted(there - due)]
        found += [f"{side}: {edge} is declared and not open" for edge in sorted(due - there)]
    unused = set(_STORES) - {edge.target for edge in wanted}
    ruled = {text(rule, "security_group_id") for side in ("ingress", "egress") for rule in template.all(_kind(side))}
    for name in template.named("aws_security_group"):
        end = _end(template, f"${{aws_security_group.{name}.id}}")
        if f"${{aws_security_group.{name}.id}}" not in ruled and end not in unused:
            found.append(f"aws_security_group.{name}: {end} has no rule")
    return found


def connections_are_narrow(template: Template) -> list[str]:
    """A rule is one TCP port, one peer, described, and answered at the other end; the internet comes to 80 and 443
    of the load balancer and is reached at 443 only; groups have no other rules, one wearer, and the default none."""
    found = [*_wrong_groups(template), *_open_default_groups(template)]
    for side in ("ingress", "egress"):
        for name, rule in template.named(_kind(side)).items():
            found += [f"{_kind(side)}.{name}: {problem}" for problem in _wrong_rule(template, side, rule)]
    between = {
        side: {edge for edge in _edges(template, side) if INTERNET not in edge} for side in ("ingress", "egress")
    }
    found += [f"{edge} is let in and not out" for edge in sorted(between["ingress"] - between["egress"])]
    found += [f"{edge} is let out and not in" for edge in sorted(between["egress"] - between["ingress"])]
    return found


def _kind(side: str) -> str:
    return f"aws_vpc_security_group_{side}_rule"


def _edges(template: Template, side: str) -> Iterator[Edge]:
    for rule in template.all(_kind(side)):
        own, peer = _end(template, rule.get("security_group_id")), _peer(template, rule)
        source, target = (peer, own) if side == "ingress" else (own, peer)
        yield Edge(source, target, _port(rule))


def _port(rule: Block) -> int:
    """-1 for all of them."""
    port = number(rule, "to_port")
    return -1 if port is None else int(port)


def _peer(template: Template, rule: Block) -> str:
    if "referenced_security_group_id" in rule:
        return _end(template, rule["referenced_security_group_id"])
    block = rule.get("cidr_ipv4")
    return INTERNET if block == _ANYWHERE else str(block)


def _end(template: Template, group_id: Any) -> str:
    """Whose group it is."""
    return "+".join(sorted(_wearers(template).get(str(group_id), {"nobody"})))


def _wearers(template: Template) -> dict[str, set[str]]:
    """A group's id -> the ends that wear it."""
    found: dict[str, set[str]] = defaultdict(set)
    for kind, address, block in resources(template):
        if kind in WEARERS:
            path, end = WEARERS[kind]
            for group_id in every(block, path):
                found[str(group_id)].add(_name_of(template, address, block) if end in (None, _FLEET) else end)
    return found


def _name_of(template: Template, address: str, block: Block) -> str:
    """What the settings call a service, or a fleet."""
    for name, reference in text_table(template.outputs, "launch_template_ids.value").items():
        if referred(reference) == address:
            return name
    return str(at(block, "load_balancer.container_name"))


def _wrong_groups(template: Template) -> Iterator[str]:
    wearers = _wearers(template)
    for name, group in template.named("aws_security_group").items():
        if "ingress" in group or "egress" in group:
            yield f"aws_security_group.{name}: has rules of its own, which fight with those beside it"
        if not group.get("description"):
            yield f"aws_security_group.{name}: has no description"
        ends = wearers.get(f"${{aws_security_group.{name}.id}}", set())
        if len(ends) != 1:
            yield f"aws_security_group.{name}: is worn by {', '.join(sorted(ends)) or 'nobody'}"
    for kind, address, block in resources(template):
        is_outside = kind == "aws_lambda_function" and "vpc_config" not in block
        if kind in WEARERS and not is_outside and len(every(block, WEARERS[kind][0])) != 1:
            yield f"{address}: wears not one group"
        if kind in ("aws_security_group_rule", "aws_network_interface_sg_attachment"):
            yield f"{address}: opens a connection where nobody looks for it"


def _open_default_groups(template: Template) -> Iterator[str]:
    closed = {
        referred(each.get("vpc_id"))
        for each in template.all("aws_default_security_group")
        if each.get("ingress") == each.get("egress") == []
    }
    for name in template.named("aws_vpc"):
        if f"aws_vpc.{name}" not in closed:
            yield f"aws_vpc.{name}: its default security group is open"


def _wrong_rule(template: Template, side: str, rule: Block) -> Iterator[str]:
    if rule.get("ip_protocol") != "tcp" or _port(rule) < 0 or number(rule, "from_port") != _port(rule):
        yield "is not one TCP port"
    if not rule.get("description"):
        yield "has no description"
    if len([peer for peer in _PEERS if peer in rule]) != 1:
        yield "has not one peer"
    elif "referenced_security_group_id" not in rule:
        yield from _wrong_way_out(template, side, rule)


def _wrong_way_out(template: Template, side: str, rule: Block) -> Iterator[str]:
    end, port = _end(template, rule.get("security_group_id")), _port(rule)
    if rule.get("cidr_ipv4") != _ANYWHERE:
        yield "names addresses, not a group"
    elif side == "ingress" and (end != _ENTRY or port not in _ENTRY_PORTS):
        yield f"lets the internet in to {end}:{port}"
    elif side == "egress" and (end in (_ENTRY, _GATEWAY, *_STORES) or port != _WAY_OUT_PORT):
        yield f"lets {end} out to the internet at {port}"
