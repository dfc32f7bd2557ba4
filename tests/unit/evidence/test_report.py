"""What people read: what belongs together stands together, in any width, with and without colours."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from lib.evidence.finding import Finding
from lib.evidence.report import show
from lib.evidence.results import Answer, Verdict

TOPIC, QUEUE = "aws_sns_topic.main", "aws_sqs_queue.main"
LONG = Finding("lengths", TOPIC, "name is wrong", "name", "a" * 9, "up to 8 characters", "a model")
LOUD = Finding("sounds", TOPIC, "is loud")
WIDE = Finding("CKV_AWS_1", QUEUE, "Ensure that it is narrow", "policy", source="https://example.com/narrow")
ODD = Finding("sounds", "", "there is no [bold]provider[/bold]")


def verdict(template: str, *found: Finding, **changes: Any) -> Verdict:
    values: dict[str, Any] = {"resources": 1500, "literals": {}, "unchecked": {}} | changes
    return Verdict(template, answers=[Answer("values", found, 0), Answer("policies", [], 0)], **values)


def shown(*verdicts: Verdict, width: int = 80, colours: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=colours, color_system="standard" if colours else None)
    show(console, verdicts, 1.26)
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def test_findings_stand_under_their_templates_and_resources() -> None:
    assert shown(verdict("dev", LOUD, LONG, WIDE), verdict("staging", ODD), verdict("prod", LONG, LOUD)) == (
        """\
dev, prod

  aws_sns_topic.main
    lengths: name = "aaaaaaaaa"
      allowed  up to 8 characters
      source   a model
    sounds: is loud

dev

  aws_sqs_queue.main
    CKV_AWS_1: Ensure that it is narrow
      argument  policy
      source    https://example.com/narrow

staging

  the template as a whole
    sounds: there is no [bold]provider[/bold]

4 findings in 3 templates, 4,500 resources, 0 literals, by 2 checks in 1.3 s
"""
    )


def test_what_is_in_every_template_says_so() -> None:
    assert shown(verdict("dev", LOUD), verdict("prod", LOUD)).startswith("all 2 templates\n\n  aws_sns_topic.main\n")


def test_one_template_is_named() -> None:
    assert shown(verdict("a/cdk.tf.json", LOUD)).startswith("a/cdk.tf.json\n\n  aws_sns_topic.main\n")


def test_nothing_found_is_said_in_one_line() -> None:
    text = shown(verdict("dev", literals={"aws_sns_topic": 2000}), width=100)
    assert text == (
        "no findings in 1 template, 1,500 resources, 2,000 literals (100.0 % checked), by 2 checks in 1.3 s\n"
    )


def test_what_is_unchecked_is_counted_by_kind() -> None:
    literals = {"aws_few": 10, "aws_a_few": 10, "aws_many": 1000, "aws_none": 5, "aws_no_more": 5}
    unchecked = {("aws_few", "a"): 1, ("aws_a_few", "a"): 1, ("aws_many", "a"): 20, ("aws_many", "b"): 9}
    text = shown(verdict("dev", literals=literals), verdict("prod", literals=literals, unchecked=unchecked))
    assert text.startswith(
        """\
Literals that nothing is known to check by
kind           literals  checked  unchecked  checked %
aws_many          2,000    1,971         29       98.5
aws_a_few            20       19          1       95.0
aws_few              20       19          1       95.0
2 other kinds        20       20          0      100.0
total             2,060    2,029         31       98.4

no findings in 2 templates, """
    )


def test_kinds_without_unchecked_literals_are_left_out_where_there_are_none() -> None:
    text = shown(verdict("dev", literals={"aws_few": 10}, unchecked={("aws_few", "a"): 1}))
    assert "other kind" not in text


def test_eighty_columns_are_enough() -> None:
    resource = f"aws_cloudwatch_log_group.{'a_long_name_' * 8}"
    long = Finding(
        "lengths", resource, "", "name." * 20, "v" * 999, "one of " + "words " * 99, "https://e.com/" + "x" * 99
    )
    kind = f"aws_{'long_' * 20}"
    text = shown(
        *(verdict(f"transactions-{number}", long) for number in range(15)),
        verdict("other", ODD, Finding("CKV", resource, "Ensure " * 50), literals={kind: 9}, unchecked={(kind, "a"): 1}),
    )
    assert max(len(line) for line in text.splitlines()) <= 80
    together = text.replace("\n", "").replace(" ", "")
    assert f'{"name." * 20}="{"v" * 119}…' in together
    assert f"https://e.com/{'x' * 99}" in together
    assert "v" * 200 not in together


def test_colours_tell_templates_resources_and_checks_apart() -> None:
    text = shown(verdict("dev", LONG), colours=True)
    assert "\x1b[1mdev\x1b[0m" in text
    assert f"\x1b[36m{TOPIC}\x1b[0m" in text
    assert '\x1b[1;31mlengths\x1b[0m: name = "aaaaaaaaa"' in text
    assert "\x1b[1;31m1 finding\x1b[0m" in text


def test_green_is_for_nothing_found() -> None:
    assert "\x1b[1;32mno findings\x1b[0m" in shown(verdict("dev"), colours=True, width=120)


def test_a_template_cannot_colour_or_move_anything() -> None:
    odd = Finding("odd", "aws_x.\x1b[2J", "\x1b[31m\r", "[red]at", "\x1b]0;title\x07", "\x1b[0m", "[link=http://e.com]")
    text = shown(verdict("\x1b[1mdev", odd, Finding("odd", "", "\x1b[5m")), colours=False)
    assert "\x1b" not in text
    assert "\r" not in text
    assert '[red]at = "\\u001b]0;title\\u0007"' in text
    assert "[link=http://e.com]" in text
