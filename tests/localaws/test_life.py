"""The life of a resource: made, read, changed and deleted by calls of AWS, and held to what AWS shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.provider.backend import Refused
from localaws.resources.entry import Entry, Tagging
from localaws.resources.gate import forgotten, without_a_place
from localaws.resources.mapper import Request
from localaws.resources.resource import Resource
from localaws.resources.table import TABLE
from tests.localaws.local import REGION, Made, backend, client, known, make, written

_MISSING_KIND = "aws_glue_job"
_STATEMENT = '{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}'
_DOCUMENT = f'{{"Version":"2012-10-17","Statement":[{_STATEMENT}]}}'


@pytest.fixture
def vpc() -> Made:
    return make("aws_vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, tags={"Name": "one"})


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> Made:
    return make("aws_sns_topic", name=f"topic-{request.node.name}"[:80].replace("[", "-").replace("]", ""))


# ---- making


def test_what_is_made_is_in_aws(vpc: Made) -> None:
    (found,) = client("ec2").describe_vpcs(VpcIds=[vpc["id"]])["Vpcs"]
    assert found["CidrBlock"] == "10.0.0.0/16"


def test_the_id_is_that_of_aws(vpc: Made) -> None:
    assert vpc["id"].startswith("vpc-")


def test_computed_attributes_are_those_of_aws(vpc: Made) -> None:
    assert vpc["arn"] == f"arn:aws:ec2:{REGION}:123456789012:vpc/{vpc['id']}"


def test_further_calls_carry_what_the_first_cannot(vpc: Made) -> None:
    answer = client("ec2").describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"]["Value"] is True


def test_further_calls_without_arguments_are_not_made(vpc: Made) -> None:
    assert vpc.calls.count("ec2:modify_vpc_attribute") == 1


def test_a_name_is_made_up_where_none_is_given() -> None:
    assert make("aws_iam_role", name_prefix="shop-", assume_role_policy=_DOCUMENT)["name"].startswith("shop-")


def test_tags_are_in_aws(vpc: Made) -> None:
    (found,) = client("ec2").describe_vpcs(VpcIds=[vpc["id"]])["Vpcs"]
    assert found["Tags"] == [{"Key": "Name", "Value": "one"}]


def test_what_aws_does_not_tell_stays_unknown(vpc: Made) -> None:
    assert vpc["ipv6_cidr_block"] is None


# ---- refused


def test_a_refusal_names_type_object_operation_and_the_words_of_aws(topic: Made) -> None:
    with pytest.raises(Refused) as refused:
        make("aws_sns_topic_policy", arn=f"{topic['arn']}-of-nobody", policy=_DOCUMENT)
    assert refused.value.summary.startswith("creating aws_sns_topic_policy (")
    assert refused.value.detail.startswith("SetTopicAttributes: NotFound: ")


def test_nothing_is_kept_when_nothing_was_made() -> None:
    with pytest.raises(Refused) as refused:
        make("aws_subnet", vpc_id="vpc-00000000", cidr_block="10.0.0.0/24")
    assert refused.value.state is None


def test_a_half_made_object_is_kept() -> None:
    with pytest.raises(Refused) as refused:
        make("aws_internet_gateway", vpc_id="vpc-00000000")
    assert refused.value.state
    assert str(refused.value.state["id"]).startswith("igw-")


def test_a_half_made_object_can_be_deleted() -> None:
    with pytest.raises(Refused) as refused:
        make("aws_internet_gateway", vpc_id="vpc-00000000")
    assert refused.value.state
    backend().delete("aws_internet_gateway", refused.value.state, refused.value.notes)
    gateways = client("ec2").describe_internet_gateways()["InternetGateways"]
    assert refused.value.state["id"] not in {each["InternetGatewayId"] for each in gateways}


def test_a_refused_update_keeps_the_object_as_it_was(topic: Made) -> None:
    with pytest.raises(Refused) as refused:
        topic.update(name="another")
    assert refused.value.state is None


def test_a_stopped_backend_begins_nothing() -> None:
    from localaws.provider.backend import Surroundings
    from localaws.resources import connect
    from tests.localaws.local import endpoint

    stopped = connect(Surroundings(endpoint(), REGION, known().block))
    stopped.stop()
    with pytest.raises(Refused, match="stopped"):
        stopped.read("aws_vpc", {"id": "vpc-1"}, {})


# ---- nothing faked in silence


def test_a_type_without_an_entry_is_not_known() -> None:
    assert not backend().knows("resource", _MISSING_KIND)


def test_a_type_without_an_entry_is_refused_by_name() -> None:
    with pytest.raises(Refused, match=f"{_MISSING_KIND}: not in the local AWS"):
        backend().create(_MISSING_KIND, {}, {})


def test_a_data_source_without_an_answer_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="aws_iam_user: not in the local AWS"):
        backend().data("aws_iam_user", {})


def test_an_argument_that_no_call_carries_is_refused_before_anything_is_made() -> None:
    groups = len(client("ec2").describe_vpcs()["Vpcs"])
    with pytest.raises(Refused, match=r"no call of the table's entry carries enable_network_address_usage_metrics"):
        make("aws_vpc", cidr_block="10.1.0.0/16", enable_network_address_usage_metrics=True)
    assert len(client("ec2").describe_vpcs()["Vpcs"]) == groups


def test_a_nested_argument_that_no_call_carries_is_refused_by_its_path(vpc: Made) -> None:
    route = {"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}
    with pytest.raises(Refused, match=r"carries route\.0\.cidr_block|carries route\.cidr_block, route\.gateway_id"):
        make("aws_route_table", vpc_id=vpc["id"], route=[route])


def test_a_change_that_no_call_makes_is_refused(topic: Made) -> None:
    with pytest.raises(Refused, match="no call of the table's entry changes name; the object is as it was"):
        topic.update(name="another")


def _resource(entry: Entry, **given: Any) -> Resource:
    schema = known().block("resource", "aws_sns_topic")
    state = written(schema, given)
    connection = backend()._aws
    return Resource(connection, "aws_sns_topic", entry=entry, tagging=Tagging(), schema=schema, state=state)


def test_a_member_that_aws_forgot_is_named_with_its_argument() -> None:
    resource = _resource(TABLE["aws_sns_topic"], display_name="one")
    request = Request({"Attributes": {"DisplayName": "one"}}, {"display_name": [("Attributes", "DisplayName")]})
    assert forgotten(resource, [request.params], request, {"Attributes": {}}) == [
        "display_name, Attributes.DisplayName: asked for one, AWS shows nothing"
    ]


def test_a_member_that_aws_shows_otherwise_is_named_with_both() -> None:
    resource = _resource(TABLE["aws_sns_topic"], display_name="one")
    shown = {"Attributes": {"DisplayName": "two"}}
    assert forgotten(resource, [{"Attributes": {"DisplayName": "one"}}], Request(), shown) == [
        "display_name, Attributes.DisplayName: asked for one, AWS shows two"
    ]


def test_a_member_on_the_reviewed_list_may_be_left_out() -> None:
    assert forgotten(_resource(TABLE["aws_sns_topic"]), [{"Name": "one"}], Request(), {"Attributes": {}}) == []


def test_forgotten_tags_are_named() -> None:
    resource = _resource(TABLE["aws_sns_topic"], tags_all={"Team": "a"})
    assert forgotten(resource, [], Request(), {"Tags": {}}) == ["Tags: asked for {'Team': 'a'}, AWS shows {}"]


def test_tags_that_should_have_gone_are_named() -> None:
    shown = {"Tags": {"Team": "a"}}
    found = forgotten(_resource(TABLE["aws_sns_topic"]), [], Request(), shown)
    assert found == ["Tags: asked for {}, AWS shows {'Team': 'a'}"]


def test_an_argument_with_a_place_is_not_missed() -> None:
    resource = _resource(TABLE["aws_sns_topic"], display_name="one")
    assert without_a_place(resource, resource.request("create_topic")) == []


# ---- reading, and what others have changed


def test_an_untouched_object_reads_as_it_was_made(vpc: Made) -> None:
    assert vpc.read() == vpc.state


def test_a_deleted_object_is_gone(vpc: Made) -> None:
    client("ec2").delete_vpc(VpcId=vpc["id"])
    assert vpc.read() is None


def test_a_changed_scalar_is_seen(vpc: Made) -> None:
    client("ec2").modify_vpc_attribute(VpcId=vpc["id"], EnableDnsHostnames={"Value": False})
    found = vpc.read()
    assert found
    assert found["enable_dns_hostnames"] is False


def test_a_changed_tag_is_seen(vpc: Made) -> None:
    client("ec2").create_tags(Resources=[vpc["id"]], Tags=[{"Key": "Name", "Value": "two"}])
    found = vpc.read()
    assert found
    assert (found["tags"], found["tags_all"]) == ({"Name": "two"}, {"Name": "two"})


def test_a_tag_that_somebody_added_is_seen(vpc: Made) -> None:
    client("ec2").create_tags(Resources=[vpc["id"]], Tags=[{"Key": "Who", "Value": "me"}])
    found = vpc.read()
    assert found
    assert found["tags"] == {"Name": "one", "Who": "me"}


def test_a_tag_that_somebody_took_away_is_seen(vpc: Made) -> None:
    client("ec2").delete_tags(Resources=[vpc["id"]], Tags=[{"Key": "Name"}])
    found = vpc.read()
    assert found
    assert found["tags"] == {}


def test_a_changed_nested_block_is_seen() -> None:
    rule = {"allowed_methods": ["GET"], "allowed_origins": ["*"], "max_age_seconds": 60}
    bucket = make("aws_s3_bucket", bucket="cors-drift")
    cors = make("aws_s3_bucket_cors_configuration", bucket=bucket["bucket"], cors_rule=[rule])
    changed = {"CORSRules": [{"AllowedMethods": ["PUT"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 60}]}
    client("s3").put_bucket_cors(Bucket="cors-drift", CORSConfiguration=changed)
    found = cors.read()
    assert found
    assert found["cors_rule"][0]["allowed_methods"] == ["PUT"]


def test_an_added_nested_block_is_seen() -> None:
    make("aws_s3_bucket", bucket="cors-more")
    rule = {"allowed_methods": ["GET"], "allowed_origins": ["*"]}
    cors = make("aws_s3_bucket_cors_configuration", bucket="cors-more", cors_rule=[rule])
    rules = [{"AllowedMethods": [each], "AllowedOrigins": ["*"]} for each in ("GET", "PUT")]
    client("s3").put_bucket_cors(Bucket="cors-more", CORSConfiguration={"CORSRules": rules})
    found = cors.read()
    assert found
    assert len(found["cors_rule"]) == 2


def test_a_changed_document_is_seen() -> None:
    role = make("aws_iam_role", name="drifting", assume_role_policy=_DOCUMENT)
    inline = make("aws_iam_role_policy", name="own", role=role["name"], policy=_DOCUMENT)
    changed = _DOCUMENT.replace("Allow", "Deny")
    client("iam").put_role_policy(RoleName="drifting", PolicyName="own", PolicyDocument=changed)
    found = inline.read()
    assert found
    assert found["policy"] != inline["policy"]


def test_a_document_that_is_only_written_otherwise_is_no_change() -> None:
    role = make("aws_iam_role", name="spaced", assume_role_policy=_DOCUMENT)
    inline = make("aws_iam_role_policy", name="own", role=role["name"], policy=_DOCUMENT)
    client("iam").put_role_policy(RoleName="spaced", PolicyName="own", PolicyDocument=json.dumps(json.loads(_DOCUMENT)))
    assert inline.read() == inline.state


# ---- changing


def test_an_update_in_place_keeps_the_id(vpc: Made) -> None:
    before = vpc["id"]
    vpc.update(enable_dns_hostnames=False)
    assert vpc["id"] == before


def test_an_update_tells_aws_what_changed(vpc: Made) -> None:
    vpc.update(enable_dns_hostnames=False)
    answer = client("ec2").describe_vpc_attribute(VpcId=vpc["id"], Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"]["Value"] is False


def test_changed_and_removed_tags_are_told(vpc: Made) -> None:
    vpc.update(tags={"Team": "a"})
    (found,) = client("ec2").describe_vpcs(VpcIds=[vpc["id"]])["Vpcs"]
    assert found["Tags"] == [{"Key": "Team", "Value": "a"}]


def test_tags_that_are_taken_away_are_told(vpc: Made) -> None:
    vpc.update(tags={})
    (found,) = client("ec2").describe_vpcs(VpcIds=[vpc["id"]])["Vpcs"]
    assert found["Tags"] == []


def test_an_update_is_watched_from_then_on(vpc: Made) -> None:
    vpc.update(enable_dns_hostnames=False)
    assert vpc.read() == vpc.state


# ---- deleting


def test_what_is_deleted_is_gone_from_aws(topic: Made) -> None:
    topic.delete()
    assert topic["arn"] not in {each["TopicArn"] for each in client("sns").list_topics()["Topics"]}


def test_deleting_what_is_gone_already_is_no_error(topic: Made) -> None:
    client("sns").delete_topic(TopicArn=topic["arn"])
    topic.delete()


def test_a_refused_deletion_is_told(vpc: Made) -> None:
    make("aws_subnet", vpc_id=vpc["id"], cidr_block="10.0.0.0/24")
    with pytest.raises(Refused, match=r"deleting aws_vpc .*DeleteVpc: DependencyViolation"):
        vpc.delete()


# ---- import


def test_an_imported_object_is_told_as_far_as_aws_shows_it(vpc: Made) -> None:
    blank = {**written(known().block("resource", "aws_vpc"), {}), "id": vpc["id"], "region": REGION}
    outcome = backend().read("aws_vpc", blank, None)
    assert outcome.state["cidr_block"] == "10.0.0.0/16"


def test_an_id_of_several_parts_is_taken_apart_for_an_import() -> None:
    make("aws_iam_role", name="imported", assume_role_policy=_DOCUMENT)
    make("aws_iam_role_policy", name="own", role="imported", policy=_DOCUMENT)
    blank = {**written(known().block("resource", "aws_iam_role_policy"), {}), "id": "imported:own"}
    outcome = backend().read("aws_iam_role_policy", blank, None)
    assert (outcome.state["role"], outcome.state["name"]) == ("imported", "own")


def test_what_is_found_by_one_name_alone_is_imported_by_that() -> None:
    made = make(
        "aws_db_instance",
        identifier="imported",
        engine="postgres",
        instance_class="db.t4g.micro",
        allocated_storage=20,
        username="root",
        manage_master_user_password=True,
        tags={"Project": "catalog"},
    )
    blank = {**written(known().block("resource", "aws_db_instance"), {}), "id": "imported", "region": REGION}
    outcome = backend().read("aws_db_instance", blank, None)
    assert outcome.state["id"].startswith("db-")
    assert (outcome.state["identifier"], outcome.state["arn"]) == ("imported", made["arn"])
    assert outcome.state["tags_all"] == {"Project": "catalog"}
