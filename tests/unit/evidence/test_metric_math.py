"""Metric math: what CloudWatch takes, by its page."""

from __future__ import annotations

import pytest

from lib.evidence.documents.metric_math import FUNCTIONS, is_expression

IDS = {"m1", "m2", "errors"}


@pytest.mark.parametrize(
    "text",
    [
        "m1",
        "m1 + m2",
        "-5 * m1",
        "SUM([m1, m2]) / AVG(m2)",
        "SUM(100/[m1, m2])",
        "SUM(METRICS())/SUM(m1)",
        'SUM(METRICS("errors"))*100',
        "m1 > 15 AND m2 >= 15",
        "m1 != 1 || m2 == 2 && m1 <= .5",
        "IF(m1 < 400, m1)",
        "IF(DAY(m1)<6, m1, 0)",
        "FILL(m1, REPEAT)",
        "FILL(METRICS(), 0)",
        "SORT(METRICS(), AVG, DESC, 10)",
        "SLICE(SORT(METRICS(), SUM, ASC), 5)",
        "ANOMALY_DETECTION_BAND(m1, 4)",
        "(m1 - (m2 ^ 2)) / 1.5",
        "SEARCH('{AWS/EC2,InstanceId} MetricName=\"CPUUtilization\"', 'Average', 300)",
        "- -m1",
        "  m1\n+ m2  ",
        'SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId',
        'select max(a) from "Own/Space"',
        "(" * 40 + "m1" + ")" * 40,
        "m1" + " + m1" * 200,
        " + ".join(["(m1)"] * 200),
    ],
)
def test_expressions_are_taken(text: str) -> None:
    assert is_expression(text, IDS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m3",
        "m1 +",
        "+ m1",
        "* m1",
        "m1 m2",
        "m1 % 2",
        "m1 = 2",
        "(m1",
        "m1)",
        "[m1, m2",
        "[]",
        "[m1 m2]",
        "SUM m1",
        "SUM(m1",
        "SUM()",
        "SUM(m1, m2)",
        "sum(m1)",
        "TOTAL(m1)",
        "SUM",
        "FILL(m1)",
        "FILL(m1, DESC)",
        "SORT(METRICS(), AVG)",
        "SORT(METRICS(), AVG, DESC, 1, 2)",
        "REPEAT",
        "SEARCH('a, 'b')",
        "IF(m1 < 400, m1,)",
        "m1 § m2",
        "SELECT MEDIAN(a) FROM b",
        "SELECT AVG(a)",
        "(" * 200 + "m1" + ")" * 200,
        "[" * 5000,
    ],
)
def test_all_else_is_refused(text: str) -> None:
    assert not is_expression(text, IDS)


def test_functions_take_as_many_arguments_as_they_can_and_no_more() -> None:
    for name, (fewest, most) in FUNCTIONS.items():
        for count in range(most + 2):
            call = f"{name}({', '.join(['m1'] * count)})"
            assert is_expression(call, IDS) == (fewest <= count <= most), call
