"""What the names of an environment look like in patterns of ARNs, and how they cannot be mistaken."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.naming import MAX_SUFFIX_LENGTH, PART_PATTERN, PROJECT_PATTERN, RESERVED_PROJECTS, Kind, Names
from lib.operations.ci.place import beginning, place_of
from lib.settings import load
from tests.unit.operations.ci.places import place

PROJECTS = st.from_regex(PROJECT_PATTERN, fullmatch=True).filter(lambda name: name not in RESERVED_PROJECTS)
SUFFIXES = st.from_regex("[a-z0-9]{1,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True).filter(
    lambda suffix: len(suffix) <= MAX_SUFFIX_LENGTH
)
PARTS = st.from_regex(PART_PATTERN, fullmatch=True).filter(lambda part: len(part) <= 20)
NAMED_BY = {
    "name": [kind for kind in Kind if kind.separator == "-" and not kind.lead and kind.limit > 40],
    "cache_name": [Kind.CACHE, Kind.CACHE_USER, Kind.CACHE_USER_GROUP],
    "short_name": [Kind.LOAD_BALANCER, Kind.TARGET_GROUP],
}
"""Placeholder -> the kinds of names that it stands for."""


def is_like(name: str, pattern: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) is not None


@given(PROJECTS, SUFFIXES, PARTS, PARTS)
def test_every_name_is_like_its_pattern(project: str, suffix: str, one: str, other: str) -> None:
    names = Names(project, suffix)
    for placeholder, kinds in NAMED_BY.items():
        for kind in kinds:
            pattern = f"{project}-{suffix}-*" if placeholder == "name" else beginning(names, kind)
            assert is_like(names.of(kind, *(one, other)[: kind.parts]), pattern)


@pytest.mark.parametrize("placeholder", ["short_name", "cache_name"])
def test_a_pattern_of_short_names_holds_the_whole_project_where_no_name_is_cut(placeholder: str) -> None:
    assert place("fleet", "dev").patterns()[placeholder] == "fleet-dev-*"


def test_a_pattern_of_short_names_holds_a_piece_of_a_longer_project() -> None:
    assert beginning(Names("transactions", "staging"), Kind.LOAD_BALANCER) == "transac*-staging-*"


@given(PROJECTS, SUFFIXES, PARTS, PARTS)
def test_no_name_of_a_stack_is_one_of_a_role_that_deploys(project: str, suffix: str, one: str, other: str) -> None:
    assert "_" not in Names(project, suffix).of(Kind.IAM_ROLE, one, other)


def test_the_pipelines_own_roles_are_named_after_the_environment() -> None:
    one = place("catalog", "prod")
    assert (one.deploy_role, one.plan_role, one.boundary) == (
        "ci_deploy_catalog-prod",
        "ci_plan_catalog-prod",
        "ci_boundary_catalog-prod",
    )


def test_the_longest_name_is_one_that_iam_takes() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    assert len(f"ci_boundary_{'p' * 16}-{'s' * MAX_SUFFIX_LENGTH}") <= 64


def test_tags_are_those_that_the_stack_gives() -> None:
    assert place("catalog", "prod").tags == {"Project": "catalog", "EnvironmentSuffix": "prod"}


def test_tags_that_settings_give_another_value_have_that() -> None:
    settings = load("prod", environ={}, overrides={"tags": {"Project": "shop"}})
    own = place_of(settings, partition="aws", account="111122223333", state_bucket="state")
    assert own.tags == {"Project": "shop", "EnvironmentSuffix": "prod"}


def test_zones_are_those_of_all_entries() -> None:
    zones = {"load_balancer": {"domain_name": "a.example.com", "hosted_zone": "{suffix}.example.com"}}
    cdn = {"domain_name": "b.example.org", "hosted_zone": "example.org"}
    settings = load("dev", environ={"TAP_BLUEPRINT": "catalog"}, overrides={**_fitting(zones), "cdn": cdn})
    own = place_of(settings, partition="aws", account="111122223333", state_bucket="state")
    assert own.zones == ("dev.example.com", "example.org")


def _fitting(zones: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """A domain lies in its zone."""
    return {unit: {**each, "domain_name": f"a.{each['hosted_zone']}"} for unit, each in zones.items()}
