"""The parts of the schema that the bindings do not hold, written down by hand.

- the `statement` of a WAF rule, which the bindings type as `any`, for it nests in itself
- ephemeral resources
- which attributes are sensitive

Attributes are written as words `name:flags:type`. Flags: r required, o optional, c computed, s sensitive. The type is
string where none is given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

from localaws.provider.block import Attribute, Block, NestedBlock, type_from_json

Inner: TypeAlias = Block | NestedBlock
"""A block inside another: a bare Block may be there once, or not at all."""

_SENSITIVE_FILE = Path(__file__).with_name("sensitive.json")
"""Top-level attributes of resources, exact: as in pulumi-aws 7.14.0, which is generated from the provider's schema."""

_SENSITIVE_NAMES = frozenset(
    {
        "auth_token",
        "authorization_token",
        "client_secret",
        "master_password",
        "password",
        "plaintext",
        "private_key",
        "random_password",
        "secret_access_key",
        "secret_binary",
        "secret_key",
        "secret_string",
    }
)
"""Taken as sensitive in nested blocks and data sources, of which no public list tells."""
_SENSITIVE_DATA = {
    "aws_eks_cluster_auth": {"token"},
    "aws_ssm_parameter": {"value"},
    "aws_ssm_parameters_by_path": {"values"},
}


def is_sensitive(category: str, kind: str, name: str, *, nested: bool) -> bool:
    """Whether Terraform has to hide the attribute."""
    if category == "resource" and not nested:
        return name in _sensitive_attributes().get(kind, ())
    return category != "provider" and (name in _SENSITIVE_NAMES or name in _SENSITIVE_DATA.get(kind, ()))


@cache
def _sensitive_attributes() -> Mapping[str, list[str]]:
    table: dict[str, list[str]] = json.loads(_SENSITIVE_FILE.read_text())
    return table


def block(attributes: str = "", /, **blocks: Inner) -> Block:
    """A block from words for its attributes, and the blocks inside it by name."""
    return Block(
        dict(_attribute(word) for word in attributes.split()),
        {name: inner if isinstance(inner, NestedBlock) else listed(inner, most=1) for name, inner in blocks.items()},
    )


def listed(inner: Block, least: int = 0, most: int = 0) -> NestedBlock:
    """A block that may be there `least` to `most` times; 0 is no limit."""
    return NestedBlock("list", inner, least, most)


def one_of(inner: Block) -> NestedBlock:
    """A block that has to be there once."""
    return listed(inner, least=1, most=1)


def unordered(inner: Block, least: int = 0) -> NestedBlock:
    """A block that may repeat, in no order."""
    return NestedBlock("set", inner, least)


def _attribute(word: str) -> tuple[str, Attribute]:
    name, flags, *rest = word.split(":")
    written = rest[0] if rest else "string"
    collection, _, element = written.rstrip(")").partition("(")
    return name, Attribute(
        type_from_json([collection, element] if element else written),
        required="r" in flags,
        optional="o" in flags,
        computed="c" in flags,
        sensitive="s" in flags,
    )


# --- The statement of a WAF rule: https://docs.aws.amazon.com/waf/latest/APIReference/API_Statement.html

_EMPTY = block()
_FALLBACK = block("fallback_behavior:r")
_FORWARDED = block("fallback_behavior:r header_name:r")
_TRANSFORMATIONS = unordered(block("priority:r:number type:r"), least=1)
_HEADER = block("name:r value:r")

