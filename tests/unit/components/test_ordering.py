"""start_after, once_there: what no argument speaks of is there first all the same."""

from __future__ import annotations

from cdktf import TerraformOutput
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from lib.components.ordering import once_there, start_after
from tests.template import Template


def test_waits_for_every_resource_however_deep() -> None:
    def add(scope: Construct) -> None:
        outer = Construct(scope, "outer")
        SnsTopic(outer, "first")
        SnsTopic(Construct(outer, "inner"), "second")
        start_after(SnsTopic(scope, "last"), [outer, SnsTopic(scope, "third")])

    template = Template.of_components(add)
    first, second = (name for name in template.named("aws_sns_topic") if name.startswith("outer_"))
    assert template.named("aws_sns_topic")["last"]["depends_on"] == [
        f"aws_sns_topic.{first}",
        f"aws_sns_topic.{second}",
        "aws_sns_topic.third",
    ]


def test_keeps_what_it_waits_for_already() -> None:
    def add(scope: Construct) -> None:
        last = SnsTopic(scope, "last", depends_on=[SnsTopic(scope, "first")])
        start_after(last, [SnsTopic(scope, "second")])
        start_after(last, [SnsTopic(scope, "third")])

    last = Template.of_components(add).named("aws_sns_topic")["last"]
    assert last["depends_on"] == ["aws_sns_topic.first", "aws_sns_topic.second", "aws_sns_topic.third"]


def test_waits_for_nothing_that_is_no_resource() -> None:
    def add(scope: Construct) -> None:
        outer = Construct(scope, "outer")
        TerraformOutput(outer, "output", value="x")
        start_after(SnsTopic(scope, "last"), [outer])

    assert Template.of_components(add).named("aws_sns_topic")["last"].get("depends_on", []) == []


def test_a_value_waits_for_what_it_does_not_hold() -> None:
    def add(scope: Construct) -> None:
        first, second, third = (SnsTopic(scope, name) for name in ("first", "second", "third"))
        TerraformOutput(scope, "output", value=once_there(first.arn, [second.id, third.id]))

    value = Template.of_components(add).outputs["output"]["value"]
    assert value == "${element([aws_sns_topic.first.arn, aws_sns_topic.second.id, aws_sns_topic.third.id], 0)}"
