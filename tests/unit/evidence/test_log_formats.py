"""What logs are told to write, as AWS's pages describe it."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence.documents.log_formats import access_log, firewall_log, integration, log_delivery, log_source
from lib.evidence.values.literal import BlockJudge
from tests.unit.evidence.documents import blocks_of, documents_of, let_pass, refused

_REDACTED = "redacted_fields.single_header.name"


class TestAccessLog:
    def test_of_the_samples_is_right(self) -> None:
        documents = documents_of("aws_apigatewayv2_stage", "access_log_settings.format")
        assert len(documents) == 1
        for document in documents:
            literals = list(access_log(document, "f"))
            assert [each.value for each in literals] == list(document.values())
            assert refused(literals) == []

    def test_of_the_samples_with_nonsense_is_wrong(self) -> None:
        for document in documents_of("aws_apigatewayv2_stage", "access_log_settings.format"):
            assert let_pass(access_log, document, "f") == set()

    @pytest.mark.parametrize(
        "value",
        [
            "$context.requestId",
            "$context.identity.sourceIp - [$context.requestTime]",
            "$context.authorizer.claims.sub",
            "$context.authorizer.tenant",
            "$context.status.",
        ],
    )
    def test_knows_its_variables(self, value: str) -> None:
        assert refused(access_log({"a": value}, "f")) == []

    @pytest.mark.parametrize(
        "value", ["$context.sourceIp", "$context.status $context.code", "status", "$status", 4, True]
    )
    def test_knows_no_others(self, value: Any) -> None:
        assert refused(access_log({"a": value}, "f")) == ["f.a"]

    def test_may_be_nested_or_a_line(self) -> None:
        assert refused(access_log({"a": {"b": ["$context.path", "$context.code"]}}, "f")) == ["f.a.b"]
        assert refused(access_log("$context.path", "f")) == []


class TestIntegration:
    def test_of_the_samples_is_right(self) -> None:
        assert any("request_parameters" in each for each in blocks_of("aws_apigatewayv2_integration"))
        for block in blocks_of("aws_apigatewayv2_integration"):
            assert refused(integration(block)) == []

    @pytest.mark.parametrize(
        "name", ["overwrite:header.x-client", "append:querystring.a", "remove:header.cookie", "overwrite:path"]
    )
    def test_changes_headers_queries_and_the_path(self, name: str) -> None:
        assert refused(integration({"request_parameters": {name: "a"}})) == []

    @pytest.mark.parametrize(
        "name", ["header.x", "set:header.x", "append:path", "overwrite:header.", "overwrite:body.a"]
    )
    def test_changes_nothing_else(self, name: str) -> None:
        assert refused(integration({"request_parameters": {name: "a"}})) == [f"request_parameters.{name}"]

    @pytest.mark.parametrize(
        "value",
        [
            "$context.identity.sourceIp",
            "$request.header.x-real-ip",
            "$request.querystring.page",
            "$request.body.user.name",
            "$request.path",
            "$request.path.id",
            "$stageVariables.stage",
            "constant",
            "''",
        ],
    )
    def test_puts_in_what_there_is(self, value: str) -> None:
        assert refused(integration({"request_parameters": {"overwrite:path": value}})) == []

    @pytest.mark.parametrize("value", ["$context.sourceIp", "$request.headers.a", "$header.a", "ü", "a\nb", 4])
    def test_puts_in_nothing_else(self, value: Any) -> None:
        assert refused(integration({"request_parameters": {"overwrite:path": value}})) == [
            "request_parameters.overwrite:path"
        ]

    def test_may_join_several(self) -> None:
        joined = "$${request.path.name} $${context.requestId}"
        assert refused(integration({"request_parameters": {"overwrite:path": joined}})) == []
        joined = "$${request.path.name} $${context.id}"
        assert len(refused(integration({"request_parameters": {"overwrite:path": joined}}))) == 1

    def test_may_leave_the_request_as_it_is(self) -> None:
        assert list(integration({})) == list(integration({"request_parameters": "${local.changes}"})) == []


class TestDelivery:
    @pytest.mark.parametrize(
        ("kind", "judge", "count"),
        [
            ("aws_cloudwatch_log_delivery", log_delivery, 23),
            ("aws_cloudwatch_log_delivery_source", log_source, 1),
            ("aws_wafv2_web_acl_logging_configuration", firewall_log, 2),
        ],
    )
    def test_of_the_samples_is_right(self, kind: str, judge: BlockJudge, count: int) -> None:
        assert len(blocks_of(kind)) >= 2
        for block in blocks_of(kind):
            literals = list(judge(block))
            assert (len(literals), refused(literals)) == (count, [])

    @pytest.mark.parametrize("field", ["cs(Referer)", "time-taken", "timestamp(ms)", "asn", "c-country"])
    def test_has_fields_of_cloudfront(self, field: str) -> None:
        assert refused(log_delivery({"record_fields": [field]})) == []

    @pytest.mark.parametrize("field", ["cs-referer", "timestamp", "bytes", 4])
    def test_has_no_other_fields(self, field: Any) -> None:
        assert refused(log_delivery({"record_fields": ["date", field]})) == ["record_fields"]

    def test_may_leave_the_fields_to_aws_or_to_terraform(self) -> None:
        assert list(log_delivery({})) == list(log_delivery({"record_fields": "${local.fields}"})) == []

    @pytest.mark.parametrize("path", ["{DistributionId}/{yyyy}/{MM}/{dd}/{HH}", "cdn", "a=b/{accountid}"])
    def test_goes_into_folders(self, path: str) -> None:
        assert refused(log_delivery({"s3_delivery_configuration": [{"suffix_path": path}]})) == []

    @pytest.mark.parametrize("path", ["{distribution}/a", "{yyyy", "a b", "", 4])
    def test_goes_nowhere_else(self, path: Any) -> None:
        found = refused(log_delivery({"s3_delivery_configuration": [{"suffix_path": path}]}))
        assert found == ["s3_delivery_configuration.suffix_path"]

    def test_is_of_a_type_that_cloudfront_delivers(self) -> None:
        assert refused(log_source({"log_type": "ERROR_LOGS"})) == ["log_type"]

    @pytest.mark.parametrize("name", ["cookie header", "cookie:", "", "ü", 4])
    def test_of_a_firewall_leaves_out_headers(self, name: Any) -> None:
        block = {"redacted_fields": [{"single_header": {"name": "cookie"}}, {"single_header": {"name": name}}]}
        assert refused(firewall_log(block)) == [_REDACTED]