_FIELD = block(
    all_query_arguments=_EMPTY,
    body=block("oversize_handling:o"),
    cookies=block(
        "match_scope:r oversize_handling:r",
        match_pattern=listed(block("excluded_cookies:o:list(string) included_cookies:o:list(string)", all=_EMPTY), 1),
    ),
    header_order=listed(block("oversize_handling:r")),
    headers=listed(
        block(
            "match_scope:r oversize_handling:r",
            match_pattern=one_of(block("excluded_headers:o:list(string) included_headers:o:list(string)", all=_EMPTY)),
        )
    ),
    ja3_fingerprint=_FALLBACK,
    ja4_fingerprint=_FALLBACK,
    json_body=block(
        "invalid_fallback_behavior:o match_scope:r oversize_handling:o",
        match_pattern=one_of(block("included_paths:o:list(string)", all=_EMPTY)),
    ),
    method=_EMPTY,
    query_string=_EMPTY,
    single_header=block("name:r"),
    single_query_argument=block("name:r"),
    uri_fragment=block("fallback_behavior:o"),
    uri_path=_EMPTY,
)

_MATCHES: dict[str, Inner] = {
    "asn_match_statement": block("asn_list:r:list(number)", forwarded_ip_config=_FORWARDED),
    "byte_match_statement": block(
        "positional_constraint:r search_string:r", field_to_match=_FIELD, text_transformation=_TRANSFORMATIONS
    ),
    "geo_match_statement": block("country_codes:r:list(string)", forwarded_ip_config=_FORWARDED),
    "ip_set_reference_statement": block(
        "arn:r", ip_set_forwarded_ip_config=block("fallback_behavior:r header_name:r position:r")
    ),
    "label_match_statement": block("key:r scope:r"),
    "regex_match_statement": block("regex_string:r", field_to_match=_FIELD, text_transformation=_TRANSFORMATIONS),
    "regex_pattern_set_reference_statement": block(
        "arn:r", field_to_match=_FIELD, text_transformation=_TRANSFORMATIONS
    ),
    "size_constraint_statement": block(
        "comparison_operator:r size:r:number", field_to_match=_FIELD, text_transformation=_TRANSFORMATIONS
    ),
    "sqli_match_statement": block("sensitivity_level:o", field_to_match=_FIELD, text_transformation=_TRANSFORMATIONS),
    "xss_match_statement": block(field_to_match=_FIELD, text_transformation=_TRANSFORMATIONS),
}

_NAMED_KEY = block("name:r", text_transformation=_TRANSFORMATIONS)
_TRANSFORMED_KEY = block(text_transformation=_TRANSFORMATIONS)
_CUSTOM_KEY = block(
    asn=_EMPTY,
    cookie=_NAMED_KEY,
    forwarded_ip=_EMPTY,
    header=_NAMED_KEY,
    http_method=_EMPTY,
    ip=_EMPTY,
    ja3_fingerprint=_FALLBACK,
    ja4_fingerprint=_FALLBACK,
    label_namespace=block("namespace:r"),
    query_argument=_NAMED_KEY,
    query_string=_TRANSFORMED_KEY,
    uri_path=_TRANSFORMED_KEY,
)

_HANDLED = block(custom_request_handling=block(insert_header=unordered(_HEADER, least=1)))
_BLOCKED = block(
    custom_response=block("custom_response_body_key:o response_code:r:number", response_header=unordered(_HEADER))
)
_OVERRIDES = listed(
    block(
        "name:r",
        action_to_use=one_of(
            block(allow=_HANDLED, block=_BLOCKED, captcha=_HANDLED, challenge=_HANDLED, count=_HANDLED)
        ),
    ),
    most=100,
)

