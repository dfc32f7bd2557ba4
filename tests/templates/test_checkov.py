"""checkov on every blueprint in every tier, and on templates with defects that it has to find: all in one run of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest

from lib.evidence import accepted, checkov
from lib.evidence.accepted import Accepted
from lib.evidence.finding import Finding
from tests.sharing import once
from tests.synthesis import ALL, synthesized
from tests.template import Template
from tests.templates.defects.seeding import first, remove

OURS = {f"{blueprint}-{tier}": (blueprint, tier) for blueprint, tier in ALL}
BROKEN = "{} with defects"
LISTED = accepted.load()
EVERYWHERE = "0.0.0.0/0"

Seed = Callable[[Template], str]
"""Breaks a template, and tells the kind of the resource that the finding is about."""


class Defect(NamedTuple):
    """What is seeded into a blueprint's template of a tier, and the policy that finds it."""

    policy: str
    blueprint: str
    seed: Seed


def open_ssh(template: Template) -> str:
    rule = first(template, "aws_vpc_security_group_ingress_rule", from_port=5432)
    rule |= {"from_port": 22, "to_port": 22, "cidr_ipv4": EVERYWHERE}
    del rule["referenced_security_group_id"]
    return "aws_vpc_security_group_ingress_rule"


def open_remote_desktop_in_the_group_itself(template: Template) -> str:
    """With the explicit nulls that CDKTF writes into such rules."""
    rule = {"from_port": 3389, "to_port": 3389, "protocol": "tcp", "cidr_blocks": [EVERYWHERE], "self": None}
    first(template, "aws_security_group")["ingress"] = [rule | {"prefix_list_ids": None, "security_groups": None}]
    return "aws_security_group"


def unencrypted_volume(template: Template) -> str:
    volume = {"availability_zone": "sa-east-1a", "size": 10, "encrypted": False}
    template.document["resource"]["aws_ebs_volume"] = {"data": volume}
    return "aws_ebs_volume"


def unencrypted_files(template: Template) -> str:
    first(template, "aws_efs_file_system")["encrypted"] = False
    return "aws_efs_file_system"


def public_bucket(template: Template) -> str:
    first(template, "aws_s3_bucket_public_access_block")["block_public_acls"] = False
    return "aws_s3_bucket_public_access_block"


def bucket_without_a_block(template: Template) -> str:
    remove(template, "aws_s3_bucket_public_access_block", template.all("aws_s3_bucket_public_access_block")[-1])
    return "aws_s3_bucket"


def plain_listener(template: Template) -> str:
    listener = first(template, "aws_lb_listener", port=443)
    listener["protocol"] = "HTTP"
    return "aws_lb_listener"


def key_without_rotation(template: Template) -> str:
    first(template, "aws_kms_key")["enable_key_rotation"] = False
    return "aws_kms_key"


def metadata_without_a_session(template: Template) -> str:
    first(template, "aws_launch_template")["metadata_options"]["http_tokens"] = "optional"
    return "aws_launch_template"


def permission_for_everything(template: Template) -> str:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    first(template, "aws_iam_role_policy")["policy"] = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return "aws_iam_role_policy"


def public_database(template: Template) -> str:
    first(template, "aws_db_instance")["publicly_accessible"] = True
    return "aws_db_instance"


def unencrypted_database(template: Template) -> str:
    first(template, "aws_db_instance")["storage_encrypted"] = False
    return "aws_db_instance"


def table_without_a_way_back(template: Template) -> str:
    first(template, "aws_dynamodb_table")["point_in_time_recovery"]["enabled"] = False
    return "aws_dynamodb_table"


def queue_in_the_clear(template: Template) -> str:
    del first(template, "aws_sqs_queue")["kms_master_key_id"]
    return "aws_sqs_queue"


def cdn_over_plain_http(template: Template) -> str:
    first(template, "aws_cloudfront_distribution")["default_cache_behavior"]["viewer_protocol_policy"] = "allow-all"
    return "aws_cloudfront_distribution"


def lost_firewall(template: Template) -> str:
    del template.document["resource"]["aws_wafv2_web_acl_association"]
    return "aws_lb"


