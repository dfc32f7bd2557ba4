"""What a stack takes of an account's quotas, and which bind first."""

from __future__ import annotations

from typing import Any

import pytest

from lib.capacity import limits
from lib.capacity.load import NO_LIMIT
from lib.capacity.quotas import Use, uses
from tests.unit.capacity.example import AURORA, FUNCTION, NODES, platform, settings


def use(quota: limits.Quota, overrides: dict[str, Any] | None = None, **assumptions: float) -> Use:
    (only,) = (each for each in uses(platform(overrides, **assumptions)) if each.quota.code == quota.code)
    return only


def absent(quota: limits.Quota, overrides: dict[str, Any] | None = None) -> bool:
    return quota.code not in {each.quota.code for each in uses(platform(overrides))}


class TestFargate:
    def test_vcpus_are_those_of_all_tasks_twice(self) -> None:
        services = {"services": {"api": {"cpu": 1024, "memory_mib": 2048, "scaling": {"max_tasks": 8}}}}
        vcpus = use(limits.FARGATE_VCPUS, services)
        # Six tasks of 16.7 requests a second before more is asked for.
        assert (vcpus.needed, vcpus.users, vcpus.fits) == (16, 666, False)

    def test_what_runs_on_spot_is_counted_by_itself(self) -> None:
        cluster = {"capacity": [{"name": "FARGATE", "base": 4, "weight": 1}, {"name": "FARGATE_SPOT", "weight": 3}]}
        overrides = {"cluster": cluster, "services": {"api": {"cpu": 1024, "memory_mib": 2048}}}
        # 20 tasks while a deployment runs: 4, and 16 one to three.
        assert use(limits.FARGATE_VCPUS, overrides).needed == 8
        assert use(limits.FARGATE_SPOT_VCPUS, overrides).needed == 12
        # 6 vCPUs on Spot are 12 tasks, 4 of them the base.
        assert use(limits.FARGATE_SPOT_VCPUS, overrides).users == int(12 * 1000 / 60 / 0.15)

    def test_a_service_s_own_strategy_goes_before_the_cluster_s(self) -> None:
        capacity = [{"name": "FARGATE_SPOT", "weight": 1}]
        overrides = {"services": {"api": {"capacity": capacity}}}
        assert use(limits.FARGATE_SPOT_VCPUS, overrides).needed == 5
        assert absent(limits.FARGATE_VCPUS, overrides)

    def test_a_provider_with_a_base_only_gets_that(self) -> None:
        capacity = [{"name": "FARGATE", "base": 3, "weight": 0}, {"name": "FARGATE_SPOT", "weight": 1}]
        assert use(limits.FARGATE_VCPUS, {"services": {"api": {"capacity": capacity}}}).needed == 0.75

    def test_without_services_nothing_is_needed(self) -> None:
        overrides = {"services": False, "fleets": {"web": {}}}
        assert absent(limits.FARGATE_VCPUS, overrides)
        assert absent(limits.KEY_REQUESTS, overrides)


class TestInstances:
    def test_vcpus_are_those_of_all_and_half_as_many_again(self) -> None:
        fleets = {"web": {"instance_type": "m7i.xlarge", "scaling": {"max_instances": 3}}}
        vcpus = use(limits.INSTANCE_VCPUS, {"services": False, "fleets": fleets})
        # Two always run: 8 vCPUs, more than a fresh account has.
        assert (vcpus.needed, vcpus.users, vcpus.fits) == (18, 0, False)

    def test_without_fleets_none_are_needed(self) -> None:
        assert absent(limits.INSTANCE_VCPUS)


