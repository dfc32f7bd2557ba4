"""Fleet, EC2 instances in several environments: each row of its requirements, in every tier."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lib.app import new_app
from tests.blueprints.reading import (
    INTERNET,
    OF_ROTATION,
    OUT_OF_ROTATION,
    Edge,
    address,
    application_secrets,
    bucket,
    by_name,
    default_tags,
    egress,
    group,
    ingress,
    key,
    listeners,
    password,
    physical_names,
    referred,
    role_statements,
    subnets,
    users_of,
)
from tests.synthesis import TIERS, synthesized, template_of
from tests.template import Block, Template, statements

SECURITY_GROUPS = ("alb", "database", "rotation", "web")


@pytest.fixture(scope="module", params=TIERS)
def tier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def template(tier: str) -> Template:
    return synthesized("fleet", tier)


@pytest.fixture(scope="module")
def database(template: Template) -> Block:
    return template.only("aws_db_instance")


@pytest.fixture(scope="module")
def launch(template: Template) -> Block:
    """The launch template."""
    return template.only("aws_launch_template")


@pytest.fixture(scope="module")
def scaling_group(template: Template) -> Block:
    return template.only("aws_autoscaling_group")


@pytest.fixture(scope="module")
def first_boot(template: Template, launch: Block) -> str:
    """The script that an instance runs first."""
    name = re.fullmatch(r"\$\{base64encode\(local\.(\w+)\)\}", launch["user_data"])
    assert name
    return str(template.document["locals"][name[1]])


@pytest.fixture(scope="module")
def data(template: Template) -> dict[str, Block]:
    """The parts of the bucket for data."""
    return bucket(template, "data")


@pytest.fixture(scope="module")
def twins(tier: str) -> tuple[Template, Template]:
    """One environment, deployed twice: `dev-001` and `dev-002`."""
    first, second = (template_of(suffix=f"{tier}-{number}", blueprint="fleet") for number in ("001", "002"))
    return first, second


class TestRow01Database:
    def test_is_postgresql(self, database: Block, template: Template) -> None:
        assert (database["engine"], database["engine_version"]) == ("postgres", "17")
        assert template.only("aws_db_parameter_group")["family"] == "postgres17"
        assert database["parameter_group_name"] == template.reference("aws_db_parameter_group", "name")

    def test_password_is_made_and_kept_by_secrets_manager(self, database: Block, template: Template) -> None:
        assert database["manage_master_user_password"] is True
        assert database["master_user_secret_kms_key_id"] == key(template, "database")
        assert not [argument for argument in database if argument.startswith(("password", "master_password"))]

    def test_instances_are_told_where_the_password_is_and_not_what_it_is(
        self, first_boot: str, template: Template
    ) -> None:
        secret = password(template)
        assert f'\nDATABASE_SECRET_ARN="{secret}"\n' in first_boot
        assert f'\nDATABASE_HOST="{template.reference("aws_db_instance", "address")}"\n' in first_boot
        assert "DATABASE_PASSWORD" not in first_boot
        assert template.outputs["database_secret_arn"]["value"] == secret

    def test_instances_may_read_exactly_that_secret(self, template: Template) -> None:
        allowed = role_statements(template, "web-instance")
        secret = password(template)
        assert allowed["ReadDatabaseSecret"]["Action"] == ["secretsmanager:GetSecretValue"]
        assert allowed["ReadDatabaseSecret"]["Resource"] == [secret]
        assert allowed["DecryptDatabaseSecret"]["Resource"] == [key(template, "database")]

    def test_storage_is_encrypted_under_its_own_key(self, database: Block, template: Template) -> None:
        assert (database["storage_encrypted"], database["kms_key_id"]) == (True, key(template, "database"))
        # The others are its password, and the permission to decrypt that.
        assert users_of(template, key(template, "database")) == {
            "aws_db_instance",
            "aws_iam_role_policy",
            "aws_secretsmanager_secret",
        }

    def test_backups_are_kept_for_seven_days_in_every_tier(self, database: Block) -> None:
        assert database["backup_retention_period"] == 7

    def test_backups_are_over_when_maintenance_begins(self, database: Block) -> None:
        assert database["backup_window"] == "03:00-04:00"
        assert database["maintenance_window"] == "sun:04:30-sun:05:30"

    def test_both_logs_go_to_groups_that_are_there_beforehand(
        self, database: Block, template: Template, tier: str
    ) -> None:
        assert database["enabled_cloudwatch_logs_exports"] == ["postgresql", "upgrade"]
        for log in database["enabled_cloudwatch_logs_exports"]:
            name = f"/aws/rds/instance/fleet-{tier}-database/{log}"
            assert template.only("aws_cloudwatch_log_group", name=name)["kms_key_id"] == key(template, "logs")
            assert address(template, "aws_cloudwatch_log_group", name=name) in database["depends_on"]
        assert database["identifier"] == f"fleet-{tier}-database"

    def test_lies_in_the_isolated_subnets(self, database: Block, template: Template) -> None:
        assert database["db_subnet_group_name"] == template.reference("aws_db_subnet_group", "name")
        isolated = template.outputs["isolated_subnet_ids"]["value"]
        assert template.only("aws_db_subnet_group")["subnet_ids"] == isolated
        assert [subnet.routes for subnet in subnets(template, "isolated")] == [{}] * 2
        assert database["publicly_accessible"] is False

    def test_has_a_standby_in_production_only(self, database: Block, tier: str) -> None:
        assert database["multi_az"] is (tier == "prod")

    def test_is_spoken_to_by_tls_only(self, template: Template) -> None:
        parameters = by_name(template.only("aws_db_parameter_group")["parameter"])
        assert parameters["rds.force_ssl"] == "1"

    def test_production_cannot_lose_it(self, database: Block, tier: str) -> None:
        assert database["deletion_protection"] is (tier == "prod")
        assert database["skip_final_snapshot"] is (tier != "prod")


class TestRow02TagsAndNames:
    def test_provider_tags_everything(self, template: Template, tier: str) -> None:
        assert default_tags(template) == {
            "Application": "fleet",
            "Environment": tier,
            "EnvironmentSuffix": tier,
            "ManagedBy": "cdktf",
            "Project": "fleet",
            "Team": "platform",
        }

    def test_a_suffix_with_a_number_is_told_beside_its_environment(
        self, twins: tuple[Template, Template], tier: str
    ) -> None:
        tags = [default_tags(each) for each in twins]
        assert [each["Environment"] for each in tags] == [tier] * 2
        assert [each["EnvironmentSuffix"] for each in tags] == [f"{tier}-001", f"{tier}-002"]

    def test_every_name_carries_the_suffix(self, twins: tuple[Template, Template], tier: str) -> None:
        names = physical_names(twins[0])
        assert len(names) > 60
        assert [name for name in names if not re.search(rf"[-/]{tier}-001([-/]|$)", name)] == []

    def test_two_of_one_environment_share_no_name(self, twins: tuple[Template, Template]) -> None:
        first, second = (set(physical_names(each)) for each in twins)
        assert len(first) == len(second)
        assert first & second == set()

    def test_two_of_one_environment_share_neither_state_nor_domain(
        self, twins: tuple[Template, Template], tier: str
    ) -> None:
        states = {each.document["terraform"]["backend"]["local"]["path"] for each in twins}
        assert len(states) == 2
        domains = [certificate["domain_name"] for each in twins for certificate in each.all("aws_acm_certificate")]
        expected = [f"fleet-{tier}-{number}.example.com" for number in ("001", "002")]
        assert domains == (expected if tier == "prod" else [])

    def test_two_of_one_environment_differ_in_nothing_else(self, twins: tuple[Template, Template]) -> None:
        first, second = (json.dumps(each.document, sort_keys=True) for each in twins)
        assert first.replace("-001", "-002").replace("/001", "/002") == second


class TestRow03DataBucket:
    def test_is_encrypted_with_a_bucket_key(self, template: Template, data: dict[str, Block]) -> None:
        assert data["server_side_encryption_configuration"]["rule"] == [
            {
                "apply_server_side_encryption_by_default": {
                    "sse_algorithm": "aws:kms",
                    "kms_master_key_id": key(template, "buckets"),
                },
                "bucket_key_enabled": True,
            }
        ]

    def test_is_closed_to_the_public(self, data: dict[str, Block]) -> None:
        block = data["public_access_block"]
        names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        assert [block[name] for name in names] == [True] * 4

    def test_keeps_old_versions_by_tier(self, data: dict[str, Block], tier: str) -> None:
        status = {"dev": "Suspended", "staging": "Enabled", "prod": "Enabled"}[tier]
        assert data["versioning"]["versioning_configuration"] == {"status": status}

    def test_refuses_plain_http_and_lets_nobody_else_in(self, data: dict[str, Block]) -> None:
        (denied,) = statements(data["policy"]["policy"])
        assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", ["s3:*"])
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

    def test_is_named_so_that_nobody_else_has_the_name(self, data: dict[str, Block], tier: str) -> None:
        account = r"\$\{data\.aws_caller_identity\.\w+\.account_id\}"
        assert re.fullmatch(rf"fleet-{tier}-data-{account}-sa-east-1", data["bucket"]["bucket"])

    def test_instances_may_use_it(self, template: Template, data: dict[str, Block]) -> None:
        allowed = role_statements(template, "web-instance")
        arn = template.reference("aws_s3_bucket", "arn", bucket=data["bucket"]["bucket"])
        assert allowed["ListDataBucket"]["Resource"] == [arn]
        assert allowed["UseDataBucket"]["Resource"] == [f"{arn}/*"]
        assert allowed["UseDataBucketKey"]["Resource"] == [key(template, "buckets")]

    def test_instances_are_told_of_it(self, template: Template, first_boot: str) -> None:
        assert f'\nDATA_BUCKET="{template.outputs["bucket_names"]["value"]["data"]}"\n' in first_boot

    def test_goes_with_its_environment_except_in_production(self, data: dict[str, Block], tier: str) -> None:
        assert data["bucket"]["force_destroy"] is (tier != "prod")


class TestRow04InstancesAndTheirRole:
    def test_role_is_for_instances(self, template: Template, tier: str) -> None:
        (trust,) = statements(template.only("aws_iam_role", name=f"fleet-{tier}-web-instance")["assume_role_policy"])
        assert (trust["Effect"], trust["Action"]) == ("Allow", ["sts:AssumeRole"])
        assert trust["Principal"] == {"Service": "ec2.amazonaws.com"}

    def test_role_has_systems_managers_and_the_agents_policies(self, template: Template, tier: str) -> None:
        role = template.reference("aws_iam_role", "name", name=f"fleet-{tier}-web-instance")
        attached = [each["policy_arn"] for each in template.where("aws_iam_role_policy_attachment", role=role)]
        assert {arn.partition("::aws:policy/")[2] for arn in attached} == {
            "AmazonSSMManagedInstanceCore",
            "CloudWatchAgentServerPolicy",
        }

    def test_role_may_read_its_secret_and_use_its_bucket_and_nothing_else(self, template: Template) -> None:
        assert role_statements(template, "web-instance").keys() == {
            "ReadDatabaseSecret",
            "DecryptDatabaseSecret",
            "ListDataBucket",
            "UseDataBucket",
            "UseDataBucketKey",
        }

    def test_instances_have_it_by_the_profile(self, template: Template, launch: Block, tier: str) -> None:
        profile = template.only("aws_iam_instance_profile")
        assert profile["role"] == template.reference("aws_iam_role", "name", name=f"fleet-{tier}-web-instance")
        assert launch["iam_instance_profile"] == {"arn": template.reference("aws_iam_instance_profile", "arn")}

    def test_metadata_want_a_token_and_go_no_hop_further(self, launch: Block) -> None:
        assert launch["metadata_options"] == {
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
            "instance_metadata_tags": "disabled",
        }

    def test_image_is_the_one_that_the_public_parameter_names(self, template: Template, launch: Block) -> None:
        ((name, parameter),) = template.document["data"]["aws_ssm_parameter"].items()
        assert parameter["name"] == "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
        assert launch["image_id"] == f"${{data.aws_ssm_parameter.{name}.insecure_value}}"
        assert not re.search(r"\bami-[0-9a-f]{8,}", json.dumps(template.document))

    def test_disk_is_the_images_own_and_encrypted(self, template: Template, launch: Block) -> None:
        ((name, image),) = template.document["data"]["aws_ami"].items()
        assert image["filter"] == [{"name": "image-id", "values": [launch["image_id"]]}]
        (disk,) = launch["block_device_mappings"]
        assert disk["device_name"] == f"${{data.aws_ami.{name}.root_device_name}}"
        assert disk["ebs"] == {
            "encrypted": "true",
            "kms_key_id": key(template, "disks"),
            "volume_type": "gp3",
            "volume_size": 10,
            "delete_on_termination": "true",
        }

    def test_auto_scaling_may_use_the_disks_key_through_ec2(self, template: Template) -> None:
        policy = {each["Sid"]: each for each in statements(referred(template, key(template, "disks"))["policy"])}
        for sid in ("Disks", "DiskGrants"):
            condition = policy[sid]["Condition"]["StringEquals"]
            assert condition["kms:ViaService"] == "ec2.sa-east-1.amazonaws.com"
            assert condition["kms:CallerAccount"].endswith(".account_id}")
        assert policy["DiskGrants"]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}

    def test_instances_have_no_address_of_their_own(self, template: Template, launch: Block) -> None:
        assert launch["network_interfaces"] == [
            {
                "device_index": 0,
                "associate_public_ip_address": "false",
                "security_groups": [group(template, "web")],
                "delete_on_termination": "true",
            }
        ]
        assert "vpc_security_group_ids" not in launch
        assert "key_name" not in launch

    def test_size_is_the_tiers(self, launch: Block, tier: str) -> None:
        assert launch["instance_type"] == {"dev": "t3.micro", "staging": "t3.small", "prod": "m7i.large"}[tier]

    def test_first_boot_is_a_script_that_ec2_takes(self, first_boot: str) -> None:
        assert first_boot.startswith("#!/bin/bash\n")
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
        assert len(first_boot.encode()) < 15_000


class TestRow05AutoScalingGroup:
    def test_load_balancer_says_who_is_healthy_after_five_minutes(self, scaling_group: Block) -> None:
        assert scaling_group["health_check_type"] == "ELB"
        assert scaling_group["health_check_grace_period"] == 300

    def test_is_attached_to_the_target_group(self, scaling_group: Block, template: Template) -> None:
        assert scaling_group["target_group_arns"] == [template.reference("aws_lb_target_group", "arn")]
        assert template.all("aws_autoscaling_attachment") == []

    def test_starts_the_launch_templates_own_version(self, scaling_group: Block, template: Template) -> None:
        # `$Latest` would replace no instance when the template changes.
        version = template.reference("aws_launch_template", "latest_version")
        identity = template.reference("aws_launch_template", "id")
        assert scaling_group["launch_template"] == {"id": identity, "version": version}
        assert scaling_group["instance_refresh"]["strategy"] == "Rolling"
        assert scaling_group["instance_refresh"]["preferences"]["auto_rollback"] is True

    def test_hands_every_tag_on_to_its_instances(self, scaling_group: Block, template: Template, tier: str) -> None:
        tags = {tag["key"]: tag["value"] for tag in scaling_group["tag"]}
        assert tags == {**default_tags(template), "Name": f"fleet-{tier}-web"}
        assert [tag["propagate_at_launch"] for tag in scaling_group["tag"]] == [True] * len(tags)
        assert len(tags) == len(scaling_group["tag"])

    def test_disks_and_network_interfaces_get_them_too(self, launch: Block, template: Template, tier: str) -> None:
        # Neither the provider's default tags nor the group's reach them.
        tags = {**default_tags(template), "Name": f"fleet-{tier}-web"}
        assert launch["tag_specifications"] == [
            {"resource_type": "volume", "tags": tags},
            {"resource_type": "network-interface", "tags": tags},
        ]

    def test_capacity_is_the_tiers(self, scaling_group: Block, tier: str) -> None:
        bounds = {"dev": (1, 2), "staging": (2, 4), "prod": (2, 10)}
        assert (scaling_group["min_size"], scaling_group["max_size"]) == bounds[tier]
        assert scaling_group["min_elb_capacity"] == bounds[tier][0]
        # How many there are in between is scaling's to say.
        assert "desired_capacity" not in scaling_group

    def test_is_in_the_private_subnets(self, scaling_group: Block, template: Template) -> None:
        assert scaling_group["vpc_zone_identifier"] == template.outputs["private_subnet_ids"]["value"]
        assert [subnet.routes for subnet in subnets(template, "private")] == [{"0.0.0.0/0": "aws_nat_gateway"}] * 2

    def test_follows_processor_and_requests(self, template: Template) -> None:
        policies = template.all("aws_autoscaling_policy")
        assert {each["policy_type"] for each in policies} == {"TargetTrackingScaling"}
        name = template.reference("aws_autoscaling_group", "name")
        assert {each["autoscaling_group_name"] for each in policies} == {name}
        balancer = template.reference("aws_lb", "arn_suffix")
        targets = template.reference("aws_lb_target_group", "arn_suffix")
        requests = {"predefined_metric_type": "ALBRequestCountPerTarget", "resource_label": f"{balancer}/{targets}"}
        tracking = [each["target_tracking_configuration"] for each in policies]
        assert [(each["predefined_metric_specification"], each["target_value"]) for each in tracking] == [
            ({"predefined_metric_type": "ASGAverageCPUUtilization"}, 60),
            (requests, 1000),
        ]

    def test_starts_nobody_before_the_rule_and_the_open_ports_are_there(
        self, scaling_group: Block, template: Template
    ) -> None:
        kinds = ("aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule")
        ports = {f"{kind}.{name}" for kind in kinds for name in template.named(kind) if name.startswith("web_")}
        assert len(ports) == 5
        assert {*ports, address(template, "aws_lb_listener_rule")} <= set(scaling_group["depends_on"])


class TestRow06LoadBalancer:
    def test_speaks_http_2_and_waits_a_minute(self, template: Template) -> None:
        balancer = template.only("aws_lb")
        assert (balancer["enable_http2"], balancer["idle_timeout"]) == (True, 60)
        assert (balancer["load_balancer_type"], balancer["internal"]) == ("application", False)
        assert balancer["subnets"] == template.outputs["public_subnet_ids"]["value"]

    def test_is_protected_in_production(self, template: Template, tier: str) -> None:
        assert template.only("aws_lb")["enable_deletion_protection"] is (tier == "prod")

    def test_targets_are_instances_that_are_asked_in_full(self, template: Template) -> None:
        targets = template.only("aws_lb_target_group")
        assert (targets["target_type"], targets["port"], targets["protocol"]) == ("instance", 8080, "HTTP")
        assert targets["health_check"] == {
            "enabled": True,
            "protocol": "HTTP",
            "port": "traffic-port",
            "path": "/health",
            "matcher": "200",
            "interval": 30,
            "timeout": 5,
            "healthy_threshold": 2,
            "unhealthy_threshold": 3,
        }
        assert targets["vpc_id"] == template.reference("aws_vpc", "id")

    def test_instances_answer_where_they_are_asked(self, first_boot: str) -> None:
        assert '\nPORT="8080"\n' in first_boot
        assert "Answers `/health` while it lives" in first_boot
        assert "\nsystemctl enable --now application.service\n" in first_boot

    def test_sends_everything_to_them(self, template: Template, tier: str) -> None:
        rule = template.only("aws_lb_listener_rule")
        assert rule["condition"] == [{"path_pattern": {"values": ["/*"]}}]
        targets = template.reference("aws_lb_target_group", "arn")
        assert rule["action"] == [{"type": "forward", "target_group_arn": targets}]
        served = template.reference("aws_lb_listener", "arn", port=443 if tier == "prod" else 80)
        assert rule["listener_arn"] == served

    def test_production_speaks_tls(self, template: Template, tier: str) -> None:
        if tier == "prod":
            (redirect,) = listeners(template)[80]["default_action"]
            assert redirect["redirect"] == {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}
            certificate = template.reference("aws_acm_certificate_validation", "certificate_arn")
            assert listeners(template)[443]["certificate_arn"] == certificate
        else:
            assert listeners(template).keys() == {80}


class TestRow07Descriptions:
    RULES = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")

    def test_every_group_has_one_of_its_own(self, template: Template) -> None:
        groups = template.all("aws_security_group")
        assert sorted(each["name"].rpartition("-")[2] for each in groups) == list(SECURITY_GROUPS)
        descriptions = [each["description"] for each in groups]
        assert sorted(descriptions) == [
            "Instances of the fleet web",
            "Load balancer",
            "The database of the services",
            "The function that rotates the password of the database",
        ]

    @pytest.mark.parametrize(("kind", "direction"), [(RULES[0], "from"), (RULES[1], "to")])
    def test_every_rule_says_who_and_why(self, template: Template, kind: str, direction: str) -> None:
        for rule in template.all(kind):
            peer = rule.get("referenced_security_group_id")
            who = referred(template, peer)["name"].rpartition("-")[2] if peer else "the internet"
            assert re.fullmatch(rf"{direction} {who}: [A-Za-z].{{9,}}", rule["description"])

    @pytest.mark.parametrize("kind", ["aws_security_group", *RULES])
    def test_none_is_left_out_or_of_characters_that_ec2_refuses(self, template: Template, kind: str) -> None:
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
        for each in template.all(kind):
            assert re.fullmatch(r"[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}", each["description"])

    def test_rules_are_these_and_no_other(self, template: Template, tier: str) -> None:
        inside = {Edge("alb", "web", 8080), Edge("web", "database", 5432), OF_ROTATION}
        users = {Edge(INTERNET, "alb", port) for port in ((80, 443) if tier == "prod" else (80,))}
        assert ingress(template) == inside | users
        assert egress(template) == inside | {Edge("web", INTERNET, 443), OUT_OF_ROTATION}
        assert not [each for each in template.all("aws_security_group") if "ingress" in each or "egress" in each]


class TestRow08Outputs:
    def test_name_what_others_look_for(self, template: Template, data: dict[str, Block]) -> None:
        address_of_database = template.reference("aws_db_instance", "address")
        expected = {
            "database_endpoint": f"{address_of_database}:5432",
            "database_address": address_of_database,
            "load_balancer_dns_name": template.reference("aws_lb", "dns_name"),
            "load_balancer_arn": template.reference("aws_lb", "arn"),
            "autoscaling_group_names": {"web": template.reference("aws_autoscaling_group", "name")},
            "vpc_id": template.reference("aws_vpc", "id"),
            "bucket_arns": {
                "data": template.reference("aws_s3_bucket", "arn", bucket=data["bucket"]["bucket"]),
            },
        }
        assert {name: template.outputs[name]["value"] for name in expected} == expected

    def test_bucket_is_named_once_it_is_closed(self, template: Template, data: dict[str, Block]) -> None:
        name = template.outputs["bucket_names"]["value"]["data"]
        assert name == template.reference("aws_s3_bucket_policy", "bucket", policy=data["policy"]["policy"])

    def test_say_what_they_are_and_hide_nothing(self, template: Template) -> None:
        assert all(output["description"] for output in template.outputs.values())
        assert not [name for name, output in template.outputs.items() if output.get("sensitive")]


class TestRow09CdktfJson:
    @pytest.fixture
    def configuration(self, root: Path) -> Block:
        found: Block = json.loads((root / "cdktf.json").read_text())
        return found

    def test_sends_no_crash_reports(self, configuration: Block) -> None:
        assert configuration["sendCrashReports"] == "false"

    def test_names_the_program(self, configuration: Block) -> None:
        assert (configuration["language"], configuration["app"]) == ("python", "pipenv run python tap.py")
        assert configuration["terraformProviders"] == configuration["terraformModules"] == []

    def test_context_keeps_ids_short_and_readable(self, configuration: Block) -> None:
        assert configuration["context"] == {
            "excludeStackIdFromLogicalIds": "true",
            "allowSepCharsInLogicalIds": "true",
        }

    def test_context_is_in_force_without_the_command_line_interface(
        self, configuration: Block, template: Template, tier: str
    ) -> None:
        app = new_app()
        assert {name: app.node.try_get_context(name) for name in configuration["context"]} == configuration["context"]
        for named in template.document["resource"].values():
            assert not [name for name in named if f"TapStack{tier}" in name]


class TestWhatAFleetDoesWithout:
    @pytest.mark.parametrize(
        "word", ["ecs", "elasticache", "efs", "service_discovery", "appautoscaling", "rds_cluster", "apigatewayv2"]
    )
    def test_has_no_cluster_no_cache_and_no_files(self, template: Template, word: str) -> None:
        assert [kind for kind in template.document["resource"] if kind.startswith(f"aws_{word}")] == []

    def test_says_nothing_of_them_either(self, template: Template) -> None:
        said = json.dumps(template.document["output"])
        for word in ("cluster_name", "service_names", "cache", "file_system", "access_point"):
            assert word not in said

    def test_has_no_secrets_of_its_own(self, template: Template) -> None:
        assert application_secrets(template) == []
        assert "ephemeral" not in template.document
