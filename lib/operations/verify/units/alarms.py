"""Alarms: there, on, about things that exist, heard by somebody; and failures that no alarm tells of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from lib.naming import Kind
from lib.operations.aws import Block
from lib.operations.deployment import Deployment, region_of
from lib.operations.verify.check import Having, Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.units import cache, database
from lib.operations.verify.words import expect, expect_among, expect_true, expect_within, statements
from lib.settings.edge import EDGE_REGION

UNIT = Unit("alarms", "Alarms")

TOPIC, EDGE_TOPIC = "alarm_topic_arn", "edge_alarm_topic_arn"
PUBLISHERS = {
    TOPIC: {"cloudwatch.amazonaws.com", "events.amazonaws.com"},
    EDGE_TOPIC: {"cloudwatch.amazonaws.com"},
}
"""Topic -> who may publish there."""
_EVENTS = {"cluster_name": ("deployment", "memory"), "autoscaling_group_names": ("refresh",)}
"""Output -> the rules that a stack with it has."""
_RULES = Having("services and no fleets", lambda stack: any(output in stack for output in _EVENTS))


@UNIT.check("Every alarm of the outputs is there, and no other that carries the stack's names")
def there(stack: Deployment) -> Iterator[str]:
    found = stack.alarms()
    yield from expect_among("alarms", stack["alarm_names"], found)
    # A suffix may begin with another environment's and a hyphen: `pr` and `pr-42`.
    own = [name for name in found if len(_parts(stack, name)) == Kind.ALARM.parts]
    yield from expect_within("alarms", own, stack["alarm_names"])


@UNIT.check("Every alarm tells its region's topic of going off and of recovery")
def tells_topic(stack: Deployment) -> Iterator[str]:
    topics = stack.topics()
    for name, alarm in _own(stack):
        topic = [topics[region_of(alarm["AlarmArn"])]]
        yield from expect_true(alarm["ActionsEnabled"], f"{name} is muted")
        yield from expect(f"whom {name} tells of going off", alarm["AlarmActions"], topic)
        yield from expect(f"whom {name} tells of recovery", alarm["OKActions"], topic)


@UNIT.check("The topics that alarms tell are there")
def topics_are_there(stack: Deployment) -> Iterator[str]:
    for output in stack_topics(stack):
        yield from expect(f"the ARN of {output}", attributes(stack, output).get("TopicArn"), stack[output])


@UNIT.check("Silence sets no alarm off")
def silence(stack: Deployment) -> Iterator[str]:
    for name, alarm in _own(stack):
        yield from expect(f"what {name} makes of silence", alarm.get("TreatMissingData"), "notBreaching")


@UNIT.check("Every alarm's dimensions name things that exist")
def dimensions(stack: Deployment) -> Iterator[str]:
    known: dict[str, Collection[str]] = {}
    for name, alarm in _own(stack):
        yield from expect_true(alarm.get("Dimensions"), f"{name} watches nothing: it has no dimensions")
        for dimension in alarm.get("Dimensions", []):
            what, value = dimension["Name"], dimension["Value"]
            if what not in _DIMENSIONS:
                yield f"{name} watches {what} {value}, of which nothing is known"
                continue
            if what not in known:
                known[what] = _DIMENSIONS[what](stack)
            yield from expect_true(value in known[what], f"{name} watches {what} {value}, which does not exist")


@UNIT.check("Alarms of the CDN are where it reports to", having("cdn_distribution_id", "CDN"))
def of_cdn(stack: Deployment) -> Iterator[str]:
    found = {name: alarm for name, alarm in _own(stack) if alarm["Namespace"] == "AWS/CloudFront"}
    yield from expect_true(found, "the CDN has no alarm")
    for name, alarm in found.items():
        yield from expect(f"the region of {name}", region_of(alarm["AlarmArn"]), EDGE_REGION)


@UNIT.each(TOPIC, EDGE_TOPIC, what="It takes messages of alarms and events, and of nobody else")
def publishers(stack: Deployment, topic: str) -> Iterator[str]:
    found = statements(attributes(stack, topic)["Policy"])
    allowed = [each["Principal"] for each in found if each["Effect"] == "Allow"]
    expected = [{"Service": publisher} for publisher in PUBLISHERS[topic]]
    yield from expect("who may publish", sorted(map(str, allowed)), sorted(map(str, expected)))


@UNIT.each(TOPIC, EDGE_TOPIC, what="Its messages are under the stack's key, which lets in who publishes")
def encrypted(stack: Deployment, topic: str) -> Iterator[str]:
    key = attributes(stack, topic).get("KmsMasterKeyId")
    part = "notifications" if topic == TOPIC else "edge"
    yield from expect_key(stack, part, key, "its messages")
    if not key:
        return
    region = region_of(stack[topic])
    policy = stack.ask("kms", "get_key_policy", region=region, KeyId=key, PolicyName="default")["Policy"]
    for publisher in sorted(PUBLISHERS[topic]):
        yield from expect_true(publisher in policy, f"{publisher} may not use its key, and so not publish")


@UNIT.each(TOPIC, EDGE_TOPIC, what="There is an address that it writes to")
def addresses(stack: Deployment, topic: str) -> Iterator[str]:
    kinds = {each["Protocol"] for each in subscriptions(stack, topic)}
    yield from expect_true("email" in kinds, "no address is subscribed")


@UNIT.each(TOPIC, EDGE_TOPIC, what="Somebody has confirmed, and hears alarms", needs_aws="an emulator sends no mail")
def confirmed(stack: Deployment, topic: str) -> Iterator[str]:
    found = subscriptions(stack, topic)
    waiting = [each["Endpoint"] for each in found if each["SubscriptionArn"] == "PendingConfirmation"]
    if len(waiting) == len(found):
        yield f"nobody hears an alarm yet: {', '.join(waiting) or 'nobody'} must confirm the mail from AWS"


@UNIT.check("Failures that no metric shows are told to the topic: deployments, memory, instance refreshes", _RULES)
def events(stack: Deployment) -> Iterator[str]:
    for part in (part for output, parts in _EVENTS.items() if output in stack for part in parts):
        name = stack.names.of(Kind.EVENT_RULE, part)
        yield from expect(f"the state of {name}", stack.ask("events", "describe_rule", Name=name)["State"], "ENABLED")
        targets = stack.ask("events", "list_targets_by_rule", Rule=name)["Targets"]
        yield from expect(f"whom {name} tells", [target["Arn"] for target in targets], [stack[TOPIC]])


def stack_topics(stack: Deployment) -> list[str]:
    return [output for output in PUBLISHERS if output in stack]


def attributes(stack: Deployment, topic: str) -> dict[str, str]:
    arn = stack[topic]
    return dict(stack.ask("sns", "get_topic_attributes", region=region_of(arn), TopicArn=arn)["Attributes"])


def subscriptions(stack: Deployment, topic: str) -> list[Block]:
    arn = stack[topic]
    answer = stack.ask("sns", "list_subscriptions_by_topic", region=region_of(arn), TopicArn=arn)
    return list(answer["Subscriptions"])


def _own(stack: Deployment) -> list[tuple[str, Block]]:
    """Those of the outputs that are there: the check of that says which are not."""
    found = stack.alarms()
    return [(name, found[name]) for name in stack["alarm_names"] if name in found]


def _parts(stack: Deployment, name: str) -> list[str]:
    return name.removeprefix(f"{stack['project']}-{stack['environment_suffix']}-").split("-")


def _cache_nodes(stack: Deployment) -> set[str]:
    return {node["CacheClusterId"] for node in cache.nodes(stack)}


def _database(stack: Deployment) -> set[str]:
    return set(database.everything(stack))


def _target_groups(stack: Deployment) -> set[str]:
    return {arn.rpartition(":")[2] for arn in stack.target_groups()}


def _gateways(stack: Deployment) -> set[str]:
    found = stack.ask("ec2", "describe_nat_gateways", NatGatewayIds=stack["nat_gateway_ids"])["NatGateways"]
    return {each["NatGatewayId"] for each in found}


def _web_acls(stack: Deployment) -> set[str]:
    return {stack[output].split("/")[-2] for output in ("web_acl_arn", "cdn_web_acl_arn") if output in stack}


def _rules(stack: Deployment) -> set[str]:
    beginning = f"{stack['project']}-{stack['environment_suffix']}-"
    return {rule["Name"] for rule in stack.ask("events", "list_rules", NamePrefix=beginning)["Rules"]}


def _services(stack: Deployment) -> set[str]:
    return {str(stack.service(service).get("serviceName")) for service in stack.all("service_names")}


def _groups(stack: Deployment) -> set[str]:
    return {stack.group(fleet)["AutoScalingGroupName"] for fleet in stack.all("autoscaling_group_names")}


def _values(output: str) -> Callable[[Deployment], Collection[str]]:
    """Of what checks of its own unit ask for, and find there."""
    return lambda stack: set(stack.all(output).values())


def _value(output: str) -> Callable[[Deployment], Collection[str]]:
    return lambda stack: {str(stack.outputs.get(output))}


_DIMENSIONS: dict[str, Callable[[Deployment], Collection[str]]] = {
    "ApiId": _value("http_api_id"),
    "AutoScalingGroupName": _groups,
    "CacheClusterId": _cache_nodes,
    # The name in lower case, as the console shows it.
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html
    "clusterId": lambda stack: {stack["cache_name"].lower()},
    "ClusterName": _value("cluster_name"),
    "DBClusterIdentifier": _database,
    "DBInstanceIdentifier": _database,
    "DistributionId": _value("cdn_distribution_id"),
    "FileSystemId": _value("file_system_id"),
    "FunctionName": lambda stack: {
        *stack.all("function_names").values(),
        stack.outputs.get("rotation_function_name", ""),
    },
    "LoadBalancer": lambda stack: {stack["load_balancer_arn"].rpartition(":loadbalancer/")[2]},
    "NatGatewayId": _gateways,
    "QueueName": lambda stack: {
        url.rpartition("/")[2] for url in stack.all("function_dead_letter_queue_urls").values()
    },
    "Region": lambda stack: {"Global", stack.region, EDGE_REGION},
    "Role": lambda _: {"READER", "WRITER"},
    "Rule": lambda _: {"ALL"},
    "RuleName": _rules,
    "ServiceName": _services,
    "Stage": _value("http_api_stage_name"),
    "TableName": _values("table_names"),
    "TargetGroup": _target_groups,
    "TopicName": lambda stack: {arn.rpartition(":")[2] for arn in stack.topics().values()},
    "WebACL": _web_acls,
}
"""Dimension -> what it may name. Where the outputs say, the unit's own checks ask whether it is there."""
