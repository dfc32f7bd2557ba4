"""The tables of docs/architecture.md say what the synthesized templates hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.synthesis import ALL, synthesized
from tests.template import Block, Template

Row = dict[str, str]
Edge = tuple[str, str, int, str]
"""From, to, port, why."""


def rows(root: Path, title: str) -> list[Row]:
    """The rows of the first table below a title."""
    section = re.split(rf"^#+ {title}$", (root / "docs" / "architecture.md").read_text(), maxsplit=1, flags=re.M)[1]
    table = re.search(r"^\|.*?(?=\n\n|\Z)", section, flags=re.M | re.S)
    assert table, f"{title}: no table"
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.group().splitlines()]
    header, _, *body = cells
    return [dict(zip(header, line, strict=True)) for line in body]


def documented_edges(root: Path, blueprint: str, tier: str) -> set[Edge]:
    return {
        (row["from"], row["to"], int(row["port"]), row["why"])
        for row in rows(root, blueprint)
        if row["when"] == "always" or (row["when"] == "with TLS" and tier == "prod")
    }


def edges(template: Template, side: str) -> Iterator[Edge]:
    """The edges that the rules of one side open; their description ends in the reason."""
    names = {
        f"${{aws_security_group.{key}.id}}": group["name"].rsplit("-", 1)[1]
        for key, group in template.named("aws_security_group").items()
    }
    for rule in template.all(f"aws_vpc_security_group_{side}_rule"):
        assert rule["from_port"] == rule["to_port"]
        own, peer = names[rule["security_group_id"]], peer_of(rule, names)
        source, target = (peer, own) if side == "ingress" else (own, peer)
        yield source, target, rule["to_port"], rule["description"].partition(": ")[2]


def peer_of(rule: Block, names: dict[str, str]) -> str:
    if "referenced_security_group_id" in rule:
        return names[rule["referenced_security_group_id"]]
    assert rule["cidr_ipv4"] == "0.0.0.0/0"
    return "internet"


@pytest.mark.parametrize(("blueprint", "tier"), ALL)
def test_connections_are_those_of_the_template(root: Path, blueprint: str, tier: str) -> None:
    documented, template = documented_edges(root, blueprint, tier), synthesized(blueprint, tier)
    assert set(edges(template, "ingress")) == {edge for edge in documented if edge[1] != "internet"}
    assert set(edges(template, "egress")) == {edge for edge in documented if edge[0] != "internet"}


@pytest.mark.parametrize(("blueprint", "tier"), ALL)
def test_keys_are_those_of_the_template(root: Path, blueprint: str, tier: str) -> None:
    keys = {row["key"] for row in rows(root, "Where data lies, and under which key") if is_of(row, blueprint)}
    documented = {filled(key.strip("`"), blueprint, tier) for key in keys if key.startswith("`alias/")}
    assert documented == {alias["name"] for alias in synthesized(blueprint, tier).all("aws_kms_alias")}


@pytest.mark.parametrize(("blueprint", "tier"), ALL)
def test_log_groups_are_those_of_the_template(root: Path, blueprint: str, tier: str) -> None:
    days = "days in prod" if tier == "prod" else "days in dev and staging"
    documented = {
        filled(row["log group"].strip("`"), blueprint, tier): int(row[days])
        for row in rows(root, "Log groups")
        if is_of(row, blueprint) and row[days] != "none"
    }
    groups = synthesized(blueprint, tier).all("aws_cloudwatch_log_group")
    assert documented == {group["name"]: group["retention_in_days"] for group in groups}


def is_of(row: Row, blueprint: str) -> bool:
    """Whether a row is about a blueprint: `all`, `all but lms`, `catalog, lms`."""
    named = row["blueprints"]
    if named.startswith("all"):
        return blueprint not in named.removeprefix("all").removeprefix(" but ").split(", ")
    return blueprint in named.split(", ")


def filled(pattern: str, blueprint: str, tier: str) -> str:
    """A name of the page with this environment's words in it."""
    service = {"catalog": "api", "lms": "web", "transactions": "api", "payments": "payments"}.get(blueprint, "")
    return pattern.replace("<project>", blueprint).replace("<suffix>", tier).replace("<service>", service)
