"""Need, use and limit side by side; limits as Service Quotas answers them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from lib.operations.aws import Aws
from lib.operations.preflight.measure import Limit, Row, Source, State, limit_of, rows, rows_in
from lib.operations.preflight.planned import Planned
from lib.operations.preflight.quotas import QUOTAS, Quota, Scope
from lib.operations.preflight.site import Site
from tests.unit.operations.preflight.account import ACCOUNT, OWN_TAGS, REGION, site, template

VPC: dict[str, Any] = {"aws_vpc": {"main": {}}}
BY_NAME = {each.name: each for each in QUOTAS}
DENIED = "AccessDeniedException"


def row(name: str, resources: Any, answers: Any = None, **of: Any) -> Row:
    (one,) = rows(BY_NAME[name], site(resources, answers, **of))
    return one


def vpcs(number: int, own: int = 0) -> dict[str, Any]:
    others = [{"VpcId": f"vpc-{each}"} for each in range(number - own)]
    return {"Vpcs": [*others, *({"VpcId": f"own-{each}", "Tags": OWN_TAGS} for each in range(own))]}


def test_what_fits_is_well() -> None:
    found = row("VPCs", VPC, {"ec2 describe_vpcs": vpcs(4)})
    assert (found.state, found.used, found.own, found.after) == (State.OK, 4, 0, 5)
    assert found.share == 1


def test_one_too_many_is_a_problem() -> None:
    found = row("VPCs", VPC, {"ec2 describe_vpcs": vpcs(5)})
    assert (found.state, found.after) == (State.PROBLEM, 6)


def test_what_the_stack_has_already_is_not_counted_twice() -> None:
    found = row("VPCs", VPC, {"ec2 describe_vpcs": vpcs(5, own=1)})
    assert (found.state, found.used, found.own, found.after) == (State.OK, 4, 1, 5)


def test_a_template_that_does_not_say_whose_it_is_owns_nothing_by_tags() -> None:
    (found,) = rows(BY_NAME["VPCs"], site(template(VPC, tags={}), {"ec2 describe_vpcs": vpcs(5, own=1)}))
    assert (found.used, found.own) == (5, 0)


def test_what_the_stack_does_not_need_has_no_row() -> None:
    assert rows(BY_NAME["VPCs"], site({})) == []


def test_a_limit_of_nothing_is_full_for_whoever_needs_some() -> None:
    limits = {"Quotas": [{"QuotaCode": "L-F678F1CE", "Value": 0}]}
    found = row("VPCs", VPC, {"service-quotas list_service_quotas": limits})
    assert (found.state, found.share) == (State.PROBLEM, 1)


def test_each_region_has_a_row_of_its_own_with_its_own_use() -> None:
    keys = {"aws_kms_key": {"own": {}, "edge": {"region": "us-east-1"}}}
    there = {"Keys": [{"KeyId": "other"}]}
    own, edge = rows(BY_NAME["KMS keys"], site(keys, {"kms list_keys us-east-1": there}))
    assert [(each.region, each.used, each.where) for each in (own, edge)] == [
        (REGION, 0, REGION),
        ("us-east-1", 1, "us-east-1"),
    ]


def test_what_an_account_has_once_is_asked_in_one_place_for_all_regions() -> None:
    buckets = {"aws_s3_bucket": {"one": {}, "edge": {"region": "us-east-1"}}}
    found = row("buckets", buckets)
    assert (found.region, found.needed, found.where) == ("us-east-1", 2, "the account")


def test_a_zone_is_called_by_its_name_and_has_its_own_use() -> None:
    gateways = {
        "aws_nat_gateway": {"one": {"subnet_id": "${aws_subnet.one.id}"}},
        "aws_subnet": {"one": {"availability_zone": "${data.aws_availability_zones.zones.names[1]}"}},
    }
    answers = {
        "ec2 describe_subnets": {
            "Subnets": [
                {"SubnetId": "a", "AvailabilityZone": "sa-east-1a"},
                {"SubnetId": "b", "AvailabilityZone": "sa-east-1b"},
            ]
        },
        "ec2 describe_nat_gateways": {"NatGateways": [{"SubnetId": each, "State": "available"} for each in "aaaaabb"]},
    }
    found = row("NAT gateways in a zone", gateways, answers)
    assert (found.place, found.where, found.used, found.state) == ("sa-east-1b", "sa-east-1b", 2, State.OK)


def test_a_zone_that_there_is_not_keeps_its_number() -> None:
    gateways = {
        "aws_nat_gateway": {"one": {"subnet_id": "${aws_subnet.one.id}"}},
        "aws_subnet": {"one": {"availability_zone": "${data.aws_availability_zones.zones.names[7]}"}},
    }
    assert row("NAT gateways in a zone", gateways).place == "7"


@pytest.mark.parametrize(
    "call",
    ["ec2 describe_vpcs", "service-quotas list_service_quotas", "service-quotas list_aws_default_service_quotas"],
)
def test_a_denied_question_makes_its_row_unknown(call: str) -> None:
    found = row("VPCs", VPC, {call: DENIED})
    assert (found.state, found.needed, found.is_counted) == (State.UNKNOWN, 1, False)
    assert found.refusal
    assert found.refusal.permission == call.replace(" ", ":")


def test_a_denied_question_about_the_need_makes_the_row_unknown_too() -> None:
    fleet = {
        "aws_launch_template": {"web": {"instance_type": "m7i.large"}},
        "aws_autoscaling_group": {"web": {"max_size": 1, "launch_template": {"id": "${aws_launch_template.web.id}"}}},
    }
    found = row("vCPUs of standard instances", fleet, {"ec2 describe_instance_types": "UnauthorizedOperation"})
    assert (found.state, found.needed) == (State.UNKNOWN, 0)


def test_an_answer_without_what_it_must_have_makes_its_row_unknown() -> None:
    found = row(
        "invocations at one time", {"aws_lambda_function": {"f": {}}}, {"lambda get_account_settings": {"A": 1}}
    )
    assert (found.state, found.refusal) == (State.UNKNOWN, None)
    assert found.reason.startswith("an answer of AWS")


def test_on_an_emulator_use_is_counted_and_nothing_is_well() -> None:
    found = row("VPCs", VPC, {"ec2 describe_vpcs": vpcs(1)}, emulated=True)
    assert (found.state, found.used, found.limit, found.is_counted) == (State.NEEDS_AWS, 1, None, True)


def test_what_an_emulator_does_not_answer_needs_aws() -> None:
    found = row("VPCs", VPC, {"ec2 describe_vpcs": "InternalFailure"}, emulated=True)
    assert (found.state, found.is_counted) == (State.NEEDS_AWS, False)


def test_denied_is_denied_on_an_emulator_too() -> None:
    assert row("VPCs", VPC, {"ec2 describe_vpcs": DENIED}, emulated=True).state is State.UNKNOWN


def test_a_limit_without_a_code_is_the_documented_one_also_on_an_emulator() -> None:
    policies: dict[str, Any] = {"aws_wafv2_web_acl_logging_configuration": {"w": {}}}
    found = row("log resource policies", policies, emulated=True)
    assert (found.state, found.limit) == (State.OK, Limit(10, Source.DOCUMENTED))


def test_in_one_region_only_that_one_is_asked() -> None:
    keys = {"aws_kms_key": {"own": {}, "edge": {"region": "us-east-1"}}}
    assert [each.region for each in rows_in(BY_NAME["KMS keys"], site(keys))] == [REGION]


class Stubbed:
    """Service Quotas with answers that fit its model, or are refused: botocore looks."""

    def __init__(self) -> None:
        self.client_ = boto3.client(
            "service-quotas", region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b"
        )
        self.stub = Stubber(self.client_)

    def client(self, *_: object, **__: object) -> Any:
        return self.client_


@pytest.fixture
def quotas() -> Iterator[Stubber]:
    stubbed = Stubbed()
    with stubbed.stub as stub:
        stub.session = stubbed
        yield stub
        stub.assert_no_pending_responses()


def limit(stub: Stubber, name: str = "VPCs") -> Limit | None:
    aws = Aws(REGION, cast(Any, stub.session))
    return limit_of(BY_NAME[name], Site(Planned(template(VPC), ACCOUNT), aws, REGION, emulated=False))


def quota_of(code: str, value: float, **of: Any) -> dict[str, Any]:
    """As https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ServiceQuota.html says."""
    return {
        "ServiceCode": "vpc",
        "ServiceName": "Amazon Virtual Private Cloud (Amazon VPC)",
        "QuotaArn": f"arn:aws:servicequotas:{REGION}:{ACCOUNT}:vpc/{code}",
        "QuotaCode": code,
        "QuotaName": "VPCs per Region",
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    } | of


def test_the_account_s_own_limit_comes_first(quotas: Stubber) -> None:
    answer = {"Quotas": [quota_of("L-A4707A72", 7), quota_of("L-F678F1CE", 20)]}
    quotas.add_response("list_service_quotas", answer, {"ServiceCode": "vpc"})
    assert limit(quotas) == Limit(20, Source.ACCOUNT)


def test_all_pages_of_limits_are_read(quotas: Stubber) -> None:
    first = {"Quotas": [quota_of("L-A4707A72", 7)], "NextToken": "more"}
    quotas.add_response("list_service_quotas", first, {"ServiceCode": "vpc"})
    second = {"Quotas": [quota_of("L-F678F1CE", 20)]}
    quotas.add_response("list_service_quotas", second, {"ServiceCode": "vpc", "NextToken": "more"})
    assert limit(quotas) == Limit(20, Source.ACCOUNT)


def test_a_quota_that_was_never_touched_is_aws_s_default(quotas: Stubber) -> None:
    quotas.add_response("list_service_quotas", {"Quotas": []}, {"ServiceCode": "vpc"})
    answer = {"Quotas": [quota_of("L-F678F1CE", 5)]}
    quotas.add_response("list_aws_default_service_quotas", answer, {"ServiceCode": "vpc"})
    assert limit(quotas) == Limit(5, Source.DEFAULT)


def test_a_quota_that_aws_lists_nowhere_is_the_documented_one(quotas: Stubber) -> None:
    quotas.add_client_error("list_service_quotas", "NoSuchResourceException", "The service is not there")
    quotas.add_client_error("list_aws_default_service_quotas", "NoSuchResourceException", "The service is not there")
    assert limit(quotas) == Limit(5, Source.DOCUMENTED)


def test_a_limit_that_aws_could_not_find_out_is_none(quotas: Stubber) -> None:
    reason = {"ErrorCode": "SERVICE_QUOTA_NOT_AVAILABLE_ERROR", "ErrorMessage": "not now"}
    broken = quota_of("L-F678F1CE", 0, ErrorReason=reason)
    quotas.add_response("list_service_quotas", {"Quotas": [broken]}, {"ServiceCode": "vpc"})
    quotas.add_response("list_aws_default_service_quotas", {"Quotas": []}, {"ServiceCode": "vpc"})
    assert limit(quotas) == Limit(5, Source.DOCUMENTED)


class TestTable:
    def test_a_code_stands_for_one_quota(self) -> None:
        codes = [each.code for each in QUOTAS if each.code]
        assert len(codes) == len(set(codes)) == 51
        assert all(code.startswith("L-") and len(code) == 10 for code in codes)

    def test_names_are_different(self) -> None:
        assert len(BY_NAME) == len(QUOTAS) == 54

    @pytest.mark.parametrize("quota", QUOTAS, ids=lambda quota: quota.name)
    def test_every_row_says_how_it_counts_and_by_which_page(self, quota: Quota) -> None:
        assert quota.page.startswith("https://docs.aws.amazon.com/")
        assert quota.needed
        assert (quota.use is None) == (not quota.used) == (quota.scope is Scope.ONE)

    def test_scarce_are_those_of_which_few_are_there(self) -> None:
        assert BY_NAME["VPCs"].is_scarce
        assert not BY_NAME["buckets"].is_scarce
