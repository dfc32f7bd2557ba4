"""Fleet: instances behind the load balancer, replaced without a gap, with what they need before the first boots."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from lib.components.access import Access
from lib.components.account import Account
from lib.components.connections import Connections, Peer
from lib.components.fleet import Fleet, disk_key_statements
from lib.components.policy import Statement
from lib.naming import Names
from lib.settings.compute import Fleet as FleetSettings
from lib.settings.compute import FleetScaling
from tests.template import Block, Template, statements
from tests.unit.components.exposed import expose, exposed

LOG_KEY = "arn:aws:kms:eu-west-1:111122223333:key/logs"
DISK_KEY = "arn:aws:kms:eu-west-1:111122223333:key/disks"
GROUP, POLICY = "aws_autoscaling_group", "aws_autoscaling_policy"
READ_PASSWORD = Statement(sid="ReadPassword", actions=["secretsmanager:GetSecretValue"], resources=["arn:db"])
CONNECT = Statement(sid="Connect", actions=["elasticache:Connect"], resources=["arn:cache"])
DATABASE = Access(
    peer=Peer("database", "sg-db"),
    ports=[5432],
    environment={"DATABASE_HOST": "db.example", "LEVEL": "overridden"},
    secrets={"DATABASE_PASSWORD": "arn:db:password::"},
    secret_references={"DATABASE_SECRET_ARN": "arn:db"},
    execution_statements=[READ_PASSWORD],
)
CACHE = Access(
    peer=Peer("cache", "sg-cache"),
    ports=[6379],
    environment={"CACHE_HOST": "cache.example"},
    task_statements=[CONNECT],
    execution_statements=[READ_PASSWORD],
)


def add_fleet(scope: Construct, *, access: tuple[Access, ...] = (), **settings: Any) -> Fleet:
    return Fleet(
        scope,
        "web_fleet",
        name="web",
        names=Names("shop", "dev"),
        settings=FleetSettings(**settings),
        account=Account(scope, "account", region="eu-west-1"),
        vpc_id="vpc-1",
        subnet_ids=["subnet-a", "subnet-b"],
        listener_arn="arn:listener",
        priority=77,
        load_balancer_arn_suffix="app/shop/1",
        log_key_arn=LOG_KEY,
        disk_key_arn=DISK_KEY,
        tags={"Project": "shop", "Environment": "dev"},
        access=access,
    )


def build(**arguments: Any) -> Template:
    return Template.of_components(lambda scope: add_fleet(scope, **arguments))


@pytest.fixture(scope="module")
def template() -> Template:
    def add(scope: Construct) -> None:
        fleet = add_fleet(
            scope,
            access=(DATABASE, CACHE),
            port=9000,
            environment={"LEVEL": "info", "GREETING": "${name}"},
            health_check_grace_seconds=240,
            deregistration_delay_seconds=45,
            log_retention_days=14,
            scaling=FleetScaling(
                min_instances=3, max_instances=7, cpu_percent=55, requests_per_target=900, warmup_seconds=150
            ),
        )
        expose(
            scope,
            group_name=fleet.group_name,
            launch_template_id=fleet.launch_template_id,
            role_arn=fleet.role_arn,
            target_group_arn=fleet.target_group_arn,
            target_group_arn_suffix=fleet.target_group_arn_suffix,
            log_group_name=fleet.log_group_name,
            peer=fleet.peer,
            alarms=fleet.alarms(),
        )

    return Template.of_components(add)


@pytest.fixture(scope="module")
def group(template: Template) -> Block:
    return template.only(GROUP)


def user_data(template: Template) -> str:
    (text,) = template.document["locals"].values()
    return cast(str, text)


def scaling(template: Template, part: str) -> Block:
    return template.only(POLICY, name=f"shop-dev-web-{part}")


class TestInstances:
    def test_run_in_the_given_subnets_between_the_settings_limits(self, group: Block) -> None:
        assert group["name"] == "shop-dev-web"
        assert group["vpc_zone_identifier"] == ["subnet-a", "subnet-b"]
        assert (group["min_size"], group["max_size"]) == (3, 7)
        assert "desired_capacity" not in group

    def test_are_launched_as_the_newest_version_says(self, group: Block, template: Template) -> None:
        assert group["launch_template"] == {
            "id": template.reference("aws_launch_template", "id"),
            "version": template.reference("aws_launch_template", "latest_version"),
        }

    def test_are_replaced_when_the_load_balancer_finds_them_unhealthy(self, group: Block) -> None:
        assert group["health_check_type"] == "ELB"
        assert group["health_check_grace_period"] == 240
        assert group["default_instance_warmup"] == 150

    def test_have_the_stacks_tags_and_a_name(self, group: Block) -> None:
        assert group["tag"] == [
            {"key": "Environment", "value": "dev", "propagate_at_launch": True},
            {"key": "Name", "value": "shop-dev-web", "propagate_at_launch": True},
            {"key": "Project", "value": "shop", "propagate_at_launch": True},
        ]

    def test_have_disks_and_interfaces_with_the_same_tags(self, template: Template) -> None:
        tags = {"Project": "shop", "Environment": "dev", "Name": "shop-dev-web"}
        specifications = template.only("aws_launch_template")["tag_specifications"]
        assert [each["tags"] for each in specifications] == [tags, tags]

    def test_have_encrypted_disks(self, template: Template) -> None:
        (disk,) = template.only("aws_launch_template")["block_device_mappings"]
        assert (disk["ebs"]["encrypted"], disk["ebs"]["kms_key_id"]) == ("true", DISK_KEY)

    def test_have_a_security_group_that_opens_nothing_itself(self, template: Template) -> None:
        assert template.only("aws_security_group") == {
            "name": "shop-dev-web",
            "description": "Instances of the fleet web",
            "vpc_id": "vpc-1",
            "tags": {"Name": "shop-dev-web"},
        }
        (interface,) = template.only("aws_launch_template")["network_interfaces"]
        assert interface["security_groups"] == [template.reference("aws_security_group", "id")]
        assert template.all("aws_vpc_security_group_ingress_rule") == []
        assert template.all("aws_vpc_security_group_egress_rule") == []

    def test_log_to_an_encrypted_group_that_ends(self, template: Template) -> None:
        assert template.only("aws_cloudwatch_log_group") == {
            "name": "/shop/dev/web/application",
            "retention_in_days": 14,
            "kms_key_id": LOG_KEY,
        }
        assert '"log_group_name": "/shop/dev/web/application"' in user_data(template)

    def test_report_under_the_groups_name(self, template: Template, group: Block) -> None:
        assert f'{{"AutoScalingGroupName": "{group["name"]}"}}' in user_data(template)


class TestEnvironment:
    def test_tells_of_themselves_and_their_stores_and_where_the_secrets_are(self, template: Template) -> None:
        written = user_data(template).split("<<'END_OF_FILE'\n")[1].split("\nEND_OF_FILE")[0]
        assert written.splitlines() == [
            'AWS_REGION="eu-west-1"',
            'CACHE_HOST="cache.example"',
            'DATABASE_HOST="db.example"',
            'DATABASE_SECRET_ARN="arn:db"',
            'EXPECTED_SECRETS="DATABASE_SECRET_ARN"',
            'GREETING="\\$${name}"',
            'LEVEL="overridden"',
            'PORT="9000"',
            'SERVICE_NAME="web"',
        ]

    def test_tells_the_built_in_application_alone_what_to_expect(self) -> None:
        text = user_data(build(access=(DATABASE,), user_data="true"))
        assert "EXPECTED_SECRETS" not in text
        assert 'DATABASE_SECRET_ARN="arn:db"' in text
        assert "EXPECTED_SECRETS=" not in user_data(build())

    def test_runs_the_settings_own_script(self) -> None:
        assert "\necho here ${PORT}\n".replace("${", "$${") in user_data(build(user_data="echo here ${PORT}"))


class TestRole:
    def test_is_for_instances(self, template: Template) -> None:
        role = template.only("aws_iam_role")
        assert (role["name"], role["description"]) == ("shop-dev-web-instance", "Instances of the fleet web")
        # No condition: EC2 does not say for whom it takes on the role, and would not get it.
        assert statements(role["assume_role_policy"]) == [
            {
                "Sid": "Instances",
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": ["sts:AssumeRole"],
            }
        ]

    def test_reaches_them_by_their_profile(self, template: Template) -> None:
        assert template.only("aws_iam_instance_profile") == {
            "name": "shop-dev-web",
            "role": template.reference("aws_iam_role", "name"),
            "tags": {"Name": "shop-dev-web"},
        }
        profile = template.reference("aws_iam_instance_profile", "arn")
        assert template.only("aws_launch_template")["iam_instance_profile"] == {"arn": profile}

    def test_lets_people_in_by_systems_manager_and_the_agent_report(self, template: Template) -> None:
        attachments = template.all("aws_iam_role_policy_attachment")
        assert {each["role"] for each in attachments} == {template.reference("aws_iam_role", "name")}
        assert sorted(each["policy_arn"].partition(":iam::")[2] for each in attachments) == [
            "aws:policy/AmazonSSMManagedInstanceCore",
            "aws:policy/CloudWatchAgentServerPolicy",
        ]
        assert all(each["policy_arn"].startswith("arn:${data.aws_partition.") for each in attachments)

    def test_may_use_the_stores_and_read_their_credentials_and_nothing_else(self, template: Template) -> None:
        policy = template.only("aws_iam_role_policy")
        assert policy["role"] == template.reference("aws_iam_role", "id")
        assert policy["name"] == "shop-dev-web-instance"
        assert statements(policy["policy"]) == [READ_PASSWORD.as_dict(), CONNECT.as_dict()]

    def test_without_stores_has_no_policy_of_its_own(self) -> None:
        assert build().all("aws_iam_role_policy") == []


class TestDeployment:
    def test_brings_new_instances_before_old_ones_go_and_goes_back_by_itself(self, group: Block) -> None:
        assert group["instance_refresh"] == {
            "strategy": "Rolling",
            "preferences": {
                "auto_rollback": True,
                "instance_warmup": "150",
                "min_healthy_percentage": 100,
                "max_healthy_percentage": 150,
            },
        }

    def test_fails_when_the_first_instances_do_not_get_healthy(self, group: Block) -> None:
        assert group["min_elb_capacity"] == 3
        assert group["wait_for_capacity_timeout"] == "840s"
        assert "wait_for_elb_capacity" not in group

    def test_has_the_time_at_its_end_that_leaving_instances_get(self, group: Block) -> None:
        assert group["timeouts"] == {"delete": "645s"}

    def test_waits_for_rule_logs_and_permissions(self, group: Block, template: Template) -> None:
        kinds = [
            "aws_lb_listener_rule",
            "aws_cloudwatch_log_group",
            "aws_iam_role_policy_attachment",
            "aws_iam_role_policy",
        ]
        assert len(group["depends_on"]) == 5
        assert set(group["depends_on"]) == {f"{kind}.{name}" for kind in kinds for name in template.named(kind)}

    def test_waits_for_what_it_is_told_to(self) -> None:
        def add(scope: Construct) -> None:
            fleet = add_fleet(scope)
            connections, routes = Connections(scope, "connections"), Construct(scope, "routes")
            connections.allow_to_internet(fleet.peer, port=443, why="AWS")
            SnsTopic(routes, "route")
            fleet.start_after(connections, routes)

        template = Template.of_components(add)
        ((edge, _),) = template.named("aws_vpc_security_group_egress_rule").items()
        (route,) = template.named("aws_sns_topic")
        depends_on = template.only(GROUP)["depends_on"]
        assert depends_on[-2:] == [f"aws_vpc_security_group_egress_rule.{edge}", f"aws_sns_topic.{route}"]
        assert len(depends_on) == 6


class TestLoadBalancer:
    def test_knows_the_instances_by_their_group(self, group: Block, template: Template) -> None:
        assert group["target_group_arns"] == [template.reference("aws_lb_target_group", "arn")]
        target_group = template.only("aws_lb_target_group")
        assert (target_group["target_type"], target_group["port"]) == ("instance", 9000)
        assert (target_group["name"], target_group["vpc_id"]) == ("shop-dev-web-9000", "vpc-1")
        assert target_group["deregistration_delay"] == "45"

    def test_sends_requests_by_a_rule_at_its_place(self, template: Template) -> None:
        rule = template.only("aws_lb_listener_rule")
        assert (rule["listener_arn"], rule["priority"]) == ("arn:listener", 77)


class TestScaling:
    def test_follows_cpu(self, template: Template) -> None:
        assert scaling(template, "cpu") == {
            "name": "shop-dev-web-cpu",
            "autoscaling_group_name": template.reference(GROUP, "name"),
            "policy_type": "TargetTrackingScaling",
            "target_tracking_configuration": {
                "target_value": 55,
                "predefined_metric_specification": {"predefined_metric_type": "ASGAverageCPUUtilization"},
            },
        }

    def test_follows_requests_of_this_group_at_this_load_balancer(self, template: Template) -> None:
        suffix = template.reference("aws_lb_target_group", "arn_suffix")
        assert scaling(template, "requests")["target_tracking_configuration"] == {
            "target_value": 900,
            "predefined_metric_specification": {
                "predefined_metric_type": "ALBRequestCountPerTarget",
                "resource_label": f"app/shop/1/{suffix}",
            },
        }

    def test_follows_requests_once_the_load_balancer_knows_the_group(self, template: Template, group: Block) -> None:
        # AWS refuses the policy before; by the group's name it waits for the group, which waits for the rule.
        assert scaling(template, "requests")["autoscaling_group_name"] == template.reference(GROUP, "name")
        assert group["depends_on"][0].startswith("aws_lb_listener_rule.")

    @pytest.mark.parametrize(("setting", "left"), [("cpu_percent", "requests"), ("requests_per_target", "cpu")])
    def test_does_not_follow_what_is_switched_off(self, setting: str, left: str) -> None:
        template = build(scaling=FleetScaling.model_validate({setting: False}))
        assert [each["name"] for each in template.all(POLICY)] == [f"shop-dev-web-{left}"]

    def test_can_be_watched_minute_by_minute(self, group: Block) -> None:
        assert group["metrics_granularity"] == "1Minute"
        assert set(group["enabled_metrics"]) == {
            "GroupDesiredCapacity",
            "GroupInServiceInstances",
            "GroupMaxSize",
            "GroupMinSize",
            "GroupPendingInstances",
            "GroupTerminatingInstances",
            "GroupTotalInstances",
        }


class TestWhatOthersWireTo:
    def test_is_what_the_resources_say(self, template: Template) -> None:
        assert exposed(template, "group_name") == template.reference(GROUP, "name")
        assert exposed(template, "launch_template_id") == template.reference("aws_launch_template", "id")
        assert exposed(template, "role_arn") == template.reference("aws_iam_role", "arn")
        assert exposed(template, "target_group_arn") == template.reference("aws_lb_target_group", "arn")
        assert exposed(template, "target_group_arn_suffix") == template.reference("aws_lb_target_group", "arn_suffix")
        assert exposed(template, "log_group_name") == template.reference("aws_cloudwatch_log_group", "name")
        assert exposed(template, "peer") == {
            "name": "web",
            "security_group_id": template.reference("aws_security_group", "id"),
        }

    def test_alarms_watch_this_fleet_behind_this_load_balancer(self, template: Template) -> None:
        instances = {"AutoScalingGroupName": template.reference(GROUP, "name")}
        targets = {
            "LoadBalancer": "app/shop/1",
            "TargetGroup": template.reference("aws_lb_target_group", "arn_suffix"),
        }
        alarms = exposed(template, "alarms")
        assert [alarm["dimensions"] for alarm in alarms] == [instances] * 4 + [targets] * 4
        assert {alarm["unit"] for alarm in alarms} == {"web"}

    def test_alarm_on_instances_looks_at_a_metric_that_is_collected(self, template: Template, group: Block) -> None:
        (alarm,) = (each for each in exposed(template, "alarms") if each["namespace"] == "AWS/AutoScaling")
        assert alarm["metric"] in group["enabled_metrics"]


def disk_key_policy() -> list[Block]:
    def add(scope: Construct) -> None:
        expose(scope, policy=disk_key_statements(Account(scope, "account", region="eu-west-1")))

    return cast(list[Block], exposed(Template.of_components(add), "policy"))


class TestDiskKey:
    def test_serves_whoever_launches_instances_in_this_account(self) -> None:
        disks, _ = disk_key_policy()
        account = disks["Condition"]["StringEquals"].pop("kms:CallerAccount")
        assert account.startswith("${data.aws_caller_identity.")
        assert disks == {
            "Sid": "Disks",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": ["*"],
            "Condition": {"StringEquals": {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"}},
        }

    def test_gives_grants_to_services_of_aws_alone(self) -> None:
        _, grants = disk_key_policy()
        assert grants["Action"] == ["kms:CreateGrant"]
        assert grants["Principal"] == {"AWS": "*"}
        assert set(grants["Condition"]["StringEquals"]) == {"kms:CallerAccount", "kms:ViaService"}
        assert grants["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}

    def test_names_no_role_that_may_not_be_there_yet(self) -> None:
        assert "role/" not in json.dumps(disk_key_policy())


def test_addresses_in_the_state_are_a_promise(template: Template) -> None:
    names = {name.rpartition("_")[0] for kind in template.document["resource"] for name in template.named(kind)}
    assert {name.removeprefix("web_fleet_") for name in names} == {
        "agent_policy",
        "cpu_scaling",
        "group",
        "log_group",
        "policy",
        "profile",
        "requests_scaling",
        "role",
        "route_listener_rule",
        "route_target_group",
        "security_group",
        "sessions_policy",
        "template_launch_template",
    }
