"""`make status`: what is told of each part, what counts as trouble and how bad, and what it ends with."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.operations.aws import Refused
from lib.operations.ending import ended
from lib.operations.printing import rendered
from lib.operations.status import command, look
from lib.operations.status.command import now
from lib.operations.status.look import PARTS, Seen, is_well, troubles
from lib.operations.status.metrics import number
from lib.operations.status.parts import Line, Part, Severity
from lib.operations.status.screen import document, missing_permissions, show
from tests.unit.operations.living import NOW, Living
from tests.unit.operations.recorded import BLUEPRINTS, GONE

SERVICE = "ecs describe_services"
HEALTH = "elbv2 describe_target_health"
GROUP = "autoscaling describe_auto_scaling_groups"
FUNCTION = "lambda get_function_configuration"
INSTANCE = "rds describe_db_instances"
CLUSTER = "rds describe_db_clusters"
SERVERLESS = "elasticache describe_serverless_caches"
ALARMS = "cloudwatch describe_alarms"


def looked(living: Living, *, emulated: bool = False) -> list[Seen]:
    return look.look(living.deployment(emulated=emulated), NOW)


def told(living: Living) -> list[tuple[str, str]]:
    """Severity and sentence of whatever is the matter."""
    return [(trouble.severity.name, f"{seen.called}: {trouble.text}") for seen, trouble in troubles(looked(living))]


def line(living: Living, part: str, subject: str = "", *, emulated: bool = False) -> Line:
    found = [seen for seen in looked(living, emulated=emulated) if seen.part.name == part]
    (one,) = [seen.line for seen in found if seen.label == subject]
    return one


def screen(living: Living, *, emulated: bool = False) -> str:
    stack = living.deployment(emulated=emulated)
    seen = look.look(stack, NOW)
    return rendered(lambda console: show(console, stack, seen, NOW))


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def catalog() -> Living:
    return Living("catalog")


@pytest.fixture
def fleet() -> Living:
    return Living("fleet")


@pytest.fixture
def transactions() -> Living:
    return Living("transactions")


@pytest.fixture
def payments() -> Living:
    return Living("payments")


class TestWhole:
    @pytest.mark.parametrize("blueprint", BLUEPRINTS)
    def test_all_is_well_with_a_right_deployment(self, blueprint: str) -> None:
        assert told(Living(blueprint)) == []

    @pytest.mark.parametrize("blueprint", BLUEPRINTS)
    def test_no_emulator_is_blamed_for_what_it_cannot_know(self, blueprint: str) -> None:
        assert is_well(looked(Living(blueprint), emulated=True))

    @pytest.mark.parametrize(
        ("blueprint", "parts"),
        [
            ("catalog", "services targets database cache alarms subscriptions deployment"),
            ("fleet", "fleets targets database alarms subscriptions deployment"),
            ("payments", "services targets database cache http_api alarms subscriptions deployment"),
            (
                "transactions",
                "services targets functions database cache cdn alarms subscriptions subscriptions deployment",
            ),
        ],
    )
    def test_only_what_the_stack_has_is_looked_at(self, blueprint: str, parts: str) -> None:
        assert [seen.part.name for seen in looked(Living(blueprint))] == parts.split()

    def test_the_screen_has_a_line_for_each_and_ends_with_the_verdict(self, catalog: Living) -> None:
        lines = screen(catalog).splitlines()
        assert lines[0] == "catalog dev (dev) in 123456789012, sa-east-1, 2026-11-24 17:30 UTC"
        assert lines[2] == "Services         api  2 of 2 running, 0 pending; rollout completed, for 28 min"
        assert lines[3].strip() == "catalog-dev-api:1, as deployed"
        assert lines[4] == "Targets          api  1 healthy"
        assert lines[-1] == "all is well"

    def test_an_emulated_screen_says_what_needs_aws(self, catalog: Living) -> None:
        text = screen(catalog, emulated=True)
        assert text.count("needs AWS: an emulator") == 5
        assert text.splitlines()[-1] == "all is well; 5 of 7 lines need AWS to be complete"

    def test_nothing_is_measured_on_an_emulator(self, transactions: Living) -> None:
        looked(transactions, emulated=True)
        assert transactions.aws.queries == []

    def test_the_worst_is_first_and_named_by_the_verdict(self, catalog: Living) -> None:
        catalog.change("sns list_subscriptions_by_topic", "Subscriptions.0.SubscriptionArn", "PendingConfirmation")
        catalog.change(HEALTH, "TargetHealthDescriptions.0.TargetHealth", {"State": "unhealthy"})
        lines = screen(catalog).splitlines()
        assert [line.partition(":")[0] for line in lines[-3:-1]] == ["down", "unheard"]
        assert lines[-1] == "not well: targets of api (down), and 1 more"

    def test_a_note_is_shown_and_all_is_well_all_the_same(self, catalog: Living) -> None:
        catalog.change(INSTANCE, "DBInstances.0.DBInstanceStatus", "backing-up")
        assert told(catalog) == [("NOTE", "database: it is backing-up")]
        assert screen(catalog).splitlines()[-2:] == ["note: database: it is backing-up", "all is well"]

    def test_brackets_in_the_words_of_aws_are_shown(self, catalog: Living) -> None:
        catalog.change(ALARMS, "MetricAlarms.0.StateValue", "ALARM")
        catalog.change(ALARMS, "MetricAlarms.0.StateReason", "1 datapoint [97.0 (24/11/26)] was over [red]")
        assert "1 datapoint [97.0 (24/11/26)] was over [red]" in screen(catalog)

    def test_programs_get_the_same(self, catalog: Living) -> None:
        catalog.change(SERVICE, "services.0.runningCount", 1)
        stack = catalog.deployment()
        content = json.loads(json.dumps(document(stack, look.look(stack, NOW), NOW)))
        assert (content["well"], content["at"]) == (False, "2026-11-24T17:30:00+00:00")
        assert content["troubles"] == [
            {"severity": "degraded", "part": "services", "subject": "api", "text": "1 of 2 tasks run"}
        ]
        service = content["parts"]["services"]["api"]
        assert (service["desired"], service["running"], service["since"]) == (2, 1, "2026-11-24T17:02:00+00:00")
        assert content["parts"]["database"]["database_arn"]["restorable_until"] == "2026-11-24T17:25:00+00:00"
        assert content["missing_permissions"] == []


class TestFaults:
    def test_a_part_that_is_denied_names_the_permission_and_hides_no_other(self, catalog: Living) -> None:
        catalog.change(INSTANCE, "", "AccessDenied")
        found = looked(catalog)
        assert told(catalog) == [("UNKNOWN", "database: rds describe_db_instances: AccessDenied")]
        assert missing_permissions(found) == ["rds:describe_db_instances"]
        assert sum(seen.line.texts == ("not known",) for seen in found) == 1

    def test_a_throttled_part_says_so(self, catalog: Living) -> None:
        catalog.change(SERVICE, "", "ThrottlingException")
        assert ("UNKNOWN", "service api: ecs describe_services: ThrottlingException") in told(catalog)

    @pytest.mark.parametrize(
        ("blueprint", "parts"),
        [
            ("catalog", ["cache", "database"]),
            ("payments", ["HTTP API", "cache", "database"]),
            ("transactions", ["CDN", "cache", "database", "function validator"]),
        ],
    )
    def test_without_measurements_the_rest_is_told(self, blueprint: str, parts: list[str]) -> None:
        living = Living(blueprint)
        living.aws.script["cloudwatch get_metric_data"] = ["AccessDenied"] * 9
        found = looked(living)
        assert sorted(seen.called for seen, _ in troubles(found)) == parts
        assert {trouble.severity for _, trouble in troubles(found)} == {Severity.UNKNOWN}
        assert missing_permissions(found) == ["cloudwatch:get_metric_data"]
        assert not any(seen.line.texts == ("not known",) for seen in found)

    @pytest.mark.parametrize("call", ["secretsmanager describe_secret", "rds describe_pending_maintenance_actions"])
    def test_nor_does_a_secret_or_a_maintenance_hide_the_database(self, catalog: Living, call: str) -> None:
        catalog.change(call, "", "AccessDeniedException")
        assert told(catalog) == [("UNKNOWN", f"database: {call}: AccessDeniedException")]
        assert line(catalog, "database").texts[0] == "available, db.t4g.micro, postgres 17"

    def test_an_answer_without_what_it_must_have_is_told(self, catalog: Living) -> None:
        catalog.change(SERVERLESS, "ServerlessCaches.0.Status", GONE)
        assert told(catalog) == [("UNKNOWN", "cache: an answer of AWS has no 'Status'")]

    @pytest.mark.parametrize(
        ("blueprint", "call", "path", "value", "says"),
        [
            ("catalog", SERVICE, "services", [], "service api: ECS has no active service catalog-dev-api"),
            ("catalog", SERVICE, "services.0.status", "DRAINING", "service api: ECS has no active service"),
            ("catalog", INSTANCE, "DBInstances", [], "database: there is no database instance catalog-dev-database"),
            ("catalog", SERVERLESS, "ServerlessCaches", [], "cache: there is no cache catalog-dev-cache"),
            ("fleet", GROUP, "AutoScalingGroups", [], "fleet web: there is no Auto Scaling group fleet-dev-web"),
        ],
    )
    def test_what_the_outputs_name_and_is_gone_is_down(
        self, blueprint: str, call: str, path: str, value: Any, says: str
    ) -> None:
        living = Living(blueprint)
        living.change(call, path, value)
        assert any(severity == "DOWN" and text.startswith(says) for severity, text in told(living))

    def test_a_mistake_of_our_own_is_no_trouble_of_the_deployment(self, catalog: Living) -> None:
        def broken(*_: object) -> Line:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            look.look(catalog.deployment(), NOW, [Part("a", "A", "a", ("vpc_id",), broken)])


class TestServices:
    @pytest.mark.parametrize(
        ("path", "value", "expected"),
        [
            ("runningCount", 0, [("DOWN", "none of 2 tasks runs")]),
            ("runningCount", 1, [("DEGRADED", "1 of 2 tasks run")]),
            ("runningCount", 3, []),
            ("desiredCount", 0, [("DOWN", "no task is wanted of it")]),
            ("deployments.0.rolloutState", "IN_PROGRESS", [("NOTE", "a deployment to catalog-dev-api:1 is under way")]),
            ("deployments.0.rolloutState", "FAILED", [("FAILED", "its last deployment failed: ECS deployment")]),
        ],
    )
    def test_trouble(self, catalog: Living, path: str, value: Any, expected: list[tuple[str, str]]) -> None:
        catalog.change(SERVICE, f"services.0.{path}", value)
        found = [(severity, text.removeprefix("service api: ")) for severity, text in told(catalog)]
        assert [severity for severity, _ in found] == [severity for severity, _ in expected]
        assert all(text.startswith(begins) for (_, text), (_, begins) in zip(found, expected, strict=True))

    def test_another_revision_than_the_deployed_one_is_a_failed_deployment(self, catalog: Living) -> None:
        catalog.outputs["task_definition_arns"]["api"] = catalog.outputs["task_definition_arns"]["api"][:-1] + "2"
        assert told(catalog) == [
            ("FAILED", "service api: it runs catalog-dev-api:1, not catalog-dev-api:2 that was deployed")
        ]
        assert line(catalog, "services", "api").texts[1] == "catalog-dev-api:1, not catalog-dev-api:2"

    def test_that_is_known_of_an_emulator_too(self, catalog: Living) -> None:
        catalog.outputs["task_definition_arns"]["api"] = catalog.outputs["task_definition_arns"]["api"][:-1] + "2"
        assert [trouble.severity for trouble in line(catalog, "services", "api", emulated=True).troubles] == [
            Severity.FAILED
        ]

    def test_a_deployment_whose_tasks_fail_is_more_than_a_note(self, catalog: Living) -> None:
        catalog.change(SERVICE, "services.0.deployments.0.rolloutState", "IN_PROGRESS")
        catalog.change(SERVICE, "services.0.deployments.0.failedTasks", 3)
        assert told(catalog) == [
            ("DEGRADED", "service api: a deployment to catalog-dev-api:1 is under way; 3 of its tasks failed")
        ]

    def test_a_failure_without_a_reason_says_so(self, catalog: Living) -> None:
        catalog.change(SERVICE, "services.0.deployments.0.rolloutState", "FAILED")
        catalog.change(SERVICE, "services.0.deployments.0.rolloutStateReason", GONE)
        assert told(catalog)[0][1].endswith("its last deployment failed: ECS does not say why")

    def test_without_times_nothing_is_said_of_since_when(self, catalog: Living) -> None:
        for member in ("createdAt", "updatedAt"):
            catalog.change(SERVICE, f"services.0.deployments.0.{member}", GONE)
        assert line(catalog, "services", "api").texts[0] == "2 of 2 running, 0 pending; rollout completed"


class TestTargets:
    def states(self, living: Living, *states: dict[str, str]) -> None:
        targets = [{"Target": {"Id": f"10.0.3.{n}"}, "TargetHealth": each} for n, each in enumerate(states)]
        living.change(HEALTH, "TargetHealthDescriptions", targets)

    def test_a_sick_one_is_told_with_its_reason(self, catalog: Living) -> None:
        why = {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}
        self.states(catalog, {"State": "healthy"}, why, {"State": "draining"}, {"State": "initial"})
        assert told(catalog) == [("DEGRADED", "targets of api: 10.0.3.1: unhealthy, Target.Timeout, Request timed out")]
        assert line(catalog, "targets", "api").texts == ("1 draining, 1 healthy, 1 initial, 1 unhealthy",)

    def test_none_healthy_is_down(self, catalog: Living) -> None:
        self.states(catalog, {"State": "unhealthy", "Reason": "Target.Timeout"})
        assert told(catalog) == [("DOWN", "targets of api: no target is healthy: 10.0.3.0: unhealthy, Target.Timeout")]

    def test_none_at_all_is_down(self, catalog: Living) -> None:
        self.states(catalog)
        assert told(catalog) == [("DOWN", "targets of api: no target is healthy: there is none")]
        assert line(catalog, "targets", "api").texts == ("no target",)


class TestFleets:
    def refresh(self, fleet: Living, **members: Any) -> None:
        answer = {"InstanceRefreshes": [members, {"Status": "Failed"}]}
        fleet.answer("autoscaling describe_instance_refreshes", answer, AutoScalingGroupName="fleet-dev-web")

    @pytest.mark.parametrize("status", ["Failed", "RollbackFailed", "RollbackSuccessful"])
    def test_a_refresh_that_ended_badly_is_a_failed_deployment(self, fleet: Living, status: str) -> None:
        self.refresh(fleet, Status=status, StatusReason="unhealthy")
        assert told(fleet) == [("FAILED", f"fleet web: its last instance refresh ended with {status}: unhealthy")]

    def test_one_under_way_is_a_note(self, fleet: Living) -> None:
        self.refresh(fleet, Status="InProgress", PercentageComplete=50, StartTime=NOW - timedelta(hours=3))
        assert told(fleet) == [("NOTE", "fleet web: an instance refresh is under way: 50 % done")]
        assert line(fleet, "fleets", "web").texts[1] == "instance refresh InProgress, begun 3 h ago"

    def test_the_newest_counts(self, fleet: Living) -> None:
        self.refresh(fleet, Status="Successful")
        assert told(fleet) == []
        assert line(fleet, "fleets", "web").texts[1] == "instance refresh Successful"

    def test_an_unhealthy_instance_is_named(self, fleet: Living) -> None:
        fleet.change(GROUP, "AutoScalingGroups.0.Instances.0.HealthStatus", "Unhealthy")
        (trouble,) = told(fleet)
        assert re.fullmatch(r"fleet web: i-\w+ is unhealthy", trouble[1])

    def test_fewer_than_wanted_is_degraded(self, fleet: Living) -> None:
        fleet.change(GROUP, "AutoScalingGroups.0.DesiredCapacity", 2)
        assert told(fleet) == [("DEGRADED", "fleet web: 1 of 2 instances are in service")]

    def test_none_in_service_is_down(self, fleet: Living) -> None:
        fleet.change(GROUP, "AutoScalingGroups.0.Instances.0.LifecycleState", "Pending")
        assert told(fleet)[0] == ("DOWN", "fleet web: none of 1 instances is in service")


class TestFunctions:
    def test_calls_of_the_last_hour_are_counted(self, transactions: Living) -> None:
        name = "transactions-prod-validator"
        transactions.aws.measured = {("Invocations", name): [700.0, 504.0], ("Errors", name): [2.0, 1.0]}
        assert told(transactions) == [("DEGRADED", "function validator: 3 of 1,204 calls failed within the last hour")]
        assert line(transactions, "functions", "validator").texts[1] == (
            "last hour: 1,204 calls, 3 errors, 0 throttled"
        )

    def test_throttled_calls_are_trouble(self, transactions: Living) -> None:
        transactions.aws.measured = {("Throttles", "transactions-prod-validator"): [5.0]}
        assert told(transactions) == [("DEGRADED", "function validator: 5 calls were throttled within the last hour")]

    def test_a_failed_update_is_a_failed_deployment(self, transactions: Living) -> None:
        transactions.change(FUNCTION, "LastUpdateStatus", "Failed")
        transactions.change(FUNCTION, "LastUpdateStatusReason", "no such key")
        assert told(transactions) == [("FAILED", "function validator: its last update failed: no such key")]

    def test_one_that_is_not_active_is_down(self, transactions: Living) -> None:
        transactions.change(FUNCTION, "State", "Inactive")
        assert told(transactions) == [("DOWN", "function validator: it is Inactive: it does not say why")]


class TestDatabase:
    NAME = "catalog-dev-database"

    def test_what_was_measured_last_is_shown(self, catalog: Living) -> None:
        catalog.aws.measured = {
            ("CPUUtilization", self.NAME): [12.34, 99.0],
            ("DatabaseConnections", self.NAME): [14.0],
            ("FreeStorageSpace", self.NAME): [15.2 * 2**30],
        }
        assert line(catalog, "database").texts == (
            "available, db.t4g.micro, postgres 17",
            "CPU 12 %, 14 connections, 15 of 20 GB free",
            "restorable until 2026-11-24 17:25 UTC; password changes 2026-11-27 17:30 UTC",
        )

    def test_what_is_old_is_no_news(self, catalog: Living) -> None:
        catalog.aws.measured = {("CPUUtilization", self.NAME): [12.0]}
        catalog.aws.age_minutes = 16
        assert line(catalog, "database").texts[1].startswith("CPU ?, ")

    def test_an_hour_is_asked_for_minute_by_minute(self, catalog: Living) -> None:
        looked(catalog)
        query = next(each for each in catalog.aws.queries if len(each["MetricDataQueries"]) == 3)
        assert (query["StartTime"], query["EndTime"]) == ("2026-11-24T16:30:00Z", "2026-11-24T17:30:00Z")
        assert {each["MetricStat"]["Period"] for each in query["MetricDataQueries"]} == {60}

    def test_servers_of_aurora_are_told_apart(self, payments: Living) -> None:
        payments.aws.measured = {("ServerlessDatabaseCapacity", "payments-prod-database-1"): [2.5]}
        assert line(payments, "database").texts[1:3] == (
            "writer payments-prod-database-1: CPU ?, ? connections, 2.5 ACU",
            "reader payments-prod-database-2: CPU ?, ? connections, ?",
        )

    @pytest.mark.parametrize("status", ["storage-full", "stopped", "rebooting"])
    def test_one_that_does_not_answer_is_down(self, catalog: Living, status: str) -> None:
        catalog.change(INSTANCE, "DBInstances.0.DBInstanceStatus", status)
        assert told(catalog) == [("DOWN", f"database: it is {status}")]

    def test_a_cluster_is_down_by_its_own_status(self, payments: Living) -> None:
        payments.change(CLUSTER, "DBClusters.0.Status", "failing-over")
        assert told(payments) == [("DOWN", "database: it is failing-over")]

    def test_a_server_of_a_cluster_that_does_not_answer_is_degraded(self, payments: Living) -> None:
        asked = next(each for each in payments.of(INSTANCE) if "database-2" in each)
        payments.answers[asked]["DBInstances"][0]["DBInstanceStatus"] = "rebooting"
        assert told(payments) == [("DEGRADED", "database: payments-prod-database-2 is rebooting")]

    def test_a_backup_that_does_not_keep_up_is_trouble(self, catalog: Living) -> None:
        catalog.change(INSTANCE, "DBInstances.0.LatestRestorableTime", NOW - timedelta(hours=5))
        assert told(catalog) == [("DEGRADED", "database: it can be restored as it was 5 h ago, not later")]

    def test_a_rotation_that_is_overdue_is_trouble(self, catalog: Living) -> None:
        catalog.change("secretsmanager describe_secret", "NextRotationDate", NOW - timedelta(days=3))
        assert told(catalog) == [("DEGRADED", "database: its password should have changed 3 d ago")]

    def test_one_that_is_tried_again_is_none_yet(self, catalog: Living) -> None:
        catalog.change("secretsmanager describe_secret", "NextRotationDate", NOW - timedelta(days=2))
        assert told(catalog) == []

    @pytest.mark.parametrize("is_rotated", [True, False])
    def test_the_password_is_that_of_applications_where_they_have_one(self, catalog: Living, is_rotated: bool) -> None:
        if not is_rotated:
            del catalog.outputs["database_secret_arn"]
        looked(catalog)
        asked = [each for each in catalog.aws.asked if each.startswith("secretsmanager describe_secret")]
        output = "database_secret_arn" if is_rotated else "database_master_secret_arn"
        assert len(asked) == 1
        assert catalog.outputs[output] in asked[0]

    def test_without_a_backup_and_a_rotation_nothing_is_said_of_them(self, catalog: Living) -> None:
        catalog.change("secretsmanager describe_secret", "NextRotationDate", GONE)
        catalog.change(INSTANCE, "DBInstances.0.LatestRestorableTime", GONE)
        assert len(line(catalog, "database").texts) == 2

    def test_what_waits_for_the_window_is_a_note(self, catalog: Living) -> None:
        catalog.change(INSTANCE, "DBInstances.0.PendingModifiedValues", {"DBInstanceClass": "db.m7g.large"})
        assert told(catalog) == [
            (
                "NOTE",
                "database: waits for its maintenance window: catalog-dev-database: DBInstanceClass to db.m7g.large",
            )
        ]

    @pytest.mark.parametrize(
        ("dates", "when"),
        [
            ({"CurrentApplyDate": NOW}, " at 2026-11-24 17:30 UTC"),
            ({"AutoAppliedAfterDate": NOW}, " at 2026-11-24 17:30 UTC"),
            ({}, ""),
        ],
    )
    def test_maintenance_to_come_is_a_note(self, catalog: Living, dates: dict[str, Any], when: str) -> None:
        actions = [{"PendingMaintenanceActionDetails": [{"Action": "system-update", **dates}]}]
        catalog.change("rds describe_pending_maintenance_actions", "PendingMaintenanceActions", actions)
        assert told(catalog) == [("NOTE", f"database: maintenance: system-update of catalog-dev-database{when}")]

    def test_maintenance_of_a_cluster_is_asked_for_too(self, payments: Living) -> None:
        actions = [{"PendingMaintenanceActionDetails": [{"Action": "db-upgrade"}]}]
        payments.change("rds describe_pending_maintenance_actions", "PendingMaintenanceActions", actions)
        assert len(told(payments)) == 3


class TestCache:
    def test_what_is_used_of_what_may_be(self, catalog: Living) -> None:
        catalog.aws.measured = {("BytesUsedForCache", "catalog-dev-cache"): [4.2e9]}
        assert line(catalog, "cache").texts[1] == "4.2 of 10 GB used, ? connections"

    def test_throttled_commands_are_trouble(self, catalog: Living) -> None:
        catalog.aws.measured = {("ThrottledCmds", "catalog-dev-cache"): [10.0, 2.0]}
        assert told(catalog) == [("DEGRADED", "cache: 12 commands were throttled within the last hour")]

    def test_one_that_is_not_available_is_down(self, catalog: Living) -> None:
        catalog.change(SERVERLESS, "ServerlessCaches.0.Status", "CREATE-FAILED")
        assert told(catalog) == [("DOWN", "cache: catalog-dev-cache is CREATE-FAILED")]

    def test_nodes_are_told_one_by_one(self, payments: Living) -> None:
        payments.aws.measured = {("DatabaseMemoryUsagePercentage", "payments-prod-cache-001"): [61.0]}
        assert line(payments, "cache").texts == (
            "available, valkey, 2 of cache.m7g.large",
            "payments-prod-cache-001: 61 % used, ? connections",
            "payments-prod-cache-002: ? used, ? connections",
        )

    def test_a_node_that_is_not_available_is_degraded(self, payments: Living) -> None:
        payments.change("elasticache describe_cache_clusters", "CacheClusters.0.CacheClusterStatus", "rebooting")
        assert told(payments) == [("DEGRADED", "cache: payments-prod-cache-001 is rebooting")]


class TestEdge:
    def test_answers_5xx_of_the_http_api_are_trouble(self, payments: Living) -> None:
        id = payments.outputs["http_api_id"]
        payments.aws.measured = {("Count", id): [900.0], ("5xx", id): [3.0]}
        assert told(payments) == [("DEGRADED", "HTTP API: 3 answers of the last hour were 5xx")]
        assert line(payments, "http_api").texts[1] == "last hour: 900 requests, 3 answered 5xx"

    def test_without_its_link_the_http_api_is_down(self, payments: Living) -> None:
        payments.change("apigatewayv2 get_vpc_link", "VpcLinkStatus", "FAILED")
        assert told(payments) == [("DOWN", "HTTP API: its link to the load balancer is FAILED")]

    def test_the_cdn_is_measured_where_it_reports_to(self, transactions: Living) -> None:
        transactions.aws.measured = {("5xxErrorRate", transactions.outputs["cdn_distribution_id"]): [0.5]}
        assert line(transactions, "cdn").texts[1] == "last hour: 0 requests; 0.5 % 5xx now"
        regions = {each["region"] for each in transactions.aws.queries if "CloudFront" in str(each)}
        assert regions == {"us-east-1"}

    def test_a_cdn_that_is_switched_off_is_down(self, transactions: Living) -> None:
        path = "Distribution.DistributionConfig.Enabled"
        transactions.change("cloudfront get_distribution", path, False)
        assert told(transactions) == [("DOWN", "CDN: it is switched off")]

    def test_a_change_on_its_way_is_a_note(self, transactions: Living) -> None:
        transactions.change("cloudfront get_distribution", "Distribution.Status", "InProgress")
        assert told(transactions) == [("NOTE", "CDN: a change is on its way to its places")]


class TestWatching:
    def test_an_alarm_is_told_with_its_reason_and_since_when(self, catalog: Living) -> None:
        on = {"StateValue": "ALARM", "StateReason": "over 80", "StateTransitionedTimestamp": NOW - timedelta(hours=2)}
        name = catalog.outputs["alarm_names"][0]
        for asked in catalog.of(ALARMS):
            for alarm in catalog.answers[asked]["MetricAlarms"]:
                alarm.update(on if alarm["AlarmName"] == name else {})
        assert told(catalog) == [("ALARM", f"alarms: {name}, for 2 h: over 80")]
        others = len(catalog.outputs["alarm_names"]) - 1
        assert line(catalog, "alarms").texts == (f"1 on, {others} ok, 0 without data",)

    def test_alarms_without_data_are_counted_and_no_trouble(self, catalog: Living) -> None:
        catalog.change(ALARMS, "MetricAlarms.0.StateValue", "INSUFFICIENT_DATA")
        others = len(catalog.outputs["alarm_names"]) - 1
        assert line(catalog, "alarms").texts == (f"0 on, {others} ok, 1 without data",)
        assert told(catalog) == []

    def test_a_missing_alarm_is_unheard(self, catalog: Living) -> None:
        catalog.outputs["alarm_names"].append("catalog-dev-api-none")
        assert told(catalog) == [("UNHEARD", "alarms: there is no alarm catalog-dev-api-none")]

    def test_a_muted_alarm_is_unheard(self, catalog: Living) -> None:
        catalog.change(ALARMS, "MetricAlarms.0.ActionsEnabled", False)
        (trouble,) = told(catalog)
        assert trouble[0] == "UNHEARD"
        assert trouble[1].endswith("tells nobody: it is muted")

    def test_alarms_of_others_are_not_told(self, catalog: Living) -> None:
        catalog.outputs["alarm_names"].remove("catalog-dev-api-cpu")
        catalog.change(ALARMS, "MetricAlarms.*.StateReason", "because")
        for asked in catalog.of(ALARMS):
            for alarm in catalog.answers[asked]["MetricAlarms"]:
                alarm["StateValue"] = "ALARM" if alarm["AlarmName"] == "catalog-dev-api-cpu" else "OK"
        assert told(catalog) == []

    def test_nobody_confirmed_is_unheard(self, catalog: Living) -> None:
        catalog.change("sns list_subscriptions_by_topic", "Subscriptions.0.SubscriptionArn", "PendingConfirmation")
        assert told(catalog) == [("UNHEARD", "subscriptions: nobody hears alarms until alerts@example.com confirms")]

    def test_nobody_subscribed_is_unheard(self, catalog: Living) -> None:
        catalog.change("sns list_subscriptions_by_topic", "Subscriptions", [])
        assert told(catalog) == [("UNHEARD", "subscriptions: nobody hears alarms until an address confirms")]

    def test_one_of_several_that_has_not_confirmed_is_a_note(self, catalog: Living) -> None:
        waiting = {"Endpoint": "b@example.com", "SubscriptionArn": "PendingConfirmation"}
        catalog.change("sns list_subscriptions_by_topic", "Subscriptions", lambda others: [*others, waiting])
        assert told(catalog) == [("NOTE", "subscriptions: b@example.com has not confirmed")]

    def test_each_region_has_its_own_subscriptions(self, transactions: Living) -> None:
        texts = [seen.line.texts[0] for seen in looked(transactions) if seen.part.name == "subscriptions"]
        assert texts == ["1 of 1 confirmed in sa-east-1", "1 of 1 confirmed in us-east-1"]


class TestLastDeployment:
    def test_when_what_and_by_whom(self, catalog: Living) -> None:
        tags = [{"Key": "CommitAuthor", "Value": "ada"}, {"Key": "Repository", "Value": "example/shop"}]
        catalog.change("elbv2 describe_tags", "TagDescriptions.0.Tags", tags)
        assert line(catalog, "deployment").texts == (
            "2026-11-24 17:02 UTC, 28 min ago: api to catalog-dev-api:1 by deploy/GitHubActions",
            "commit by ada, from example/shop",
        )

    def test_of_a_fleet_it_is_the_template(self, fleet: Living) -> None:
        version = "ec2 describe_launch_template_versions"
        fleet.change(version, "LaunchTemplateVersions.0.CreateTime", NOW - timedelta(days=3))
        fleet.change(version, "LaunchTemplateVersions.0.CreatedBy", "arn:aws:iam::1:root")
        assert line(fleet, "deployment").texts == (
            "2026-11-21 17:30 UTC, 3 d ago: web to fleet-dev-web version 1 by arn:aws:iam::1:root",
        )

    def test_the_newest_of_all_counts(self, transactions: Living) -> None:
        transactions.change(FUNCTION, "LastModified", "2026-11-24T17:29:00.000+0000")
        transactions.change(FUNCTION, "CodeSha256", "abcdefghij")
        assert line(transactions, "deployment").texts == (
            "2026-11-24 17:29 UTC, 1 min ago: validator to code abcdefgh",
        )

    @pytest.mark.parametrize("value", ["yesterday", 5])
    def test_a_time_that_cannot_be_read_is_none(self, transactions: Living, value: object) -> None:
        transactions.change(FUNCTION, "LastModified", value)
        assert line(transactions, "deployment").facts["part"] == "api"

    def test_where_aws_does_not_tell_that_is_said(self, fleet: Living) -> None:
        assert line(fleet, "deployment").texts == ("AWS does not tell when",)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "%", "?"),
        (0.0, "", "0"),
        (2.5, "ACU", "2.5 ACU"),
        (12.6, "%", "13 %"),
        (3.0, "", "3"),
        (1204.0, "", "1,204"),
    ],
)
def test_numbers_are_as_people_write_them(value: float | None, unit: str, text: str) -> None:
    assert number(value, unit) == text


def test_parts_have_names_of_their_own() -> None:
    assert len({part.name for part in PARTS}) == len(PARTS) == 11


class TestCommand:
    Run = Callable[..., int]

    @pytest.fixture
    def run(self, catalog: Living) -> Run:
        def status(*, as_json: bool = False, watch: int | None = None) -> int:
            return ended(lambda: command.told(catalog.deployment, as_json_document=as_json, watch=watch))()

        return status

    @pytest.fixture(autouse=True)
    def _then(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(command, "now", lambda: NOW)

    def test_now_is_in_utc(self) -> None:
        assert abs(datetime.now(UTC) - now()) < timedelta(minutes=1)

    def test_all_well_ends_with_0(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        assert run() == 0
        printed = capsys.readouterr()
        assert printed.out.splitlines()[-1] == "all is well"
        assert printed.err == ""

    def test_trouble_ends_with_1(self, run: Run, catalog: Living, capsys: pytest.CaptureFixture[str]) -> None:
        catalog.change(SERVICE, "services.0.runningCount", 0)
        assert run() == 1
        assert capsys.readouterr().out.splitlines()[-1] == "not well: service api (down)"

    def test_json_is_one_document(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(as_json=True) == 0
        assert json.loads(capsys.readouterr().out)["well"] is True

    def test_all_denied_ends_with_3_and_the_permissions(
        self, run: Run, catalog: Living, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for asked in catalog.answers:
            catalog.answers[asked] = "AccessDenied"
        assert run() == 3
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("AWS tells nothing. Missing: cloudwatch:describe_alarms, ecs:describe_services")

    def test_watching_looks_again_until_ctrl_c(
        self, run: Run, catalog: Living, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slept: list[float] = []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            catalog.change(SERVICE, "services.0.runningCount", 0)
            if len(slept) == 2:
                raise KeyboardInterrupt

        monkeypatch.setattr(time, "sleep", sleep)
        assert run(watch=5) == 1
        assert slept == [5, 5]
        printed = capsys.readouterr()
        assert printed.out.count("catalog dev (dev)") == 2
        assert printed.err == ""

    def test_a_terminal_is_cleared_between_two_looks(
        self, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def sleep(_: float) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(time, "sleep", sleep)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        run(watch=5)
        assert capsys.readouterr().out.startswith("\x1b[H\x1b[2J")

    def test_watched_json_is_a_document_a_line(
        self, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def sleep(_: float) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(time, "sleep", sleep)
        assert run(as_json=True, watch=5) == 0
        (text,) = capsys.readouterr().out.splitlines()
        assert json.loads(text)["well"] is True

    def test_interrupted_before_the_first_look_is_130(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def interrupted(*_: object, **__: object) -> list[Seen]:
            raise KeyboardInterrupt

        monkeypatch.setattr(command, "look", interrupted)
        assert run(watch=5) == 130
        assert capsys.readouterr().err == "interrupted\n"

    def test_credentials_that_expire_while_it_watches_end_it_with_3(
        self, catalog: Living, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time, "sleep", lambda _: None)
        looks = iter([catalog.deployment])

        def open_stack() -> Any:
            for again in looks:
                return again()
            raise Refused("sts GetCallerIdentity: ExpiredToken", "ExpiredToken")

        assert ended(lambda: command.told(open_stack, as_json_document=False, watch=1))() == 3
        assert capsys.readouterr().err == "AWS cannot be asked: sts GetCallerIdentity: ExpiredToken\n"

    def test_the_word_opens_the_outputs_that_are_named(
        self, catalog: Living, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(command, "opened", lambda path: catalog.deployment() if path == tmp_path else None)
        assert command.status(tmp_path) == 0
        assert capsys.readouterr().out.splitlines()[-1] == "all is well"