def lost_flow_log(template: Template) -> str:
    del template.document["resource"]["aws_flow_log"]
    return "aws_vpc"


def logs_under_no_key(template: Template) -> str:
    del first(template, "aws_cloudwatch_log_group")["kms_key_id"]
    return "aws_cloudwatch_log_group"


DEFECTS = (
    Defect("CKV_AWS_24", "fleet", open_ssh),
    Defect("CKV_AWS_25", "fleet", open_remote_desktop_in_the_group_itself),
    Defect("CKV_AWS_3", "fleet", unencrypted_volume),
    Defect("CKV_AWS_42", "lms", unencrypted_files),
    Defect("CKV_AWS_53", "fleet", public_bucket),
    Defect("CKV2_AWS_6", "fleet", bucket_without_a_block),
    Defect("CKV_AWS_2", "fleet", plain_listener),
    Defect("CKV_AWS_7", "fleet", key_without_rotation),
    Defect("CKV_AWS_79", "fleet", metadata_without_a_session),
    Defect("CKV_AWS_63", "fleet", permission_for_everything),
    Defect("CKV_AWS_17", "fleet", public_database),
    Defect("CKV_AWS_16", "fleet", unencrypted_database),
    Defect("CKV_AWS_28", "transactions", table_without_a_way_back),
    Defect("CKV_AWS_27", "transactions", queue_in_the_clear),
    Defect("CKV_AWS_34", "transactions", cdn_over_plain_http),
    Defect("CKV2_AWS_28", "lms", lost_firewall),
    Defect("CKV2_AWS_11", "lms", lost_flow_log),
    Defect("CKV_AWS_158", "lms", logs_under_no_key),
)


class Judged(NamedTuple):
    """All templates, and all that checkov says of them."""

    templates: Mapping[str, Template]
    found: Mapping[str, list[Finding]]
    broken_at: Mapping[Defect, str]
    """The kind of resource that each defect is found at."""

    def of(self, name: str) -> list[Finding]:
        """What is found in a template and not accepted."""
        return accepted.unlisted(self.templates, {name: self.found[name]}, LISTED)[name]

    @property
    def ours(self) -> dict[str, list[Finding]]:
        return {name: self.found[name] for name in OURS}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    templates: dict[str, Template] = {name: synthesized(*which) for name, which in OURS.items()}
    broken_at = {}
    for defect in DEFECTS:
        name = BROKEN.format(defect.blueprint)
        if name not in templates:
            templates[name] = Template(copy.deepcopy(synthesized(defect.blueprint, "prod").document))
        broken_at[defect] = defect.seed(templates[name])
    found = once(tmp_path_factory, "checkov", lambda: checkov.everything(templates))
    return Judged(templates, found, broken_at)


@pytest.mark.parametrize("name", OURS)
def test_nothing_is_found_that_is_not_accepted(judged: Judged, name: str) -> None:
    assert [f"{each.check} {each}" for each in judged.of(name)] == []


def test_nothing_is_accepted_that_is_not_found(judged: Judged) -> None:
    assert accepted.stale(judged.templates, judged.ours, LISTED) == []


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: f"{entry.check}-{'-'.join(entry.tiers or ())}")
def test_without_an_entry_something_is_found(judged: Judged, entry: Accepted) -> None:
    others = [each for each in LISTED if each is not entry]
    found = accepted.unlisted(judged.templates, judged.ours, others)
    assert {each.check for findings in found.values() for each in findings} == {entry.check}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.seed.__name__)
class TestDefect:
    def test_is_found_by_its_policy(self, judged: Judged, defect: Defect) -> None:
        found = [each for each in judged.of(BROKEN.format(defect.blueprint)) if each.check == defect.policy]
        assert {each.resource.partition(".")[0] for each in found} == {judged.broken_at[defect]}

    def test_is_not_found_where_it_is_not(self, judged: Judged, defect: Defect) -> None:
        assert [each for each in judged.of(f"{defect.blueprint}-prod") if each.check == defect.policy] == []
