"""A deployed stack as operations see it: what it put out, and the AWS that it is in."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lib.naming import Kind, Names
from lib.operations.aws import Aws, Block, is_emulated
from lib.settings.edge import EDGE_REGION
from lib.settings.model import ASSETS


class Deployment:
    """Outputs by name, and what AWS says of the things that they name. Answers are raw, missing members raise."""

    def __init__(self, outputs: Mapping[str, Any], aws: Aws | None = None, *, emulated: bool | None = None) -> None:
        """emulated: whether AWS is a program on this machine; the environment says by itself."""
        self.outputs = outputs
        self.region = str(outputs["region"])
        self.aws = aws or Aws(self.region)
        self.emulated = is_emulated() if emulated is None else emulated
        self.names = Names(outputs["project"], outputs["environment_suffix"])
        self.tags = {
            "Environment": outputs["tier"],
            "EnvironmentSuffix": outputs["environment_suffix"],
            "ManagedBy": "cdktf",
            "Project": outputs["project"],
        }
        """Those that every stack has; a blueprint has others besides."""
        _, self.partition, _, _, self.account, _ = outputs["load_balancer_arn"].split(":", 5)

    def __getitem__(self, output: str) -> Any:
        return self.outputs[output]

    def __contains__(self, output: str) -> bool:
        return output in self.outputs

    def all(self, output: str) -> dict[str, str]:
        """An output that has a value for each service, fleet, …; nothing where the stack has none of these."""
        return dict(self.outputs.get(output, {}))

    def names_in(self, output: str) -> list[str]:
        """The services, fleets, … of an output; of one with a single value the output itself."""
        value = self.outputs.get(output)
        return sorted(value) if isinstance(value, dict) else [output] if value is not None else []

    def ask(self, service: str, operation: str, *, region: str | None = None, **parameters: Any) -> Block:
        """AWS's whole answer. Raises lib.operations.aws.Refused."""
        return self.aws.ask(service, operation, region=region, **parameters)

    # What no output tells by being there.

    @property
    def is_internal(self) -> bool:
        """Whether the load balancer is reached through the HTTP API alone."""
        return "http_api_url" in self and self["url"] == self["http_api_url"]

    @property
    def has_tls(self) -> bool:
        return bool(self["load_balancer_url"].startswith("https:"))

    @property
    def has_serverless_cache(self) -> bool:
        return "cache_arn" in self and ":serverlesscache:" in self["cache_arn"]

    @property
    def has_node_cache(self) -> bool:
        return "cache_arn" in self and not self.has_serverless_cache

    @property
    def has_aurora(self) -> bool:
        return "database_arn" in self and ":cluster:" in self["database_arn"]

    @property
    def has_database_instance(self) -> bool:
        return "database_arn" in self and not self.has_aurora

    @property
    def is_production(self) -> bool:
        return bool(self["tier"] == "prod")

    # The network.

    def subnets(self) -> dict[str, Block]:
        """Id -> subnet, of all in the VPC."""
        return {each["SubnetId"]: each for each in self.in_vpc("describe_subnets")["Subnets"]}

    def in_vpc(self, operation: str) -> Block:
        return self.ask("ec2", operation, Filters=[{"Name": "vpc-id", "Values": [self["vpc_id"]]}])

    def route_table(self, subnet: str) -> Block:
        """The one that a subnet uses: its own, or the VPC's main one."""
        tables = self.in_vpc("describe_route_tables")["RouteTables"]
        uses = [(each.get("SubnetId"), each.get("Main"), table) for table in tables for each in table["Associations"]]
        own = [table for of, _, table in uses if of == subnet]
        main = [table for _, is_main, table in uses if is_main]
        return dict((own + main)[0])

    def security_groups(self) -> dict[str, str]:
        """Id of each security group of the stack -> what it belongs to."""
        suffix = "_security_group_id"
        groups = {value: name.removesuffix(suffix) for name, value in self.outputs.items() if name.endswith(suffix)}
        targets = self.all("service_security_group_ids") | self.all("fleet_security_group_ids")
        return groups | {value: name for name, value in targets.items()}

    # The load balancer.

    def targets(self) -> dict[str, str]:
        """Service or fleet -> target group."""
        return self.all("target_group_arns") | self.all("fleet_target_group_arns")

    def target_groups(self) -> dict[str, Block]:
        """ARN -> target group, of all behind the load balancer."""
        answer = self.ask("elbv2", "describe_target_groups", LoadBalancerArn=self["load_balancer_arn"])
        return {each["TargetGroupArn"]: each for each in answer["TargetGroups"]}

    def target_group(self, target: str) -> Block:
        return self.target_groups()[self.targets()[target]]

    def load_balancer_attributes(self) -> dict[str, str]:
        answer = self.ask("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=self["load_balancer_arn"])
        return {each["Key"]: each["Value"] for each in answer["Attributes"]}

    def listeners(self) -> dict[int, Block]:
        """Port -> listener."""
        answer = self.ask("elbv2", "describe_listeners", LoadBalancerArn=self["load_balancer_arn"])
        return {listener["Port"]: listener for listener in answer["Listeners"]}

    def rules(self) -> list[Block]:
        """What the listener does with requests, but for the last resort."""
        answer = self.ask("elbv2", "describe_rules", ListenerArn=self["listener_arn"])
        return [rule for rule in answer["Rules"] if not rule["IsDefault"]]

    def paths(self, arn: str) -> list[str]:
        """Those that the listener has requests to a target group come by; nothing where it looks at more than paths."""
        rules = [rule for rule in self.rules() if any(each.get("TargetGroupArn") == arn for each in rule["Actions"])]
        return [
            path
            for rule in rules
            if all("PathPatternConfig" in each for each in rule["Conditions"])
            for each in rule["Conditions"]
            for path in each["PathPatternConfig"]["Values"]
        ]

    def is_default(self, target: str) -> bool:
        """Whether any request that nobody else takes comes to this service or fleet."""
        return self.paths(self.targets()[target]) == ["/*"]

    def target_states(self, arn: str) -> dict[str, str]:
        """Address of a task, or id of an instance -> what the load balancer finds it to be."""
        answer = self.ask("elbv2", "describe_target_health", TargetGroupArn=arn)
        return {each["Target"]["Id"]: each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]}

    # Services, fleets, functions.

    def service(self, service: str) -> Block:
        """A service as ECS describes it; without a status where there is none."""
        answer = self.ask(
            "ecs", "describe_services", cluster=self["cluster_name"], services=[self["service_names"][service]]
        )
        return next(iter(answer["services"]), {})

    def task_definition(self, service: str) -> Block:
        answer = self.ask("ecs", "describe_task_definition", taskDefinition=self["task_definition_arns"][service])
        return dict(answer["taskDefinition"])

    def container(self, service: str) -> Block:
        """The service's container, as it was deployed: the first and only one."""
        return dict(self.task_definition(service)["containerDefinitions"][0])

    def group(self, fleet: str) -> Block:
        name = self["autoscaling_group_names"][fleet]
        answer = self.ask("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[name])
        return dict(answer["AutoScalingGroups"][0])

    def launch_template(self, fleet: str) -> Block:
        """What a fleet launches, in the version that its group names."""
        used = self.group(fleet)["LaunchTemplate"]
        answer = self.ask(
            "ec2",
            "describe_launch_template_versions",
            LaunchTemplateId=used["LaunchTemplateId"],
            Versions=[used["Version"]],
        )
        return dict(answer["LaunchTemplateVersions"][0]["LaunchTemplateData"])

    def user_data(self, fleet: str) -> str:
        return base64.b64decode(self.launch_template(fleet)["UserData"]).decode()

    def environment(self, target: str) -> dict[str, str]:
        """The variables of a service's container, of a fleet's application or of a function."""
        if target in self.all("function_names"):
            return dict(self.function(target).get("Environment", {}).get("Variables", {}))
        if target in self.all("autoscaling_group_names"):
            file = _ENVIRONMENT_FILE.search(self.user_data(target))
            return dict(_VARIABLE.findall(file["content"])) if file else {}
        return {each["name"]: each.get("value", "") for each in self.container(target).get("environment", [])}

    def environments(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Everything that runs -> its variables."""
        for target in [*self.targets(), *self.all("function_names")]:
            yield target, self.environment(target)

    def function(self, function: str) -> Block:
        return self.ask("lambda", "get_function_configuration", FunctionName=self["function_names"][function])

    # Keys, and what watches.

    def key_regions(self) -> dict[str, str]:
        """Part of the stack that has a key of its own -> the key's region."""
        of_units = {
            "secrets": "secret_arns",
            "database": "database_arn",
            "cache": "cache_arn",
            "files": "file_system_id",
            "tables": "table_names",
            "disks": "autoscaling_group_names",
            "assets": "cdn_distribution_id",
        }
        parts = ["logs", "notifications", *(part for part, output in of_units.items() if output in self)]
        if "function_names" in self or "rotation_function_name" in self:
            parts.append("functions")
        if any(self.key_of_bucket(bucket) == "buckets" for bucket in self.all("bucket_names")):
            parts.append("buckets")
        of_edge = {"edge": EDGE_REGION} if "edge_alarm_topic_arn" in self else {}
        return dict.fromkeys(parts, self.region) | of_edge

    def key(self, part: str) -> Block:
        """The key that the stack has for a part of it."""
        return self._key(self.names.of(Kind.KEY_ALIAS, part), self.key_regions()[part])

    def is_key_of(self, part: str, key: str) -> bool:
        return bool(self._key(key, self.key_regions()[part])["Arn"] == self.key(part)["Arn"])

    def _key(self, id: str, region: str) -> Block:
        return dict(self.ask("kms", "describe_key", region=region, KeyId=id)["KeyMetadata"])

    def key_of_bucket(self, bucket: str) -> str:
        return "assets" if self.is_of_cdn(bucket) else "buckets"

    def is_of_cdn(self, bucket: str) -> bool:
        return bucket == ASSETS and "cdn_distribution_id" in self

    def topics(self) -> dict[str, str]:
        """Region -> its topic."""
        outputs = ("alarm_topic_arn", "edge_alarm_topic_arn")
        return {region_of(self[output]): self[output] for output in outputs if output in self}

    def alarms(self) -> dict[str, Block]:
        """Name -> alarm, of all that carry the stack's names, in each region that has some."""
        beginning = f"{self['project']}-{self['environment_suffix']}-"
        return {
            alarm["AlarmName"]: alarm
            for region in self.topics()
            for alarm in self.ask("cloudwatch", "describe_alarms", region=region, AlarmNamePrefix=beginning)[
                "MetricAlarms"
            ]
        }

    def log_groups(self) -> dict[str, Block]:
        """Name -> log group, of all in the stack's region that carry its names."""
        project, suffix = self["project"], self["environment_suffix"]
        named = {
            "cluster_name": "/aws/ecs/containerinsights/{}/",
            "web_acl_log_group_name": "{}",
            "database_identifier": "/aws/rds/cluster/{}/" if self.has_aurora else "/aws/rds/instance/{}/",
        }
        beginnings = [
            f"/{project}/{suffix}/",
            f"/aws/vendedlogs/{project}/{suffix}/",
            *(text.format(self[output]) for output, text in named.items() if output in self),
        ]
        return {
            group["logGroupName"]: group
            for beginning in beginnings
            for group in self.ask("logs", "describe_log_groups", logGroupNamePrefix=beginning)["logGroups"]
        }

    def roles(self) -> dict[str, Block]:
        """Name -> role, of all that carry the stack's names and not those of a longer suffix."""
        beginning = re.escape(f"{self['project']}-{self['environment_suffix']}")
        name = re.compile(rf"{beginning}-[a-z0-9]+-[a-z0-9]+")
        roles = self.ask("iam", "list_roles")["Roles"]
        return {role["RoleName"]: role for role in roles if name.fullmatch(role["RoleName"])}


_ENVIRONMENT_FILE = re.compile(r" /etc/application\.env <<'(?P<end>\w+)'\n(?P<content>.*?)\n(?P=end)\n", re.DOTALL)
_VARIABLE = re.compile(r'^(\w+)="((?:[^"\\]|\\.)*)"$', re.MULTILINE | re.DOTALL)


def region_of(arn: str) -> str:
    return arn.split(":")[3]
