"""Templates in which something goes without its tags, or with some that AWS refuses."""

from __future__ import annotations

from lib.evidence.reading import at, provider
from lib.evidence.structure import tags as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks


@breaks(checks.tags_are_taken, "tags Environment and environment are one to IAM")
def two_keys_differ_by_case_only(template: Template) -> None:
    at(provider(template), "default_tags.tags")["environment"] = "prod"


@breaks(checks.tags_are_taken, "tags name and Name are one to IAM")
def a_default_tag_differs_by_case_from_one_of_a_resource(template: Template) -> None:
    at(provider(template), "default_tags.tags")["name"] = "catalog"


@breaks(checks.tags_are_taken, "has 55 tags")
def there_are_more_tags_than_aws_takes(template: Template) -> None:
    at(provider(template), "default_tags.tags").update({f"Tag{number}": "x" for number in range(49)})


@breaks(checks.tags_are_taken, "AWS takes no tag aws:owner = catalog")
def a_key_is_one_of_aws_s_own(template: Template) -> None:
    at(provider(template), "default_tags.tags")["aws:owner"] = "catalog"


@breaks(checks.tags_are_taken, "AWS takes no tag kkk")
def a_key_is_too_long(template: Template) -> None:
    template.only("aws_vpc")["tags"]["k" * 129] = "x"


@breaks(checks.tags_are_taken, "AWS takes no tag Purpose = ppp")
def a_value_is_too_long(template: Template) -> None:
    template.only("aws_vpc")["tags"]["Purpose"] = "p" * 257


@breaks(checks.tags_reach_everything, "its instances have no tag Team", "fleet-prod")
def a_tag_stays_with_the_group(template: Template) -> None:
    group = template.only("aws_autoscaling_group")
    next(each for each in group["tag"] if each["key"] == "Team")["propagate_at_launch"] = False


@breaks(checks.tags_reach_everything, "its instances have no tag Environment", "fleet-prod")
def a_tag_of_the_group_says_something_else(template: Template) -> None:
    group = template.only("aws_autoscaling_group")
    next(each for each in group["tag"] if each["key"] == "Environment")["value"] = "dev"


@breaks(checks.tags_reach_everything, "volume has no tag Project", "fleet-prod")
def a_disk_lacks_a_tag(template: Template) -> None:
    specifications = template.only("aws_launch_template")["tag_specifications"]
    del next(each for each in specifications if each["resource_type"] == "volume")["tags"]["Project"]


@breaks(checks.tags_reach_everything, "network-interface has no tag Environment", "fleet-prod")
def network_interfaces_have_no_tags(template: Template) -> None:
    template.only("aws_launch_template")["tag_specifications"].pop()


@breaks(checks.tags_reach_everything, "its tasks have no tags")
def tasks_have_no_tags(template: Template) -> None:
    del template.only("aws_ecs_service")["propagate_tags"]


@breaks(checks.tags_reach_everything, "its snapshots have no tags", "transactions-prod")
def snapshots_have_no_tags(template: Template) -> None:
    template.only("aws_rds_cluster")["copy_tags_to_snapshot"] = False
