"""EC2 Auto Scaling: what an entry of the table cannot say."""

from __future__ import annotations

import pytest

from tests.localaws.local import Made, client, make


@pytest.fixture
def group(request: pytest.FixtureRequest) -> Made:
    name = request.node.name
    template = make("aws_launch_template", name=name, image_id="ami-12c6146b", instance_type="t3.micro")
    return make(
        "aws_autoscaling_group",
        name=name,
        min_size=0,
        max_size=1,
        availability_zones=["eu-west-1a"],
        launch_template=[{"id": template["id"], "version": "1"}],
        enabled_metrics=["GroupMinSize", "GroupMaxSize"],
        instance_refresh=[{"strategy": "Rolling", "preferences": [{"min_healthy_percentage": 90}]}],
        tag=[{"key": "a", "value": "1", "propagate_at_launch": True}],
    )


def test_metrics_are_collected(group: Made) -> None:
    assert _metrics(group) == {"GroupMinSize", "GroupMaxSize"}


def test_a_metric_is_switched_off_in_place(group: Made) -> None:
    group.update(enabled_metrics=["GroupMinSize"])
    assert _metrics(group) == {"GroupMinSize"}


def test_tags_of_instances_are_changed_in_place(group: Made) -> None:
    group.update(tag=[{"key": "b", "value": "2", "propagate_at_launch": True}])
    assert [each["Key"] for each in _found(group)["Tags"]] == ["b"]


def test_another_launch_template_refreshes_the_instances(group: Made) -> None:
    template = make("aws_launch_template", name=f"{group['name']}-2", image_id="ami-12c6146b", instance_type="t3.micro")
    group.update(launch_template=[{"id": template["id"], "version": "1"}])
    assert [each["Preferences"]["MinHealthyPercentage"] for each in _refreshes(group)] == [90]


def test_other_bounds_refresh_nothing(group: Made) -> None:
    group.update(max_size=2)
    assert _refreshes(group) == []


def _found(group: Made) -> dict[str, list[dict[str, str]]]:
    answer = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group["name"]])
    found: dict[str, list[dict[str, str]]] = answer["AutoScalingGroups"][0]
    return found


def _metrics(group: Made) -> set[str]:
    return {each["Metric"] for each in _found(group)["EnabledMetrics"]}


def _refreshes(group: Made) -> list[dict[str, dict[str, int]]]:
    answer = client("autoscaling").describe_instance_refreshes(AutoScalingGroupName=group["name"])
    found: list[dict[str, dict[str, int]]] = answer["InstanceRefreshes"]
    return found
