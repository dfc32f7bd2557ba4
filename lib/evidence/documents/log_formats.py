"""What logs are told to write: variables of API Gateway, fields of CloudFront, and headers that are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lib.evidence.documents.parts import like, single, tables, where
from lib.evidence.template import Block
from lib.evidence.values.literal import Literal
from lib.evidence.values.rule import one_of

_VARIABLES_PAGE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html"
VARIABLES = frozenset(
    {
        "accountId",
        "apiId",
        "authorizer.error",
        "authorizer.principalId",
        "awsEndpointRequestId",
        "awsEndpointRequestId2",
        "customDomain.basePathMatched",
        "dataProcessed",
        "domainName",
        "domainPrefix",
        "error.message",
        "error.messageString",
        "error.responseType",
        "extendedRequestId",
        "httpMethod",
        "identity.accountId",
        "identity.caller",
        "identity.clientCert.clientCertPem",
        "identity.clientCert.issuerDN",
        "identity.clientCert.serialNumber",
        "identity.clientCert.subjectDN",
        "identity.clientCert.validity.notAfter",
        "identity.clientCert.validity.notBefore",
        "identity.cognitoAuthenticationProvider",
        "identity.cognitoAuthenticationType",
        "identity.cognitoIdentityId",
        "identity.cognitoIdentityPoolId",
        "identity.principalOrgId",
        "identity.sourceIp",
        "identity.user",
        "identity.userAgent",
        "identity.userArn",
        "integration.error",
        "integration.integrationStatus",
        "integration.latency",
        "integration.requestId",
        "integration.status",
        "integrationErrorMessage",
        "integrationLatency",
        "integrationStatus",
        "path",
        "protocol",
        "requestId",
        "requestTime",
        "requestTimeEpoch",
        "responseLatency",
        "responseLength",
        "routeKey",
        "stage",
        "status",
    }
)
"""What `$context.` knows of a request to an HTTP API; besides, whatever an authorizer says."""
_AUTHORIZER = re.compile(r"authorizer\.(?:claims\.)?[A-Za-z_][\w-]*")
_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)")

_MAPPING = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html"
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
"""The name of a header. https://www.rfc-editor.org/rfc/rfc9110#name-tokens"""
_CHANGED = rf"(?:append|overwrite|remove):(?:header\.{_TOKEN}|querystring\..+)|overwrite:path"
_SELECTION = re.compile(
    rf"context\.[\w.-]+|request\.(?:header\.{_TOKEN}|querystring\.[^\s}}]+|body(?:\.\S+)?|path(?:\.[\w-]+)?)|stageVariables\.\w+"
)

_FIELDS_PAGE = (
    "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html"
    "#BasicDistributionFileFormat"
)
CLOUDFRONT_FIELDS = (
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "cs(Cookie)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "fle-status",
    "fle-encrypted-fields",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
    "sc-range-start",
    "sc-range-end",
    # Those that standard logs took over from the real-time ones.
    "timestamp(ms)",
    "origin-fbl",
    "origin-lbl",
    "asn",
    "c-country",
    "cache-behavior-path-pattern",
    "DistributionId",
    "distributionid",
)
_LOGGING = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html"
_SUFFIX = re.compile(r"(?:[A-Za-z0-9_.=/-]|\{(?:DistributionId|distributionid|accountid|yyyy|MM|dd|HH)\})+")

_LOG_TYPES = "botocore logs.PutDeliverySource logType"
_REDACTED = "https://docs.aws.amazon.com/waf/latest/APIReference/API_LoggingConfiguration.html"


def access_log(document: Any, path: str) -> Iterator[Literal]:
    """What API Gateway writes of each request to an HTTP API: JSON, or one line of text."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from access_log(value, f"{path}.{name}")
    elif isinstance(document, list):
        for value in document:
            yield from access_log(value, path)
    else:
        allowed = "a text with variables that $context has for HTTP APIs"
        yield from single(where(_is_logged, _VARIABLES_PAGE, allowed, "log_formats"))(document, path)


def _is_logged(text: str) -> bool:
    names = _VARIABLE.findall(text)
    return bool(names) and all(_is_variable(name) for name in names)


def _is_variable(name: str) -> bool:
    return name in VARIABLES or _AUTHORIZER.fullmatch(name) is not None


def integration(block: Block) -> Iterator[Literal]:
    """What an HTTP API changes in a request before it passes it on."""
    found = block.get("request_parameters")
    changed = like(_CHANGED, _MAPPING, "like overwrite:header.name, append:querystring.name, overwrite:path")
    allowed = "a constant, or $context, $request and $stageVariables with names that they have"
    for name, value in found.items() if isinstance(found, dict) else []:
        path = f"request_parameters.{name}"
        yield Literal(path, name, (changed,), is_name=True)
        yield from single(where(_is_mapped, _MAPPING, allowed, "log_formats"))(value, path)


def _is_mapped(text: str) -> bool:
    """Variables stand in braces where other text stands around them."""
    selections = [text[1:]] if re.fullmatch(r"\$[^{\s]+", text) else re.findall(r"\$\{([^}]*)\}", text)
    variables = [each.removeprefix("context.") for each in selections if each.startswith("context.")]
    are_known = all(_SELECTION.fullmatch(each) for each in selections) and all(map(_is_variable, variables))
    return are_known and re.fullmatch(r"[ -~]*", text) is not None


def log_delivery(block: Block) -> Iterator[Literal]:
    """What CloudFront writes, and into which folders."""
    fields = block.get("record_fields")
    for each in fields if isinstance(fields, list) else []:
        yield from single(one_of(*CLOUDFRONT_FIELDS, source=_FIELDS_PAGE, check="log_formats"))(each, "record_fields")
    for each in tables(block, "s3_delivery_configuration"):
        allowed = "folders, and in braces DistributionId, accountid, yyyy, MM, dd, HH"
        rule = where(lambda text: _SUFFIX.fullmatch(text) is not None, _LOGGING, allowed, "log_formats")
        yield from single(rule)(each.get("suffix_path"), "s3_delivery_configuration.suffix_path")


def log_source(block: Block) -> Iterator[Literal]:
    """What CloudFront delivers."""
    yield from single(one_of("ACCESS_LOGS", source=_LOG_TYPES, check="log_formats"))(block.get("log_type"), "log_type")


def firewall_log(block: Block) -> Iterator[Literal]:
    """What a firewall leaves out of its log."""
    for each in tables(block, "redacted_fields", "single_header"):
        rule = like(_TOKEN, _REDACTED, "the name of a header", "log_formats")
        yield from single(rule)(each.get("name"), "redacted_fields.single_header.name")
