"""What a template says of itself."""

from __future__ import annotations

import pytest

from lib.evidence.template import Template
from lib.operations.preflight.planned import Planned
from tests.unit.operations.preflight.account import ACCOUNT, OWN, REGION, TEMPLATES, golden, template

ZONE = "${data.aws_availability_zones.zones.names[1]}"


def planned(**resources: object) -> Planned:
    return Planned(template(resources), ACCOUNT)


def test_account_and_partition_become_known() -> None:
    text = "shop-${data.aws_caller_identity.me.account_id}-${data.aws_partition.here.partition}"
    assert planned().text(text) == f"shop-{ACCOUNT}-aws"


@pytest.mark.parametrize("value", ["${aws_vpc.main.id}", None, 3])
def test_what_is_still_open_is_no_text(value: object) -> None:
    assert planned().text(value) == ""


def test_a_reference_leads_to_its_resource() -> None:
    found = planned(aws_vpc={"main": {"cidr_block": "10.0.0.0/16"}}).referred("${aws_vpc.main.id}")
    assert found
    assert (found.address, found.region) == ("aws_vpc.main", REGION)


@pytest.mark.parametrize("value", ["${aws_vpc.other.id}", "vpc-1", None])
def test_what_is_no_reference_leads_nowhere(value: object) -> None:
    assert planned(aws_vpc={"main": {"cidr_block": "10.0.0.0/16"}}).referred(value) is None


def test_the_zone_of_a_subnet_is_found_by_its_association() -> None:
    stack = planned(
        aws_subnet={"one": {"availability_zone": ZONE}},
        aws_route_table_association={"one": {"subnet_id": "${aws_subnet.one.id}"}},
    )
    assert stack.zone_of("${aws_route_table_association.one.subnet_id}") == "1"
    assert stack.zone_of("${aws_subnet.one.id}") == "1"
    assert stack.zone_of("subnet-1") == ""


def test_zones_by_name_and_by_number_are_told_apart() -> None:
    named = planned(aws_subnet={"one": {"availability_zone": "sa-east-1c"}, "two": {"availability_zone": "sa-east-1a"}})
    numbered = planned(aws_subnet={"one": {"availability_zone": ZONE}})
    assert (named.zones_needed, named.named_zones) == (2, ["sa-east-1a", "sa-east-1c"])
    assert (numbered.zones_needed, numbered.named_zones) == (2, [])
    assert planned().zones_needed == 0


def test_the_stack_s_region_comes_before_others() -> None:
    stack = planned(aws_vpc={"main": {}}, aws_kms_key={"edge": {"region": "us-east-1"}, "own": {}})
    assert stack.regions == [REGION, "us-east-1"]
    assert [each.name for each in stack.all("aws_kms_key", "us-east-1")] == ["edge"]


def test_moved_to_another_region_only_what_names_its_region_stays() -> None:
    stack = planned(aws_kms_key={"edge": {"region": "us-east-1"}, "own": {}}).moved("eu-west-1")
    assert stack.regions == ["eu-west-1", "us-east-1"]


def test_own_tags_are_those_of_project_and_suffix() -> None:
    assert planned().own_tags == OWN
    assert Planned(template({}, tags={"Project": "shop"})).own_tags == {}


def test_a_template_without_a_provider_has_no_region_and_no_tags() -> None:
    nothing = Planned(Template({"resource": {}}))
    assert (nothing.region, nothing.own_tags) == ("", {})


@pytest.mark.parametrize("text", ["no JSON", "{}", None, "[1]"])
def test_container_definitions_that_cannot_be_read_are_none(text: object) -> None:
    stack = planned(aws_ecs_task_definition={"api": {"container_definitions": text}})
    assert list(stack.containers()) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_blueprint_tells_its_zones_and_whose_it_is(name: str) -> None:
    stack = Planned(golden(name), ACCOUNT)
    assert stack.zones_needed == (3 if name.startswith("transactions") else 2)
    assert stack.own_tags == {"Project": name.partition("-")[0], "EnvironmentSuffix": name.partition("-")[2]}
