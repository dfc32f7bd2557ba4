"""A deployed stack as its tests see it: what it put out, and the AWS that it is in."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import boto3

Block = dict[str, Any]
PROJECT_FOLDER = Path(__file__).parents[2]
HOW_TO_GET_OUTPUTS = (
    "`terraform output -json` or `cdktf deploy --outputs-file` writes it; TAP_OUTPUTS names another one"
)


class Deployment:
    """Outputs by name, clients by service."""

    def __init__(self, outputs: Mapping[str, Any]) -> None:
        self.outputs = outputs
        self.client = cache(boto3.Session(region_name=outputs["region"]).client)

    def __getitem__(self, output: str) -> Any:
        return self.outputs[output]

    def __contains__(self, output: str) -> bool:
        return output in self.outputs

    def security_groups(self) -> dict[str, str]:
        """Id of each security group of the stack -> what it belongs to."""
        suffix = "_security_group_id"
        groups = {value: name.removesuffix(suffix) for name, value in self.outputs.items() if name.endswith(suffix)}
        return groups | {value: name for name, value in self["service_security_group_ids"].items()}

    def task_definition(self, service: str) -> Block:
        answer = self.client("ecs").describe_task_definition(taskDefinition=self["task_definition_arns"][service])
        return cast(Block, answer["taskDefinition"])

    def container(self, service: str) -> Block:
        """The service's container, as it was deployed."""
        (container,) = self.task_definition(service)["containerDefinitions"]
        return cast(Block, container)

    def environment(self, service: str) -> dict[str, str]:
        return {each["name"]: each.get("value", "") for each in self.container(service).get("environment", [])}

    def target_group(self, service: str) -> Block:
        arn = self["target_group_arns"][service]
        (group,) = self.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
        return cast(Block, group)

    def listeners(self) -> dict[int, Block]:
        """Port -> listener."""
        answer = self.client("elbv2").describe_listeners(LoadBalancerArn=self["load_balancer_arn"])
        return {listener["Port"]: listener for listener in answer["Listeners"]}

    def key_of_its_own(self, key: str) -> bool:
        """Whether a key is the account's own one, and turned over every year."""
        kms = self.client("kms")
        metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
        rotation = kms.get_key_rotation_status(KeyId=metadata["KeyId"])
        return bool(metadata["KeyManager"] == "CUSTOMER" and rotation["KeyRotationEnabled"])


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
