"""The list of accepted findings: what an entry lets pass, and what is wrong with a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lib.evidence import accepted
from lib.evidence.accepted import Accepted, AcceptedError
from lib.evidence.finding import Finding
from lib.evidence.template import Template

REASON = "Objects are in three zones of a region already, and old versions are kept for a month beside."


def template(tier: str | None = "dev") -> Template:
    provider = {"region": "eu-west-1"} | ({"default_tags": [{"tags": {"Environment": tier}}]} if tier else {})
    return Template({"provider": {"aws": [provider]}})


def entry(*resources: str, **others: Any) -> Accepted:
    return Accepted(check="CKV_AWS_144", resources=resources or ("aws_s3_bucket.log_bucket",), reason=REASON, **others)


def finding(resource: str = "aws_s3_bucket.log_bucket_0A1B2C3D", check: str = "CKV_AWS_144") -> Finding:
    return Finding(check, resource, "Ensure that S3 bucket has cross-region replication enabled")


class TestEntry:
    def test_lets_its_policy_pass_at_its_resource(self) -> None:
        assert entry().covers(finding(), "dev")

    def test_lets_no_other_policy_pass(self) -> None:
        assert not entry().covers(finding(check="CKV_AWS_145"), "dev")

    def test_lets_it_pass_at_no_other_resource(self) -> None:
        assert not entry().covers(finding("aws_s3_bucket.data_bucket_0A1B2C3D"), "dev")

    def test_lets_it_pass_at_no_resource_of_another_kind(self) -> None:
        assert not entry().covers(finding("aws_s3_bucket_policy.log_bucket_0A1B2C3D"), "dev")

    def test_goes_by_the_construct_id_with_and_without_a_hash(self) -> None:
        assert entry().covers(finding("aws_s3_bucket.log_bucket"), "dev")

    def test_takes_nothing_but_a_hash_for_one(self) -> None:
        assert not entry().covers(finding("aws_s3_bucket.log_bucket_0a1b2c3d"), "dev")
        assert not entry().covers(finding("aws_s3_bucket.log_bucket_0A1B2C3D_0A1B2C3D"), "dev")

    def test_takes_anything_for_a_star(self) -> None:
        assert entry("aws_s3_bucket.*_bucket").covers(finding("aws_s3_bucket.orders_bucket_0A1B2C3D"), "dev")

    def test_goes_by_each_of_its_resources(self) -> None:
        both = entry("aws_s3_bucket.data_bucket", "aws_s3_bucket.log_bucket")
        assert both.covers(finding(), "dev")

    def test_of_a_tier_lets_nothing_pass_in_another(self) -> None:
        cheap = entry(tiers=("dev", "staging"))
        assert [cheap.covers(finding(), tier) for tier in ("dev", "staging", "prod")] == [True, True, False]

    def test_of_a_tier_lets_nothing_pass_where_there_are_no_tiers(self) -> None:
        assert not entry(tiers=("dev",)).covers(finding(), None)
        assert entry().covers(finding(), None)


class TestTier:
    def test_is_what_everything_is_tagged_with(self) -> None:
        assert accepted.tier_of(template("staging")) == "staging"

    def test_is_none_without_tags_or_provider(self) -> None:
        assert accepted.tier_of(template(None)) is None
        assert accepted.tier_of(Template({})) is None


class TestUnlisted:
    def test_is_what_no_entry_lets_pass(self) -> None:
        other = finding(check="CKV_AWS_145")
        assert accepted.unlisted({"a": template()}, {"a": [finding(), other]}, [entry()]) == {"a": [other]}

    def test_is_everything_without_entries(self) -> None:
        assert accepted.unlisted({"a": template()}, {"a": [finding()]}, []) == {"a": [finding()]}

    def test_keeps_templates_that_have_nothing_in_the_list(self) -> None:
        assert accepted.unlisted({"a": template()}, {"a": [finding()]}, [entry()]) == {"a": []}

    def test_goes_by_the_tier_of_each_template(self) -> None:
        templates = {"a": template("dev"), "b": template("prod")}
        found = {"a": [finding()], "b": [finding()]}
        assert accepted.unlisted(templates, found, [entry(tiers=("dev",))]) == {"a": [], "b": [finding()]}


def stale(*entries: Accepted, **found: list[Finding]) -> list[str]:
    """Names of the templates are those of their tiers."""
    return accepted.stale({tier: template(tier) for tier in found}, found, entries)


class TestStale:
    def test_is_no_entry_that_lets_something_pass(self) -> None:
        assert stale(entry(), dev=[finding()], prod=[]) == []

    def test_is_an_entry_by_which_nothing_is_found(self) -> None:
        sentence = "CKV_AWS_144: nothing is found any more at aws_s3_bucket.log_bucket"
        assert stale(entry(), dev=[finding(check="CKV_AWS_145")]) == [sentence]

    def test_is_each_of_its_resources_alone(self) -> None:
        entries = entry("aws_s3_bucket.data_bucket", "aws_s3_bucket.log_bucket")
        assert stale(entries, dev=[finding()]) == [
            "CKV_AWS_144: nothing is found any more at aws_s3_bucket.data_bucket"
        ]

    def test_is_each_of_its_tiers_alone(self) -> None:
        found = {"dev": [finding()], "staging": [], "prod": [finding()]}
        assert stale(entry(tiers=("dev", "staging")), **found) == [
            "CKV_AWS_144: nothing is found any more at aws_s3_bucket.log_bucket in staging"
        ]

    def test_is_an_entry_of_a_tier_that_another_needs(self) -> None:
        sentence = "CKV_AWS_144: nothing is found any more at aws_s3_bucket.log_bucket"
        assert stale(entry(tiers=("dev",)), dev=[], prod=[finding()]) == [sentence]


GOOD = f"""
[[accepted]]
check = "CKV_AWS_144"
resources = ["aws_s3_bucket.*_bucket"]
tiers = ["dev"]
reason = "{REASON}"
page = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/DataDurability.html"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accepted.toml"


