"""RDS: what an entry of the table cannot say."""

from __future__ import annotations

import pytest

from localaws.provider.backend import Refused
from tests.localaws.local import client, make


def test_parameters_of_a_group_are_put_and_taken_out() -> None:
    both = [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    group = make("aws_db_parameter_group", name="parameters", family="postgres17", parameter=both)
    group.update(parameter=[{"name": "b", "value": "3"}])
    found = client("rds").describe_db_parameters(DBParameterGroupName="parameters")["Parameters"]
    assert {each["ParameterName"]: each["ParameterValue"] for each in found} == {"b": "3"}


def test_a_database_without_a_name_for_its_last_snapshot_is_not_deleted() -> None:
    database = make(
        "aws_db_instance",
        identifier="kept",
        engine="postgres",
        instance_class="db.t4g.micro",
        allocated_storage=20,
        username="admin",
        manage_master_user_password=True,
    )
    with pytest.raises(Refused, match="final_snapshot_identifier is required"):
        database.delete()
