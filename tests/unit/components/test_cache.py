"""The two kinds of cache: each test says what would break in AWS if it failed."""

from __future__ import annotations

from typing import Any

import pytest
from constructs import Construct

from lib.components.cache import NodeCache, ServerlessCache
from lib.naming import Names
from lib.settings import data as settings_of
from tests.template import Block, Template
from tests.unit.components.exposed import expose, exposed

KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/k"
LOG_KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/logs"
NAMES = Names("shop", "dev-1")
NAME = "shop-dev-1-cache"
USER = "shop-dev-1-application"
SUBNETS = ["subnet-a", "subnet-b", "subnet-c", "subnet-d"]


def show(scope: Construct, cache: ServerlessCache | NodeCache) -> None:
    expose(
        scope,
        name=cache.name,
        port=cache.port,
        endpoint=cache.endpoint,
        arn=cache.arn,
        peer=cache.peer,
        access=cache.access(),
        alarms=cache.alarms(),
    )


def serverless(**settings: Any) -> Template:
    def component(scope: Construct) -> None:
        cache = ServerlessCache(
            scope,
            "cache",
            names=NAMES,
            settings=settings_of.ServerlessCache(**settings),
            vpc_id="vpc-1",
            subnet_ids=SUBNETS,
            key_arn=KEY_ARN,
        )
        show(scope, cache)

    return Template.of_components(component)


def nodes(*, keep_data: bool = False, **settings: Any) -> Template:
    def component(scope: Construct) -> None:
        cache = NodeCache(
            scope,
            "cache",
            names=NAMES,
            settings=settings_of.NodeCache(kind="replication_group", **settings),
            vpc_id="vpc-1",
            subnet_ids=SUBNETS,
            key_arn=KEY_ARN,
            log_key_arn=LOG_KEY_ARN,
            keep_data=keep_data,
        )
        show(scope, cache)

    return Template.of_components(component)


def alarm_without_why(template: Template, role: str) -> Block:
    (alarm,) = [each for each in exposed(template, "alarms") if each["role"] == role]
    assert alarm.pop("why")
    found: Block = alarm
    return found


@pytest.fixture(scope="module")
def of_serverless() -> Template:
    return serverless(
        max_storage_gb=7,
        max_ecpu_per_second=3000,
        alarm_compute_percent=60,
        alarm_memory_percent=70,
        snapshot_retention_days=5,
        snapshot_time="04:30",
    )


@pytest.fixture(scope="module")
def serverless_cache(of_serverless: Template) -> Block:
    return of_serverless.only("aws_elasticache_serverless_cache")


@pytest.fixture(scope="module")
def valkey() -> Template:
    return serverless()


@pytest.fixture(scope="module")
def redis() -> Template:
    return serverless(engine="redis", major_version="7")


@pytest.fixture(scope="module")
def of_nodes() -> Template:
    return nodes(
        replicas=2,
        node_type="cache.r7g.xlarge",
        engine_version="8.1",
        snapshot_retention_days=5,
        snapshot_window="02:00-03:00",
        maintenance_window="mon:04:30-mon:05:30",
        log_retention_days=14,
        alarm_cpu_percent=60,
        alarm_memory_percent=70,
    )


@pytest.fixture(scope="module")
def node_group(of_nodes: Template) -> Block:
    return of_nodes.only("aws_elasticache_replication_group")


