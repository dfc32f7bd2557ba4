"""Tasks and instances: each figure reckoned by hand beside it.

Half a vCPU answers 50 requests a second of 10 ms, 45 at 90 %. A user sends 0.15 requests a second at peak.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.capacity import Report, workers
from lib.settings import SettingsError
from tests.unit.capacity.example import bound, fit, growth, platform, whole

HALF_VCPU: dict[str, Any] = {"cpu": 512, "memory_mib": 1024}
NOT_FOLLOWED: dict[str, Any] = {"requests_per_target": False, "cpu_percent": False, "memory_percent": False}


def service(scaling: dict[str, Any], *, zones: int = 2, **assumptions: float) -> Report:
    api = HALF_VCPU | {"scaling": {"min_tasks": 2, "max_tasks": 10, "requests_per_target": 1500} | scaling}
    return whole({"services": {"api": api}, "network": {"zone_count": zones}}, **assumptions)


def fleet(scaling: dict[str, Any], **assumptions: float) -> Report:
    web = {"instance_type": "t3.small", "scaling": {"min_instances": 2, "max_instances": 6} | scaling}
    return whole({"services": False, "fleets": {"web": web}}, **assumptions)


class TestTasks:
    def test_as_many_as_there_may_be_carry_what_scaling_holds_them_at(self) -> None:
        tasks = bound(service({}), "service api", "tasks")
        # Ten tasks with 1,500 a minute: 250 a second.
        assert (tasks.there_is, tasks.users) == (10, 1666)

    def test_the_users_in_question_need_as_many_as_scaling_asks_for(self) -> None:
        assert bound(service({}), "service api", "tasks").needed == 60
        assert bound(service({}, concurrent_users=1000), "service api", "tasks").needed == 6
        assert bound(service({}, concurrent_users=1001), "service api", "tasks").needed == 7

    def test_no_users_need_the_least(self) -> None:
        assert bound(service({}, concurrent_users=1), "service api", "tasks").needed == 2

    def test_those_that_always_run_answer_a_sudden_load_up_to_their_fill(self) -> None:
        # Two tasks with 45: 90 requests a second.
        assert bound(service({}), "service api", "tasks").users_at_once == 600

    def test_a_sudden_load_is_not_above_what_all_carry(self) -> None:
        assert bound(service({"min_tasks": 10}), "service api", "tasks").users_at_once == 1666

    def test_the_processor_s_target_decides_where_it_asks_for_more(self) -> None:
        # 30 % of half a vCPU are 15 requests a second, below the 25 of the other target.
        assert bound(service({"cpu_percent": 30}), "service api", "tasks").users == 1000

    def test_memory_s_target_decides_where_it_asks_for_more(self) -> None:
        # 40 % of 1,024 MiB less 300 are 109.6: 4.5 requests at one time, 22.3 a second of 0.2 s each.
        report = service({"memory_percent": 40}, memory_mib_per_request=24.576)
        assert bound(report, "service api", "tasks").users == int(10 * 109.6 / 24.576 / 0.2 / 0.15)

    def test_a_target_above_what_a_task_answers_does_not_make_it_answer_more(self) -> None:
        report = service(NOT_FOLLOWED | {"requests_per_target": 6000})
        # Ten tasks with 45: 450 requests a second, not 1,000.
        assert bound(report, "service api", "tasks").users == 3000

    def test_memory_fills_a_task_before_its_processor_where_requests_are_large(self) -> None:
        # 90 % of 1,024 MiB less 300 are 621.6: 3.1 requests at one time, 15.5 a second of each of two tasks.
        report = service({"memory_percent": False}, memory_mib_per_request=200)
        assert bound(report, "service api", "tasks").users_at_once == int(2 * 621.6 / 200 / 0.2 / 0.15)

    def test_without_a_target_there_are_as_many_as_there_always_are(self) -> None:
        tasks = bound(service(NOT_FOLLOWED), "service api", "tasks")
        assert (tasks.there_is, tasks.users, tasks.users_at_once) == (2, 600, 600)

    def test_a_target_that_nothing_exceeds_is_none(self) -> None:
        assert bound(service(NOT_FOLLOWED | {"cpu_percent": 100}), "service api", "tasks").there_is == 2

    def test_memory_above_its_target_at_rest_keeps_all_of_them_running(self) -> None:
        report = service({"memory_percent": 29})
        assert growth(report, "service api", "tasks").start == 10
        assert bound(report, "service api", "tasks").users == 1666

    def test_a_target_of_few_requests_is_followed_like_any_other(self) -> None:
        report = service({"requests_per_target": 30}, concurrent_users=10)
        assert growth(report, "service api", "tasks").start == 2
        assert bound(report, "service api", "tasks").needed == 3

    def test_memory_that_is_full_at_rest_carries_nobody(self) -> None:
        tasks = bound(service({}, memory_mib_at_rest=950), "service api", "tasks")
        assert (tasks.needed, tasks.users, tasks.users_zone_lost, tasks.users_at_once) == (math.inf, 0, 0, 0)

    def test_the_setting_that_gives_more_is_named(self) -> None:
        assert bound(service({}), "service api", "tasks").setting == "services.api.scaling.max_tasks"

    def test_a_service_without_requests_stands_in_nobody_s_way(self) -> None:
        idle = replace(platform().workers["api"], share=0)
        assert idle.wanted(1_000_000) == 2
        assert (idle.rate_carried(1, 25), idle.rate_zone_lost(2)) == (math.inf, math.inf)


class TestLostZone:
    def test_of_three_zones_two_thirds_stay_and_carry_all(self) -> None:
        # 6 of 10 tasks are left: 270 requests a second are above the 250 that all are held at.
        assert bound(service({}, zones=3), "service api", "tasks").users_zone_lost == 1666

    def test_of_two_zones_a_half_stays_and_carries_less(self) -> None:
        # 5 of 10 answer 225: at more than that 10 run, at less 9, whose 4 answer 180. 8 run at up to 200: 4 answer 180.
        assert bound(service({}), "service api", "tasks").users_zone_lost == 1200

    def test_an_odd_number_of_tasks_may_be_the_one_that_carries_most(self) -> None:
        report = service({"requests_per_target": 1800}, zones=3)
        # 6 are left of 10 and of 9, and answer 270: nine run at that, ten only above it.
        assert bound(report, "service api", "tasks").users_zone_lost == 1800

    def test_the_zone_with_the_odd_task_is_the_one_that_fails(self) -> None:
        report = service({"min_tasks": 3, "max_tasks": 3})
        # 1 of 3 is left.
        assert bound(report, "service api", "tasks").users_zone_lost == 300

    def test_one_task_leaves_nobody_served(self) -> None:
        report = service({"min_tasks": 1, "max_tasks": 1})
        assert bound(report, "service api", "tasks").users_zone_lost == 0

    def test_the_highest_target_that_bears_it_is_told(self) -> None:
        of_two, of_three = (fit(service({}, zones=zones), "service api") for zones in (2, 3))
        assert (of_two.there_is, of_two.asked, of_two.holds) == (1350, 1500, False)
        assert (of_three.there_is, of_three.asked, of_three.holds) == (1800, 1500, True)
        assert of_three.setting == "services.api.scaling.requests_per_target"

    def test_a_target_that_is_just_borne_holds(self) -> None:
        assert fit(service({"requests_per_target": 1800}, zones=3), "service api").holds

    @given(st.integers(1, 60), st.integers(0, 60), st.sampled_from([2, 3, 4]), st.integers(600, 6000))
    def test_what_is_said_to_be_borne_is(self, least: int, more: int, zones: int, target: int) -> None:
        scaling = {"min_tasks": least, "max_tasks": least + more, "requests_per_target": target}
        api = HALF_VCPU | {"scaling": scaling}
        group = platform({"services": {"api": api}}).workers["api"]
        rate = group.rate_zone_lost(zones)
        running = group.running(rate)
        left = running - -(-running // zones)
        assert left * group.full_rate >= rate * (1 - 1e-9)


class TestGrowth:
    def test_requests_bring_all_tasks_in_one_step(self) -> None:
        tasks = growth(service({}), "service api", "tasks")
        # 180 s until metrics show it, three minutes of them, 45 s for the start, two health checks of 30 s.
        assert (tasks.start, tasks.end, tasks.seconds, tasks.how) == (2, 10, 465, "1 step, by requests")

    def test_it_ends_where_the_users_in_question_need_no_more(self) -> None:
        assert growth(service({}, concurrent_users=1000), "service api", "tasks").end == 6

    def test_nothing_grows_where_the_least_is_enough(self) -> None:
        tasks = growth(service({}, concurrent_users=300), "service api", "tasks")
        assert (tasks.start, tasks.end, tasks.seconds, tasks.how) == (2, 2, 0, "always there")

    def test_the_processor_takes_a_step_for_each_factor_of_ten_sevenths(self) -> None:
        tasks = growth(service({"requests_per_target": False}), "service api", "tasks")
        # ln 5 ÷ ln (100 ÷ 70) = 4.5: five steps, four pauses of a minute between them.
        assert (tasks.seconds, tasks.how) == (465 + 4 * 60, "5 steps, by processor")

    def test_a_longer_pause_holds_every_step_up_and_a_shorter_one_waits_for_the_metric(self) -> None:
        def seconds(cooldown: int) -> float:
            scaling = {"requests_per_target": False, "scale_out_cooldown_seconds": cooldown}
            return growth(service(scaling), "service api", "tasks").seconds

        assert (seconds(300), seconds(0)) == (465 + 4 * 300, 465 + 4 * 60)

    def test_memory_is_named_where_it_decides(self) -> None:
        report = service({"memory_percent": 40}, memory_mib_per_request=24.576)
        assert growth(report, "service api", "tasks").how.endswith("by memory")

    def test_fargate_starts_five_hundred_a_minute_of_a_service(self) -> None:
        def seconds(most: int) -> float:
            tasks = {"min_tasks": 1, "max_tasks": most}
            return growth(service(tasks, concurrent_users=1_000_000), "service api", "tasks").seconds

        assert [seconds(most) for most in (500, 501, 1001)] == [465, 525, 585]

    def test_health_checks_are_waited_for(self) -> None:
        api = HALF_VCPU | {"health_check": {"interval_seconds": 10, "healthy_count": 5}}
        report = whole({"services": {"api": api}}, task_start_seconds=20, metric_delay_seconds=0)
        assert growth(report, "service api", "tasks").seconds == 180 + 20 + 50


class TestInstances:
    def test_carry_by_their_vcpus(self) -> None:
        instances = bound(fleet({"requests_per_target": 6000}), "fleet web", "instances")
        # 2 vCPUs at 60 % are 120 requests a second, at 90 % 180; six and two of them.
        assert (instances.there_is, instances.users, instances.users_at_once) == (6, 4000, 2400)
        assert instances.setting == "fleets.web.scaling.max_instances"

    def test_are_held_at_requests_where_these_ask_for_more(self) -> None:
        assert bound(fleet({}), "fleet web", "instances").users == 666

    def test_follow_nothing_where_nothing_is_said(self) -> None:
        report = fleet({"requests_per_target": False, "cpu_percent": False})
        assert bound(report, "fleet web", "instances").there_is == 2

    def test_take_their_warm_up_to_start_and_between_steps(self) -> None:
        instances = growth(fleet({"requests_per_target": False, "warmup_seconds": 200}), "fleet web", "instances")
        # From 2 to 6 by at most 100 ÷ 60 each time: three steps; no launch rate of Fargate's.
        assert (instances.seconds, instances.how) == (360 + 2 * 200 + 200 + 60, "3 steps, by processor")

    def test_a_size_that_is_not_known_is_the_setting_s_fault(self) -> None:
        with pytest.raises(SettingsError, match=r"fleets\.web\.instance_type = 'm7i\.metal'"):
            whole({"fleets": {"web": {"instance_type": "m7i.metal"}}, "services": False})


@pytest.mark.parametrize(
    ("component", "argument"),
    [
        ("service.py", f"deployment_maximum_percent={workers.TASKS_DEPLOYING * 100}"),
        ("fleet.py", f"max_healthy_percentage={workers.INSTANCES_DEPLOYING * 100:.0f}"),
    ],
)
def test_deployments_run_as_many_more_as_the_components_let_them(root: Path, component: str, argument: str) -> None:
    assert argument in (root / "lib" / "components" / component).read_text()
