"""The synthesized template of each blueprint and tier, kept in the repository so that a review sees what changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.golden.comparison import differences, without_metadata
from tests.synthesis import ALL, synthesized

FOLDER = Path(__file__).parent
REMEDY = "If all of this is meant, `make golden` writes the file anew."


@pytest.mark.parametrize(("blueprint", "tier"), ALL)
def test_template_is_the_golden_one(blueprint: str, tier: str) -> None:
    golden = FOLDER / f"{blueprint}-{tier}.json"
    assert golden.exists(), f"there is no {golden.name} yet: `make golden` writes it"
    kept = without_metadata(json.loads(golden.read_text()))
    if found := list(differences(kept, synthesized(blueprint, tier).document)):
        pytest.fail(
            "\n".join([f"{golden.name} is not what is synthesized now:", *(f"  {each}" for each in found), REMEDY]),
            pytrace=False,
        )


def test_no_golden_template_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == {f"{blueprint}-{tier}" for blueprint, tier in ALL}


class TestDifferences:
    KEPT = (
        '{"resource": {"aws_vpc": {"a": {"cidr": "1", "tags": {}}, "b": {}}, "aws_eip": {"d": {}}},'
        ' "terraform": {"required_version": "1"}}'
    )

    def test_name_resources_and_arguments(self) -> None:
        kept, new = json.loads(self.KEPT), json.loads(self.KEPT)
        new["resource"]["aws_vpc"]["a"]["cidr"] = "2"
        new["resource"]["aws_vpc"]["c"] = new["resource"]["aws_vpc"].pop("b")
        del new["resource"]["aws_eip"]
        new["terraform"]["required_version"] = "2"
        assert list(differences(kept, new)) == [
            "gone     aws_eip.d",
            "changed  aws_vpc.a: cidr",
            "gone     aws_vpc.b",
            "new      aws_vpc.c",
            "changed  terraform.required_version: 1 -> 2",
        ]

    def test_of_the_same_are_none(self) -> None:
        assert list(differences(json.loads(self.KEPT), json.loads(self.KEPT))) == []

    def test_leave_cdktfs_notes_aside(self) -> None:
        noted = {"//": {"version": "1"}, "resource": {"aws_vpc": {"a": {"//": {}, "rule": [{"//": 1, "port": 80}]}}}}
        assert without_metadata(noted) == {"resource": {"aws_vpc": {"a": {"rule": [{"port": 80}]}}}}
