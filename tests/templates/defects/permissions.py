"""Templates whose policies allow more than they should."""

from __future__ import annotations

from lib.evidence.reading import at
from lib.evidence.structure import permissions as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, copied, first, statement, text_of, validator


@breaks(checks.policies_are_documents, "policy is no JSON")
def a_policy_is_no_json(template: Template) -> None:
    first(template, "aws_iam_role_policy")["policy"] += ","


@breaks(checks.policies_are_documents, "is of version 2008-10-17")
def a_policy_is_of_the_old_version(template: Template) -> None:
    with text_of(template.only("aws_sns_topic_policy"), "policy") as document:
        document["Version"] = "2008-10-17"


@breaks(checks.policies_are_documents, "has no statement")
def a_policy_has_nothing_to_say(template: Template) -> None:
    with text_of(first(template, "aws_iam_role_policy"), "policy") as document:
        del document["Statement"]


@breaks(checks.policies_are_documents, "has no statement")
def a_policy_says_nothing(template: Template) -> None:
    with text_of(first(template, "aws_iam_role_policy"), "policy") as document:
        document["Statement"] = []


@breaks(checks.policies_are_documents, "without an id of their own")
def two_statements_have_one_id(template: Template) -> None:
    with text_of(template.only("aws_sns_topic_policy"), "policy") as document:
        document["Statement"][1]["Sid"] = document["Statement"][0]["Sid"]


@breaks(checks.statements_say_what_they_mean, "has a statement without an id: 'Write-Logs'")
def the_id_of_a_statement_has_a_hyphen(template: Template) -> None:
    with statement(template, "aws_iam_role_policy", "WriteLogs") as found:
        found["Sid"] = "Write-Logs"


@breaks(checks.statements_say_what_they_mean, "has a statement without an id: ''")
def a_statement_has_no_id(template: Template) -> None:
    with statement(template, "aws_iam_role_policy", "WriteLogs") as found:
        del found["Sid"]


@breaks(checks.policies_are_documents, "WriteLogs neither allows nor denies")
def a_statement_s_effect_is_misspelt(template: Template) -> None:
    with statement(template, "aws_iam_role_policy", "WriteLogs") as found:
        found["Effect"] = "allow"


@breaks(checks.statements_say_what_they_mean, "says NotAction")
def a_statement_allows_all_but_something(template: Template) -> None:
    with text_of(first(template, "aws_iam_role_policy"), "policy") as document:
        document["Statement"][0]["NotAction"] = ["iam:*"]


@breaks(checks.policies_are_documents, "neither allows nor denies")
def a_statement_has_no_action(template: Template) -> None:
    with text_of(first(template, "aws_iam_role_policy"), "policy") as document:
        del document["Statement"][0]["Action"]


@breaks(checks.policies_are_narrow, "WriteLogs allows *")
def a_role_may_do_everything(template: Template) -> None:
    with statement(template, "aws_iam_role_policy", "WriteLogs") as found:
        found["Action"] = ["*"]


@breaks(checks.policies_are_narrow, "ReadSecrets allows secretsmanager:*")
def a_role_may_do_all_of_a_service(template: Template) -> None:
    with statement(template, "aws_iam_role_policy", "ReadSecrets") as found:
        found["Action"] = "secretsmanager:*"


@breaks(checks.policies_are_narrow, "ReadSecrets allows secretsmanager:Get*")
def a_role_may_do_a_family_of_things(template: Template) -> None:
    with statement(template, "aws_iam_role_policy", "ReadSecrets") as found:
        found["Action"] = ["secretsmanager:Get*"]


@breaks(checks.policies_are_narrow, "ReadSecrets allows secretsmanager:GetSecretValue on everything")
def a_role_may_read_every_secret(template: Template) -> None:
    with statement(template, "aws_iam_role_policy", "ReadSecrets") as found:
        found["Resource"] = ["*"]


@breaks(checks.policies_are_narrow, "allows all of arn:aws:secretsmanager:*")
def a_role_may_read_every_secret_by_its_arn(template: Template) -> None:
    with statement(template, "aws_iam_role_policy", "ReadSecrets") as found:
        found["Resource"] = ["arn:aws:secretsmanager:*:*:*"]


@breaks(checks.policies_are_narrow, "names no resource")
def a_statement_is_about_nothing(template: Template) -> None:
    with statement(template, "aws_iam_role_policy", "ReadSecrets") as found:
        del found["Resource"]


@breaks(checks.policies_are_narrow, "Logs allows kms:*")
def a_service_may_do_all_with_a_key(template: Template) -> None:
    with statement(template, "aws_kms_key", "Logs") as found:
        found["Action"] = ["kms:*"]


