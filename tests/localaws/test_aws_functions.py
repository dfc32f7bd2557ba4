"""Lambda and HTTP APIs: what a function and a stage were told."""

from __future__ import annotations

import contextlib
import io
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.local import client
from tests.localaws.probing import Clients, Probe, asked

_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
_LOGS = {"LogFormat": "JSON", "LogGroup": "/a"}


def _package() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("handler.py", "")
    return file.getvalue()


def _function(clients: Clients, name: str, **told: Any) -> None:
    trust = {"RoleName": "probe", "AssumeRolePolicyDocument": "{}"}
    with contextlib.suppress(ClientError):
        clients("iam").create_role(**trust)
    code = {"ZipFile": _package(), **told.pop("Code", {})}
    role = "arn:aws:iam::123456789012:role/probe"
    given = {"Role": role, "Code": code, "Runtime": "python3.13", "Handler": "handler.handle"}
    clients("lambda").create_function(FunctionName=name, **given, **told)


def _shown(clients: Clients, name: str) -> Any:
    return clients("lambda").get_function(FunctionName=name)


def _logs_of_a_function(clients: Clients) -> Any:
    _function(clients, "logs", LoggingConfig=_LOGS)
    return _shown(clients, "logs")["Configuration"]["LoggingConfig"]


def _changed_logs_of_a_function(clients: Clients) -> Any:
    _function(clients, "changed-logs")
    clients("lambda").update_function_configuration(FunctionName="changed-logs", LoggingConfig=_LOGS, KMSKeyArn=_KEY)
    found = _shown(clients, "changed-logs")["Configuration"]
    return found["LoggingConfig"], found["KMSKeyArn"]


def _key_of_the_code(clients: Clients) -> Any:
    _function(clients, "code", Code={"SourceKMSKeyArn": _KEY})
    return _shown(clients, "code")["Code"]["SourceKMSKeyArn"]


def _changed_key_of_the_code(clients: Clients) -> Any:
    _function(clients, "changed-code")
    told = {"ZipFile": _package(), "SourceKMSKeyArn": _KEY, "Architectures": ["arm64"]}
    clients("lambda").update_function_code(FunctionName="changed-code", **told)
    found = _shown(clients, "changed-code")
    return found["Code"]["SourceKMSKeyArn"], found["Configuration"]["Architectures"]


def _retries_put_again(clients: Clients) -> Any:
    _function(clients, "retries")
    for attempts in (2, 1):
        told = {"FunctionName": "retries", "MaximumRetryAttempts": attempts}
        clients("lambda").put_function_event_invoke_config(**told)
    return clients("lambda").get_function_event_invoke_config(FunctionName="retries")["MaximumRetryAttempts"]


def _answer_of_a_call(clients: Clients) -> Any:
    _function(clients, "called")
    return clients("lambda").invoke(FunctionName="called", Payload=b"{}")["Payload"].read()


def _stage(clients: Clients, **told: Any) -> dict[str, str]:
    api = clients("apigatewayv2").create_api(Name="probe", ProtocolType="HTTP")["ApiId"]
    clients("apigatewayv2").create_stage(ApiId=api, StageName="dev", **told)
    return {"ApiId": api, "StageName": "dev"}


def _changed_stage(clients: Clients) -> Any:
    stage = _stage(clients)
    clients("apigatewayv2").update_stage(**stage, Description="after")
    return clients("apigatewayv2").get_stage(**stage)["Description"]


def _changed_tags_of_a_stage(clients: Clients) -> Any:
    stage = _stage(clients, Tags={"a": "1"})
    arn = f"arn:aws:apigateway:eu-west-1::/apis/{stage['ApiId']}/stages/dev"
    clients("apigatewayv2").tag_resource(ResourceArn=arn, Tags={"b": "2"})
    clients("apigatewayv2").untag_resource(ResourceArn=arn, TagKeys=["a"])
    return clients("apigatewayv2").get_stage(**stage)["Tags"]


PROBES = (
    Probe("retries put again", ("LambdaBackend.put_function_event_invoke_config",), _retries_put_again, 1),
    Probe(
        "where a function logs",
        ("LambdaFunction.__init__", "LambdaFunction.get_configuration"),
        _logs_of_a_function,
        _LOGS,
    ),
    Probe(
        "where a function logs later",
        ("LambdaFunction.update_configuration",),
        _changed_logs_of_a_function,
        (_LOGS, _KEY),
    ),
    Probe("the key of the code", ("LambdaFunction.get_code",), _key_of_the_code, _KEY),
    Probe(
        "the key of later code", ("LambdaFunction.update_function_code",), _changed_key_of_the_code, (_KEY, ["arm64"])
    ),
    Probe("a call", ("LambdaBackend.invoke",), _answer_of_a_call, b"null"),
    Probe("a changed stage", ("ApiGatewayV2Response.update_stage",), _changed_stage, "after"),
    Probe(
        "changed tags of a stage",
        (
            "{0}/v2/tags/(?P<arn>[^/]+)/apis/(?P<api>[^/]+)/stages/(?P<stage>[^/]+)$",
            "ApiGatewayV2Backend.tag_resource",
            "ApiGatewayV2Backend.untag_resource",
        ),
        _changed_tags_of_a_stage,
        {"b": "2"},
    ),
)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


def test_a_function_that_is_not_there_cannot_be_called() -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client("lambda").invoke(FunctionName="not-there", Payload=b"{}")


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer
