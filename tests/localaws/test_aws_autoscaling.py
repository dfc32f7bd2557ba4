"""Auto Scaling: refreshes, metrics, warm-up, tags of scalable targets."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.probing import Clients, Probe, asked


def _group(clients: Clients, name: str, **told: Any) -> Any:
    with contextlib.suppress(ClientError):
        data = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
        clients("ec2").create_launch_template(LaunchTemplateName="probe", LaunchTemplateData=data)
    given = {"LaunchTemplate": {"LaunchTemplateName": "probe"}, "MinSize": 0, "MaxSize": 1}
    zones = {"AvailabilityZones": ["eu-west-1a"]}
    clients("autoscaling").create_auto_scaling_group(AutoScalingGroupName=name, **given, **zones, **told)
    return _shown(clients, name)


def _shown(clients: Clients, name: str) -> Any:
    return clients("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]


def _warmup(clients: Clients) -> Any:
    return _group(clients, "warm", DefaultInstanceWarmup=120)["DefaultInstanceWarmup"]


def _changed_warmup(clients: Clients) -> Any:
    _group(clients, "warmer")
    clients("autoscaling").update_auto_scaling_group(AutoScalingGroupName="warmer", DefaultInstanceWarmup=60)
    return _shown(clients, "warmer")["DefaultInstanceWarmup"]


def _metrics_switched_off(clients: Clients) -> Any:
    _group(clients, "metrics")
    group, metrics = {"AutoScalingGroupName": "metrics"}, ["GroupMinSize", "GroupMaxSize"]
    clients("autoscaling").enable_metrics_collection(**group, Metrics=metrics, Granularity="1Minute")
    clients("autoscaling").disable_metrics_collection(**group, Metrics=["GroupMinSize"])
    return [each["Metric"] for each in _shown(clients, "metrics")["EnabledMetrics"]]


def _refresh(clients: Clients) -> Any:
    _group(clients, "refreshed")
    group = {"AutoScalingGroupName": "refreshed"}
    clients("autoscaling").start_instance_refresh(**group, Preferences={"MinHealthyPercentage": 100})
    (found,) = clients("autoscaling").describe_instance_refreshes(**group)["InstanceRefreshes"]
    return found["Status"], found["Preferences"]["MinHealthyPercentage"]


def _tags_of_a_target(clients: Clients) -> Any:
    clients("dynamodb").create_table(
        TableName="scaled",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )
    scaling = clients("application-autoscaling")
    arn = scaling.register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId="table/scaled",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"a": "1", "b": "2"},
    )["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"c": "3"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    return scaling.list_tags_for_resource(ResourceARN=arn)["Tags"]


PROBES = (
    Probe("the warm-up", ("AutoScalingResponse.create_auto_scaling_group",), _warmup, 120),
    Probe("a changed warm-up", ("AutoScalingResponse.update_auto_scaling_group",), _changed_warmup, 60),
    Probe(
        "metrics switched off",
        ("AutoScalingResponse.disable_metrics_collection",),
        _metrics_switched_off,
        ["GroupMaxSize"],
    ),
    Probe(
        "a refresh",
        ("AutoScalingResponse.start_instance_refresh", "AutoScalingResponse.describe_instance_refreshes"),
        _refresh,
        ("Successful", 100),
    ),
    Probe(
        "tags of a scalable target",
        (
            "ApplicationAutoScalingResponse.register_scalable_target",
            "ApplicationAutoScalingResponse.tag_resource",
            "ApplicationAutoScalingResponse.untag_resource",
            "ApplicationAutoScalingResponse.list_tags_for_resource",
        ),
        _tags_of_a_target,
        {"b": "2", "c": "3"},
    ),
)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer
