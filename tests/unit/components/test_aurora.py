"""The database as an Aurora cluster: each test says what would break in AWS if it failed."""

from __future__ import annotations

import pytest

from lib.settings.data import ReaderScaling
from tests.template import Block, Template
from tests.unit.components.exposed import exposed
from tests.unit.components.test_postgres import KEY_ARN, LOG_KEY_ARN, NAME, alarm, why
from tests.unit.components.test_postgres import aurora as build


@pytest.fixture(scope="module")
def serverless() -> Template:
    """A writer and a reader that grow and shrink."""
    return build(
        major_version="16",
        database_name="orders",
        readers=1,
        min_acu=1.5,
        max_acu=8,
        max_connections=200,
        backup_retention_days=14,
        backup_window="01:00-02:00",
        maintenance_window="tue:04:30-tue:05:30",
        insights="advanced",
        monitoring_interval_seconds=15,
        log_retention_days=14,
        alarm_cpu_percent=70,
        alarm_connections_percent=60,
        alarm_capacity_percent=85,
        alarm_lag_milliseconds=250,
    )


@pytest.fixture(scope="module")
def provisioned() -> Template:
    """A writer and two readers of a chosen size, and more readers under load."""
    return build(
        instance_class="db.r7g.large",
        readers=2,
        reader_scaling=ReaderScaling(max_readers=5, cpu_percent=55, cooldown_seconds=400),
    )


@pytest.fixture(scope="module")
def single() -> Template:
    """A writer alone."""
    return build(readers=0)


@pytest.fixture(scope="module")
def cluster(serverless: Template) -> Block:
    return serverless.only("aws_rds_cluster")


def servers(template: Template) -> list[Block]:
    """In the order of their numbers."""
    return sorted(template.all("aws_rds_cluster_instance"), key=lambda each: each["identifier"])


def of_cluster(template: Template, attribute: str) -> str:
    return template.reference("aws_rds_cluster", attribute)


def of_server(template: Template, number: int, attribute: str) -> str:
    return template.reference("aws_rds_cluster_instance", attribute, identifier=f"{NAME}-{number}")


def once_there(value: str, *servers: str) -> str:
    """An expression that is the value and names the servers."""
    inner = ", ".join(each.removeprefix("${").removesuffix("}") for each in (value, *servers))
    return f"${{element([{inner}], 0)}}"


class TestCluster:
    def test_is_the_postgresql_of_the_settings(self, cluster: Block) -> None:
        assert (cluster["cluster_identifier"], cluster["engine"]) == (NAME, "aurora-postgresql")
        assert (cluster["database_name"], cluster["port"]) == ("orders", 5432)

    def test_is_of_the_mode_that_serverless_servers_have_too(self, cluster: Block) -> None:
        assert cluster["engine_mode"] == "provisioned"

    def test_the_version_is_the_major_only(self, cluster: Block) -> None:
        assert cluster["engine_version"] == "16"

    def test_a_new_major_version_in_the_settings_is_carried_out(self, serverless: Template, cluster: Block) -> None:
        assert cluster["allow_major_version_upgrade"] is True
        assert cluster["apply_immediately"] is True
        group = serverless.only("aws_rds_cluster_parameter_group")
        assert group["lifecycle"] == {"create_before_destroy": True}

    def test_grows_between_the_limits_of_the_settings(self, cluster: Block) -> None:
        assert cluster["serverlessv2_scaling_configuration"] == {"min_capacity": 1.5, "max_capacity": 8}

    def test_servers_of_a_chosen_size_have_no_such_limits(self, provisioned: Template) -> None:
        assert "serverlessv2_scaling_configuration" not in provisioned.only("aws_rds_cluster")

    def test_aws_makes_and_keeps_the_password_under_the_key(self, cluster: Block) -> None:
        assert cluster["manage_master_user_password"] is True
        assert cluster["master_user_secret_kms_key_id"] == KEY_ARN
        assert cluster["master_username"] == "postgres"
        assert not {"master_password", "master_password_wo"} & cluster.keys()

    def test_sign_in_by_iam_is_possible(self, cluster: Block) -> None:
        assert cluster["iam_database_authentication_enabled"] is True

    def test_storage_is_encrypted_under_the_key(self, cluster: Block) -> None:
        assert (cluster["storage_encrypted"], cluster["kms_key_id"]) == (True, KEY_ARN)

    def test_backups_and_windows_are_those_of_the_settings(self, cluster: Block) -> None:
        assert (cluster["backup_retention_period"], cluster["preferred_backup_window"]) == (14, "01:00-02:00")
        assert cluster["preferred_maintenance_window"] == "tue:04:30-tue:05:30"
        assert cluster["copy_tags_to_snapshot"] is True

    def test_exports_its_log_to_the_group_that_aws_writes_to(self, serverless: Template, cluster: Block) -> None:
        assert cluster["enabled_cloudwatch_logs_exports"] == ["postgresql"]
        group = serverless.only("aws_cloudwatch_log_group")
        assert group["name"] == f"/aws/rds/cluster/{NAME}/postgresql"
        assert (group["retention_in_days"], group["kms_key_id"]) == (14, LOG_KEY_ARN)

    def test_stands_in_the_zones_that_servers_are_to_be_in(self, cluster: Block) -> None:
        assert cluster["availability_zones"] == ["eu-west-1a", "eu-west-1b"]

    def test_stands_in_three_zones_at_most(self) -> None:
        found = build(zones=["eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d"]).only("aws_rds_cluster")
        assert found["availability_zones"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]

    def test_neither_a_zone_that_aws_adds_nor_the_name_of_a_last_snapshot_is_a_change(self, cluster: Block) -> None:
        assert cluster["lifecycle"] == {"ignore_changes": ["final_snapshot_identifier", "availability_zones"]}


