"""Templates with databases whose storage or monitoring RDS does not take."""

from __future__ import annotations

from lib.evidence.structure import database_storage as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, first

_INSTANCE = "aws_db_instance"


@breaks(checks.databases_have_their_storage, "max_allocated_storage 105 is less than 110 percent of")
def a_database_has_no_room_to_grow(template: Template) -> None:
    template.only(_INSTANCE).update(allocated_storage=100, max_allocated_storage=105)


@breaks(checks.databases_have_their_storage, "storage_type io2 needs iops")
def a_fast_disk_does_not_say_how_fast(template: Template) -> None:
    template.only(_INSTANCE)["storage_type"] = "io2"


@breaks(checks.databases_have_their_storage, "iops 3000 is not to be told to storage_type gp2")
def a_disk_is_told_a_speed_that_it_does_not_have(template: Template) -> None:
    template.only(_INSTANCE).update(storage_type="gp2", iops=3000)


@breaks(checks.databases_have_their_storage, "storage_throughput 500 is for storage_type gp3 only, not io1")
def a_disk_is_told_a_throughput_that_it_does_not_have(template: Template) -> None:
    template.only(_INSTANCE).update(storage_type="io1", iops=3000, storage_throughput=500)


@breaks(checks.databases_have_their_storage, "iops 12000 is not to be told to gp3 below 400 GiB of postgres")
def a_small_disk_is_told_the_speed_of_a_large_one(template: Template) -> None:
    template.only(_INSTANCE).update(allocated_storage=100, iops=12_000)


@breaks(checks.databases_have_their_storage, "iops 3000 is not from 12000 to 64000, those of gp3 with postgres")
def a_large_disk_is_told_the_speed_of_a_small_one(template: Template) -> None:
    template.only(_INSTANCE).update(allocated_storage=500, max_allocated_storage=1000, iops=3000)


@breaks(checks.databases_have_their_storage, "monitoring_interval 60 needs a monitoring_role_arn", "transactions-prod")
def monitoring_has_no_role(template: Template) -> None:
    del template.only("aws_rds_cluster")["monitoring_role_arn"]


@breaks(
    checks.databases_have_their_storage, "monitoring_role_arn needs a monitoring_interval above 0", "transactions-prod"
)
def monitoring_has_a_role_and_is_off(template: Template) -> None:
    first(template, "aws_rds_cluster_instance")["monitoring_interval"] = 0
