"""What stands before and around the tasks: each limit reckoned by hand. A user sends 0.15 requests a second at peak."""

from __future__ import annotations

from typing import Any

import pytest

from lib import capacity
from lib.capacity.load import NO_LIMIT
from lib.settings import load
from tests.unit.capacity.example import bound, fit, whole

TASKS: dict[str, Any] = {
    "services": {"api": {"cpu": 512, "memory_mib": 1024, "scaling": {"requests_per_target": 600, "max_tasks": 5000}}}
}
"""10 requests a second each: 66.7 users."""
HTTP_API: dict[str, Any] = {"http_api": {"requests_per_second": 3000, "burst": 900}}


class TestHttpApi:
    def test_lets_through_what_its_settings_say(self) -> None:
        requests = bound(whole(HTTP_API), "http api", "requests/s")
        assert (requests.there_is, requests.needed, requests.users) == (3000, 1500, 20_000)
        assert requests.setting == "http_api.requests_per_second"

    def test_and_no_more_than_the_account_has(self) -> None:
        api = {"http_api": {"requests_per_second": 100_000, "burst": 50_000}}
        assert bound(whole(api), "http api", "requests/s").there_is == 10_000
        assert bound(whole(api), "http api", "requests at once").there_is == 5000

    def test_which_is_less_in_some_regions(self) -> None:
        api = {"http_api": {"requests_per_second": 100_000, "burst": 50_000}}
        elsewhere = load("dev", aws_region="ca-west-1", overrides=api, environ={})
        report = capacity.report("example", elsewhere, capacity.Assumptions())
        assert bound(report, "http api", "requests/s").there_is == 2500
        assert bound(report, "http api", "requests at once").there_is == 1250

    def test_takes_as_many_at_once_as_are_being_answered(self) -> None:
        at_once = bound(whole(HTTP_API, request_milliseconds=400), "http api", "requests at once")
        # 1,500 a second of 0.4 s each.
        assert (at_once.there_is, at_once.needed, at_once.users) == (900, 600, 15_000)
        assert at_once.setting == "http_api.burst"

    def test_has_no_bound_where_there_is_none(self) -> None:
        assert not [each for each in whole().bounds if each.unit == "http api"]


class TestFirewall:
    def test_inspects_a_hundred_thousand_requests_a_second(self) -> None:
        requests = bound(whole(), "firewall", "requests/s")
        assert (requests.there_is, requests.needed, requests.users) == (100_000, 1500, 666_666)

    def test_tells_how_many_users_one_address_may_have(self) -> None:
        # 2,000 in 300 s are 6.7 a second, of 0.15 a user.
        address = fit(whole(), "users behind one address")
        assert (address.there_is, address.asked, address.holds) == (44, 200, False)
        assert address.setting == "firewall.requests_per_5_minutes_per_address"

    def test_a_higher_limit_bears_the_users_of_an_office(self) -> None:
        report = whole({"firewall": {"requests_per_5_minutes_per_address": 9000}}, users_per_address=200)
        assert fit(report, "users behind one address").holds

    def test_blocks_nobody_where_there_is_none(self) -> None:
        report = whole({"firewall": False})
        assert not [each for each in report.bounds if each.unit == "firewall"]
        assert not [each for each in report.fits if each.what.startswith("users behind")]


class TestCdn:
    def test_answers_what_a_distribution_may(self) -> None:
        report = whole({"cdn": {}}, assets_per_request=4, asset_kilobytes=500)
        requests, gigabits = (bound(report, "cdn", measure) for measure in ("requests/s", "Gbit/s"))
        # 0.6 requests a second and user, of 0.004 Gbit each.
        assert (requests.there_is, requests.needed, requests.users) == (250_000, 6000, 416_666)
        assert (gigabits.there_is, gigabits.needed, gigabits.users) == (150, 24, 62_500)

    def test_has_no_bound_where_there_is_none(self) -> None:
        assert not [each for each in whole().bounds if each.unit == "cdn"]


