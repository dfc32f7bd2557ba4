"""What a plan says of a resource that Terraform cannot know by itself."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from localaws.provider.block import Attribute, Block, NestedBlock
from localaws.provider.handmade import block, one_of
from localaws.provider.planning import Plan, Settings, plan_create, plan_update, unconfigurable
from localaws.provider.replacement import ARGUMENTS, forces_replacement
from localaws.provider.values import UNKNOWN, Object, Value
from tests.localaws.provider.samples import THING, THING_BLOCK, made, thing

SETTINGS = Settings("us-east-1", {"Project": "demo", "Team": "one"})
PLAIN = Settings("us-east-1")


def created(config: Object, settings: Settings = PLAIN) -> Object:
    return plan_create(THING_BLOCK, config, config, settings)


def updated(prior: Object, proposed: Object, config: Object, kind: str = THING, renews: Collection[str] = ()) -> Plan:
    return plan_update(
        kind,
        THING_BLOCK,
        prior=prior,
        proposed=proposed,
        config=config,
        settings=PLAIN,
        renewed=lambda changed: renews if changed else (),
    )


@pytest.mark.parametrize("name", ["id", "arn", "note"])
def test_what_is_computed_and_not_set_is_unknown_on_create(name: str) -> None:
    assert created(thing(name="one"))[name] is UNKNOWN


def test_what_is_optional_and_not_set_stays_null_on_create() -> None:
    assert created(thing(name="one"))["size"] is None


def test_what_is_computed_and_set_keeps_its_value_on_create() -> None:
    assert created(thing(name="one", note="mine"))["note"] == "mine"


def test_what_is_computed_inside_a_nested_block_is_unknown_on_create() -> None:
    planned = created(thing(name="one", step=[{"title": "first", "step_id": None}]))
    assert planned["step"] == [{"title": "first", "step_id": UNKNOWN}]


def test_a_block_that_is_not_known_yet_stays_unknown() -> None:
    assert created(thing(name="one", step=UNKNOWN))["step"] is UNKNOWN


def test_all_tags_are_the_default_ones_and_the_resources_own() -> None:
    planned = created(thing(name="one", tags={"Owner": "me"}), SETTINGS)
    assert planned["tags_all"] == {"Project": "demo", "Team": "one", "Owner": "me"}


def test_a_tag_of_the_resource_wins_over_a_default_one() -> None:
    planned = created(thing(name="one", tags={"Team": "two"}), SETTINGS)
    assert planned["tags_all"] == {"Project": "demo", "Team": "two"}


def test_a_tag_without_a_value_is_none() -> None:
    assert created(thing(name="one", tags={"Owner": None}), SETTINGS)["tags_all"] == {"Project": "demo", "Team": "one"}


def test_all_tags_are_unknown_where_the_tags_are() -> None:
    assert created(thing(name="one", tags=UNKNOWN), SETTINGS)["tags_all"] is UNKNOWN


def test_a_changed_default_tag_is_an_update() -> None:
    prior = made(tags_all={"Project": "old"})
    plan = plan_update(
        THING,
        THING_BLOCK,
        prior=prior,
        proposed=prior,
        config=thing(name="one"),
        settings=Settings("us-east-1", {"Project": "new"}),
        renewed=lambda _: (),
    )
    assert plan.planned["tags_all"] == {"Project": "new"}


def test_the_region_is_the_providers() -> None:
    assert created(thing(name="one"), Settings("eu-west-1"))["region"] == "eu-west-1"


def test_the_region_of_a_resource_is_its_own_where_it_has_one() -> None:
    assert created(thing(name="one", region="us-west-2"), Settings("eu-west-1"))["region"] == "us-west-2"


def test_another_region_of_the_provider_moves_the_object() -> None:
    prior = made(region="eu-west-1")
    assert updated(prior, prior, thing(name="one")).replaced_by == ["region"]


SECRET_BLOCK = Block({"password_wo": Attribute("string", optional=True, write_only=True)})


def test_a_write_only_argument_is_in_no_plan() -> None:
    given: Object = {"password_wo": "x"}
    assert plan_create(SECRET_BLOCK, given, given, PLAIN) == {"password_wo": None}


def test_a_write_only_argument_in_a_nested_block_is_in_no_plan() -> None:
    given: Object = {"login": [{"password_wo": "x"}]}
    outer = Block({}, {"login": NestedBlock("list", SECRET_BLOCK)})
    assert plan_create(outer, given, given, PLAIN) == {"login": [{"password_wo": None}]}


def test_a_write_only_argument_is_no_change() -> None:
    prior: Object = {"password_wo": None}
    plan = plan_update(
        THING,
        SECRET_BLOCK,
        prior=prior,
        proposed={"password_wo": "x"},
        config={"password_wo": "x"},
        settings=PLAIN,
        renewed=lambda _: (),
    )
    assert plan == Plan(prior, [])


def test_nothing_changed_is_the_prior_state() -> None:
    prior = made()
    assert updated(prior, prior, thing(name="one")) == Plan(prior, [])


def test_a_change_leaves_computed_values_as_they_were() -> None:
    plan = updated(made(), made(size=2), thing(name="one", size=2))
    assert plan.planned == made(size=2)


def test_a_computed_value_that_is_null_stays_null_on_update() -> None:
    plan = updated(made(arn=None), made(arn=None, size=2), thing(name="one", size=2))
    assert plan.planned["arn"] is None


def test_what_the_backend_renews_is_unknown_on_update() -> None:
    plan = updated(made(), made(size=2), thing(name="one", size=2), renews=["note"])
    assert plan.planned["note"] is UNKNOWN


def test_nothing_is_renewed_without_a_change() -> None:
    prior = made()
    assert updated(prior, prior, thing(name="one"), renews=["note"]).planned["note"] == "told"


def test_a_new_element_of_a_list_has_unknown_computed_values_beside_the_old_one() -> None:
    first: Value = {"title": "first", "step_id": "s-1"}
    new: Value = {"title": "second", "step_id": None}
    plan = updated(made(step=[first]), made(step=[first, new]), thing(name="one"))
    assert plan.planned["step"] == [first, {"title": "second", "step_id": UNKNOWN}]


def rule(port: int, rule_id: str | None, address: str = "a") -> Value:
    return {"port": port, "rule_id": rule_id, "target": [{"address": address}]}


def test_an_element_of_a_set_that_only_lacks_computed_values_is_the_prior_one() -> None:
    prior = made(rule=[rule(1, "r-1"), rule(2, "r-2")])
    proposed = made(rule=[rule(2, None), rule(1, None)])
    assert updated(prior, proposed, thing(name="one")).planned == prior


def test_an_element_of_a_set_that_differs_inside_is_a_new_one() -> None:
    prior = made(rule=[rule(1, "r-1")])
    plan = updated(prior, made(rule=[rule(1, None, "b")]), thing(name="one"))
    assert plan.planned["rule"] == [{"port": 1, "rule_id": UNKNOWN, "target": [{"address": "b"}]}]


def test_a_set_with_one_element_fewer_is_a_change() -> None:
    prior = made(rule=[rule(1, "r-1"), rule(2, "r-2")])
    plan = updated(prior, made(rule=[rule(2, None)]), thing(name="one"))
    assert plan.planned["rule"] == [rule(2, "r-2")]


def test_two_equal_elements_take_one_prior_each() -> None:
    prior = made(rule=[rule(1, "r-1")])
    plan = updated(prior, made(rule=[rule(1, None), rule(1, None)]), thing(name="one"))
    assert [each["rule_id"] for each in plan.planned["rule"] if isinstance(each, dict)] == ["r-1", UNKNOWN]  # type: ignore[union-attr]


def test_a_change_of_an_argument_that_forces_it_is_a_replacement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ARGUMENTS, THING, frozenset({"name"}))
    assert updated(made(), made(name="two"), thing(name="two")).replaced_by == ["name"]


def test_a_change_of_another_argument_is_an_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ARGUMENTS, THING, frozenset({"name"}))
    assert updated(made(), made(size=2), thing(name="one", size=2)).replaced_by == []


def test_an_argument_that_is_not_known_yet_and_forces_it_is_a_replacement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ARGUMENTS, THING, frozenset({"name"}))
    assert updated(made(), made(name=UNKNOWN), thing(name=UNKNOWN)).replaced_by == ["name"]


@pytest.mark.parametrize(
    ("kind", "argument", "expected"),
    [
        ("aws_vpc", "cidr_block", True),
        ("aws_vpc", "enable_dns_support", False),
        ("aws_ecs_task_definition", "container_definitions", True),
        ("aws_ecs_service", "task_definition", False),
        ("aws_internet_gateway", "region", True),
        ("aws_internet_gateway", "vpc_id", False),
    ],
)
def test_a_new_object_takes_what_the_provider_says(kind: str, argument: str, expected: bool) -> None:
    assert forces_replacement(kind, argument) is expected


def test_a_computed_attribute_cannot_be_set() -> None:
    assert unconfigurable(THING_BLOCK, thing(name="one", arn="mine")) == [("arn",)]


def test_an_attribute_that_is_computed_and_optional_can_be_set() -> None:
    assert unconfigurable(THING_BLOCK, thing(name="one", note="mine")) == []


def test_a_computed_attribute_in_a_list_is_named_by_its_place() -> None:
    steps: Value = [{"title": "a", "step_id": None}, {"title": "b", "step_id": "mine"}]
    assert unconfigurable(THING_BLOCK, thing(step=steps)) == [("step", 1, "step_id")]


def test_a_computed_attribute_in_a_set_is_named_without_a_place() -> None:
    assert unconfigurable(THING_BLOCK, thing(rule=[rule(1, "mine")])) == [("rule", "rule_id")]


def test_a_computed_attribute_in_a_single_block_is_named() -> None:
    single = one_of(block("told:c"))
    outer = type(THING_BLOCK)({}, {"inner": type(single)("single", single.block)})
    assert unconfigurable(outer, {"inner": {"told": "mine"}}) == [("inner", "told")]
