"""Whole templates: what is found, and what is counted."""

from __future__ import annotations

import json
from typing import Any

from lib.evidence.finding import Finding
from lib.evidence.template import Template
from lib.evidence.values.judgement import Judgement, judged, values_are_taken


def of(*, data: Any = None, provider: Any = None, is_ours: bool = False, **resources: dict[str, Any]) -> Judgement:
    """The judgement of a template with one resource, called `it`, of each type."""
    judged_one = template(data=data, provider=provider, **resources)
    if is_ours:
        judged_one.document["output"] = {"environment_suffix": {"value": "dev"}}
    return judged(judged_one)


def template(*, data: Any = None, provider: Any = None, **resources: dict[str, Any]) -> Template:
    document: dict[str, Any] = {
        "provider": {"aws": [provider or {"region": "eu-west-1"}]},
        "resource": {kind: {"it": block} for kind, block in resources.items()},
    }
    return Template(document | ({"data": data} if data else {}))


def found(judgement: Judgement) -> list[tuple[str, str, str, Any]]:
    return [(each.check, each.resource, each.argument, each.value) for each in judgement.findings]


class TestFindings:
    def test_say_everything_that_a_reader_needs(self) -> None:
        (finding,) = of(aws_lb={"idle_timeout": 5000}).findings
        page = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html"
        assert finding == Finding(
            check="ranges",
            resource="aws_lb.it",
            what=f"idle_timeout is 5000, and AWS takes a number from 1 to 4000 ({page})",
            argument="idle_timeout",
            value=5000,
            allowed="a number from 1 to 4000",
            source=page,
        )

    def test_of_two_models_are_one(self) -> None:
        (finding,) = of(aws_efs_file_system={"performance_mode": "fast"}).findings
        assert finding.allowed == "one of generalPurpose, maxIO"
        assert finding.source == (
            "botocore efs.CreateFileSystem.PerformanceMode, cfn-lint AWS::EFS::FileSystem.PerformanceMode"
        )

    def test_come_from_models_tables_documents_and_context(self) -> None:
        judgement = of(
            aws_dynamodb_table={"billing_mode": "FREE"},
            aws_vpc={"cidr_block": "10.0.0.1/16"},
            aws_s3_bucket_policy={"policy": json.dumps({"Version": "2021-01-01", "Statement": []})},
            aws_elasticache_replication_group={"node_type": "cache.t4g.gigantic"},
            aws_db_parameter_group={"family": "moon17"},
        )
        assert [(check, argument) for check, _, argument, _ in found(judgement)] == [
            ("enumerations", "billing_mode"),
            ("cidr_blocks", "cidr_block"),
            ("enumerations", "policy.Version"),
            ("classes", "node_type"),
            ("patterns", "family"),
        ]

    def test_come_from_documents_that_no_model_describes(self) -> None:
        pattern = {"source": ["aws.ecs"], "detail-type": ["ECS Nonsense"]}
        judgement = of(aws_cloudwatch_event_rule={"event_pattern": json.dumps(pattern)})
        assert [each.argument for each in judgement.findings] == ["event_pattern.detail-type"]
        assert judgement.literals["aws_cloudwatch_event_rule"] == 2

    def test_are_made_of_what_should_be_a_document_and_is_none(self) -> None:
        (finding,) = of(aws_cloudwatch_event_rule={"event_pattern": '{"source": ['}).findings
        assert (finding.check, finding.allowed) == ("documents", "a JSON document")
        assert of(aws_cloudwatch_event_rule={"event_pattern": "${local.pattern}"}).findings == []

    def test_come_from_arguments_that_do_not_go_together(self) -> None:
        alarm = {"namespace": "AWS/ECS", "metric_name": "CPUUsage", "statistic": "Average"}
        judgement = of(is_ours=True, aws_cloudwatch_metric_alarm=alarm)
        assert [(each.resource, each.argument) for each in judgement.findings] == [
            ("aws_cloudwatch_metric_alarm.it", "metric_name")
        ]

    def test_are_not_made_of_metrics_that_others_watch_and_our_table_does_not_have(self) -> None:
        by = {"InstanceId": "i-0123456789abcdef0"}
        own = {"namespace": "Shop", "metric_name": "Orders", "statistic": "Sum", "unit": "Count", "dimensions": by}
        assert of(aws_cloudwatch_metric_alarm=own).findings == []
        assert {each.argument for each in of(is_ours=True, aws_cloudwatch_metric_alarm=own).findings} == {
            *("namespace", "metric_name", "unit", "dimensions.InstanceId")
        }

    def test_of_a_value_by_itself_and_among_others_are_one(self) -> None:
        alarm = {"treat_missing_data": "notbreaching", "metric_name": "Orders", "namespace": "Shop", "statistic": "Sum"}
        assert found(of(aws_cloudwatch_metric_alarm=alarm)) == [
            ("enumerations", "aws_cloudwatch_metric_alarm.it", "treat_missing_data", "notbreaching")
        ]

    def test_are_there_for_data_sources_and_the_provider(self) -> None:
        judgement = of(
            data={"aws_route53_zone": {"z": {"name": "nonsense"}}},
            provider={"region": "mars-north-1", "default_tags": [{"tags": {"aws:x": "y"}}]},
        )
        assert found(judgement) == [
            ("patterns", "data.aws_route53_zone.z", "name", "nonsense"),
            ("regions", "provider.aws", "region", "mars-north-1"),
            ("patterns", "provider.aws", "default_tags.tags.aws:x", "aws:x"),
        ]

    def test_are_not_made_of_references(self) -> None:
        judgement = of(
            aws_lb={"idle_timeout": "${var.idle}"},
            aws_launch_template={"instance_type": "${var.type}"},
            aws_db_instance={"engine": "${var.engine}", "engine_version": "${var.version}"},
        )
        assert judgement.findings == []

    def test_are_sentences_for_those_who_want_them(self) -> None:
        (sentence,) = values_are_taken(
            template(aws_flow_log={"max_aggregation_interval": 300, "log_destination_type": "s3"})
        )
        assert sentence.startswith(
            "aws_flow_log.it: max_aggregation_interval is 300, and AWS takes one of 60, 600 (https://docs"
        )

    def test_are_made_of_names_of_tags(self) -> None:
        assert found(of(aws_vpc={"tags": {"x" * 129: "y"}})) == [
            ("lengths", "aws_vpc.it", "tags." + "x" * 129, "x" * 129)
        ]

    def test_of_texts_that_only_look_like_documents_are_of_texts(self) -> None:
        assert of(aws_lb={"name": "{nonsense"}).findings[0].value == "{nonsense"
        assert [each.check for each in of(aws_lb={"name": "{}"}).findings] == ["names"]