def error_of(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(AcceptedError) as caught:
        accepted.load(path)
    return str(caught.value)


class TestList:
    def test_is_read_entry_by_entry(self, path: Path) -> None:
        path.write_text(GOOD + GOOD.replace("144", "145"))
        first, second = accepted.load(path)
        assert (first.check, second.check) == ("CKV_AWS_144", "CKV_AWS_145")
        assert (first.resources, first.tiers, first.reason) == (("aws_s3_bucket.*_bucket",), ("dev",), REASON)
        assert first.page == "https://docs.aws.amazon.com/AmazonS3/latest/userguide/DataDurability.html"

    def test_may_be_empty(self, path: Path) -> None:
        path.write_text("")
        assert accepted.load(path) == ()

    def test_that_is_no_toml_is_one_error(self, path: Path) -> None:
        assert error_of(path, "[[accepted]").startswith(f"{path}: ")

    def test_that_is_not_there_is_one_error(self, path: Path) -> None:
        with pytest.raises(AcceptedError, match="No such file"):
            accepted.load(path)

    def test_names_every_wrong_value(self, path: Path) -> None:
        text = """
[[accepted]]
check = "CKV_144"
resources = ["log_bucket"]
tiers = ["production"]
reason = "not needed"
page = "see the wiki"

[[accepted]]
check = "CKV_AWS_145"
resources = []
because = "of cost"
"""
        count, *wrong = error_of(path, text).splitlines()
        assert count == f"{path}: 8 values are wrong"
        assert [each.strip().partition(":")[0] for each in wrong] == [
            "entry 1, check",
            "entry 1, resources, 0",
            "entry 1, tiers, 0",
            "entry 1, reason",
            "entry 1, page",
            "entry 2, resources",
            "entry 2, reason",
            "entry 2, because",
        ]
        assert wrong[0].endswith("(is 'CKV_144')")
        assert wrong[5].endswith("must name one at least (is [])")
        assert wrong[6].endswith("Field required")

    def test_names_a_single_wrong_value(self, path: Path) -> None:
        assert error_of(path, GOOD.replace('"dev"', '"dev", "dev"')).splitlines() == [
            f"{path}: 1 value is wrong",
            "  entry 1, tiers: names dev more than once (is ['dev', 'dev'])",
        ]

    def test_has_nothing_but_entries(self, path: Path) -> None:
        message = error_of(path, GOOD.replace("[[accepted]]", "[[accept]]"))
        assert message.endswith("  accept: is not known here; entries are called [[accepted]]")

    def test_has_a_list_of_entries(self, path: Path) -> None:
        message = error_of(path, GOOD.replace("[[accepted]]", "[accepted]"))
        assert message.endswith("  accepted: must be [[accepted]], a list of tables")

    def test_takes_no_entry_that_is_no_table(self, path: Path) -> None:
        assert "entry 1: " in error_of(path, 'accepted = ["CKV_AWS_144"]')
