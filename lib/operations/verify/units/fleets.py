"""The fleets: instances in service, made as their template says, and answering."""

from __future__ import annotations

from collections.abc import Iterator

from lib import responder
from lib.naming import Kind
from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import NO_TASKS, DoesNotApply, Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.units.services import answers_at_url, ready
from lib.operations.verify.words import (
    expect,
    expect_all,
    expect_among,
    expect_in,
    expect_true,
    expect_within,
    one,
    tag_map,
)

UNIT = Unit("fleets", "Fleets", having("autoscaling_group_names", "fleets"))

FLEETS = "autoscaling_group_names"
POLICIES = {"AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy"}
_METRICS = {"GroupInServiceInstances", "GroupDesiredCapacity"}
_METADATA = {"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 1}


@UNIT.each(FLEETS, what="As many instances as must be are in service and healthy, in the private subnets")
def in_service(stack: Deployment, fleet: str) -> Iterator[str]:
    group = stack.group(fleet)
    least, wanted, most = group["MinSize"], group["DesiredCapacity"], group["MaxSize"]
    yield from expect_true(
        1 <= least <= wanted <= most, f"{wanted} instances are wanted, not {max(least, 1)} to {most}"
    )
    serving = _serving(group)
    yield from expect_true(
        len(serving) >= max(least, 1), f"{len(serving)} instances are in service, not {least} or more"
    )
    for each in serving:
        yield from expect(f"the health of {each['InstanceId']}", each["HealthStatus"], "Healthy")
    subnets = set(group["VPCZoneIdentifier"].split(","))
    yield from expect("the set of its subnets", subnets, set(stack["private_subnet_ids"]))
    used = {instance["SubnetId"] for instance in instances(stack, fleet)}
    yield from expect_within("subnets of its instances", used, stack["private_subnet_ids"])


@UNIT.each(FLEETS, what="An instance that does not answer is replaced")
def replaces_the_deaf(stack: Deployment, fleet: str) -> Iterator[str]:
    group = stack.group(fleet)
    expected = {"HealthCheckType": "ELB", "TargetGroupARNs": [stack["fleet_target_group_arns"][fleet]]}
    yield from expect_all("its group", expected | {"SuspendedProcesses": []}, group)
    yield from expect_true(group.get("HealthCheckGracePeriod", 0) > 0, "a starting instance has no time to start")


@UNIT.each(FLEETS, what="The group reports how many instances it has")
def reports(stack: Deployment, fleet: str) -> Iterator[str]:
    metrics = stack.group(fleet).get("EnabledMetrics", [])
    yield from expect_among("metrics of the group", _METRICS, {each["Metric"] for each in metrics})
    yield from expect_within("intervals of the metrics", {each["Granularity"] for each in metrics}, {"1Minute"})


@UNIT.each(FLEETS, what="Group and instances are on the newest version of their template")
def on_newest_version(stack: Deployment, fleet: str) -> Iterator[str]:
    id = stack["launch_template_ids"][fleet]
    found = stack.ask("ec2", "describe_launch_templates", LaunchTemplateIds=[id])["LaunchTemplates"]
    template = one(found, f"launch template {id}")
    newest = str(template["LatestVersionNumber"])
    yield from expect("the default version", str(template["DefaultVersionNumber"]), newest)
    group = stack.group(fleet)
    users = {"the group": group, **{each["InstanceId"]: each for each in _serving(group)}}
    for user, each in users.items():
        used = each.get("LaunchTemplate", {})
        version = (used.get("LaunchTemplateId"), str(used.get("Version")))
        yield from expect(f"the template of {user}", " version ".join(map(str, version)), f"{id} version {newest}")


@UNIT.each(FLEETS, what="Credentials are for the instance alone")
def metadata(stack: Deployment, fleet: str) -> Iterator[str]:
    yield from expect_all("the metadata service", _METADATA, stack.launch_template(fleet).get("MetadataOptions", {}))


@UNIT.each(FLEETS, what="Running instances keep their credentials to themselves", needs_aws=NO_TASKS)
def running_metadata(stack: Deployment, fleet: str) -> Iterator[str]:
    for instance in instances(stack, fleet):
        yield from expect_all(instance["InstanceId"], _METADATA, instance.get("MetadataOptions", {}))


@UNIT.each(FLEETS, what="Disks are made under the stack's key")
def disks(stack: Deployment, fleet: str) -> Iterator[str]:
    disk = one(stack.launch_template(fleet)["BlockDeviceMappings"], "disk of an instance")["Ebs"]
    yield from expect("Encrypted", disk.get("Encrypted"), True)
    yield from expect_key(stack, "disks", disk.get("KmsKeyId"), "disks")


@UNIT.each(FLEETS, what="Disks in use are under the stack's key and carry its tags", needs_aws=NO_TASKS)
def disks_in_use(stack: Deployment, fleet: str) -> Iterator[str]:
    attached = [{"Name": "attachment.instance-id", "Values": _ids(stack, fleet)}]
    volumes = stack.ask("ec2", "describe_volumes", Filters=attached)["Volumes"]
    yield from expect_true(volumes, "its instances have no disk")
    for volume in volumes:
        id = volume["VolumeId"]
        yield from expect(f"Encrypted of {id}", volume["Encrypted"], True)
        yield from expect_key(stack, "disks", volume.get("KmsKeyId"), id)
        yield from expect_all(id, stack.tags, tag_map(volume.get("Tags", [])))


@UNIT.each(FLEETS, what="Instances are made behind their own group, without a public address")
def placement(stack: Deployment, fleet: str) -> Iterator[str]:
    card = one(stack.launch_template(fleet)["NetworkInterfaces"], "network interface of an instance")
    expected = {"AssociatePublicIpAddress": False, "Groups": [stack["fleet_security_group_ids"][fleet]]}
    yield from expect_all("its network interface", expected, card)


@UNIT.each(FLEETS, what="Running instances are behind their own group, without a public address", needs_aws=NO_TASKS)
def running_placement(stack: Deployment, fleet: str) -> Iterator[str]:
    for instance in instances(stack, fleet):
        id = instance["InstanceId"]
        yield from expect(f"the public address of {id}", instance.get("PublicIpAddress"), None)
        groups = [group["GroupId"] for group in instance["SecurityGroups"]]
        yield from expect(f"the groups of {id}", groups, [stack["fleet_security_group_ids"][fleet]])


@UNIT.each(FLEETS, what="Instances have the rights of their role, with the policies of sessions and agent")
def role(stack: Deployment, fleet: str) -> Iterator[str]:
    arn = stack["instance_role_arns"][fleet]
    name = stack.launch_template(fleet)["IamInstanceProfile"]["Arn"].rpartition("/")[2]
    profile = stack.ask("iam", "get_instance_profile", InstanceProfileName=name)["InstanceProfile"]
    yield from expect("the roles of its profile", [each["Arn"] for each in profile["Roles"]], [arn])
    attached = stack.ask("iam", "list_attached_role_policies", RoleName=arn.rpartition("/")[2])["AttachedPolicies"]
    yield from expect("the policies of its role", {policy["PolicyName"] for policy in attached}, POLICIES)


@UNIT.each(FLEETS, what="Group and instances carry the environment's tags")
def tags(stack: Deployment, fleet: str) -> Iterator[str]:
    expected = {**stack.tags, "Name": stack.names.of(Kind.SCALING_GROUP, fleet)}
    handed_on = tag_map(tag for tag in stack.group(fleet)["Tags"] if tag["PropagateAtLaunch"])
    yield from expect_all("the group", expected, handed_on)
    for instance in instances(stack, fleet):
        yield from expect_all(instance["InstanceId"], expected, tag_map(instance.get("Tags", [])))


@UNIT.each(FLEETS, what="Disks and network interfaces are made with the environment's tags")
def tags_of_parts(stack: Deployment, fleet: str) -> Iterator[str]:
    specifications = stack.launch_template(fleet).get("TagSpecifications", [])
    found = {each["ResourceType"]: tag_map(each["Tags"]) for each in specifications}
    for kind in ("volume", "network-interface"):
        yield from expect_all(f"a {kind}", stack.tags, found.get(kind, {}))


@UNIT.each(FLEETS, what="The load balancer asks instances how they are")
def behind_load_balancer(stack: Deployment, fleet: str) -> Iterator[str]:
    expected = {"TargetType": "instance", "HealthCheckEnabled": True, "HealthCheckPort": "traffic-port"}
    yield from expect_all("its target group", expected, stack.target_group(fleet))


@UNIT.each(FLEETS, what="The load balancer finds every instance healthy", needs_aws=NO_TASKS)
def targets_are_healthy(stack: Deployment, fleet: str) -> Iterator[str]:
    states = stack.target_states(stack["fleet_target_group_arns"][fleet])
    for id in _ids(stack, fleet):
        yield from expect(f"the state of {id}", states.get(id, "no target"), "healthy")
    for id, state in states.items():
        yield from expect_in(f"the state of {id}", state, ("healthy", "draining"))


@UNIT.each(FLEETS, what="Systems Manager reaches every instance", needs_aws=NO_TASKS)
def is_managed(stack: Deployment, fleet: str) -> Iterator[str]:
    ids = _ids(stack, fleet)
    wanted = [{"Key": "InstanceIds", "Values": ids}]
    found = stack.ask("ssm", "describe_instance_information", Filters=wanted)["InstanceInformationList"]
    states = {each["InstanceId"]: each["PingStatus"] for each in found}
    for id in ids:
        yield from expect(f"the state of {id} in Systems Manager", states.get(id), "Online")


@UNIT.each(FLEETS, what="Every instance writes its log", needs_aws=NO_TASKS)
def writes_log(stack: Deployment, fleet: str) -> Iterator[str]:
    group = stack["fleet_log_group_names"][fleet]
    streams = stack.ask("logs", "describe_log_streams", logGroupName=group)["logStreams"]
    writing = {stream["logStreamName"].partition("/")[0] for stream in streams}
    yield from expect_among("instances that write to the log", _ids(stack, fleet), writing)


@UNIT.each(FLEETS, what="Its health check is answered at the platform's URL", needs_aws=NO_TASKS)
def answers(stack: Deployment, fleet: str) -> Iterator[str]:
    yield from answers_at_url(stack, fleet)


@UNIT.each(FLEETS, what="An instance reaches cache and database, and finds its secrets", needs_aws=NO_TASKS)
def reaches_stores(stack: Deployment, fleet: str) -> Iterator[str]:
    if responder.PROGRAM not in stack.user_data(fleet):
        raise DoesNotApply(f"{fleet} runs a program of its own, which need not have /ready")
    yield from ready(stack, fleet, {"cache": "CACHE_HOST", "database": "DATABASE_HOST"}, "by reference")


def _serving(group: Block) -> list[Block]:
    """The instances that take requests, as their group sees them."""
    return [each for each in group["Instances"] if each["LifecycleState"] == "InService"]


def _ids(stack: Deployment, fleet: str) -> list[str]:
    return [each["InstanceId"] for each in _serving(stack.group(fleet))]


def instances(stack: Deployment, fleet: str) -> list[Block]:
    """The same as EC2 sees them."""
    ids = _ids(stack, fleet)
    if not ids:
        return []
    reservations = stack.ask("ec2", "describe_instances", InstanceIds=ids)["Reservations"]
    return [instance for each in reservations for instance in each["Instances"]]
