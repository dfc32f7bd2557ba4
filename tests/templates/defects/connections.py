"""Templates with a connection too many, too few or too wide."""

from __future__ import annotations

from lib.evidence.structure import connections as checks
from tests.template import Block, Template
from tests.templates.defects.seeding import breaks, copied, first, remove

_IN = "aws_vpc_security_group_ingress_rule"
_OUT = "aws_vpc_security_group_egress_rule"


def group_of(template: Template, part: str) -> str:
    (name,) = [name for name, each in template.named("aws_security_group").items() if each["name"].endswith(f"-{part}")]
    return f"${{aws_security_group.{name}.id}}"


def rule(template: Template, kind: str, part: str, **arguments: object) -> Block:
    return first(template, kind, security_group_id=group_of(template, part), **arguments)


@breaks(checks.connections_are_declared, "ingress: api -> files:2049 is open and not declared")
def an_edge_is_too_many_on_the_way_in(template: Template) -> None:
    rule_ = rule(template, _IN, "database")
    template.named(_IN)["more"] = {
        **rule_,
        "security_group_id": group_of(template, "files"),
        "from_port": 2049,
        "to_port": 2049,
    }


@breaks(checks.connections_are_declared, "egress: admin -> database:5432 is open and not declared", "three-services")
def an_edge_is_too_many_on_the_way_out(template: Template) -> None:
    template.named(_OUT)["more"] = {
        **rule(template, _OUT, "orders", to_port=5432),
        "security_group_id": group_of(template, "admin"),
    }


@breaks(checks.connections_are_declared, "ingress: orders -> shop:8080 is declared and not open", "three-services")
def an_edge_is_missing(template: Template) -> None:
    caller = group_of(template, "orders")
    remove(template, _IN, rule(template, _IN, "shop", referenced_security_group_id=caller))


@breaks(checks.connections_are_declared, "ingress: alb -> api:8081 is open and not declared")
def a_port_is_another(template: Template) -> None:
    rule(template, _IN, "api").update(from_port=8081, to_port=8081)


@breaks(checks.connections_are_declared, "egress: rotation -> database:5432 is declared and not open")
def the_rotation_cannot_reach_the_database(template: Template) -> None:
    remove(template, _OUT, rule(template, _OUT, "rotation", to_port=5432))


@breaks(checks.connections_are_narrow, "wears not one group")
def the_rotation_wears_no_group(template: Template) -> None:
    template.only("aws_lambda_function")["vpc_config"]["security_group_ids"] = []


@breaks(checks.connections_are_declared, "internet -> alb:443 is declared and not open")
def users_cannot_come_in_by_tls(template: Template) -> None:
    remove(template, _IN, rule(template, _IN, "alb", to_port=443))


@breaks(checks.connections_are_declared, "nobody has no rule")
def a_group_is_for_nothing(template: Template) -> None:
    copied(template, "aws_security_group", name="catalog-prod-more")


@breaks(checks.connections_are_declared, "egress: web -> database:5432 is open and not declared", "everything")
def a_fleet_has_an_edge_too_many(template: Template) -> None:
    template.named(_OUT)["more"] = {
        **rule(template, _OUT, "api", to_port=5432),
        "security_group_id": group_of(template, "web"),
    }


@breaks(checks.connections_are_declared, "egress: web -> cache:6379 is declared and not open", "everything")
def a_fleet_has_an_edge_too_few(template: Template) -> None:
    remove(template, _OUT, rule(template, _OUT, "web", to_port=6379))


@breaks(checks.connections_are_declared, "ingress: alb -> own:8081 is open and not declared", "two-fleets")
def a_port_of_a_fleet_is_another(template: Template) -> None:
    rule(template, _IN, "own").update(from_port=8081, to_port=8081)


@breaks(checks.connections_are_declared, "ingress: gateway -> alb:443 is declared and not open", "payments-prod")
def the_http_api_cannot_reach_the_load_balancer(template: Template) -> None:
    remove(template, _IN, rule(template, _IN, "alb"))


@breaks(checks.connections_are_declared, "ingress: internet -> alb:443 is open and not declared", "payments-prod")
def the_internet_reaches_an_internal_load_balancer(template: Template) -> None:
    del (found := rule(template, _IN, "alb"))["referenced_security_group_id"]
    found["cidr_ipv4"] = "0.0.0.0/0"


@breaks(checks.connections_are_narrow, "is not one TCP port")
def a_rule_opens_several_ports(template: Template) -> None:
    rule(template, _IN, "database")["to_port"] = 5440


@breaks(checks.connections_are_narrow, "is not one TCP port")
def a_rule_opens_every_port(template: Template) -> None:
    rule_ = rule(template, _IN, "database")
    del rule_["from_port"], rule_["to_port"]


@breaks(checks.connections_are_narrow, "is not one TCP port")
def a_rule_opens_every_protocol(template: Template) -> None:
    rule(template, _OUT, "api")["ip_protocol"] = "-1"


@breaks(checks.connections_are_narrow, "_rule.api_connections_alb_to_api_8080_in")
def a_rule_does_not_say_why(template: Template) -> None:
    del rule(template, _IN, "api")["description"]


