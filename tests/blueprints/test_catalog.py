"""Catalog, the product catalogue API: each row of its requirements, in every tier."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.blueprints.reading import (
    INTERNET,
    OF_ROTATION,
    OUT_OF_ROTATION,
    Edge,
    alarms_of,
    application_secrets,
    by_name,
    container,
    egress,
    ingress,
    key,
    password,
    role_statements,
    subnets,
)
from tests.synthesis import TIERS, synthesized
from tests.template import Block, Template, statements


@pytest.fixture(scope="module", params=TIERS)
def tier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def template(tier: str) -> Template:
    return synthesized("catalog", tier)


@pytest.fixture(scope="module")
def api(template: Template) -> Block:
    return container(template, "api")


@pytest.fixture(scope="module")
def alarms(template: Template) -> dict[str, Block]:
    return alarms_of(template)


class TestRow01VpcInTwoZonesWithPublicAndPrivateSubnetsAndNat:
    def test_each_of_two_zones_has_a_public_a_private_and_an_isolated_subnet(self, template: Template) -> None:
        assert len(template.all("aws_subnet")) == 6
        for kind in ("public", "private", "isolated"):
            zones = [subnet.zone for subnet in subnets(template, kind)]
            assert [zone.rpartition(".")[2] for zone in zones] == ["names[0]}", "names[1]}"]
        (zones_of_region,) = template.data("aws_availability_zones")
        assert zones_of_region["state"] == "available"

    def test_subnets_are_24s_of_the_vpcs_own_block(self, template: Template, tier: str) -> None:
        assert template.only("aws_vpc")["cidr_block"] == "10.0.0.0/16"
        blocks = {
            subnet.name: subnet.cidr for kind in ("public", "private", "isolated") for subnet in subnets(template, kind)
        }
        assert blocks == {
            f"catalog-{tier}-public-1": "10.0.0.0/24",
            f"catalog-{tier}-public-2": "10.0.1.0/24",
            f"catalog-{tier}-private-1": "10.0.4.0/24",
            f"catalog-{tier}-private-2": "10.0.5.0/24",
            f"catalog-{tier}-isolated-1": "10.0.8.0/24",
            f"catalog-{tier}-isolated-2": "10.0.9.0/24",
        }

    def test_only_public_subnets_are_routed_to_the_internet_gateway(self, template: Template) -> None:
        assert [subnet.routes for subnet in subnets(template, "public")] == [{"0.0.0.0/0": "aws_internet_gateway"}] * 2
        assert [subnet.routes for subnet in subnets(template, "isolated")] == [{}] * 2

    def test_private_subnets_get_out_through_nat(self, template: Template) -> None:
        assert [subnet.routes for subnet in subnets(template, "private")] == [{"0.0.0.0/0": "aws_nat_gateway"}] * 2

    def test_production_has_a_nat_gateway_per_zone_and_other_tiers_one(self, template: Template, tier: str) -> None:
        gateways = template.all("aws_nat_gateway")
        assert len(gateways) == len(template.all("aws_eip")) == (2 if tier == "prod" else 1)
        used = {route["nat_gateway_id"] for route in template.all("aws_route") if "nat_gateway_id" in route}
        assert len(used) == len(gateways)

    def test_stack_has_more_than_sixty_resources(self, template: Template) -> None:
        assert sum(len(named) for named in template.document["resource"].values()) >= 60


class TestRow02FargateServiceBehindAlb:
    def test_one_service_runs_on_fargate_in_the_private_subnets(self, template: Template) -> None:
        service = template.only("aws_ecs_service")
        assert service["capacity_provider_strategy"] == [{"base": 1, "capacity_provider": "FARGATE", "weight": 1}]
        assert "launch_type" not in service
        network = service["network_configuration"]
        assert network["assign_public_ip"] is False
        assert network["subnets"] == template.outputs["private_subnet_ids"]["value"]
        task = template.only("aws_ecs_task_definition")
        assert (task["requires_compatibilities"], task["network_mode"]) == (["FARGATE"], "awsvpc")

    def test_load_balancer_forwards_to_its_target_group(self, template: Template) -> None:
        group = template.reference("aws_lb_target_group", "arn")
        assert template.only("aws_lb_listener_rule")["action"] == [{"type": "forward", "target_group_arn": group}]
        assert template.only("aws_ecs_service")["load_balancer"] == [
            {"target_group_arn": group, "container_name": "api", "container_port": 8080}
        ]
        assert template.only("aws_lb_target_group")["target_type"] == "ip"
        balancer = template.only("aws_lb")
        assert (balancer["internal"], balancer["load_balancer_type"]) == (False, "application")
        assert balancer["subnets"] == template.outputs["public_subnet_ids"]["value"]

    def test_container_insights_is_on(self, template: Template) -> None:
        assert template.only("aws_ecs_cluster")["setting"] == [{"name": "containerInsights", "value": "enabled"}]

    def test_logs_are_kept_for_seven_days(self, template: Template, api: Block, tier: str) -> None:
        name = f"/catalog/{tier}/api/application"
        assert template.only("aws_cloudwatch_log_group", name=name)["retention_in_days"] == 7
        assert api["logConfiguration"]["logDriver"] == "awslogs"
        written_to = template.reference("aws_cloudwatch_log_group", "name", name=name)
        assert api["logConfiguration"]["options"]["awslogs-group"] == written_to

    def test_circuit_breaker_rolls_back(self, template: Template) -> None:
        assert template.only("aws_ecs_service")["deployment_circuit_breaker"] == {"enable": True, "rollback": True}


class TestRow03ServiceConnectAtTheService:
    def test_service_is_in_the_clusters_namespace_under_its_name(self, template: Template, tier: str) -> None:
        assert template.only("aws_service_discovery_http_namespace")["name"] == f"catalog-{tier}-services"
        connect = template.only("aws_ecs_service")["service_connect_configuration"]
        namespace = template.reference("aws_service_discovery_http_namespace", "arn")
        assert (connect["enabled"], connect["namespace"]) == (True, namespace)
        assert connect["service"] == [
            {"port_name": "http", "discovery_name": "api", "client_alias": {"dns_name": "api", "port": 8080}}
        ]
        assert template.only("aws_ecs_cluster")["service_connect_defaults"] == {"namespace": namespace}

    def test_container_has_a_port_of_that_name(self, api: Block) -> None:
        assert [(port["name"], port["containerPort"]) for port in api["portMappings"]] == [("http", 8080)]


class TestRow04ElastiCacheServerless:
    def test_is_named_and_limited(self, template: Template, tier: str) -> None:
        cache = template.only("aws_elasticache_serverless_cache")
        assert cache["name"] == f"catalog-{tier}-cache"
        assert cache["cache_usage_limits"] == [
            {"data_storage": [{"maximum": 10, "unit": "GB"}], "ecpu_per_second": [{"maximum": 5000}]}
        ]
        assert template.all("aws_elasticache_replication_group") == []

    def test_container_gets_the_real_endpoints(self, template: Template, api: Block) -> None:
        cache = template.reference("aws_elasticache_serverless_cache", "").removesuffix(".}")
        variables = by_name(api["environment"])
        assert variables["CACHE_HOST"] == f"{cache}.endpoint[0].address}}"
        assert variables["CACHE_PORT"] == f"{cache}.endpoint[0].port}}"
        assert variables["CACHE_READER_HOST"] == f"{cache}.reader_endpoint[0].address}}"
        assert variables["CACHE_READER_PORT"] == f"{cache}.reader_endpoint[0].port}}"
        assert template.outputs["cache_endpoint"]["value"] == variables["CACHE_HOST"]


class TestRow05SecretsInjectedByValueFrom:
    def test_container_gets_every_secret_by_its_arn(self, template: Template, api: Block, tier: str) -> None:
        database = password(template)
        assert by_name(api["secrets"], "valueFrom") == {
            "APPLICATION_SECRET": template.reference(
                "aws_secretsmanager_secret", "arn", name=f"catalog/{tier}/application"
            ),
            "DATABASE_USERNAME": f"{database}:username::",
            "DATABASE_PASSWORD": f"{database}:password::",
        }

    def test_no_secret_is_in_the_plain_environment(self, api: Block) -> None:
        assert not by_name(api["environment"]).keys() & by_name(api["secrets"], "valueFrom").keys()

    def test_ecs_may_read_exactly_these(self, template: Template, tier: str) -> None:
        allowed = role_statements(template, "api-execution")
        readable = [
            arn
            for statement in allowed.values()
            if "secretsmanager:GetSecretValue" in statement["Action"]
            for arn in statement["Resource"]
        ]
        assert readable == [
            template.reference("aws_secretsmanager_secret", "arn", name=f"catalog/{tier}/application"),
            password(template),
        ]
        assert "secretsmanager:GetSecretValue" not in str(role_statements(template, "api-task"))

    def test_first_value_never_reaches_the_state(self, template: Template) -> None:
        version = template.only("aws_secretsmanager_secret_version")
        assert version["secret_string_wo"].startswith("${ephemeral.aws_secretsmanager_random_password.")
        assert "secret_string" not in version
        instance = template.only("aws_db_instance")
        assert instance["manage_master_user_password"] is True
        assert "password" not in instance


class TestRow06WebAcl:
    def test_is_associated_with_the_load_balancer(self, template: Template) -> None:
        association = template.only("aws_wafv2_web_acl_association")
        assert association["resource_arn"] == template.reference("aws_lb", "arn")
        assert association["web_acl_arn"] == template.reference("aws_wafv2_web_acl", "arn")
        assert template.only("aws_wafv2_web_acl")["scope"] == "REGIONAL"

    def test_managed_rule_groups_have_their_priorities(self, template: Template) -> None:
        groups = [
            (rule["priority"], group["vendor_name"], group["name"])
            for rule in template.only("aws_wafv2_web_acl")["rule"]
            if (group := rule["statement"].get("managed_rule_group_statement"))
        ]
        assert groups == [
            (1, "AWS", "AWSManagedRulesCommonRuleSet"),
            (2, "AWS", "AWSManagedRulesKnownBadInputsRuleSet"),
            (3, "AWS", "AWSManagedRulesSQLiRuleSet"),
        ]

    def test_managed_rule_groups_act_as_aws_made_them(self, template: Template) -> None:
        rules = template.only("aws_wafv2_web_acl")["rule"]
        assert [rule.get("override_action") for rule in rules] == [{"none": {}}] * 3 + [None]

    def test_acl_and_every_rule_report_to_cloudwatch(self, template: Template, tier: str) -> None:
        acl = template.only("aws_wafv2_web_acl")
        visibility = [each["visibility_config"] for each in (acl, *acl["rule"])]
        assert all(each["cloudwatch_metrics_enabled"] is True for each in visibility)
        assert [each["metric_name"] for each in visibility] == [
            f"catalog-{tier}-firewall",
            *(rule["name"] for rule in acl["rule"]),
        ]


class TestRow07AlarmsToSns:
    @pytest.mark.parametrize(
        ("name", "watched", "threshold"),
        [
            ("api-cpu", ("AWS/ECS", "CPUUtilization", "GreaterThanThreshold"), 80),
            ("api-memory", ("AWS/ECS", "MemoryUtilization", "GreaterThanThreshold"), 80),
            ("api-unhealthy", ("AWS/ApplicationELB", "UnHealthyHostCount", "GreaterThanOrEqualToThreshold"), 1),
            ("api-latency", ("AWS/ApplicationELB", "TargetResponseTime", "GreaterThanThreshold"), 1),
            # 75 % of 5,000 units a second, in a minute; 80 % of 10 GB.
            ("cache-compute", ("AWS/ElastiCache", "ElastiCacheProcessingUnits", "GreaterThanThreshold"), 225_000),
            ("cache-memory", ("AWS/ElastiCache", "BytesUsedForCache", "GreaterThanThreshold"), 8_000_000_000),
            ("alb-5xx", ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "GreaterThanThreshold"), 10),
            ("api-errors", ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "GreaterThanThreshold"), 10),
        ],
    )
    def test_goes_off_at(
        self, alarms: dict[str, Block], name: str, watched: tuple[str, str, str], threshold: float
    ) -> None:
        alarm = alarms[name]
        assert (alarm["namespace"], alarm["metric_name"], alarm["comparison_operator"]) == watched
        assert alarm["threshold"] == threshold
        assert alarm["period"] == 60

    def test_none_is_lost_and_none_is_new(self, alarms: dict[str, Block], tier: str) -> None:
        assert Counter(name.partition("-")[0] for name in alarms) == {
            "api": 7,
            "alb": 2,
            "firewall": 1,
            "cache": 3,
            "database": 4,
            "rotation": 2,
            "files": 1,
            "nat": 4 if tier == "prod" else 2,
            "events": 2,
            "notifications": 1,
        }

    def test_each_names_what_it_watches_by_the_dimensions_of_the_metric(
        self, alarms: dict[str, Block], template: Template, tier: str
    ) -> None:
        tasks = {
            "ClusterName": template.reference("aws_ecs_cluster", "name"),
            "ServiceName": template.reference("aws_ecs_service", "name"),
        }
        targets = {
            "LoadBalancer": template.reference("aws_lb", "arn_suffix"),
            "TargetGroup": template.reference("aws_lb_target_group", "arn_suffix"),
        }
        assert alarms["api-cpu"]["dimensions"] == alarms["api-memory"]["dimensions"] == tasks
        for name in ("api-unhealthy", "api-latency", "api-errors"):
            assert alarms[name]["dimensions"] == targets
        for name in ("cache-compute", "cache-memory"):
            assert alarms[name]["dimensions"] == {"clusterId": f"catalog-{tier}-cache"}
        assert alarms["alb-5xx"]["dimensions"] == {"LoadBalancer": targets["LoadBalancer"]}

    def test_no_cache_alarm_is_on_a_metric_of_nodes(self, template: Template) -> None:
        alarms = template.where("aws_cloudwatch_metric_alarm", namespace="AWS/ElastiCache")
        assert {alarm["metric_name"] for alarm in alarms} == {
            "ElastiCacheProcessingUnits",
            "BytesUsedForCache",
            "ThrottledCmds",
        }

    def test_going_off_and_recovery_are_told_to_the_topic(self, template: Template) -> None:
        topic = template.reference("aws_sns_topic", "arn")
        for alarm in template.all("aws_cloudwatch_metric_alarm"):
            assert alarm["alarm_actions"] == alarm["ok_actions"] == [topic]
            assert alarm["treat_missing_data"] == "notBreaching"
            assert alarm.get("actions_enabled", True) is True

    def test_topic_has_an_email_subscription(self, template: Template) -> None:
        subscription = template.only("aws_sns_topic_subscription")
        assert subscription["topic_arn"] == template.reference("aws_sns_topic", "arn")
        assert (subscription["protocol"], subscription["endpoint"]) == ("email", "alerts@example.com")


class TestRow08Autoscaling:
    def test_two_to_ten_tasks(self, template: Template) -> None:
        target = template.only("aws_appautoscaling_target")
        assert (target["min_capacity"], target["max_capacity"]) == (2, 10)
        cluster, service = (template.reference(kind, "name") for kind in ("aws_ecs_cluster", "aws_ecs_service"))
        assert target["resource_id"] == f"service/{cluster}/{service}"
        assert (target["service_namespace"], target["scalable_dimension"]) == ("ecs", "ecs:service:DesiredCount")

    def test_cpu_memory_and_requests_have_their_targets(self, template: Template) -> None:
        policies = template.all("aws_appautoscaling_policy")
        assert {policy["policy_type"] for policy in policies} == {"TargetTrackingScaling"}
        tracking = [policy["target_tracking_scaling_policy_configuration"] for policy in policies]
        label = (
            f"{template.reference('aws_lb', 'arn_suffix')}/{template.reference('aws_lb_target_group', 'arn_suffix')}"
        )
        measured = [(each["predefined_metric_specification"], each["target_value"]) for each in tracking]
        assert measured == [
            ({"predefined_metric_type": "ECSServiceAverageCPUUtilization"}, 70),
            ({"predefined_metric_type": "ECSServiceAverageMemoryUtilization"}, 70),
            ({"predefined_metric_type": "ALBRequestCountPerTarget", "resource_label": label}, 1000),
        ]

    def test_a_deployment_leaves_the_count_to_it(self, template: Template) -> None:
        service = template.only("aws_ecs_service")
        assert service["desired_count"] == 2
        assert service["lifecycle"]["ignore_changes"] == ["desired_count"]


class TestRow09DeregistrationDelay:
    def test_is_thirty_seconds_as_text(self, template: Template) -> None:
        assert template.only("aws_lb_target_group")["deregistration_delay"] == "30"


class TestRow10EncryptionLeastPrivilegeAndClosedGroups:
    def test_everything_at_rest_is_under_a_key_of_its_own_kind(self, template: Template) -> None:
        database = template.only("aws_db_instance")
        assert database["storage_encrypted"] is True
        assert database["kms_key_id"] == database["master_user_secret_kms_key_id"] == key(template, "database")
        assert database["performance_insights_kms_key_id"] == key(template, "database")
        files = template.only("aws_efs_file_system")
        assert (files["encrypted"], files["kms_key_id"]) == (True, key(template, "files"))
        assert template.only("aws_elasticache_serverless_cache")["kms_key_id"] == key(template, "cache")
        (secret,) = application_secrets(template)
        assert secret["kms_key_id"] == key(template, "secrets")
        assert {each["kms_key_id"] for each in template.all("aws_secretsmanager_secret")} == {
            key(template, part) for part in ("database", "secrets")
        }
        assert template.only("aws_sns_topic")["kms_master_key_id"] == key(template, "notifications")
        assert {group["kms_key_id"] for group in template.all("aws_cloudwatch_log_group")} == {key(template, "logs")}
        # Load balancers write to no bucket under a key of one's own.
        (rule,) = template.only("aws_s3_bucket_server_side_encryption_configuration")["rule"]
        assert rule["apply_server_side_encryption_by_default"] == {"sse_algorithm": "AES256"}

    def test_every_key_is_turned_over(self, template: Template) -> None:
        assert [each["enable_key_rotation"] for each in template.all("aws_kms_key")] == [True] * 7

    def test_production_is_entered_by_tls_only(self, template: Template, tier: str) -> None:
        listeners = {listener["port"]: listener for listener in template.all("aws_lb_listener")}
        if tier == "prod":
            (redirect,) = listeners[80]["default_action"]
            assert redirect["type"] == "redirect"
            assert redirect["redirect"] == {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}
            assert listeners[443]["protocol"] == "HTTPS"
            assert listeners[443]["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
            validation = template.reference("aws_acm_certificate_validation", "certificate_arn")
            assert listeners[443]["certificate_arn"] == validation
            assert template.outputs["url"]["value"] == "https://catalog.example.com"
        else:
            assert listeners.keys() == {80}
        served = template.reference("aws_lb_listener", "arn", port=443 if tier == "prod" else 80)
        assert template.only("aws_lb_listener_rule")["listener_arn"] == served

    def test_stores_are_reached_by_tls_only(self, template: Template, api: Block) -> None:
        parameters = by_name(template.only("aws_db_parameter_group")["parameter"])
        assert parameters["rds.force_ssl"] == "1"
        variables = by_name(api["environment"])
        assert (variables["CACHE_TLS"], variables["DATABASE_TLS"]) == ("true", "true")

    @pytest.mark.parametrize("kind", ["aws_efs_file_system_policy", "aws_s3_bucket_policy", "aws_sns_topic_policy"])
    def test_files_logs_and_messages_are_refused_without_tls(self, template: Template, kind: str) -> None:
        conditions = [
            statement["Condition"]
            for statement in statements(template.only(kind)["policy"])
            if statement["Effect"] == "Deny" and statement["Principal"] in ("*", {"AWS": "*"})
        ]
        assert {"Bool": {"aws:SecureTransport": "false"}} in conditions

    def test_no_role_may_do_anything_everywhere(self, template: Template) -> None:
        for policy in template.all("aws_iam_role_policy"):
            for statement in statements(policy["policy"]):
                if statement["Effect"] == "Deny":
                    continue
                assert statement["Resource"] != ["*"]
                assert not [action for action in statement["Action"] if "*" in action]

    def test_application_may_sign_in_to_the_cache_and_nothing_else(self, template: Template) -> None:
        allowed = role_statements(template, "api-task")
        assert allowed.keys() == {"ConnectToCache"}
        assert allowed["ConnectToCache"]["Action"] == ["elasticache:Connect"]
        assert allowed["ConnectToCache"]["Resource"] == [
            template.reference("aws_elasticache_serverless_cache", "arn"),
            template.reference("aws_elasticache_user", "arn"),
        ]

    def test_ecs_may_write_logs_and_read_secrets_and_nothing_else(self, template: Template) -> None:
        assert role_statements(template, "api-execution").keys() == {
            "WriteLogs",
            "ReadSecrets",
            "DecryptSecrets",
            "ReadDatabaseSecret",
            "DecryptDatabaseSecret",
        }

    def test_groups_let_in_what_the_stack_needs_and_nothing_else(self, template: Template, tier: str) -> None:
        inside = {
            Edge("alb", "api", 8080),
            Edge("api", "cache", 6379),
            Edge("api", "cache", 6380),
            Edge("api", "database", 5432),
            OF_ROTATION,
        }
        users = {Edge(INTERNET, "alb", port) for port in ((80, 443) if tier == "prod" else (80,))}
        assert ingress(template) == inside | users
        assert egress(template) == inside | {Edge("api", INTERNET, 443), OUT_OF_ROTATION}

    def test_no_group_has_rules_of_its_own(self, template: Template) -> None:
        groups = template.all("aws_security_group")
        assert len(groups) == 6
        assert not [group for group in groups if "ingress" in group or "egress" in group]
        default = template.only("aws_default_security_group")
        assert (default["ingress"], default["egress"]) == ([], [])
