"""The whole answer: what binds first, that each limit can, and that more never carries less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lib.capacity import Assumptions, Report, report, reports
from lib.settings import SettingsError
from tests.unit.capacity.example import AURORA, FUNCTION, NODES, assumed, settings, whole

MANY: dict[str, Any] = {
    "services": {"api": {"cpu": 1024, "memory_mib": 2048, "scaling": {"min_tasks": 2, "max_tasks": 5000}}},
    "database": {"instance_class": "db.r7g.16xlarge", "max_connections": 5000, "multi_az": True},
    "cache": {"max_ecpu_per_second": 15_000_000, "max_storage_gb": 5000},
    "network": {"nat_gateways": "per_zone"},
}
"""So much of everything that what a case takes too much of is what binds."""

NO_STORES: dict[str, Any] = {"database": False, "cache": False}
TABLE: dict[str, Any] = {"services": {"api": {"tables": ["orders"]}}, "tables": {"orders": {}}}
LARGE_TASKS: dict[str, Any] = {
    "services": {
        "api": {"cpu": 16384, "memory_mib": 32_768, "scaling": {"max_tasks": 5000, "requests_per_target": False}}
    },
    "network": {"subnet_prefix_length": 20},
}

SIZED: dict[str, Any] = {
    "network": {"zone_count": 3},
    "services": {
        "api": {
            "cpu": 512,
            "memory_mib": 1024,
            "scaling": {"requests_per_target": 1500, "min_tasks": 9, "max_tasks": 72},
        }
    },
    "functions": {"validator": FUNCTION},
    "database": AURORA | {"readers": 2, "min_acu": 4, "max_acu": 16, "max_connections": 1500},
    "cache": {"max_ecpu_per_second": 10_000},
    "firewall": {"requests_per_5_minutes_per_address": 10_000},
}
"""What docs/capacity.md reasons for transactions in prod."""


def first(overrides: dict[str, Any], **assumptions: float) -> tuple[str, str]:
    binding = whole(MANY | overrides, **assumptions).first
    return binding.unit, binding.measure


@pytest.mark.parametrize(
    ("unit", "measure", "overrides", "assumptions"),
    [
        ("http api", "requests/s", {"http_api": {"requests_per_second": 10}}, {}),
        ("http api", "requests at once", {"http_api": {"burst": 1}}, {"request_milliseconds": 10_000}),
        ("firewall", "requests/s", {**LARGE_TASKS, **NO_STORES}, {"outside_calls_per_request": 0}),
        ("cdn", "requests/s", {"cdn": {}}, {"assets_per_request": 5000}),
        ("cdn", "Gbit/s", {"cdn": {}}, {"asset_kilobytes": 90_000}),
        ("load balancer", "targets", {"network": {"subnet_prefix_length": 20}, **NO_STORES}, {}),
        ("network", "addresses", NO_STORES, {}),
        ("way out", "connections", {}, {"outside_connection_seconds": 3000}),
        ("way out", "Gbit/s", {}, {"outside_kilobytes_per_call": 200_000}),
        ("service api", "tasks", {"services": {"api": {"scaling": {"max_tasks": 3}}}}, {}),
        ("fleet web", "instances", {"services": False, "fleets": {"web": {}}}, {}),
        ("database", "connections", {"database": {"max_connections": 100}}, {}),
        ("database", "vCPUs", {}, {"database_cpu_milliseconds_per_query": 50}),
        ("database", "disk operations/s", {}, {"database_disk_operations_per_query": 20}),
        ("database writer", "vCPUs", {"database": AURORA}, {"database_connections_per_task": 1}),
        (
            "database readers",
            "vCPUs",
            {"database": AURORA},
            {"database_connections_per_task": 1, "database_reader_percent": 80},
        ),
        ("cache", "ECPU/s", {"cache": {"max_ecpu_per_second": 1000}}, {}),
        ("cache", "GB", {"cache": {"max_storage_gb": 2}}, {"cache_kilobytes_per_user": 1000}),
        ("cache", "connections", {}, {"cache_connections_per_task": 1000}),
        ("cache", "commands/s", {"cache": NODES}, {"cache_node_commands_per_second": 100}),
        ("files", "reads/s", {"services": {"api": {"mounts": [{"path": "/f"}]}}}, {"file_reads_per_request": 9000}),
        ("files", "writes/s", {"services": {"api": {"mounts": [{"path": "/f"}]}}}, {"file_writes_per_request": 9000}),
        ("function pay", "invocations", {"functions": {"pay": FUNCTION}}, {"function_milliseconds": 90_000}),
        ("table orders", "reads/s", TABLE, {"table_reads_per_request": 900}),
        ("table orders", "writes/s", TABLE, {"table_writes_per_request": 900}),
    ],
)
def test_each_limit_binds_first_somewhere(
    unit: str, measure: str, overrides: dict[str, Any], assumptions: dict[str, float]
) -> None:
    assert first(overrides, **assumptions) == (unit, measure)


def test_every_limit_that_there_is_has_a_case_above() -> None:
    everything = MANY | {
        "services": {"api": {"mounts": [{"path": "/f"}], "tables": ["orders"]}},
        "fleets": {"web": {"hosts": ["web.example.com"]}},
        "functions": {"pay": FUNCTION},
        "tables": {"orders": {}},
        "http_api": {},
        "cdn": {},
    }
    found = {
        (bound.unit, bound.measure)
        for kind in ({}, {"database": AURORA, "cache": NODES})
        for bound in whole(everything | kind).bounds
    }
    (parametrize,) = (mark for mark in test_each_limit_binds_first_somewhere.pytestmark if mark.name == "parametrize")
    assert found == {case[:2] for case in parametrize.args[1]}


@pytest.fixture(scope="module")
def sized() -> Report:
    return whole(SIZED, "prod")


class TestSizing:
    """The figures that docs/capacity.md gives for transactions, under its assumptions and harder ones."""

    def test_carries_fifteen_thousand_users_with_a_zone_lost(self, sized: Report) -> None:
        assert (sized.first.users, sized.first_zone_lost.users_zone_lost) == (15_000, 15_000)
        assert sized.is_enough
        assert sized.is_enough_zone_lost

    def test_is_enough_for_as_many_and_not_for_one_more(self) -> None:
        as_many, one_more = (whole(SIZED, "prod", concurrent_users=users) for users in (15_000, 15_001))
        assert (as_many.is_enough, as_many.is_enough_zone_lost) == (True, True)
        assert (one_more.is_enough, one_more.is_enough_zone_lost) == (False, False)

    def test_bears_the_third_of_them_that_comes_at_once(self, sized: Report) -> None:
        assert (sized.first_at_once.unit, sized.first_at_once.users_at_once) == ("service api", 3375)

    def test_holds_every_figure(self, sized: Report) -> None:
        assert [fit.what for fit in sized.fits if not fit.holds] == []

    def test_lacks_one_quota_of_a_fresh_account(self, sized: Report) -> None:
        assert [(use.quota.code, use.needed) for use in sized.uses if not use.fits] == [("L-3032A538", 72)]

    def test_still_carries_ten_thousand_when_no_request_goes_to_the_function(self) -> None:
        report = whole(SIZED, "prod", function_percent=0)
        assert (report.first.users, report.first_zone_lost.users_zone_lost) == (12_000, 12_000)

    def test_does_not_without_the_third_zone(self) -> None:
        report = whole(SIZED | {"network": {"zone_count": 2}}, "prod")
        assert report.is_enough
        assert report.first_zone_lost.users_zone_lost < 15_000
        assert not all(fit.holds for fit in report.fits)


class TestTransactions:
    """The blueprint as it is built in: 10,000 concurrent users at peak."""

    @pytest.mark.parametrize("function_percent", [0, 20, 50])
    def test_carries_ten_thousand_users_in_prod_with_a_zone_lost(self, function_percent: float) -> None:
        (found,) = reports(["transactions"], ["prod"], assumed(function_percent=function_percent))
        assert found.first.users >= 10_000
        assert found.first_zone_lost.users_zone_lost >= 10_000
        assert [fit.what for fit in found.fits if not fit.holds] == []

    def test_lacks_no_quota_of_a_fresh_account_but_fargate_s(self) -> None:
        (found,) = reports(["transactions"], ["prod"], Assumptions())
        assert [use.quota.code for use in found.uses if not use.fits] == ["L-3032A538"]

    @pytest.mark.parametrize(("tier", "least"), [("dev", 400), ("staging", 1250)])
    def test_carries_a_part_of_them_elsewhere(self, tier: str, least: int) -> None:
        (found,) = reports(["transactions"], [tier], Assumptions())
        assert found.first.users >= least


class TestMonotony:
    """More of what serves never carries fewer users; more of what a user takes never carries more."""

    @staticmethod
    def carried(overrides: dict[str, Any], **assumptions: float) -> tuple[int, int, int]:
        found = whole(MANY | overrides, **assumptions)
        return (
            found.first.users,
            found.first_zone_lost.users_zone_lost,
            found.first_at_once.users_at_once,
        )

    @staticmethod
    def never_less(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        return all(more >= less for less, more in zip(one, other, strict=True))

    @examples(max_examples=40)
    @given(
        st.integers(1, 300), st.integers(0, 300), st.integers(0, 100), st.integers(60, 6000), st.sampled_from([2, 3])
    )
    def test_more_tasks(self, least: int, between: int, more: int, target: int, zones: int) -> None:
        def tasks(count: int) -> dict[str, Any]:
            scaling = {"min_tasks": least, "max_tasks": count, "requests_per_target": target}
            return {"services": {"api": {"scaling": scaling}}, "network": {"zone_count": zones}}

        fewer, most = least + between, least + between + more
        assert self.never_less(self.carried(tasks(fewer)), self.carried(tasks(most)))

    @examples(max_examples=40)
    @given(st.integers(1, 100), st.integers(0, 100), st.integers(60, 6000), st.sampled_from([2, 3]))
    def test_more_tasks_that_always_run(self, least: int, more: int, target: int, zones: int) -> None:
        def tasks(count: int) -> dict[str, Any]:
            scaling = {"min_tasks": count, "max_tasks": 200, "requests_per_target": target}
            return {"services": {"api": {"scaling": scaling}}, "network": {"zone_count": zones}}

        assert self.never_less(self.carried(tasks(least)), self.carried(tasks(least + more)))

    @examples(max_examples=40)
    @given(st.integers(6, 4000), st.integers(0, 1000), st.integers(0, 4), st.integers(0, 4))
    def test_a_larger_database(self, connections: int, more: int, units: int, readers: int) -> None:
        def database(extra_connections: int, extra_units: int, extra_readers: int) -> dict[str, Any]:
            return {
                "database": AURORA
                | {
                    "max_connections": connections + extra_connections,
                    "max_acu": 8 + extra_units,
                    "readers": extra_readers,
                }
            }

        smaller, larger = database(0, 0, 0), database(more, units, readers)
        assert self.never_less(self.carried(smaller), self.carried(larger))

    @examples(max_examples=40)
    @given(
        st.sampled_from(
            [
                "cpu_milliseconds_per_request",
                "database_queries_per_request",
                "database_connections_per_task",
                "cache_commands_per_request",
                "cache_kilobytes_per_user",
                "outside_calls_per_request",
                "request_milliseconds",
                "memory_mib_at_rest",
                "peak_factor",
            ]
        ),
        st.floats(0.1, 500),
        st.floats(1, 4),
    )
    def test_dearer_requests(self, name: str, value: float, times: float) -> None:
        cheap, dear = ({name: factor * value} for factor in (1, times))
        assert self.never_less(self.carried({}, **dear), self.carried({}, **cheap))


class TestReports:
    def test_are_one_for_each_blueprint_and_environment(self) -> None:
        found = reports(["catalog", "lms"], ["dev", "prod-eu"], Assumptions())
        assert [(each.blueprint, each.settings.suffix, each.settings.tier) for each in found] == [
            ("catalog", "dev", "dev"),
            ("catalog", "prod-eu", "prod"),
            ("lms", "dev", "dev"),
            ("lms", "prod-eu", "prod"),
        ]

    def test_take_a_file_by_its_name(self, tmp_path: Path) -> None:
        (tmp_path / "shop.toml").write_text('name = "shop"\n[services.api.scaling]\nmax_tasks = 4\n')
        (only,) = reports([str(tmp_path / "shop.toml")], ["dev"], Assumptions())
        assert (only.blueprint, only.first.users) == ("shop", 333)

    def test_split_requests_as_said(self) -> None:
        (even,) = reports(["catalog"], ["dev"], Assumptions())
        (less,) = reports(["catalog"], ["dev"], Assumptions(), {"api": 0.5})
        assert less.first.users == 2 * even.first.users

    def test_end_in_the_one_error_where_settings_are_wrong(self) -> None:
        with pytest.raises(SettingsError, match="neither a file nor one of the built-in blueprints"):
            reports(["nowhere"], ["dev"], Assumptions())


def test_a_report_holds_what_it_was_asked_with() -> None:
    asked, values = settings("staging"), Assumptions()
    found = report("example", asked, values)
    assert (found.blueprint, found.settings, found.assumptions) == ("example", asked, values)
    assert found.bounds[0].unit == "firewall"
    assert found.bounds[-1].unit == "cache"