class TestServerlessCache:
    def test_has_the_engine_of_the_settings(self, serverless_cache: Block) -> None:
        assert (serverless_cache["name"], serverless_cache["engine"], serverless_cache["major_engine_version"]) == (
            NAME,
            "valkey",
            "8",
        )
        assert serverless_cache["description"] == "Shared by the services"

    def test_usage_limits_keep_their_nested_values(self, serverless_cache: Block) -> None:
        assert serverless_cache["cache_usage_limits"] == [
            {"data_storage": [{"maximum": 7, "unit": "GB"}], "ecpu_per_second": [{"maximum": 3000}]}
        ]

    def test_is_encrypted_under_the_given_key(self, serverless_cache: Block) -> None:
        assert serverless_cache["kms_key_id"] == KEY_ARN

    def test_takes_three_subnets_at_most(self, serverless_cache: Block) -> None:
        assert serverless_cache["subnet_ids"] == ["subnet-a", "subnet-b", "subnet-c"]

    def test_stands_behind_its_security_group(self, of_serverless: Template, serverless_cache: Block) -> None:
        assert serverless_cache["security_group_ids"] == [of_serverless.reference("aws_security_group", "id")]

    def test_lets_only_the_user_group_in(self, of_serverless: Template, serverless_cache: Block) -> None:
        assert serverless_cache["user_group_id"] == of_serverless.reference(
            "aws_elasticache_user_group", "user_group_id"
        )

    def test_takes_snapshots_at_the_given_time(self, serverless_cache: Block) -> None:
        assert (serverless_cache["snapshot_retention_limit"], serverless_cache["daily_snapshot_time"]) == (5, "04:30")

    def test_names_no_time_when_it_takes_no_snapshots(self) -> None:
        serverless_cache = serverless(snapshot_retention_days=0).only("aws_elasticache_serverless_cache")
        assert serverless_cache["snapshot_retention_limit"] == 0
        assert "daily_snapshot_time" not in serverless_cache

    def test_exposes_what_others_wire_to(self, of_serverless: Template) -> None:
        reference = of_serverless.reference
        assert exposed(of_serverless, "name") == NAME
        assert exposed(of_serverless, "port") == 6379
        assert exposed(of_serverless, "arn") == reference("aws_elasticache_serverless_cache", "arn")
        assert exposed(of_serverless, "endpoint") == reference(
            "aws_elasticache_serverless_cache", "endpoint[0].address"
        )
        group = reference("aws_security_group", "id")
        assert exposed(of_serverless, "peer") == {"name": "cache", "security_group_id": group}

    def test_hands_out_the_real_endpoints(self, of_serverless: Template) -> None:
        def of(attribute: str) -> str:
            return of_serverless.reference("aws_elasticache_serverless_cache", attribute)

        assert exposed(of_serverless, "access")["environment"] == {
            "CACHE_HOST": of("endpoint[0].address"),
            "CACHE_PORT": of("endpoint[0].port"),
            "CACHE_READER_HOST": of("reader_endpoint[0].address"),
            "CACHE_READER_PORT": of("reader_endpoint[0].port"),
            "CACHE_TLS": "true",
            "CACHE_USER": USER,
            "CACHE_NAME": NAME,
            "CACHE_SERVERLESS": "true",
        }

    def test_asks_for_both_ports(self, of_serverless: Template) -> None:
        access = exposed(of_serverless, "access")
        assert access["ports"] == [6379, 6380]
        assert access["peer"] == exposed(of_serverless, "peer")

    def test_a_task_may_sign_in_to_exactly_this_cache_as_exactly_this_user(self, of_serverless: Template) -> None:
        access = exposed(of_serverless, "access")
        assert access["task_statements"] == [
            {
                "Sid": "ConnectToCache",
                "Effect": "Allow",
                "Action": ["elasticache:Connect"],
                "Resource": [
                    of_serverless.reference("aws_elasticache_serverless_cache", "arn"),
                    of_serverless.reference("aws_elasticache_user", "arn", user_id=USER),
                ],
            }
        ]
        assert access["secrets"] == {}
        assert access["execution_statements"] == []

    def test_alarm_on_processing_units_a_minute(self, of_serverless: Template) -> None:
        assert alarm_without_why(of_serverless, "compute") == {
            "unit": "cache",
            "role": "compute",
            "namespace": "AWS/ElastiCache",
            "metric": "ElastiCacheProcessingUnits",
            "statistic": "Sum",
            "comparison": "GreaterThanThreshold",
            "threshold": 3000 * 60 * 0.6,
            "dimensions": {"clusterId": NAME},
            "period_seconds": 60,
            "evaluation_periods": 3,
            "datapoints_to_alarm": 2,
            "region": None,
        }

    def test_alarm_on_bytes_kept(self, of_serverless: Template) -> None:
        assert alarm_without_why(of_serverless, "memory") == {
            "unit": "cache",
            "role": "memory",
            "namespace": "AWS/ElastiCache",
            "metric": "BytesUsedForCache",
            "statistic": "Maximum",
            "comparison": "GreaterThanThreshold",
            "threshold": 4_900_000_000,
            "dimensions": {"clusterId": NAME},
            "period_seconds": 60,
            "evaluation_periods": 3,
            "datapoints_to_alarm": 2,
            "region": None,
        }

    def test_alarm_on_any_refused_command(self, of_serverless: Template) -> None:
        assert alarm_without_why(of_serverless, "throttling") == {
            "unit": "cache",
            "role": "throttling",
            "namespace": "AWS/ElastiCache",
            "metric": "ThrottledCmds",
            "statistic": "Sum",
            "comparison": "GreaterThanThreshold",
            "threshold": 0,
            "dimensions": {"clusterId": NAME},
            "period_seconds": 60,
            "evaluation_periods": 3,
            "datapoints_to_alarm": 2,
            "region": None,
        }

    def test_has_three_alarms(self, of_serverless: Template) -> None:
        assert [alarm["role"] for alarm in exposed(of_serverless, "alarms")] == ["compute", "memory", "throttling"]

    def test_alarms_name_the_percentages_of_the_settings(self, of_serverless: Template) -> None:
        compute, memory, _ = exposed(of_serverless, "alarms")
        assert "60 %" in compute["why"]
        assert "70 %" in memory["why"]

    def test_opens_no_port_itself(self, of_serverless: Template) -> None:
        group = of_serverless.only("aws_security_group")
        assert (group["name"], group["vpc_id"]) == (NAME, "vpc-1")
        assert group["description"] == "The cache of the services"
        assert "ingress" not in group
        assert "egress" not in group
        assert of_serverless.all("aws_vpc_security_group_ingress_rule") == []


