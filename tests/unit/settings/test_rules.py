"""Each rule refuses what AWS would refuse, says what is allowed, and lets the nearest right value pass."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.settings import SettingsError, load
from lib.settings.data import windows_overlap
from lib.settings.layers import merged
from lib.settings.model import TAGS_OF_THE_PLATFORM
from lib.settings.network import MANAGED_RULES
from lib.settings.services import FARGATE_MEMORY_MIB

_NODES = {"kind": "replication_group"}
_AURORA = {"kind": "aurora"}
_FUNCTION = {"source": "lib/functions/transactions"}
_DOMAIN = {"domain_name": "a.io", "hosted_zone": "a.io"}
_CERTIFICATE = "arn:aws:acm:sa-east-1:111122223333:certificate/a"


def findings(tier: str = "dev", /, **overrides: Any) -> list[str]:
    try:
        load(tier, overrides=overrides, environ={})
    except SettingsError as error:
        return [finding.replace(" (constructor)", "").replace(" (catalog.toml)", "") for finding in error.findings]
    return []


def service(**values: Any) -> list[str]:
    return findings(services={"api": values})


class TestNetwork:
    @pytest.mark.parametrize(
        ("cidr", "zones", "prefix", "needed"),
        [
            ("10.0.0.0/22", 2, 24, "/21"),
            ("10.0.0.0/21", 3, 24, "/20"),
            ("10.0.0.0/24", 2, 24, "/21"),
            ("10.0.0.0/24", 2, 23, "/20"),
            ("10.0.0.0/16", 2, 16, "/13"),
            ("10.0.0.0/20", 4, 23, "/19"),
        ],
    )
    def test_the_block_must_hold_all_subnets(self, cidr: str, zones: int, prefix: int, needed: str) -> None:
        (finding,) = findings(network={"cidr": cidr, "zone_count": zones, "subnet_prefix_length": prefix})
        assert f"need a block of {needed} or larger" in finding
        assert f"{3 * zones} subnets of /{prefix} (3 tiers in {zones} zones)" in finding

    @pytest.mark.parametrize(
        ("cidr", "zones", "prefix"),
        [("10.0.0.0/21", 2, 24), ("10.0.0.0/20", 3, 24), ("10.0.0.0/24", 2, 27), ("10.0.0.0/20", 4, 24)],
    )
    def test_the_smallest_block_that_holds_them_passes(self, cidr: str, zones: int, prefix: int) -> None:
        assert findings(network={"cidr": cidr, "zone_count": zones, "subnet_prefix_length": prefix}) == []

    @pytest.mark.parametrize(
        ("cidr", "reason"),
        [
            ("10.0.0.0/15", "must be between /16 and /28 in size"),
            ("10.0.0.0/29", "must be between /16 and /28 in size"),
            ("8.8.0.0/16", "must be private"),
            ("10.0.0.0", "must be between /16 and /28 in size"),
            ("nonsense", "is no IPv4 block"),
            ("10.0.0.0/33", "is no IPv4 block"),
        ],
    )
    def test_a_block_that_aws_refuses_is_refused(self, cidr: str, reason: str) -> None:
        (finding,) = findings(network={"cidr": cidr})
        assert reason in finding

    @pytest.mark.parametrize("cidr", ["172.16.0.0/16", "192.168.0.0/16"])
    def test_the_other_private_ranges_pass(self, cidr: str) -> None:
        assert findings(network={"cidr": cidr}) == []

    def test_zones_by_name_are_as_many_as_zones(self) -> None:
        assert findings(network={"zone_names": ["sa-east-1a", "sa-east-1c"]}) == []
        a, b, c = "sa-east-1a", "sa-east-1b", "sa-east-1c"
        for names in ([a], [a, a], [a, b, c], [a, a, b]):
            (finding,) = findings(network={"zone_names": names})
            assert "must be 2 different zones (zone_count), or left out" in finding

    def test_zones_lie_in_the_region(self) -> None:
        (finding,) = findings(network={"zone_names": ["sa-east-1a", "us-east-1b"]})
        assert "must lie in the stack's region sa-east-1" in finding

    @pytest.mark.parametrize("count", [1, 5])
    def test_there_are_two_to_four_zones(self, count: int) -> None:
        assert len(findings(network={"zone_count": count})) == 1


class TestFirewall:
    def test_a_rule_that_no_managed_group_has_is_refused(self) -> None:
        (finding,) = findings(firewall={"count_only_rules": ["SizeRestrictions_BODY", "SizeRestriction", "SQLi_X"]})
        assert "names no managed rule: SizeRestriction; names begin with NoUserAgent_, " in finding
        assert findings(firewall={"count_only_rules": ["SQLi_BODY", "Log4JRCE_HEADER"]}) == []


class TestTls:
    ARN = "arn:aws:acm:sa-east-1:111122223333:certificate/abc"

    def test_production_needs_it_unless_said_otherwise(self) -> None:
        without = {"domain_name": None, "hosted_zone": None}
        (finding,) = findings("prod", load_balancer=without)
        assert finding == (
            "load_balancer (catalog.toml, tiers.prod): has no TLS, in production: give certificate_arn,"
            " or domain_name and hosted_zone, or say accept_plain_http = true"
        ).replace(" (catalog.toml, tiers.prod)", "")
        assert findings("prod", load_balancer=without | {"accept_plain_http": True}) == []
        assert findings("prod", load_balancer=without | {"certificate_arn": self.ARN}) == []

    @pytest.mark.parametrize("suffix", ["dev", "staging"])
    def test_other_tiers_may_go_without(self, suffix: str) -> None:
        assert findings(suffix) == []

    def test_the_certificate_is_of_the_stack_s_region(self) -> None:
        (finding,) = findings(load_balancer={"certificate_arn": self.ARN.replace("sa-east-1", "us-east-1")})
        assert "must be of the stack's region sa-east-1" in finding

    def test_a_domain_needs_its_zone(self) -> None:
        (finding,) = findings(load_balancer={"domain_name": "a.example.org"})
        assert "goes with hosted_zone: both, or none" in finding
        (finding,) = findings(load_balancer={"hosted_zone": "example.org"})
        assert "goes with hosted_zone: both, or none" in finding
        assert findings(load_balancer={"domain_name": "a.example.org", "certificate_arn": self.ARN}) == []

    def test_the_domain_lies_in_the_zone(self) -> None:
        (finding,) = findings(load_balancer={"domain_name": "badexample.org", "hosted_zone": "example.org"})
        assert "must lie in hosted_zone 'example.org'" in finding
        for domain in ("example.org", "a.example.org", "a.b.example.org"):
            assert findings(load_balancer={"domain_name": domain, "hosted_zone": "example.org"}) == []


class TestService:
    @pytest.mark.parametrize("cpu", FARGATE_MEMORY_MIB)
    def test_memory_goes_with_cpu_as_fargate_says(self, cpu: int) -> None:
        allowed = FARGATE_MEMORY_MIB[cpu]
        assert service(cpu=cpu, memory_mib=allowed[0]) == service(cpu=cpu, memory_mib=allowed[-1]) == []
        for memory in (allowed[0] + 1, allowed[-1] - 1):
            (finding,) = service(cpu=cpu, memory_mib=memory)
            assert f"does not go with cpu {cpu}; allowed: {', '.join(map(str, allowed))}" in finding

    def test_the_pairs_are_those_of_the_documentation(self) -> None:
        ends = {cpu: (sizes[0], sizes[1], sizes[-1]) for cpu, sizes in FARGATE_MEMORY_MIB.items()}
        gib = 1024
        assert ends == {
            256: (512, 1 * gib, 2 * gib),
            512: (1 * gib, 2 * gib, 4 * gib),
            1024: (2 * gib, 3 * gib, 8 * gib),
            2048: (4 * gib, 5 * gib, 16 * gib),
            4096: (8 * gib, 9 * gib, 30 * gib),
            8192: (16 * gib, 20 * gib, 60 * gib),
            16384: (32 * gib, 40 * gib, 120 * gib),
        }

    def test_the_minimum_does_not_exceed_the_maximum(self) -> None:
        (finding,) = service(scaling={"min_tasks": 11})
        assert finding == "services.api.scaling.min_tasks = 11: must not exceed max_tasks (10)"
        assert service(scaling={"min_tasks": 10}) == []

    def test_a_health_check_answers_before_the_next_one(self) -> None:
        (finding,) = service(health_check={"interval_seconds": 5})
        assert finding == ("services.api.health_check.timeout_seconds: must be less than interval_seconds (5)")
        assert service(health_check={"interval_seconds": 6}) == []

    def test_paths_and_hosts_are_five_together(self) -> None:
        paths, hosts = ["/a", "/b", "/c"], ["a.io", "b.io"]
        assert service(paths=paths, hosts=hosts) == []
        (finding,) = service(paths=paths, hosts=[*hosts, "c.io"])
        assert "and hosts may be 5 together" in finding

    def test_a_priority_needs_a_rule(self) -> None:
        (finding,) = service(priority=5)
        assert finding == "services.api.priority = 5: needs paths or hosts"
        assert service(priority=5, paths=["/a"]) == []

    def test_a_command_needs_an_image(self) -> None:
        (finding,) = service(command=["serve"])
        assert "needs an image of your own" in finding
        assert service(command=["serve"], image="ghcr.io/a/b:1") == []

    @pytest.mark.parametrize("field", ["environment", "secrets"])
    @pytest.mark.parametrize(
        "name",
        ["CACHE_HOST", "DATABASE_PASSWORD", "FILES_PATH", "SERVICE_NAME", "PORT", "AWS_REGION", "EXPECTED_SECRETS"],
    )
    def test_what_the_platform_sets_is_not_set_again(self, field: str, name: str) -> None:
        (finding,) = service(**{field: {name: "application"}})
        assert f"must not set {name}: the platform does" in finding

    def test_the_url_of_a_service_that_is_called_is_not_set_again(self) -> None:
        web = {"paths": ["/web"]}
        (finding,) = findings(services={"web": web, "api": {"calls": ["web"], "environment": {"WEB_URL": "x"}}})
        assert "must not set WEB_URL: the platform does" in finding
        assert findings(services={"web": web, "api": {"environment": {"WEB_URL": "x"}}}) == []

    def test_a_name_that_only_resembles_the_platform_s_passes(self) -> None:
        assert service(environment={"PORTAL": "x", "MY_CACHE_HOST": "x", "CACHED": "x"}) == []

    def test_a_variable_is_set_once(self) -> None:
        (finding,) = service(environment={"A": "1", "B": "2"}, secrets={"A": "application"})
        assert "and environment both set A" in finding

    def test_mounts_have_different_paths(self) -> None:
        (finding,) = service(mounts=[{"path": "/a"}, {"path": "/a"}])
        assert "must have different paths" in finding
        assert service(mounts=[{"path": "/a"}, {"path": "/b"}]) == []

    @pytest.mark.parametrize("where", ["cluster", "service"])
    @pytest.mark.parametrize(
        ("capacity", "reason"),
        [
            ([{"name": "FARGATE"}, {"name": "FARGATE"}], "must name each provider once"),
            (
                [{"name": "FARGATE", "base": 1}, {"name": "FARGATE_SPOT", "base": 1}],
                "must have a base on one provider only",
            ),
            ([{"name": "FARGATE", "weight": 0}], "must have a weight above 0 on one provider at least"),
            ([{"name": "FARGATE", "weight": 0}, {"name": "FARGATE_SPOT"}], None),
            ([{"name": "FARGATE", "base": 2}, {"name": "FARGATE_SPOT", "weight": 3}], None),
        ],
    )
    def test_a_capacity_strategy_is_one_that_ecs_takes(
        self, where: str, capacity: list[dict[str, Any]], reason: str | None
    ) -> None:
        found = findings(cluster={"capacity": capacity}) if where == "cluster" else service(capacity=capacity)
        assert [reason in finding for finding in found if reason] == [True] * (reason is not None)
        assert bool(found) == (reason is not None)


class TestReferences:
    @pytest.mark.parametrize("store", ["cache", "database"])
    def test_a_service_connects_to_what_is_there(self, store: str) -> None:
        (finding,) = findings(**{store: False}, services={"api": {"connects_to": [store]}})
        assert f"names {store}, which is left out" in finding

    def test_a_service_reaches_all_stores_or_those_it_names(self) -> None:
        settings = load(
            "dev", overrides={"services": {"api": {}, "web": {"paths": ["/"], "connects_to": ["cache"]}}}, environ={}
        )
        assert settings.stores_of("api") == ("cache", "database")
        assert settings.stores_of("web") == ("cache",)
        without = load("dev", overrides={"cache": False}, environ={})
        assert without.stores_of("api") == ("database",)

    def test_the_users_of_a_store_are_the_services_and_fleets_that_may_reach_it(self) -> None:
        more = {"services": {"api": {"connects_to": ["cache"]}}, "fleets": {"web": {"paths": ["/web"]}}}
        settings = load("dev", overrides=more, environ={})
        assert (settings.users_of("cache"), settings.users_of("database")) == (["api", "web"], ["web"])
        assert load("dev", overrides={"database": False}, environ={}).users_of("database") == []

    def test_no_unit_is_called_as_the_rotation_of_the_password_is(self) -> None:
        (finding,) = findings(fleets={"rotation": {"paths": ["/a"]}})
        assert finding.endswith("must not be called rotation: units of the platform are")

    def test_mounts_need_files(self) -> None:
        (finding,) = findings(files=False, services={"api": {"mounts": [{"path": "/a"}]}})
        assert "needs files, which is left out" in finding

    def test_a_service_calls_others_that_exist(self) -> None:
        both = {"api": {"calls": ["web"]}, "web": {"paths": ["/web"]}}
        assert findings(services=both) == []
        (finding,) = findings(services=both | {"api": {"calls": ["wbe"]}})
        assert "names wbe; other services: web" in finding
        (finding,) = service(calls=["api"])
        assert "names api; other services: none" in finding

    def test_a_secret_that_is_injected_exists(self) -> None:
        assert service(secrets={"A": "application:key"}) == []
        (finding,) = service(secrets={"A": "nope:key"})
        assert finding == 'services.api.secrets.A = "nope:key": names no secret; secrets: application'


class TestRouting:
    def test_one_service_gets_what_no_rule_matches(self) -> None:
        (finding,) = findings(services={"web": {}})
        assert finding.endswith("api, web have neither paths nor hosts: only one may")
        assert findings(services={"web": {"paths": ["/web/*"]}}) == []

    def test_a_service_is_not_called_like_a_unit_of_the_platform(self) -> None:
        (finding,) = findings(services={"nat": {"paths": ["/a"]}, "cache": {"paths": ["/b"]}})
        assert finding.endswith("must not be called cache, nat: units of the platform are")

    def test_services_that_call_each_other_are_refused(self) -> None:
        services = {"a": {"paths": ["/a"], "calls": ["b"]}, "b": {"paths": ["/b"], "calls": ["c"]}}
        assert findings(services=services | {"c": {"paths": ["/c"]}}) == []
        circle = findings(services=services | {"c": {"paths": ["/c"], "calls": ["a"]}})
        assert [finding.partition("]: ")[2] for finding in circle] == [
            "names b, which calls a in turn: one of them would start without knowing the other",
            "names c, which calls b in turn: one of them would start without knowing the other",
            "names a, which calls c in turn: one of them would start without knowing the other",
        ]

    def test_equal_priorities_are_refused_by_name(self) -> None:
        services = {"a": {"paths": ["/a"], "priority": 7}, "b": {"paths": ["/b"], "priority": 7}}
        (finding,) = findings(services=services)
        assert finding.endswith(
            "a, b come to the same priority 7: set priority on all but one of them to a number that is free"
        )


class TestData:
    @pytest.mark.parametrize(
        ("daily", "weekly", "overlap"),
        [
            ("03:00-04:00", "sun:04:00-sun:05:00", False),
            ("03:00-04:00", "sun:03:59-sun:05:00", True),
            ("03:00-04:00", "sun:02:00-sun:03:00", False),
            ("03:00-04:00", "sun:02:00-sun:03:01", True),
            ("23:30-00:30", "mon:00:00-mon:01:00", True),
            ("23:30-00:30", "sun:23:00-mon:00:00", True),
            ("23:30-00:30", "mon:00:30-mon:01:30", False),
            ("21:00-22:00", "fri:20:45-fri:21:00", False),
            ("21:00-22:00", "fri:20:46-fri:21:01", True),
            ("00:00-00:30", "sun:23:00-mon:00:00", False),
            ("00:00-00:30", "sun:23:00-mon:00:01", True),
            ("03:00-04:00", "sat:23:00-sun:03:30", True),
        ],
    )
    def test_windows_overlap_when_they_share_a_minute(self, daily: str, weekly: str, overlap: bool) -> None:
        assert windows_overlap(daily, weekly) is overlap

    @pytest.mark.parametrize(
        ("name", "table", "daily", "shortest"),
        [
            ("database", {}, "backup_window", 30),
            ("cache", {"kind": "replication_group"}, "snapshot_window", 60),
        ],
    )
    def test_windows_are_long_enough_and_apart(
        self, name: str, table: dict[str, Any], daily: str, shortest: int
    ) -> None:
        weekly = "maintenance_window"
        end, short_end = {30: ("30", "29"), 60: ("60", "59")}[shortest]
        end_time = "02:00" if end == "60" else f"01:{end}"
        (finding,) = findings(**{name: table | {weekly: "sun:03:30-sun:05:00"}})
        assert finding == f'{name}.{weekly} = "sun:03:30-sun:05:00": must not overlap {daily} (03:00-04:00)'
        (finding,) = findings(**{name: table | {daily: f"01:00-01:{short_end}"}})
        assert finding == f'{name}.{daily} = "01:00-01:{short_end}": must be {shortest} minutes to 24 hours long'
        (finding,) = findings(**{name: table | {weekly: f"sun:05:00-sun:05:{short_end}"}})
        assert finding.endswith(f"must be {shortest} minutes to 24 hours long")
        assert findings(**{name: table | {daily: f"01:00-{end_time}", weekly: "sun:05:00-sun:06:00"}}) == []
        too_long, overlapping = findings(**{name: table | {weekly: "sun:05:00-mon:05:01"}})
        assert "24 hours long" in too_long
        assert "must not overlap" in overlapping

    def test_storage_grows_by_ten_percent_at_least(self) -> None:
        (finding,) = findings(database={"storage_gb": 100, "max_storage_gb": 109})
        assert "must be at least 10 % above storage_gb (100)" in finding
        assert findings(database={"storage_gb": 100, "max_storage_gb": 110}) == []

    def test_advanced_insights_are_not_for_burstable_classes(self) -> None:
        (finding,) = findings(database={"insights": "advanced"})
        assert "advanced is not for db.t4g.micro" in finding
        assert findings(database={"insights": "advanced", "instance_class": "db.m7g.large"}) == []

    @pytest.mark.parametrize(
        ("engine", "version", "right"), [("redis", "7", True), ("redis", "8", False), ("valkey", "8", True)]
    )
    def test_a_serverless_engine_has_its_versions(self, engine: str, version: str, right: bool) -> None:
        found = findings(cache={"engine": engine, "major_version": version})
        assert found == ([] if right else ['cache.major_version = "8": must be 7 for redis; 8 needs valkey'])

    @pytest.mark.parametrize(
        ("engine", "version", "right"),
        [("redis", "7.1", True), ("redis", "8.0", False), ("valkey", "8.0", True), ("valkey", "7.1", False)],
    )
    def test_a_node_engine_has_its_versions(self, engine: str, version: str, right: bool) -> None:
        found = findings(cache={"kind": "replication_group", "engine": engine, "engine_version": version})
        assert bool(found) is not right

    @pytest.mark.parametrize(("days", "right"), [(0, True), (1, False), (6, False), (7, True), (30, True), (31, False)])
    def test_a_secret_is_gone_at_once_or_after_a_week(self, days: int, right: bool) -> None:
        assert bool(findings(removal={"secret_recovery_days": days})) is not right


@pytest.mark.parametrize(
    "values",
    [
        {"max_connections": 2000},
        {"max_connections": 2001, "min_acu": 1},
        {"max_connections": 2001, "instance_class": "db.r7g.large"},
    ],
)
def test_as_many_connections_as_aurora_gives_may_be_asked_for(values: dict[str, Any]) -> None:
    assert findings(database=_AURORA | values) == []


@pytest.mark.parametrize("name", ["aws", "internal", "sg"])
def test_a_project_s_name_is_not_one_that_aws_keeps(name: str) -> None:
    (finding,) = findings(name=name)
    assert "must not be one of aws, internal, sg" in finding


@pytest.mark.parametrize("email", ["ops", "ops@", "ops@shop", "a b@shop.io", "${x}@shop.io", "ops@${y}.io"])
def test_an_address_is_one(email: str) -> None:
    assert len(findings(notifications={"emails": [email]})) == 1


def test_tags_of_aws_itself_are_refused() -> None:
    (finding,) = findings(tags={"aws:owner": "x", "AWS:b": "y"})
    assert finding.endswith("must not name AWS:b, aws:owner: AWS keeps aws: for itself")


def test_tags_that_iam_takes_for_one_are_refused() -> None:
    (finding,) = findings(tags={"project": "shop", "Team": "a"})
    assert finding.endswith("must not differ by case only, which IAM refuses: Project, project")


def test_more_tags_than_aws_takes_are_refused() -> None:
    room = 50 - len(TAGS_OF_THE_PLATFORM) - len(load("dev").tags)
    assert findings(tags={f"t{number}": "x" for number in range(room)}) == []
    (finding,) = findings(tags={f"t{number}": "x" for number in range(room + 1)})
    assert finding.endswith("come to 51 with those of the platform: AWS takes 50")


@pytest.mark.parametrize(
    ("table", "key", "good", "bad"),
    [
        ("network", "subnet_prefix_length", (19, 27), (15, 28)),
        ("load_balancer", "idle_timeout_seconds", (1, 4000), (0, 4001)),
        ("load_balancer", "access_log_retention_days", (1, 3650), (0, 3651)),
        ("load_balancer", "alarm_5xx_count", (1,), (0,)),
        ("firewall", "requests_per_5_minutes_per_address", (10, 2_000_000_000), (9, 2_000_000_001)),
        ("firewall", "log_retention_days", (1, 3653), (2, 8)),
        ("firewall", "alarm_blocked_requests", (1,), (0,)),
        ("cache", "max_storage_gb", (1, 5000), (0, 5001)),
        ("cache", "max_ecpu_per_second", (1000, 15_000_000), (999, 15_000_001)),
        ("cache", "snapshot_retention_days", (0, 35), (-1, 36)),
        ("cache", "alarm_compute_percent", (1, 100), (0, 101)),
        ("cache", "alarm_memory_percent", (1, 100), (0, 101)),
        ("database", "storage_gb", (20,), (19, 65_537)),
        ("database", "max_storage_gb", (22, 65_536), (21, 65_537)),
        ("database", "max_connections", (6, 5000), (5, 5001)),
        ("database", "backup_retention_days", (1, 35), (0, 36)),
        ("database", "alarm_cpu_percent", (1, 100), (0, 101)),
        ("database", "monitoring_interval_seconds", (0, 60), (2,)),
        ("http_api", "requests_per_second", (1, 100_000), (0, 100_001)),
        ("http_api", "burst", (1, 50_000), (0, 50_001)),
        ("http_api", "timeout_milliseconds", (50, 30_000), (49, 30_001)),
        ("http_api", "alarm_5xx_count", (1,), (0,)),
        ("http_api", "alarm_latency_milliseconds", (1, 30_000), (0, 30_001)),
        ("cdn", "old_version_days", (1, 3650), (0, 3651)),
        ("cdn", "alarm_5xx_percent", (1, 100), (0, 101)),
        ("files", "transition_to_ia_days", (1, 365), (2, 31)),
        ("files", "alarm_io_percent", (1, 100), (0, 101)),
        ("removal", "key_deletion_window_days", (7, 30), (6, 31)),
    ],
)
def test_a_number_lies_in_its_range(table: str, key: str, good: tuple[int, ...], bad: tuple[int, ...]) -> None:
    assert [findings(**{table: {key: value}}) for value in good] == [[]] * len(good)
    assert [len(findings(**{table: {key: value}})) for value in bad] == [1] * len(bad)


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        (("port",), (1, 65535), (0, 65536)),
        (("scaling", "max_tasks"), (2, 5000), (1, 5001)),
        (("scaling", "min_tasks"), (1, 10), (0,)),
        (("scaling", "cpu_percent"), (1, 100, False), (0, 101)),
        (("scaling", "memory_percent"), (1, 100, False), (0, 101)),
        (("scaling", "requests_per_target"), (1, False), (0,)),
        (("scaling", "scale_in_cooldown_seconds"), (0, 3600), (-1, 3601)),
        (("scaling", "scale_out_cooldown_seconds"), (0, 3600), (-1, 3601)),
        (("alarms", "cpu_percent"), (1, 100), (0, 101)),
        (("alarms", "memory_percent"), (1, 100), (0, 101)),
        (("alarms", "response_time_seconds"), (0.1, 300), (0, 301)),
        (("alarms", "unhealthy_targets"), (1,), (0,)),
        (("alarms", "target_5xx_count"), (1,), (0,)),
        (("deregistration_delay_seconds",), (0, 3600), (-1, 3601)),
        (("health_check_grace_seconds",), (0, 86_400), (-1, 86_401)),
        (("stop_timeout_seconds",), (2, 120), (1, 121)),
        (("health_check", "interval_seconds"), (6, 300), (4, 301)),
        (("health_check", "timeout_seconds"), (2, 29), (1, 121)),
        (("health_check", "healthy_count"), (2, 10), (1, 11)),
        (("health_check", "unhealthy_count"), (2, 10), (1, 11)),
    ],
)
def test_a_service_s_number_lies_in_its_range(
    path: tuple[str, ...], good: tuple[Any, ...], bad: tuple[Any, ...]
) -> None:
    def nested(value: Any) -> dict[str, Any]:
        for key in reversed(path):
            value = {key: value}
        return dict(value)

    assert [service(**nested(value)) for value in good] == [[]] * len(good)
    assert [len(service(**nested(value))) for value in bad] == [1] * len(bad)


@pytest.mark.parametrize(
    ("unit", "path", "good", "bad"),
    [
        (("fleets", "web", {"paths": ["/a"]}), ("disk_gb",), (8, 16_384), (7, 16_385)),
        (("fleets", "web", {"paths": ["/a"]}), ("health_check_grace_seconds",), (0, 7200), (-1, 7201)),
        (("fleets", "web", {"paths": ["/a"]}), ("scaling", "min_instances"), (1, 4), (0,)),
        (("fleets", "web", {"paths": ["/a"]}), ("scaling", "max_instances"), (2, 500), (501,)),
        (("fleets", "web", {"paths": ["/a"]}), ("scaling", "cpu_percent"), (1, 100, False), (0, 101)),
        (("fleets", "web", {"paths": ["/a"]}), ("scaling", "requests_per_target"), (1, False), (0,)),
        (("fleets", "web", {"paths": ["/a"]}), ("scaling", "warmup_seconds"), (0, 3600), (-1, 3601)),
        (("fleets", "web", {"paths": ["/a"]}), ("alarms", "disk_percent"), (1, 100), (0, 101)),
        (("fleets", "web", {"paths": ["/a"]}), ("user_data",), ("x", "x" * 9000), ("", "x" * 9001)),
        (("functions", "sum", _FUNCTION), ("memory_mb",), (128, 10_240), (127, 10_241)),
        (("functions", "sum", _FUNCTION), ("timeout_seconds",), (1, 900), (0, 901)),
        (("functions", "sum", _FUNCTION), ("reserved_concurrency",), (1, 1000), (0, 1001)),
        (("functions", "sum", _FUNCTION), ("alarms", "error_count"), (0, 5), (-1,)),
        (("functions", "sum", _FUNCTION), ("alarms", "duration_percent"), (1, 100), (0, 101)),
        (("functions", "sum", _FUNCTION), ("handler",), ("handle", "_main2"), ("Handle", "a.b", "")),
        (("tables", "orders", {}), ("backup_retention_days",), (1, 35), (0, 36)),
        (("buckets", "data", {}), ("old_version_days",), (1, 3650), (0, 3651)),
        (("buckets", "data", {}), ("expire_days",), (1, 36_500), (0, 36_501)),
        (("buckets", "data", {}), ("transition_to_ia_days",), (30, 36_500), (29, 36_501)),
        (("database", None, {}), ("password_rotation_days",), (1, 1000), (0, 1001)),
        (("database", None, _AURORA), ("password_rotation_days",), (1, 1000), (0, 1001)),
        (("database", None, _AURORA), ("readers",), (0, 15), (-1, 16)),
        (("database", None, _AURORA), ("min_acu",), (0.5, 2), (0, 0.4, 256.5)),
        (("database", None, _AURORA), ("max_acu",), (1, 256), (0.5, 1.2, 257)),
        (("database", None, _AURORA), ("instance_class",), ("db.serverless", "db.r7g.large"), ("serverless", "db.r7g")),
        (("database", None, _AURORA), ("alarm_capacity_percent",), (1, 100), (0, 101)),
        (("database", None, _AURORA), ("alarm_lag_milliseconds",), (1,), (0,)),
        (("database", None, _AURORA | {"readers": 1}), ("reader_scaling", "max_readers"), (2, 15), (0, 16)),
    ],
)
def test_what_a_unit_is_told_lies_in_its_range(
    unit: tuple[str, str | None, dict[str, Any]], path: tuple[str, ...], good: tuple[Any, ...], bad: tuple[Any, ...]
) -> None:
    table, name, base = unit

    def found(value: Any) -> list[str]:
        for key in reversed(path):
            value = {key: value}
        values = merged([base, value])
        return findings(**{table: {name: values} if name else values})

    assert [found(value) for value in good] == [[]] * len(good)
    assert [len(found(value)) for value in bad] == [1] * len(bad)


_RULES: list[tuple[dict[str, Any], str, list[dict[str, Any]]]] = [
    # (what breaks the rule, the whole sentence, the other settings that it speaks of, wrong by themselves)
    (
        {"network": {"cidr": "10.0.0.0/22"}},
        'network.cidr = "10.0.0.0/22": is too small: 6 subnets of /24 (3 tiers in 2 zones)'
        " need a block of /21 or larger",
        [{"network": {"zone_count": 0}}, {"network": {"subnet_prefix_length": 0}}],
    ),
    (
        {"network": {"zone_names": ["sa-east-1a"]}},
        'network.zone_names = ["sa-east-1a"]: must be 2 different zones (zone_count), or left out',
        [{"network": {"zone_count": 0}}],
    ),
    (
        {"load_balancer": {"domain_name": "a.example.org"}},
        'load_balancer.domain_name = "a.example.org":'
        " goes with hosted_zone: both, or none (domain_name alone needs certificate_arn)",
        [{"load_balancer": {"hosted_zone": 1}}, {"load_balancer": {"certificate_arn": 1}}],
    ),
    (
        {"load_balancer": {"domain_name": "a.org", "hosted_zone": "b.org"}},
        "load_balancer.domain_name = \"a.org\": must lie in hosted_zone 'b.org'",
        [{"load_balancer": {"hosted_zone": 1}}],
    ),
    (
        {"cluster": {"capacity": [{"name": "FARGATE", "weight": 0}]}},
        'cluster.capacity = [{"name": "FARGATE", "weight": 0}]: must have a weight above 0 on one provider at least',
        [],
    ),
    (
        {"services": {"api": {"capacity": [{"name": "FARGATE", "weight": 0}]}}},
        'services.api.capacity = [{"name": "FARGATE", "weight": 0}]:'
        " must have a weight above 0 on one provider at least",
        [],
    ),
    (
        {"services": {"api": {"memory_mib": 513}}},
        "services.api.memory_mib = 513: does not go with cpu 256; allowed: 512, 1024, 2048",
        [{"services": {"api": {"cpu": 1}}}],
    ),
    (
        {"services": {"api": {"paths": ["/a", "/b", "/c"], "hosts": ["a.io", "b.io", "c.io"]}}},
        'services.api.paths = ["/a", "/b", "/c"]: and hosts may be 5 together',
        [{"services": {"api": {"hosts": 1}}}],
    ),
    (
        {"services": {"api": {"priority": 1}}},
        "services.api.priority = 1: needs paths or hosts",
        [{"services": {"api": {"paths": 1}}}, {"services": {"api": {"hosts": 1}}}],
    ),
    (
        {"services": {"api": {"command": ["a"]}}},
        'services.api.command = ["a"]: needs an image of your own',
        [{"services": {"api": {"image": 1}}}],
    ),
    (
        {"services": {"api": {"environment": {"PORT": "1", "AWS_REGION": "x"}}}},
        "services.api.environment: must not set AWS_REGION, PORT: the platform does",
        [],
    ),
    (
        {"services": {"api": {"environment": {"A": "1"}, "secrets": {"A": "application"}}}},
        "services.api.secrets: and environment both set A",
        [{"services": {"api": {"environment": {"A": 1}}}}],
    ),
    (
        {"services": {"api": {"mounts": [{"path": "/a"}, {"path": "/a"}]}}},
        'services.api.mounts = [{"path": "/a"}, {"path": "/a"}]: must have different paths',
        [],
    ),
    (
        {"services": {"api": {"scaling": {"min_tasks": 11}}}},
        "services.api.scaling.min_tasks = 11: must not exceed max_tasks (10)",
        [{"services": {"api": {"scaling": {"max_tasks": 0}}}}],
    ),
    (
        {"services": {"api": {"health_check": {"timeout_seconds": 30}}}},
        "services.api.health_check.timeout_seconds = 30: must be less than interval_seconds (30)",
        [{"services": {"api": {"health_check": {"interval_seconds": 1}}}}],
    ),
    (
        {"firewall": {"count_only_rules": ["Nope", "Neither"]}},
        'firewall.count_only_rules = ["Nope", "Neither"]: names no managed rule: Nope, Neither; names begin with '
        + ", ".join(beginning for beginnings in MANAGED_RULES.values() for beginning in beginnings),
        [],
    ),
    (
        {"cache": {"engine": "redis"}},
        "cache.major_version: must be 7 for redis; 8 needs valkey",
        [],
    ),
    (
        {"cache": {"major_version": "8", "engine": "redis"}},
        'cache.major_version = "8": must be 7 for redis; 8 needs valkey',
        [{"cache": {"engine": "memcached"}}],
    ),
    (
        {"cache": _NODES | {"engine_version": "7.1"}},
        'cache.engine_version = "7.1": must be 7.1 for redis and 7.2 or above for valkey',
        [{"cache": _NODES | {"engine": "memcached"}}],
    ),
    (
        {"cache": _NODES | {"maintenance_window": "sun:03:30-sun:04:30"}},
        'cache.maintenance_window = "sun:03:30-sun:04:30": must not overlap snapshot_window (03:00-04:00)',
        [{"cache": _NODES | {"snapshot_window": "never"}}],
    ),
    (
        {"database": {"storage_gb": 100}},
        "database.max_storage_gb: must be at least 10 % above storage_gb (100)",
        [],
    ),
    (
        {"database": {"max_storage_gb": 109, "storage_gb": 100}},
        "database.max_storage_gb = 109: must be at least 10 % above storage_gb (100)",
        [{"database": {"storage_gb": 0}}],
    ),
    (
        {"database": {"insights": "advanced"}},
        'database.insights = "advanced": advanced is not for db.t4g.micro',
        [{"database": {"instance_class": "large"}}],
    ),
    (
        {"database": {"maintenance_window": "sun:03:30-sun:04:30"}},
        'database.maintenance_window = "sun:03:30-sun:04:30": must not overlap backup_window (03:00-04:00)',
        [{"database": {"backup_window": "never"}}],
    ),
    (
        {"removal": {"secret_recovery_days": 6}},
        "removal.secret_recovery_days = 6: must be 0, or 7 to 30",
        [],
    ),
    ({"name": "aws"}, 'name = "aws": must not be one of aws, internal, sg: AWS keeps them', []),
    ({"tags": {"aws:a": "x"}}, "tags: must not name aws:a: AWS keeps aws: for itself", []),
    (
        {"network": {"zone_names": ["us-east-1a", "us-east-1b"]}},
        'network.zone_names = ["us-east-1a", "us-east-1b"]: must lie in the stack\'s region sa-east-1',
        [],
    ),
    (
        {"load_balancer": {"certificate_arn": "arn:aws:acm:us-east-1:111122223333:certificate/a"}},
        'load_balancer.certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/a":'
        " must be of the stack's region sa-east-1",
        [],
    ),
    (
        {"services": {"web": {}}},
        "services: api, web have neither paths nor hosts: only one may",
        [],
    ),
    (
        {"services": {"nat": {"paths": ["/a"]}}},
        "services: must not be called nat: units of the platform are",
        [],
    ),
    (
        {"services": {"api": {"connects_to": ["cache"]}}, "cache": False},
        'services.api.connects_to = ["cache"]: names cache, which is left out',
        [{"cache": 5}],
    ),
    (
        {"services": {"api": {"mounts": [{"path": "/a"}]}}, "files": False},
        'services.api.mounts = [{"path": "/a"}]: needs files, which is left out',
        [{"files": 5}],
    ),
    (
        {"services": {"api": {"calls": ["web"]}, "b": {"paths": ["/b"]}, "c": {"paths": ["/c"]}}},
        'services.api.calls = ["web"]: names web; other services: b, c',
        [{"services": {"b": {"port": 0}}}],
    ),
    (
        {"services": {"api": {"secrets": {"A": "nope"}}}, "secrets": {"other": {"description": "x"}}},
        'services.api.secrets.A = "nope": names no secret; secrets: application, other',
        [{"secrets": {"other": {"length": 1}}}],
    ),
    (
        {"services": False},
        "services = false: are none, and nothing else answers at the load balancer: give a service, a fleet, or a"
        " function with paths or hosts",
        [{"fleets": {"web": {"port": 0}}}],
    ),
    (
        {"fleets": {"web": {}}},
        "services: api, web have neither paths nor hosts: only one may",
        [{"fleets": {"web": {"port": 0}}}],
    ),
    (
        {"fleets": {"api": {"paths": ["/a"]}}},
        "fleets: and services are both called api",
        [{"services": {"api": {"port": 0}}}],
    ),
    (
        {"functions": {"api": _FUNCTION}},
        "functions: and services are both called api",
        [{"services": {"api": {"port": 0}}}],
    ),
    (
        {"fleets": {"sum": {"paths": ["/a"]}}, "functions": {"sum": _FUNCTION}},
        "functions: and fleets are both called sum",
        [{"fleets": {"sum": {"port": 0}}}],
    ),
    (
        {"functions": {"cdn": _FUNCTION}},
        "functions: must not be called cdn: units of the platform are",
        [],
    ),
    (
        {"fleets": {"gateway": {"paths": ["/a"]}}},
        "fleets: must not be called gateway: units of the platform are",
        [],
    ),
    (
        {"buckets": {"assets": {}, "logs": {}}},
        "buckets: must not be called assets, logs: buckets of the platform are",
        [],
    ),
    (
        {"fleets": {"web": {"paths": ["/a"], "scaling": {"min_instances": 5}}}},
        "fleets.web.scaling.min_instances = 5: must not exceed max_instances (4)",
        [{"fleets": {"web": {"scaling": {"max_instances": 0}}}}],
    ),
    (
        {"fleets": {"web": {"paths": ["/a"], "instance_type": "t4g.micro"}}},
        'fleets.web.instance_type = "t4g.micro": does not run images of'
        " /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64: it has an ARM processor",
        [{"fleets": {"web": {"image_parameter": "no path"}}}],
    ),
    (
        {"fleets": {"web": {"paths": ["/a"], "image_parameter": "/own/arm64"}}},
        "fleets.web.instance_type: does not run images of /own/arm64: it has an x86 processor",
        [],
    ),
    (
        {"fleets": {"web": {"paths": ["/a"], "environment": {"DATA_BUCKET": "x", "PORT": "1"}}}},
        "fleets.web.environment: must not set DATA_BUCKET, PORT: the platform does",
        [],
    ),
    (
        {"fleets": {"web": {"paths": ["/a"], "user_data": "x" * 8000, "environment": {"A": "ä" * 250}}}},
        f'fleets.web.user_data = "{"x" * 159}…: is too long for EC2: 9,002 bytes with the environment,'
        " counted twice; 9,000 fit",
        [{"fleets": {"web": {"environment": {"A": 1}}}}],
    ),
    (
        {"fleets": {"web": {"paths": ["/a"], "environment": {"A": "x" * 2000}}}},
        "fleets.web.environment: is too long for EC2: 4,002 bytes with the environment, counted twice; 4,000 fit",
        [{"fleets": {"web": {"user_data": ""}}}],
    ),
    (
        {"fleets": {"web": {"paths": ["/a"], "connects_to": ["database"]}}, "database": False},
        'fleets.web.connects_to = ["database"]: names database, which is left out',
        [{"database": 5}],
    ),
    (
        {"fleets": {"web": {"paths": ["/a"], "buckets": ["data", "assets"]}}, "buckets": {"files": {}}},
        'fleets.web.buckets = ["data", "assets"]: names assets, data; there are: files',
        [{"buckets": {"files": {"expire_days": 0}}}],
    ),
    (
        {"services": {"api": {"tables": ["orders"]}}},
        'services.api.tables = ["orders"]: names orders; there are: none',
        [{"tables": {"orders": {"partition_key": ""}}}],
    ),
    (
        {"functions": {"sum": _FUNCTION | {"tables": ["orders"]}}, "tables": {"carts": {}}},
        'functions.sum.tables = ["orders"]: names orders; there are: carts',
        [],
    ),
    (
        {"functions": {"sum": {"source": "lib/settings"}}},
        'functions.sum.source = "lib/settings": must be a folder with handler.py in it, from the project\'s folder',
        [],
    ),
    (
        {"functions": {"sum": _FUNCTION | {"environment": {"AWS_PROFILE": "x", "_HANDLER": "y", "LANG": "C"}}}},
        "functions.sum.environment: must not set AWS_PROFILE, _HANDLER: Lambda keeps them",
        [],
    ),
    (
        {"functions": {"sum": _FUNCTION | {"environment": {"SERVICE_NAME": "x"}}}},
        "functions.sum.environment: must not set SERVICE_NAME: the platform does",
        [],
    ),
    (
        {"functions": {"sum": _FUNCTION | {"priority": 7}}},
        "functions.sum.priority = 7: needs paths or hosts",
        [{"functions": {"sum": {"paths": 1}}}],
    ),
    (
        {"functions": {"sum": _FUNCTION | {"paths": ["/b"], "priority": 50_000}}},
        "services: api, sum come to the same priority 50000:"
        " set priority on all but one of them to a number that is free",
        [{"functions": {"sum": {"memory_mb": 1}}}],
    ),
    (
        {"load_balancer": {"internal": True}},
        "load_balancer.internal = true: leaves nobody who reaches the platform: it needs http_api",
        [{"http_api": {"burst": 0}}],
    ),
    (
        {"load_balancer": {"internal": True}, "http_api": {}, "services": {"b": {"hosts": ["b.io"]}}},
        "load_balancer.internal = true: makes b unreachable by hosts: every request names the HTTP API's. Give paths",
        [{"services": {"b": {"hosts": 1}}}],
    ),
    (
        {"load_balancer": {"certificate_arn": _CERTIFICATE}, "http_api": {}},
        "load_balancer.domain_name: must be given: the HTTP API checks the load balancer's certificate by it",
        [{"http_api": {"burst": 0}}],
    ),
    (
        {"load_balancer": {"domain_name": f"{'a' * 60}.{{suffix}}.io", "hosted_zone": "{suffix}.io"}},
        f'load_balancer.domain_name = "{"a" * 60}.{{suffix}}.io": comes to {"a" * 60}.dev.io, 67 characters: a'
        " certificate takes 64",
        [],
    ),
    (
        {"load_balancer": _DOMAIN, "cdn": _DOMAIN},
        'cdn.domain_name = "a.io": must differ from the load balancer\'s',
        [{"load_balancer": {"domain_name": 1}}],
    ),
    (
        {"cdn": {"hosted_zone": "a.io"}},
        "cdn.domain_name: must be given with hosted_zone or certificate_arn",
        [{"cdn": {"hosted_zone": 1}}],
    ),
    (
        {"cdn": {"domain_name": "a.io"}},
        'cdn.domain_name = "a.io": needs hosted_zone or certificate_arn, one of them',
        [{"cdn": {"certificate_arn": 1}}],
    ),
    (
        {"cdn": {"domain_name": "a.io", "hosted_zone": "b.io"}},
        "cdn.domain_name = \"a.io\": must lie in hosted_zone 'b.io'",
        [{"cdn": {"hosted_zone": 1}}],
    ),
    (
        {"database": _AURORA | {"min_acu": 8.5}},
        "database.min_acu = 8.5: must not exceed max_acu (2)",
        [{"database": _AURORA | {"max_acu": 0.5}}],
    ),
    (
        {"database": _AURORA | {"max_connections": 2001}},
        "database.max_connections = 2001: never gets above 2000 with min_acu 0.5, in AWS's hands",
        [{"database": _AURORA | {"min_acu": 0}}, {"database": _AURORA | {"instance_class": "large"}}],
    ),
    (
        {"database": _AURORA | {"reader_scaling": {"max_readers": 3}}},
        "database.reader_scaling: needs a reader to measure: readers = 1 or more",
        [{"database": _AURORA | {"readers": 16}}],
    ),
    (
        {"database": _AURORA | {"readers": 3, "reader_scaling": {"max_readers": 3}}},
        "database.reader_scaling: must allow more readers than there always are (3)",
        [{"database": _AURORA | {"readers": 16}}],
    ),
    (
        {"database": _AURORA | {"insights": "advanced", "instance_class": "db.t4g.medium"}},
        'database.insights = "advanced": advanced is not for db.t4g.medium',
        [{"database": {"instance_class": "large"}}],
    ),
    (
        {"database": _AURORA | {"maintenance_window": "sun:03:30-sun:04:30"}},
        'database.maintenance_window = "sun:03:30-sun:04:30": must not overlap backup_window (03:00-04:00)',
        [{"database": {"backup_window": "never"}}],
    ),
    (
        {"tables": {"orders": {"sort_key": "id"}}},
        'tables.orders.sort_key = "id": must differ from partition_key',
        [{"tables": {"orders": {"partition_key": ""}}}],
    ),
    (
        {"tables": {"orders": {"sort_key": "at", "expiry_attribute": "at"}}},
        'tables.orders.expiry_attribute = "at": must not be a key of the table',
        [{"tables": {"orders": {"sort_key": ""}}}],
    ),
    (
        {"buckets": {"data": {"expire_days": 59, "transition_to_ia_days": 30}}},
        "buckets.data.expire_days = 59: must be at least 30 days after transition_to_ia_days (30)",
        [{"buckets": {"data": {"transition_to_ia_days": 1}}}],
    ),
]


@pytest.mark.parametrize(("overrides", "sentence", "_others"), _RULES)
def test_a_rule_says_what_is_wrong_and_what_is_allowed(
    overrides: dict[str, Any], sentence: str, _others: list[dict[str, Any]]
) -> None:
    assert findings(**overrides) == [sentence]


@pytest.mark.parametrize(
    ("overrides", "sentence", "other"),
    [(overrides, sentence, other) for overrides, sentence, others in _RULES for other in others],
)
def test_a_rule_is_silent_where_another_setting_that_it_speaks_of_is_wrong(
    overrides: dict[str, Any], sentence: str, other: dict[str, Any]
) -> None:
    (finding,) = findings(**merged([overrides, other]))
    assert finding.partition(": ")[2] != sentence.partition(": ")[2]
    assert finding.split(" = ")[0].split(".")[-1] in json.dumps(other)
