"""Patterns of events and what targets are told, as EventBridge's pages describe them."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence.documents.events import SERVICES, event_pattern, event_target
from tests.unit.evidence.documents import blocks_of, documents_of, let_pass, places, refused

_STOPPED = {"source": ["aws.ecs"], "detail-type": ["ECS Task State Change"]}
_FAILED = {"source": ["aws.ecs"], "detail-type": ["ECS Deployment State Change"]}
_REFRESHED = {"source": ["aws.autoscaling"], "detail-type": [{"prefix": "EC2 Auto Scaling Instance Refresh"}]}


def wrong(pattern: Any, **more: Any) -> list[str]:
    return refused(event_pattern({**pattern, **more} if isinstance(pattern, dict) else pattern, "p"))


def of_task(**detail: Any) -> list[str]:
    """What is wrong with a pattern of changed tasks, below its detail."""
    return [each.removeprefix("p.detail.") for each in wrong(_STOPPED, detail=detail)]


class TestPatternsOfTheSamples:
    def test_are_right(self) -> None:
        documents = documents_of("aws_cloudwatch_event_rule", "event_pattern")
        assert len(documents) == 3
        for document in documents:
            assert refused(event_pattern(document, "event_pattern")) == []

    def test_have_no_literal_that_is_not_judged(self) -> None:
        for document in documents_of("aws_cloudwatch_event_rule", "event_pattern"):
            literals = list(event_pattern(document, "event_pattern"))
            assert [each.value for each in literals] == [value for _, value in places(document)]
            assert [each.path for each in literals if not each.rules] == []

    def test_with_nonsense_anywhere_are_wrong(self) -> None:
        for document in documents_of("aws_cloudwatch_event_rule", "event_pattern"):
            assert let_pass(event_pattern, document, "event_pattern") == set()


class TestPattern:
    @pytest.mark.parametrize("document", [[], {}, "aws.ecs"])
    def test_is_a_table_of_something(self, document: Any) -> None:
        assert wrong(document) == ["p"]

    @pytest.mark.parametrize(
        ("name", "right", "bad"),
        [
            ("version", "0", "1"),
            ("id", "12345678-1234-1234-1234-111122223333", "1234"),
            ("account", "111122223333", "1111"),
            ("time", "2019-10-02T17:04:40Z", "2019-10-02"),
            ("region", "eu-west-1", "Europe"),
            ("replay-name", "once", ""),
            ("source", "aws.ecs", "aws.esc"),
            ("source", "aws.states", "aws.stepfunction"),
            ("source", "com.example.shop", "my shop"),
            ("source", "aws.partner/example.com/shop", "aws.partner"),
        ],
    )
    def test_says_what_events_say(self, name: str, right: str, bad: str) -> None:
        assert wrong({name: [right]}) == []
        assert wrong({name: [bad]}) == [f"p.{name}"]

    def test_knows_the_parts_of_an_event(self) -> None:
        assert wrong({"detailType": ["ECS Task State Change"]}) == ["p.detailType"]

    @pytest.mark.parametrize("value", ["aws.ecs", [], {}, {"prefix": "aws."}, None])
    def test_has_lists_of_values(self, value: Any) -> None:
        assert wrong({"source": value}) == ["p.source"]

    def test_has_a_table_of_details(self) -> None:
        assert wrong(_STOPPED, detail=["STOPPED"]) == ["p.detail"]
        assert wrong(_STOPPED, detail={}) == ["p.detail"]

    def test_of_a_service_names_types_that_it_has(self) -> None:
        assert wrong({"source": ["aws.ecs"], "detail-type": ["ECS Task Stopped"]}) == ["p.detail-type"]
        assert wrong({"source": ["aws.autoscaling"], "detail-type": ["ECS Task State Change"]}) == ["p.detail-type"]
        assert wrong({"source": ["aws.autoscaling", "aws.ecs"], "detail-type": ["ECS Task State Change"]}) == []

    def test_may_ask_for_calls_of_an_api(self) -> None:
        calls = {"source": ["aws.ecs"], "detail-type": ["AWS API Call via CloudTrail"]}
        (*_, literal) = event_pattern({**calls, "detail": {"eventName": ["RunTask"]}}, "p")
        assert (literal.path, literal.rules) == ("p.detail.eventName", ())

    def test_of_another_source_is_judged_by_its_grammar_alone(self) -> None:
        pattern = {"source": ["aws.rds"], "detail-type": ["RDS"], "resources": ["a"], "detail": {"EventID": ["RDS-1"]}}
        literals = list(event_pattern(pattern, "p"))
        assert refused(literals) == []
        unjudged = ["p.detail-type", "p.resources", "p.detail.EventID"]
        assert [each.path for each in literals if not each.rules] == unjudged
        assert wrong({"source": ["aws.rds"], "detail": {"EventID": "RDS-1"}}) == ["p.detail.EventID"]

    def test_of_one_that_is_known_and_one_that_is_not_is_not_held_to_the_one(self) -> None:
        assert wrong({"source": ["aws.ecs", "aws.rds"], "detail-type": ["RDS"], "resources": ["a"]}) == []
        assert wrong({"source": ["aws.ecs", {"prefix": "aws.r"}], "detail-type": ["RDS"]}) == ["p.detail-type"]

    def test_names_resources_of_the_service(self) -> None:
        cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/main"
        assert wrong(_FAILED, resources=[cluster]) == []
        assert wrong(_FAILED, resources=[cluster.replace(":ecs:", ":eks:")]) == ["p.resources"]
        assert wrong(_REFRESHED, resources=[cluster]) == ["p.resources"]
        assert wrong(_FAILED, resources=[{"prefix": "arn:${data.p.partition}:ecs:"}]) == []
        assert wrong(_FAILED, resources=[{"prefix": "arn:aws:eks:"}]) == ["p.resources.prefix"]
        assert wrong(_FAILED, resources=[{"suffix": "/main"}]) == []
        assert wrong(_FAILED, resources=[{"suffix": ""}]) == ["p.resources.suffix"]


class TestDetail:
    @pytest.mark.parametrize(
        ("name", "right", "bad"),
        [
            ("eventName", "SERVICE_DEPLOYMENT_FAILED", "SERVICE_DEPLOYMENT_BROKEN"),
            ("eventType", "ERROR", "WARN"),
            ("deploymentId", "ecs-svc/123", "123"),
            ("updatedAt", "2020-05-23T11:11:11Z", "now"),
            ("reason", "deployment failed", ""),
        ],
    )
    def test_of_a_deployment(self, name: str, right: str, bad: str) -> None:
        assert wrong(_FAILED, detail={name: [right]}) == []
        assert wrong(_FAILED, detail={name: [bad]}) == [f"p.detail.{name}"]

    @pytest.mark.parametrize(
        ("name", "right", "bad"),
        [
            ("lastStatus", "STOPPED", "Stopped"),
            ("desiredStatus", "RUNNING", "UP"),
            ("stopCode", "EssentialContainerExited", "OutOfMemory"),
            ("launchType", "FARGATE", "LAMBDA"),
            ("connectivity", "CONNECTED", "yes"),
            ("healthStatus", "UNHEALTHY", "bad"),
            ("group", "service:api", "api"),
            ("availabilityZone", "eu-west-1a", "eu-west-1"),
            ("clusterArn", "arn:aws:ecs:eu-west-1:111122223333:cluster/main", "main"),
            ("taskArn", "arn:aws:ecs:eu-west-1:111122223333:task/main/1a", "1a"),
            ("version", 3, "3"),
            ("version", 3, True),
            ("stoppedAt", "2020-05-23T11:11:11.1Z", "11:11"),
        ],
    )
    def test_of_a_task(self, name: str, right: Any, bad: Any) -> None:
        assert of_task(**{name: [right]}) == []
        assert of_task(**{name: [bad]}) == [name]

    def test_of_a_tasks_containers(self) -> None:
        assert of_task(containers={"reason": [{"prefix": "OutOfMemoryError"}], "exitCode": [137]}) == []
        assert of_task(containers={"reason": [{"prefix": "OutOfMemory: "}]}) == ["containers.reason.prefix"]
        assert of_task(containers={"exitCode": ["137"]}) == ["containers.exitCode"]
        assert of_task(containers={"exit": [1]}) == ["containers.exit"]
        assert of_task(containers=["api"]) == ["containers"]

    def test_has_nothing_that_these_events_do_not_hold(self) -> None:
        assert of_task(status=["STOPPED"]) == ["status"]
        assert wrong(_FAILED, detail={"lastStatus": ["STOPPED"]}) == ["p.detail.lastStatus"]

    def test_of_several_types_may_have_what_each_of_them_holds(self) -> None:
        both = {"source": ["aws.ecs"], "detail-type": [{"wildcard": "ECS *State Change"}]}
        either = {"source": ["aws.ecs"], "detail-type": [{"prefix": "ECS Task"}, {"prefix": "ECS Deployment"}]}
        assert wrong(either, detail={"lastStatus": ["STOPPED"], "eventName": ["SERVICE_DEPLOYMENT_FAILED"]}) == []
        assert wrong(either, detail={"status": ["STOPPED"]}) == ["p.detail.status"]
        # Among these are container instances, of which nothing is known.
        assert wrong(both, detail={"status": ["STOPPED"]}) == []

    @pytest.mark.parametrize(
        ("name", "right", "bad"),
        [
            ("AutoScalingGroupName", "web fleet", "web:fleet"),
            ("AutoScalingGroupName", "${aws_autoscaling_group.a.name}-x", "a:${aws_autoscaling_group.a.name}"),
            ("InstanceRefreshId", "ab00cf8f-9126-4f3c-8010-dbb8cad6fb86", "1"),
            ("CheckpointPercentage", "50", "half"),
        ],
    )
    def test_of_a_refresh(self, name: str, right: str, bad: str) -> None:
        assert wrong(_REFRESHED, detail={name: [right]}) == []
        assert wrong(_REFRESHED, detail={name: [bad]}) == [f"p.detail.{name}"]

    def test_is_judged_in_alternatives_too(self) -> None:
        assert of_task(**{"$or": [{"lastStatus": ["STOPPED"]}, {"stopCode": ["UserInitiated"]}]}) == []
        assert of_task(**{"$or": [{"lastStatus": ["STOPPED"]}, {"stopCode": ["Me"]}]}) == ["$or.stopCode"]
        assert of_task(**{"$or": [{"lastStatus": ["STOPPED"]}]}) == ["$or"]
        assert of_task(**{"$or": ["STOPPED", "RUNNING"]}) == ["$or"]
        assert of_task(**{"$or": {}}) == ["$or"]


class TestOperator:
    @pytest.mark.parametrize(
        ("right", "bad"),
        [
            ({"prefix": "STOP"}, {"prefix": "STOPS"}),
            ({"prefix": {"equals-ignore-case": "stop"}}, {"prefix": {"equals-ignore-case": "halt"}}),
            ({"suffix": "PED"}, {"suffix": "STOP"}),
            ({"suffix": {"equals-ignore-case": "ped"}}, {"suffix": "ped"}),
            ({"equals-ignore-case": "stopped"}, {"equals-ignore-case": "stop"}),
            ({"wildcard": "*PP*"}, {"wildcard": "PP*"}),
            ({"wildcard": "ST*ED"}, {"wildcard": "ST**ED"}),
            ({"anything-but": "RUNNING"}, {"anything-but": "UP"}),
            ({"anything-but": ["RUNNING", "PENDING"]}, {"anything-but": ["RUNNING", "UP"]}),
            ({"anything-but": {"prefix": "RUN"}}, {"anything-but": {"prefix": "UP"}}),
            ({"exists": True}, {"exists": "true"}),
            ({"numeric": [">", 0, "<=", 5]}, {"numeric": [">"]}),
            ({"numeric": ["=", 3.5]}, {"numeric": ["==", 3]}),
            ({"numeric": ["<", -5]}, {"numeric": ["<", "5"]}),
            ({"cidr": "10.0.0.0/24"}, {"cidr": "10.0.0.0/33"}),
            ({"cidr": "fd00::/8"}, {"cidr": 10}),
        ],
    )
    def test_finds_something(self, right: Any, bad: Any) -> None:
        assert of_task(lastStatus=[right]) == []
        assert len(of_task(lastStatus=[bad])) == 1

    def test_is_one_that_the_grammar_has(self) -> None:
        assert of_task(lastStatus=[{"contains": "STOP"}]) == ["lastStatus.contains"]
        assert of_task(lastStatus=[{"equals": "STOPPED"}]) == ["lastStatus.equals"]

    def test_comes_alone(self) -> None:
        assert of_task(lastStatus=[{"prefix": "STOP", "suffix": "PED"}]) == ["lastStatus"]
        assert of_task(lastStatus=[{}]) == ["lastStatus"]

    def test_takes_a_text(self) -> None:
        assert of_task(lastStatus=[{"prefix": 4}]) == ["lastStatus.prefix"]
        assert of_task(lastStatus=[{"prefix": ["STOP"]}]) == ["lastStatus.prefix"]
        assert of_task(lastStatus=[{"numeric": 4}]) == ["lastStatus.numeric"]

    def test_may_ignore_the_case_of_what_is_no_word(self) -> None:
        assert of_task(group=[{"equals-ignore-case": "SERVICE:api"}]) == []
        assert of_task(group=["SERVICE:api"]) == ["group"]
        assert of_task(group=[{"prefix": {"equals-ignore-case": "SERV"}}]) == []

    def test_finds_no_type_where_it_takes_no_text(self) -> None:
        pattern = {"source": ["aws.ecs"], "detail-type": [{"exists": True}, {}, 4], "detail": {"any": ["a"]}}
        assert refused(event_pattern(pattern, "p")) == ["p.detail-type", "p.detail-type"]


def test_every_service_says_where_its_events_are_described() -> None:
    assert {each.page.startswith("https://docs.aws.amazon.com/eventbridge/") for each in SERVICES.values()} == {True}


def told(template: Any, **paths: Any) -> list[str]:
    block = {"input_transformer": {"input_paths": paths, "input_template": template}}
    return [each.removeprefix("input_transformer.") for each in refused(event_target(block))]


class TestTarget:
    def test_of_the_samples_is_right(self) -> None:
        blocks = [each for each in blocks_of("aws_cloudwatch_event_target") if "input_transformer" in each]
        assert len(blocks) >= 3
        for block in blocks:
            assert refused(event_target(block)) == []

    def test_of_the_samples_with_nonsense_is_wrong(self) -> None:
        for block in blocks_of("aws_cloudwatch_event_target"):
            parts = {"input_transformer": block.get("input_transformer", {})}
            passed = let_pass(
                lambda each, _: (one._replace(path=f"b.{one.path}") for one in event_target(each)), parts, "b"
            )
            assert passed == set()

    @pytest.mark.parametrize(
        "path",
        [
            "$.detail.reason",
            "$.resources[0]",
            "$.detail-type",
            "$.time",
            "$",
            "$.detail.containers[*].name",
            "$.detail.*",
        ],
    )
    def test_reads_what_is_in_an_event(self, path: str) -> None:
        assert told('"<it>"', it=path) == []

    @pytest.mark.parametrize(
        "path", ["detail", "$.details", "$detail", "$.detail[a]", "$..reason", "$.detail['a']", "", 4]
    )
    def test_reads_nothing_else(self, path: Any) -> None:
        assert told('"<it>"', it=path) == ["input_paths.it"]

    @pytest.mark.parametrize("name", ["aws.it", "AWSit", "i t", "i<t"])
    def test_gives_names_that_are_free(self, name: str) -> None:
        assert told('"it"', **{name: "$.time"}) == [f"input_paths.{name}"]

    def test_names_up_to_100_things(self) -> None:
        assert told('"it"', **{f"v{number}": "$.time" for number in range(100)}) == []
        assert told('"it"', **{f"v{number}": "$.time" for number in range(101)}) == ["input_paths"]

    @pytest.mark.parametrize(
        "template",
        [
            '"<it> at <aws.events.event.ingestion-time>"',
            '{"a": <it>, "b": "<it> of ${aws_x.y.name}"}',
            "<it>",
            '"one <it>"\n"two"',
            '"1 < 2 and <it>"',
        ],
    )
    def test_tells_json(self, template: str) -> None:
        assert told(template, it="$.time") == []

    @pytest.mark.parametrize(
        "template", ["<it> happened", '"<that>"', '"<it>', "", "{<it>: 1}", '"one"\ntwo', "\n", 4, "[" * 100_000]
    )
    def test_tells_nothing_else(self, template: Any) -> None:
        assert told(template, it="$.time") == ["input_template"]

    def test_may_be_told_without_names(self) -> None:
        assert refused(event_target({"input_transformer": [{"input_template": '"it"'}]})) == []

    def test_may_be_told_the_event_itself(self) -> None:
        assert list(event_target({"arn": "a"})) == []
