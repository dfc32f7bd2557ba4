"""Service: deploys without a gap, has what it needs before its first task starts, and admits a failed deployment."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from cdktf import TerraformOutput
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from lib.components.access import Access
from lib.components.account import Account
from lib.components.cluster import Cluster
from lib.components.connections import Connections, Peer
from lib.components.file_storage import FileStorage
from lib.components.policy import Statement
from lib.components.service import Service
from lib.naming import Names
from lib.settings.services import CapacityProvider, Mount, Scaling
from lib.settings.services import Cluster as ClusterSettings
from lib.settings.services import Service as ServiceSettings
from tests.template import Block, Template, statements

LOG_KEY = "arn:aws:kms:eu-west-1:111122223333:key/logs"
READ_FILES = Statement(sid="ReadFiles", actions=["elasticfilesystem:ClientMount"], resources=["arn:fs"])
WRITE_FILES = Statement(sid="WriteFiles", actions=["elasticfilesystem:ClientWrite"], resources=["arn:fs"])
READ_APPLICATION = Statement(sid="ReadApplication", actions=["secretsmanager:GetSecretValue"], resources=["arn:app"])
READ_PASSWORD = Statement(sid="ReadPassword", actions=["secretsmanager:GetSecretValue"], resources=["arn:db"])
CONNECT = Statement(sid="Connect", actions=["elasticache:Connect"], resources=["arn:cache"])
DATABASE = Access(
    peer=Peer("database", "sg-db"),
    ports=[5432],
    environment={"DATABASE_HOST": "db.example"},
    secrets={"DATABASE_PASSWORD": "arn:db:password::"},
    execution_statements=[READ_PASSWORD],
)
CACHE = Access(
    peer=Peer("cache", "sg-cache"),
    ports=[6379],
    environment={"CACHE_HOST": "cache.example"},
    task_statements=[CONNECT],
)
MADE: dict[str, Service] = {}


class FakeFiles:
    """What a service asks of a file system."""

    file_system_id = "fs-1"
    access_point_id = "fsap-1"

    def __init__(self, scope: Construct) -> None:
        self.mount_targets = [SnsTopic(scope, "mount_target")]

    def task_statements(self, *, read_only: bool) -> list[Statement]:
        return [READ_FILES] if read_only else [READ_FILES, WRITE_FILES]


def add_service(scope: Construct, *, access: tuple[Access, ...] = (), wired: bool = False, **settings: Any) -> Service:
    """wired: with everything that a service may be given."""
    cluster_settings = ClusterSettings(capacity=(CapacityProvider(name="FARGATE_SPOT", base=1, weight=2),))
    extras: dict[str, Any] = {
        "secrets": {"APPLICATION_SECRET": "arn:app"},
        "secret_statements": [READ_APPLICATION],
        "calls": {"ORDERS_URL": "http://orders:9000"},
    }
    return Service(
        scope,
        "service_api",
        name="api",
        names=Names("shop", "dev"),
        settings=ServiceSettings(**settings),
        account=Account(scope, "account", region="eu-west-1"),
        cluster=Cluster(scope, "cluster", names=Names("shop", "dev"), settings=cluster_settings, log_key_arn=LOG_KEY),
        vpc_id="vpc-1",
        subnet_ids=["subnet-a", "subnet-b"],
        listener_arn="arn:listener",
        priority=77,
        load_balancer_arn_suffix="app/shop/1",
        log_key_arn=LOG_KEY,
        access=access,
        files=cast(FileStorage, FakeFiles(scope)),
        **(extras if wired else {}),
    )


def build(**arguments: Any) -> Template:
    def add(scope: Construct) -> None:
        MADE["service"] = add_service(scope, **arguments)

    return Template.of_components(add)


@pytest.fixture(scope="module")
def template() -> Template:
    def add(scope: Construct) -> None:
        service = add_service(
            scope,
            access=(DATABASE, CACHE),
            wired=True,
            environment={"LEVEL": "info", "ORDERS_URL": "overridden"},
            health_check_grace_seconds=75,
            mounts=(Mount(path="/data"), Mount(path="/reports", read_only=True)),
            port=9000,
            scaling=Scaling(min_tasks=3, max_tasks=5),
        )
        for name in (
            "name",
            "arn",
            "task_role_arn",
            "task_definition_arn",
            "target_group_arn",
            "target_group_arn_suffix",
            "log_group_name",
        ):
            TerraformOutput(scope, name, value=getattr(service, name))
        TerraformOutput(scope, "group", value=service.peer.security_group_id)
        TerraformOutput(scope, "dimensions", value=[dict(alarm.dimensions) for alarm in service.alarms()])
        MADE["wired"] = service

    return Template.of_components(add)


@pytest.fixture(scope="module")
def service(template: Template) -> Block:
    return template.only("aws_ecs_service")


def container(template: Template) -> Block:
    (found,) = json.loads(template.only("aws_ecs_task_definition")["container_definitions"])
    return cast(Block, found)


def role_sids(template: Template, part: str) -> list[str]:
    policies = template.where("aws_iam_role_policy", name=f"shop-dev-api-{part}")
    return [statement["Sid"] for policy in policies for statement in statements(policy["policy"])]


class TestTasks:
    def test_run_in_the_private_subnets_without_a_public_address(self, service: Block, template: Template) -> None:
        assert service["network_configuration"] == {
            "subnets": ["subnet-a", "subnet-b"],
            "security_groups": [template.reference("aws_security_group", "id")],
            "assign_public_ip": False,
        }

    def test_have_a_security_group_that_opens_nothing_itself(self, template: Template) -> None:
        assert template.only("aws_security_group") == {
            "name": "shop-dev-api",
            "description": "Tasks of the service api",
            "vpc_id": "vpc-1",
            "tags": {"Name": "shop-dev-api"},
        }
        assert template.all("aws_vpc_security_group_ingress_rule") == []
        assert template.all("aws_vpc_security_group_egress_rule") == []

    def test_are_told_of_themselves_their_stores_and_the_services_they_call(self, template: Template) -> None:
        assert {each["name"]: each["value"] for each in container(template)["environment"]} == {
            "AWS_REGION": "eu-west-1",
            "CACHE_HOST": "cache.example",
            "DATABASE_HOST": "db.example",
            "EXPECTED_SECRETS": "APPLICATION_SECRET DATABASE_PASSWORD",
            "FILES_PATH": "/data",
            "FILES_READ_ONLY": "false",
            "LEVEL": "info",
            "ORDERS_URL": "http://orders:9000",
            "PORT": "9000",
            "SERVICE_NAME": "api",
        }

    def test_get_their_secrets_from_ecs(self, template: Template) -> None:
        assert container(template)["secrets"] == [
            {"name": "APPLICATION_SECRET", "valueFrom": "arn:app"},
            {"name": "DATABASE_PASSWORD", "valueFrom": "arn:db:password::"},
        ]

    def test_ecs_may_read_exactly_these_secrets(self, template: Template) -> None:
        assert role_sids(template, "execution") == ["WriteLogs", "ReadApplication", "ReadPassword"]

    def test_may_use_their_stores_and_files(self, template: Template) -> None:
        assert role_sids(template, "task") == ["Connect", "ReadFiles", "WriteFiles"]

    def test_that_mount_only_to_read_may_only_read(self) -> None:
        assert role_sids(build(mounts=(Mount(path="/data", read_only=True),)), "task") == ["ReadFiles"]

    def test_that_mount_nothing_have_nothing_to_do_with_the_files(self) -> None:
        template = build()
        assert role_sids(template, "task") == []
        assert "aws_sns_topic.mount_target" not in template.only("aws_ecs_service")["depends_on"]

    def test_let_people_in_only_where_the_settings_say(self, service: Block) -> None:
        assert service["enable_execute_command"] is False
        open_template = build(execute_command=True)
        assert open_template.only("aws_ecs_service")["enable_execute_command"] is True
        assert role_sids(open_template, "task") == [
            "OpenSession",
            "FindSessionLog",
            "WriteSessionLog",
            "DecryptSession",
        ]

    def test_run_without_anything_that_is_optional(self) -> None:
        found = container(build(image="example.com/api:1"))
        assert "secrets" not in found
        assert [each["name"] for each in found["environment"]] == ["AWS_REGION", "PORT", "SERVICE_NAME"]


class TestDeployment:
    def test_keeps_all_tasks_until_new_ones_are_there(self, service: Block) -> None:
        assert service["deployment_minimum_healthy_percent"] == 100
        assert service["deployment_maximum_percent"] == 200
        assert service["availability_zone_rebalancing"] == "ENABLED"

    def test_goes_back_by_itself(self, service: Block) -> None:
        assert service["deployment_circuit_breaker"] == {"enable": True, "rollback": True}

    def test_is_no_success_when_ecs_went_back(self, service: Block, template: Template) -> None:
        assert service["wait_for_steady_state"] is True
        deployed = template.reference("aws_ecs_task_definition", "arn")
        assert service["task_definition"] == deployed
        (postcondition,) = service["lifecycle"]["postcondition"]
        expression = deployed.removeprefix("${").removesuffix("}")
        assert postcondition["condition"] == f"${{(self.task_definition == {expression})}}"
        assert "deployment of api failed" in postcondition["error_message"]

    def test_leaves_the_number_of_tasks_to_autoscaling(self, service: Block, template: Template) -> None:
        assert service["desired_count"] == 3
        assert service["lifecycle"]["ignore_changes"] == ["desired_count"]
        target = template.only("aws_appautoscaling_target")
        assert (target["min_capacity"], target["max_capacity"]) == (3, 5)

    def test_does_not_count_failing_checks_at_the_start(self, service: Block) -> None:
        assert service["health_check_grace_period_seconds"] == 75

    def test_runs_where_the_cluster_says_and_says_so(self, service: Block) -> None:
        assert service["capacity_provider_strategy"] == [{"capacity_provider": "FARGATE_SPOT", "base": 1, "weight": 2}]
        assert "launch_type" not in service

    def test_runs_where_the_service_says_otherwise(self) -> None:
        capacity = (
            CapacityProvider(name="FARGATE", base=2, weight=1),
            CapacityProvider(name="FARGATE_SPOT", weight=4),
        )
        assert build(capacity=capacity).only("aws_ecs_service")["capacity_provider_strategy"] == [
            {"capacity_provider": "FARGATE", "base": 2, "weight": 1},
            {"capacity_provider": "FARGATE_SPOT", "base": 0, "weight": 4},
        ]

    def test_may_change_its_strategy(self, service: Block) -> None:
        assert service["force_new_deployment"] is True

    def test_passes_its_tags_on(self, service: Block) -> None:
        assert service["propagate_tags"] == "SERVICE"
        assert service["enable_ecs_managed_tags"] is True
        assert service["tags"] == {"Name": "shop-dev-api"}

    def test_waits_for_rule_capacity_permissions_and_files(self, service: Block, template: Template) -> None:
        def address(kind: str, **arguments: object) -> str:
            return template.reference(kind, "x", **arguments).removeprefix("${").removesuffix(".x}")

        assert service["depends_on"] == [
            address("aws_lb_listener_rule"),
            address("aws_ecs_cluster_capacity_providers"),
            address("aws_iam_role_policy", name="shop-dev-api-execution"),
            address("aws_iam_role_policy", name="shop-dev-api-task"),
            "aws_sns_topic.mount_target",
        ]

    def test_waits_for_what_it_is_told_to(self) -> None:
        def add(scope: Construct) -> None:
            service = add_service(scope)
            connections, store = Connections(scope, "connections"), Construct(scope, "store")
            connections.allow_to_internet(service.peer, port=443, why="AWS")
            SnsTopic(store, "first")
            SnsTopic(store, "second")
            service.start_after(connections, store)

        template = Template.of_components(add)
        depends_on = template.only("aws_ecs_service")["depends_on"]
        ((edge, _),) = template.named("aws_vpc_security_group_egress_rule").items()
        first, second = (name for name in template.named("aws_sns_topic") if name.startswith("store_"))
        assert depends_on[-3:] == [
            f"aws_vpc_security_group_egress_rule.{edge}",
            f"aws_sns_topic.{first}",
            f"aws_sns_topic.{second}",
        ]
        assert depends_on[0].startswith("aws_lb_listener_rule.")


class TestConnections:
    def test_load_balancer_reaches_the_container(self, service: Block, template: Template) -> None:
        assert service["load_balancer"] == [
            {
                "target_group_arn": template.reference("aws_lb_target_group", "arn"),
                "container_name": "api",
                "container_port": 9000,
            }
        ]
        assert container(template)["name"] == "api"
        group, rule = template.only("aws_lb_target_group"), template.only("aws_lb_listener_rule")
        assert (group["vpc_id"], group["port"]) == ("vpc-1", 9000)
        assert (rule["listener_arn"], rule["priority"]) == ("arn:listener", 77)

    def test_other_services_reach_it_by_name(self, service: Block, template: Template) -> None:
        connect = service["service_connect_configuration"]
        assert connect["enabled"] is True
        assert connect["namespace"] == template.reference("aws_service_discovery_http_namespace", "arn")
        assert connect["service"] == [
            {"port_name": "http", "discovery_name": "api", "client_alias": {"dns_name": "api", "port": 9000}}
        ]
        # By this name ECS finds the port in the container.
        assert container(template)["portMappings"][0]["name"] == "http"

    def test_proxy_logs_to_a_group_of_its_own(self, service: Block, template: Template) -> None:
        log = service["service_connect_configuration"]["log_configuration"]
        assert log["log_driver"] == "awslogs"
        assert log["options"] == {
            "awslogs-group": template.reference("aws_cloudwatch_log_group", "name", name="/shop/dev/api/proxy"),
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": "api",
            "mode": "non-blocking",
            "max-buffer-size": "25m",
        }

    def test_logs_are_encrypted_with_the_given_key(self, template: Template) -> None:
        assert {group["kms_key_id"] for group in template.all("aws_cloudwatch_log_group")} == {LOG_KEY}

    def test_autoscaling_follows_this_service(self, template: Template) -> None:
        cluster = template.reference("aws_ecs_cluster", "name")
        name = template.reference("aws_ecs_service", "name")
        assert template.only("aws_appautoscaling_target")["resource_id"] == f"service/{cluster}/{name}"
        policy = template.only("aws_appautoscaling_policy", name="shop-dev-api-requests")
        specification = policy["target_tracking_scaling_policy_configuration"]["predefined_metric_specification"]
        suffix = template.reference("aws_lb_target_group", "arn_suffix")
        assert specification["resource_label"] == f"app/shop/1/{suffix}"
        (rule,) = policy["depends_on"]
        assert rule.startswith("aws_lb_listener_rule.")


class TestWhatOthersWireTo:
    def test_is_what_the_resources_say(self, template: Template) -> None:
        outputs = {name: output["value"] for name, output in template.outputs.items()}
        assert outputs["name"] == template.reference("aws_ecs_service", "name")
        assert outputs["arn"] == template.reference("aws_ecs_service", "arn")
        assert outputs["task_role_arn"] == template.reference("aws_iam_role", "arn", name="shop-dev-api-task")
        assert outputs["task_definition_arn"] == template.reference("aws_ecs_task_definition", "arn")
        assert outputs["target_group_arn"] == template.reference("aws_lb_target_group", "arn")
        assert outputs["target_group_arn_suffix"] == template.reference("aws_lb_target_group", "arn_suffix")
        assert outputs["group"] == template.reference("aws_security_group", "id")
        log_group = template.reference("aws_cloudwatch_log_group", "name", name="/shop/dev/api/application")
        assert outputs["log_group_name"] == log_group

    def test_is_called_by_the_services_name(self, template: Template) -> None:
        assert template.outputs
        assert MADE["wired"].peer.name == "api"

    def test_alarms_watch_this_service_behind_this_load_balancer(self, template: Template) -> None:
        tasks = {
            "ClusterName": template.reference("aws_ecs_cluster", "name"),
            "ServiceName": template.reference("aws_ecs_service", "name"),
        }
        targets = {
            "LoadBalancer": "app/shop/1",
            "TargetGroup": template.reference("aws_lb_target_group", "arn_suffix"),
        }
        assert template.outputs["dimensions"]["value"] == [tasks] * 3 + [targets] * 4
        assert {alarm.unit for alarm in MADE["wired"].alarms()} == {"api"}


def test_addresses_in_the_state_are_a_promise(template: Template) -> None:
    names = {name.rpartition("_")[0] for kind in template.document["resource"] for name in template.named(kind)}
    assert {name.removeprefix("service_api_") for name in names if name.startswith("service_api_")} == {
        "autoscaling_cpu_policy",
        "autoscaling_memory_policy",
        "autoscaling_requests_policy",
        "autoscaling_target",
        "route_listener_rule",
        "route_target_group",
        "security_group",
        "service",
        "tasks_application_log_group",
        "tasks_execution_policy",
        "tasks_execution_role",
        "tasks_proxy_log_group",
        "tasks_task_definition",
        "tasks_task_policy",
        "tasks_task_role",
    }
