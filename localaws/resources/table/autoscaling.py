"""EC2 Auto Scaling groups and what scales them."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry, FurtherCode
from localaws.resources.special import autoscaling as special

ENTRIES: Final = {
    "aws_autoscaling_group": Entry(
        service="autoscaling",
        create="create_auto_scaling_group",
        key="auto_scaling_group_name=name auto_scaling_group_names=name",
        read="describe_auto_scaling_groups:AutoScalingGroups[0]",
        update=special.change_group,
        delete="delete_auto_scaling_group",
        gone={"ForceDelete": True},
        renames={
            "name": "AutoScalingGroupName",
            "launch_template.id": "LaunchTemplateId",
            "launch_template.name": "LaunchTemplateName",
            "vpc_zone_identifier": None,
        },
        adjust=special.complete_group,
        further=(FurtherCode(special.collect_metrics, "enabled_metrics metrics_granularity"),),
        code_takes={"enabled_metrics": "EnabledMetrics", "metrics_granularity": "", "instance_refresh": ""},
        shown_as={"Metrics": "EnabledMetrics[].Metric", "Granularity": "EnabledMetrics[0].Granularity"},
        computed={"arn": "AutoScalingGroupARN"},
    ),
    "aws_autoscaling_policy": Entry(
        service="autoscaling",
        create="put_scaling_policy",
        key="auto_scaling_group_name=autoscaling_group_name policy_name=name policy_names=name",
        read="describe_policies:ScalingPolicies[?PolicyName=='$name'] | [0]",
        update="put_scaling_policy",
        delete="delete_policy",
        computed={"arn": "PolicyARN"},
    ),
}
