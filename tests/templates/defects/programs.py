"""Templates whose programs are told of what they may not use."""

from __future__ import annotations

from lib.evidence.structure import programs as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, first, statement, text_of, validator

_POLICY = "aws_iam_role_policy"


@breaks(
    checks.programs_may_do_what_they_are_told,
    "has no logs:PutLogEvents on aws_cloudwatch_log_group.api_service_tasks_pr",
)
def the_proxy_of_a_task_may_not_write_its_log(template: Template) -> None:
    with statement(template, _POLICY, "WriteLogs") as found:
        found["Resource"] = [each for each in found["Resource"] if "proxy" not in each]


@breaks(
    checks.programs_may_do_what_they_are_told,
    "has no logs:CreateLogStream on aws_cloudwatch_log_group.val",
    "transactions-prod",
)
def a_function_may_not_begin_a_log(template: Template) -> None:
    role = validator(template)["role"].replace(".arn}", ".id}")
    with text_of(template.only(_POLICY, role=role), "policy") as document:
        (found,) = [each for each in document["Statement"] if each["Sid"] == "WriteLogs"]
        found["Action"] = ["logs:PutLogEvents"]


@breaks(
    checks.programs_may_do_what_they_are_told, "writes its log to no log group of the template", "transactions-prod"
)
def lambda_makes_the_log_group_by_itself(template: Template) -> None:
    del validator(template)["logging_config"]


@breaks(checks.programs_may_do_what_they_are_told, "writes its log to no log group of the template", "fleet-prod")
def instances_write_to_a_log_group_of_another_name(template: Template) -> None:
    first(template, "aws_cloudwatch_log_group", name="/fleet/prod/web/application")["name"] = "/fleet/prod/web/logs"


@breaks(
    checks.programs_may_do_what_they_are_told,
    "has no secretsmanager:GetSecretValue on aws_secretsmanager_secret.rotation_secret",
)
def ecs_may_not_read_the_password_of_the_database(template: Template) -> None:
    with statement(template, _POLICY, "ReadDatabaseSecret") as found:
        found["Action"] = ["secretsmanager:DescribeSecret"]


@breaks(checks.programs_may_do_what_they_are_told, "has no secretsmanager:GetSecretValue on aws_db_instance.")
def the_rotation_may_not_read_the_password_of_the_master(template: Template) -> None:
    with statement(template, _POLICY, "ReadDatabaseSecrets") as found:
        del found["Resource"][1]


@breaks(checks.programs_may_do_what_they_are_told, "has no kms:Decrypt on the key of aws_rds_cluster.", "payments-prod")
def the_rotation_may_not_use_the_key_of_that_password(template: Template) -> None:
    with statement(template, _POLICY, "DecryptDatabaseSecrets") as found:
        found["Action"] = ["kms:DescribeKey"]


@breaks(checks.programs_may_do_what_they_are_told, "has no kms:Decrypt on the key of aws_secretsmanager_secret.")
def ecs_may_not_use_the_key_of_a_secret(template: Template) -> None:
    with statement(template, _POLICY, "DecryptSecrets") as found:
        found["Action"] = ["kms:DescribeKey"]


@breaks(
    checks.programs_may_do_what_they_are_told, "knows where aws_db_instance.database_instance_D7FC2283 is", "fleet-prod"
)
def an_instance_may_not_read_the_password_of_the_database(template: Template) -> None:
    with statement(template, _POLICY, "ReadDatabaseSecret") as found:
        found["Effect"] = "Deny"


@breaks(
    checks.programs_may_do_what_they_are_told, "has no dynamodb:PutItem on aws_dynamodb_table.", "transactions-prod"
)
def a_function_may_not_write_to_its_table(template: Template) -> None:
    with statement(template, _POLICY, "UseTransactionsTable") as found:
        found["Action"].remove("dynamodb:PutItem")


@breaks(
    checks.programs_may_do_what_they_are_told,
    "has no kms:Decrypt on the key of aws_dynamodb_table.",
    "transactions-prod",
)
def a_function_may_not_use_the_key_of_its_table(template: Template) -> None:
    with statement(template, _POLICY, "DecryptTransactionsTable") as found:
        found["Resource"] = [validator(template)["kms_key_arn"]]


@breaks(checks.programs_may_do_what_they_are_told, "has no s3:PutObject on aws_s3_bucket.", "fleet-prod")
def an_instance_may_only_read_its_bucket(template: Template) -> None:
    with statement(template, _POLICY, "UseDataBucket") as found:
        found["Action"] = ["s3:GetObject"]


@breaks(checks.programs_may_do_what_they_are_told, "has no kms:Decrypt on the key of aws_s3_bucket.", "fleet-prod")
def an_instance_may_not_use_the_key_of_its_bucket(template: Template) -> None:
    with statement(template, _POLICY, "UseDataBucketKey") as found:
        found["Action"] = ["kms:GenerateDataKey"]


@breaks(checks.programs_may_do_what_they_are_told, "keeps nothing, by lack of sqs:SendMessage", "transactions-prod")
def failed_events_may_not_be_kept(template: Template) -> None:
    with statement(template, _POLICY, "KeepFailedEvents") as found:
        found["Action"] = ["sqs:ReceiveMessage"]


@breaks(checks.programs_may_do_what_they_are_told, "keeps nothing, by lack of kms:GenerateDataKey", "transactions-prod")
def failed_events_may_not_be_encrypted(template: Template) -> None:
    with statement(template, _POLICY, "EncryptFailedEvents") as found:
        found["Action"] = ["kms:Decrypt"]


@breaks(checks.programs_may_do_what_they_are_told, "nobody keeps the events that it fails at", "everything")
def failed_events_are_forgotten(template: Template) -> None:
    configs = template.named("aws_lambda_function_event_invoke_config")
    del configs[next(iter(configs))]
