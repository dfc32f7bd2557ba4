"""Templates in which backups and maintenance are in each other's way."""

from __future__ import annotations

from lib.evidence.structure import time_windows as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, first


@breaks(checks.windows_are_apart, "maintenance_window 'sun:03:30-sun:04:30' falls into the backup at '03:00-04:00'")
def a_database_is_mended_while_it_is_saved(template: Template) -> None:
    template.only("aws_db_instance")["maintenance_window"] = "sun:03:30-sun:04:30"


@breaks(checks.windows_are_apart, "falls into the backup at '23:30-00:30'")
def a_backup_goes_on_after_the_week_s_end(template: Template) -> None:
    template.only("aws_db_instance").update(backup_window="23:30-00:30", maintenance_window="Mon:00:00-mon:00:30")


@breaks(checks.windows_are_apart, "backup_window '03:00-03:20' has 20 minutes, and 30 is the least")
def a_backup_has_too_little_time(template: Template) -> None:
    template.only("aws_db_instance")["backup_window"] = "03:00-03:20"


@breaks(
    checks.windows_are_apart, "maintenance_window 'sun:04:30-sun:05:00' has 30 minutes, and 60 is the least", "lms-prod"
)
def a_cache_is_mended_in_too_little_time(template: Template) -> None:
    template.only("aws_elasticache_replication_group")["maintenance_window"] = "sun:04:30-sun:05:00"


@breaks(checks.windows_are_apart, "backup_window '3:00-4:00' is not of the form hh24:mi-hh24:mi")
def a_window_has_hours_of_one_digit(template: Template) -> None:
    template.only("aws_db_instance")["backup_window"] = "3:00-4:00"


@breaks(checks.windows_are_apart, "maintenance_window 'sunday 04:30' is not of the form ddd:hh24:mi-ddd:hh24:mi")
def a_window_has_no_end(template: Template) -> None:
    template.only("aws_db_instance")["maintenance_window"] = "sunday 04:30"


@breaks(checks.windows_are_apart, "preferred_maintenance_window 'sun:03:30-sun:04:30' falls into", "transactions-prod")
def a_server_is_mended_while_its_cluster_is_saved(template: Template) -> None:
    first(template, "aws_rds_cluster_instance")["preferred_maintenance_window"] = "sun:03:30-sun:04:30"
