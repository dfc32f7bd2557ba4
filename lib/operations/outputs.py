"""The outputs of a deployment: the one file by which everything after the apply finds its way."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lib.naming import MAX_SUFFIX_LENGTH, PROJECT_PATTERN, SUFFIX_PATTERN

Outputs = dict[str, Any]

PROJECT_FOLDER = Path(__file__).parents[2]
HOW_TO_GET_OUTPUTS = (
    "`make deploy`, `terraform output -json` or `cdktf deploy --outputs-file` writes it; "
    "TAP_OUTPUTS or OUTPUTS= names another one"
)

_TOGETHER = {
    "stack": "project environment_suffix tier region vpc_id url load_balancer_url load_balancer_arn"
    " load_balancer_dns_name load_balancer_zone_id listener_arn load_balancer_security_group_id alarm_topic_arn"
    " dashboard_name public_subnet_ids[] private_subnet_ids[] isolated_subnet_ids[] nat_gateway_ids[] alarm_names[]",
    "firewall": "web_acl_arn web_acl_log_group_name",
    "HTTP API": "http_api_url http_api_id http_api_stage_name http_api_log_group_name http_api_security_group_id",
    "CDN": "cdn_url cdn_distribution_id cdn_distribution_arn cdn_domain_name",
    "CDN's firewall": "cdn_web_acl_arn",
    "CDN's topic": "edge_alarm_topic_arn",
    "services": "cluster_name cluster_arn namespace_arn service_names{} service_arns{} task_definition_arns{}"
    " task_role_arns{} target_group_arns{} service_log_group_names{} service_security_group_ids{}",
    "fleets": "autoscaling_group_names{} launch_template_ids{} instance_role_arns{} fleet_target_group_arns{}"
    " fleet_log_group_names{} fleet_security_group_ids{}",
    "functions": "function_names{} function_arns{} function_log_group_names{} function_dead_letter_queue_urls{}",
    "cache": "cache_name cache_arn cache_endpoint cache_port# cache_security_group_id",
    "database": "database_identifier database_arn database_endpoint database_address database_port#"
    " database_master_secret_arn database_security_group_id",
    "readers of the database": "database_reader_address",
    "rotation of the database's password": "database_secret_arn rotation_function_name rotation_function_arn"
    " rotation_log_group_name rotation_security_group_id",
    "files": "file_system_id file_system_arn access_point_id files_security_group_id",
    "secrets": "secret_arns{}",
    "tables": "table_names{} table_arns{}",
    "buckets": "bucket_names{} bucket_arns{}",
}
"""Unit -> its outputs, which come together or not at all. [] a list of texts, {} a map of texts, # a whole number."""
_SHAPES = {"[]": "a list of texts", "{}": "a map of texts", "#": "a whole number", "": "a text"}
_ALWAYS = "stack"
_WORD = re.compile(r"(\w+)([^\w\s]*)")
UNITS = {unit: dict(_WORD.findall(words)) for unit, words in _TOGETHER.items()}
"""Unit -> output -> its shape."""


class UnusableOutputsError(ValueError):
    """No outputs of a deployment. Its arguments are the reasons, all of them."""

    def __str__(self) -> str:
        return "\n".join(self.args)


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


def load(path: Path) -> Outputs:
    """The outputs in a file. Raises UnusableOutputsError, which says all that is wrong with it."""
    try:
        return read_outputs(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableOutputsError(f"{path}: {error.strerror}. {HOW_TO_GET_OUTPUTS}.") from None
    except UnicodeDecodeError:
        raise UnusableOutputsError(f"{path}: is no text. {HOW_TO_GET_OUTPUTS}.") from None
    except UnusableOutputsError as error:
        raise UnusableOutputsError(*(f"{path}: {reason}" for reason in error.args)) from None


def read_outputs(text: str) -> Outputs:
    """Output -> value, from Terraform's format or CDKTF's.

    Terraform: `{"url": {"value": …, "type": …, "sensitive": …}}`. CDKTF: `{"TapStackdev": {"url": …}}`.
    Raises UnusableOutputsError for anything else, for the outputs of several stacks, and for those of another project.
    """
    outputs = _flat(_parsed(text))
    if problems := list(_problems(outputs)):
        raise UnusableOutputsError(*problems)
    return outputs


def _parsed(text: str) -> dict[str, dict[str, Any]]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise UnusableOutputsError(f"is no JSON: {error}. {HOW_TO_GET_OUTPUTS}.") from None
    if not isinstance(document, dict) or not all(isinstance(each, dict) for each in document.values()) or not document:
        raise UnusableOutputsError(f"these are no outputs. {HOW_TO_GET_OUTPUTS}.")
    return document


def _flat(document: dict[str, dict[str, Any]]) -> Outputs:
    if all("value" in each for each in document.values()):
        return {name: each["value"] for name, each in document.items()}
    if len(document) > 1:
        raise UnusableOutputsError(
            f"these are the outputs of several stacks: {', '.join(document)}; one is looked at at a time"
        )
    (outputs,) = document.values()
    return dict(outputs)


def _problems(outputs: Outputs) -> Iterator[str]:
    for unit, shapes in UNITS.items():
        missing = [name for name in shapes if name not in outputs]
        if missing and (unit == _ALWAYS or len(missing) < len(shapes)):
            yield f"outputs of the {unit} are missing: {', '.join(missing)}"
        for name in shapes.keys() & outputs.keys():
            if not _has_shape(outputs[name], shapes[name]):
                yield f"{name} is {json.dumps(outputs[name])}, not {_SHAPES[shapes[name]]}"
    for name, pattern in (("project", PROJECT_PATTERN), ("environment_suffix", SUFFIX_PATTERN)):
        value = outputs.get(name)
        if isinstance(value, str) and value and not _is_name(value, pattern):
            yield f"{name} is {value!r}, which no stack can have"


def _has_shape(value: object, shape: str) -> bool:
    match shape:
        case "[]":
            return isinstance(value, list) and bool(value) and all(map(_is_text, value))
        case "{}":
            return isinstance(value, dict) and bool(value) and all(map(_is_text, value.values()))
        case "#":
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return _is_text(value)


def _is_name(value: str, pattern: str) -> bool:
    return bool(re.fullmatch(pattern, value)) and len(value) <= MAX_SUFFIX_LENGTH


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
