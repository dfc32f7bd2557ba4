"""`make destroy`: what it refuses, what it does, and what it leaves or removes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lib.operations.deploy import destruction
from lib.operations.deploy.destruction import destroy, destroyed
from lib.operations.ending import FOUND, INTERRUPTED, OK, UNUSABLE, Stop
from tests.unit.operations.deploy.conftest import Bench, bench_of
from tests.unit.operations.fake_terraform import resource_change
from tests.unit.operations.on_aws import on_aws

_GROUP = resource_change("aws_cloudwatch_log_group.one", ["delete"], {"name": "/catalog/dev/api/application"})
_BUCKET = {"bucket": "catalog-prod-data", "force_destroy": False}


@pytest.fixture(autouse=True)
def _right(bench: Bench) -> None:
    bench.plans(_GROUP)
    bench.aws.says("logs describe_log_groups", {"logGroups": []})


@pytest.fixture
def kept(tmp_path: Path) -> Bench:
    """A production."""
    bench = bench_of(tmp_path / "prod", suffix="prod")
    bench.plans(_GROUP)
    bench.aws.says("logs describe_log_groups", {"logGroups": [{"logGroupName": "/catalog/dev/api/application"}]})
    return bench


def run(bench: Bench, **options: Any) -> int:
    given: dict[str, Any] = {"yes": True, "destroy_data": None} | options
    return destroyed(bench.stack, bench.around, **given)


def stopped(bench: Bench, **options: Any) -> Stop:
    with pytest.raises(Stop) as stop:
        run(bench, **options)
    return stop.value


def test_what_was_shown_is_destroyed_and_nothing_is_left(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(bench) == OK
    assert bench.words == ["init", "plan", "apply"]
    assert any(call.endswith(" -destroy") for call in bench.terraform.calls)
    assert capsys.readouterr().out.endswith("1 to delete\nnothing is left\n")


def test_where_there_is_nothing_any_more_only_what_is_left_is_looked_for(bench: Bench) -> None:
    bench.plans()
    assert run(bench) == OK
    assert "apply" not in bench.words


def test_a_log_group_that_came_again_is_removed_and_named(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.aws.says("logs describe_log_groups", {"logGroups": [{"logGroupName": "/catalog/dev/api/application"}]})
    bench.aws.says("logs delete_log_group", {})
    assert run(bench) == OK
    assert bench.aws.of("logs delete_log_group") == [{"logGroupName": "/catalog/dev/api/application"}]
    assert "removed: /catalog/dev/api/application: log group" in capsys.readouterr().out


def test_what_may_not_be_removed_is_named_and_ends_with_1(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.aws.says("logs describe_log_groups", {"logGroups": [{"logGroupName": "/catalog/dev/api/application"}]})
    bench.aws.says("logs delete_log_group", "AccessDeniedException")
    assert run(bench) == FOUND
    assert "is left: /catalog/dev/api/application: " in capsys.readouterr().out


def test_what_only_time_removes_stays_and_is_named(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.plans(resource_change("aws_efs_backup_policy.one", ["delete"], {"file_system_id": "fs-1"} | _BACKUPS))
    assert run(bench) == OK
    assert "stays: fs-1: daily backups" in capsys.readouterr().out


_BACKUPS = {"backup_policy": [{"status": "ENABLED"}]}


def test_the_outputs_of_what_is_gone_go_too(bench: Bench) -> None:
    outputs = on_aws("catalog").outputs
    bench.stack.outputs_file.write_text(json.dumps({"TapStackdev": outputs}))
    run(bench)
    assert not bench.stack.outputs_file.exists()


@pytest.mark.parametrize("change", [{"environment_suffix": "dev-2"}, {"project": "shop"}])
def test_the_outputs_of_anything_else_stay(change: dict[str, str], bench: Bench) -> None:
    bench.stack.outputs_file.write_text(json.dumps({"TapStackdev": on_aws("catalog").outputs | change}))
    run(bench)
    assert bench.stack.outputs_file.exists()


# ---- data that are kept


def test_data_that_are_kept_need_their_environments_name(kept: Bench) -> None:
    stop = stopped(kept)
    assert (stop.code, str(stop)) == (
        UNUSABLE,
        "catalog-prod keeps its data. To destroy it with all of them: --destroy-data catalog-prod",
    )
    assert kept.words == []


@pytest.mark.parametrize("name", ["catalog-dev", "catalog", "CATALOG-PROD", ""])
def test_another_name_is_refused(name: str, kept: Bench) -> None:
    stop = stopped(kept, destroy_data=name)
    assert (stop.code, str(stop)) == (UNUSABLE, f"--destroy-data {name}: this is catalog-prod")


def test_a_name_that_was_meant_for_another_environment_is_refused_anywhere(bench: Bench) -> None:
    assert stopped(bench, destroy_data="catalog-prod").code == UNUSABLE


def test_with_the_name_it_goes_and_what_holds_data_stays(kept: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(kept, destroy_data="catalog-prod") == OK
    assert "stays: /catalog/dev/api/application: log group" in capsys.readouterr().out
    assert kept.aws.of("logs delete_log_group") == []


def test_what_is_protected_is_told_before_anything_is_gone(kept: Bench) -> None:
    kept.plans(_GROUP, resource_change("aws_db_instance.one", ["delete"], {"deletion_protection": True}))
    stop = stopped(kept, destroy_data="catalog-prod")
    assert "aws_db_instance.one: AWS refuses to delete it, deletion_protection is on" in str(stop)
    assert "apply" not in kept.words


@pytest.mark.parametrize("content", [{"Versions": [{"Key": "a"}]}, {"DeleteMarkers": [{"Key": "a"}]}])
def test_a_bucket_that_goes_only_empty_and_is_not_is_told_before_anything_is_gone(
    content: dict[str, Any], kept: Bench
) -> None:
    kept.plans(_GROUP, resource_change("aws_s3_bucket.one", ["delete"], _BUCKET))
    kept.aws.says("s3 list_object_versions", content)
    stop = stopped(kept, destroy_data="catalog-prod")
    assert stop.code == FOUND
    assert str(stop).startswith("aws_s3_bucket.one: the bucket catalog-prod-data is not empty")
    assert "apply" not in kept.words


def test_an_empty_bucket_goes(kept: Bench) -> None:
    kept.plans(_GROUP, resource_change("aws_s3_bucket.one", ["delete"], _BUCKET))
    kept.aws.says("s3 list_object_versions", {})
    assert run(kept, destroy_data="catalog-prod") == OK


def test_a_bucket_that_goes_with_its_objects_is_not_looked_into(bench: Bench) -> None:
    bench.plans(resource_change("aws_s3_bucket.one", ["delete"], _BUCKET | {"force_destroy": True}))
    assert run(bench) == OK
    assert bench.aws.of("s3 list_object_versions") == []


# ---- a destroy that fails


def test_a_destroy_that_fails_says_how_to_go_on(bench: Bench) -> None:
    bench.fails(("deleting VPC", "DependencyViolation", "aws_vpc.one"))
    stop = stopped(bench)
    assert (stop.code, "make destroy   goes on from here" in str(stop)) == (FOUND, True)


def test_a_destroy_that_is_interrupted_ends_with_130(bench: Bench) -> None:
    bench.terraform.interrupts("apply")
    assert stopped(bench).code == INTERRUPTED


# ---- the word


def test_the_word_destroys_the_chosen_stack(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destruction, "chosen_stack", lambda: bench.stack)
    monkeypatch.setattr(destruction, "AROUND", bench.around)
    assert destroy(yes=True) == OK
