"""Where settings come from, who wins, and what a user reads when something is wrong."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import ValidationError

from lib.settings import Settings, SettingsError, completed, load, resolve_region, tier_of
from lib.settings.data import AuroraDatabase, InstanceDatabase, NodeCache, ServerlessCache

HTTP: dict[str, Any] = {"load_balancer": {"accept_plain_http": True}}
"""Lets production go without TLS."""


def loaded(suffix: str = "dev", *, overrides: dict[str, Any] | None = None, **environ: str) -> Settings:
    return load(suffix, overrides=overrides, environ=environ)


def findings(suffix: str = "dev", *, overrides: dict[str, Any] | None = None, **environ: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(suffix, overrides=overrides, environ=environ)
    return list(caught.value.findings)


def instance(settings: Settings) -> InstanceDatabase:
    """The database, which is an instance."""
    assert isinstance(settings.database, InstanceDatabase)
    return settings.database


@pytest.fixture
def blueprint(tmp_path: Path) -> Path:
    return tmp_path / "own.toml"


class TestTier:
    @pytest.mark.parametrize(
        ("suffix", "tier"),
        [
            ("prod", "prod"),
            ("prod-eu", "prod"),
            ("staging", "staging"),
            ("staging-2", "staging"),
            ("dev", "dev"),
            ("dev-001", "dev"),
            ("pr-42", "dev"),
            ("production", "dev"),
            ("my-prod", "dev"),
        ],
    )
    def test_is_the_word_before_the_first_hyphen(self, suffix: str, tier: str) -> None:
        assert tier_of(suffix, {}) == tier
        assert loaded(suffix).tier == tier

    def test_tap_tier_has_the_last_word(self) -> None:
        assert tier_of("prod", {"TAP_TIER": "staging"}) == "staging"
        assert tier_of("pr-1", {"TAP_TIER": "prod"}) == "prod"
        assert tier_of("prod", {"TAP_TIER": ""}) == "prod"

    def test_an_unknown_tier_is_refused_with_the_known_ones(self) -> None:
        assert findings(TAP_TIER="qa") == ["TAP_TIER = 'qa': must be one of dev, staging, prod"]


class TestRegion:
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        (tmp_path / "lib").mkdir()
        (tmp_path / "metadata.json").write_text(json.dumps({"region": "sa-east-1"}))
        return tmp_path

    def test_the_argument_comes_first(self, root: Path) -> None:
        assert resolve_region("eu-west-1", {"AWS_REGION": "us-east-1"}, "eu-north-1", root) == "eu-west-1"

    def test_then_the_variable(self, root: Path) -> None:
        (root / "lib" / "AWS_REGION").write_text("us-west-2\n")
        assert resolve_region(None, {"AWS_REGION": "us-east-1"}, "eu-north-1", root) == "us-east-1"

    def test_then_the_pinned_region(self, root: Path) -> None:
        (root / "lib" / "AWS_REGION").write_text("us-west-2\n")
        assert resolve_region(None, {"AWS_REGION": ""}, "eu-north-1", root) == "us-west-2"

    def test_then_the_blueprint(self, root: Path) -> None:
        assert resolve_region(None, {}, "eu-north-1", root) == "eu-north-1"

    def test_then_the_metadata(self, root: Path) -> None:
        assert resolve_region(None, {}, None, root) == "sa-east-1"

    def test_a_blueprint_names_the_region_that_it_is_meant_for(self, blueprint: Path) -> None:
        blueprint.write_text('region = "eu-north-1"\n')
        assert loaded(TAP_BLUEPRINT=str(blueprint)).region == "eu-north-1"
        assert loaded(TAP_BLUEPRINT=str(blueprint), AWS_REGION="eu-west-1").region == "eu-west-1"
        assert loaded(TAP_BLUEPRINT="payments").region == "us-west-2"

    @pytest.mark.parametrize("value", ["5", "true", '["eu-west-1"]'])
    def test_a_blueprints_region_is_text(self, blueprint: Path, value: str) -> None:
        blueprint.write_text(f"region = {value}\n")
        assert findings(TAP_BLUEPRINT=str(blueprint)) == [f"region = {value}: must be text"]

    def test_a_blueprints_region_looks_like_one(self, blueprint: Path) -> None:
        blueprint.write_text('region = "sweden"\n')
        (finding,) = findings(TAP_BLUEPRINT=str(blueprint))
        assert finding.startswith('region = "sweden": must match pattern')

    def test_the_project_s_own_default_is_sao_paulo(self) -> None:
        assert loaded().region == "sa-east-1"
        assert loaded(AWS_REGION="us-west-2").region == "us-west-2"
        assert load("dev", aws_region="eu-west-1", environ={"AWS_REGION": "us-west-2"}).region == "eu-west-1"


class TestLayers:
    def test_catalog_is_the_default_blueprint(self) -> None:
        settings = loaded()
        assert settings.name == "catalog"
        assert settings.tags == {"Application": "product-catalog", "Team": "catalog"}
        assert list(settings.services) == ["api"]
        assert isinstance(settings.cache, ServerlessCache)

    def test_another_built_in_blueprint_goes_by_its_name(self) -> None:
        settings = loaded(TAP_BLUEPRINT="lms")
        assert settings.name == "lms"
        assert isinstance(settings.cache, NodeCache)

    def test_an_own_blueprint_goes_by_its_path(self, blueprint: Path) -> None:
        blueprint.write_text('name = "shop"\n[database]\nstorage_gb = 50\n')
        settings = loaded(TAP_BLUEPRINT=str(blueprint))
        assert settings.name == "shop"
        assert instance(settings).storage_gb == 50
        assert settings.tags == {}

    def test_tier_defaults_lie_under_the_blueprint(self, blueprint: Path) -> None:
        blueprint.write_text('[database]\nmulti_az = true\n[network]\nnat_gateways = "single"\n')
        settings = loaded("prod", TAP_BLUEPRINT=str(blueprint), TAP__LOAD_BALANCER__ACCEPT_PLAIN_HTTP="true")
        assert settings.network.nat_gateways == "single"
        assert (instance(settings).multi_az, instance(settings).backup_retention_days) == (True, 30)

    def test_a_blueprint_s_tier_table_counts_in_that_tier_only(self, blueprint: Path) -> None:
        blueprint.write_text("[database]\nstorage_gb = 50\n[tiers.staging.database]\nstorage_gb = 80\n")
        storage = {
            suffix: instance(loaded(suffix, TAP_BLUEPRINT=str(blueprint))).storage_gb for suffix in ("dev", "staging")
        }
        assert storage == {"dev": 50, "staging": 80}

    def test_variables_lie_over_the_blueprint_and_the_constructor_over_them(self) -> None:
        assert loaded(TAP__NETWORK__ZONE_COUNT="3").network.zone_count == 3
        assert loaded(overrides={"network": {"zone_count": 4}}, TAP__NETWORK__ZONE_COUNT="3").network.zone_count == 4

    def test_a_variable_is_toml_and_what_is_no_toml_is_text(self) -> None:
        settings = loaded(
            TAP__DATABASE__INSTANCE_CLASS="db.m7g.large",
            TAP__NOTIFICATIONS__EMAILS='["a@b.io", "c@d.io"]',
            TAP__FIREWALL="false",
        )
        assert settings.database is not None
        assert settings.database.instance_class == "db.m7g.large"
        assert settings.notifications.emails == ("a@b.io", "c@d.io")
        assert settings.firewall is None

    def test_a_variable_keeps_the_case_of_what_the_user_names(self) -> None:
        settings = loaded(
            TAP__SERVICES__API__ENVIRONMENT__LOG_LEVEL="debug",
            TAP__SERVICES__API__SECRETS__Token="application",
            TAP__TAGS__CostCenter="cc-1",
            TAP__SECRETS__SIGNING__DESCRIPTION="signs",
        )
        assert settings.services["api"].environment == {"LOG_LEVEL": "debug"}
        assert settings.services["api"].secrets["Token"] == "application"
        assert settings.tags["CostCenter"] == "cc-1"
        assert settings.secrets["signing"].description == "signs"

    @pytest.mark.parametrize("unit", ["cache", "database", "files", "firewall"])
    def test_false_leaves_a_unit_out_in_any_tier(self, unit: str) -> None:
        for suffix in ("dev", "staging", "prod"):
            assert getattr(loaded(suffix, overrides={unit: False}), unit) is None

    def test_a_table_switches_a_unit_on_again(self, blueprint: Path) -> None:
        blueprint.write_text("database = false\n")
        settings = loaded(TAP_BLUEPRINT=str(blueprint), TAP__DATABASE__STORAGE_GB="30")
        assert (instance(settings).storage_gb, instance(settings).max_connections) == (30, 80)

    def test_settings_cannot_be_changed(self) -> None:
        settings = loaded()
        with pytest.raises(ValidationError, match="frozen"):
            settings.network.cidr = "10.1.0.0/16"  # type: ignore[misc]
        with pytest.raises(TypeError):
            settings.services["other"] = settings.services["api"]  # type: ignore[index]
        assert isinstance(settings.tags, MappingProxyType)


class TestTierTable:
    def test_differs_as_documented(self) -> None:
        rows = {
            suffix: (
                settings.network.nat_gateways,
                settings.network.flow_log_retention_days,
                settings.load_balancer.access_log_retention_days,
                settings.firewall and settings.firewall.log_retention_days,
                instance(settings).multi_az,
                instance(settings).instance_class,
                instance(settings).max_connections,
                instance(settings).backup_retention_days,
                instance(settings).log_retention_days,
                settings.cluster.session_log_retention_days,
                settings.cache and settings.cache.snapshot_retention_days,
                settings.files and settings.files.backups,
                settings.removal.keep_data,
                settings.removal.key_deletion_window_days,
                settings.removal.secret_recovery_days,
            )
            for suffix in ("dev", "staging", "prod")
            for settings in [loaded(suffix)]
        }
        assert rows == {
            "dev": ("single", 14, 90, 30, False, "db.t4g.micro", 80, 1, 30, 90, 0, False, False, 7, 0),
            "staging": ("single", 14, 90, 30, False, "db.t4g.small", 180, 7, 30, 90, 1, True, False, 7, 7),
            "prod": ("per_zone", 365, 365, 365, True, "db.m7g.large", 800, 30, 365, 365, 7, True, True, 30, 30),
        }


class TestKinds:
    """A unit that comes in kinds has the tier's defaults of the one that is chosen."""

    def test_the_first_kind_is_taken_where_none_is_named(self) -> None:
        database = load("prod", overrides=HTTP, environ={}).database
        assert isinstance(database, InstanceDatabase)
        assert (database.instance_class, database.multi_az, database.max_connections) == ("db.m7g.large", True, 800)
        assert database.backup_retention_days == 30

    @pytest.mark.parametrize("by", ["constructor", "variable", "blueprint"])
    def test_another_one_has_its_own_defaults(self, blueprint: Path, by: str) -> None:
        blueprint.write_text('[database]\nkind = "aurora"\n' if by == "blueprint" else "")
        overrides = HTTP | ({"database": {"kind": "aurora"}} if by == "constructor" else {})
        variables = {"TAP__DATABASE__KIND": "aurora"} if by == "variable" else {}
        database = load("prod", overrides=overrides, environ={"TAP_BLUEPRINT": str(blueprint), **variables}).database
        assert isinstance(database, AuroraDatabase)
        assert (database.readers, database.min_acu, database.max_acu, database.max_connections) == (1, 2, 32, 2000)
        assert database.backup_retention_days == 30

    def test_a_unit_that_is_left_out_stays_out(self) -> None:
        assert load("prod", overrides=HTTP | {"database": False}, environ={}).database is None

    @pytest.mark.parametrize(
        ("unit", "kinds"), [("cache", "serverless or replication_group"), ("database", "instance or aurora")]
    )
    @pytest.mark.parametrize("kind", ["oracle", 5, []])
    def test_an_unknown_kind_is_refused_with_the_known_ones(self, unit: str, kinds: str, kind: Any) -> None:
        (finding,) = findings(overrides={unit: {"kind": kind}})
        assert finding == f"{unit} (constructor): kind must be {kinds}"

    def test_a_setting_of_another_kind_is_unknown_and_the_kind_is_named(self) -> None:
        assert findings(overrides={"database": {"kind": "aurora", "multi_az": True}}) == [
            "database.multi_az (constructor): unknown setting of this kind; instance has it"
        ]
        assert findings(overrides={"cache": {"replicas": 2}}) == [
            "cache.replicas (constructor): unknown setting of this kind; replication_group has it"
        ]


