"""What has to be there, or must not be, and what is said where it is not so."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from lib.operations.aws import Refused
from lib.operations.preflight.inventory import UNIQUE
from lib.operations.preflight.measure import State
from lib.operations.preflight.planned import Planned
from lib.operations.preflight.prerequisites import place
from lib.operations.preflight.prerequisites.ownership import Ownership, state_of, texts
from lib.operations.preflight.prerequisites.place import unusable_region
from lib.operations.preflight.prerequisites.prerequisite import DoesNotApply, Outcome, outcome
from lib.operations.preflight.prerequisites.registry import PREREQUISITES
from lib.operations.preflight.prerequisites.roles import LINKED
from tests.unit.operations.preflight.account import (
    ACCOUNT,
    OWN_TAGS,
    REGION,
    TEMPLATES,
    Account,
    came,
    golden,
    site,
    situation,
    template,
    zones,
)

DENIED = "AccessDeniedException"
OWN_VPC = {"ec2 describe_vpcs": {"Vpcs": [{"VpcId": "vpc-1", "Tags": OWN_TAGS}]}}


def problems(name: str, resources: Any, answers: Any = None, **of: Any) -> tuple[str, ...]:
    found = came(name, situation(resources, answers, **of))
    assert found.state in (State.OK, State.PROBLEM), found.reason
    return found.problems


def notes(name: str, resources: Any, answers: Any = None, **of: Any) -> tuple[str, ...]:
    found = came(name, situation(resources, answers, **of))
    assert found.state is State.OK, (found.reason, found.problems)
    return found.notes


@pytest.mark.parametrize("name", TEMPLATES)
def test_in_an_empty_account_that_has_all_that_a_blueprint_takes_nothing_is_in_the_way(name: str) -> None:
    engines = [{"EngineVersion": "17.4"}]
    answers = {
        "route53 list_hosted_zones": {"HostedZones": [{"Id": "Z1", "Name": "example.com."}]},
        "rds describe_db_engine_versions": {"DBEngineVersions": engines},
        "rds describe_orderable_db_instance_options": {"OrderableDBInstanceOptions": engines},
        "elasticache describe_cache_engine_versions": {"CacheEngineVersions": [{"EngineVersion": "8.0"}]},
        "ec2 describe_instance_type_offerings": {
            "InstanceTypeOfferings": [{"Location": f"sa-east-1{zone}"} for zone in "abc"]
        },
    }
    stack = golden(name)
    regions = [{"RegionName": each} for each in (*Planned(stack).regions, "us-east-1")]
    given = situation(stack, answers | {"ec2 describe_regions": {"Regions": regions}})
    outcomes = [outcome(each, given) for each in PREREQUISITES if each.name != "terraform"]
    assert [(each.prerequisite.name, each.problems, each.reason) for each in outcomes if each.problems] == []
    assert {each.state for each in outcomes} == {State.OK, State.NOT_APPLICABLE}


class TestPlace:
    def test_the_account_is_told(self) -> None:
        assert notes("account", {}) == (f"account {ACCOUNT}, as arn:aws:iam::{ACCOUNT}:user/deployer",)

    def test_regions_that_the_stack_uses_have_to_be_enabled(self) -> None:
        regions = {"Regions": [{"RegionName": REGION}, {"RegionName": "us-east-1", "OptInStatus": "not-opted-in"}]}
        edge = {"aws_kms_key": {"edge": {"region": "us-east-1"}}}
        (said,) = problems("region", edge, {"ec2 describe_regions": regions})
        assert said.startswith("us-east-1 is not enabled for the account")

    def test_a_region_that_there_is_not_is_named(self) -> None:
        assert problems("region", {}, {"ec2 describe_regions": {"Regions": []}}) == (f"there is no region {REGION}",)

    def test_a_missing_service_is_named(self) -> None:
        absent = {"InvalidParameters": [f"/aws/service/global-infrastructure/regions/{REGION}/services/kms"]}
        found = problems("services", {"aws_kms_key": {"k": {}}}, {"ssm get_parameters": absent})
        assert found == (f"{REGION} has no kms",)

    def test_too_few_zones_are_named(self) -> None:
        subnets = {"aws_subnet": {"one": {"availability_zone": "${data.aws_availability_zones.z.names[2]}"}}}
        (said,) = problems("zones", subnets, {"ec2 describe_availability_zones": zones(REGION, 2)})
        assert said == "3 zones are needed, and sa-east-1 has sa-east-1a, sa-east-1b: lower network.zone_count"

    def test_a_zone_by_name_has_to_be_there(self) -> None:
        subnets = {"aws_subnet": {"one": {"availability_zone": "sa-east-1f"}}}
        (said,) = problems("zones", subnets)
        assert said.startswith("there is no zone sa-east-1f for network.zone_names: sa-east-1 has sa-east-1a")

    def test_a_zone_by_name_that_is_there_is_well(self) -> None:
        assert problems("zones", {"aws_subnet": {"one": {"availability_zone": "sa-east-1a"}}}) == ()

    def test_without_subnets_zones_do_not_matter(self) -> None:
        assert came("zones", situation({})).state is State.NOT_APPLICABLE

    LINK: ClassVar[dict[str, Any]] = {
        "aws_apigatewayv2_vpc_link": {"link": {"subnet_ids": ["${aws_subnet.one.id}"]}},
        "aws_subnet": {"one": {"availability_zone": "${data.aws_availability_zones.z.names[2]}"}},
    }

    def test_a_zone_without_vpc_links_is_named(self) -> None:
        given = situation(template(self.LINK, provider={"aws": [{"region": "us-east-1"}]}))
        assert came("vpc_link_zones", given).problems == (
            "there are no VPC links in us-east-1c (use1-az3): choose other zones with network.zone_names",
        )

    def test_zones_with_vpc_links_are_well(self) -> None:
        assert problems("vpc_link_zones", self.LINK) == ()

    def test_of_other_regions_aws_does_not_say(self) -> None:
        given = situation(template(self.LINK, provider={"aws": [{"region": "mx-central-1"}]}))
        assert came("vpc_link_zones", given).notes == ("AWS does not say which zones of mx-central-1 have VPC links",)

    def test_without_a_link_zones_of_links_do_not_matter(self) -> None:
        assert came("vpc_link_zones", situation({})).state is State.NOT_APPLICABLE

    def test_terraform_has_to_be_there(self, tmp_path: Path) -> None:
        (said,) = problems("terraform", {}, path=str(tmp_path))
        assert said.startswith("There is no terraform.")

    def test_terraform_that_is_there_is_well(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(place, "executable", lambda _: "terraform")
        assert problems("terraform", {}) == ()


BACKEND = {"backend": {"s3": {"bucket": "states", "key": "shop/dev.tfstate", "region": REGION}}}


class TestState:
    def found(self, answers: Any = None) -> Outcome:
        aws = Account(answers)
        return came("state", situation(template({}, terraform=BACKEND), of_state=aws))

    def test_a_bucket_that_is_not_there_is_to_be_made(self) -> None:
        assert self.found().problems == ("there is no bucket states: `make state-bootstrap` makes it",)

    def test_a_bucket_in_another_region_is_told(self) -> None:
        (said,) = self.found({"s3 head_bucket": {"BucketRegion": "eu-west-1"}}).problems
        assert "is in eu-west-1, not in sa-east-1" in said

    def test_what_a_bucket_lacks_is_told_each_by_itself(self) -> None:
        answers = {"s3 head_bucket": {"BucketRegion": REGION}, "s3 get_bucket_versioning": {"Status": "Suspended"}}
        found = self.found(answers).problems
        assert "of the bucket states this is not so: old versions are kept; `make state-bootstrap` mends it" in found

    def test_a_state_in_a_file_needs_no_bucket(self) -> None:
        assert came("state", situation({})).state is State.NOT_APPLICABLE


class TestUnusableRegion:
    def test_an_unknown_region_is_told_with_those_there_are(self) -> None:
        stop = unusable_region(Account(), "sa-west-9")
        assert stop
        assert (str(stop), stop.code) == ("there is no region sa-west-9: eu-west-1, sa-east-1, us-east-1", 2)

    def test_a_region_that_is_not_enabled_is_told(self) -> None:
        regions = {"Regions": [{"RegionName": "af-south-1", "OptInStatus": "not-opted-in"}]}
        stop = unusable_region(Account({"ec2 describe_regions": regions}), "af-south-1")
        assert stop
        assert stop.code == 1
        assert "not enabled" in str(stop)

    def test_a_usable_one_is_none_of_these(self) -> None:
        assert unusable_region(Account(), REGION) is None

    def test_where_no_region_answers_it_is_not_the_region(self) -> None:
        assert unusable_region(Account({"ec2 describe_regions": "ExpiredToken"}), REGION) is None


CERTIFICATE = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1"
EDGE_CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/2"


def certificate(days: int = 100, **of: Any) -> dict[str, Any]:
    until = datetime.now(UTC) + timedelta(days=days)
    return {"Certificate": {"Status": "ISSUED", "DomainName": "*.shop.example", "NotAfter": until} | of}


class TestCertificates:
    def found(self, arn: str = CERTIFICATE, host: str = "https://www.shop.example", **of: Any) -> tuple[str, ...]:
        stack = template(
            {"aws_lb_listener": {"https": {"certificate_arn": arn}}}, output={"load_balancer_url": {"value": host}}
        )
        return problems("certificates", stack, {"acm describe_certificate": certificate(**of)})

    def test_an_issued_one_for_the_domain_is_well(self) -> None:
        assert self.found() == ()

    def test_one_of_another_region_is_told(self) -> None:
        (said,) = self.found(EDGE_CERTIFICATE)
        assert said.endswith(f"is of us-east-1; it has to be of {REGION}")

    def test_one_that_is_not_issued_is_told(self) -> None:
        assert self.found(Status="EXPIRED") == (f"the certificate {CERTIFICATE} is EXPIRED, not issued",)

    @pytest.mark.parametrize("host", ["https://shop.example", "https://a.b.shop.example", "https://other.example"])
    def test_one_for_other_names_is_told(self, host: str) -> None:
        (said,) = self.found(host=host)
        assert said.endswith(f"is not for {host.removeprefix('https://')}, only for *.shop.example")

    def test_a_name_besides_will_do(self) -> None:
        assert self.found(host="https://shop.example", SubjectAlternativeNames=["shop.example"]) == ()

    def test_one_that_ends_soon_is_told(self) -> None:
        (said,) = self.found(days=29)
        assert " ends on 2" in said

    def test_a_host_that_is_not_known_yet_is_not_compared(self) -> None:
        assert self.found(host="https://${aws_lb.alb.dns_name}", DomainName="x.example") == ()

    def test_that_of_a_distribution_is_of_us_east_1_and_for_its_aliases(self) -> None:
        distribution = {
            "aliases": ["assets.shop.example", "shop.example"],
            "viewer_certificate": {"acm_certificate_arn": EDGE_CERTIFICATE},
        }
        stack = {"aws_cloudfront_distribution": {"cdn": distribution, "plain": {"viewer_certificate": {"x": 1}}}}
        (said,) = problems("certificates", stack, {"acm describe_certificate": certificate()})
        assert said.endswith("is not for shop.example, only for *.shop.example")

    def test_what_the_stack_makes_itself_is_not_asked(self) -> None:
        assert came("certificates", situation({"aws_lb_listener": {"http": {}}})).state is State.NOT_APPLICABLE


class TestZones:
    DATA: ClassVar[dict[str, Any]] = {"aws_route53_zone": {"z": {"name": "shop.example", "private_zone": False}}}

    def found(self, *hosted: dict[str, Any]) -> Outcome:
        stack = template({}, data=self.DATA)
        return came("hosted_zones", situation(stack, {"route53 list_hosted_zones": {"HostedZones": list(hosted)}}))

    def test_one_public_one_is_well_and_its_delegation_is_said_not_to_be_asked(self) -> None:
        found = self.found({"Name": "shop.example."}, {"Name": "other.example."})
        assert (found.state, len(found.notes)) == (State.OK, 1)
        assert "delegates" in found.notes[0]

    def test_none_is_told(self) -> None:
        assert self.found().problems[0].startswith("there is no hosted zone shop.example")

    def test_a_private_one_alone_is_told(self) -> None:
        private = {"Name": "shop.example.", "Config": {"PrivateZone": True}}
        assert "is private" in self.found(private).problems[0]

    def test_two_of_a_name_are_told(self) -> None:
        assert "there are 2 public" in self.found({"Name": "shop.example."}, {"Name": "shop.example."}).problems[0]

    def test_without_records_zones_do_not_matter(self) -> None:
        assert came("hosted_zones", situation({})).state is State.NOT_APPLICABLE

    def records(self, *there: dict[str, str], state: frozenset[str] = frozenset()) -> Outcome:
        stack = template(
            {
                "aws_route53_record": {
                    "a": {"name": "www.shop.example", "type": "A"},
                    "validation": {"name": "_x.shop.example", "type": "CNAME", "allow_overwrite": True},
                    "open": {"name": "${aws_lb.alb.dns_name}", "type": "A"},
                }
            },
            data=self.DATA,
        )
        hosted = [{"Id": "Z1", "Name": "shop.example."}, {"Id": "Z2", "Name": "other.example."}]
        answers = {
            "route53 list_hosted_zones": {"HostedZones": hosted},
            "route53 list_resource_record_sets": {"ResourceRecordSets": list(there)},
        }
        return came("records", situation(stack, answers, state=state))

    def test_a_record_of_somebody_else_s_is_told(self) -> None:
        found = self.records({"Name": "www.shop.example.", "Type": "A"})
        assert found.problems == (
            "there is a record www.shop.example of type A that is not this stack's: delete or import it",
        )

    def test_the_stack_s_own_and_other_records_are_well(self) -> None:
        own = frozenset({"www.shop.example"})
        assert self.records({"Name": "www.shop.example.", "Type": "A"}, state=own).problems == ()
        assert self.records({"Name": "www.shop.example.", "Type": "TXT"}).problems == ()
        assert self.records({"Name": "_x.shop.example.", "Type": "CNAME"}).problems == ()

    def test_without_names_of_its_own_records_do_not_matter(self) -> None:
        assert came("records", situation({})).state is State.NOT_APPLICABLE


IMAGE = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/shop/api"


class TestImages:
    def found(self, image: str, answer: Any, **task: Any) -> Outcome:
        definition = {"container_definitions": json.dumps([{"image": image}])} | task
        stack = {"aws_ecs_task_definition": {"api": definition}}
        return came("images", situation(stack, {"ecr batch_get_image": answer}))

    @staticmethod
    def manifest(**of: Any) -> dict[str, Any]:
        return {"images": [{"imageManifest": json.dumps(of)}]}

    def test_it_is_asked_of_its_own_account_and_region_by_its_tag_or_digest(self) -> None:
        asked: list[Any] = []

        def batch_get_image(**given: Any) -> Any:
            asked.append((given["registryId"], given["repositoryName"], given["imageIds"]))
            return {}

        digest = f"sha256:{'0' * 64}"
        for image in (f"{IMAGE}:1.4", f"{IMAGE}@{digest}", IMAGE):
            assert self.found(image, batch_get_image).problems == (f"{image}: the repository has no such image",)
        assert asked == [
            (ACCOUNT, "shop/api", [{"imageTag": "1.4"}]),
            (ACCOUNT, "shop/api", [{"imageDigest": digest}]),
            (ACCOUNT, "shop/api", [{"imageTag": "latest"}]),
        ]

    def test_a_missing_repository_is_told(self) -> None:
        found = self.found(f"{IMAGE}:1", "RepositoryNotFoundException")
        assert found.problems == (f"{IMAGE}:1: there is no repository shop/api in eu-west-1",)

    def test_a_denied_question_is_not_known(self) -> None:
        assert self.found(f"{IMAGE}:1", DENIED).state is State.UNKNOWN

    def test_the_processor_has_to_be_among_those_of_the_image(self) -> None:
        platforms = [{"platform": {"architecture": "amd64"}}, {"platform": {"architecture": "unknown"}}, {}]
        answer = self.manifest(manifests=platforms)
        assert self.found(f"{IMAGE}:1", answer).problems == ()
        arm = self.found(f"{IMAGE}:1", answer, runtime_platform={"cpu_architecture": "ARM64"})
        assert arm.problems == (f"{IMAGE}:1: is for amd64, and the tasks have ARM64",)

    def test_a_manifest_of_one_image_does_not_tell_its_processor(self) -> None:
        found = self.found(f"{IMAGE}:1", self.manifest(layers=[]))
        assert (found.state, found.notes) == (
            State.OK,
            (f"{IMAGE}:1: its manifest does not tell the processor; the tasks have X86_64",),
        )

    def test_images_of_other_registries_are_said_not_to_be_asked(self) -> None:
        found = self.found("nginx:1", None)
        assert (found.state, found.notes[0]) == (
            State.OK,
            "nginx:1: not asked, since only ECR tells what it has without a pull",
        )

    def test_without_containers_images_do_not_matter(self) -> None:
        assert came("images", situation({})).state is State.NOT_APPLICABLE


class TestEngines:
    DATABASE: ClassVar[dict[str, Any]] = {
        "aws_db_instance": {
            "db": {"engine": "postgres", "engine_version": "17", "instance_class": "db.t4g.micro"},
        }
    }
    AURORA: ClassVar[dict[str, Any]] = {
        "aws_rds_cluster": {"c": {"engine": "aurora-postgresql", "engine_version": "17"}},
        "aws_rds_cluster_instance": {
            "one": {"cluster_identifier": "${aws_rds_cluster.c.cluster_identifier}", "instance_class": "db.serverless"},
            "foreign": {"cluster_identifier": "other"},
        },
    }

    def found(self, stack: Any, versions: list[str], offered: list[str]) -> tuple[str, ...]:
        answers = {
            "rds describe_db_engine_versions": {"DBEngineVersions": [{"EngineVersion": each} for each in versions]},
            "rds describe_orderable_db_instance_options": {
                "OrderableDBInstanceOptions": [{"EngineVersion": each} for each in offered]
            },
        }
        return problems("databases", stack, answers)

    def test_a_major_version_is_any_of_its_minor_ones(self) -> None:
        assert self.found(self.DATABASE, ["16.1", "17.4"], ["17.4"]) == ()

    def test_a_version_that_is_not_there_is_told_with_those_that_are(self) -> None:
        assert self.found(self.DATABASE, ["16.1"], ["16.1"]) == ("RDS has no postgres 17 in sa-east-1: 16.1",)

    def test_a_class_that_is_not_offered_for_the_version_is_told(self) -> None:
        found = self.found(self.AURORA, ["17.4", "16.1"], ["16.1"])
        assert found == ("RDS has no db.serverless for aurora-postgresql 17 in sa-east-1",)

    def test_without_a_database_engines_do_not_matter(self) -> None:
        assert came("databases", situation({})).state is State.NOT_APPLICABLE

    def test_a_cache_s_version_has_to_be_there(self) -> None:
        stack = {"aws_elasticache_replication_group": {"c": {"engine": "valkey", "engine_version": "8.0"}}}
        call = "elasticache describe_cache_engine_versions"
        assert problems("caches", stack, {call: {"CacheEngineVersions": [{"EngineVersion": "8.0"}]}}) == ()
        assert problems("caches", stack) == ("ElastiCache has no valkey 8.0 in sa-east-1: none",)
        assert came("caches", situation({})).state is State.NOT_APPLICABLE

    FLEET: ClassVar[dict[str, Any]] = {
        "aws_autoscaling_group": {
            "web": {
                "launch_template": {"id": "${aws_launch_template.web.id}"},
                "vpc_zone_identifier": ["${aws_subnet.one.id}", "${aws_subnet.two.id}"],
            }
        },
        "aws_launch_template": {"web": {"instance_type": "m7i.large"}},
        "aws_subnet": {
            "one": {"availability_zone": "${data.aws_availability_zones.z.names[0]}"},
            "two": {"availability_zone": "${data.aws_availability_zones.z.names[1]}"},
        },
    }

    def test_an_instance_type_has_to_be_in_each_zone_of_its_group(self) -> None:
        offers = {"InstanceTypeOfferings": [{"Location": "sa-east-1a"}]}
        (said,) = problems("instance_types", self.FLEET, {"ec2 describe_instance_type_offerings": offers})
        assert said.startswith("there is no m7i.large in sa-east-1b: choose another type")

    def test_a_group_whose_template_is_elsewhere_is_asked_about_nothing(self) -> None:
        assert problems("instance_types", {"aws_autoscaling_group": {"web": {}}}) == ()

    def test_without_a_fleet_instance_types_do_not_matter(self) -> None:
        assert came("instance_types", situation({})).state is State.NOT_APPLICABLE


class TestRoles:
    STACK: ClassVar[dict[str, Any]] = {"aws_ecs_cluster": {"c": {}}, "aws_lb": {"alb": {}}}
    NAMES = "AWSServiceRoleForECS, AWSServiceRoleForElasticLoadBalancing"

    def test_roles_that_are_there_are_no_news(self) -> None:
        roles = {"Roles": [{"RoleName": each} for each in self.NAMES.split(", ")]}
        assert notes("service_linked_roles", self.STACK, {"iam list_roles": roles}) == ()

    def test_roles_that_whoever_deploys_may_have_made_are_made_by_themselves(self) -> None:
        assert notes("service_linked_roles", self.STACK) == (f"made by the first call that needs them: {self.NAMES}",)

    def test_a_missing_permission_is_in_the_way(self) -> None:
        denied = {"EvaluationResults": [{"EvalDecision": "implicitDeny"}]}
        found = problems("service_linked_roles", self.STACK, {"iam simulate_principal_policy": denied})
        assert found == (f"not there, and iam:CreateServiceLinkedRole is missing to have them made: {self.NAMES}",)

    def test_where_iam_does_not_tell_it_is_left_open(self) -> None:
        (said,) = notes("service_linked_roles", self.STACK, {"iam simulate_principal_policy": "AccessDenied"})
        assert "where iam:CreateServiceLinkedRole is allowed" in said

    def test_a_user_is_asked_about_by_its_own_arn(self) -> None:
        asked: list[str] = []

        def simulate(**given: Any) -> Any:
            asked.append(given["PolicySourceArn"])
            return {"EvaluationResults": [{"EvalDecision": "allowed"}]}

        notes("service_linked_roles", self.STACK, {"iam simulate_principal_policy": simulate})
        assert asked == [f"arn:aws:iam::{ACCOUNT}:user/deployer"]

    def test_of_a_session_it_is_the_role_that_is_asked_about(self) -> None:
        asked: list[str] = []

        def simulate(**given: Any) -> Any:
            asked.append(given["PolicySourceArn"])
            return {"EvaluationResults": [{"EvalDecision": "allowed"}]}

        role = f"arn:aws:iam::{ACCOUNT}:role/ci/deploy"
        answers = {
            "sts get_caller_identity": {"Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/session"},
            "iam get_role": {"Role": {"Arn": role}},
            "iam simulate_principal_policy": simulate,
        }
        notes("service_linked_roles", self.STACK, answers)
        assert asked == [role]

    def test_without_such_services_roles_do_not_matter(self) -> None:
        assert came("service_linked_roles", situation({})).state is State.NOT_APPLICABLE

    def test_types_of_the_table_are_types_of_the_blueprints(self) -> None:
        types = {kind for name in TEMPLATES for kind in golden(name).document["resource"]}
        assert set(LINKED) <= types


class TestNames:
    def test_each_unique_kind_is_asked_about(self) -> None:
        asked = [each.name for each in PREREQUISITES if each.name.startswith("names.")]
        assert len(asked) == len(UNIQUE) + 3

    TABLE: ClassVar[dict[str, Any]] = {"aws_dynamodb_table": {"t": {"name": "shop-dev-orders"}}}
    THERE: ClassVar[dict[str, Any]] = {"dynamodb list_tables": {"TableNames": ["shop-dev-orders", "other"]}}

    def test_a_name_that_is_taken_is_told(self) -> None:
        assert problems("names.aws_dynamodb_table", self.TABLE, self.THERE) == (
            "aws_dynamodb_table shop-dev-orders is there and not this stack's: delete or import it, or choose another "
            "ENVIRONMENT_SUFFIX",
        )

    def test_what_the_state_has_is_the_stack_s(self) -> None:
        own = frozenset({"shop-dev-orders"})
        assert problems("names.aws_dynamodb_table", self.TABLE, self.THERE, state=own) == ()

    def test_without_a_state_a_vpc_of_the_stack_s_says_that_it_is_deployed(self) -> None:
        assert problems("names.aws_dynamodb_table", self.TABLE, self.THERE | OWN_VPC, state=None) == ()
        assert len(problems("names.aws_dynamodb_table", self.TABLE, self.THERE, state=None)) == 1

    def test_names_that_are_not_known_yet_are_not_looked_for(self) -> None:
        stack = {"aws_dynamodb_table": {"t": {"name": "${aws_vpc.main.id}"}}}
        assert problems("names.aws_dynamodb_table", stack, {"dynamodb list_tables": DENIED}) == ()

    def test_what_the_stack_has_not_is_not_asked(self) -> None:
        assert came("names.aws_dynamodb_table", situation({})).state is State.NOT_APPLICABLE
        assert came("names.aws_iam_role", situation({})).state is State.NOT_APPLICABLE

    def test_names_of_the_account_are_asked_once_for_all_regions(self) -> None:
        stack = {"aws_iam_role": {"edge": {"name": "shop-dev-edge", "region": "us-east-1"}}}
        roles = {"iam list_roles us-east-1": {"Roles": [{"RoleName": "shop-dev-edge"}]}}
        assert len(problems("names.aws_iam_role", stack, roles)) == 1

    def test_an_alias_of_the_stack_s_that_is_there_is_told_and_aws_s_own_are_not(self) -> None:
        aliases = {"Aliases": [{"AliasName": "alias/aws/s3"}, {"AliasName": "alias/shop/dev/logs"}]}
        stack = {"aws_kms_alias": {"a": {"name": "alias/shop/dev/logs"}, "b": {"name": "alias/aws/s3"}}}
        assert len(problems("names.aws_kms_alias", stack, {"kms list_aliases": aliases})) == 1

    def test_a_log_group_that_is_left_over_is_told_with_the_way_to_delete_it(self) -> None:
        groups = {"aws_cloudwatch_log_group": {"a": {"name": "/shop/dev/api"}, "b": {"name": "${x}"}}}
        there = {"logs describe_log_groups": {"logGroups": [{"logGroupName": "/shop/dev/api"}]}}
        (said,) = problems("names.aws_cloudwatch_log_group", groups, there)
        assert said.endswith("`aws logs delete-log-group --region sa-east-1 --log-group-name /shop/dev/api` deletes it")
        longer = {"logs describe_log_groups": {"logGroups": [{"logGroupName": "/shop/dev/api2"}]}}
        assert problems("names.aws_cloudwatch_log_group", groups, longer) == ()

    BUCKET: ClassVar[dict[str, Any]] = {"aws_s3_bucket": {"b": {"bucket": "shop-dev-logs"}}}

    @pytest.mark.parametrize("code", ["403", "301", "400"])
    def test_a_bucket_of_another_account_is_told(self, code: str) -> None:
        (said,) = problems("names.aws_s3_bucket", self.BUCKET, {"s3 head_bucket": code})
        assert said.startswith("the bucket shop-dev-logs is there and not to be looked at")

    def test_a_bucket_of_the_account_is_the_stack_s_or_in_the_way(self) -> None:
        there: dict[str, Any] = {"s3 head_bucket": {}}
        (said,) = problems("names.aws_s3_bucket", self.BUCKET, there)
        assert said.startswith("the bucket shop-dev-logs is there and not this stack's")
        own = frozenset({"shop-dev-logs"})
        assert problems("names.aws_s3_bucket", self.BUCKET, there, state=own) == ()

    def test_a_bucket_that_is_not_there_is_free_and_another_refusal_is_told(self) -> None:
        assert problems("names.aws_s3_bucket", self.BUCKET) == ()
        found = came("names.aws_s3_bucket", situation(self.BUCKET, {"s3 head_bucket": "500"}))
        assert found.state is State.UNKNOWN

    SECRET: ClassVar[dict[str, Any]] = {"aws_secretsmanager_secret": {"s": {"name": "shop/dev/key"}}}

    def test_a_secret_that_waits_to_be_deleted_is_told(self) -> None:
        there = {"SecretList": [{"Name": "shop/dev/key", "DeletedDate": datetime.now(UTC)}]}
        (said,) = problems("names.aws_secretsmanager_secret", self.SECRET, {"secretsmanager list_secrets": there})
        assert "aws secretsmanager restore-secret --region sa-east-1 --secret-id shop/dev/key" in said

    def test_a_secret_of_somebody_else_s_is_told_and_others_are_not(self) -> None:
        there = {"secretsmanager list_secrets": {"SecretList": [{"Name": "shop/dev/key"}, {"Name": "x"}]}}
        assert len(problems("names.aws_secretsmanager_secret", self.SECRET, there)) == 1
        own = frozenset({"shop/dev/key"})
        assert problems("names.aws_secretsmanager_secret", self.SECRET, there, state=own) == ()

    def test_a_secret_without_a_known_name_is_not_looked_for(self) -> None:
        stack = {"aws_secretsmanager_secret": {"s": {"name": "${x}"}}}
        assert problems("names.aws_secretsmanager_secret", stack, {"secretsmanager list_secrets": DENIED}) == ()


STATE = json.dumps(
    {
        "version": 4,
        "resources": [
            {"mode": "managed", "instances": [{"attributes": {"name": "own", "id": "i-1", "port": 80}}]},
            {"mode": "data", "instances": [{"attributes": {"name": "read"}}]},
        ],
    }
)


class TestOwnership:
    def test_texts_of_a_state_are_those_of_what_it_manages(self) -> None:
        assert texts(STATE) == frozenset({"own", "i-1"})
        assert texts("[]") == frozenset()

    def test_a_state_in_a_file_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "x.tfstate").write_text(STATE)
        (tmp_path / "stack").mkdir()
        local = site(template({}, terraform={"backend": {"local": {"path": "../x.tfstate"}}}))
        assert state_of(local, tmp_path / "stack", None) == frozenset({"own", "i-1"})

    @pytest.mark.parametrize("content", [None, "no state"])
    def test_a_file_that_is_not_there_or_no_state_proves_nothing(self, tmp_path: Path, content: str | None) -> None:
        if content:
            (tmp_path / "x.tfstate").write_text(content)
        local = site(template({}, terraform={"backend": {"local": {"path": "x.tfstate"}}}))
        assert state_of(local, tmp_path, None) is None

    def in_s3(self, answer: Any) -> frozenset[str] | None:
        stack = site(template({}, terraform=BACKEND))
        return state_of(stack, Path(), Account({"s3 get_object": lambda **_: answer}))

    def test_a_state_in_a_bucket_is_read(self) -> None:
        assert self.in_s3({"Body": io.BytesIO(STATE.encode())}) == frozenset({"own", "i-1"})

    def test_no_state_yet_means_that_nothing_is_the_stack_s(self) -> None:
        assert self.in_s3("NoSuchKey") == frozenset()

    def test_a_denied_state_proves_nothing(self) -> None:
        assert self.in_s3("AccessDenied") is None

    def test_a_template_that_says_nothing_of_its_state_proves_nothing(self) -> None:
        assert state_of(site({}), Path(), None) is None

    def test_whether_it_is_deployed_may_be_denied(self) -> None:
        with pytest.raises(Refused):
            Ownership(site({}, {"ec2 describe_vpcs": DENIED}), None).has("x")


class TestOutcome:
    SUBNETS: ClassVar[dict[str, Any]] = {"aws_subnet": {"one": {"availability_zone": "sa-east-1a"}}}

    def test_a_denied_question_is_not_known_and_names_the_permission(self) -> None:
        found = came("zones", situation(self.SUBNETS, {"ec2 describe_availability_zones": "UnauthorizedOperation"}))
        assert found.state is State.UNKNOWN
        assert found.refusal
        assert found.refusal.permission == "ec2:describe_availability_zones"

    def test_what_an_emulator_does_not_answer_needs_aws(self) -> None:
        given = situation(self.SUBNETS, {"ec2 describe_availability_zones": "InternalFailure"}, emulated=True)
        assert came("zones", given).state is State.NEEDS_AWS

    def test_an_answer_without_what_it_must_have_is_not_known(self) -> None:
        given = situation(self.SUBNETS, {"ec2 describe_availability_zones": {"AvailabilityZones": [{}]}})
        assert came("zones", given).state is State.UNKNOWN

    def test_what_was_found_before_an_answer_failed_is_told(self) -> None:
        buckets = {"aws_s3_bucket": {"a": {"bucket": "taken"}, "b": {"bucket": "broken"}}}
        answers = {"s3 head_bucket": lambda **given: {"taken": "403", "broken": "500"}[given["Bucket"]]}
        found = came("names.aws_s3_bucket", situation(buckets, answers))
        assert found.state is State.PROBLEM
        assert (len(found.problems), found.refusal is None) == (1, False)

    def test_names_and_sentences_are_different(self) -> None:
        assert len({each.name for each in PREREQUISITES}) == len(PREREQUISITES) == 46
        assert len({each.what for each in PREREQUISITES}) == len(PREREQUISITES)

    def test_what_does_not_apply_says_why(self) -> None:
        assert str(DoesNotApply("x")) == "x"