class TestNetwork:
    def test_targets_and_interfaces_are_one_for_each_task_and_two_for_the_rotation(self) -> None:
        targets, interfaces = (use(quota) for quota in (limits.TARGETS, limits.NETWORK_INTERFACES))
        assert (targets.needed, targets.users) == (20, 111_111)
        assert (interfaces.needed, interfaces.users) == (22, int(4998 * 1000 / 60 / 0.15))

    def test_the_vpc_link_has_interfaces_too(self) -> None:
        interfaces = use(limits.NETWORK_INTERFACES, {"http_api": {}})
        assert (interfaces.needed, interfaces.users) == (24, int(4996 * 1000 / 60 / 0.15))

    @pytest.mark.parametrize(("gateways", "addresses"), [("single", 1), ("per_zone", 3)])
    def test_each_gateway_has_an_address(self, gateways: str, addresses: int) -> None:
        assert use(limits.ADDRESSES, {"network": {"nat_gateways": gateways, "zone_count": 3}}).needed == addresses

    def test_one_of_each_of_the_rest(self) -> None:
        assert [use(quota).needed for quota in (limits.VPCS, limits.NAT_GATEWAYS, limits.LOAD_BALANCERS)] == [1, 1, 1]

    def test_each_that_answers_has_a_rule(self) -> None:
        assert use(limits.RULES, {"functions": {"pay": FUNCTION}}).needed == 2

    @pytest.mark.parametrize(("more", "expected"), [(99, (100, NO_LIMIT, True)), (100, (101, 0, False))])
    def test_more_rules_than_there_may_be_carry_nobody(self, more: int, expected: tuple[float, int, bool]) -> None:
        services = {
            f"s{number}": {"hosts": [f"s{number}.example.com"], "priority": number} for number in range(1, more + 1)
        }
        rules = use(limits.RULES, {"services": {"api": {}} | services})
        assert (rules.needed, rules.users, rules.fits) == expected


class TestRequests:
    def test_invocations_are_those_of_the_users_in_question(self) -> None:
        invocations = use(limits.INVOCATIONS, {"functions": {"pay": FUNCTION}}, function_milliseconds=500)
        assert (invocations.needed, invocations.users) == (150, 66_666)

    def test_functions_that_nobody_can_ask_need_none(self) -> None:
        assert absent(limits.INVOCATIONS, {"functions": {"nightly": {"source": FUNCTION["source"]}}})

    def test_the_http_api_takes_all_requests(self) -> None:
        requests = use(limits.API_REQUESTS, {"http_api": {}})
        assert (requests.needed, requests.quota.value, requests.users) == (1500, 10_000, 66_666)

    def test_no_api_takes_none(self) -> None:
        assert absent(limits.API_REQUESTS)

    def test_every_secret_of_a_starting_task_is_decrypted(self) -> None:
        # One of the service's own, and the database's two; a hundred tasks start at once.
        assert (use(limits.KEY_REQUESTS).needed, use(limits.KEY_REQUESTS).users) == (300, NO_LIMIT)
        without_database = {"services": {"api": {"secrets": {"SECOND": "application"}, "connects_to": ["cache"]}}}
        assert use(limits.KEY_REQUESTS, without_database).needed == 200


class TestStores:
    def test_an_instance_is_one_database(self) -> None:
        assert use(limits.DATABASES).needed == 1
        assert absent(limits.DATABASE_CLUSTERS)

    def test_aurora_is_a_cluster_and_as_many_as_it_may_have(self) -> None:
        assert use(limits.DATABASES, {"database": AURORA}).needed == 2
        assert use(limits.DATABASE_CLUSTERS, {"database": AURORA}).needed == 1
        growing = {"database": AURORA | {"reader_scaling": {"max_readers": 7}}}
        assert use(limits.DATABASES, growing).needed == 8

    def test_a_serverless_cache_is_one(self) -> None:
        assert use(limits.SERVERLESS_CACHES).needed == 1
        assert absent(limits.CACHE_NODES)

    def test_nodes_are_a_primary_and_its_replicas(self) -> None:
        nodes = {"cache": NODES | {"replicas": 2}}
        assert use(limits.CACHE_NODES, nodes).needed == 3
        assert absent(limits.SERVERLESS_CACHES, nodes)

    def test_what_is_left_out_needs_none(self) -> None:
        nothing = {"database": False, "cache": False}
        assert absent(limits.DATABASES, nothing)
        assert absent(limits.SERVERLESS_CACHES, nothing)


def test_what_a_fresh_account_lacks_stands_first_and_what_stops_most_of_that() -> None:
    overrides = {
        "fleets": {"web": {"instance_type": "m7i.xlarge", "hosts": ["web.example.com"]}},
        "services": {"api": {"cpu": 1024, "memory_mib": 2048}},
    }
    ordered = uses(platform(overrides))
    assert [each.quota.code for each in ordered if not each.fits] == ["L-1216C47A", "L-3032A538"]
    assert [each.fits for each in ordered] == sorted(each.fits for each in ordered)


def test_the_default_stack_fits_into_a_fresh_account() -> None:
    assert all(each.fits for each in uses(platform()))
    assert settings().services["api"].scaling.max_tasks == 10