class TestParameters:
    def test_force_tls_and_log_what_is_slow(self, serverless: Template, cluster: Block) -> None:
        group = serverless.only("aws_rds_cluster_parameter_group")
        assert (group["name"], group["family"]) == (f"{NAME}-aurorapostgresql16", "aurora-postgresql16")
        assert group["description"] == "Parameters of the database"
        assert group["parameter"] == [
            {"name": "rds.force_ssl", "value": "1", "apply_method": "pending-reboot"},
            {"name": "log_min_duration_statement", "value": "1000"},
            {"name": "log_lock_waits", "value": "1"},
            {"name": "max_connections", "value": "200", "apply_method": "pending-reboot"},
        ]
        reference = serverless.reference("aws_rds_cluster_parameter_group", "name")
        assert cluster["db_cluster_parameter_group_name"] == reference

    def test_are_the_clusters_alone_so_that_no_server_has_others(self, serverless: Template, cluster: Block) -> None:
        assert serverless.all("aws_db_parameter_group") == []
        assert "db_instance_parameter_group_name" not in cluster
        assert not any("db_parameter_group_name" in each for each in servers(serverless))


class TestServers:
    @pytest.mark.parametrize(("readers", "numbers"), [(0, [1]), (1, [1, 2]), (3, [1, 2, 3, 4])])
    def test_are_the_writer_and_as_many_readers_as_the_settings_say(self, readers: int, numbers: list[int]) -> None:
        template = build(readers=readers)
        assert [each["identifier"] for each in servers(template)] == [f"{NAME}-{number}" for number in numbers]

    def test_are_of_the_cluster(self, serverless: Template) -> None:
        for each in servers(serverless):
            for attribute in ("cluster_identifier", "engine", "db_subnet_group_name"):
                assert each[attribute] == of_cluster(serverless, attribute)

    def test_have_the_clusters_version(self, serverless: Template) -> None:
        assert not any("engine_version" in each for each in servers(serverless))

    def test_are_of_the_size_of_the_settings(self, serverless: Template, provisioned: Template) -> None:
        assert [each["instance_class"] for each in servers(serverless)] == ["db.serverless"] * 2
        assert [each["instance_class"] for each in servers(provisioned)] == ["db.r7g.large"] * 3

    def test_the_first_is_there_before_any_other_so_that_it_writes(self, provisioned: Template) -> None:
        writer, *readers = servers(provisioned)
        assert "depends_on" not in writer
        (address,) = [
            f"aws_rds_cluster_instance.{name}"
            for name, each in provisioned.named("aws_rds_cluster_instance").items()
            if each == writer
        ]
        assert [each["depends_on"] for each in readers] == [[address], [address]]

    def test_take_turns_in_the_zones(self) -> None:
        template = build(readers=4, zones=["eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d"])
        zones = [each["availability_zone"][-1] for each in servers(template)]
        assert zones == ["a", "b", "c", "a", "b"]

    def test_stay_in_their_zone_when_there_is_one_more(self, serverless: Template) -> None:
        assert all(each["lifecycle"] == {"ignore_changes": ["availability_zone"]} for each in servers(serverless))

    def test_take_over_in_order_and_the_first_reader_is_as_large_as_the_writer(self, provisioned: Template) -> None:
        assert [each["promotion_tier"] for each in servers(provisioned)] == [0, 1, 2]

    def test_are_not_reachable_from_outside(self, serverless: Template) -> None:
        assert [each["publicly_accessible"] for each in servers(serverless)] == [False, False]

    def test_name_their_certificate_authority(self, serverless: Template) -> None:
        assert {each["ca_cert_identifier"] for each in servers(serverless)} == {"rds-ca-rsa2048-g1"}

    def test_are_patched_by_themselves_in_the_window(self, serverless: Template) -> None:
        for each in servers(serverless):
            assert each["auto_minor_version_upgrade"] is True
            assert each["preferred_maintenance_window"] == "tue:04:30-tue:05:30"

    def test_are_changed_when_the_plan_is_carried_out(self, serverless: Template) -> None:
        assert all(each["apply_immediately"] is True for each in servers(serverless))


