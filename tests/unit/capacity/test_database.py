"""What the database carries, reckoned by hand: 0.3 queries a second and user, of a millisecond."""

from __future__ import annotations

from typing import Any

import pytest

from lib.capacity import Report
from lib.capacity.load import NO_LIMIT
from tests.unit.capacity.example import AURORA, bound, fit, whole

HELD_AT_TEN: dict[str, Any] = {"services": {"api": {"scaling": {"requests_per_target": 600}}}}
"""Ten tasks at the most, 66.7 users each."""


def instance(suffix: str = "dev", *, assumptions: dict[str, float] | None = None, **settings: Any) -> Report:
    return whole({**HELD_AT_TEN, "database": settings}, suffix, **(assumptions or {}))


def aurora(*, zones: int = 2, assumptions: dict[str, float] | None = None, **settings: Any) -> Report:
    overrides = {**HELD_AT_TEN, "network": {"zone_count": zones}, "database": AURORA | settings}
    return whole(overrides, **(assumptions or {}))


class TestConnections:
    def test_are_those_of_all_pools_old_and_new_ones(self) -> None:
        report = instance(instance_class="db.m7g.large", max_connections=520)
        connections = bound(report, "database", "connections")
        # 150 tasks with ten, twice; the 500 that are left are enough for 25 tasks.
        assert (connections.there_is, connections.needed, connections.users) == (500, 3000, 1666)
        assert connections.setting == "database.max_connections"

    def test_are_no_more_than_memory_carries(self) -> None:
        # 1 GiB ÷ 9,531,392 bytes.
        assert bound(instance(max_connections=500), "database", "connections").there_is == 112 - 20

    def test_are_as_said_where_the_memory_is_not_known(self) -> None:
        report = instance(instance_class="db.z1d.large", max_connections=5000)
        assert bound(report, "database", "connections").there_is == 4980

    def test_of_a_serverless_server_are_bounded_by_its_most_memory(self) -> None:
        # Four units of 2 GiB.
        assert bound(aurora(max_acu=4, max_connections=5000), "database", "connections").there_is == 901 - 20

    def test_are_none_where_others_have_them_all(self) -> None:
        report = instance(max_connections=15)
        assert bound(report, "database", "connections").there_is == 0
        assert bound(report, "database", "connections").users == 0

    def test_tell_the_pool_that_fits_when_all_tasks_run_twice(self) -> None:
        pool = fit(instance(instance_class="db.m7g.large", max_connections=250), "database connections")
        # 230 ÷ 20.
        assert (pool.there_is, pool.asked, pool.holds) == (11, 10, True)
        assert pool.setting == "database.max_connections"

    def test_are_taken_only_by_those_that_connect(self) -> None:
        services = {"api": {}, "site": {"hosts": ["www.example.com"], "connects_to": ["cache"]}}
        report = whole({"services": services})
        # Half of the requests, 750 a second, at 16.7 a task: 45 tasks.
        assert bound(report, "database", "connections").needed == 45 * 2 * 10

    def test_fit_no_pool_where_nobody_connects(self) -> None:
        report = whole({"services": {"api": {"connects_to": ["cache"]}}})
        assert not [each for each in report.fits if each.what.startswith("database")]
        assert bound(report, "database", "connections").users == NO_LIMIT


class TestInstance:
    def test_answers_queries_with_its_processor(self) -> None:
        processor = bound(instance(instance_class="db.m7g.xlarge"), "database", "vCPUs")
        # 4 vCPUs at 90 %.
        assert (processor.there_is, processor.needed, processor.users) == (3.6, 3, 12_000)
        assert processor.setting == "database.instance_class"

    def test_reads_and_writes_its_disk(self) -> None:
        disk = bound(instance(), "database", "disk operations/s")
        assert (disk.there_is, disk.needed, disk.users) == (3000, 1500, 20_000)
        assert disk.setting == "database.storage_gb"

    @pytest.mark.parametrize(("storage_gb", "operations"), [(399, 3000), (400, 12_000)])
    def test_of_a_large_disk_four_times_as_much(self, storage_gb: int, operations: int) -> None:
        report = instance(storage_gb=storage_gb, max_storage_gb=1000)
        assert bound(report, "database", "disk operations/s").there_is == operations

    @pytest.mark.parametrize("measure", ["connections", "vCPUs", "disk operations/s"])
    def test_is_gone_with_its_zone_unless_it_has_a_standby(self, measure: str) -> None:
        alone, doubled = instance(multi_az=False), instance(multi_az=True)
        assert bound(alone, "database", measure).users_zone_lost == 0
        lost = bound(doubled, "database", measure)
        assert lost.users_zone_lost == lost.users > 0


