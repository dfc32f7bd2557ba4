"""Templates that lost, leaked or misname something."""

from __future__ import annotations

from lib.evidence.structure import integrity as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, first, text_of


@breaks(checks.nothing_is_empty, "cache_usage_limits[] is empty")
def a_struct_was_given_as_a_table(template: Template) -> None:
    template.only("aws_elasticache_serverless_cache")["cache_usage_limits"] = [{}]


@breaks(checks.nothing_is_empty, "access_logs is empty")
def a_block_lost_all_of_its_arguments(template: Template) -> None:
    template.only("aws_lb")["access_logs"] = {}


@breaks(checks.nothing_is_empty, "subnets is empty")
def a_list_lost_its_items(template: Template) -> None:
    template.only("aws_lb")["subnets"] = []


@breaks(checks.nothing_is_empty, "engine_version is empty")
def an_argument_is_null(template: Template) -> None:
    template.only("aws_db_instance")["engine_version"] = None


@breaks(checks.nothing_is_empty, "container_definitions[].portMappings[] is empty")
def a_block_inside_a_json_text_is_empty(template: Template) -> None:
    with text_of(template.only("aws_ecs_task_definition"), "container_definitions") as containers:
        containers[0]["portMappings"] = [{}]


@breaks(checks.nothing_is_empty, "action_to_use.block is empty")
def an_exception_is_for_its_own_place_only(template: Template) -> None:
    statement_ = template.only("aws_wafv2_web_acl")["rule"][0]["statement"]["managed_rule_group_statement"]
    statement_["rule_action_override"] = [{"name": "SizeRestrictions_BODY", "action_to_use": {"block": {}}}]


@breaks(checks.no_token_is_leaked, "TfToken[TOKEN.7]")
def a_token_was_cut(template: Template) -> None:
    template.only("aws_lb")["name"] = "catalog-${TfToken[TOKEN.7]}"


@breaks(checks.no_token_is_leaked, "#{Token[TOKEN.1]}")
def a_list_token_was_put_into_json(template: Template) -> None:
    with text_of(first(template, "aws_iam_role_policy"), "policy") as document:
        document["Statement"][0]["Resource"] = ["#{Token[TOKEN.1]}"]


@breaks(checks.no_token_is_leaked, "-1.888154589708e+289")
def a_number_token_was_not_resolved(template: Template) -> None:
    template.only("aws_db_instance")["port"] = -1.888154589708e289


@breaks(checks.no_token_is_leaked, "[object Object]")
def an_object_of_javascript_became_text(template: Template) -> None:
    template.only("aws_lb_target_group")["health_check"]["path"] = "[object Object]"


@breaks(checks.no_token_is_leaked, "catalog-None-alb")
def a_none_became_text(template: Template) -> None:
    template.only("aws_lb")["name"] = "catalog-None-alb"


@breaks(checks.no_token_is_leaked, "<lib.components")
def an_object_of_python_became_text(template: Template) -> None:
    with text_of(template.only("aws_cloudwatch_dashboard"), "dashboard_body") as body:
        body["widgets"][1]["properties"]["markdown"] = "<lib.components.alarms.Alarm object at 0x7f00>"


@breaks(checks.no_token_is_leaked, "a key: ")
def a_token_is_a_key(template: Template) -> None:
    template.only("aws_vpc")["tags"]["${TfToken[TOKEN.3]}"] = "x"


@breaks(checks.references_resolve, "names aws_vpc.gone.id, which is not there")
def a_resource_is_gone(template: Template) -> None:
    template.only("aws_lb_target_group")["vpc_id"] = "${aws_vpc.gone.id}"


@breaks(checks.references_resolve, "data.aws_caller_identity.gone.account_id")
def a_data_source_is_gone(template: Template) -> None:
    template.only("aws_s3_bucket")["bucket"] = "catalog-prod-${data.aws_caller_identity.gone.account_id}"


@breaks(checks.references_resolve, "ephemeral.aws_secretsmanager_random_password.")
def an_ephemeral_resource_is_gone(template: Template) -> None:
    template.document.pop("ephemeral")


@breaks(checks.references_resolve, "waits for aws_lb_listener_rule.gone")
def what_is_waited_for_is_gone(template: Template) -> None:
    template.only("aws_ecs_service")["depends_on"].append("aws_lb_listener_rule.gone")


@breaks(checks.references_resolve, "aws_kms_key.gone.arn")
def what_a_json_text_names_is_gone(template: Template) -> None:
    with text_of(first(template, "aws_iam_role_policy"), "policy") as document:
        document["Statement"][0]["Resource"] = ["${aws_kms_key.gone.arn}"]


