"""Templates with schedules that no service reads."""

from __future__ import annotations

from lib.evidence.structure import schedules as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, first

_RULE = "aws_cloudwatch_event_rule"


@breaks(checks.schedules_are_read, "'cron(0 3 * * *)' has 5 fields, and 6 are read")
def a_schedule_has_no_year(template: Template) -> None:
    first(template, _RULE)["schedule_expression"] = "cron(0 3 * * *)"


@breaks(checks.schedules_are_read, "leaves not exactly one of day of the month and day of the week open")
def a_schedule_names_both_days(template: Template) -> None:
    first(template, _RULE)["schedule_expression"] = "cron(0 3 * * * *)"


@breaks(checks.schedules_are_read, "has 24 for hours, which takes 0 to 23")
def a_schedule_has_an_hour_too_many(template: Template) -> None:
    first(template, _RULE)["schedule_expression"] = "cron(0 24 * * ? *)"


@breaks(checks.schedules_are_read, "'rate(1 days)' says 1 days: 1 is followed by a singular")
def a_rate_of_one_is_in_the_plural(template: Template) -> None:
    first(template, _RULE)["schedule_expression"] = "rate(1 days)"


@breaks(checks.schedules_are_read, "'every day' is not cron(…) or rate(…)")
def a_schedule_is_in_words(template: Template) -> None:
    first(template, _RULE)["schedule_expression"] = "every day"


@breaks(checks.schedules_are_read, "rule.schedule 'rate(1 day)' is not cron(…)")
def a_backup_is_made_at_a_rate(template: Template) -> None:
    plan = {"rule": [{"schedule": "rate(1 day)"}, {"schedule": "${var.schedule}"}]}
    template.document["resource"]["aws_backup_plan"] = {"daily": plan}


@breaks(checks.schedules_are_read, "schedule 'at(tomorrow)' is not a time like 2030-01-31T04:00:00")
def a_capacity_is_to_change_some_time(template: Template) -> None:
    template.document["resource"]["aws_appautoscaling_scheduled_action"] = {"night": {"schedule": "at(tomorrow)"}}


@breaks(checks.schedules_are_read, "recurrence 'cron(0 3 * * ? *)' has 6 fields, and 5 are read")
def a_group_s_schedule_is_of_the_other_kind(template: Template) -> None:
    template.document["resource"]["aws_autoscaling_schedule"] = {"night": {"recurrence": "cron(0 3 * * ? *)"}}