class TestAurora:
    def test_all_queries_go_to_the_writer_unless_said_otherwise(self) -> None:
        writer = bound(aurora(), "database writer", "vCPUs")
        # 8 units are 2 vCPUs, 1.8 at 90 %; 2 units answer at once.
        assert (writer.there_is, writer.needed, writer.users, writer.users_at_once) == (1.8, 3, 6000, 1500)
        assert writer.setting == "database.max_acu"

    def test_what_readers_answer_is_taken_from_it(self) -> None:
        report = aurora(zones=3, readers=2, assumptions={"database_reader_percent": 75})
        writer, readers = (bound(report, f"database {which}", "vCPUs") for which in ("writer", "readers"))
        assert (writer.needed, writer.users) == (0.75, 24_000)
        assert (readers.there_is, readers.needed, readers.users, readers.users_at_once) == (3.6, 2.25, 16_000, 4000)
        assert readers.setting == "database.readers"

    def test_without_readers_the_writer_answers_them_too(self) -> None:
        report = aurora(readers=0, assumptions={"database_reader_percent": 75})
        assert bound(report, "database writer", "vCPUs").needed == 3
        assert not [each for each in report.bounds if each.unit == "database readers"]

    def test_without_readers_nothing_is_left_when_its_zone_fails(self) -> None:
        report = aurora(readers=0)
        assert bound(report, "database writer", "vCPUs").users_zone_lost == 0
        assert bound(report, "database", "connections").users_zone_lost == 0

    def test_a_reader_becomes_the_writer_and_answers_alone(self) -> None:
        report = aurora(readers=1, assumptions={"database_reader_percent": 50})
        writer, readers = (bound(report, f"database {which}", "vCPUs") for which in ("writer", "readers"))
        assert (writer.users, writer.users_zone_lost) == (12_000, 6000)
        assert (readers.users, readers.users_zone_lost) == (12_000, NO_LIMIT)
        assert bound(report, "database", "connections").users_zone_lost > 0

    def test_a_zone_takes_all_servers_that_are_in_it(self) -> None:
        report = aurora(readers=3, assumptions={"database_reader_percent": 50})
        # Of four servers in two zones two are left: one writer, one reader.
        assert bound(report, "database readers", "vCPUs").users == 36_000
        assert bound(report, "database readers", "vCPUs").users_zone_lost == 12_000

    def test_readers_come_with_load_and_are_not_there_at_once(self) -> None:
        scaling = {"max_readers": 5}
        report = aurora(zones=3, readers=1, reader_scaling=scaling, assumptions={"database_reader_percent": 100})
        readers = bound(report, "database readers", "vCPUs")
        assert (readers.there_is, readers.users, readers.users_at_once) == (9, 30_000, 1500)
        # Of six servers four are left, three of them readers.
        assert (readers.users_zone_lost, readers.setting) == (18_000, "database.reader_scaling")

    def test_servers_of_a_class_are_as_large_at_once(self) -> None:
        report = aurora(instance_class="db.r7g.large")
        writer = bound(report, "database writer", "vCPUs")
        assert (writer.there_is, writer.users, writer.users_at_once) == (1.8, 6000, 6000)
        assert writer.setting == "database.instance_class"
        # 16 GiB.
        assert bound(report, "database", "connections").there_is == 980


def test_without_a_database_nothing_is_said_of_one() -> None:
    report = whole({"database": False})
    assert not [each for each in report.bounds if each.unit.startswith("database")]
    assert not [each for each in report.fits if each.what.startswith("database")]
