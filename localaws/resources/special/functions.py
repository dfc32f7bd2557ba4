"""Lambda and HTTP APIs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from localaws.resources.mapper import Request
from localaws.resources.resource import Resource
from localaws.resources.special.common import set_only

CODE_ARGUMENTS: Final = ("filename", "image_uri", "s3_bucket", "s3_key", "source_code_hash", "publish")


def _code(resource: Resource) -> dict[str, Any]:
    if resource.get("filename"):
        code: dict[str, Any] = {"ZipFile": Path(resource.get("filename")).read_bytes()}
    elif resource.get("image_uri"):
        code = {"ImageUri": resource.get("image_uri")}
    else:
        code = {"S3Bucket": resource.get("s3_bucket"), "S3Key": resource.get("s3_key")}
    return code | set_only({"SourceKMSKeyArn": resource.get("source_kms_key_arn")})


def place_code(resource: Resource, request: Request) -> None:
    request.params["Code"] = _code(resource)
    if resource.get("source_kms_key_arn"):
        request.claim("source_kms_key_arn", "Code", "SourceKMSKeyArn")


def code_key(resource: Resource) -> dict[str, Any]:
    """Where a function's code is, AWS tells apart from how it runs."""
    return {"Code": resource.call("get_function", {"FunctionName": resource.get("function_name")})["Code"]}


def change_function(resource: Resource, changed: set[str]) -> None:
    name = {"FunctionName": resource.get("function_name")}
    of_code = {*CODE_ARGUMENTS, "source_kms_key_arn", "architectures"}
    if changed & of_code:
        architectures = {"Architectures": resource.get("architectures")} if "architectures" in changed else {}
        resource.call("update_function_code", {**name, **_code(resource), **architectures})
    told = changed - of_code
    if told:
        params = resource.request("update_function_configuration", only=told).params
        params.pop("Code", None)
        resource.call("update_function_configuration", {**params, **name})


def invoke(resource: Resource) -> dict[str, Any]:
    """Nothing is made: a function is called, and has to end without an error."""
    told = {"FunctionName": resource.get("function_name"), "Payload": str(resource.get("input")).encode()}
    answer = resource.call("invoke", told)
    if "FunctionError" in answer:
        raise ValueError(f"{answer['FunctionError']}: {answer['Payload'].read().decode()}")
    return {}


def no_result(_resource: Resource, _found: Any) -> str:
    """What functions answer that run nowhere."""
    return "null"


def read_permission(resource: Resource) -> dict[str, Any] | None:
    """A statement of the function's policy, in the words of the call that added it."""
    policy = json.loads(resource.call("get_policy", {"FunctionName": resource.get("function_name")})["Policy"])
    wanted = resource.get("statement_id")
    found = next((each for each in policy["Statement"] if each["Sid"] == wanted), None)
    if not found:
        return None
    principal, condition = found["Principal"], found.get("Condition", {})
    return set_only(
        {
            "StatementId": found["Sid"],
            "Action": found["Action"],
            "Principal": next(iter(principal.values())) if isinstance(principal, dict) else principal,
            "SourceArn": condition.get("ArnLike", {}).get("AWS:SourceArn"),
            "SourceAccount": condition.get("StringEquals", {}).get("AWS:SourceAccount"),
        }
    )


def invoke_url(resource: Resource, _: Any) -> str | None:
    """The stage called $default is at the root."""
    api, stage = resource.get("api_id"), resource.get("name")
    return f"https://{api}.execute-api.{resource.region}.amazonaws.com/{'' if stage == '$default' else stage}"