class TestUsers:
    def test_the_services_sign_in_by_iam_without_a_password(self, valkey: Template) -> None:
        user = valkey.only("aws_elasticache_user")
        assert user["authentication_mode"] == {"type": "iam"}
        assert "passwords" not in user
        assert user["engine"] == "valkey"

    def test_id_and_name_are_equal_as_iam_wants(self, valkey: Template) -> None:
        user = valkey.only("aws_elasticache_user")
        assert (user["user_id"], user["user_name"]) == (USER, USER)

    def test_the_services_may_use_all_data_but_not_harm_the_server(self, valkey: Template) -> None:
        assert valkey.only("aws_elasticache_user")["access_string"] == "on ~* &* +@all -@dangerous +info"

    def test_a_valkey_group_holds_the_one_user(self, valkey: Template) -> None:
        group = valkey.only("aws_elasticache_user_group")
        assert (group["user_group_id"], group["engine"]) == (NAME, "valkey")
        assert group["user_ids"] == [valkey.reference("aws_elasticache_user", "user_id")]

    def test_a_redis_group_holds_a_default_user_that_may_do_nothing(self, redis: Template) -> None:
        user = redis.only("aws_elasticache_user", user_name="default")
        assert (user["user_id"], user["engine"]) == ("shop-dev-1-default", "redis")
        assert user["access_string"] == "off -@all"
        assert user["authentication_mode"] == {"type": "no-password-required"}
        group = redis.only("aws_elasticache_user_group")
        assert group["engine"] == "redis"
        assert group["user_ids"] == [
            redis.reference("aws_elasticache_user", "user_id", user_name=USER),
            redis.reference("aws_elasticache_user", "user_id", user_name="default"),
        ]

    def test_redis_services_sign_in_by_iam_too(self, redis: Template) -> None:
        user = redis.only("aws_elasticache_user", user_name=USER)
        assert user["authentication_mode"] == {"type": "iam"}
        assert user["engine"] == "redis"

    def test_the_engine_is_that_of_the_cache(self, redis: Template) -> None:
        cache = redis.only("aws_elasticache_serverless_cache")
        assert (cache["engine"], cache["major_engine_version"]) == ("redis", "7")


