"""Tags: all that can carry some carries the environment's, so that cost and ownership can be told.

Asked of each service itself: AWS's one service for the tags of all knows some of them late and some never.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lib.naming import Kind
from lib.operations.aws import Block
from lib.operations.deployment import Deployment, region_of
from lib.operations.verify.check import Having, Unit
from lib.operations.verify.units import cache, connections, database, http_api, load_balancer
from lib.operations.verify.words import expect_all, tag_map
from lib.settings.edge import EDGE_REGION

UNIT = Unit("tags", "Tags")

_STORES = Having(
    "store",
    lambda stack: any(
        output in stack
        for output in ("cache_arn", "database_arn", "file_system_arn", "secret_arns", "table_arns", "bucket_names")
    ),
)
_COMPUTE = Having(
    "service, fleet or function",
    lambda stack: any(output in stack for output in ("cluster_arn", "autoscaling_group_names", "function_arns")),
)


@UNIT.check("The network carries them: VPC, subnets, tables, gateways, endpoints, groups, rules, addresses, flow log")
def network(stack: Deployment) -> Iterator[str]:
    of_vpc = [{"Name": "resource-id", "Values": [stack["vpc_id"]]}]
    attached = [{"Name": "attachment.vpc-id", "Values": [stack["vpc_id"]]}]
    gateways = stack.ask("ec2", "describe_nat_gateways", NatGatewayIds=stack["nat_gateway_ids"])["NatGateways"]
    addresses = [address["AllocationId"] for gateway in gateways for address in gateway["NatGatewayAddresses"]]
    tables = [table for table in stack.in_vpc("describe_route_tables")["RouteTables"] if not _is_main(table)]
    named = {
        "VpcId": stack.ask("ec2", "describe_vpcs", VpcIds=[stack["vpc_id"]])["Vpcs"],
        "SubnetId": stack.subnets().values(),
        "RouteTableId": tables,
        "InternetGatewayId": stack.ask("ec2", "describe_internet_gateways", Filters=attached)["InternetGateways"],
        "NatGatewayId": gateways,
        "AllocationId": stack.ask("ec2", "describe_addresses", AllocationIds=addresses)["Addresses"],
        "VpcEndpointId": stack.in_vpc("describe_vpc_endpoints")["VpcEndpoints"],
        "GroupId": stack.in_vpc("describe_security_groups")["SecurityGroups"],
        "SecurityGroupRuleId": connections.rules(stack),
        "FlowLogId": stack.ask("ec2", "describe_flow_logs", Filters=of_vpc)["FlowLogs"],
    }
    for member, found in named.items():
        for each in found:
            yield from expect_all(f"{each[member]}", stack.tags, tag_map(each.get("Tags", [])))


@UNIT.check("The way in carries them: load balancer, listeners, rules, certificate, firewalls, HTTP API, CDN")
def entry(stack: Deployment) -> Iterator[str]:
    listeners = [listener["ListenerArn"] for listener in stack.listeners().values()]
    arns = [
        stack["load_balancer_arn"],
        *stack.target_groups(),
        *listeners,
        *(rule["RuleArn"] for rule in stack.rules()),
        *_single(stack, "web_acl_arn", "cdn_web_acl_arn", "cdn_distribution_arn"),
    ]
    yield from _carried(stack, arns)
    if stack.has_tls:
        arn = load_balancer.certificate(stack)["CertificateArn"]
        tags = _tags(stack, arn)
        # One that the settings name is another's, who tags it as they like.
        if tags.get("Name", "").startswith(f"{stack['project']}-{stack['environment_suffix']}-"):
            yield from expect_all(arn, stack.tags, tags)
    if "http_api_id" in stack:
        link, stage = http_api.described_link(stack), http_api.described_stage(stack)
        for what, each in {"the HTTP API": http_api.api(stack), "its stage": stage, "its link": link}.items():
            yield from expect_all(what, stack.tags, each.get("Tags", {}))


@UNIT.check("What runs carries them: cluster, services, functions and their queues, fleets", _COMPUTE)
def compute(stack: Deployment) -> Iterator[str]:
    outputs = ("service_arns", "task_definition_arns", "function_arns")
    yield from _carried(stack, [*_single(stack, "cluster_arn", "namespace_arn"), *_each(stack, *outputs)])
    for url in stack.all("function_dead_letter_queue_urls").values():
        yield from expect_all(url, stack.tags, stack.ask("sqs", "list_queue_tags", QueueUrl=url).get("Tags", {}))
    for id in stack.all("launch_template_ids").values():
        for template in stack.ask("ec2", "describe_launch_templates", LaunchTemplateIds=[id])["LaunchTemplates"]:
            yield from expect_all(id, stack.tags, tag_map(template.get("Tags", [])))
    for fleet in stack.all("autoscaling_group_names"):
        name = stack.launch_template(fleet)["IamInstanceProfile"]["Arn"].rpartition("/")[2]
        profile = stack.ask("iam", "get_instance_profile", InstanceProfileName=name)["InstanceProfile"]
        yield from expect_all(f"the profile {name}", stack.tags, tag_map(profile.get("Tags", [])))
    for service in stack.all("service_names"):
        handed_on = stack.service(service).get("propagateTags")
        if handed_on != "SERVICE":
            yield f"tasks of {service} get no tags: propagateTags is {handed_on}"


@UNIT.check("What is kept carries them: cache, database, files, secrets, tables, buckets", _STORES)
def stores(stack: Deployment) -> Iterator[str]:
    outputs = _single(stack, "cache_arn", "database_arn", "database_secret_arn", "file_system_arn")
    yield from _carried(stack, [*outputs, *_each(stack, "secret_arns", "table_arns", "bucket_arns")])
    if "database_arn" in stack:
        servers = database.servers(stack).values()
        yield from _carried(stack, sorted({server["DBInstanceArn"] for server in servers}))
        yield from _carried(stack, sorted({server["DBSubnetGroup"]["DBSubnetGroupArn"] for server in servers}))
    if "access_point_id" in stack:
        id = stack["access_point_id"]
        for point in stack.ask("efs", "describe_access_points", AccessPointId=id)["AccessPoints"]:
            yield from expect_all(f"the access point {id}", stack.tags, tag_map(point.get("Tags", [])))
    if stack.has_node_cache:
        yield from _carried(stack, [node["ARN"] for node in cache.nodes(stack)])


@UNIT.check("Keys carry them")
def keys(stack: Deployment) -> Iterator[str]:
    for part, region in stack.key_regions().items():
        found = stack.ask("kms", "list_resource_tags", region=region, KeyId=stack.key(part)["KeyId"])["Tags"]
        own = {each["TagKey"]: each["TagValue"] for each in found}
        yield from expect_all(f"the key for {part}", stack.tags, own)


@UNIT.check("Log groups carry them")
def log_groups(stack: Deployment) -> Iterator[str]:
    yield from _carried(stack, [group["arn"].removesuffix(":*") for group in stack.log_groups().values()])


@UNIT.check("Alarms and their topics carry them, and the rules of events")
def alarms(stack: Deployment) -> Iterator[str]:
    own = [alarm["AlarmArn"] for name, alarm in stack.alarms().items() if name in stack["alarm_names"]]
    beginning = f"{stack['project']}-{stack['environment_suffix']}-"
    rules = stack.ask("events", "list_rules", NamePrefix=beginning)["Rules"]
    named = {stack.names.of(Kind.EVENT_RULE, part) for part in ("deployment", "memory", "refresh")}
    yield from _carried(stack, [*stack.topics().values(), *own])
    yield from _carried(stack, [rule["Arn"] for rule in rules if rule["Name"] in named])


@UNIT.check("Roles carry them")
def roles(stack: Deployment) -> Iterator[str]:
    for name in stack.roles():
        found = stack.ask("iam", "list_role_tags", RoleName=name)["Tags"]
        yield from expect_all(f"the role {name}", stack.tags, tag_map(found))


def _carried(stack: Deployment, arns: Iterable[str]) -> Iterator[str]:
    for arn in arns:
        yield from expect_all(arn, stack.tags, _tags(stack, arn))


def _tags(stack: Deployment, arn: str) -> Mapping[str, str]:
    name = arn.split(":")[2]
    service, operation, parameter, of = _QUESTIONS[name]
    region = EDGE_REGION if name == "cloudfront" else region_of(arn) or stack.region
    value: Any = arn.rpartition(":")[2] if name == "s3" else arn.rpartition("/")[2] if name in _BY_ID else arn
    parameters = {parameter: [value] if parameter == "ResourceArns" else value}
    found = of(stack.ask(service, operation, region=region, **parameters))
    return found if isinstance(found, Mapping) else tag_map(found)


_Of = Callable[[Block], Any]
_BY_ID = frozenset({"elasticfilesystem"})


def _member(name: str) -> _Of:
    return lambda answer: answer.get(name) or []


_QUESTIONS: dict[str, tuple[str, str, str, _Of]] = {
    "acm": ("acm", "list_tags_for_certificate", "CertificateArn", _member("Tags")),
    "cloudfront": ("cloudfront", "list_tags_for_resource", "Resource", lambda answer: answer["Tags"].get("Items", [])),
    "cloudwatch": ("cloudwatch", "list_tags_for_resource", "ResourceARN", _member("Tags")),
    "dynamodb": ("dynamodb", "list_tags_of_resource", "ResourceArn", _member("Tags")),
    "ecs": ("ecs", "list_tags_for_resource", "resourceArn", _member("tags")),
    "elasticache": ("elasticache", "list_tags_for_resource", "ResourceName", _member("TagList")),
    "elasticfilesystem": ("efs", "list_tags_for_resource", "ResourceId", _member("Tags")),
    "elasticloadbalancing": (
        "elbv2",
        "describe_tags",
        "ResourceArns",
        lambda answer: answer["TagDescriptions"][0]["Tags"],
    ),
    "events": ("events", "list_tags_for_resource", "ResourceARN", _member("Tags")),
    "lambda": ("lambda", "list_tags", "Resource", _member("Tags")),
    "logs": ("logs", "list_tags_for_resource", "resourceArn", _member("tags")),
    "rds": ("rds", "list_tags_for_resource", "ResourceName", _member("TagList")),
    "s3": ("s3", "get_bucket_tagging", "Bucket", _member("TagSet")),
    "secretsmanager": ("secretsmanager", "describe_secret", "SecretId", _member("Tags")),
    "servicediscovery": ("servicediscovery", "list_tags_for_resource", "ResourceARN", _member("Tags")),
    "sns": ("sns", "list_tags_for_resource", "ResourceArn", _member("Tags")),
    "wafv2": (
        "wafv2",
        "list_tags_for_resource",
        "ResourceARN",
        lambda answer: answer["TagInfoForResource"]["TagList"],
    ),
}
"""Service in an ARN -> whom to ask, with which call, by which parameter, and where the tags stand in the answer."""


def _single(stack: Deployment, *outputs: str) -> list[str]:
    return [stack[output] for output in outputs if output in stack]


def _each(stack: Deployment, *outputs: str) -> list[str]:
    return [arn for output in outputs for arn in stack.all(output).values()]


def _is_main(table: Block) -> bool:
    """AWS's own: nothing is in it and nobody made it."""
    return any(each.get("Main") for each in table["Associations"])
