"""Names: within AWS's limits, the suffix always in them, the same every time, never shared."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.naming import MAX_SUFFIX_LENGTH, RESERVED_PROJECTS, Kind, Names

projects = st.from_regex(r"[a-z][a-z0-9]{0,15}", fullmatch=True).filter(lambda name: name not in RESERVED_PROJECTS)
suffixes = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True).filter(
    lambda suffix: len(suffix) <= MAX_SUFFIX_LENGTH
)
parts = st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True)
kinds = st.sampled_from(list(Kind))


@st.composite
def named(draw: st.DrawFn) -> tuple[Kind, Names, tuple[str, ...]]:
    kind = draw(kinds)
    return kind, Names(draw(projects), draw(suffixes)), tuple(draw(parts) for _ in range(kind.parts))


@given(named())
def test_a_name_keeps_the_limit_of_its_kind(one: tuple[Kind, Names, tuple[str, ...]]) -> None:
    kind, names, role = one
    assert len(names.of(kind, *role)) <= kind.limit


@given(named())
def test_a_name_holds_the_whole_suffix_between_separators(one: tuple[Kind, Names, tuple[str, ...]]) -> None:
    kind, names, role = one
    separator = re.escape(kind.separator)
    assert re.search(rf"{separator}{re.escape(names.suffix)}({separator}|$)", names.of(kind, *role))


@given(named())
def test_a_name_is_the_same_every_time(one: tuple[Kind, Names, tuple[str, ...]]) -> None:
    kind, names, role = one
    assert names.of(kind, *role) == Names(names.project, names.suffix).of(kind, *role)


@given(kinds, st.data())
def test_two_different_things_never_share_a_name(kind: Kind, data: st.DataObject) -> None:
    # Short alphabets, so that the generator comes to near misses: `a-b` + `c` beside `a` + `b-c`.
    word = st.text("ab", min_size=1, max_size=3)
    key = st.tuples(word, st.lists(word, min_size=1, max_size=3).map("-".join), *[word] * kind.parts)
    one, other = data.draw(key), data.draw(key)
    name, other_name = (Names(each[0], each[1]).of(kind, *each[2:]) for each in (one, other))
    assert (name == other_name) == (one == other)


@given(named())
def test_a_name_has_no_empty_piece_and_no_separator_at_its_ends(one: tuple[Kind, Names, tuple[str, ...]]) -> None:
    kind, names, role = one
    name = names.of(kind, *role)
    assert "--" not in name
    assert "//" not in name
    assert not name.endswith(("-", "/"))


@pytest.mark.parametrize(
    ("kind", "role", "name"),
    [
        (Kind.LOAD_BALANCER, ("alb",), "shop-dev-001-alb"),
        (Kind.TARGET_GROUP, ("api", "8080"), "shop-dev-001-api-8080"),
        (Kind.IAM_ROLE, ("api", "task"), "shop-dev-001-api-task"),
        (Kind.LOG_GROUP, ("api", "application"), "/shop/dev-001/api/application"),
        (Kind.WAF_LOG_GROUP, ("alb",), "aws-waf-logs-shop-dev-001-alb"),
        (Kind.SECRET, ("application",), "shop/dev-001/application"),
        (Kind.KEY_ALIAS, ("database",), "alias/shop/dev-001/database"),
        (Kind.BUCKET, ("logs",), "shop-dev-001-logs"),
    ],
)
def test_a_short_name_reads_project_suffix_and_parts(kind: Kind, role: tuple[str, ...], name: str) -> None:
    assert Names("shop", "dev-001").of(kind, *role) == name


def test_a_long_name_keeps_what_fits_and_ends_in_a_digest() -> None:
    names = Names("transactions", "pr-1234")
    assert names.of(Kind.TARGET_GROUP, "notifications", "8080") == "transac-pr-1234-notific-bedbf328"
    assert names.of(Kind.TARGET_GROUP, "notifications", "8081") != names.of(Kind.TARGET_GROUP, "notifications", "8080")


def test_a_name_of_just_the_limit_is_not_shortened() -> None:
    names = Names("transactions", "staging")
    assert names.of(Kind.LOAD_BALANCER, "abcdefghijk") == "transactions-staging-abcdefghijk"
    assert names.of(Kind.LOAD_BALANCER, "abcdefghijkl") != "transactions-staging-abcdefghijkl"


def test_a_shortened_name_joins_its_parts() -> None:
    assert (
        Names("transactions", "pr-123456789").of(Kind.TARGET_GROUP, "ab", "8080").startswith("trans-pr-123456789-ab80-")
    )


def test_what_comes_before_a_name_counts_too() -> None:
    names = Names("shop", "dev")
    lengths = {kind: len(names.of(kind, *["x" * 600] * kind.parts)) for kind in (Kind.LOG_GROUP, Kind.WAF_LOG_GROUP)}
    assert lengths == {Kind.LOG_GROUP: 267, Kind.WAF_LOG_GROUP: 273}


def test_the_longest_suffix_still_fits_into_the_shortest_limit() -> None:
    suffix = "abcdefghij-123456789"
    name = Names("transactions", suffix).of(Kind.LOAD_BALANCER, "alb")
    assert re.fullmatch(rf"tr-{suffix}-[0-9a-f]{{8}}", name)
    assert len(name) == 32


@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        (Kind.LOAD_BALANCER, 32),
        (Kind.TARGET_GROUP, 32),
        (Kind.IAM_ROLE, 64),
        (Kind.CACHE, 40),
        (Kind.CACHE_USER, 40),
        (Kind.DATABASE, 63),
        (Kind.FILE_SYSTEM, 64),
        (Kind.EVENT_RULE, 64),
        (Kind.WEB_ACL, 128),
        # 63 less what the bucket component appends: -<12 digits>-<longest region>.
        (Kind.BUCKET, 63 - len("-123456789012") - len("-ap-southeast-1")),
    ],
)
def test_a_limit_is_the_one_that_aws_documents(kind: Kind, limit: int) -> None:
    assert kind.limit == limit


@pytest.mark.parametrize("role", [(), ("a", "b"), ("a-b",), ("",), ("A",), ("a/b",)])
def test_a_wrong_number_of_parts_or_a_separator_in_one_is_refused(role: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="a load balancer takes 1 parts"):
        Names("shop", "dev").of(Kind.LOAD_BALANCER, *role)


@pytest.mark.parametrize("project", ["", "Shop", "my-shop", "1shop", "a" * 17, "aws", "internal", "sg"])
def test_a_project_that_aws_would_refuse_in_a_name_is_refused(project: str) -> None:
    with pytest.raises(ValueError, match="project"):
        Names(project, "dev")


@pytest.mark.parametrize("suffix", ["", "Dev", "dev_1", "-dev", "dev-", "a--b", "a" * (MAX_SUFFIX_LENGTH + 1)])
def test_a_suffix_that_aws_would_refuse_in_a_name_is_refused(suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix"):
        Names("shop", suffix)
