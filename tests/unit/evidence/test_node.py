"""Names: Terraform's, the API's and CloudFormation's for the same thing."""

from __future__ import annotations

import pytest

from lib.evidence.values.node import member_of, plain


@pytest.mark.parametrize("name", ["db_instance_class", "DBInstanceClass", "dbInstanceClass", "db-instance-class"])
def test_spellings_do_not_count(name: str) -> None:
    assert plain(name) == "dbinstanceclass"


@pytest.mark.parametrize(
    ("name", "owner", "members", "found"),
    [
        ("launch_type", "aws_ecs_service", ["launchType", "name"], "launchType"),
        ("name", "aws_iam_role", ["RoleName", "Path"], "RoleName"),
        ("name", "aws_ecs_service", ["serviceName"], "serviceName"),
        ("load_balancer", "aws_ecs_service", ["loadBalancers"], "loadBalancers"),
        ("client_alias", "service", ["clientAliases"], "clientAliases"),
        ("policy", "x", ["Policies"], "Policies"),
        ("tags", "aws_vpc", ["Tag"], "Tag"),
        ("value", "metric_transformation", ["metricValue"], "metricValue"),
        ("name", "aws_lb", ["Scheme"], None),
        ("names", "aws_lb", ["Names", "Name"], "Names"),
    ],
)
def test_an_argument_finds_its_member(name: str, owner: str, members: list[str], found: str | None) -> None:
    assert member_of(tuple(members), name, owner) == found
