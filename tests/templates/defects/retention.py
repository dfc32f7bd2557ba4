"""Templates in which something is to be kept after it is gone."""

from __future__ import annotations

from typing import Any

from lib.evidence.structure import retention as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, first

_KIND = "aws_s3_bucket_lifecycle_configuration"


def rule(template: Template) -> dict[str, Any]:
    (found,) = first(template, _KIND)["rule"]
    assert isinstance(found, dict)
    return found


@breaks(checks.nothing_outlives_itself, "transition.days 90 to STANDARD_IA is not before expiration.days 90")
def objects_move_on_the_day_that_they_expire(template: Template) -> None:
    rule(template)["expiration"] = [{"days": 90}]
    rule(template)["transition"] = [{"days": 90, "storage_class": "STANDARD_IA"}]


@breaks(checks.nothing_outlives_itself, "noncurrent_version_transition.noncurrent_days 60 to GLACIER is not before")
def old_versions_move_after_they_expired(template: Template) -> None:
    rule(template)["noncurrent_version_expiration"] = [{"noncurrent_days": 30}]
    rule(template)["noncurrent_version_transition"] = [{"noncurrent_days": 60, "storage_class": "GLACIER"}]


@breaks(checks.nothing_outlives_itself, "moves from GLACIER at 30 to STANDARD_IA at 60, which is no colder")
def objects_move_from_cold_to_warm(template: Template) -> None:
    rule(template)["expiration"] = [{"days": 90}]
    moves = [{"days": 60, "storage_class": "STANDARD_IA"}, {"days": 30, "storage_class": "GLACIER"}]
    rule(template)["transition"] = moves


@breaks(checks.nothing_outlives_itself, "rule: 2 have the id expiry")
def two_rules_have_one_id(template: Template) -> None:
    first(template, _KIND)["rule"] *= 2


@breaks(checks.nothing_outlives_itself, "lifecycle.delete_after 60 is less than 90 days after cold_storage_after 30")
def a_backup_is_not_in_the_cold_for_long_enough(template: Template) -> None:
    lifecycle = {"cold_storage_after": 30, "delete_after": 60}
    plan = {"rule": {"rule_name": "daily", "lifecycle": lifecycle}}
    template.document["resource"]["aws_backup_plan"] = {"daily": plan}
