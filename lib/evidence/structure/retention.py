"""What is kept, for how long: nothing is moved after it is gone, nor from a cold place to a warmer one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from lib.evidence.reading import number, tables, text
from lib.evidence.template import Block, Template

_AWS = "https://docs.aws.amazon.com/"
_MOVES = f"{_AWS}AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"
_RULES = f"{_AWS}AmazonS3/latest/API/API_LifecycleRule.html"
_BACKUP = f"{_AWS}aws-backup/latest/devguide/API_Lifecycle.html"

CLASSES = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
"""The classes that objects may be moved to, each from those before it only."""

_COLD_DAYS = 90
"""Days that AWS Backup keeps what is in cold storage."""

_OF_CURRENT = ("transition", "days", "expiration.days")
_OF_OLD = ("noncurrent_version_transition", "noncurrent_days", "noncurrent_version_expiration.noncurrent_days")


def nothing_outlives_itself(template: Template) -> list[str]:
    """Objects move before they expire, from warm to cold, by rules with ids of their own; backups stay in cold storage
    for as long as they have to."""
    found = []
    for name, bucket in template.named("aws_s3_bucket_lifecycle_configuration").items():
        found += [f"aws_s3_bucket_lifecycle_configuration.{name}: {each}" for each in _wrong_rules(bucket)]
    for name, plan in template.named("aws_backup_plan").items():
        found += [f"aws_backup_plan.{name}: {each}" for each in _wrong_backups(plan)]
    return found


def _wrong_rules(configuration: Block) -> Iterator[str]:
    rules = tables(configuration, "rule")
    for rule_id, count in Counter(text(each, "id") for each in rules).items():
        if rule_id and count > 1:
            yield f"rule: {count} have the id {rule_id}, see {_RULES}"
    for rule in rules:
        for block, argument, expiry in (_OF_CURRENT, _OF_OLD):
            yield from (f"rule {text(rule, 'id')}: {each}" for each in _wrong_moves(rule, block, argument, expiry))


def _wrong_moves(rule: Block, block: str, argument: str, expiry: str) -> Iterator[str]:
    moves = [(number(each, argument), text(each, "storage_class")) for each in tables(rule, block)]
    ends = number(rule, expiry)
    for days, storage_class in moves:
        if days is not None and ends is not None and days >= ends:
            yield f"{block}.{argument} {days:g} to {storage_class} is not before {expiry} {ends:g}, see {_MOVES}"
    known = [(days, CLASSES.index(each)) for days, each in moves if days is not None and each in CLASSES]
    for (early, first), (late, second) in combinations(sorted(known), 2):
        if first >= second:
            yield (
                f"{block}.{argument} moves from {CLASSES[first]} at {early:g} to {CLASSES[second]} at {late:g}, which "
                f"is no colder, see {_MOVES}"
            )


def _wrong_backups(plan: Block) -> Iterator[str]:
    for rule in tables(plan, "rule"):
        cold, gone = number(rule, "lifecycle.cold_storage_after"), number(rule, "lifecycle.delete_after")
        if cold is not None and gone is not None and gone < cold + _COLD_DAYS:
            yield (
                f"rule {text(rule, 'rule_name')}: lifecycle.delete_after {gone:g} is less than {_COLD_DAYS} days after "
                f"cold_storage_after {cold:g}, see {_BACKUP}"
            )