class TestErrors:
    def test_all_wrong_values_are_listed_at_once(self) -> None:
        assert findings(
            "Prod",
            TAP__DATABSE__STORAGE_GB="1",
            TAP__SERVICES__API__MEMORY="512",
            TAP__SERVICES__API__MEMORY_MIB="5000",
            TAP__SERVICES__API__PORT='"80"',
            TAP__CACHE__KIND="memcached",
            TAP__NETWORK__CIDR="10.0.0.0/24",
        ) == [
            "suffix = \"Prod\": must match pattern '^[a-z0-9]+(-[a-z0-9]+)*$'",
            'services.api.port = "80" (environment (TAP__…)): must be a whole number',
            "services.api.memory (environment (TAP__…)): unknown setting; did you mean memory_mib?",
            "cache (environment (TAP__…)): kind must be serverless or replication_group",
            "databse (environment (TAP__…)): unknown setting; did you mean database?",
            'network.cidr = "10.0.0.0/24" (environment (TAP__…)): is too small:'
            " 6 subnets of /24 (3 tiers in 2 zones) need a block of /21 or larger",
            "services.api.memory_mib = 5000 (environment (TAP__…)): does not go with cpu 256; allowed: 512, 1024, 2048",
        ]

    def test_the_text_begins_with_the_source_and_the_count(self) -> None:
        with pytest.raises(SettingsError) as one:
            loaded(TAP__NAME="My Shop")
        assert str(one.value).splitlines()[0] == "catalog.toml: 1 setting is wrong"
        with pytest.raises(SettingsError) as two:
            loaded(TAP__NAME="My Shop", TAP__NOPE="1")
        assert str(two.value).splitlines()[0] == "catalog.toml: 2 settings are wrong"
        assert str(two.value).splitlines()[1].startswith('  name = "My Shop" (environment (TAP__…)): must match')

    def test_an_unknown_setting_without_a_near_one_gets_the_list(self) -> None:
        (finding,) = findings(TAP__FILES__XQZW="1")
        assert finding == (
            "files.xqzw (environment (TAP__…)): unknown setting;"
            " there are: alarm_io_percent, backups, throughput_mode, transition_to_ia_days"
        )

    def test_an_unknown_setting_deep_inside_is_compared_with_its_neighbours(self) -> None:
        (finding,) = findings(overrides={"services": {"api": {"scaling": {"max_task": 3}}}})
        assert finding == "services.api.scaling.max_task (constructor): unknown setting; did you mean max_tasks?"
        (finding,) = findings(overrides={"cluster": {"capacity": [{"name": "FARGATE", "weigth": 1}]}})
        assert finding == "cluster.capacity.0.weigth (constructor): unknown setting; did you mean weight?"
        (finding,) = findings(TAP_BLUEPRINT="lms", TAP__CACHE__NODE_TYP="x")
        assert finding == "cache.node_typ (environment (TAP__…)): unknown setting; did you mean node_type?"

    def test_what_comes_from_elsewhere_is_not_taken_from_a_blueprint(self, blueprint: Path) -> None:
        blueprint.write_text('suffix = "x"\ntier = "prod"\n')
        assert findings(TAP_BLUEPRINT=str(blueprint), TAP__REGION="eu-west-1") == [
            "suffix = 'x' (own.toml): comes from ENVIRONMENT_SUFFIX, not from here",
            "tier = 'prod' (own.toml): comes from the suffix or TAP_TIER, not from here",
            "region = 'eu-west-1' (environment (TAP__…)): comes from AWS_REGION, not from here",
        ]

    def test_a_missing_value_is_named(self) -> None:
        assert findings(overrides={"secrets": {"token": {}}}) == ["secrets.token.description: must be given"]

    def test_a_wrong_name_is_shown_with_its_table(self) -> None:
        found = findings(overrides={"services": {"my-api": {}}})
        assert found == [
            "services.my-api (constructor): the name must match pattern '^[a-z][a-z0-9]{0,15}$'",
        ]

    @pytest.mark.parametrize(
        ("value", "wording"),
        [
            ({"notifications": {"emails": "a@b.io"}}, 'notifications.emails = "a@b.io" (constructor): must be a list'),
            ({"services": []}, "services = [] (constructor): must be a table"),
            ({"name": 5}, "name = 5 (constructor): must be text"),
            ({"name": date(2026, 1, 2)}, 'name = "2026-01-02" (constructor): must be text'),
            (
                {"cache": {"max_storage_gb": 0}},
                "cache.max_storage_gb = 0 (constructor): must be greater than or equal to 1",
            ),
            ({"cache": 5}, "cache = 5 (constructor): kind must be serverless or replication_group"),
            ({"files": {"backups": "yes"}}, 'files.backups = "yes" (constructor): must be true or false'),
            (
                {"services": {"api": {"alarms": {"response_time_seconds": "1s"}}}},
                'services.api.alarms.response_time_seconds = "1s" (constructor): must be a number',
            ),
            (
                {"services": {"api": {"paths": ["/a", "/b", "/c", "/d", "/e", "/f"]}}},
                'services.api.paths = ["/a", "/b", "/c", "/d", "/e", "/f"] (constructor):'
                " must have at most 5 items after validation, not 6",
            ),
            (
                {"network": {"cidr": "10.0.0.1/16"}},
                'network.cidr = "10.0.0.1/16" (constructor): is no IPv4 block: 10.0.0.1/16 has host bits set',
            ),
        ],
    )
    def test_types_are_said_in_toml_s_words(self, value: dict[str, Any], wording: str) -> None:
        assert findings(overrides=value) == [wording]

    def test_the_last_layer_that_speaks_of_a_value_is_blamed(self, blueprint: Path) -> None:
        blueprint.write_text("[database]\nstorage_gb = 1\n[tiers.dev.files]\nbackups = 1\n")
        assert findings(TAP_BLUEPRINT=str(blueprint), TAP__DATABASE__MAX_CONNECTIONS="1") == [
            "database.max_connections = 1 (environment (TAP__…)): must be greater than or equal to 6",
            "database.storage_gb = 1 (own.toml): must be greater than or equal to 20",
            "files.backups = 1 (own.toml, tiers.dev): must be true or false",
        ]

    def test_a_rule_is_not_asked_about_a_value_that_is_wrong_by_itself(self) -> None:
        (finding,) = findings(overrides={"services": {"api": {"cpu": 300, "memory_mib": 4096}}})
        assert finding.startswith("services.api.cpu = 300 (constructor): must be 256, 512")

    def test_too_much_wrong_at_once_still_ends_in_the_list(self) -> None:
        assert findings(overrides={"services": {"my-api": {}}}, TAP_BLUEPRINT="lms")[0].startswith("services.my-api")
        assert findings(TAP_BLUEPRINT="lms", overrides={"notifications": {"emails": []}}) == [
            "notifications.emails = [] (constructor): must have at least 1 item after validation, not 0"
        ]

    def test_a_blueprint_that_does_not_exist_is_refused_with_the_known_ones(self) -> None:
        assert findings(TAP_BLUEPRINT="catalogue") == [
            "TAP_BLUEPRINT = 'catalogue': neither a file nor one of the built-in blueprints (catalog, fleet, lms,"
            " payments, transactions)"
        ]

    def test_a_blueprint_that_is_no_toml_is_refused_with_the_place(self, blueprint: Path) -> None:
        blueprint.write_text("name = \n")
        (finding,) = findings(TAP_BLUEPRINT=str(blueprint))
        assert finding.startswith("cannot be read as TOML: ")
        assert "line 1" in finding

    def test_a_blueprint_that_is_no_text_is_refused(self, blueprint: Path) -> None:
        blueprint.write_bytes(b"\xff\xfe")
        (finding,) = findings(TAP_BLUEPRINT=str(blueprint))
        assert finding.startswith("cannot be read as TOML: ")

    def test_an_unknown_tier_table_is_refused(self, blueprint: Path) -> None:
        blueprint.write_text("[tiers.qa.database]\nmulti_az = true\n")
        assert findings(TAP_BLUEPRINT=str(blueprint)) == ["tiers.qa: unknown tier; there are dev, staging, prod"]

    @pytest.mark.parametrize("text", ["tiers = 1\n", "[tiers]\nprod = true\n"])
    def test_a_tier_table_that_is_no_table_is_refused(self, blueprint: Path, text: str) -> None:
        blueprint.write_text(text)
        assert findings(TAP_BLUEPRINT=str(blueprint)) == ["tiers: must hold tables, [tiers.prod] for one"]


