"""Where else a stack would fit."""

from __future__ import annotations

from typing import Any

from lib.operations.preflight.measure import State, rows
from lib.operations.preflight.quotas import QUOTAS
from lib.operations.preflight.regions import Region, others
from lib.operations.preflight.services import SERVICES, missing, used
from tests.unit.operations.preflight.account import TEMPLATES, Account, golden, site, zones

STACK: dict[str, Any] = {
    "aws_vpc": {"main": {}},
    "aws_subnet": {name: {"availability_zone": f"${{data.aws_availability_zones.z.names[{name}]}}"} for name in "01"},
}
VPCS = next(each for each in QUOTAS if each.name == "VPCs")
FULL = {"ec2 describe_vpcs sa-east-1": {"Vpcs": [{"VpcId": str(each)} for each in range(5)]}}


def found(**answers: Any) -> tuple[list[Region], Account]:
    given = FULL | {key.replace("__", " ").replace("_1_", "-1"): value for key, value in answers.items()}
    place = site(STACK, given)
    full = [row for row in rows(VPCS, place) if row.state is State.PROBLEM]
    assert full
    assert isinstance(place.aws, Account)
    return others(place, full), place.aws


def test_regions_with_most_room_come_first() -> None:
    taken = {"Vpcs": [{"VpcId": "1"}, {"VpcId": "2"}]}
    regions, _ = found(**{"ec2 describe_vpcs eu-west-1": taken})
    assert [(each.name, each.has_room) for each in regions] == [("us-east-1", True), ("eu-west-1", True)]
    assert regions[1].tightest.after == 3


def test_a_full_region_has_no_room() -> None:
    taken = {"Vpcs": [{"VpcId": str(each)} for each in range(5)]}
    regions, _ = found(**{"ec2 describe_vpcs eu-west-1": taken})
    assert [(each.name, each.has_room) for each in regions] == [("us-east-1", True), ("eu-west-1", False)]


def test_a_region_that_lacks_a_service_is_left_out_with_its_name() -> None:
    def parameters(**asked: Any) -> Any:
        return {"InvalidParameters": [each for each in asked["Names"] if "eu-west-1/services/vpc" in each]}

    regions, _ = found(**{"ssm get_parameters": parameters})
    assert regions[-1] == Region("eu-west-1", reason="has no vpc")


def test_a_region_with_too_few_zones_is_left_out() -> None:
    regions, _ = found(**{"ec2 describe_availability_zones eu-west-1": zones("eu-west-1", 1)})
    assert regions[-1] == Region("eu-west-1", reason="has 1 zones, not 2")


def test_a_region_that_cannot_be_asked_is_left_out_with_the_reason() -> None:
    regions, _ = found(**{"ec2 describe_availability_zones eu-west-1": "UnauthorizedOperation"})
    assert regions[-1].reason.startswith("cannot be asked: ec2 describe_availability_zones")


def test_a_region_whose_use_is_not_known_has_no_room() -> None:
    regions, _ = found(**{"ec2 describe_vpcs eu-west-1": "UnauthorizedOperation"})
    assert (regions[-1].name, regions[-1].has_room) == ("eu-west-1", False)
    assert regions[-1].reason.startswith("is not known")


def test_only_what_is_scarce_or_full_is_asked_elsewhere() -> None:
    place = site(golden("catalog-dev"), FULL)
    full = [row for row in rows(VPCS, place) if row.state is State.PROBLEM]
    regions = others(place, full)
    asked = {row.quota.name for row in regions[0].rows}
    assert {"VPCs", "elastic IP addresses", "NAT gateways in a zone", "vCPUs on Fargate"} <= asked
    assert not asked & {"security groups", "IAM roles", "buckets", "subnets of a VPC"}


class TestServices:
    def test_services_are_those_of_the_types(self) -> None:
        assert used(site({"aws_ecs_service": {"api": {}}, "aws_kms_key": {"k": {}}})) == ["ecs", "fargate", "kms"]

    def test_what_is_elsewhere_is_not_needed_here(self) -> None:
        assert used(site({"aws_kms_key": {"k": {"region": "us-east-1"}}})) == []

    def test_they_are_asked_by_ten(self) -> None:
        asked: list[int] = []

        def parameters(**given: Any) -> Any:
            asked.append(len(given["Names"]))
            return {"InvalidParameters": given["Names"][-1:]}

        place = site(golden("transactions-prod"), {"ssm get_parameters": parameters})
        assert len(missing(place)) == 3
        assert (len(asked), max(asked), sum(asked)) == (3, 10, len(used(place)))

    def test_every_type_of_the_blueprints_is_of_a_known_service_or_of_none_of_a_region(self) -> None:
        anywhere = ("aws_iam_", "aws_route53_", "aws_cloudfront_", "aws_subnet", "aws_route", "aws_eip", "aws_nat_")
        network = ("aws_security_", "aws_default_", "aws_internet_", "aws_flow_", "aws_cloudwatch_dashboard")
        types = {kind for name in TEMPLATES for kind in golden(name).document["resource"]}
        unknown = {each for each in types if not each.startswith((*SERVICES, *anywhere, *network))}
        assert unknown == set()