class TestObservation:
    @pytest.mark.parametrize(("mode", "days"), [("standard", 7), ("advanced", 465)])
    def test_insights_are_encrypted_and_kept_as_long_as_their_mode_asks_for(self, mode: str, days: int) -> None:
        template = build(insights=mode)
        assert template.only("aws_rds_cluster")["database_insights_mode"] == mode
        for each in (template.only("aws_rds_cluster"), *servers(template)):
            assert each["performance_insights_enabled"] is True
            assert each["performance_insights_kms_key_id"] == KEY_ARN
            assert each["performance_insights_retention_period"] == days

    def test_enhanced_monitoring_is_the_same_for_cluster_and_servers(self, serverless: Template) -> None:
        role = serverless.reference("aws_iam_role", "arn")
        for each in (serverless.only("aws_rds_cluster"), *servers(serverless)):
            assert (each["monitoring_interval"], each["monitoring_role_arn"]) == (15, role)

    def test_without_enhanced_monitoring_servers_have_no_role(self) -> None:
        for each in servers(build(monitoring_interval_seconds=0)):
            assert each["monitoring_interval"] == 0
            assert "monitoring_role_arn" not in each


class TestReaderScaling:
    def test_is_between_the_readers_that_are_there_and_the_limit(self, provisioned: Template) -> None:
        target = provisioned.only("aws_appautoscaling_target")
        readers = [of_server(provisioned, number, "id") for number in (2, 3)]
        cluster = once_there(of_cluster(provisioned, "cluster_identifier"), *readers)
        assert target == {
            "service_namespace": "rds",
            "scalable_dimension": "rds:cluster:ReadReplicaCount",
            "resource_id": f"cluster:{cluster}",
            "min_capacity": 2,
            "max_capacity": 5,
            "tags": {"Name": NAME},
        }

    def test_follows_the_cpu_of_the_readers(self, provisioned: Template) -> None:
        policy = provisioned.only("aws_appautoscaling_policy")
        assert policy["name"] == f"{NAME}-cpu"
        assert policy["target_tracking_scaling_policy_configuration"] == {
            "target_value": 55,
            "scale_out_cooldown": 400,
            "scale_in_cooldown": 400,
            "predefined_metric_specification": {"predefined_metric_type": "RDSReaderAverageCPUUtilization"},
        }

    def test_is_not_there_unless_asked_for(self, serverless: Template) -> None:
        assert serverless.all("aws_appautoscaling_target") == []
        assert serverless.all("aws_appautoscaling_policy") == []


class TestWhatOthersWireTo:
    def test_is_the_cluster(self, serverless: Template) -> None:
        assert exposed(serverless, "name") == NAME
        assert exposed(serverless, "arn") == of_cluster(serverless, "arn")
        assert exposed(serverless, "resource_id") == of_cluster(serverless, "cluster_resource_id")

    def test_can_be_used_only_when_the_writer_is_there(self, provisioned: Template) -> None:
        writer = of_server(provisioned, 1, "id")
        for name, attribute in (("address", "endpoint"), ("master_secret_arn", "master_user_secret[0].secret_arn")):
            assert exposed(provisioned, name) == once_there(of_cluster(provisioned, attribute), writer)

    def test_readers_can_be_used_only_when_all_of_them_are_there(self, provisioned: Template) -> None:
        readers = [of_server(provisioned, number, "id") for number in (2, 3)]
        expected = once_there(of_cluster(provisioned, "reader_endpoint"), *readers)
        assert exposed(provisioned, "reader_address") == expected

    def test_services_learn_where_readers_are(self, serverless: Template) -> None:
        environment = exposed(serverless, "access")["environment"]
        assert environment["DATABASE_READER_HOST"] == exposed(serverless, "reader_address")

    def test_without_readers_nobody_speaks_of_any(self, single: Template) -> None:
        assert exposed(single, "reader_address") is None
        assert "DATABASE_READER_HOST" not in exposed(single, "access")["environment"]


