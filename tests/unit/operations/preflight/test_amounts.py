"""How much of a quota a stack takes, and how much is taken."""

from __future__ import annotations

from typing import Any

import pytest

from lib.capacity import Assumptions
from lib.capacity.platform import Platform
from lib.capacity.quotas import uses
from lib.operations.aws import Refused
from lib.operations.preflight import amounts, inventory
from lib.operations.preflight.amounts import Used
from lib.operations.preflight.quotas import QUOTAS, Quota
from lib.settings import load
from tests.unit.operations.preflight.account import OWN_TAGS, TEMPLATES, golden, site

SERVICE = {"task_definition": "${aws_ecs_task_definition.api.arn}", "desired_count": 2}


def quota(name: str) -> Quota:
    (one,) = (each for each in QUOTAS if each.name == name)
    return one


def needs(name: str, resources: Any) -> dict[str, float]:
    return quota(name).need(site(resources))


def used(name: str, resources: Any, **answers: Any) -> list[Used]:
    use = quota(name).use
    assert use
    return list(use(site(resources, {key.replace("__", " "): value for key, value in answers.items()})))


def tasks(cpu: int = 512, **service: Any) -> dict[str, Any]:
    return {
        "aws_ecs_task_definition": {"api": {"cpu": str(cpu)}},
        "aws_ecs_service": {"api": SERVICE | service},
    }


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_is_needed_is_what_capacity_says_of_the_same_settings(name: str) -> None:
    blueprint, _, tier = name.partition("-")
    platform = Platform(load(tier, environ={"TAP_BLUEPRINT": blueprint}), Assumptions(), {})
    by_code = {each.code: each for each in QUOTAS}
    compared = 0
    for use in uses(platform):
        if use.quota.code in by_code and use.quota.code != "L-B99A9384":
            found = by_code[use.quota.code].need(site(golden(name)))
            most = max(found.values())
            assert most == pytest.approx(use.needed), use.quota.meaning
            compared += 1
    assert compared >= 7


class TestFargate:
    def test_tasks_are_as_many_as_scaling_allows_twice_over(self) -> None:
        target = {"max_capacity": 10, "resource_id": "service/c/${aws_ecs_service.api.name}"}
        resources = tasks() | {"aws_appautoscaling_target": {"api": target}}
        assert needs("vCPUs on Fargate", resources) == {"": 10}

    def test_scaling_of_another_service_does_not_count(self) -> None:
        target = {"max_capacity": 10, "resource_id": "service/c/${aws_ecs_service.admin.name}"}
        assert needs("vCPUs on Fargate", tasks() | {"aws_appautoscaling_target": {"admin": target}}) == {"": 2}

    def test_the_maximum_percent_is_of_the_service(self) -> None:
        assert needs("vCPUs on Fargate", tasks(deployment_maximum_percent=150)) == {"": 1.5}

    def test_spot_has_its_share(self) -> None:
        strategy = [
            {"capacity_provider": "FARGATE", "base": 1, "weight": 1},
            {"capacity_provider": "FARGATE_SPOT", "weight": 2},
        ]
        resources = tasks(1024, capacity_provider_strategy=strategy)
        assert needs("vCPUs on Fargate", resources) == {"": 2}
        assert needs("vCPUs on Fargate Spot", resources) == {"": 2}

    def test_a_base_alone_takes_no_more_than_itself(self) -> None:
        strategy = {"capacity_provider": "FARGATE", "base": 1}
        assert needs("vCPUs on Fargate", tasks(1024, capacity_provider_strategy=strategy)) == {"": 1}

    def test_a_service_whose_task_definition_is_elsewhere_needs_nothing_that_is_known(self) -> None:
        assert needs("vCPUs on Fargate", tasks(task_definition="arn:aws:ecs:…:task-definition/api:1")) == {}

    def test_tasks_that_run_are_counted_by_a_hundred(self) -> None:
        arns = [f"arn:task/{number}" for number in range(150)]
        asked = []

        def describe_tasks(tasks: list[str], **_: str) -> dict[str, Any]:
            asked.append(len(tasks))
            return {"tasks": [{"cpu": "1024"} for _ in tasks]}

        found = used(
            "vCPUs on Fargate",
            {},
            ecs__list_clusters={"clusterArns": ["arn:aws:ecs:sa-east-1:1:cluster/other"]},
            ecs__list_tasks={"taskArns": arns},
            ecs__describe_tasks=describe_tasks,
        )
        assert (asked, sum(each.amount for each in found)) == ([100, 50], 150)

    def test_tasks_of_the_own_cluster_and_those_on_spot_are_told_apart(self) -> None:
        answers: dict[str, Any] = {
            "ecs__list_clusters": {"clusterArns": ["arn:aws:ecs:sa-east-1:1:cluster/shop-dev-cluster"]},
            "ecs__list_tasks": {"taskArns": ["one", "two"]},
            "ecs__describe_tasks": {"tasks": [{"cpu": "512"}, {"cpu": "256", "capacityProviderName": "FARGATE_SPOT"}]},
        }
        cluster = {"aws_ecs_cluster": {"cluster": {"name": "shop-dev-cluster"}}}
        assert used("vCPUs on Fargate", cluster, **answers) == [Used(0.5, True)]
        assert used("vCPUs on Fargate Spot", {}, **answers) == [Used(0.25, False)]


