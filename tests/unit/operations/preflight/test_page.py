"""docs/preflight.md is written from the tables."""

from lib.operations.preflight.page import PAGE, UNANSWERED, page
from lib.operations.preflight.prerequisites.registry import PREREQUISITES
from lib.operations.preflight.quotas import QUOTAS


def test_the_page_is_as_the_tables_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_each_quota_and_each_prerequisite_has_a_line() -> None:
    lines = page().splitlines()
    assert sum(line.startswith("| ") and "](https://docs.aws.amazon.com" in line for line in lines) == len(QUOTAS)
    assert sum(line.startswith("| `") for line in lines) == len(PREREQUISITES)


def test_what_the_embedded_aws_does_not_answer_is_among_them() -> None:
    names = {quota.name for quota in QUOTAS} | {each.name for each in PREREQUISITES}
    assert names >= UNANSWERED