class TestAlarms:
    @pytest.mark.parametrize("role", ["writer", "reader"])
    @pytest.mark.parametrize(
        ("what", "expected"),
        [
            ("cpu", {"metric": "CPUUtilization", "statistic": "Average", "threshold": 70, "period_seconds": 300}),
            ("connections", {"metric": "DatabaseConnections", "statistic": "Maximum", "threshold": 120}),
            ("capacity", {"metric": "ACUUtilization", "statistic": "Maximum", "threshold": 85}),
        ],
    )
    def test_watch_the_servers_by_role(self, serverless: Template, role: str, what: str, expected: Block) -> None:
        assert alarm(serverless, what + role) == {
            "comparison": "GreaterThanThreshold",
            "dimensions": {"DBClusterIdentifier": NAME, "Role": role.upper()},
            "period_seconds": 60,
            "evaluation_periods": 3,
            "datapoints_to_alarm": 2,
            **expected,
        }

    @pytest.mark.parametrize("role", ["writer", "reader"])
    def test_watch_the_disk_of_servers_of_a_chosen_size(self, provisioned: Template, role: str) -> None:
        assert alarm(provisioned, f"storage{role}") == {
            "metric": "FreeLocalStorage",
            "statistic": "Minimum",
            "comparison": "LessThanThreshold",
            "threshold": 2 * 1024**3,
            "dimensions": {"DBClusterIdentifier": NAME, "Role": role.upper()},
            "period_seconds": 60,
            "evaluation_periods": 3,
            "datapoints_to_alarm": 2,
        }

    def test_watch_how_far_readers_are_behind_in_milliseconds(self, serverless: Template) -> None:
        assert alarm(serverless, "lag") == {
            "metric": "AuroraReplicaLag",
            "statistic": "Maximum",
            "comparison": "GreaterThanThreshold",
            "threshold": 250,
            "dimensions": {"DBClusterIdentifier": NAME, "Role": "READER"},
            "period_seconds": 60,
            "evaluation_periods": 3,
            "datapoints_to_alarm": 2,
        }

    def test_watch_the_transaction_ids_of_the_writer(self, serverless: Template) -> None:
        assert alarm(serverless, "wraparound") == {
            "metric": "MaximumUsedTransactionIDs",
            "statistic": "Maximum",
            "comparison": "GreaterThanThreshold",
            "threshold": 1_000_000_000,
            "dimensions": {"DBClusterIdentifier": NAME, "Role": "WRITER"},
            "period_seconds": 300,
            "evaluation_periods": 3,
            "datapoints_to_alarm": 2,
        }

    def test_of_serverless_servers_are_eight(self, serverless: Template) -> None:
        assert [each["role"] for each in exposed(serverless, "alarms")] == [
            "cpuwriter",
            "connectionswriter",
            "capacitywriter",
            "cpureader",
            "connectionsreader",
            "capacityreader",
            "lag",
            "wraparound",
        ]

    def test_of_servers_of_a_chosen_size_are_eight(self, provisioned: Template) -> None:
        assert [each["role"] for each in exposed(provisioned, "alarms")] == [
            "cpuwriter",
            "connectionswriter",
            "storagewriter",
            "cpureader",
            "connectionsreader",
            "storagereader",
            "lag",
            "wraparound",
        ]

    def test_of_a_writer_alone_are_four(self, single: Template) -> None:
        roles = [each["role"] for each in exposed(single, "alarms")]
        assert roles == ["cpuwriter", "connectionswriter", "capacitywriter", "wraparound"]

    def test_name_the_limits_of_the_settings(self, serverless: Template) -> None:
        assert why(serverless, "cpuwriter").startswith("The writer computes above 70 %")
        assert why(serverless, "cpureader").startswith("The average reader computes above 70 %")
        assert "60 % of 200 connections are open; beyond that a reader refuses" in why(serverless, "connectionsreader")
        assert why(serverless, "capacitywriter").startswith("The writer has grown to more than 85 % of max_acu (8);")
        assert why(serverless, "lag").startswith("A reader is more than 250 ms behind the writer")

    def test_name_the_setting_that_helps(self, serverless: Template, provisioned: Template) -> None:
        assert why(serverless, "cpuwriter").endswith("then at max_acu.")
        assert why(serverless, "cpureader").endswith("then at max_acu and readers.")
        assert why(provisioned, "cpuwriter").endswith("then at the instance_class.")
        assert why(provisioned, "storagereader").startswith("A reader has little left of its own disk")


def test_addresses_in_the_state_are_a_promise(provisioned: Template) -> None:
    resources = provisioned.document["resource"]
    names = {name.rpartition("_")[0] for kind in resources for name in provisioned.named(kind)}
    assert names == {
        "database_autoscaling_cpu_policy",
        "database_autoscaling_target",
        "database_cluster",
        "database_instance_1",
        "database_instance_2",
        "database_instance_3",
        "database_monitoring_policy",
        "database_monitoring_role",
        "database_parameter_group",
        "database_postgresql_log",
        "database_security_group",
        "database_subnet_group",
    }