FLEET: dict[str, Any] = {
    "aws_launch_template": {
        "web": {
            "instance_type": "m7i.large",
            "block_device_mappings": [{"ebs": {"volume_size": 512, "volume_type": "gp3"}}, {"no_device": "x"}],
        }
    },
    "aws_autoscaling_group": {
        "web": {"name": "shop-dev-web", "max_size": 4, "launch_template": {"id": "${aws_launch_template.web.id}"}}
    },
}


class TestInstances:
    def test_vcpus_are_those_of_the_group_s_most(self) -> None:
        assert needs("vCPUs of standard instances", FLEET) == {"": 8}

    @pytest.mark.parametrize("preferences", [{"max_healthy_percentage": 150}, [{"max_healthy_percentage": 150}]])
    def test_there_are_more_while_instances_are_replaced(self, preferences: Any) -> None:
        group = FLEET["aws_autoscaling_group"]["web"] | {"instance_refresh": {"preferences": preferences}}
        assert needs("vCPUs of standard instances", FLEET | {"aws_autoscaling_group": {"web": group}}) == {"": 12}

    def test_other_families_have_quotas_of_their_own(self) -> None:
        other = {"web": {"instance_type": "inf2.xlarge"}}
        assert needs("vCPUs of standard instances", FLEET | {"aws_launch_template": other}) == {}

    def test_a_group_without_a_launch_template_of_the_stack_is_not_known(self) -> None:
        other = {"aws_autoscaling_group": {"web": {"max_size": 4}}}
        assert needs("vCPUs of standard instances", other) == {}
        assert needs("TiB of gp3 disks", other) == {}

    def test_disks_are_counted_in_tib(self) -> None:
        assert needs("TiB of gp3 disks", FLEET) == {"": 2}

    def test_disks_in_use_are_ours_by_their_tags(self) -> None:
        volumes = {"Volumes": [{"Size": 512, "Tags": OWN_TAGS}, {"Size": 1024}]}
        assert used("TiB of gp3 disks", FLEET, ec2__describe_volumes=volumes) == [Used(0.5, True), Used(1, False)]

    def test_instances_in_use_are_ours_by_their_group_and_spot_is_left_out(self) -> None:
        own = {"InstanceType": "m7i.large", "Tags": [{"Key": "aws:autoscaling:groupName", "Value": "shop-dev-web"}]}
        other, spot = {"InstanceType": "m7i.large"}, {"InstanceType": "m7i.large", "InstanceLifecycle": "spot"}
        answer = {"Reservations": [{"Instances": [own, other, spot]}, {"Instances": [{"InstanceType": "p5.48xlarge"}]}]}
        found = used("vCPUs of standard instances", FLEET, ec2__describe_instances=answer)
        assert found == [Used(2, True), Used(2, False)]


