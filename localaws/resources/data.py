"""Data sources and ephemeral resources: each is asked of AWS, none is made up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from localaws.resources.connection import Call, Connection
from localaws.resources.mapper import is_unset

Answer = dict[str, Any]


class Question:
    """What a data source wants to know, and the calls made for it."""

    def __init__(self, aws: Connection, kind: str, config: Mapping[str, Any]) -> None:
        self.kind = kind
        self.args = {name: value for name, value in config.items() if not is_unset(value)}
        self.account = aws.account
        self.region = str(self.args.get("region") or aws.region)
        self._aws = aws
        self._calls: list[Call] = []

    def call(self, service: str, operation: str, **params: Any) -> Any:
        answer, made = self._aws.call(service, operation, params, self.region)
        self._calls.append(made)
        return answer

    def filters(self) -> list[dict[str, Any]]:
        return [{"Name": each["name"], "Values": list(each["values"])} for each in self.args.get("filter", ())]

    @property
    def facts(self) -> dict[str, Any]:
        return {"calls": [f"{call.service}:{call.operation}" for call in self._calls]}

    def the_one(self, found: list[Any]) -> Any:
        """The provider refuses none, and more than one."""
        if len(found) != 1:
            asked = {name: value for name, value in self.args.items() if name != "region"}
            raise ValueError(f"{len(found)} of {self.kind} match {asked}; it has to be one")
        return found[0]


def caller_identity(question: Question) -> Answer:
    me = question.call("sts", "get_caller_identity")
    return {"id": me["Account"], "account_id": me["Account"], "arn": me["Arn"], "user_id": me["UserId"]}


def partition(question: Question) -> Answer:
    """No call tells it but in an ARN."""
    name = question.call("sts", "get_caller_identity")["Arn"].split(":")[1]
    return {"id": name, "partition": name, "dns_suffix": "amazonaws.com", "reverse_dns_prefix": "com.amazonaws"}


def region(question: Question) -> Answer:
    found = question.call("ec2", "describe_regions", RegionNames=[question.region])["Regions"][0]
    name = found["RegionName"]
    return {"id": name, "name": name, "region": name, "endpoint": found["Endpoint"]}


def availability_zones(question: Question) -> Answer:
    filters = question.filters()
    if "state" in question.args:
        filters.append({"Name": "state", "Values": [question.args["state"]]})
    params = {"Filters": filters} if filters else {}
    zones = question.call("ec2", "describe_availability_zones", **params)["AvailabilityZones"]
    left_out = {*question.args.get("exclude_names", ()), *question.args.get("exclude_zone_ids", ())}
    kept = [each for each in zones if not {each["ZoneName"], each["ZoneId"]} & left_out]
    return {
        "id": question.region,
        "names": [each["ZoneName"] for each in kept],
        "zone_ids": [each["ZoneId"] for each in kept],
        "group_names": sorted({each["GroupName"] for each in kept if each.get("GroupName")}),
    }


def route53_zone(question: Question) -> Answer:
    name, private = str(question.args.get("name", "")).rstrip("."), question.args.get("private_zone", False)
    zones = question.call("route53", "list_hosted_zones")["HostedZones"]
    zone = question.the_one(
        [
            each
            for each in zones
            if each["Name"].rstrip(".") == name and each["Config"].get("PrivateZone", False) == private
        ]
    )
    zone_id = zone["Id"].removeprefix("/hostedzone/")
    servers = question.call("route53", "get_hosted_zone", Id=zone_id).get("DelegationSet", {}).get("NameServers", [])
    return {
        "id": zone_id,
        "zone_id": zone_id,
        "name": name,
        "arn": f"arn:aws:route53:::hostedzone/{zone_id}",
        "name_servers": servers,
        "primary_name_server": servers[0] if servers else None,
        "caller_reference": zone["CallerReference"],
        "comment": zone["Config"].get("Comment", ""),
        "resource_record_set_count": zone["ResourceRecordSetCount"],
    }


def ssm_parameter(question: Question) -> Answer:
    decrypted = question.args.get("with_decryption") is not False
    found = question.call("ssm", "get_parameter", Name=question.args["name"], WithDecryption=decrypted)["Parameter"]
    return {
        "id": found["Name"],
        "arn": found["ARN"],
        "type": found["Type"],
        "version": found["Version"],
        "value": found["Value"],
        "insecure_value": "" if found["Type"] == "SecureString" else found["Value"],
    }


def ami(question: Question) -> Answer:
    params = {"Filters": question.filters()} | (
        {"Owners": question.args["owners"]} if "owners" in question.args else {}
    )
    images = question.call("ec2", "describe_images", **params)["Images"]
    if question.args.get("most_recent"):
        images = sorted(images, key=lambda each: str(each["CreationDate"]))[-1:]
    image = question.the_one(images)
    disks = image.get("BlockDeviceMappings", [])
    root: dict[str, Any] = next((each for each in disks if each.get("DeviceName") == image.get("RootDeviceName")), {})
    return {
        "id": image["ImageId"],
        "image_id": image["ImageId"],
        "arn": f"arn:aws:ec2:{question.region}::image/{image['ImageId']}",
        "name": image.get("Name"),
        "description": image.get("Description"),
        "architecture": image.get("Architecture"),
        "creation_date": image.get("CreationDate"),
        "owner_id": image.get("OwnerId"),
        "public": image.get("Public"),
        "root_device_name": image.get("RootDeviceName"),
        "root_device_type": image.get("RootDeviceType"),
        "root_snapshot_id": root.get("Ebs", {}).get("SnapshotId"),
        "state": image.get("State"),
        "virtualization_type": image.get("VirtualizationType"),
        "platform_details": image.get("PlatformDetails"),
        "hypervisor": image.get("Hypervisor"),
        "image_type": image.get("ImageType"),
    }


def ec2_managed_prefix_list(question: Question) -> Answer:
    filters = question.filters()
    if "name" in question.args:
        filters.append({"Name": "prefix-list-name", "Values": [question.args["name"]]})
    lists = question.call("ec2", "describe_managed_prefix_lists", Filters=filters)["PrefixLists"]
    found = question.the_one([e for e in lists if question.args.get("name") in (None, e["PrefixListName"])])
    return {
        "id": found["PrefixListId"],
        "name": found["PrefixListName"],
        "arn": found["PrefixListArn"],
        "address_family": found.get("AddressFamily"),
        "owner_id": found.get("OwnerId"),
        "version": found.get("Version"),
    }


_PASSWORD: Final = {
    "password_length": "PasswordLength",
    "exclude_characters": "ExcludeCharacters",
    "exclude_numbers": "ExcludeNumbers",
    "exclude_punctuation": "ExcludePunctuation",
    "exclude_uppercase": "ExcludeUppercase",
    "exclude_lowercase": "ExcludeLowercase",
    "include_space": "IncludeSpace",
    "require_each_included_type": "RequireEachIncludedType",
}


def random_password(question: Question) -> Answer:
    params = {member: question.args[name] for name, member in _PASSWORD.items() if name in question.args}
    if "PasswordLength" in params:
        params["PasswordLength"] = int(params["PasswordLength"])
    return {"random_password": question.call("secretsmanager", "get_random_password", **params)["RandomPassword"]}


DATA: Final[dict[str, Callable[[Question], Answer]]] = {
    "aws_ami": ami,
    "aws_availability_zones": availability_zones,
    "aws_caller_identity": caller_identity,
    "aws_ec2_managed_prefix_list": ec2_managed_prefix_list,
    "aws_partition": partition,
    "aws_region": region,
    "aws_route53_zone": route53_zone,
    "aws_ssm_parameter": ssm_parameter,
}
EPHEMERAL: Final[dict[str, Callable[[Question], Answer]]] = {"aws_secretsmanager_random_password": random_password}
