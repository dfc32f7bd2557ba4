"""Arguments as members of an operation's input, and members as Terraform's values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from localaws.provider.block import Attribute, Block, CollectionType, NestedBlock, ObjectType
from localaws.provider.values import UNKNOWN
from localaws.resources.comparing import Lack, at_path, canonical, digest, lacking
from localaws.resources.connection import Connection
from localaws.resources.mapper import MISSING, Mapper, attribute
from localaws.resources.names import find, spellings

_NOWHERE = Connection("http://127.0.0.1:9", "eu-west-1")


def _params(kind: str, service: str, operation: str, arguments: dict[str, Any], **words: Any) -> dict[str, Any]:
    return Mapper(kind, **words).request(_NOWHERE.shape(service, operation), arguments).params


# ---- names


@pytest.mark.parametrize(
    ("argument", "member"),
    [
        ("vpc_id", "VpcId"),
        ("load_balancer", "loadBalancers"),
        ("client_alias", "clientAliases"),
        ("policy", "Policies"),
        ("subnets", "Subnet"),
        ("kms_key_id", "KMSKeyId"),
    ],
)
def test_an_argument_is_found_under_its_spelling_of_the_api(argument: str, member: str) -> None:
    assert find([member, "Other"], argument) == member


def test_a_name_that_is_nowhere_is_not_found() -> None:
    assert find(["VpcId"], "subnet_id") is None


def test_the_exact_spelling_comes_before_the_plural() -> None:
    assert spellings("rule")[0] == "rule"


# ---- to AWS


def test_an_argument_may_leave_out_the_name_of_its_type() -> None:
    assert _params("aws_iam_role", "iam", "create_role", {"name": "one"}) == {"RoleName": "one"}


def test_an_argument_may_leave_out_the_name_of_its_block() -> None:
    given = {"attribute": [{"name": "id", "type": "S"}]}
    made = _params("aws_x", "dynamodb", "create_table", given, renames={"attribute": "AttributeDefinitions"})
    assert made == {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}


@pytest.mark.parametrize("value", [None, "", [], {}, UNKNOWN])
def test_what_is_not_set_is_not_sent(value: Any) -> None:
    assert _params("aws_vpc", "ec2", "create_vpc", {"cidr_block": value}) == {}


def test_false_and_zero_are_sent() -> None:
    made = _params("aws_db_instance", "rds", "create_db_instance", {"multi_az": False, "backup_retention_period": 0})
    assert made == {"MultiAZ": False, "BackupRetentionPeriod": 0}


def test_a_block_that_appears_once_is_a_structure() -> None:
    given = {"versioning_configuration": [{"status": "Enabled"}]}
    made = _params("aws_s3_bucket_versioning", "s3", "put_bucket_versioning", given)
    assert made == {"VersioningConfiguration": {"Status": "Enabled"}}


def test_an_empty_block_is_a_choice() -> None:
    made = _params("aws_wafv2_web_acl", "wafv2", "create_web_acl", {"default_action": [{"allow": [{"x": None}]}]})
    assert made == {"DefaultAction": {"Allow": {}}}


def test_a_map_is_a_list_of_pairs() -> None:
    made = _params(
        "aws_cloudwatch_metric_alarm", "cloudwatch", "put_metric_alarm", {"dimensions": {"b": "2", "a": "1"}}
    )
    assert made == {"Dimensions": [{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "2"}]}


def test_a_list_of_cloudfront_has_its_length() -> None:
    given = {"aliases": ["a.example", "b.example"]}
    made = _params("aws_x", "cloudfront", "create_distribution", given, into="DistributionConfig")
    assert made == {"DistributionConfig": {"Aliases": {"Quantity": 2, "Items": ["a.example", "b.example"]}}}


def test_a_json_string_is_a_structure_where_the_api_has_one() -> None:
    given = {"container_definitions": '[{"name": "api", "cpu": 256}]'}
    made = _params("aws_ecs_task_definition", "ecs", "register_task_definition", given)
    assert made == {"containerDefinitions": [{"name": "api", "cpu": 256}]}


def test_a_structure_is_a_json_string_where_the_api_has_one() -> None:
    made = _params("aws_x", "sns", "create_topic", {"attributes": {"Policy": {"a": 1}}})
    assert made == {"Attributes": {"Policy": '{"a": 1}'}}


@pytest.mark.parametrize(("value", "sent"), [(True, "enabled"), (False, "disabled")])
def test_a_boolean_is_the_word_that_the_api_has_for_it(value: bool, sent: str) -> None:
    given = {"metadata_options": [{"http_endpoint": value}]}
    made = _params("aws_launch_template", "ec2", "create_launch_template", given, into="LaunchTemplateData")
    assert made == {"LaunchTemplateData": {"MetadataOptions": {"HttpEndpoint": sent}}}


def test_numbers_become_what_the_member_is() -> None:
    made = _params("aws_cloudwatch_metric_alarm", "cloudwatch", "put_metric_alarm", {"threshold": 5, "period": "60"})
    assert made == {"Threshold": 5.0, "Period": 60}


def test_a_rename_leads_into_a_structure_that_others_share() -> None:
    renames = {
        "least": "deploymentConfiguration.minimumHealthyPercent",
        "most": "deploymentConfiguration.maximumPercent",
    }
    made = _params("aws_x", "ecs", "create_service", {"least": 50, "most": 200}, renames=renames)
    assert made == {"deploymentConfiguration": {"minimumHealthyPercent": 50, "maximumPercent": 200}}


def test_an_argument_renamed_to_nothing_is_left_to_code() -> None:
    request = Mapper("aws_x", {"role": None}).request(_NOWHERE.shape("iam", "create_role"), {"role": "a"})
    assert (request.params, request.homeless) == ({}, [])


def test_an_argument_without_a_member_is_homeless() -> None:
    request = Mapper("aws_vpc").request(_NOWHERE.shape("ec2", "create_vpc"), {"colour": "red"})
    assert request.homeless == ["colour"]


def test_a_nested_argument_without_a_member_is_homeless_by_its_path() -> None:
    given = {"versioning_configuration": [{"status": "Enabled", "colour": "red"}]}
    request = Mapper("aws_x").request(_NOWHERE.shape("s3", "put_bucket_versioning"), given)
    assert request.homeless == ["versioning_configuration.colour"]


def test_a_request_says_where_each_argument_went() -> None:
    renames = {"display_name": "Attributes.DisplayName"}
    request = Mapper("aws_sns_topic", renames).request(_NOWHERE.shape("sns", "create_topic"), {"display_name": "a"})
    assert request.placed == {"display_name": [("Attributes", "DisplayName")]}


def test_what_code_places_is_not_homeless() -> None:
    request = Mapper("aws_vpc").request(_NOWHERE.shape("ec2", "create_vpc"), {"colour": "red"})
    request.place("colour", "red", "Options", "Colour")
    assert (request.params, request.homeless) == ({"Options": {"Colour": "red"}}, [])


# ---- and back

_RULE = Block({"name": Attribute("string"), "days": Attribute("number")})
_SCHEMA = Block(
    {"title": Attribute("string"), "labels": Attribute(CollectionType("map", "string"))},
    {"rule": NestedBlock("list", _RULE), "only": NestedBlock("single", _RULE)},
)


def test_a_member_is_the_attribute_of_its_name() -> None:
    assert Mapper("aws_x").told("title", _SCHEMA, {"Title": "one"}) == "one"


def test_a_member_under_another_name_is_found_by_its_rename() -> None:
    assert Mapper("aws_x", {"title": "Config.Name"}).told("title", _SCHEMA, {"Config": {"Name": "one"}}) == "one"


def test_a_member_inside_the_one_that_takes_the_rest_is_found() -> None:
    assert Mapper("aws_x", into="Config").told("title", _SCHEMA, {"Config": {"Title": "one"}}) == "one"


def test_what_is_not_shown_is_missing() -> None:
    assert Mapper("aws_x").told("title", _SCHEMA, {"Other": 1}) is MISSING


def test_structures_are_blocks() -> None:
    shown = {"Rules": [{"Name": "a", "Days": "3"}]}
    assert Mapper("aws_x").told("rule", _SCHEMA, shown) == [{"name": "a", "days": 3}]


def test_a_structure_is_a_block_that_appears_once() -> None:
    assert Mapper("aws_x").told("rule", _SCHEMA, {"Rule": {"Name": "a"}}) == [{"name": "a", "days": None}]


def test_a_structure_is_a_single_block() -> None:
    assert Mapper("aws_x").told("only", _SCHEMA, {"Only": {"Days": 1}}) == {"name": None, "days": 1}


def test_nested_renames_hold_for_the_way_back() -> None:
    mapper = Mapper("aws_x", {"rule.name": "Id"})
    assert mapper.told("rule", _SCHEMA, {"Rules": [{"Id": "a"}]}) == [{"name": "a", "days": None}]


@pytest.mark.parametrize(
    ("form", "shown", "value"),
    [
        ("string", 5, "5"),
        ("string", True, "true"),
        ("string", datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00Z"),
        ("number", "5", 5),
        ("number", "0.5", 0.5),
        ("bool", "ENABLED", True),
        ("bool", "disabled", False),
        (CollectionType("set", "string"), "subnet-1,subnet-2", ["subnet-1", "subnet-2"]),
        (CollectionType("list", "string"), {"Quantity": 1, "Items": ["a"]}, ["a"]),
        (CollectionType("map", "string"), [{"Key": "a", "Value": 1}], {"a": "1"}),
        (CollectionType("list", ObjectType({"port": "number"})), {"Port": 6379}, [{"port": 6379}]),
    ],
)
def test_what_aws_shows_takes_the_form_of_its_type(form: Any, shown: Any, value: Any) -> None:
    assert attribute(form, shown) == value


@pytest.mark.parametrize(("form", "shown"), [("string", {"a": 1}), ("number", "many"), ("string", None)])
def test_what_has_not_the_form_is_missing(form: Any, shown: Any) -> None:
    assert attribute(form, shown) is MISSING


# ---- what was asked for against what is shown


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"Port": 80}, {"port": "80"}),
        ({"On": True}, {"On": "true"}),
        ({"Days": 30}, {"Days": 30.0}),
        ({"Tags": [{"Key": "a", "Value": "1"}]}, {"Tags": {"a": "1"}}),
        ({"Names": ["a", "b"]}, {"Names": ["b", "a", "c"]}),
        ({"Rule": {"A": 1}}, {"Rule": {"A": 1, "B": 2}}),
        ({"Policy": '{"a": [1]}'}, {"Policy": {"a": [1]}}),
        ({"Items": {"Quantity": 1, "Items": ["a"]}}, {"Items": ["a"]}),
        ({"Nothing": []}, {}),
    ],
)
def test_the_same_in_another_form_is_the_same(asked: Any, shown: Any) -> None:
    assert list(lacking(canonical(asked), canonical(shown))) == []


@pytest.mark.parametrize(
    ("asked", "shown", "lack"),
    [
        ({"A": 1}, {}, Lack(("A",), 1, MISSING)),
        ({"A": 1}, {"A": 2}, Lack(("A",), 1, 2)),
        ({"A": {"B": "x"}}, {"A": {"B": "y"}}, Lack(("A", "B"), "x", "y")),
        ({"A": ["x"]}, {"A": ["y", "z"]}, Lack(("A",), "x", ["y", "z"])),
        ({"A": True}, {"A": False}, Lack(("A",), True, False)),
    ],
)
def test_what_is_lacking_is_told_by_its_path(asked: Any, shown: Any, lack: Lack) -> None:
    assert list(lacking(asked, shown)) == [lack]


def test_the_order_of_a_list_does_not_change_its_digest() -> None:
    assert digest([{"a": 1}, {"b": [1, 2]}]) == digest([{"b": [2, 1]}, {"a": 1}])


def test_another_value_changes_the_digest() -> None:
    assert digest({"a": 1}) != digest({"a": 2})


def test_a_member_that_is_shown_elsewhere_is_found_there() -> None:
    found = {"Groups": [{"Id": "sg-1"}]}
    assert at_path(found, ("GroupIds",), {"GroupIds": "Groups[].Id"}) == ["sg-1"]
