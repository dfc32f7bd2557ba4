"""Cache, files, functions and tables, reckoned by hand: 0.15 requests a second and user."""

from __future__ import annotations

from typing import Any

import pytest

from lib.capacity.load import NO_LIMIT
from tests.unit.capacity.example import FUNCTION, NODES, bound, growth, whole

PAY: dict[str, Any] = {"functions": {"pay": FUNCTION | {"tables": ["orders"]}}, "tables": {"orders": {}}}


class TestServerlessCache:
    def test_counts_a_unit_for_each_command(self) -> None:
        units = bound(whole({"cache": {"max_ecpu_per_second": 9000}}), "cache", "ECPU/s")
        assert (units.there_is, units.needed, units.users) == (9000, 4500, 20_000)
        assert units.setting == "cache.max_ecpu_per_second"

    @pytest.mark.parametrize(("kilobytes", "needed"), [(0.1, 4500), (4, 18_000)])
    def test_and_for_each_kilobyte_of_larger_ones(self, kilobytes: float, needed: float) -> None:
        assert bound(whole(cache_kilobytes_per_command=kilobytes), "cache", "ECPU/s").needed == needed

    def test_has_thirty_thousand_of_them_at_once(self) -> None:
        units = bound(whole({"cache": {"max_ecpu_per_second": 90_000}}), "cache", "ECPU/s")
        assert (units.users, units.users_at_once) == (200_000, 66_666)

    def test_keeps_what_all_share_and_what_each_user_has(self) -> None:
        storage = bound(whole({"cache": {"max_storage_gb": 3}}, cache_kilobytes_per_user=100), "cache", "GB")
        assert (storage.there_is, storage.needed, storage.users) == (3, 2, 20_000)
        assert storage.setting == "cache.max_storage_gb"

    def test_takes_sixty_five_thousand_connections(self) -> None:
        connections = bound(whole(cache_connections_per_task=100), "cache", "connections")
        # 325 tasks of 16.7 requests a second, twice.
        assert (connections.there_is, connections.needed) == (65_000, 18_000)
        assert connections.users == 36_111

    def test_is_enough_from_the_start_for_thirty_thousand(self) -> None:
        units = growth(whole({"cache": {"max_ecpu_per_second": 90_000}}), "cache", "ECPU/s")
        assert (units.start, units.end, units.seconds, units.how) == (30_000, 30_000, 0, "always there")

    @pytest.mark.parametrize(
        ("engine", "minutes"),
        [
            ({"engine": "valkey", "major_version": "8"}, 3),
            ({"engine": "valkey", "major_version": "7"}, 12),
            ({"engine": "redis", "major_version": "7"}, 12),
        ],
    )
    def test_doubles_every_few_minutes(self, engine: dict[str, str], minutes: int) -> None:
        cache = {"cache": {"max_ecpu_per_second": 500_000} | engine}
        units = growth(whole(cache, concurrent_users=300_000), "cache", "ECPU/s")
        # 30,000, 60,000, 120,000, 240,000: enough for 135,000.
        assert (units.end, units.seconds, units.how) == (135_000, 3 * minutes * 60, "3 doublings")

    def test_does_not_grow_above_its_limit(self) -> None:
        cache = {"cache": {"max_ecpu_per_second": 60_000}}
        assert growth(whole(cache, concurrent_users=300_000), "cache", "ECPU/s").seconds == 180

    def test_needs_no_time_where_nobody_asks_it(self) -> None:
        assert growth(whole(cache_commands_per_request=0), "cache", "ECPU/s").seconds == 0


class TestNodes:
    def test_one_node_answers_all_commands(self) -> None:
        commands = bound(whole({"cache": NODES}), "cache", "commands/s")
        assert (commands.there_is, commands.needed, commands.users) == (50_000, 4500, 111_111)
        assert commands.users_zone_lost == commands.users

    def test_take_as_many_connections(self) -> None:
        assert bound(whole({"cache": NODES}), "cache", "connections").there_is == 65_000

    def test_do_not_grow(self) -> None:
        assert not [each for each in whole({"cache": NODES}).growth if each.unit == "cache"]


def test_without_a_cache_nothing_is_said_of_one() -> None:
    report = whole({"cache": False})
    assert not [each for each in report.bounds if each.unit == "cache"]
    assert not [each for each in report.growth if each.unit == "cache"]


MOUNTED: dict[str, Any] = {"services": {"api": {"mounts": [{"path": "/mnt/files"}]}}}