@breaks(checks.policies_are_narrow, "Account allows anybody")
def a_key_is_everybody_s(template: Template) -> None:
    with statement(template, "aws_kms_key", "Account") as found:
        found["Principal"] = {"AWS": "*"}


@breaks(checks.policies_are_narrow, "LoadBalancerLogs allows anybody")
def a_bucket_is_everybody_s(template: Template) -> None:
    with statement(template, "aws_s3_bucket_policy", "LoadBalancerLogs") as found:
        found["Principal"] = "*"


@breaks(checks.policies_are_narrow, "Trust allows anybody")
def anybody_may_take_a_role(template: Template) -> None:
    with statement(template, "aws_iam_role", "Trust", "assume_role_policy") as found:
        found["Principal"] = {"AWS": ["*"]}


@breaks(checks.policies_are_narrow, "a principal too many")
def a_role_s_policy_names_a_principal(template: Template) -> None:
    with statement(template, "aws_iam_role_policy", "ReadSecrets") as found:
        found["Principal"] = {"Service": "ecs-tasks.amazonaws.com"}


@breaks(checks.policies_are_narrow, "AmazonS3FullAccess")
def a_broad_policy_of_aws_is_attached(template: Template) -> None:
    first(template, "aws_iam_role_policy_attachment")["policy_arn"] = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


@breaks(checks.policies_are_narrow, "credentials that last")
def there_is_a_user(template: Template) -> None:
    template.document["resource"]["aws_iam_user"] = {"user": {"name": "catalog-prod-user"}}


@breaks(checks.services_act_for_this_account, "lets in ecs-tasks.amazonaws.com")
def a_role_is_taken_for_any_account(template: Template) -> None:
    with statement(template, "aws_iam_role", "Trust", "assume_role_policy") as found:
        del found["Condition"]


@breaks(checks.services_act_for_this_account, "Trust lets in")
def a_condition_that_is_met_when_nothing_is_said(template: Template) -> None:
    with statement(template, "aws_iam_role", "Trust", "assume_role_policy") as found:
        found["Condition"] = {"StringEqualsIfExists": found["Condition"]["StringEquals"]}


@breaks(checks.services_act_for_this_account, "Logs lets in logs.sa-east-1.amazonaws.com")
def a_key_is_used_for_any_account(template: Template) -> None:
    with statement(template, "aws_kms_key", "Logs") as found:
        del found["Condition"]


@breaks(checks.services_act_for_this_account, "lets in elasticloadbalancing.amazonaws.com", "transactions-prod")
def any_load_balancer_calls_a_function(template: Template) -> None:
    del template.only("aws_lambda_permission", statement_id="LoadBalancer")["source_arn"]


@breaks(checks.services_act_for_this_account, "lets in elasticloadbalancing.amazonaws.com", "transactions-prod")
def the_name_of_a_load_balancer_is_enough_to_call_a_function(template: Template) -> None:
    del template.only("aws_lambda_permission", statement_id="LoadBalancer")["source_account"]


@breaks(checks.services_act_for_this_account, "lets in secretsmanager.amazonaws.com")
def any_secret_of_the_account_calls_the_function_of_another(template: Template) -> None:
    del template.only("aws_lambda_permission")["source_arn"]


@breaks(checks.keys_serve_what_they_encrypt, "its key is closed to logs.sa-east-1.amazonaws.com")
def logs_are_under_a_key_that_logs_cannot_use(template: Template) -> None:
    first(template, "aws_cloudwatch_log_group")["kms_key_id"] = template.only("aws_efs_file_system")["kms_key_id"]


@breaks(checks.keys_serve_what_they_encrypt, "its key is closed to cloudwatch.amazonaws.com")
def alarms_cannot_use_the_key_of_their_topic(template: Template) -> None:
    with statement(template, "aws_kms_key", "Alarms") as found:
        found["Action"] = ["kms:Decrypt"]


@breaks(checks.keys_serve_what_they_encrypt, "is closed to events.amazonaws.com")
def events_cannot_reach_the_topic(template: Template) -> None:
    with statement(template, "aws_sns_topic_policy", "EventsPublish") as found:
        found["Principal"] = {"Service": "ecs.amazonaws.com"}


@breaks(checks.keys_serve_what_they_encrypt, "is closed to cloudwatch.amazonaws.com", "everything")
def alarms_of_the_cdn_cannot_reach_their_topic(template: Template) -> None:
    topic = template.reference("aws_sns_topic", "arn", region="us-east-1")
    with text_of(template.only("aws_sns_topic_policy", arn=topic), "policy") as document:
        document["Statement"] = [each for each in document["Statement"] if each["Sid"] != "AlarmsPublish"]