class TestNodeCache:
    def test_has_the_engine_and_nodes_of_the_settings(self, node_group: Block) -> None:
        assert (node_group["replication_group_id"], node_group["description"]) == (NAME, "Shared by the services")
        assert (node_group["engine"], node_group["engine_version"], node_group["node_type"]) == (
            "valkey",
            "8.1",
            "cache.r7g.xlarge",
        )

    def test_names_the_parameters_of_its_major_version(self, node_group: Block) -> None:
        assert node_group["parameter_group_name"] == "default.valkey8"
        redis = nodes(engine="redis", engine_version="7.1").only("aws_elasticache_replication_group")
        assert redis["parameter_group_name"] == "default.redis7"

    def test_no_upgrade_makes_the_version_differ_from_the_settings(self, node_group: Block) -> None:
        assert node_group["auto_minor_version_upgrade"] == "false"

    def test_survives_the_loss_of_a_zone(self, node_group: Block) -> None:
        assert node_group["num_cache_clusters"] == 3
        assert node_group["multi_az_enabled"] is True
        assert node_group["automatic_failover_enabled"] is True

    def test_has_no_shards(self, node_group: Block) -> None:
        assert node_group["cluster_mode"] == "disabled"

    def test_is_encrypted_at_rest_under_the_given_key(self, node_group: Block) -> None:
        assert node_group["at_rest_encryption_enabled"] == "true"
        assert node_group["kms_key_id"] == KEY_ARN

    def test_takes_nothing_but_tls(self, node_group: Block) -> None:
        assert node_group["transit_encryption_enabled"] is True
        assert node_group["transit_encryption_mode"] == "required"

    def test_lets_only_the_user_group_in(self, of_nodes: Template, node_group: Block) -> None:
        assert node_group["user_group_ids"] == [of_nodes.reference("aws_elasticache_user_group", "user_group_id")]
        assert "auth_token" not in node_group

    def test_stands_in_the_given_subnets_behind_its_security_group(self, of_nodes: Template, node_group: Block) -> None:
        subnets = of_nodes.only("aws_elasticache_subnet_group")
        assert (subnets["name"], subnets["subnet_ids"]) == (NAME, SUBNETS)
        assert subnets["description"] == "Isolated subnets of the cache"
        assert node_group["subnet_group_name"] == of_nodes.reference("aws_elasticache_subnet_group", "name")
        assert node_group["security_group_ids"] == [of_nodes.reference("aws_security_group", "id")]
        assert node_group["port"] == 6379

    def test_opens_no_port_itself(self, of_nodes: Template) -> None:
        security_group = of_nodes.only("aws_security_group")
        assert (security_group["name"], security_group["vpc_id"]) == (NAME, "vpc-1")
        assert "ingress" not in security_group
        assert "egress" not in security_group

    def test_windows_are_those_of_the_settings(self, node_group: Block) -> None:
        assert (node_group["snapshot_retention_limit"], node_group["snapshot_window"]) == (5, "02:00-03:00")
        assert node_group["maintenance_window"] == "mon:04:30-mon:05:30"

    def test_names_no_window_when_it_takes_no_snapshots(self) -> None:
        node_group = nodes(snapshot_retention_days=0).only("aws_elasticache_replication_group")
        assert node_group["snapshot_retention_limit"] == 0
        assert "snapshot_window" not in node_group

    def test_a_deployment_does_what_its_plan_says(self, node_group: Block) -> None:
        assert node_group["apply_immediately"] is True

    @pytest.mark.parametrize(("position", "log"), [(0, "slow"), (1, "engine")])
    def test_delivers_its_logs_to_encrypted_groups_that_end(
        self, of_nodes: Template, node_group: Block, position: int, log: str
    ) -> None:
        name = f"/aws/vendedlogs/shop/dev-1/cache/{log}"
        log_group = of_nodes.only("aws_cloudwatch_log_group", name=name)
        assert (log_group["retention_in_days"], log_group["kms_key_id"]) == (14, LOG_KEY_ARN)
        assert node_group["log_delivery_configuration"][position] == {
            "log_type": f"{log}-log",
            "destination": of_nodes.reference("aws_cloudwatch_log_group", "name", name=name),
            "destination_type": "cloudwatch-logs",
            "log_format": "json",
        }
        assert len(node_group["log_delivery_configuration"]) == 2

    def test_leaves_nothing_behind_unless_data_is_kept(self, node_group: Block) -> None:
        assert "final_snapshot_identifier" not in node_group

    def test_kept_data_goes_into_a_last_snapshot_with_a_name_of_its_own(self) -> None:
        node_group = nodes(keep_data=True).only("aws_elasticache_replication_group")
        assert node_group["final_snapshot_identifier"] == (
            'shop-dev-1-cache-${formatdate("YYYYMMDDhhmmss", timestamp())}'
        )
        assert node_group["lifecycle"] == {"ignore_changes": ["final_snapshot_identifier"]}

    def test_exposes_what_others_wire_to(self, of_nodes: Template) -> None:
        def of(attribute: str) -> str:
            return of_nodes.reference("aws_elasticache_replication_group", attribute)

        assert exposed(of_nodes, "name") == NAME
        assert exposed(of_nodes, "port") == 6379
        assert exposed(of_nodes, "arn") == of("arn")
        assert exposed(of_nodes, "endpoint") == of("primary_endpoint_address")
        security_group = of_nodes.reference("aws_security_group", "id")
        assert exposed(of_nodes, "peer") == {"name": "cache", "security_group_id": security_group}

    def test_hands_out_primary_and_reader(self, of_nodes: Template) -> None:
        def of(attribute: str) -> str:
            return of_nodes.reference("aws_elasticache_replication_group", attribute)

        assert exposed(of_nodes, "access")["environment"] == {
            "CACHE_HOST": of("primary_endpoint_address"),
            "CACHE_PORT": "6379",
            "CACHE_READER_HOST": of("reader_endpoint_address"),
            "CACHE_READER_PORT": "6379",
            "CACHE_TLS": "true",
            "CACHE_USER": USER,
            "CACHE_NAME": NAME,
            "CACHE_SERVERLESS": "false",
        }

    def test_a_task_may_sign_in_to_exactly_this_cache_as_exactly_this_user(self, of_nodes: Template) -> None:
        access = exposed(of_nodes, "access")
        assert access["ports"] == [6379]
        assert access["peer"] == exposed(of_nodes, "peer")
        assert access["task_statements"] == [
            {
                "Sid": "ConnectToCache",
                "Effect": "Allow",
                "Action": ["elasticache:Connect"],
                "Resource": [
                    of_nodes.reference("aws_elasticache_replication_group", "arn"),
                    of_nodes.reference("aws_elasticache_user", "arn", user_id=USER),
                ],
            }
        ]

    def test_has_three_alarms_for_every_member(self, of_nodes: Template) -> None:
        assert [alarm["role"] for alarm in exposed(of_nodes, "alarms")] == [
            f"{role}{member}" for member in ("001", "002", "003") for role in ("cpu", "memory", "lag")
        ]

    @pytest.mark.parametrize("member", ["001", "002", "003"])
    @pytest.mark.parametrize(
        ("role", "expected"),
        [
            ("cpu", {"metric": "EngineCPUUtilization", "statistic": "Average", "threshold": 60}),
            ("memory", {"metric": "DatabaseMemoryUsagePercentage", "statistic": "Maximum", "threshold": 70}),
            ("lag", {"metric": "ReplicationLag", "statistic": "Maximum", "threshold": 10}),
        ],
    )
    def test_alarms_watch_the_member_itself(self, of_nodes: Template, member: str, role: str, expected: Block) -> None:
        assert alarm_without_why(of_nodes, f"{role}{member}") == {
            "unit": "cache",
            "role": f"{role}{member}",
            "namespace": "AWS/ElastiCache",
            "comparison": "GreaterThanThreshold",
            **expected,
            "dimensions": {"CacheClusterId": f"{NAME}-{member}"},
            "period_seconds": 60,
            "evaluation_periods": 3,
            "datapoints_to_alarm": 2,
            "region": None,
        }

    def test_alarms_name_member_and_percentage(self, of_nodes: Template) -> None:
        cpu, memory, lag, *_ = exposed(of_nodes, "alarms")[3:]
        assert cpu["why"].startswith("Node 2 of the cache uses more than 60 %")
        assert memory["why"].startswith("Node 2 of the cache has filled more than 70 %")
        assert lag["why"].startswith("Node 2 of the cache is more than 10 s")

    @pytest.mark.parametrize(
        ("node_type", "metric", "threshold"),
        [
            ("cache.t2.micro", "CPUUtilization", 75),
            ("cache.t2.small", "CPUUtilization", 75),
            ("cache.m3.medium", "CPUUtilization", 75),
            ("cache.t2.medium", "CPUUtilization", 37.5),
            ("cache.t4g.micro", "CPUUtilization", 37.5),
            ("cache.t4g.small", "CPUUtilization", 37.5),
            ("cache.r7g.large", "CPUUtilization", 37.5),
            ("cache.r7g.xlarge", "EngineCPUUtilization", 75),
            ("cache.m7g.12xlarge", "EngineCPUUtilization", 75),
        ],
    )
    def test_on_small_nodes_the_host_is_watched_against_the_engines_share(
        self, node_type: str, metric: str, threshold: float
    ) -> None:
        alarm = alarm_without_why(nodes(node_type=node_type), "cpu001")
        assert (alarm["metric"], alarm["threshold"]) == (metric, threshold)