_IDENTIFIER = block("identifier:r")
_IDENTIFIERS = block("identifiers:r:list(string)")
_RESPONSE_INSPECTION = block(
    body_contains=block("failure_strings:r:set(string) success_strings:r:set(string)"),
    header=block("failure_values:r:set(string) name:r success_values:r:set(string)"),
    json=block("failure_values:r:set(string) identifier:r success_values:r:set(string)"),
    status_code=block("failure_codes:r:set(number) success_codes:r:set(number)"),
)
_RULE_GROUP_CONFIG = block(
    "login_path:o payload_type:o",
    password_field=_IDENTIFIER,
    username_field=_IDENTIFIER,
    aws_managed_rules_acfp_rule_set=block(
        "creation_path:r enable_regex_in_path:o:bool registration_page_path:r",
        response_inspection=_RESPONSE_INSPECTION,
        request_inspection=one_of(
            block(
                "payload_type:r",
                address_fields=_IDENTIFIERS,
                email_field=_IDENTIFIER,
                password_field=_IDENTIFIER,
                phone_number_fields=_IDENTIFIERS,
                username_field=_IDENTIFIER,
            )
        ),
    ),
    aws_managed_rules_anti_ddos_rule_set=block(
        "sensitivity_to_block:o",
        client_side_action_config=one_of(
            block(
                challenge=one_of(
                    block(
                        "sensitivity:o usage_of_action:r",
                        exempt_uri_regular_expression=listed(block("regex_string:o")),
                    )
                )
            )
        ),
    ),
    aws_managed_rules_atp_rule_set=block(
        "enable_regex_in_path:o:bool login_path:r",
        response_inspection=_RESPONSE_INSPECTION,
        request_inspection=block(
            "payload_type:r", password_field=one_of(_IDENTIFIER), username_field=one_of(_IDENTIFIER)
        ),
    ),
    aws_managed_rules_bot_control_rule_set=block("enable_machine_learning:o:bool inspection_level:r"),
)

_LEVELS = 3
"""How deep the provider lets and, or and not nest."""


@cache
def _statement(levels: int) -> Block:
    if levels == 1:
        return block(**_MATCHES)
    inner = _statement(levels - 1)
    return block(
        **_MATCHES,
        and_statement=block(statement=listed(inner, least=1)),
        or_statement=block(statement=listed(inner, least=1)),
        not_statement=block(statement=listed(inner, least=1)),
    )


@cache
def waf_statement(kind: str) -> Block:
    """The statement of a rule of `kind`: a web ACL may name rule groups in it, a rule group may not."""
    statement = _statement(_LEVELS)
    outer: dict[str, Inner] = {
        "rate_based_statement": block(
            "aggregate_key_type:o evaluation_window_sec:o:number limit:r:number",
            custom_key=listed(_CUSTOM_KEY, most=5),
            forwarded_ip_config=_FORWARDED,
            scope_down_statement=statement,
        )
    }
    if kind == "aws_wafv2_web_acl":
        outer["managed_rule_group_statement"] = block(
            "name:r vendor_name:r version:o",
            rule_action_override=_OVERRIDES,
            scope_down_statement=statement,
            managed_rule_group_configs=listed(_RULE_GROUP_CONFIG),
        )
        outer["rule_group_reference_statement"] = block("arn:r", rule_action_override=_OVERRIDES)
    return block(**dict(statement.blocks), **outer)


# --- Ephemeral resources: https://developer.hashicorp.com/terraform/language/resources/ephemeral

EPHEMERAL: Mapping[str, Block] = {
    "aws_eks_cluster_auth": block("name:r region:oc token:cs"),
    "aws_kms_secrets": block(
        "plaintext:c:map(string) region:oc",
        secret=unordered(
            block("context:o:map(string) encryption_algorithm:o grant_tokens:o:list(string) key_id:o name:r payload:r"),
            least=1,
        ),
    ),
    "aws_lambda_invocation": block(
        "client_context:o executed_version:c function_error:c function_name:r log_result:c log_type:o payload:r "
        "qualifier:o region:oc result:c status_code:c:number"
    ),
    "aws_secretsmanager_random_password": block(
        "exclude_characters:o exclude_lowercase:o:bool exclude_numbers:o:bool exclude_punctuation:o:bool "
        "exclude_uppercase:o:bool include_space:o:bool password_length:o:number random_password:c "
        "require_each_included_type:o:bool region:oc"
    ),
    "aws_secretsmanager_secret_version": block(
        "arn:c created_date:c region:oc secret_binary:c secret_id:r secret_string:c version_id:oc version_stage:oc "
        "version_stages:c:list(string)"
    ),
    "aws_ssm_parameter": block("arn:r name:c region:oc type:c value:cs version:c:number with_decryption:oc:bool"),
}
