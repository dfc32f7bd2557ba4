"""Plans: what Terraform's JSON says becomes what people read."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console

from lib.operations.plan import ABSENT, SENSITIVE, UNKNOWN, Action, Change, Plan, read_plan, show, show_changes
from tests.unit.operations.fake_terraform import plan_of, resource_change


def one(*arguments: Any, **options: Any) -> Change:
    (change,) = read_plan(plan_of(resource_change(*arguments, **options))).changes
    return change


def updated(before: Any, after: Any, **more: Any) -> list[tuple[str, str, str]]:
    """Path, before, after of each attribute that changes."""
    change = one("aws_x.y", ["update"], before, after, **more)
    return [(each.path, each.before, each.after) for each in change.attributes]


def shown(plan: Plan) -> str:
    console = Console(file=io.StringIO(), width=200, highlight=False)
    show(console, plan)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["create"], Action.CREATE),
        (["read"], Action.READ),
        (["update"], Action.UPDATE),
        (["delete"], Action.DELETE),
        (["delete", "create"], Action.REPLACE),
        (["create", "delete"], Action.REPLACE),
        (["create", "forget"], Action.REPLACE),
        (["forget"], Action.FORGET),
    ],
)
def test_what_becomes_of_an_object_is_one_word(actions: list[str], action: Action) -> None:
    assert one("aws_vpc.one", actions, {}, {}).action is action


def test_what_stays_as_it_is_is_no_change() -> None:
    assert read_plan(plan_of(resource_change("aws_vpc.one", ["no-op"], {}, {}))).changes == []


def test_losses_come_first() -> None:
    actions = {"c": ["create"], "u": ["update"], "d": ["delete"], "r": ["delete", "create"]}
    plan = read_plan(plan_of(*(resource_change(f"aws_x.{name}", each, {}, {}) for name, each in actions.items())))
    assert [change.address for change in plan.changes] == ["aws_x.r", "aws_x.d", "aws_x.u", "aws_x.c"]


def test_objects_are_counted_by_what_becomes_of_them_but_for_those_that_are_read() -> None:
    actions = [["create"], ["create"], ["read"], ["delete"]]
    plan = read_plan(plan_of(*(resource_change(f"aws_x.{n}", each, {}, {}) for n, each in enumerate(actions))))
    assert plan.counts() == {"delete": 1, "create": 2}


def test_changes_are_found_by_what_becomes_of_the_object() -> None:
    plan = read_plan(plan_of(resource_change("aws_x.a", ["delete"], {}), resource_change("aws_x.b", ["create"])))
    assert [change.address for change in plan.of(Action.DELETE, Action.REPLACE)] == ["aws_x.a"]


def test_a_changed_value_is_told_with_what_it_was() -> None:
    assert updated({"name": "a", "same": 1}, {"name": "b", "same": 1}) == [("name", '"a"', '"b"')]


def test_values_are_compared_within_blocks_and_maps() -> None:
    before = {"rule": [{"from_port": 80, "to_port": 80}], "tags": {"a": "1"}}
    after = {"rule": [{"from_port": 443, "to_port": 80}], "tags": {"a": "1", "b": "2"}}
    assert updated(before, after) == [("rule[0].from_port", "80", "443"), ("tags.b", ABSENT, '"2"')]


def test_json_in_a_text_is_compared_by_what_it_says() -> None:
    before, after = ({"text": json.dumps([{"image": image, "cpu": 1}])} for image in ("a:1", "a:2"))
    assert updated(before, after) == [("text[0].image", '"a:1"', '"a:2"')]


def test_json_that_says_the_same_is_no_change() -> None:
    assert updated({"text": '{"a": 1}'}, {"text": '{"a":1}'}) == []


def test_a_text_that_only_looks_like_json_is_compared_as_text() -> None:
    assert updated({"text": "[a"}, {"text": "[b"}) == [("text", '"[a"', '"[b"')]


def test_members_that_are_on_both_sides_of_a_list_are_left_out_wherever_they_stand() -> None:
    rules = [{"port": port} for port in (1, 2, 3)]
    assert updated({"rule": rules[:2]}, {"rule": [rules[2], *rules[:2]]}) == [("rule[0]", ABSENT, '{"port": 3}')]


def test_a_list_of_texts_is_one_value() -> None:
    assert updated({"cidrs": ["a", "b"]}, {"cidrs": ["b", "c"]}) == [("cidrs", '["a", "b"]', '["b", "c"]')]


def test_a_list_of_texts_that_stays_is_no_change() -> None:
    assert updated({"cidrs": ["a"]}, {"cidrs": ["a"]}) == []


@pytest.mark.parametrize("nothing", [None, [], {}])
def test_null_and_what_is_empty_are_the_same_nothing(nothing: object) -> None:
    assert updated({"tags": None}, {"tags": nothing}) == []


def test_what_nobody_knows_yet_is_said_to_be_so() -> None:
    assert updated({"arn": "a"}, {}, after_unknown={"arn": True}) == [("arn", '"a"', UNKNOWN)]


def test_what_nobody_knows_yet_within_a_block_is_said_to_be_so() -> None:
    told = updated({"rule": [{"id": "a"}]}, {"rule": [{}]}, after_unknown={"rule": [{"id": True}]})
    assert told == [("rule[0].id", '"a"', UNKNOWN)]


def test_a_block_of_which_nothing_is_known_yet_is_told() -> None:
    told = updated({"rule": [{"id": "a"}]}, {"rule": [{"id": "a"}]}, after_unknown={"rule": [False, True]})
    assert told == [("rule[1]", ABSENT, UNKNOWN)]


def test_a_text_in_a_list_that_nobody_knows_yet_is_told() -> None:
    assert updated({"ids": ["a"]}, {"ids": [None]}, after_unknown={"ids": [True]}) == [("ids[0]", '"a"', UNKNOWN)]


def test_a_sensitive_value_is_never_shown() -> None:
    told = updated(
        {"password": "a"}, {"password": "b"}, before_sensitive={"password": True}, after_sensitive={"password": True}
    )
    assert told == [("password", SENSITIVE, SENSITIVE)]


def test_a_sensitive_value_that_stays_is_no_change() -> None:
    assert updated({"password": "a"}, {"password": "a"}, before_sensitive={"password": True}) == []


def test_what_holds_a_sensitive_value_is_not_shown_as_a_whole() -> None:
    told = updated({"block": None}, {"block": [{"password": "a"}]}, after_sensitive={"block": [{"password": True}]})
    assert told == [("block", ABSENT, SENSITIVE)]


def test_members_of_what_is_sensitive_as_a_whole_are_not_shown() -> None:
    assert updated({"map": {"a": "1"}}, {"map": {"a": "2"}}, after_sensitive={"map": True}) == [
        ("map", SENSITIVE, SENSITIVE)
    ]


def test_tags_are_told_once() -> None:
    told = updated({"tags": {"a": "1"}, "tags_all": {"a": "1"}}, {"tags": {"a": "2"}, "tags_all": {"a": "2"}})
    assert told == [("tags.a", '"1"', '"2"')]


def test_tags_of_the_provider_are_told() -> None:
    assert updated({"tags_all": {"a": "1"}}, {"tags_all": {"a": "2"}}) == [("tags_all.a", '"1"', '"2"')]


def test_what_makes_a_new_object_necessary_is_marked() -> None:
    change = one("aws_x.y", ["delete", "create"], {"a": 1, "b": 1}, {"a": 2, "b": 2}, replace_paths=[["a"]])
    assert {each.path: each.replaces for each in change.attributes} == {"a": True, "b": False}


def test_of_a_new_object_what_only_aws_decides_is_left_out() -> None:
    unknown = {"arn": True, "vpc_id": True}
    before = {"arn": "a", "vpc_id": "b"}
    change = one("aws_x.y", ["delete", "create"], before, {}, after_unknown=unknown, replace_paths=[["vpc_id"]])
    assert [each.path for each in change.attributes] == ["vpc_id"]


def test_of_what_is_made_or_deleted_no_attributes_are_told() -> None:
    assert one("aws_x.y", ["create"], None, {"a": 1}).attributes == ()
    assert one("aws_x.y", ["delete"], {"a": 1}, None).attributes == ()


def test_what_is_deleted_is_known_as_it_is() -> None:
    assert one("aws_x.y", ["delete"], {"a": 1}, None).before == {"a": 1}


def test_why_is_told_in_words() -> None:
    change = one("aws_x.y", ["delete"], {}, None, _action_reason="delete_because_no_resource_config")
    assert change.reasons == ("the template does not hold it any more",)


def test_a_reason_that_is_not_known_is_told_as_terraform_does() -> None:
    assert one("aws_x.y", ["delete"], {}, None, _action_reason="delete_because_new").reasons == ("delete because new",)


def test_the_rest_of_a_replacement_has_an_address_of_its_own() -> None:
    assert one("aws_x.y", ["delete"], {}, None, _deposed="1a2b").address == "aws_x.y (deposed 1a2b)"


def test_outputs_that_change_are_named() -> None:
    outputs = {"url": {"actions": ["update"]}, "same": {"actions": ["no-op"]}}
    assert read_plan(plan_of(outputs=outputs)).outputs_changed == ["url"]


def test_what_was_changed_outside_is_told_apart() -> None:
    plan = read_plan(plan_of(drift=[resource_change("aws_x.y", ["update"], {"a": 1}, {"a": 2})]))
    assert [change.address for change in plan.drift] == ["aws_x.y"]
    assert plan.changes == []


def test_whether_there_is_anything_to_apply_terraform_says() -> None:
    assert read_plan(plan_of(applyable=True)).is_applicable
    assert not read_plan(plan_of(applyable=False)).is_applicable


def test_the_page_says_what_is_lost_before_what_comes() -> None:
    plan = read_plan(
        plan_of(
            resource_change("aws_subnet.a", ["create"]),
            resource_change("aws_subnet.b", ["create"]),
            resource_change("data.aws_x.read", ["read"]),
            resource_change("aws_vpc.old", ["delete"], {}, None, _action_reason="delete_because_count_index"),
            resource_change("aws_vpc.new", ["delete", "create"], {"a": "1"}, {"a": "2"}, replace_paths=[["a"]]),
            outputs={"url": {"actions": ["create"]}},
        ),
        warnings=["careful"],
    )
    assert shown(plan).splitlines() == [
        "-/+ replace aws_vpc.new",
        '        a: "1" → "2"  needs a new one'.ljust(200),
        "",
        "-   delete aws_vpc.old (the template counts fewer)",
        "",
        "+   create 2",
        "        2 aws_subnet: a, b".ljust(200),
        "",
        "warning: careful",
        "1 to replace, 1 to delete, 2 to create, 1 output to change: url",
    ]


def test_a_long_value_is_cut() -> None:
    plan = read_plan(plan_of(resource_change("aws_x.y", ["update"], {"a": "x" * 500}, {"a": "z"})))
    assert "x" * 118 + "…" in shown(plan).replace("\n        ", "").replace(" ", "")
    assert "x" * 120 not in shown(plan)


def test_many_outputs_are_counted() -> None:
    outputs = {f"output_{number}": {"actions": ["create"]} for number in range(9)}
    assert shown(read_plan(plan_of(outputs=outputs))) == "nothing to change, 9 outputs to change\n"


def test_an_empty_plan_says_so() -> None:
    assert shown(read_plan(plan_of())) == "nothing to change\n"


def test_drift_is_shown_with_its_attributes() -> None:
    console = Console(file=io.StringIO(), width=80, highlight=False)
    show_changes(console, read_plan(plan_of(drift=[resource_change("aws_x.y", ["update"], {"a": 1}, {"a": 2})])).drift)
    assert isinstance(console.file, io.StringIO)
    assert [line.rstrip() for line in console.file.getvalue().splitlines()] == [
        "~   update aws_x.y",
        "        a: 1 → 2",
        "",
    ]
