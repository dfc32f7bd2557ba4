"""Tags: what the provider's default tags do not reach has them all the same, and AWS takes each of them."""

from __future__ import annotations

from collections.abc import Iterator

from lib.evidence.reading import default_tags, is_set, resources, tables, text, text_table
from lib.evidence.template import Template

_LONGEST_KEY, _LONGEST_VALUE, _MOST = 128, 256, 50
"""https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""

_OWN = "Name"
"""What a resource that has it says for itself."""

TAGGED_AT_LAUNCH = ("volume", "network-interface")
"""By the launch template; the instances themselves by their group.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html"""


def tags_are_taken(template: Template) -> list[str]:
    """AWS takes each tag: no two keys differ by case only, which IAM refuses, and there are no more than it takes."""
    tags = default_tags(template)
    found = [f"the provider: {problem}" for problem in _refused(tags)]
    for _, address, block in resources(template):
        if own := text_table(block, "tags"):
            found += [f"{address}: {problem}" for problem in _refused({**tags, **own})]
    return found


def tags_reach_everything(template: Template) -> list[str]:
    """Instances, their disks and network interfaces, tasks and snapshots carry the default tags."""
    return [*_untagged_instances(template, default_tags(template)), *_untagged_copies(template)]


def _refused(tags: dict[str, str]) -> Iterator[str]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating"""
    by_key: dict[str, str] = {}
    for key, value in tags.items():
        if (other := by_key.setdefault(key.lower(), key)) != key:
            yield f"tags {other} and {key} are one to IAM"
        if not 0 < len(key) <= _LONGEST_KEY or len(value) > _LONGEST_VALUE or key.lower().startswith("aws:"):
            yield f"AWS takes no tag {key} = {value}"
    if len(tags) > _MOST:
        yield f"has {len(tags)} tags"


def _untagged_instances(template: Template, tags: dict[str, str]) -> Iterator[str]:
    for name, group in template.named("aws_autoscaling_group").items():
        handed_on = {
            text(each, "key"): text(each, "value")
            for each in tables(group, "tag")
            if is_set(each, "propagate_at_launch")
        }
        for key in sorted(key for key in tags if handed_on.get(key) != tags[key] and key != _OWN):
            yield f"aws_autoscaling_group.{name}: its instances have no tag {key}"
    for name, launched in template.named("aws_launch_template").items():
        by_kind = {
            text(each, "resource_type"): text_table(each, "tags") for each in tables(launched, "tag_specifications")
        }
        for kind in TAGGED_AT_LAUNCH:
            for key in sorted(tags.keys() - by_kind.get(kind, {}).keys()):
                yield f"aws_launch_template.{name}: {kind} has no tag {key}"


def _untagged_copies(template: Template) -> Iterator[str]:
    for name, service in template.named("aws_ecs_service").items():
        if service.get("propagate_tags") not in ("SERVICE", "TASK_DEFINITION"):
            yield f"aws_ecs_service.{name}: its tasks have no tags"
    for kind in ("aws_db_instance", "aws_rds_cluster"):
        for name, database in template.named(kind).items():
            if not is_set(database, "copy_tags_to_snapshot"):
                yield f"{kind}.{name}: its snapshots have no tags"
