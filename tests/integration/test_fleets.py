"""The fleets: instances in service, made as their template says, and answering."""

from __future__ import annotations

import json
from typing import cast

import pytest

from lib import responder
from lib.naming import Kind
from tests.integration.deployment import Block, Deployment, fetched, told

POLICIES = {"AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy"}


def in_service(group: Block) -> list[Block]:
    """The instances that take requests, as their group sees them."""
    found = [each for each in group["Instances"] if each["LifecycleState"] == "InService"]
    assert found, "no instance is in service"
    return found


def ids(deployment: Deployment, fleet: str) -> list[str]:
    return [each["InstanceId"] for each in in_service(deployment.group(fleet))]


def instances(deployment: Deployment, fleet: str) -> list[Block]:
    """The same as EC2 sees them."""
    pages = deployment.client("ec2").get_paginator("describe_instances").paginate(InstanceIds=ids(deployment, fleet))
    return [instance for page in pages for each in page["Reservations"] for instance in each["Instances"]]


def root_disk(template: Block) -> Block:
    (mapping,) = template["BlockDeviceMappings"]
    return cast(Block, mapping["Ebs"])


def interface(template: Block) -> Block:
    (found,) = template["NetworkInterfaces"]
    return cast(Block, found)


def test_as_many_instances_as_must_are_in_service_and_healthy(deployment: Deployment, fleet: str) -> None:
    group = deployment.group(fleet)
    assert 1 <= group["MinSize"] <= group["DesiredCapacity"] <= group["MaxSize"]
    assert len(in_service(group)) >= group["MinSize"]
    assert {each["HealthStatus"] for each in in_service(group)} == {"Healthy"}


def test_instances_are_in_the_private_subnets(deployment: Deployment, fleet: str) -> None:
    group = deployment.group(fleet)
    assert set(group["VPCZoneIdentifier"].split(",")) == set(deployment["private_subnet_ids"])
    assert {each["SubnetId"] for each in instances(deployment, fleet)} <= set(deployment["private_subnet_ids"])


def test_an_instance_that_does_not_answer_is_replaced(deployment: Deployment, fleet: str) -> None:
    group = deployment.group(fleet)
    assert group["HealthCheckType"] == "ELB"
    assert group["HealthCheckGracePeriod"] > 0
    assert group["TargetGroupARNs"] == [deployment["fleet_target_group_arns"][fleet]]
    assert group["SuspendedProcesses"] == []


def test_number_of_instances_follows_load(deployment: Deployment, fleet: str) -> None:
    name = deployment["autoscaling_group_names"][fleet]
    policies = deployment.client("autoscaling").describe_policies(AutoScalingGroupName=name)["ScalingPolicies"]
    assert {(policy["PolicyType"], policy.get("Enabled", True)) for policy in policies} == {
        ("TargetTrackingScaling", True)
    }


def test_group_reports_how_many_instances_it_has(deployment: Deployment, fleet: str) -> None:
    metrics = told("metrics of the group", deployment.group(fleet)["EnabledMetrics"])
    assert {"GroupInServiceInstances", "GroupDesiredCapacity"} <= {each["Metric"] for each in metrics}
    assert {each["Granularity"] for each in metrics} == {"1Minute"}


def test_group_and_instances_are_on_the_templates_newest_version(deployment: Deployment, fleet: str) -> None:
    id = deployment["launch_template_ids"][fleet]
    (template,) = deployment.client("ec2").describe_launch_templates(LaunchTemplateIds=[id])["LaunchTemplates"]
    newest = str(template["LatestVersionNumber"])
    assert str(template["DefaultVersionNumber"]) == newest
    group = deployment.group(fleet)
    used = [group["LaunchTemplate"], *(each["LaunchTemplate"] for each in in_service(group))]
    assert {(each["LaunchTemplateId"], each["Version"]) for each in used} == {(id, newest)}


def test_credentials_are_for_the_instance_alone(deployment: Deployment, fleet: str) -> None:
    options = deployment.launch_template(fleet)["MetadataOptions"]
    assert (options["HttpEndpoint"], options["HttpTokens"], options["HttpPutResponseHopLimit"]) == (
        "enabled",
        "required",
        1,
    )


@pytest.mark.real_account
def test_running_instances_keep_their_credentials_to_themselves(deployment: Deployment, fleet: str) -> None:
    options = [each["MetadataOptions"] for each in instances(deployment, fleet)]
    assert {(each["HttpTokens"], each["HttpPutResponseHopLimit"]) for each in options} == {("required", 1)}


def test_disks_are_made_under_the_stacks_key(deployment: Deployment, fleet: str) -> None:
    disk = root_disk(deployment.launch_template(fleet))
    assert disk["Encrypted"] is True
    assert deployment.is_key_of("disks", disk["KmsKeyId"])


@pytest.mark.real_account
def test_disks_in_use_are_under_the_stacks_key(deployment: Deployment, fleet: str) -> None:
    attached = [{"Name": "attachment.instance-id", "Values": ids(deployment, fleet)}]
    pages = deployment.client("ec2").get_paginator("describe_volumes").paginate(Filters=attached)
    volumes = [volume for page in pages for volume in page["Volumes"]]
    assert volumes
    for volume in volumes:
        assert volume["Encrypted"] is True
        assert deployment.is_key_of("disks", volume["KmsKeyId"])
        own = {tag["Key"]: tag["Value"] for tag in volume["Tags"]}
        assert deployment.tags.items() <= own.items()


