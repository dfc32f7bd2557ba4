"""Connections: each edge opens one port, at both ends, and nothing else."""

from __future__ import annotations

import pytest
from constructs import Construct

from lib.components.connections import Connections, Peer
from tests.template import Template

INGRESS = "aws_vpc_security_group_ingress_rule"
EGRESS = "aws_vpc_security_group_egress_rule"
API, CACHE, BALANCER = Peer("api", "sg-api"), Peer("cache", "sg-cache"), Peer("load_balancer", "sg-alb")


@pytest.fixture(scope="module")
def template() -> Template:
    def build(scope: Construct) -> None:
        connections = Connections(scope, "connections")
        connections.allow(API, CACHE, port=6379, why="reads and writes")
        connections.allow_from_internet(BALANCER, port=443, why="HTTPS")
        connections.allow_to_internet(API, port=8443, why="AWS")

    return Template.of_components(build)


def test_an_edge_lets_the_source_out_to_the_target(template: Template) -> None:
    assert template.only(EGRESS, from_port=6379) == {
        "security_group_id": "sg-api",
        "referenced_security_group_id": "sg-cache",
        "ip_protocol": "tcp",
        "from_port": 6379,
        "to_port": 6379,
        "description": "to cache: reads and writes",
    }


def test_an_edge_lets_the_source_in_at_the_target(template: Template) -> None:
    assert template.only(INGRESS, from_port=6379) == {
        "security_group_id": "sg-cache",
        "referenced_security_group_id": "sg-api",
        "ip_protocol": "tcp",
        "from_port": 6379,
        "to_port": 6379,
        "description": "from api: reads and writes",
    }


def test_the_internet_comes_in_at_one_port(template: Template) -> None:
    assert template.only(INGRESS, from_port=443) == {
        "security_group_id": "sg-alb",
        "cidr_ipv4": "0.0.0.0/0",
        "ip_protocol": "tcp",
        "from_port": 443,
        "to_port": 443,
        "description": "from the internet: HTTPS",
    }


def test_the_way_to_the_internet_is_one_port(template: Template) -> None:
    assert template.only(EGRESS, from_port=8443) == {
        "security_group_id": "sg-api",
        "cidr_ipv4": "0.0.0.0/0",
        "ip_protocol": "tcp",
        "from_port": 8443,
        "to_port": 8443,
        "description": "to the internet: AWS",
    }


def test_nothing_else_is_open(template: Template) -> None:
    assert len(template.all(INGRESS)) == 2
    assert len(template.all(EGRESS)) == 2
    assert set(template.document["resource"]) == {INGRESS, EGRESS}


def test_the_same_edge_twice_is_a_mistake() -> None:
    def build(scope: Construct) -> None:
        connections = Connections(scope, "connections")
        connections.allow(API, CACHE, port=6379, why="once")
        connections.allow(API, CACHE, port=6379, why="twice")

    with pytest.raises(RuntimeError, match="already a Construct with name 'api_to_cache_6379_out'"):
        Template.of_components(build)
