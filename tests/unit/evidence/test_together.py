"""Arguments of one block that have to fit together: what does passes, and what only Terraform knows is left to it.

What does not is among the seeded defects.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.evidence.values import together
from lib.evidence.values.references import is_reference

REGION = "eu-central-1"


def refused(kind: str, region: str | None = REGION, **block: Any) -> list[str]:
    """The paths of what is refused."""
    return [
        each.path
        for each in together.literals(kind, block, region)
        if not (isinstance(each.value, str) and is_reference(each.value))
        and not all(rule.accepts(each.value) for rule in each.rules)
    ]


def test_other_types_have_nothing_to_fit() -> None:
    assert list(together.literals("aws_vpc", {"cidr_block": "10.0.0.0/16"}, REGION)) == []


class TestDisks:
    @pytest.mark.parametrize(
        ("kind", "gib", "iops"),
        [
            ("gp3", 6, 3_000),
            ("gp3", 10, 5_000),
            ("gp3", 200, 80_000),
            ("io1", 4, 200),
            ("io2", 4, 4_000),
            ("io2", None, 256_000),
        ],
    )
    def test_are_as_fast_as_their_size_allows(self, kind: str, gib: int | None, iops: int) -> None:
        assert refused("aws_ebs_volume", type=kind, size=gib, iops=iops) == []
        assert refused("aws_ebs_volume", type=kind, size=gib, iops=str(iops)) == []
        assert refused("aws_ebs_volume", type=kind, size=gib, iops=iops + 1) == ["iops"]

    @pytest.mark.parametrize(("kind", "least"), [("gp3", 3_000), ("io1", 100), ("io2", 100)])
    def test_are_no_slower_than_their_type(self, kind: str, least: int) -> None:
        assert refused("aws_ebs_volume", type=kind, iops=least) == []
        assert refused("aws_ebs_volume", type=kind, iops=least - 1) == ["iops"]

    @pytest.mark.parametrize("kind", ["io1", "io2"])
    def test_of_a_fast_type_are_told_how_fast(self, kind: str) -> None:
        assert refused("aws_ebs_volume", type=kind, size=100) == ["iops"]
        assert refused("aws_ebs_volume", type=kind, size=100, iops="${var.iops}") == []

    @pytest.mark.parametrize("kind", ["gp2", "standard", "st1", "sc1"])
    def test_of_other_types_are_not(self, kind: str) -> None:
        assert refused("aws_ebs_volume", type=kind, size=100) == []
        assert refused("aws_ebs_volume", type=kind, size=100, iops=300) == ["iops"]
        assert refused("aws_ebs_volume", type=kind, size=100, throughput=125) == ["throughput"]

    @pytest.mark.parametrize(("iops", "most"), [(None, 750), (3_000, 750), (6_000, 1_500), (80_000, 2_000)])
    def test_have_the_throughput_of_their_operations(self, iops: int | None, most: int) -> None:
        assert refused("aws_ebs_volume", type="gp3", iops=iops, throughput=125) == []
        assert refused("aws_ebs_volume", type="gp3", iops=iops, throughput=124) == ["throughput"]
        assert refused("aws_ebs_volume", type="gp3", iops=iops, throughput=most) == []
        assert refused("aws_ebs_volume", type="gp3", iops=iops, throughput=most + 1) == ["throughput"]

    def test_of_a_type_that_only_terraform_knows_are_left(self) -> None:
        assert refused("aws_ebs_volume", type="${var.type}", iops=1, throughput=1) == []
        assert refused("aws_ebs_volume", iops=1, throughput=1) == []

    def test_stand_inside_of_instances_and_templates(self) -> None:
        disk = {"volume_type": "gp3", "volume_size": 6, "iops": 9_000}
        assert refused("aws_instance", root_block_device=disk, ebs_block_device=[disk, disk]) == [
            "root_block_device.iops",
            "ebs_block_device.iops",
            "ebs_block_device.iops",
        ]
        assert refused("aws_launch_template", block_device_mappings=[{"ebs": disk}, {"device_name": "/dev/xvdb"}]) == [
            "block_device_mappings.ebs.iops"
        ]


class TestOrder:
    @pytest.mark.parametrize(("kind", "argument"), [("aws_sqs_queue", "fifo_queue"), ("aws_sns_topic", "fifo_topic")])
    def test_is_told_by_the_name(self, kind: str, argument: str) -> None:
        def named(name: str, **said: Any) -> list[str]:
            return refused(kind, name=name, **said)

        assert named("orders.fifo", **{argument: True}) == named("orders.fifo", **{argument: "true"}) == []
        assert named("orders") == named("orders", **{argument: False}) == []
        assert named("orders.fifo") == named("orders", **{argument: True}) == ["name"]

    def test_that_only_terraform_knows_is_left(self) -> None:
        assert refused("aws_sqs_queue", name="orders.fifo", fifo_queue="${var.fifo}") == []
        assert refused("aws_sqs_queue", name_prefix="orders", fifo_queue=True) == []


class TestListeners:
    def test_of_tls_have_a_certificate_and_others_no_policy_of_it(self) -> None:
        assert refused("aws_lb_listener", protocol="TLS", certificate_arn="${aws_acm_certificate.a.arn}") == []
        assert refused("aws_lb_listener", protocol="TLS") == ["protocol"]
        assert refused("aws_lb_listener", protocol="HTTP", ssl_policy="ELBSecurityPolicy-2016-08") == ["ssl_policy"]
        assert refused("aws_lb_listener", ssl_policy="ELBSecurityPolicy-2016-08") == []

    def test_that_hand_on_may_be_of_any_protocol(self) -> None:
        assert refused("aws_lb_listener", protocol="TCP", default_action={"type": "forward"}) == []
        assert refused("aws_lb_listener", protocol="TCP", default_action=[{"type": "redirect"}]) == ["protocol"]
        assert refused("aws_lb_listener", default_action=[{"type": "redirect"}]) == []


class TestDatabases:
    @pytest.mark.parametrize("kind", ["aws_db_instance", "aws_rds_cluster"])
    @pytest.mark.parametrize("engine", together.LOGS_OF_ENGINES)
    def test_export_the_logs_that_their_engine_has(self, kind: str, engine: str) -> None:
        logs = [*together.LOGS_OF_ENGINES[engine]]
        assert refused(kind, engine=engine, enabled_cloudwatch_logs_exports=[*logs, "trace"]) == [
            "enabled_cloudwatch_logs_exports"
        ]

    def test_of_other_engines_are_left(self) -> None:
        assert refused("aws_db_instance", engine="oracle-ee", enabled_cloudwatch_logs_exports=["trace"]) == []

    def test_keep_admin_for_themselves_where_they_are_postgres(self) -> None:
        assert refused("aws_db_instance", engine="mysql", username="admin") == []
        assert refused("aws_rds_cluster", engine="aurora-mysql", master_username="admin") == []
        assert refused("aws_rds_cluster", engine="aurora-postgresql", master_username="Admin") == ["master_username"]


_KEYS: dict[str, Any] = {
    "hash_key": "id",
    "billing_mode": "PAY_PER_REQUEST",
    "attribute": [{"name": "id", "type": "S"}],
}


class TestTables:
    def test_declare_their_keys_and_nothing_else(self) -> None:
        assert refused("aws_dynamodb_table", **_KEYS) == []
        index = {"name": "by", "hash_key": "owner"}
        assert refused("aws_dynamodb_table", **_KEYS, global_secondary_index=index) == [
            "global_secondary_index.hash_key"
        ]
        more = [*_KEYS["attribute"], {"name": "owner", "type": "S"}]
        assert refused("aws_dynamodb_table", **_KEYS | {"attribute": more}, global_secondary_index=[index]) == []

    def test_whose_keys_only_terraform_knows_are_left(self) -> None:
        assert refused("aws_dynamodb_table", **_KEYS | {"range_key": "${var.key}"}) == []
        assert refused("aws_dynamodb_table", **_KEYS | {"range_key": "at", "dynamic": {"attribute": {}}}) == []
        assert refused("aws_dynamodb_table", restore_source_name="orders") == []

    def test_are_paid_for_in_some_way(self) -> None:
        table: dict[str, Any] = _KEYS | {"billing_mode": None}
        assert refused("aws_dynamodb_table", **table) == ["billing_mode"]
        assert refused("aws_dynamodb_table", **table, read_capacity=1, write_capacity=1) == []


class TestDistributions:
    def test_ask_an_origin_that_they_have(self) -> None:
        behavior = {"target_origin_id": "files"}
        origins: dict[str, Any] = {"origin": [{"origin_id": "site"}], "origin_group": {"origin_id": "both"}}
        assert (
            refused("aws_cloudfront_distribution", **origins, default_cache_behavior={"target_origin_id": "both"}) == []
        )
        assert refused("aws_cloudfront_distribution", **origins, ordered_cache_behavior=[behavior, behavior]) == [
            "ordered_cache_behavior.target_origin_id",
            "ordered_cache_behavior.target_origin_id",
        ]

    def test_whose_origins_only_terraform_knows_are_left(self) -> None:
        behavior = {"target_origin_id": "files", "allowed_methods": "${var.methods}"}
        every_way: list[dict[str, Any]] = [
            {},
            {"origin": {"origin_id": "${local.id}"}},
            {"dynamic": {}, "origin": {"origin_id": "a"}},
        ]
        for origins in every_way:
            assert refused("aws_cloudfront_distribution", **origins, default_cache_behavior=behavior) == []
        assert refused("aws_cloudfront_distribution", origin={"origin_id": "a"}, default_cache_behavior={}) == []

    def test_take_methods_together(self) -> None:
        every_method = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
        right = {"allowed_methods": every_method, "cached_methods": ["HEAD", "GET"]}
        wrong = {"allowed_methods": ["GET"], "cached_methods": every_method}
        assert refused("aws_cloudfront_distribution", default_cache_behavior=right) == []
        assert refused("aws_cloudfront_distribution", default_cache_behavior=wrong) == [
            "default_cache_behavior.allowed_methods",
            "default_cache_behavior.cached_methods",
        ]


class TestFlowLogs:
    def test_need_a_role_for_cloudwatch_alone(self) -> None:
        assert refused("aws_flow_log", log_destination_type="s3") == []
        assert refused("aws_flow_log", iam_role_arn="${aws_iam_role.a.arn}") == []
        assert refused("aws_flow_log") == ["log_destination_type"]


class TestLifecycles:
    def test_move_to_infrequent_access_after_30_days(self) -> None:
        def moved(days: Any, storage_class: str) -> list[str]:
            move = {"noncurrent_days": days, "storage_class": storage_class}
            rule = {"noncurrent_version_transition": move}
            return refused("aws_s3_bucket_lifecycle_configuration", rule=[rule])

        assert (
            moved(30, "STANDARD_IA")
            == moved("30", "ONEZONE_IA")
            == moved(1, "GLACIER")
            == moved(None, "ONEZONE_IA")
            == []
        )
        assert moved(29, "ONEZONE_IA") == ["rule.noncurrent_version_transition.noncurrent_days"]


def test_a_service_says_once_what_it_runs_on() -> None:
    assert refused("aws_ecs_service", launch_type="FARGATE") == []
    assert refused("aws_ecs_service", capacity_provider_strategy=[{"capacity_provider": "FARGATE"}]) == []
    both = {"launch_type": "FARGATE", "capacity_provider_strategy": [{"capacity_provider": "FARGATE"}]}
    assert refused("aws_ecs_service", None, **both) == ["launch_type"]


class TestFunctions:
    def test_have_no_variable_that_lambda_keeps(self) -> None:
        found = refused("aws_lambda_function", environment={"variables": {"AWS_REGION": "x", "_HANDLER": "y"}})
        assert found == ["environment.variables.AWS_REGION", "environment.variables._HANDLER"]

    def test_may_have_variables_that_lambda_does_not_keep(self) -> None:
        variables = {"TZ": "Europe/Berlin", "LANG": "de", "AWS_LAMBDA_EXEC_WRAPPER": "/opt/start"}
        assert refused("aws_lambda_function", environment={"variables": variables}) == []

    def test_have_a_runtime_until_its_day(self) -> None:
        before, on = together._ended_runtimes("2024-01-08"), together._ended_runtimes("2024-01-09")
        assert "python3.7" not in before
        assert on["python3.7"] == "2024-01-09"
        assert refused("aws_lambda_function", runtime="provided.al2023") == []
        assert refused("aws_lambda_function", runtime="python3.7") == ["runtime"]


class TestCaches:
    @pytest.mark.parametrize(
        ("group", "engine", "version"),
        [
            ("default.redis7", "redis", "7.1"),
            ("default.redis6.x", "redis", "6.2"),
            ("default.valkey8.cluster.on", "valkey", "8.0"),
            ("sessions", "valkey", "8.0"),
            ("default.redis7", "${var.engine}", "${var.version}"),
            ("default.redis7", None, "8.0"),
        ],
    )
    def test_have_parameters_of_their_engine(self, group: str, engine: str | None, version: str) -> None:
        block = {"parameter_group_name": group, "engine": engine, "engine_version": version}
        assert refused("aws_elasticache_replication_group", None, **block) == []

    def test_have_none_of_another(self) -> None:
        block = {"parameter_group_name": "default.redis7", "engine": "valkey", "engine_version": "8.0"}
        assert refused("aws_elasticache_replication_group", None, **block) == ["parameter_group_name"]


def test_groups_of_rules_of_others_are_left() -> None:
    group = {"vendor_name": "Fortinet", "name": "OWASPTop10"}
    statement = {"managed_rule_group_statement": group}
    assert refused("aws_wafv2_web_acl", rule=[{"statement": statement}, {"statement": {}}]) == []
    group["vendor_name"] = "AWS"
    assert refused("aws_wafv2_web_acl", rule={"statement": statement}) == [
        "rule.statement.managed_rule_group_statement.name"
    ]


class TestEndpoints:
    @pytest.mark.parametrize(
        "block",
        [
            {"service_name": f"com.amazonaws.{REGION}.s3"},
            {"service_name": f"com.amazonaws.{REGION}.ecr.dkr", "vpc_endpoint_type": "Interface"},
            {
                "service_name": "com.amazonaws.us-east-1.sqs",
                "service_region": "us-east-1",
                "vpc_endpoint_type": "Interface",
            },
            {"service_name": "com.amazonaws.vpce.us-east-1.vpce-svc-0a", "vpc_endpoint_type": "Interface"},
            {"service_name": "com.amazonaws.${var.region}.s3", "vpc_endpoint_type": "Gateway"},
            {"service_name": "com.amazonaws.s3-global.accesspoint", "vpc_endpoint_type": "Interface"},
        ],
    )
    def test_lead_to_their_region(self, block: dict[str, Any]) -> None:
        assert refused("aws_vpc_endpoint", **block) == []

    def test_lead_to_no_other_and_through_a_gateway_to_two_services_only(self) -> None:
        interface = {"service_name": "com.amazonaws.us-east-1.sqs", "vpc_endpoint_type": "Interface"}
        assert refused("aws_vpc_endpoint", REGION, **interface) == ["service_name"]
        assert refused("aws_vpc_endpoint", service_name=f"com.amazonaws.{REGION}.sqs") == ["service_name"]

    def test_of_a_region_that_only_terraform_knows_are_left(self) -> None:
        assert refused("aws_vpc_endpoint", None, service_name="com.amazonaws.us-east-1.s3") == []


class TestLogsOfContainers:
    def wrong(self, driver: str = "awslogs", region: str | None = REGION, **options: str) -> list[str]:
        written = {"logDriver": driver, "options": {name.replace("_", "-"): each for name, each in options.items()}}
        said = json.dumps([{"name": "web", "logConfiguration": written}])
        found = refused(
            "aws_ecs_task_definition", region, container_definitions=said, requires_compatibilities=["FARGATE"]
        )
        return [each.rpartition(".")[2] for each in found]

    def test_of_another_driver_have_its_options(self) -> None:
        assert self.wrong("splunk", splunk_url="https://logs.example.com") == []

    def test_on_fargate_need_a_prefix(self) -> None:
        assert self.wrong(awslogs_group="a") == ["awslogs-stream-prefix"]
        assert self.wrong(awslogs_prefix="a") == ["awslogs-prefix", "awslogs-stream-prefix"]
        assert refused("aws_ecs_task_definition", container_definitions=json.dumps([{"name": "web"}])) == []

    def test_are_in_the_region_of_their_group(self) -> None:
        group = {"awslogs_group": "${aws_cloudwatch_log_group.a.name}", "awslogs_stream_prefix": "web"}
        assert self.wrong(**group) == self.wrong(**group, awslogs_region=REGION) == []
        assert self.wrong(**group, awslogs_region="${data.aws_region.here.name}") == []
        assert self.wrong(region=None, **group, awslogs_region="us-east-1") == []
        assert self.wrong(**group, awslogs_region="us-east-1") == ["awslogs-region"]
        assert self.wrong(**group | {"awslogs_group": "central"}, awslogs_region="us-east-1") == []
