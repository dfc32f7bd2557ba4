"""Templates in which a request does not find its way."""

from __future__ import annotations

from lib.evidence.structure import routing as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, copied, first

_RULE = "aws_lb_listener_rule"
_GROUP = "aws_lb_target_group"


@breaks(checks.requests_find_their_way, "is never asked, behind aws_lb_listener_rule.api_", "transactions-prod")
def a_rule_comes_behind_one_that_takes_everything(template: Template) -> None:
    first(template, _RULE, priority=50_000)["priority"] = 1


@breaks(checks.requests_find_their_way, "is never asked, behind aws_lb_listener_rule.orders_", "three-services")
def two_rules_ask_for_the_same(template: Template) -> None:
    copied(template, _RULE, priority=49_999, condition=template.all(_RULE)[1]["condition"])


@breaks(checks.requests_find_their_way, "is at a listener that sends requests away")
def a_rule_is_at_the_listener_that_only_redirects(template: Template) -> None:
    template.only(_RULE)["listener_arn"] = template.reference("aws_lb_listener", "arn", protocol="HTTP")


@breaks(checks.requests_find_their_way, "asks for no path and no host")
def a_rule_asks_for_nothing(template: Template) -> None:
    template.only(_RULE)["condition"] = [{"http_request_method": {"values": ["GET"]}}]


@breaks(checks.requests_find_their_way, "leads nowhere")
def a_rule_answers_by_itself(template: Template) -> None:
    template.only(_RULE)["action"][0]["type"] = "fixed-response"


@breaks(checks.requests_find_their_way, "there are 102 target groups", "transactions-prod")
def a_load_balancer_has_more_target_groups_than_it_may(template: Template) -> None:
    for number in range(100):
        template.named(_GROUP)[f"more{number}"] = template.all(_GROUP)[0]


@breaks(checks.requests_find_their_way, "no request comes to it", "transactions-prod")
def a_target_group_has_no_rule(template: Template) -> None:
    (name,) = [name for name, rule in template.named(_RULE).items() if rule["priority"] != 50_000]
    del template.named(_RULE)[name]


@breaks(checks.requests_find_their_way, "leads to aws_ecs_cluster.")
def a_rule_leads_to_what_is_no_target_group(template: Template) -> None:
    (name,) = template.named("aws_ecs_cluster")
    template.only(_RULE)["action"][0]["target_group_arn"] = f"${{aws_ecs_cluster.{name}.arn}}"


@breaks(checks.requests_find_their_way, "is for ip:8080, and has nothing")
def a_service_is_not_behind_its_rule(template: Template) -> None:
    del template.only("aws_ecs_service")["load_balancer"]


@breaks(checks.requests_find_their_way, "is for instance:8080, and has nothing", "fleet-prod")
def a_fleet_is_not_behind_its_rule(template: Template) -> None:
    del template.only("aws_autoscaling_group")["target_group_arns"]


@breaks(checks.requests_find_their_way, "is for lambda:none, and has nothing", "everything")
def what_is_attached_is_no_function(template: Template) -> None:
    template.only("aws_lb_target_group_attachment")["target_id"] = template.reference("aws_sqs_queue", "arn", **_QUEUE)


_QUEUE = {"name": "catalog-dev-sum-failed"}


@breaks(checks.requests_find_their_way, "is for instance:8080, and has ip:8080")
def a_target_group_of_tasks_is_for_instances(template: Template) -> None:
    template.only(_GROUP)["target_type"] = "instance"


@breaks(checks.requests_find_their_way, "is for ip:8081, and has ip:8080")
def a_target_group_asks_at_another_port(template: Template) -> None:
    template.only(_GROUP)["port"] = 8081


@breaks(checks.requests_find_their_way, "leads to a listener that sends requests away", "payments-prod")
def the_http_api_sends_clients_to_an_address_that_they_cannot_reach(template: Template) -> None:
    listener = template.reference("aws_lb_listener", "arn", protocol="HTTP")
    template.only("aws_apigatewayv2_integration")["integration_uri"] = listener


@breaks(checks.requests_find_their_way, "does not get every request", "payments-prod")
def the_http_api_hands_on_one_path_only(template: Template) -> None:
    template.only("aws_apigatewayv2_route")["route_key"] = "GET /health"


@breaks(checks.requests_find_their_way, "is internal, and nothing in front of it is not")
def nobody_reaches_the_load_balancer(template: Template) -> None:
    template.only("aws_lb")["internal"] = True