class TestNetwork:
    def test_rules_of_a_group_are_those_of_the_fullest_and_of_one_direction(self) -> None:
        rules = {
            "aws_vpc_security_group_ingress_rule": {name: {"security_group_id": "a"} for name in "xyz"},
            "aws_vpc_security_group_egress_rule": {"x": {"security_group_id": "a"}, "y": {"security_group_id": "b"}},
        }
        assert needs("rules of a security group, of one direction", rules) == {"": 3}

    def test_rules_of_a_load_balancer_are_those_of_all_its_listeners(self) -> None:
        resources = {
            "aws_lb_listener": {name: {"load_balancer_arn": "${aws_lb.alb.arn}"} for name in "ab"},
            "aws_lb_listener_rule": {
                "one": {"listener_arn": "${aws_lb_listener.a.arn}"},
                "two": {"listener_arn": "${aws_lb_listener.b.arn}"},
                "elsewhere": {"listener_arn": "arn:aws:elasticloadbalancing:listener"},
            },
        }
        assert needs("rules of a load balancer", resources) == {"": 2}

    def test_nat_gateways_are_used_by_zone_and_not_after_their_end(self) -> None:
        found = used(
            "NAT gateways in a zone",
            {},
            ec2__describe_subnets={"Subnets": [{"SubnetId": "s-1", "AvailabilityZone": "sa-east-1a"}]},
            ec2__describe_nat_gateways={
                "NatGateways": [
                    {"NatGatewayId": "one", "SubnetId": "s-1", "State": "available", "Tags": OWN_TAGS},
                    {"NatGatewayId": "two", "SubnetId": "s-2", "State": "pending"},
                    {"NatGatewayId": "gone", "SubnetId": "s-1", "State": "deleted"},
                ]
            },
        )
        assert found == [Used(1, True, "sa-east-1a"), Used(1, False, "")]


class TestStores:
    def test_storage_of_instances_is_as_much_as_it_may_become(self) -> None:
        databases = {"one": {"allocated_storage": 20, "max_allocated_storage": 100}, "two": {"allocated_storage": 50}}
        assert needs("GB of database instances", {"aws_db_instance": databases}) == {"": 150}

    def test_aurora_has_no_storage_of_instances(self) -> None:
        there = [{"Engine": "aurora-postgresql", "AllocatedStorage": 1}, {"Engine": "postgres", "AllocatedStorage": 30}]
        found = used("GB of database instances", {}, rds__describe_db_instances={"DBInstances": there})
        assert found == [Used(30, False)]

    def test_servers_of_aurora_are_database_instances(self) -> None:
        resources = {"aws_rds_cluster_instance": {"one": {"identifier": "shop-dev-database-1"}}}
        there = {"DBInstances": [{"DBInstanceIdentifier": "shop-dev-database-1"}, {"DBInstanceIdentifier": "other"}]}
        assert needs("database instances", resources) == {"": 1}
        found = used("database instances", resources, rds__describe_db_instances=there)
        assert found == [Used(1, True), Used(1, False)]

    def test_nodes_of_the_own_cache_are_ours(self) -> None:
        resources = {
            "aws_elasticache_replication_group": {
                "c": {"replication_group_id": "shop-dev-cache", "num_cache_clusters": 2}
            }
        }
        there = [{"NumCacheNodes": 1, "ReplicationGroupId": "shop-dev-cache"}, {"NumCacheNodes": 3}]
        assert needs("cache nodes", resources) == {"": 2}
        found = used("cache nodes", resources, elasticache__describe_cache_clusters={"CacheClusters": there})
        assert found == [Used(1, True), Used(3, False)]

    def test_keys_of_aws_do_not_count_and_ours_are_told_by_their_aliases(self) -> None:
        resources = {"aws_kms_key": {"logs": {}}, "aws_kms_alias": {"logs": {"name": "alias/shop/dev/logs"}}}
        aliases = [
            {"AliasName": "alias/aws/s3", "TargetKeyId": "aws"},
            {"AliasName": "alias/shop/dev/logs", "TargetKeyId": "own"},
            {"AliasName": "alias/aws/unused"},
        ]
        keys = {"Keys": [{"KeyId": "aws"}, {"KeyId": "own"}, {"KeyId": "other"}]}
        assert needs("KMS keys", resources) == {"": 1}
        found = used("KMS keys", resources, kms__list_keys=keys, kms__list_aliases={"Aliases": aliases})
        assert found == [Used(1, True), Used(1, False)]


