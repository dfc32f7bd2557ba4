"""What keeps data: named with what is lost, and not taken away unless it is allowed by its address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lib.operations.deploy.stateful import STATEFUL, keeps_data, protected, refuse_loss
from lib.operations.ending import FOUND, UNUSABLE, Stop
from lib.operations.plan import Plan, read_plan
from lib.settings import Settings, load
from tests.unit.operations.fake_terraform import plan_of, resource_change

_REPLACED = resource_change(
    "aws_db_instance.one", ["delete", "create"], {"engine": "a"}, {"engine": "b"}, replace_paths=[["engine"]]
)
_DELETED = resource_change("aws_s3_bucket.two", ["delete"], {})
_HARMLESS = resource_change("aws_security_group.three", ["delete", "create"], {}, {})


def settings(suffix: str = "prod", **overrides: Any) -> Settings:
    return load(suffix, environ={"TAP_BLUEPRINT": "catalog"}, overrides=overrides)


def plan(*changes: Any) -> Plan:
    return read_plan(plan_of(*changes))


def refusal(*changes: Any, allowed: tuple[str, ...] = (), of: Settings | None = None) -> Stop:
    with pytest.raises(Stop) as stop:
        refuse_loss(plan(*changes), of or settings(), allowed)
    return stop.value


def test_a_production_keeps_its_data_whatever_its_settings_say() -> None:
    assert keeps_data(settings("prod", removal={"keep_data": False}))


def test_another_environment_keeps_them_if_its_settings_say_so() -> None:
    assert keeps_data(settings("dev", removal={"keep_data": True}))
    assert not keeps_data(settings("dev"))


def test_what_would_be_lost_is_told_with_why_and_what_to_type() -> None:
    stop = refusal(_REPLACED, _DELETED, _HARMLESS)
    assert stop.code == FOUND
    assert str(stop).splitlines() == [
        "catalog prod keeps its data, and this plan takes some of it away:",
        "  aws_db_instance.one is replaced: the database goes",
        '    because of engine: "a" → "b"',
        "  aws_s3_bucket.two is deleted: its objects go, old versions too",
        "Nothing was changed. If it is what you want, save what you need of it, and name each:",
        "  --allow-replace 'aws_db_instance.one' --allow-replace 'aws_s3_bucket.two'",
    ]


def test_what_is_allowed_already_stays_in_what_to_type() -> None:
    stop = refusal(_REPLACED, _DELETED, allowed=("aws_s3_bucket.two",))
    assert str(stop).endswith("\n  --allow-replace 'aws_s3_bucket.two' --allow-replace 'aws_db_instance.one'")


def test_what_aws_would_refuse_on_top_is_told() -> None:
    kept = resource_change("aws_rds_cluster.one", ["delete"], {"deletion_protection": True})
    assert "  aws_rds_cluster.one: AWS refuses to delete it, deletion_protection is on" in str(refusal(kept))


def test_what_is_allowed_by_name_goes_ahead() -> None:
    refuse_loss(plan(_REPLACED, _DELETED), settings(), ["aws_db_instance.one", "aws_s3_bucket.two"])


def test_where_no_data_are_kept_nothing_has_to_be_named() -> None:
    refuse_loss(plan(_REPLACED), settings("dev"), [])


def test_what_holds_no_data_goes_without_a_word() -> None:
    refuse_loss(plan(_HARMLESS, resource_change("aws_db_instance.one", ["update"], {}, {})), settings(), [])


@pytest.mark.parametrize("suffix", ["dev", "prod"])
def test_an_address_that_the_plan_leaves_alone_is_an_error(suffix: str) -> None:
    stop = refusal(_HARMLESS, allowed=("aws_db_instance.on", "aws_vpc.x"), of=settings(suffix))
    assert stop.code == UNUSABLE
    assert str(stop).splitlines() == [
        "--allow-replace aws_db_instance.on: the plan neither replaces nor deletes it",
        "--allow-replace aws_vpc.x: the plan neither replaces nor deletes it",
    ]


@pytest.mark.parametrize(
    ("type", "argument"),
    [
        ("aws_db_instance", "deletion_protection"),
        ("aws_dynamodb_table", "deletion_protection_enabled"),
        ("aws_lb", "enable_deletion_protection"),
        ("aws_rds_cluster", "deletion_protection"),
    ],
)
def test_what_is_protected_is_known_beforehand(type: str, argument: str) -> None:
    on, off = (resource_change(f"{type}.x", ["delete"], {argument: value}) for value in (True, False))
    updated = resource_change(f"{type}.x", ["update"], {argument: True}, {argument: False})
    assert list(protected(plan(on).changes)) == [f"{type}.x: AWS refuses to delete it, {argument} is on"]
    assert list(protected(plan(off, updated).changes)) == []


@pytest.mark.parametrize("type", sorted(STATEFUL))
def test_each_type_of_the_table_is_one_that_a_blueprint_has(type: str, root: Path) -> None:
    templates = (root / "tests" / "golden").glob("*-prod.json")
    assert any(type in json.loads(template.read_text())["resource"] for template in templates)