class TestFiles:
    def test_are_read_and_written_by_those_that_mount_them(self) -> None:
        report = whole(MOUNTED, file_reads_per_request=2, file_writes_per_request=1)
        reads, writes = (bound(report, "files", measure) for measure in ("reads/s", "writes/s"))
        assert (reads.there_is, reads.needed, reads.users) == (900_000, 3000, 3_000_000)
        assert (writes.there_is, writes.needed, writes.users) == (500_000, 1500, 3_333_333)
        assert reads.setting == writes.setting == "files.throughput_mode"

    def test_take_less_while_they_burst(self) -> None:
        report = whole({**MOUNTED, "files": {"throughput_mode": "bursting"}})
        assert [bound(report, "files", measure).there_is for measure in ("reads/s", "writes/s")] == [35_000, 7000]

    def test_that_nobody_mounts_are_not_counted(self) -> None:
        assert not [each for each in whole().bounds if each.unit == "files"]

    def test_that_are_left_out_are_not_counted(self) -> None:
        assert not [each for each in whole({"files": False}).bounds if each.unit == "files"]


class TestFunctions:
    def test_share_the_invocations_of_the_account(self) -> None:
        functions = {name: FUNCTION | {"paths": [f"/{name}/*"]} for name in ("pay", "quote")}
        report = whole({"functions": functions}, function_percent=50, function_milliseconds=400)
        both = bound(report, "functions pay, quote", "invocations")
        # 750 requests a second of 0.4 s.
        assert (both.there_is, both.needed, both.users) == (1000, 300, 33_333)
        assert both.setting == "quota L-B99A9384"

    def test_leave_to_others_what_they_reserve(self) -> None:
        functions = {
            "pay": FUNCTION | {"reserved_concurrency": 90},
            "quote": FUNCTION | {"paths": ["/quote/*"]},
            "nightly": {"source": FUNCTION["source"], "reserved_concurrency": 10},
        }
        report = whole({"functions": functions}, function_percent=40)
        pay, quote = (bound(report, f"function {name}", "invocations") for name in ("pay", "quote"))
        # 300 requests a second each, of 0.1 s.
        assert (pay.there_is, pay.needed, pay.users) == (90, 30, 30_000)
        assert pay.setting == "functions.pay.reserved_concurrency"
        assert (quote.there_is, quote.users) == (900, 300_000)

    def test_take_ten_invocations_a_second_for_each_however_short(self) -> None:
        report = whole({"functions": {"pay": FUNCTION}}, function_milliseconds=1)
        assert bound(report, "function pay", "invocations").needed == 30

    def test_come_a_thousand_at_once(self) -> None:
        invocations = bound(whole({"functions": {"pay": FUNCTION}}), "function pay", "invocations")
        assert invocations.users_at_once == invocations.users == 333_333

    def test_that_nobody_can_ask_are_not_counted(self) -> None:
        functions = {"functions": {"nightly": {"source": FUNCTION["source"]}}}
        assert not [each for each in whole(functions).bounds if each.unit.startswith("function")]


class TestTables:
    def test_take_forty_thousand_reads_and_writes_a_second_of_those_that_use_them(self) -> None:
        report = whole(PAY, table_reads_per_request=4, table_writes_per_request=2)
        reads, writes = (bound(report, "table orders", measure) for measure in ("reads/s", "writes/s"))
        # 0.03 requests a second and user.
        assert (reads.there_is, reads.needed, reads.users, reads.setting) == (40_000, 1200, 333_333, "quota L-CF0CBE56")
        assert (writes.there_is, writes.needed, writes.users) == (40_000, 600, 666_666)
        assert writes.setting == "quota L-AB614373"

    def test_and_a_part_of_it_when_they_are_new(self) -> None:
        report = whole(PAY, table_reads_per_request=4, table_writes_per_request=2)
        assert bound(report, "table orders", "reads/s").users_at_once == 100_000
        assert bound(report, "table orders", "writes/s").users_at_once == 66_666

    def test_are_used_by_services_as_well(self) -> None:
        report = whole({"services": {"api": {"tables": ["orders"]}}, "tables": {"orders": {}}})
        assert bound(report, "table orders", "writes/s").needed == 1500

    def test_that_only_a_nightly_function_uses_have_no_limit(self) -> None:
        functions = {"nightly": {"source": FUNCTION["source"], "tables": ["orders"]}}
        report = whole({"functions": functions, "tables": {"orders": {}}})
        assert bound(report, "table orders", "writes/s").users == NO_LIMIT

    def test_double_in_half_an_hour(self) -> None:
        report = whole(PAY, table_reads_per_request=40, table_writes_per_request=20)
        reads, writes = (growth(report, "table orders", measure) for measure in ("reads/s", "writes/s"))
        assert (reads.start, reads.end, reads.seconds) == (12_000, 12_000, 0)
        assert (writes.start, writes.end, writes.seconds, writes.how) == (4000, 6000, 1800, "1 doubling")
