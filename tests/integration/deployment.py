"""A deployed stack as its tests see it: what it put out, and the AWS that it is in."""

from __future__ import annotations

import base64
import json
import os
import re
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import boto3
import pytest
import urllib3
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from lib.naming import Kind, Names
from lib.settings.edge import EDGE_REGION
from lib.settings.model import ASSETS

Block = dict[str, Any]
Value = TypeVar("Value")
PROJECT_FOLDER = Path(__file__).parents[2]
TIMEOUT_SECONDS = 10
HOW_TO_GET_OUTPUTS = (
    "`terraform output -json` or `cdktf deploy --outputs-file` writes it; TAP_OUTPUTS names another one"
)


class Deployment:
    """Outputs by name, clients by service and region."""

    def __init__(self, outputs: Mapping[str, Any]) -> None:
        self.outputs = outputs
        self.region = str(outputs["region"])
        self.names = Names(outputs["project"], outputs["environment_suffix"])
        self.tags = {
            "Environment": outputs["tier"],
            "EnvironmentSuffix": outputs["environment_suffix"],
            "ManagedBy": "cdktf",
            "Project": outputs["project"],
        }
        """Those that every stack has; a blueprint has others besides."""
        self.client = cache(boto3.Session(region_name=self.region).client)

    def __getitem__(self, output: str) -> Any:
        return self.outputs[output]

    def __contains__(self, output: str) -> bool:
        return output in self.outputs

    def all(self, output: str) -> dict[str, str]:
        """An output that has a value for each service, fleet, …; nothing where the stack has none of these."""
        return dict(self.outputs.get(output, {}))

    @property
    def is_internal(self) -> bool:
        """Whether the load balancer is reached through the HTTP API alone."""
        return "http_api_url" in self and self["url"] == self["http_api_url"]

    @property
    def has_tls(self) -> bool:
        return "certificate" in kinds(self.outputs)

    @property
    def has_serverless_cache(self) -> bool:
        return "serverless_cache" in kinds(self.outputs)

    @property
    def has_aurora(self) -> bool:
        return "aurora" in kinds(self.outputs)

    def security_groups(self) -> dict[str, str]:
        """Id of each security group of the stack -> what it belongs to."""
        suffix = "_security_group_id"
        groups = {value: name.removesuffix(suffix) for name, value in self.outputs.items() if name.endswith(suffix)}
        targets = self.all("service_security_group_ids") | self.all("fleet_security_group_ids")
        return groups | {value: name for name, value in targets.items()}

    def targets(self) -> dict[str, str]:
        """Service or fleet -> target group."""
        return self.all("target_group_arns") | self.all("fleet_target_group_arns")

    def target_group(self, target: str) -> Block:
        (group,) = self.client("elbv2").describe_target_groups(TargetGroupArns=[self.targets()[target]])["TargetGroups"]
        return cast(Block, group)

    def listeners(self) -> dict[int, Block]:
        """Port -> listener."""
        answer = self.client("elbv2").describe_listeners(LoadBalancerArn=self["load_balancer_arn"])
        return {listener["Port"]: listener for listener in answer["Listeners"]}

    def rules(self) -> list[Block]:
        """What the listener does with requests, but for the last resort."""
        pages = self.client("elbv2").get_paginator("describe_rules").paginate(ListenerArn=self["listener_arn"])
        return [rule for page in pages for rule in page["Rules"] if not rule["IsDefault"]]

    def is_default(self, target: str) -> bool:
        """Whether any request that nobody else takes comes to this service or fleet."""
        arn = self.targets()[target]
        (rule,) = [rule for rule in self.rules() if any(each.get("TargetGroupArn") == arn for each in rule["Actions"])]
        return [each.get("PathPatternConfig", {}).get("Values") for each in rule["Conditions"]] == [["/*"]]

    def target_states(self, target: str) -> dict[str, str]:
        """Address of a task, or id of an instance -> what the load balancer finds it to be."""
        answer = self.client("elbv2").describe_target_health(TargetGroupArn=self.targets()[target])
        return {each["Target"]["Id"]: each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]}

    def task_definition(self, service: str) -> Block:
        answer = self.client("ecs").describe_task_definition(taskDefinition=self["task_definition_arns"][service])
        return cast(Block, answer["taskDefinition"])

    def container(self, service: str) -> Block:
        """The service's container, as it was deployed."""
        (container,) = self.task_definition(service)["containerDefinitions"]
        return cast(Block, container)

    def group(self, fleet: str) -> Block:
        answer = self.client("autoscaling").describe_auto_scaling_groups(
            AutoScalingGroupNames=[self["autoscaling_group_names"][fleet]]
        )
        (group,) = answer["AutoScalingGroups"]
        return cast(Block, group)

    def launch_template(self, fleet: str) -> Block:
        """What a fleet launches, in the version that its group names."""
        used = self.group(fleet)["LaunchTemplate"]
        answer = self.client("ec2").describe_launch_template_versions(
            LaunchTemplateId=used["LaunchTemplateId"], Versions=[used["Version"]]
        )
        (version,) = answer["LaunchTemplateVersions"]
        return cast(Block, version["LaunchTemplateData"])

    def user_data(self, fleet: str) -> str:
        return base64.b64decode(self.launch_template(fleet)["UserData"]).decode()

    def environment(self, target: str) -> dict[str, str]:
        """The variables of a service's container or of a fleet's application."""
        if target in self.all("autoscaling_group_names"):
            file = _ENVIRONMENT_FILE.search(self.user_data(target))
            assert file, "the first boot writes no variables"
            return dict(_VARIABLE.findall(file["content"]))
        return {each["name"]: each.get("value", "") for each in self.container(target).get("environment", [])}

    def keys(self) -> dict[str, str]:
        """Part of the stack that has a key of its own -> the key's region."""
        of_units = {
            "secrets": "secret_arns",
            "database": "database_arn",
            "cache": "cache_arn",
            "files": "file_system_id",
            "tables": "table_names",
            "functions": "function_names",
            "disks": "autoscaling_group_names",
            "assets": "cdn_distribution_id",
        }
        parts = ["logs", "notifications", *(part for part, output in of_units.items() if output in self)]
        if any(self.key_of_bucket(bucket) == "buckets" for bucket in self.all("bucket_names")):
            parts.append("buckets")
        of_edge = {"edge": EDGE_REGION} if "edge_alarm_topic_arn" in self else {}
        return dict.fromkeys(parts, self.region) | of_edge

    def key_of_bucket(self, bucket: str) -> str:
        return "assets" if self.is_of_cdn(bucket) else "buckets"

    def is_of_cdn(self, bucket: str) -> bool:
        return bucket == ASSETS and "cdn_distribution_id" in self

    def is_key_of(self, part: str, key: str) -> bool:
        """Whether `key` is the one that the stack has for a part of it, and is turned over every year."""
        region = self.keys()[part]
        kms = self.client("kms", region)
        own = kms.describe_key(KeyId=self.names.of(Kind.KEY_ALIAS, part))["KeyMetadata"]["Arn"]
        used = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
        return bool(used == own and kms.get_key_rotation_status(KeyId=own)["KeyRotationEnabled"])


