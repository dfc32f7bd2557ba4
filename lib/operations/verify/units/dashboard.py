"""The dashboard: there, and about alarms and regions of this stack."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import Unit
from lib.operations.verify.words import expect, expect_true, expect_within

UNIT = Unit("dashboard", "Dashboard")


@UNIT.check("It is there, with something on it")
def there(stack: Deployment) -> Iterator[str]:
    yield from expect_true(_widgets(stack), f"{stack['dashboard_name']} is empty")


@UNIT.check("It shows every alarm of the stack, and no other")
def alarms(stack: Deployment) -> Iterator[str]:
    arns = {arn for widget in _widgets(stack) for arn in widget.get("properties", {}).get("alarms", [])}
    known = {alarm["AlarmArn"] for name, alarm in stack.alarms().items() if name in stack["alarm_names"]}
    yield from expect("the set of alarms on it", arns, known)


@UNIT.check("Its graphs are of regions that the stack is in")
def regions(stack: Deployment) -> Iterator[str]:
    found = {widget["properties"]["region"] for widget in _widgets(stack) if "region" in widget.get("properties", {})}
    yield from expect_within("regions of its graphs", found, stack.topics().keys() | {stack.region})


def _widgets(stack: Deployment) -> list[Block]:
    body = stack.ask("cloudwatch", "get_dashboard", DashboardName=stack["dashboard_name"])["DashboardBody"]
    return list(json.loads(body)["widgets"])
