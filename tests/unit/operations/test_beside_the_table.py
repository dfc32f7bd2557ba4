"""Checks, and sides of checks, for which answers have to be made: of what no recorded deployment has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lib.operations.verify.registry import CHECKS
from lib.operations.verify.run import Outcome, State, outcome
from lib.operations.verify.units import connections
from tests.unit.operations.on_aws import TASK, on_aws, ready_url
from tests.unit.operations.recorded import Recording

IMAGE = "123456789012.dkr.ecr.sa-east-1.amazonaws.com/shop/api"
CONTAINER = "taskDefinition.containerDefinitions.0"
READERS = {"ServiceNamespace": "rds", "ScalableDimension": "rds:cluster:ReadReplicaCount"}
OTHER_KEY = "arn:aws:kms:sa-east-1:123456789012:key/0000"
SESSION_KEY = "clusters.0.configuration.executeCommandConfiguration.kmsKeyId"
DISK_KEY = "LaunchTemplateVersions.0.LaunchTemplateData.BlockDeviceMappings.0.Ebs.KmsKeyId"
BUCKET_KEY = "ServerSideEncryptionConfiguration.Rules.0.ApplyServerSideEncryptionByDefault.KMSMasterKeyID"
ROLLED_BACK = "arn:aws:ecs:sa-east-1:123456789012:task-definition/catalog-dev-api:7"


def found(recording: Recording, name: str, *, emulated: bool = False) -> Outcome:
    (check,) = [check for check in CHECKS if check.name == name]
    return outcome(recording.deployment(emulated=emulated), check)


@pytest.fixture
def catalog() -> Recording:
    return on_aws("catalog")


@pytest.fixture
def payments() -> Recording:
    return on_aws("payments")


def roll_back(recording: Recording, tasks: list[dict[str, Any]]) -> None:
    recording.change("ecs describe_services", "services.0.taskDefinition", ROLLED_BACK)
    failed = {"status": "INACTIVE", "rolloutState": "FAILED", "rolloutStateReason": "tasks failed to start"}
    recording.change("ecs describe_services", "services.0.deployments", [failed])
    recording.change("ecs describe_services", "services.0.events", [{"message": "rolling back"}] * 9)
    cluster, name = recording.outputs["cluster_name"], recording.outputs["service_names"]["api"]
    stopped = {"cluster": cluster, "serviceName": name, "desiredStatus": "STOPPED"}
    recording.answer("ecs list_tasks", {"taskArns": [f"{TASK}-{number}" for number in range(len(tasks))]}, **stopped)
    arns = [f"{TASK}-{number}" for number in range(len(tasks))]
    recording.answer("ecs describe_tasks", {"tasks": tasks}, cluster=cluster, tasks=arns)


class TestRollback:
    def test_is_a_failed_deployment_with_ecs_words_and_each_reason_of_stopped_tasks_once(
        self, catalog: Recording
    ) -> None:
        task = {
            "stoppedReason": "Essential container in task exited",
            "containers": [{"name": "api", "exitCode": 137, "reason": "OutOfMemoryError"}, {"name": "proxy"}],
        }
        roll_back(catalog, [task, task])
        of = catalog.outputs["task_definition_arns"]["api"].rpartition("/")[2]
        assert found(catalog, "services.runs_what_was_deployed").problems == (
            f"api: the deployment failed: it runs catalog-dev-api:7, not {of} that was deployed",
            "api: ECS says: tasks failed to start",
            *["api: ECS says: rolling back"] * 3,
            "api: a task stopped: Essential container in task exited; api: OutOfMemoryError 137",
        )

    def test_is_told_also_where_no_task_is_remembered(self, catalog: Recording) -> None:
        roll_back(catalog, [])
        assert len(found(catalog, "services.runs_what_was_deployed").problems) == 1 + 1 + 3

    def test_names_no_more_than_three_reasons(self, catalog: Recording) -> None:
        roll_back(catalog, [{"stoppedReason": str(number)} for number in range(9)])
        assert len(found(catalog, "services.runs_what_was_deployed").problems) == 1 + 1 + 3 + 3

    def test_an_exit_code_is_a_reason_too(self, catalog: Recording) -> None:
        roll_back(catalog, [{"containers": [{"name": "api", "exitCode": 1}]}])
        last = found(catalog, "services.runs_what_was_deployed").problems[-1]
        assert last == "api: a task stopped: ECS does not say why; api: exit code 1"

    def test_is_seen_in_an_emulator_too(self, catalog: Recording) -> None:
        roll_back(catalog, [])
        assert found(catalog, "services.runs_what_was_deployed", emulated=True).state is State.PROBLEM


class TestImages:
    def set(self, recording: Recording, image: str, images: list[Any], **id: str) -> None:
        recording.change("ecs describe_task_definition", f"{CONTAINER}.image", image)
        question: dict[str, Any] = {"registryId": "123456789012", "repositoryName": "shop/api", "imageIds": [id]}
        recording.answer("ecr batch_get_image", {"images": images}, **question)

    @pytest.mark.parametrize(
        ("image", "id"),
        [
            (f"{IMAGE}:1.4", {"imageTag": "1.4"}),
            (IMAGE, {"imageTag": "latest"}),
            (f"{IMAGE}@sha256:1", {"imageDigest": "sha256:1"}),
        ],
    )
    def test_in_ecr_is_looked_for(self, catalog: Recording, image: str, id: dict[str, str]) -> None:
        self.set(catalog, image, [{"imageId": id}], **id)
        assert found(catalog, "services.image").state is State.HOLDS

    def test_that_is_not_in_ecr_is_a_problem(self, catalog: Recording) -> None:
        self.set(catalog, f"{IMAGE}:1.4", [], imageTag="1.4")
        assert found(catalog, "services.image").problems == (f"api: there is no {IMAGE}:1.4",)

    def test_elsewhere_is_nothing_to_ask_aws_about(self, catalog: Recording) -> None:
        none = found(catalog, "services.image")
        assert (none.state, none.reason) == (
            State.NOT_APPLICABLE,
            "images come from a registry that AWS does not keep",
        )

    def test_of_ones_own_needs_no_ready_page(self, catalog: Recording) -> None:
        self.set(catalog, f"{IMAGE}:1.4", [], imageTag="1.4")
        assert found(catalog, "services.reaches_stores").state is State.NOT_APPLICABLE


class TestReaders:
    def scale(self, recording: Recording, policies: list[dict[str, str]]) -> None:
        resource = f"cluster:{recording.outputs['database_identifier']}"
        targets = {"ScalableTargets": [{"ResourceId": resource}]}
        recording.answer(
            "application-autoscaling describe_scalable_targets", targets, ResourceIds=[resource], **READERS
        )
        found = {"ScalingPolicies": policies}
        recording.answer("application-autoscaling describe_scaling_policies", found, ResourceId=resource, **READERS)

    def test_follow_load(self, payments: Recording) -> None:
        self.scale(payments, [{"PolicyType": "TargetTrackingScaling"}])
        assert found(payments, "autoscaling.readers_follow_load").state is State.HOLDS

    def test_that_nothing_scales_are_a_problem(self, payments: Recording) -> None:
        self.scale(payments, [])
        assert found(payments, "autoscaling.readers_follow_load").state is State.PROBLEM

    def test_of_a_fixed_number_are_nothing_to_check(self, payments: Recording) -> None:
        assert found(payments, "autoscaling.readers_follow_load").reason == "the number of readers is fixed"


@pytest.mark.parametrize(("multi_az", "state"), [(True, State.HOLDS), (False, State.PROBLEM)])
def test_one_instance_in_production_is_in_two_zones(catalog: Recording, multi_az: bool, state: State) -> None:
    catalog.outputs["tier"] = "prod"
    catalog.change("rds describe_db_instances", "DBInstances.0.MultiAZ", multi_az)
    assert found(catalog, "database.survives").state is state


def test_access_logs_that_go_to_another_bucket_are_a_problem(catalog: Recording) -> None:
    for asked in [asked for asked in catalog.answers if asked.startswith("s3 ")]:
        catalog.answers[asked.replace("catalog-dev-logs-", "elsewhere-")] = catalog.answers[asked]
    catalog.change(
        "elbv2 describe_load_balancer_attributes",
        "Attributes",
        lambda found: [each | {"Value": each["Value"].replace("catalog-dev-logs-", "elsewhere-")} for each in found],
    )
    (problem,) = found(catalog, "logs.bucket").problems
    assert problem.startswith("access logs go to elsewhere-")


def test_a_cdn_at_its_own_name_has_the_certificate_of_aws() -> None:
    recording = on_aws("transactions")
    recording.outputs["cdn_url"] = f"https://{recording.outputs['cdn_domain_name']}"
    certificate = "Distribution.DistributionConfig.ViewerCertificate"
    recording.change("cloudfront get_distribution", certificate, {"ACMCertificateArn": "arn"})
    assert found(recording, "cdn.tls").state is State.PROBLEM
    recording.change("cloudfront get_distribution", certificate, {"CloudFrontDefaultCertificate": True})
    assert found(recording, "cdn.tls").state is State.HOLDS


@pytest.mark.parametrize(
    ("blueprint", "check"),
    [
        ("catalog", "services.answers"),
        ("catalog", "services.reaches_stores"),
        ("fleet", "fleets.answers"),
        ("payments", "http_api.answers"),
    ],
)
def test_what_has_rules_of_its_own_is_not_asked_at_the_platforms_url(blueprint: str, check: str) -> None:
    recording = on_aws(blueprint)
    recording.change("elbv2 describe_rules", "Rules.*.Conditions", [{"HostHeaderConfig": {"Values": ["a.example"]}}])
    assert found(recording, check).state is State.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda it: it.outputs.update(alarm_names=["transactions-prod-api-cpu"]), "functions.callers"),
        (lambda it: it.change("lambda get_function_configuration", "Handler", "other.handle"), "functions.refuses"),
        (
            lambda it: it.change(
                "elbv2 describe_rules", "Rules.*.Conditions", [{"PathPatternConfig": {"Values": ["/a"]}}]
            ),
            "functions.looks_up",
        ),
    ],
    ids=["no place behind the load balancer", "another program", "another path"],
)
def test_functions_are_asked_only_what_they_are_for(change: Callable[[Recording], None], check: str) -> None:
    recording = on_aws("transactions")
    change(recording)
    assert found(recording, check).state is State.NOT_APPLICABLE


def test_a_fleet_with_a_program_of_its_own_need_not_have_a_ready_page() -> None:
    recording = on_aws("fleet")
    template = "LaunchTemplateVersions.0.LaunchTemplateData.UserData"
    recording.change("ec2 describe_launch_template_versions", template, "IyEvYmluL3No")
    assert found(recording, "fleets.reaches_stores").state is State.NOT_APPLICABLE


def test_a_load_balancer_behind_the_http_api_redirects_nobody(payments: Recording) -> None:
    none = found(payments, "load_balancer.redirects")
    assert none.reason == "the load balancer is reached through the HTTP API alone"


def test_files_that_no_service_mounts_are_mounted_nowhere(catalog: Recording) -> None:
    assert found(catalog, "files.mounted").reason == "no service mounts the files"


def test_the_ready_page_is_asked_once_for_each_run(catalog: Recording) -> None:
    found(catalog, "services.reaches_stores")
    assert [asked for asked in catalog.aws.asked if asked.startswith("GET ")] == [
        f"GET {ready_url(catalog.deployment())}"
    ]


@pytest.mark.parametrize(
    ("blueprint", "check", "call", "path"),
    [
        ("catalog", "services.sessions", "ecs describe_clusters", SESSION_KEY),
        ("catalog", "cache.encrypted", "elasticache describe_serverless_caches", "ServerlessCaches.0.KmsKeyId"),
        ("lms", "cache.encrypted", "elasticache describe_replication_groups", "ReplicationGroups.0.KmsKeyId"),
        ("catalog", "database.encrypted", "rds describe_db_instances", "DBInstances.0.KmsKeyId"),
        ("catalog", "database.password", "rds describe_db_instances", "DBInstances.0.MasterUserSecret.KmsKeyId"),
        ("catalog", "files.available", "efs describe_file_systems", "FileSystems.0.KmsKeyId"),
        ("catalog", "secrets.encrypted", "secretsmanager describe_secret", "KmsKeyId"),
        ("catalog", "logs.encrypted", "logs describe_log_groups", "logGroups.*.kmsKeyId"),
        ("catalog", "alarms.encrypted", "sns get_topic_attributes", "Attributes.KmsMasterKeyId"),
        ("fleet", "fleets.disks", "ec2 describe_launch_template_versions", DISK_KEY),
        ("fleet", "fleets.disks_in_use", "ec2 describe_volumes", "Volumes.0.KmsKeyId"),
        ("fleet", "buckets.encrypted", "s3 get_bucket_encryption", BUCKET_KEY),
        ("transactions", "buckets.encrypted", "s3 get_bucket_encryption", BUCKET_KEY),
        ("transactions", "functions.variables", "lambda get_function_configuration", "KMSKeyArn"),
        ("transactions", "functions.queue", "sqs get_queue_attributes", "Attributes.KmsMasterKeyId"),
        ("transactions", "tables.encrypted", "dynamodb describe_table", "Table.SSEDescription.KMSMasterKeyArn"),
        ("transactions", "logs.of_cdn", "logs describe_log_groups", "logGroups.*.kmsKeyId"),
    ],
)
def test_another_key_than_the_stacks_own_for_it_is_a_problem(blueprint: str, check: str, call: str, path: str) -> None:
    recording = on_aws(blueprint)
    recording.change(call, path, OTHER_KEY)
    metadata = {"KeyMetadata": {"Arn": OTHER_KEY}}
    for region in (recording.outputs["region"], "us-east-1"):
        recording.answer("kms describe_key", metadata, region, KeyId=OTHER_KEY)
        recording.answer("kms get_key_policy", {"Policy": "{}"}, region, KeyId=OTHER_KEY, PolicyName="default")
    assert any(f"the key is {OTHER_KEY}, not the stack's for" in said for said in found(recording, check).problems)


def test_aurora_without_readers_has_a_writer_alone() -> None:
    recording = on_aws("payments")
    del recording.outputs["database_reader_address"]
    assert found(recording, "database.available").state is State.HOLDS
    assert found(recording, "database.servers_are_available").problems == ("whether it has readers is true, not false",)


def test_a_stack_without_database_is_protected_by_what_it_has(catalog: Recording) -> None:
    for output in [output for output in catalog.outputs if output.startswith("database_")]:
        del catalog.outputs[output]
    assert found(catalog, "protection.alike").state is State.HOLDS
    assert found(catalog, "tags.stores").state is State.HOLDS


def test_a_certificate_of_others_is_tagged_as_they_like(payments: Recording) -> None:
    payments.change("acm list_tags_for_certificate", "Tags", [])
    assert found(payments, "tags.entry").state is State.HOLDS


class TestWithoutRotation:
    """A database that no service and no fleet signs in to has none."""

    OF_ROTATION = ("database_secret_arn", "rotation_function_name", "rotation_security_group_id")

    def test_no_edge_of_it_is_expected(self, catalog: Recording) -> None:
        with_it = connections.declared(catalog.deployment())
        group = catalog.outputs["rotation_security_group_id"]
        for output in self.OF_ROTATION:
            del catalog.outputs[output]
        without = connections.declared(catalog.deployment())
        assert {(edge.source, edge.what) for edge in with_it - without} == {(group, 5432), (group, 443)}
        assert without < with_it

    def test_nothing_is_asked_about_it(self, catalog: Recording) -> None:
        for output in self.OF_ROTATION:
            del catalog.outputs[output]
        for check in ("rotation.secret", "rotation.in_time", "rotation.reaches"):
            assert found(catalog, check).state is State.NOT_APPLICABLE