@breaks(checks.keys_serve_what_they_encrypt, "its key is closed to logs.us-east-1.amazonaws.com", "everything")
def the_key_in_us_east_1_serves_logs_of_the_stack_s_region(template: Template) -> None:
    with text_of(template.only("aws_kms_key", region="us-east-1"), "policy") as document:
        (found,) = [each for each in document["Statement"] if each["Sid"] == "Logs"]
        found["Principal"] = {"Service": "logs.sa-east-1.amazonaws.com"}


@breaks(checks.keys_serve_what_they_encrypt, "its key is closed to cloudfront.amazonaws.com", "everything")
def the_cdn_cannot_use_the_key_of_its_bucket(template: Template) -> None:
    with statement(template, "aws_kms_key", "Cdn") as found:
        found["Action"] = ["kms:Encrypt"]


@breaks(checks.keys_serve_what_they_encrypt, "is closed to cloudfront.amazonaws.com", "everything")
def the_cdn_cannot_read_its_bucket(template: Template) -> None:
    with statement(template, "aws_s3_bucket_policy", "CdnReads") as found:
        found["Action"] = ["s3:GetObjectVersion"]


@breaks(checks.keys_serve_what_they_encrypt, "is closed to logdelivery.elasticloadbalancing.amazonaws.com")
def the_load_balancer_cannot_write_its_log(template: Template) -> None:
    with statement(template, "aws_s3_bucket_policy", "LoadBalancerLogs") as found:
        found["Principal"] = {"Service": "delivery.logs.amazonaws.com"}


@breaks(checks.keys_serve_what_they_encrypt, "is closed to delivery.logs.amazonaws.com", "everything")
def the_cdn_cannot_write_its_log(template: Template) -> None:
    with statement(template, "aws_s3_bucket_policy", "CdnLogs") as found:
        found["Effect"] = "Deny"


@breaks(checks.keys_serve_what_they_encrypt, "its key is closed to lambda.amazonaws.com", "transactions-prod")
def lambda_cannot_read_the_package_of_a_function(template: Template) -> None:
    function = validator(template)
    function["source_kms_key_arn"] = at(template.only("aws_dynamodb_table"), "server_side_encryption.kms_key_arn")


@breaks(checks.keys_serve_what_they_encrypt, "its key is closed to Auto Scaling", "fleet-prod")
def auto_scaling_cannot_use_the_key_of_the_disks(template: Template) -> None:
    with statement(template, "aws_kms_key", "DiskGrants") as found:
        found["Action"] = ["kms:ListGrants"]


@breaks(checks.stores_refuse_plain_text, "aws_sqs_queue.", "transactions-prod")
def a_queue_takes_plain_text(template: Template) -> None:
    with statement(template, "aws_sqs_queue_policy", "OnlyTls") as found:
        del found["Condition"]


@breaks(checks.stores_refuse_plain_text, "aws_sns_topic.edge_notifications", "everything")
def a_topic_in_us_east_1_takes_plain_text(template: Template) -> None:
    topic = template.reference("aws_sns_topic", "arn", region="us-east-1")
    with text_of(template.only("aws_sns_topic_policy", arn=topic), "policy") as document:
        document["Statement"] = [each for each in document["Statement"] if each["Effect"] == "Allow"]


@breaks(checks.stores_refuse_plain_text, "aws_s3_bucket.")
def a_bucket_takes_plain_text(template: Template) -> None:
    with statement(template, "aws_s3_bucket_policy", "OnlyTls") as found:
        found["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}


@breaks(checks.stores_refuse_plain_text, "aws_s3_bucket.")
def a_bucket_takes_plain_text_from_all_but_one(template: Template) -> None:
    with statement(template, "aws_s3_bucket_policy", "OnlyTls") as found:
        found["Principal"] = {"AWS": "arn:aws:iam::111122223333:root"}


@breaks(checks.stores_refuse_plain_text, "aws_s3_bucket.")
def a_bucket_s_objects_come_in_plain_text(template: Template) -> None:
    with statement(template, "aws_s3_bucket_policy", "OnlyTls") as found:
        found["Resource"] = found["Resource"][:1]


@breaks(checks.stores_refuse_plain_text, "aws_s3_bucket.another")
def a_bucket_has_no_policy(template: Template) -> None:
    copied(template, "aws_s3_bucket", bucket="catalog-prod-more")


@breaks(checks.stores_refuse_plain_text, "aws_efs_file_system.")
def files_are_mounted_in_plain_text(template: Template) -> None:
    with statement(template, "aws_efs_file_system_policy", "OnlyWithTls") as found:
        found["Effect"] = "Allow"


@breaks(checks.policies_stand_where_they_are_looked_for, "belongs to a policy that nobody looks at")
def a_policy_hides(template: Template) -> None:
    template.only("aws_cloudwatch_dashboard")["inline"] = [{"doc": first(template, "aws_iam_role_policy")["policy"]}]