class TestCounts:
    def test_are_of_literals_that_are_no_references(self) -> None:
        judgement = of(aws_lb={"//": {"x": 1}, "internal": True, "subnets": ["${aws_subnet.a.id}"], "idle_timeout": 60})
        assert judgement.literals == {"aws_lb": 2, "provider.aws": 1}

    def test_of_names_in_maps_are_none(self) -> None:
        assert of(aws_vpc={"tags": {"Name": "x"}}).literals["aws_vpc"] == 1

    def test_of_what_nothing_is_known_of_say_where_it_stands(self) -> None:
        judgement = of(aws_lb={"nonsense": 1}, aws_no_such_thing={"name": "x", "more": {"y": [1, 2]}})
        assert judgement.unchecked == {
            ("aws_lb", "nonsense"): 1,
            ("aws_no_such_thing", "name"): 1,
            ("aws_no_such_thing", "more.y"): 2,
        }

    def test_have_what_the_context_knows_as_checked(self) -> None:
        block = {"node_type": "cache.t4g.micro"}
        assert of(aws_elasticache_replication_group=block).unchecked == {}
        assert of(provider={"alias": "x"}, aws_elasticache_replication_group=block).unchecked == {
            ("aws_elasticache_replication_group", "node_type"): 1,
            ("provider.aws", "alias"): 1,
        }

    def test_have_what_the_context_does_not_know_in_all_its_places_as_unchecked(self) -> None:
        parameters = [{"name": "log_lock_waits", "value": "1"}, {"name": "work_mem", "value": "4096"}]
        judgement = of(aws_db_parameter_group={"family": "postgres17", "parameter": parameters})
        assert judgement.unchecked == {("aws_db_parameter_group", "parameter.value"): 2}

    def test_have_texts_for_people_as_unchecked(self) -> None:
        text = {"type": "text", "x": 0, "y": 0, "width": 24, "height": 1, "properties": {"markdown": "# Hello"}}
        judgement = of(aws_cloudwatch_dashboard={"dashboard_body": json.dumps({"widgets": [text]})})
        assert judgement.findings == []
        assert judgement.unchecked == {("aws_cloudwatch_dashboard", "dashboard_body.widgets.properties.markdown"): 1}

    def test_have_no_local_values(self) -> None:
        judgement = judged(Template({"locals": {"a": "b"}}))
        assert (judgement.literals, judgement.findings) == ({}, [])