@breaks(checks.references_resolve, "aws_subnet.gone.id")
def what_a_nested_expression_names_is_gone(template: Template) -> None:
    template.only("aws_lb")["name"] = '${join("-", concat(["a"], [upper("${aws_subnet.gone.id}")]))}'


@breaks(checks.references_resolve, "aws_sns_topic.gone.arn")
def what_an_output_names_is_gone(template: Template) -> None:
    template.outputs["alarm_topic_arn"]["value"] = "${aws_sns_topic.gone.arn}"


@breaks(checks.references_resolve, "there is no such attribute")
def an_attribute_is_misspelt(template: Template) -> None:
    (name,) = template.named("aws_vpc")
    template.only("aws_lb_target_group")["vpc_id"] = f"${{aws_vpc.{name}.vpc_id}}"


@breaks(checks.references_resolve, "fails in the middle of an apply")
def a_list_is_in_a_text(template: Template) -> None:
    (name,) = template.named("aws_elasticache_serverless_cache")
    with text_of(template.only("aws_ecs_task_definition"), "container_definitions") as containers:
        host = next(each for each in containers[0]["environment"] if each["name"] == "CACHE_HOST")
        host["value"] = f"${{aws_elasticache_serverless_cache.{name}.endpoint}}"


@breaks(checks.references_resolve, "names var.region")
def a_variable_was_never_declared(template: Template) -> None:
    template.only("aws_lb_target_group")["name"] = "${var.region.name}"


@breaks(checks.nothing_waits_for_itself, "aws_vpc.")
def the_network_waits_for_a_service_in_it(template: Template) -> None:
    (service,) = template.named("aws_ecs_service")
    template.only("aws_vpc")["depends_on"] = [f"aws_ecs_service.{service}"]


@breaks(checks.nothing_waits_for_itself, "aws_kms_key.")
def a_key_names_in_its_policy_what_it_encrypts(template: Template) -> None:
    (topic,) = template.named("aws_sns_topic")
    for key in template.all("aws_kms_key"):
        with text_of(key, "policy") as document:
            document["Statement"][0]["Resource"] = [f"${{aws_sns_topic.{topic}.arn}}"]


@breaks(checks.template_says_whose_it_is, "default tags have no EnvironmentSuffix")
def a_common_tag_is_missing(template: Template) -> None:
    del template.document["provider"]["aws"][0]["default_tags"][0]["tags"]["EnvironmentSuffix"]


@breaks(checks.template_says_whose_it_is, "default tags have no Project")
def all_default_tags_are_missing(template: Template) -> None:
    del template.document["provider"]["aws"][0]["default_tags"]


@breaks(checks.template_says_whose_it_is, "no region")
def the_provider_has_no_region(template: Template) -> None:
    del template.document["provider"]["aws"][0]["region"]


@breaks(checks.template_says_whose_it_is, "another provider")
def there_is_another_provider(template: Template) -> None:
    template.document["provider"]["aws"].append({"alias": "other", "region": "us-east-1"})


@breaks(checks.template_says_whose_it_is, "required_version")
def an_old_terraform_will_do(template: Template) -> None:
    template.document["terraform"]["required_version"] = ">= 1.9.0"


@breaks(checks.template_says_whose_it_is, "provider's version")
def any_provider_will_do(template: Template) -> None:
    template.document["terraform"]["required_providers"]["aws"]["version"] = "~> 6.0"


@breaks(checks.template_says_whose_it_is, "0 backends")
def the_state_has_no_place(template: Template) -> None:
    template.document["terraform"]["backend"] = {}


@breaks(checks.template_says_whose_it_is, "not the environment's own")
def environments_share_a_state(template: Template) -> None:
    template.document["terraform"]["backend"]["local"]["path"] = "terraform.tfstate"


@breaks(checks.template_says_whose_it_is, "encrypt is off", "state-in-a-bucket")
def the_state_is_readable(template: Template) -> None:
    template.document["terraform"]["backend"]["s3"]["encrypt"] = False


@breaks(checks.template_says_whose_it_is, "use_lockfile is off", "state-in-a-bucket")
def the_state_is_not_locked(template: Template) -> None:
    del template.document["terraform"]["backend"]["s3"]["use_lockfile"]


@breaks(checks.template_says_whose_it_is, "nobody has thought about backend http")
def the_state_is_somewhere_else(template: Template) -> None:
    template.document["terraform"]["backend"] = {"http": {"path": "https://states.example.com/prod"}}