_ENVIRONMENT_FILE = re.compile(r" /etc/application\.env <<'(?P<end>\w+)'\n(?P<content>.*?)\n(?P=end)\n", re.DOTALL)
_VARIABLE = re.compile(r'^(\w+)="((?:[^"\\]|\\.)*)"$', re.MULTILINE | re.DOTALL)


def fetched(url: str, method: str = "GET", **request: Any) -> urllib3.BaseHTTPResponse:
    """The first answer, whatever it is; without one, and for a certificate that does not hold, an error."""
    return urllib3.request(method, url, timeout=TIMEOUT_SECONDS, redirect=False, retries=False, **request)


def told(what: str, value: Value | None) -> Value:
    """What AWS answered, which must not be nothing; an emulator may never have heard of it."""
    if not value and is_emulated():
        pytest.skip(f"the emulator was not told of {what}, or forgot it")
    assert value, f"there is no {what}"
    return value


def unknown_call(error: Exception) -> str | None:
    """The call that an emulator does not know, when this is its answer: a page of its web server, or such a status."""
    is_page = isinstance(error, ResponseParserError)
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code")
        is_page = code in ("404", "NotImplemented") or "<!doctype html" in str(error).lower()
    if not is_page:
        return None
    frames = [frame.f_locals for frame, _ in traceback.walk_tb(error.__traceback__)]
    return next((str(each["operation_name"]) for each in frames if "operation_name" in each), "a call")


def kinds(outputs: Mapping[str, Any]) -> set[str]:
    """What no output tells by being there."""
    kinds = set()
    if "cache_arn" in outputs:
        kinds.add("serverless_cache" if ":serverlesscache:" in outputs["cache_arn"] else "node_cache")
    if "database_arn" in outputs:
        kinds.add("aurora" if ":cluster:" in outputs["database_arn"] else "instance")
    if outputs.get("load_balancer_url", "").startswith("https:"):
        kinds.add("certificate")
    return kinds


def outputs_file(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The file of outputs, or None when nobody named one and there is none.

    Raises FileNotFoundError for one that was named and is not there: a typing error must not look like no deployment.
    """
    named = environ.get("TAP_OUTPUTS")
    path = Path(named) if named else PROJECT_FOLDER / "outputs.json"
    if not path.is_file():
        if named:
            raise FileNotFoundError(f"TAP_OUTPUTS names {named}, which is not there. {HOW_TO_GET_OUTPUTS}.")
        return None
    return path


def read_outputs(text: str) -> dict[str, Any]:
    """Output -> value, from Terraform's format or CDKTF's.

    Terraform: `{"url": {"value": …, "type": …, "sensitive": …}}`. CDKTF: `{"TapStackdev": {"url": …}}`.
    Raises ValueError for anything else, and for the outputs of several stacks.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or not all(isinstance(each, dict) for each in document.values()) or not document:
        raise ValueError(f"these are no outputs: {HOW_TO_GET_OUTPUTS}")
    if all("value" in each for each in document.values()):
        return {name: each["value"] for name, each in document.items()}
    if len(document) > 1:
        raise ValueError(f"these are the outputs of several stacks: {', '.join(document)}; one is looked at at a time")
    (outputs,) = document.values()
    return dict(outputs)


def is_emulated(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether AWS is a program on this machine."""
    host = urlsplit(environ.get("AWS_ENDPOINT_URL", "")).hostname
    return host in ("localhost", "127.0.0.1", "::1")
