"""The permissions boundary that an account may ask of roles."""

from __future__ import annotations

import pytest

from lib.settings import SettingsError, load
from tests.synthesis import synthesized, template_of


def test_every_role_of_every_unit_gets_it() -> None:
    template = template_of({"permissions_boundary": "ci_boundary_transactions-dev"}, blueprint="transactions")
    roles = template.all("aws_iam_role")
    account = template.document["data"]["aws_caller_identity"].popitem()[0]
    assert len(roles) >= 5
    assert {each["permissions_boundary"].partition(":iam::")[2] for each in roles} == {
        f"${{data.aws_caller_identity.{account}.account_id}}:policy/ci_boundary_transactions-dev"
    }


def test_no_role_has_one_that_nobody_asked_for() -> None:
    assert [each for each in synthesized("fleet", "dev").all("aws_iam_role") if "permissions_boundary" in each] == []


def test_its_name_may_have_a_path() -> None:
    settings = load("dev", environ={}, overrides={"permissions_boundary": "platform/roles"})
    assert settings.permissions_boundary == "platform/roles"


@pytest.mark.parametrize("name", ["", "arn:aws:iam::111122223333:policy/x", "${x}", "a b", "/x", "x/"])
def test_it_is_named_and_nothing_else(name: str) -> None:
    with pytest.raises(SettingsError, match="permissions_boundary"):
        load("dev", environ={}, overrides={"permissions_boundary": name})
