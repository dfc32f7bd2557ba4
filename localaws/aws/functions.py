"""Lambda and HTTP APIs: what a function and a stage were told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

from moto.apigatewayv2 import urls
from moto.apigatewayv2.models import ApiGatewayV2Backend, Stage
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.core.utils import camelcase_to_underscores

from localaws.aws.extending import Added, Extension, Mended, Routed

_FORGOTTEN: Final = (
    "Architectures",
    "DeadLetterConfig",
    "EphemeralStorage",
    "FileSystemConfigs",
    "KMSKeyArn",
    "LoggingConfig",
    "TracingConfig",
)


def _keeps_what_it_was_told(original: Callable[..., Any]) -> Callable[..., Any]:
    def start(self: Any, account_id: str, spec: dict[str, Any], *more: Any, **named: Any) -> None:
        original(self, account_id, spec, *more, **named)
        self._local_spec = dict(spec)

    return start


def _keeps_changes(original: Callable[..., Any]) -> Callable[..., Any]:
    def update(self: Any, spec: dict[str, Any]) -> Any:
        self._local_spec |= spec
        return original(self, spec)

    return update


def _shows_it(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_configuration(self: Any, *more: Any, **named: Any) -> dict[str, Any]:
        shown: dict[str, Any] = original(self, *more, **named)
        return shown | {name: self._local_spec[name] for name in _FORGOTTEN if name in self._local_spec}

    return get_configuration


def _keeps_code(original: Callable[..., Any]) -> Callable[..., Any]:
    def update_function_code(self: Any, updated_spec: dict[str, Any]) -> Any:
        self._local_spec |= {name: updated_spec[name] for name in _FORGOTTEN if name in updated_spec}
        self._local_spec["Code"] = updated_spec
        return original(self, updated_spec)

    return update_function_code


def _shows_the_key(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_code(self: Any) -> dict[str, Any]:
        shown: dict[str, Any] = original(self)
        key = self._local_spec["Code"].get("SourceKMSKeyArn")
        return shown | {
            "Code": {**shown.get("Code", {"RepositoryType": "S3"}), **({"SourceKMSKeyArn": key} if key else {})}
        }

    return get_code


def _answers_nothing(_: Callable[..., Any]) -> Callable[..., Any]:
    def invoke(self: LambdaBackend, function_name: str, qualifier: str | None, *_more: Any) -> bytes:
        self.get_function(function_name, qualifier)
        return b"null"

    return invoke


def _puts_again(original: Callable[..., Any]) -> Callable[..., Any]:
    def put_function_event_invoke_config(self: LambdaBackend, function_name: str, config: dict[str, Any]) -> Any:
        self.get_function(function_name).event_invoke_config.clear()
        return original(self, function_name, config)

    return put_function_event_invoke_config


# ---- stages of HTTP APIs


def update_stage(self: Any) -> tuple[int, dict[str, str], str]:
    stage = _stage(self.apigatewayv2_backend, self.path.split("/")[-3], unquote(self.path.split("/")[-1]))
    for name, value in json.loads(self.body).items():
        setattr(stage, camelcase_to_underscores(name), value)
    return 200, {}, json.dumps(stage.to_json())


def _stage(backend: ApiGatewayV2Backend, api_id: str, name: str) -> Stage:
    found: Stage = backend.get_stage(api_id, name)
    return found


def _stage_of(backend: ApiGatewayV2Backend, arn: str) -> Stage | None:
    api, _, name = arn.partition("/apis/")[2].partition("/stages/")
    return _stage(backend, api, name) if name else None


def _tags_stages(original: Callable[..., None]) -> Callable[..., None]:
    def tag_resource(self: ApiGatewayV2Backend, resource_arn: str, tags: dict[str, str]) -> None:
        stage = _stage_of(self, resource_arn)
        if stage:
            stage.tags |= tags
        else:
            original(self, resource_arn, tags)

    return tag_resource


def _untags_stages(original: Callable[..., None]) -> Callable[..., None]:
    def untag_resource(self: ApiGatewayV2Backend, resource_arn: str, tag_keys: list[str]) -> None:
        stage = _stage_of(self, resource_arn)
        if stage:
            stage.tags = {key: value for key, value in stage.tags.items() if key not in tag_keys}
        else:
            original(self, resource_arn, tag_keys)

    return untag_resource


_STAGE_TAGS = "{0}/v2/tags/(?P<arn>[^/]+)/apis/(?P<api>[^/]+)/stages/(?P<stage>[^/]+)$"
EXTENSIONS: Final[tuple[Extension, ...]] = (
    Added(ApiGatewayV2Response, update_stage, "no such operation"),
    Routed(urls.url_paths, _STAGE_TAGS, ApiGatewayV2Response.dispatch, "the tags of a stage are not found"),
    Mended(ApiGatewayV2Backend, "tag_resource", _tags_stages, "a stage's tags cannot be changed"),
    Mended(ApiGatewayV2Backend, "untag_resource", _untags_stages, "nor taken away"),
    Mended(LambdaFunction, "__init__", _keeps_what_it_was_told, "where a function logs is forgotten"),
    Mended(LambdaFunction, "update_configuration", _keeps_changes, "the same when it is changed"),
    Mended(LambdaFunction, "get_configuration", _shows_it, "and so not shown"),
    Mended(LambdaBackend, "put_function_event_invoke_config", _puts_again, "what is put again is not shown"),
    Mended(LambdaBackend, "invoke", _answers_nothing, "it would start a container, and nothing runs here"),
    Mended(LambdaFunction, "update_function_code", _keeps_code, "the key of a function's code is forgotten"),
    Mended(LambdaFunction, "get_code", _shows_the_key, "and so not shown"),
)