@breaks(checks.connections_are_narrow, "names addresses, not a group")
def a_rule_lets_a_network_in(template: Template) -> None:
    del (found := rule(template, _IN, "database"))["referenced_security_group_id"]
    found["cidr_ipv4"] = "10.0.0.0/16"


@breaks(checks.connections_are_narrow, "has not one peer")
def a_rule_lets_a_group_and_all_of_ipv6_in(template: Template) -> None:
    rule(template, _IN, "database")["cidr_ipv6"] = "::/0"


@breaks(checks.connections_are_narrow, "lets the internet in to database:5432")
def the_database_is_public(template: Template) -> None:
    del (found := rule(template, _IN, "database"))["referenced_security_group_id"]
    found["cidr_ipv4"] = "0.0.0.0/0"


@breaks(checks.connections_are_narrow, "lets the internet in to api:80", "transactions-prod")
def a_service_is_reached_past_the_load_balancer(template: Template) -> None:
    del (found := rule(template, _IN, "api"))["referenced_security_group_id"]
    found["cidr_ipv4"] = "0.0.0.0/0"


@breaks(checks.connections_are_narrow, "lets the internet in to alb:22")
def the_load_balancer_is_open_at_another_port(template: Template) -> None:
    rule(template, _IN, "alb", to_port=80).update(from_port=22, to_port=22)


@breaks(checks.connections_are_narrow, "lets api out to the internet at 25")
def a_service_reaches_more_than_https(template: Template) -> None:
    rule(template, _OUT, "api", to_port=443).update(from_port=25, to_port=25)


@breaks(checks.connections_are_narrow, "lets database out to the internet")
def a_store_reaches_the_internet(template: Template) -> None:
    rule(template, _OUT, "api", cidr_ipv4="0.0.0.0/0")["security_group_id"] = group_of(template, "database")


@breaks(checks.connections_are_narrow, "lets gateway out to the internet at 443", "payments-prod")
def the_http_api_reaches_the_internet(template: Template) -> None:
    rule(template, _OUT, "payments", cidr_ipv4="0.0.0.0/0")["security_group_id"] = group_of(template, "gateway")


@breaks(checks.connections_are_narrow, "lets the internet in to web:8080", "fleet-prod")
def a_fleet_is_reached_past_the_load_balancer(template: Template) -> None:
    del (found := rule(template, _IN, "web"))["referenced_security_group_id"]
    found["cidr_ipv4"] = "0.0.0.0/0"


@breaks(checks.connections_are_narrow, "api -> database:5432 is let out and not in")
def an_edge_is_open_at_one_end_only(template: Template) -> None:
    remove(template, _IN, rule(template, _IN, "database"))


@breaks(checks.connections_are_narrow, "alb -> api:8080 is let in and not out")
def an_edge_is_open_at_the_other_end_only(template: Template) -> None:
    remove(template, _OUT, rule(template, _OUT, "alb"))


@breaks(checks.connections_are_narrow, "has rules of its own")
def a_group_has_rules_inside(template: Template) -> None:
    first(template, "aws_security_group")["ingress"] = [{"protocol": "tcp", "from_port": 22, "to_port": 22}]


@breaks(checks.connections_are_narrow, "has rules of its own")
def a_group_has_a_way_out_inside(template: Template) -> None:
    first(template, "aws_security_group")["egress"] = [{"protocol": "-1", "from_port": 0, "to_port": 0}]


@breaks(checks.connections_are_narrow, "opens a connection where nobody looks")
def a_rule_is_of_the_old_kind(template: Template) -> None:
    template.document["resource"]["aws_security_group_rule"] = {"old": {"type": "ingress"}}


@breaks(checks.connections_are_narrow, "has no description")
def a_group_does_not_say_what_it_is_for(template: Template) -> None:
    del first(template, "aws_security_group")["description"]


@breaks(checks.connections_are_narrow, "is worn by cache, database")
def two_stores_share_a_group(template: Template) -> None:
    template.only("aws_db_instance")["vpc_security_group_ids"] = [group_of(template, "cache")]


@breaks(checks.connections_are_narrow, "wears not one group")
def a_store_has_no_group_and_takes_the_default_one(template: Template) -> None:
    del template.only("aws_elasticache_serverless_cache")["security_group_ids"]


@breaks(checks.connections_are_narrow, "aws_launch_template.web_fleet_template_launch_template", "fleet-prod")
def instances_have_no_group_and_take_the_default_one(template: Template) -> None:
    del template.only("aws_launch_template")["network_interfaces"][0]["security_groups"]


@breaks(checks.connections_are_narrow, "is worn by orders, web", "everything")
def tasks_and_instances_share_a_group(template: Template) -> None:
    template.only("aws_launch_template")["network_interfaces"][0]["security_groups"] = [group_of(template, "orders")]


@breaks(checks.connections_are_narrow, "its default security group is open")
def the_default_group_is_left_as_it_is(template: Template) -> None:
    del template.document["resource"]["aws_default_security_group"]


@breaks(checks.connections_are_narrow, "its default security group is open")
def the_default_group_has_a_rule(template: Template) -> None:
    template.only("aws_default_security_group")["egress"] = [{"protocol": "-1"}]