class TestLoadBalancer:
    def test_knows_a_thousand_targets_old_and_new_ones(self) -> None:
        targets = bound(whole(TASKS), "load balancer", "targets")
        # 500 tasks of 10 requests a second; 150 for the users in question, twice.
        assert (targets.there_is, targets.needed, targets.users) == (1000, 300, 33_333)
        assert targets.setting == "quota L-7E6692B2"

    def test_of_a_fleet_half_as_many_more(self) -> None:
        fleets = {"web": {"scaling": {"requests_per_target": 600, "max_instances": 500}}}
        targets = bound(whole({"services": False, "fleets": fleets}), "load balancer", "targets")
        assert (targets.needed, targets.users) == (225, int(666 * 10 / 0.15))

    @pytest.mark.parametrize(("prefix_length", "free"), [(24, 250), (27, 26)])
    def test_finds_addresses_to_grow_in_its_subnets(self, prefix_length: int, free: int) -> None:
        addresses = fit(whole({"network": {"subnet_prefix_length": prefix_length}}), "free addresses")
        assert (addresses.there_is, addresses.asked, addresses.holds) == (free, 8, True)


class TestAddresses:
    def test_are_taken_by_tasks_old_and_new_ones(self) -> None:
        addresses = bound(whole(TASKS), "network", "addresses")
        # 2 subnets of 251, one address of each for the function that rotates the password: 250 tasks twice.
        assert (addresses.there_is, addresses.needed, addresses.users) == (502, 302, int(250 * 10 / 0.15))

    def test_are_taken_by_tasks_alone_where_nobody_signs_in_to_a_database(self) -> None:
        assert bound(whole({**TASKS, "database": False}), "network", "addresses").needed == 300

    def test_of_the_zones_that_are_left_suffice_for_all_tasks_once(self) -> None:
        report = whole({**TASKS, "network": {"zone_count": 3}})
        assert bound(report, "network", "addresses").users_zone_lost == int(499 * 10 / 0.15)

    def test_are_taken_by_the_vpc_link_too(self) -> None:
        addresses = bound(whole({**TASKS, **HTTP_API}), "network", "addresses")
        # One more in each subnet: 498 are left for 249 tasks twice.
        assert (addresses.needed, addresses.users) == (304, int(249 * 10 / 0.15))
        assert addresses.users_zone_lost == int(247 * 10 / 0.15)

    def test_are_as_many_as_the_subnets_size_says(self) -> None:
        report = whole({**TASKS, "network": {"subnet_prefix_length": 26}})
        assert bound(report, "network", "addresses").there_is == 2 * 59


class TestWayOut:
    def test_has_a_port_for_each_call_to_one_address(self) -> None:
        ports = bound(whole(outside_calls_per_request=0.5, outside_connection_seconds=20), "way out", "connections")
        # 1.5 ports a user.
        assert (ports.there_is, ports.needed, ports.users) == (55_000, 15_000, 36_666)

    def test_goes_with_the_zone_of_a_single_gateway(self) -> None:
        assert bound(whole(), "way out", "connections").users_zone_lost == 0
        assert bound(whole(), "way out", "Gbit/s").users_zone_lost == 0

    def test_stays_in_the_other_zones_where_each_has_one(self) -> None:
        network = {"network": {"nat_gateways": "per_zone", "zone_count": 3}}
        ports = bound(
            whole(network, outside_calls_per_request=1, outside_connection_seconds=20), "way out", "connections"
        )
        assert (ports.there_is, ports.users, ports.users_zone_lost) == (165_000, 55_000, 36_666)

    def test_widens_from_five_gigabits_a_second_to_a_hundred(self) -> None:
        report = whole(outside_calls_per_request=1, outside_kilobytes_per_call=1000)
        gigabits = bound(report, "way out", "Gbit/s")
        # 0.15 times 0.008 Gbit/s a user.
        assert (gigabits.there_is, gigabits.users, gigabits.users_at_once) == (100, 83_333, 4166)

    def test_widens_in_every_zone_that_has_a_gateway(self) -> None:
        network = {"network": {"nat_gateways": "per_zone", "zone_count": 3}}
        gigabits = bound(
            whole(network, outside_calls_per_request=1, outside_kilobytes_per_call=1000), "way out", "Gbit/s"
        )
        assert (gigabits.there_is, gigabits.users) == (300, 250_000)
        assert (gigabits.users_zone_lost, gigabits.users_at_once) == (166_666, 12_500)

    def test_is_not_needed_where_nobody_calls_outside(self) -> None:
        ports = bound(whole(outside_calls_per_request=0), "way out", "connections")
        assert (ports.needed, ports.users, ports.users_zone_lost) == (0, NO_LIMIT, NO_LIMIT)

    def test_is_not_the_functions_way(self) -> None:
        functions = {"functions": {"pay": {"source": "lib/functions/transactions", "paths": ["/pay/*"]}}}
        with_function = bound(whole(functions, function_percent=50), "way out", "connections")
        assert with_function.needed == bound(whole(), "way out", "connections").needed / 2