class TestInvocations:
    def test_a_function_without_a_reservation_needs_one(self) -> None:
        assert needs("invocations at one time", {"aws_lambda_function": {"f": {}}}) == {"": 1}

    def test_a_reservation_leaves_a_hundred_to_others(self) -> None:
        function = {"reserved_concurrent_executions": 20}
        assert needs("invocations at one time", {"aws_lambda_function": {"f": function, "g": {}}}) == {"": 120}

    def test_what_the_own_function_reserves_already_is_ours(self) -> None:
        functions = {"aws_lambda_function": {"f": {"function_name": "own"}, "g": {"function_name": "new"}}}

        def concurrency(**parameters: str) -> Any:
            own = parameters["FunctionName"] == "own"
            return {"ReservedConcurrentExecutions": 20} if own else "ResourceNotFoundException"

        limits = {"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 900}}
        found = used(
            "invocations at one time",
            functions,
            lambda__get_account_settings=limits,
            lambda__get_function_concurrency=concurrency,
        )
        assert found == [Used(80, False), Used(20, True)]

    def test_another_refusal_is_told(self) -> None:
        functions = {"aws_lambda_function": {"f": {"function_name": "own"}}}
        with pytest.raises(Refused):
            used("invocations at one time", functions, lambda__get_function_concurrency="AccessDenied")


class TestLogPolicies:
    def test_firewall_and_http_api_need_one_together(self) -> None:
        stage = {"aws_apigatewayv2_stage": {"s": {"access_log_settings": {}}, "t": {"access_log_settings": {"a": 1}}}}
        assert needs("log resource policies", stage) == {"": 1}
        assert needs("log resource policies", {"aws_wafv2_web_acl_logging_configuration": {"w": {}}}) == {"": 1}
        assert needs("log resource policies", {}) == {}

    def test_the_policy_for_deliveries_serves_the_stack_too(self) -> None:
        there = [{"policyDocument": "delivery.logs.amazonaws.com"}, {"policyDocument": "es.amazonaws.com"}]
        found = used("log resource policies", {}, logs__describe_resource_policies={"resourcePolicies": there})
        assert found == [Used(1, True), Used(1, False)]


def test_policies_of_a_role_are_those_of_the_fullest() -> None:
    attached = {name: {"role": "a" if name != "z" else "b"} for name in "xyz"}
    assert needs("managed policies of a role", {"aws_iam_role_policy_attachment": attached}) == {"": 2}


def test_a_list_of_names_is_read_to_their_ends() -> None:
    place = site(
        {"aws_sqs_queue": {"q": {"name": "own"}}},
        {"sqs list_queues": {"QueueUrls": ["https://sqs/1/own", "https://sqs/1/x"]}},
    )
    assert [(each.name, each.is_own) for each in inventory.QUEUE.things(place)] == [("own", True), ("x", False)]


def test_a_member_within_a_member_may_be_absent() -> None:
    assert list(inventory.DISTRIBUTION.things(site({}, {"cloudfront list_distributions": {}}))) == []
    items = {"DistributionList": {"Items": [{"Comment": "other"}]}}
    (other,) = inventory.DISTRIBUTION.things(site({}, {"cloudfront list_distributions": items}))
    assert other.name == "other"


def test_amounts_of_nothing_are_no_rows() -> None:
    assert amounts.number_of("aws_vpc")(site({})) == {}