def test_instances_are_made_without_an_address_of_their_own(deployment: Deployment, fleet: str) -> None:
    card = interface(deployment.launch_template(fleet))
    assert card["AssociatePublicIpAddress"] is False
    assert card["Groups"] == [deployment["fleet_security_group_ids"][fleet]]


@pytest.mark.real_account
def test_running_instances_are_behind_their_group_without_an_address(deployment: Deployment, fleet: str) -> None:
    for instance in instances(deployment, fleet):
        assert not instance.get("PublicIpAddress")
        groups = [group["GroupId"] for group in instance["SecurityGroups"]]
        assert groups == [deployment["fleet_security_group_ids"][fleet]]


def test_instances_have_the_rights_of_their_role(deployment: Deployment, fleet: str) -> None:
    name = deployment.launch_template(fleet)["IamInstanceProfile"]["Arn"].rpartition("/")[2]
    profile = deployment.client("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    assert [role["Arn"] for role in profile["Roles"]] == [deployment["instance_role_arns"][fleet]]


def test_role_lets_sessions_and_the_agent_work(deployment: Deployment, fleet: str) -> None:
    role = deployment["instance_role_arns"][fleet].rpartition("/")[2]
    attached = deployment.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert {policy["PolicyName"] for policy in attached} == POLICIES


def test_instances_carry_the_environments_tags(deployment: Deployment, fleet: str) -> None:
    group = deployment.group(fleet)
    handed_on = {tag["Key"]: tag["Value"] for tag in group["Tags"] if tag["PropagateAtLaunch"]}
    expected = {**deployment.tags, "Name": deployment.names.of(Kind.SCALING_GROUP, fleet)}
    assert expected.items() <= handed_on.items()
    for instance in instances(deployment, fleet):
        own = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
        assert expected.items() <= own.items(), instance["InstanceId"]


def test_disks_and_network_interfaces_carry_the_environments_tags(deployment: Deployment, fleet: str) -> None:
    tags = {
        each["ResourceType"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]}
        for each in deployment.launch_template(fleet)["TagSpecifications"]
    }
    for kind in ("volume", "network-interface"):
        assert deployment.tags.items() <= tags[kind].items(), kind


def test_load_balancer_finds_every_instance_healthy(deployment: Deployment, fleet: str) -> None:
    targets = deployment.target_states(fleet)
    assert {targets.get(id, "no target") for id in ids(deployment, fleet)} == {"healthy"}
    assert set(targets.values()) <= {"healthy", "draining"}


def test_load_balancer_asks_instances_how_they_are(deployment: Deployment, fleet: str) -> None:
    group = deployment.target_group(fleet)
    assert (group["TargetType"], group["HealthCheckEnabled"]) == ("instance", True)
    assert group["HealthCheckPort"] == "traffic-port"


def test_instances_are_managed_by_systems_manager(deployment: Deployment, fleet: str) -> None:
    expected = ids(deployment, fleet)
    pages = (
        deployment.client("ssm")
        .get_paginator("describe_instance_information")
        .paginate(Filters=[{"Key": "InstanceIds", "Values": expected}])
    )
    states = {each["InstanceId"]: each["PingStatus"] for page in pages for each in page["InstanceInformationList"]}
    assert states == dict.fromkeys(expected, "Online")


@pytest.mark.real_account
def test_instances_write_their_logs(deployment: Deployment, fleet: str) -> None:
    group = deployment["fleet_log_group_names"][fleet]
    pages = deployment.client("logs").get_paginator("describe_log_streams").paginate(logGroupName=group)
    writing = {stream["logStreamName"].partition("/")[0] for page in pages for stream in page["logStreams"]}
    assert set(ids(deployment, fleet)) <= writing


@pytest.mark.real_account
def test_health_check_is_answered_over_the_url(deployment: Deployment, fleet: str) -> None:
    if not deployment.is_default(fleet):
        pytest.skip(f"{fleet} has rules of its own; its targets' health tells")
    path = deployment.target_group(fleet)["HealthCheckPath"]
    assert fetched(deployment["url"] + path).status == 200


@pytest.mark.real_account
def test_cache_and_database_are_reached_from_an_instance(deployment: Deployment, fleet: str) -> None:
    if responder.PROGRAM not in deployment.user_data(fleet):
        pytest.skip(f"{fleet} runs a program of its own, which need not have /ready")
    if not deployment.is_default(fleet):
        pytest.skip(f"{fleet} has rules of its own, which need not lead /ready to it")
    answer = fetched(f"{deployment['url']}/ready")
    assert answer.status == 200, answer.data
    report = json.loads(answer.data)
    variables = deployment.environment(fleet)
    expected = {"cache": "CACHE_HOST", "database": "DATABASE_HOST"}
    assert report["stores"] == {name: "reached" for name, variable in expected.items() if variable in variables}
    assert report["secrets"] == dict.fromkeys(variables.get("EXPECTED_SECRETS", "").split(), "by reference")
