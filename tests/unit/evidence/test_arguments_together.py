"""What fits together passes, and what only Terraform knows is left to it: the other side of the seeded defects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.evidence.structure.address_space import addresses_are_networks, networks_fit_together
from lib.evidence.structure.capacity_bounds import capacity_is_within_bounds
from lib.evidence.structure.containers import containers_fit_together
from lib.evidence.structure.database_storage import databases_have_their_storage
from lib.evidence.structure.permissions import policies_are_documents
from lib.evidence.structure.priorities import priorities_are_clear
from lib.evidence.structure.retention import nothing_outlives_itself
from lib.evidence.structure.task_sizes import tasks_have_a_size
from lib.evidence.structure.timeouts import timeouts_fit_together
from tests.template import Template


def of(kind: str, **arguments: Any) -> Template:
    """A template of one resource."""
    return Template({"resource": {kind: {"one": arguments}}})


def with_subnets(vpc: dict[str, Any], *cidrs: str, secondary: str | None = None) -> Template:
    subnets = {f"s{number}": {"vpc_id": "${aws_vpc.v.id}", "cidr_block": cidr} for number, cidr in enumerate(cidrs)}
    second = {"more": {"vpc_id": "${aws_vpc.v.id}", "cidr_block": secondary}} if secondary else {}
    kinds = {"aws_vpc": {"v": vpc}, "aws_subnet": subnets, "aws_vpc_ipv4_cidr_block_association": second}
    return Template({"resource": kinds})


class TestNetworks:
    @pytest.mark.parametrize("cidr", ["10.0.0.0/16", "172.16.0.0/16", "192.168.4.0/28", "100.64.0.0/20"])
    def test_of_private_ranges_are_taken(self, cidr: str) -> None:
        assert networks_fit_together(with_subnets({"cidr_block": cidr})) == []

    def test_of_subnets_may_be_in_either_of_the_vpc_s(self) -> None:
        template = with_subnets({"cidr_block": "10.0.0.0/24"}, "10.0.0.0/25", "10.1.0.0/25", secondary="10.1.0.0/24")
        assert networks_fit_together(template) == []

    @pytest.mark.parametrize("secondary", ["${var.more}", "10.1.0.0"])
    def test_of_subnets_may_be_in_one_that_nobody_knows(self, secondary: str) -> None:
        template = with_subnets({"cidr_block": "10.0.0.0/24"}, "10.9.0.0/25", secondary=secondary)
        assert networks_fit_together(template) == []

    def test_of_subnets_may_be_in_a_vpc_of_a_pool(self) -> None:
        assert networks_fit_together(with_subnets({"ipv4_ipam_pool_id": "ipam-pool-1"}, "10.9.0.0/25")) == []

    def test_of_subnets_may_be_those_of_another_vpc(self) -> None:
        template = with_subnets({"cidr_block": "10.0.0.0/16"}, "10.0.0.0/24")
        template.document["resource"]["aws_subnet"]["other"] = {"vpc_id": "vpc-1", "cidr_block": "10.0.0.0/24"}
        assert networks_fit_together(template) == []

    def test_that_are_computed_are_left(self) -> None:
        cidr = "${cidrsubnet(aws_vpc.v.cidr_block, 4, 2)}"
        template = with_subnets({"cidr_block": "10.0.0.0/16"}, cidr, cidr)
        assert networks_fit_together(template) == addresses_are_networks(template) == []

    def test_of_ipv6_are_networks_too(self) -> None:
        rule = {"ipv6_cidr_blocks": ["::/0", "2001:db8::/32"], "cidr_blocks": []}
        assert addresses_are_networks(of("aws_security_group", ingress=[rule])) == []

    def test_of_ipv6_may_be_of_a_set_of_ipv6(self) -> None:
        template = of("aws_wafv2_ip_set", ip_address_version="IPV6", addresses=["2001:db8::/32"])
        assert addresses_are_networks(template) == []

    def test_that_are_no_arguments_for_one_may_be_called_anything(self) -> None:
        assert addresses_are_networks(of("aws_instance", private_ip="10.0.0.7", tags={"cidr_owner": "me"})) == []

    def test_of_routes_may_be_the_same_in_two_tables(self) -> None:
        routes = {name: {"route_table_id": f"rtb-{name}", "destination_cidr_block": "0.0.0.0/0"} for name in "ab"}
        assert networks_fit_together(Template({"resource": {"aws_route": routes}})) == []


def task(*containers: dict[str, Any], **arguments: Any) -> Template:
    return of("aws_ecs_task_definition", container_definitions=json.dumps(containers), **arguments)


FARGATE: dict[str, Any] = {"requires_compatibilities": ["FARGATE"], "network_mode": "awsvpc"}
WINDOWS: dict[str, Any] = {"operating_system_family": "WINDOWS_SERVER_2022_CORE", "cpu_architecture": "X86_64"}


class TestTasks:
    @pytest.mark.parametrize(
        ("cpu", "memory"), [("256", "512"), (1024, 8192), ("1 vCPU", "2 GB"), ("16384", "122880"), ("${var.cpu}", "1")]
    )
    def test_of_fargate_s_sizes_fit(self, cpu: Any, memory: Any) -> None:
        assert tasks_have_a_size(task(cpu=cpu, memory=memory, **FARGATE)) == []

    def test_of_windows_fit_in_its_sizes(self) -> None:
        assert tasks_have_a_size(task(cpu="1024", memory="2048", runtime_platform=WINDOWS, **FARGATE)) == []

    def test_on_instances_have_any_size(self) -> None:
        assert tasks_have_a_size(task({"memory": 300}, cpu="300", network_mode="bridge")) == []
        assert tasks_have_a_size(task({"memoryReservation": 300})) == []

    def test_hold_containers_that_need_all_of_them(self) -> None:
        half = {"cpu": 128, "memory": 256, "memoryReservation": 128}
        assert tasks_have_a_size(task(half, half, cpu="256", memory="512", **FARGATE)) == []

    def test_of_another_size_are_told_the_sizes_that_there_are(self) -> None:
        (finding,) = tasks_have_a_size(task(cpu="512", memory="512", **FARGATE))
        assert "memory 512 is not what Fargate has for cpu 512: 1024, 2048, 3072, 4096, see https://" in finding

    def test_have_storage_within_bounds(self) -> None:
        for gib in (21, 200):
            sized = task(cpu="256", memory="512", ephemeral_storage={"size_in_gib": gib}, **FARGATE)
            assert tasks_have_a_size(sized) == []


class TestContainers:
    def test_wait_for_each_other_in_one_direction(self) -> None:
        web = {
            "name": "web",
            "dependsOn": [
                {"containerName": "migrate", "condition": "SUCCESS"},
                {"containerName": "proxy", "condition": "HEALTHY"},
            ],
        }
        proxy = {"name": "proxy", "healthCheck": {"command": ["true"], "timeout": 30}}
        assert containers_fit_together(task(web, {"name": "migrate", "essential": False}, proxy)) == []

    def test_name_volumes_and_sources_that_are_there(self) -> None:
        web = {
            "name": "web",
            "mountPoints": [{"sourceVolume": "data"}, {"sourceVolume": "${var.volume}"}],
            "volumesFrom": [{"sourceContainer": "side"}],
        }
        assert containers_fit_together(task(web, {"name": "side"}, volume={"name": "data"})) == []

    def test_are_asked_every_30_seconds_where_nothing_is_said(self) -> None:
        (finding,) = containers_fit_together(task({"name": "web", "healthCheck": {"timeout": 31}}))
        assert "container web: healthCheck.timeout 31 is longer than its interval 30" in finding

    def test_behind_a_bridge_share_ports(self) -> None:
        ports = [{"containerPort": 80, "hostPort": 0}, {"containerPort": 80, "hostPort": 8080}]
        web, side = ({"name": name, "portMappings": [port]} for name, port in zip("ab", ports, strict=True))
        assert containers_fit_together(task(web, side, network_mode="bridge")) == []
        (finding, other) = containers_fit_together(task(web, side, network_mode="awsvpc"))
        assert "2 containers listen at tcp 80" in finding
        assert "hostPort 8080 is not containerPort 80" in other

    def test_listen_at_one_port_in_two_protocols(self) -> None:
        ports = [{"containerPort": 53, "protocol": "udp"}, {"containerPort": 53}, {"name": "x", "containerPort": "53a"}]
        assert containers_fit_together(task({"name": "dns", "portMappings": ports}, network_mode="awsvpc")) == []

    def test_that_only_terraform_knows_are_left(self) -> None:
        template = of("aws_ecs_task_definition", container_definitions="${jsonencode(local.containers)}")
        service = {
            "task_definition": "${aws_ecs_task_definition.one.arn}",
            "load_balancer": {"container_name": "web", "container_port": 80},
        }
        template.document["resource"]["aws_ecs_service"] = {"one": service}
        assert containers_fit_together(template) == []

    def test_are_named_by_a_service_that_only_terraform_knows(self) -> None:
        template = task({"name": "web", "portMappings": {"name": "http", "containerPort": 80}})
        service = {
            "task_definition": "${aws_ecs_task_definition.one.arn}",
            "load_balancer": {"container_name": "${var.container}", "container_port": 80},
            "service_connect_configuration": {"service": {"port_name": "${var.port}"}},
        }
        template.document["resource"]["aws_ecs_service"] = {"one": service}
        assert containers_fit_together(template) == []


class TestCapacity:
    @pytest.mark.parametrize(
        "bounds",
        [
            {"min_size": 1, "max_size": 1},
            {"min_size": 0, "desired_capacity": 2, "max_size": 2, "min_elb_capacity": 2},
            {"min_size": "${var.least}", "max_size": 2},
            {"instance_refresh": {"preferences": {"min_healthy_percentage": 100, "max_healthy_percentage": 200}}},
            {"instance_refresh": {"preferences": {"min_healthy_percentage": 50}}},
        ],
    )
    def test_of_groups_is_in_order(self, bounds: dict[str, Any]) -> None:
        assert capacity_is_within_bounds(of("aws_autoscaling_group", **bounds)) == []

    def test_of_a_schedule_may_be_left_as_it_is(self) -> None:
        kind = "aws_autoscaling_schedule"
        assert capacity_is_within_bounds(of(kind, min_size=1, desired_capacity=-1, max_size=3)) == []
        (finding,) = capacity_is_within_bounds(of(kind, min_size=1, desired_capacity=0))
        assert finding.startswith(f"{kind}.one: min_size 1 is more than desired_capacity 0, see https://")

    @pytest.mark.parametrize(
        "deployment",
        [
            {"desired_count": 1},
            {"desired_count": 2, "deployment_maximum_percent": 150},
            {"desired_count": 1, "deployment_minimum_healthy_percent": 0, "deployment_maximum_percent": 100},
            {"desired_count": 0, "deployment_maximum_percent": 100},
            {"desired_count": "${var.count}", "deployment_maximum_percent": 100},
            {"desired_count": 1, "deployment_maximum_percent": "${var.most}"},
            {"desired_count": 1, "deployment_maximum_percent": 100, "scheduling_strategy": "DAEMON"},
            {"desired_count": 1, "deployment_maximum_percent": 100, "deployment_controller": {"type": "CODE_DEPLOY"}},
        ],
    )
    def test_of_deployments_leaves_room(self, deployment: dict[str, Any]) -> None:
        assert capacity_is_within_bounds(of("aws_ecs_service", **deployment)) == []

    @pytest.mark.parametrize(
        "deployment",
        [
            {"desired_count": 1, "deployment_maximum_percent": 199},
            {"desired_count": 3, "deployment_minimum_healthy_percent": 67, "deployment_maximum_percent": 133},
        ],
    )
    def test_of_deployments_that_is_rounded_away_leaves_none(self, deployment: dict[str, Any]) -> None:
        (finding,) = capacity_is_within_bounds(of("aws_ecs_service", **deployment))
        assert "let no task start and none stop" in finding

    def test_of_one_provider_may_have_a_base_and_another_the_weight(self) -> None:
        strategy = [{"base": 1, "weight": 0}, {"base": 0, "weight": "3"}]
        assert capacity_is_within_bounds(of("aws_ecs_service", capacity_provider_strategy=strategy)) == []

    def test_of_aurora_comes_in_halves(self) -> None:
        scaling = {"min_capacity": 0.5, "max_capacity": 128}
        assert capacity_is_within_bounds(of("aws_rds_cluster", serverlessv2_scaling_configuration=scaling)) == []

    def test_of_a_cache_without_failover_may_be_one_node(self) -> None:
        assert capacity_is_within_bounds(of("aws_elasticache_replication_group", num_cache_clusters=1)) == []


def mapping(queue: dict[str, Any], function: dict[str, Any], **arguments: Any) -> Template:
    source = {
        "event_source_arn": "${aws_sqs_queue.q.arn}",
        "function_name": "${aws_lambda_function.f.arn}",
        **arguments,
    }
    kinds = {"aws_sqs_queue": {"q": queue}, "aws_lambda_function": {"f": function}}
    return Template({"resource": {**kinds, "aws_lambda_event_source_mapping": {"m": source}}})


class TestTimeouts:
    @pytest.mark.parametrize(
        "group",
        [
            {},
            {"health_check": {"timeout": 29, "interval": 30}},
            {"health_check": {"timeout": 29}},
            {"health_check": {"interval": 7}},
            {"health_check": {"enabled": False, "timeout": 60}},
            {"target_type": "lambda", "health_check": {"timeout": 34}},
        ],
    )
    def test_of_health_checks_are_shorter_than_their_interval(self, group: dict[str, Any]) -> None:
        assert timeouts_fit_together(of("aws_lb_target_group", **group)) == []

    def test_of_classic_load_balancers_may_be_half_unknown(self) -> None:
        assert timeouts_fit_together(of("aws_elb", health_check={"timeout": 5})) == []
        assert timeouts_fit_together(of("aws_elb", health_check={"timeout": 5, "interval": 6})) == []
        (finding,) = timeouts_fit_together(of("aws_elb", health_check={"timeout": 6, "interval": 6}))
        assert "health_check.timeout 6 is not less than health_check.interval 6" in finding

    @pytest.mark.parametrize(
        ("queue", "function"),
        [
            ({}, {}),
            ({}, {"timeout": 30}),
            ({"visibility_timeout_seconds": 360}, {"timeout": 60}),
            ({"visibility_timeout_seconds": "${var.hidden}"}, {"timeout": 60}),
            ({}, {"timeout": "${var.works}"}),
        ],
    )
    def test_of_messages_are_as_long_as_that_of_their_function(self, queue: Any, function: Any) -> None:
        assert timeouts_fit_together(mapping(queue, function)) == []

    @pytest.mark.parametrize(
        "elsewhere", [{"event_source_arn": "${aws_dynamodb_table.t.stream_arn}"}, {"function_name": "arn:aws:lambda:x"}]
    )
    def test_of_other_sources_and_functions_are_left(self, elsewhere: dict[str, Any]) -> None:
        assert timeouts_fit_together(mapping({}, {"timeout": 60}, **elsewhere)) == []

    def test_of_containers_on_instances_are_their_own(self) -> None:
        assert timeouts_fit_together(task({"name": "a", "stopTimeout": 300})) == []
        assert timeouts_fit_together(task({"name": "a", "stopTimeout": 120}, **FARGATE)) == []


class TestPriorities:
    def test_of_rules_at_two_listeners_may_be_the_same(self) -> None:
        rules = {name: {"listener_arn": f"${{aws_lb_listener.{name}.arn}}", "priority": 1} for name in "ab"}
        assert priorities_are_clear(Template({"resource": {"aws_lb_listener_rule": rules}})) == []

    @pytest.mark.parametrize("priority", [None, "${var.priority}"])
    def test_that_are_not_known_are_left(self, priority: Any) -> None:
        rules = {name: {"listener_arn": "arn", "priority": priority} for name in "ab"}
        assert priorities_are_clear(Template({"resource": {"aws_lb_listener_rule": rules}})) == []

    @pytest.mark.parametrize("priority", [1, 50_000])
    def test_of_rules_are_from_1_to_50000(self, priority: int) -> None:
        assert priorities_are_clear(of("aws_lb_listener_rule", listener_arn="arn", priority=priority)) == []

    @pytest.mark.parametrize(("capacity", "findings"), [(4299, 0), (4300, 1)])
    def test_of_a_firewall_s_rules_cost_5000_units_at_the_most(self, capacity: int, findings: int) -> None:
        managed = {"managed_rule_group_statement": {"name": "AWSManagedRulesCommonRuleSet"}}
        own = {"rule_group_reference_statement": {"arn": "${aws_wafv2_rule_group.own.arn}"}}
        statements = (managed, own, {"rate_based_statement": {"limit": 100}})
        rules = [{"name": f"r{index}", "priority": index, "statement": each} for index, each in enumerate(statements)]
        template = of("aws_wafv2_web_acl", rule=rules)
        template.document["resource"]["aws_wafv2_rule_group"] = {"own": {"capacity": capacity}}
        assert len(priorities_are_clear(template)) == findings

    def test_count_all_conditions_of_a_rule(self) -> None:
        conditions = [{"path_pattern": {"values": ["/a", "/b"]}}, {"host_header": {"values": ["a", "b", "c"]}}]
        rule = {"listener_arn": "arn", "condition": conditions}
        assert priorities_are_clear(of("aws_lb_listener_rule", **rule)) == []
        conditions.append({"http_request_method": {"values": ["GET"]}})
        assert "condition has 6 values, and 5 are taken" in priorities_are_clear(of("aws_lb_listener_rule", **rule))[0]

    def test_of_entries_may_be_the_same_in_both_directions(self) -> None:
        entry = {"network_acl_id": "acl-1", "rule_number": 100}
        entries = {"in": entry | {"egress": "false"}, "out": entry | {"egress": "true"}}
        assert priorities_are_clear(Template({"resource": {"aws_network_acl_rule": entries}})) == []


class TestRetention:
    @pytest.mark.parametrize(
        "rule",
        [
            {"transition": {"days": 30, "storage_class": "GLACIER"}, "expiration": {"days": 31}},
            {"transition": {"days": 30, "storage_class": "GLACIER"}, "expiration": {"date": "2030-01-01T00:00:00Z"}},
            {"transition": {"date": "2030-01-01T00:00:00Z", "storage_class": "GLACIER"}, "expiration": {"days": 1}},
            {"expiration": {"days": 1}},
            {"transition": [{"days": 0, "storage_class": "STANDARD_IA"}, {"days": 9, "storage_class": "DEEP_ARCHIVE"}]},
            {"transition": [{"days": 9, "storage_class": "GLACIER"}, {"days": 1, "storage_class": "${var.class}"}]},
        ],
    )
    def test_of_objects_goes_from_warm_to_cold_and_ends(self, rule: dict[str, Any]) -> None:
        assert nothing_outlives_itself(of("aws_s3_bucket_lifecycle_configuration", rule=[{"id": "a", **rule}])) == []

    def test_of_objects_does_not_go_where_they_are(self) -> None:
        moves = [{"days": days, "storage_class": "GLACIER"} for days in (1, 9)]
        (finding,) = nothing_outlives_itself(of("aws_s3_bucket_lifecycle_configuration", rule={"transition": moves}))
        assert "moves from GLACIER at 1 to GLACIER at 9, which is no colder" in finding

    def test_of_objects_may_be_by_rules_without_an_id(self) -> None:
        rules = [{"expiration": {"days": 1}}, {"expiration": {"days": 2}}]
        assert nothing_outlives_itself(of("aws_s3_bucket_lifecycle_configuration", rule=rules)) == []

    @pytest.mark.parametrize("lifecycle", [{"cold_storage_after": 30, "delete_after": 120}, {"delete_after": 1}, None])
    def test_of_backups_is_long_enough(self, lifecycle: Any) -> None:
        assert nothing_outlives_itself(of("aws_backup_plan", rule={"lifecycle": lifecycle})) == []


class TestDatabases:
    @pytest.mark.parametrize(
        "storage",
        [
            {"allocated_storage": 100, "max_allocated_storage": 110},
            {"allocated_storage": 100, "max_allocated_storage": 0},
            {"storage_type": "gp3", "engine": "postgres", "allocated_storage": 100},
            {"storage_type": "gp3", "engine": "postgres", "allocated_storage": 400, "iops": 12_000},
            {"storage_type": "gp3", "engine": "oracle-se2", "allocated_storage": 200, "storage_throughput": 500},
            {"storage_type": "gp3", "engine": "sqlserver-ex", "allocated_storage": 20, "iops": 16_000},
            {"storage_type": "gp3", "engine": "custom-x", "allocated_storage": 20, "iops": 16_000},
            {"storage_type": "gp3", "engine": "mysql", "iops": 12_000},
            {"storage_type": "gp3", "engine": "mariadb", "allocated_storage": 400, "iops": 64_000},
            {"storage_type": "gp3", "engine": "db2-se", "allocated_storage": 400, "storage_throughput": 4000},
            {"storage_type": "io2", "iops": "${var.iops}"},
            {"monitoring_interval": 60, "monitoring_role_arn": "arn"},
            {"monitoring_interval": 0},
            {"monitoring_interval": "${var.interval}", "monitoring_role_arn": "arn"},
        ],
    )
    def test_are_told_what_they_have(self, storage: dict[str, Any]) -> None:
        assert databases_have_their_storage(of("aws_db_instance", **storage)) == []

    @pytest.mark.parametrize(
        ("engine", "size", "iops", "finding"),
        [
            ("oracle-ee", 199, 12_000, "iops 12000 is not to be told to gp3 below 200 GiB of oracle"),
            ("sqlserver-se", 100, 16_001, "iops 16001 is not from 3000 to 16000, those of gp3 with sqlserver"),
            ("mysql", 400, 64_001, "iops 64001 is not from 12000 to 64000, those of gp3 with mysql"),
        ],
    )
    def test_have_speeds_by_their_engine(self, engine: str, size: int, iops: int, finding: str) -> None:
        block = {"storage_type": "gp3", "engine": engine, "allocated_storage": size, "iops": iops}
        assert finding in databases_have_their_storage(of("aws_db_instance", **block))[0]


class TestPolicies:
    @pytest.mark.parametrize(
        "policy",
        [
            "${data.aws_iam_policy_document.p.json}",
            '${jsonencode({Version = "2012-10-17"})}',
            '{"Version": "2012-10-17", "Statement": ${jsonencode([])}}',
            '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}',
        ],
    )
    def test_may_be_documents_that_only_terraform_knows(self, policy: str) -> None:
        assert policies_are_documents(of("aws_iam_policy", policy=policy)) == []

    @pytest.mark.parametrize(
        ("policy", "problem"),
        [
            ("{", "is no JSON"),
            ("${var.policy},", "is no JSON"),
            ("[1]", "has no statement"),
            ('{"Version": "2012-10-17", "Statement": ["Allow"]}', "has a statement that is no table"),
        ],
    )
    def test_are_tables_of_statements(self, policy: str, problem: str) -> None:
        assert policies_are_documents(of("aws_iam_policy", policy=policy)) == [f"aws_iam_policy.one: policy {problem}"]
