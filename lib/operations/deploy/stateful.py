"""What keeps data, or an address that others rely on: a plan that takes such a thing away needs more than a yes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lib.operations.ending import FOUND, UNUSABLE, Stop
from lib.operations.plan import Action, Change, Plan
from lib.settings import Settings

STATEFUL = {
    "aws_cloudwatch_log_group": "its log events go",
    "aws_db_instance": "the database goes",
    "aws_dynamodb_table": "its items go",
    "aws_efs_file_system": "its files go",
    "aws_eip": "its address goes, which others may have let in",
    "aws_elasticache_replication_group": "what is cached goes, sessions too",
    "aws_elasticache_serverless_cache": "what is cached goes, sessions too",
    "aws_kms_key": "nothing that is encrypted under it can be read any more, backups neither",
    "aws_rds_cluster": "the database goes",
    "aws_s3_bucket": "its objects go, old versions too",
    "aws_secretsmanager_secret": "its values go, those that were put in by hand too",
    "aws_sqs_queue": "messages in it go, which nobody has looked at",
}
"""Type -> what is lost with one that is destroyed."""

_PROTECTION = {
    "aws_db_instance": ("deletion_protection", True),
    "aws_dynamodb_table": ("deletion_protection_enabled", True),
    "aws_lb": ("enable_deletion_protection", True),
    "aws_rds_cluster": ("deletion_protection", True),
}
"""Type -> the argument, and its value, with which AWS refuses to delete it."""

_GOING = (Action.REPLACE, Action.DELETE)


def keeps_data(settings: Settings) -> bool:
    """Whether an environment's data outlive a mistake."""
    return settings.tier == "prod" or settings.removal.keep_data


def refuse_loss(plan: Plan, settings: Settings, allowed: Sequence[str]) -> None:
    """Stops before a plan that destroys what keeps data, unless all of that is allowed by address; and for an address
    that the plan does not destroy, in any environment: who names it expects another plan."""
    going = plan.of(*_GOING)
    if unknown := [each for each in allowed if each not in {change.address for change in going}]:
        raise Stop(
            "\n".join(f"--allow-replace {each}: the plan neither replaces nor deletes it" for each in unknown), UNUSABLE
        )
    lost = [change for change in stateful(going) if change.address not in allowed]
    if lost and keeps_data(settings):
        raise Stop(_refusal(settings, lost, allowed), FOUND)


def stateful(changes: Iterable[Change]) -> list[Change]:
    """Those of them that lose something."""
    return [change for change in changes if change.type in STATEFUL and change.action in _GOING]


def protected(changes: Iterable[Change]) -> Iterator[str]:
    """What AWS will refuse to delete, in words, as things are now."""
    for change in changes:
        argument, value = _PROTECTION.get(change.type, ("", None))
        if change.action in _GOING and argument and change.before.get(argument) == value:
            yield f"{change.address}: AWS refuses to delete it, {argument} is on"


def _refusal(settings: Settings, lost: Sequence[Change], allowed: Sequence[str]) -> str:
    lines = [f"{settings.name} {settings.suffix} keeps its data, and this plan takes some of it away:"]
    for change in lost:
        lines.append(f"  {change.address} is {change.action}d: {STATEFUL[change.type]}")
        causes = [each for each in change.attributes if each.replaces]
        lines += [f"    because of {each.path}: {each.before} → {each.after}" for each in causes]
    options = " ".join(f"--allow-replace '{each}'" for each in [*allowed, *(change.address for change in lost)])
    lines += [f"  {each}" for each in protected(lost)]
    lines += ["Nothing was changed. If it is what you want, save what you need of it, and name each:", f"  {options}"]
    return "\n".join(lines)