class TestCompleted:
    def test_without_settings_the_blueprint_is_loaded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TAP_BLUEPRINT", "lms")
        monkeypatch.setenv("AWS_REGION", "us-west-2")
        settings = completed(None, "prod-1", aws_region="eu-west-1", tags={"Team": "x"})
        assert (settings.name, settings.suffix, settings.tier, settings.region) == (
            "lms",
            "prod-1",
            "prod",
            "eu-west-1",
        )
        assert settings.tags == {"Application": "learning-management", "Team": "x"}

    def test_given_settings_stay_but_for_what_the_constructor_says(self) -> None:
        given = loaded("staging", overrides={"name": "shop", "tags": {"Team": "a"}})
        settings = completed(given, "pr-7", aws_region=None, tags={"Owner": "b"})
        assert settings == given.model_copy(
            update={"suffix": "pr-7", "tags": {"Application": "product-catalog", "Team": "a", "Owner": "b"}}
        )
        assert completed(given, "pr-7", aws_region="eu-west-1", tags={}).region == "eu-west-1"

    def test_given_settings_are_checked_too(self) -> None:
        given = Settings(suffix="prod", tier="prod", region="eu-west-1")
        with pytest.raises(SettingsError) as caught:
            completed(given, "prod", aws_region=None, tags={"aws:x": "y", "Team": "ä"})
        assert caught.value.findings == (
            "tags.Team = \"\\u00e4\" (constructor): must match pattern '^[A-Za-z0-9_ .:/=+@-]*$'",
            "load_balancer (settings): has no TLS, in production: give certificate_arn, or domain_name and"
            " hosted_zone, or say accept_plain_http = true",
        )
