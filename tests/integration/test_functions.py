"""The functions: ready, set up as deployed, called by the load balancer, and keeping what they failed at."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from lib.naming import Kind
from lib.settings.targets import table_variable
from tests.integration.deployment import Block, Deployment, fetched, is_emulated, told

BAD_TRANSACTION = {"amount": "-12.34", "currency": "EUR", "reference": "integration-test"}
UNKNOWN_ID = "0" * 32
TABLE_OF_TRANSACTIONS = table_variable("transactions")


@pytest.fixture
def configuration(deployment: Deployment, function: str) -> Block:
    name = deployment["function_names"][function]
    return cast(Block, deployment.client("lambda").get_function_configuration(FunctionName=name))


@pytest.fixture
def takes_transactions(function: str, configuration: Block) -> None:
    """For the function that is lib/functions/transactions."""
    variables = configuration["Environment"]["Variables"]
    if configuration["Handler"] != "handler.handle" or TABLE_OF_TRANSACTIONS not in variables:
        pytest.skip(f"{function} is another function than that of lib/functions/transactions")


@pytest.fixture
def policy(deployment: Deployment, function: str) -> list[Block]:
    """What lets others call it; for a function that the load balancer calls."""
    if deployment.names.of(Kind.ALARM, function, "5xx") not in deployment["alarm_names"]:
        pytest.skip(f"{function} has no place behind the load balancer")
    answer = deployment.client("lambda").get_policy(FunctionName=deployment["function_names"][function])
    return cast(list[Block], json.loads(answer["Policy"])["Statement"])


@pytest.fixture
def queue(deployment: Deployment, function: str) -> dict[str, str]:
    """The attributes of the queue where failed events go."""
    answer = deployment.client("sqs").get_queue_attributes(
        QueueUrl=deployment["function_dead_letter_queue_urls"][function], AttributeNames=["All"]
    )
    return dict(answer["Attributes"])


def invoked(deployment: Deployment, function: str, event: Block) -> Block:
    """Its answer to an event. A function that raises has none."""
    answer = deployment.client("lambda").invoke(
        FunctionName=deployment["function_names"][function], Payload=json.dumps(event).encode()
    )
    text = answer["Payload"].read().decode()
    if is_emulated() and answer.get("FunctionError") and "docker" in text:
        pytest.skip("AWS_ENDPOINT_URL is an emulator: it runs functions in containers only, and has no Docker")
    assert "FunctionError" not in answer, text
    return cast(Block, json.loads(text))


def test_function_is_active_and_its_last_change_complete(deployment: Deployment, configuration: Block) -> None:
    assert (configuration["State"], configuration["LastUpdateStatus"]) == ("Active", "Successful")
    assert configuration["FunctionArn"] in deployment["function_arns"].values()


def test_variables_are_under_the_stacks_key(deployment: Deployment, configuration: Block) -> None:
    assert deployment.is_key_of("functions", configuration["KMSKeyArn"])


def test_function_logs_to_its_group(deployment: Deployment, function: str, configuration: Block) -> None:
    logging: dict[str, Any] = configuration["LoggingConfig"]
    assert (logging["LogGroup"], logging["LogFormat"]) == (deployment["function_log_group_names"][function], "JSON")


def test_function_is_told_of_tables_and_buckets_of_the_stack(deployment: Deployment, configuration: Block) -> None:
    told = {
        value
        for variable, value in configuration["Environment"]["Variables"].items()
        if variable.endswith(("_TABLE", "_BUCKET"))
    }
    assert told <= {*deployment.all("table_names").values(), *deployment.all("bucket_names").values()}


def test_function_is_not_switched_off(deployment: Deployment, function: str) -> None:
    answer = deployment.client("lambda").get_function_concurrency(FunctionName=deployment["function_names"][function])
    assert answer.get("ReservedConcurrentExecutions") != 0


def test_load_balancer_and_nobody_else_may_call_it(policy: list[Block], deployment: Deployment) -> None:
    (statement,) = policy
    assert statement["Principal"] == {"Service": "elasticloadbalancing.amazonaws.com"}
    conditions = json.dumps(statement["Condition"])
    assert f":{deployment.region}:{deployment['load_balancer_arn'].split(':')[4]}:targetgroup/" in conditions


@pytest.mark.usefixtures("policy")
def test_load_balancer_hands_requests_to_it(deployment: Deployment, function: str) -> None:
    elbv2 = deployment.client("elbv2")
    arns = {action.get("TargetGroupArn") for rule in deployment.rules() for action in rule["Actions"]}
    groups = elbv2.describe_target_groups(LoadBalancerArn=deployment["load_balancer_arn"])["TargetGroups"]
    lambdas = [each["TargetGroupArn"] for each in groups if each["TargetType"] == "lambda"]
    targets = [
        target["Target"]["Id"]
        for arn in arns & set(lambdas)
        for target in elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    ]
    assert deployment["function_arns"][function] in told("function behind the load balancer", targets)


def test_queue_of_failed_events_is_under_the_stacks_key(deployment: Deployment, queue: dict[str, str]) -> None:
    assert deployment.is_key_of("functions", queue["KmsMasterKeyId"])


def test_queue_of_failed_events_is_reached_by_tls_only(queue: dict[str, str]) -> None:
    policy = json.loads(told("policy of the queue", queue.get("Policy")))
    assert [each["Effect"] for each in policy["Statement"]] == ["Deny"]
    assert policy["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_failed_events_go_to_the_queue(deployment: Deployment, function: str, queue: dict[str, str]) -> None:
    name = deployment["function_names"][function]
    answer = deployment.client("lambda").list_function_event_invoke_configs(FunctionName=name)
    (handling,) = told("handling of events", answer["FunctionEventInvokeConfigs"])
    assert handling["DestinationConfig"]["OnFailure"]["Destination"] == queue["QueueArn"]


@pytest.mark.usefixtures("takes_transactions")
def test_a_bad_amount_is_refused(deployment: Deployment, function: str) -> None:
    answer = invoked(deployment, function, BAD_TRANSACTION)
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["errors"].keys() == {"amount"}


@pytest.mark.usefixtures("takes_transactions")
def test_an_unknown_transaction_is_looked_for_in_the_table(deployment: Deployment, function: str) -> None:
    answer = invoked(deployment, function, {"httpMethod": "GET", "path": f"/transactions/{UNKNOWN_ID}"})
    assert answer["statusCode"] == 404


@pytest.mark.real_account
@pytest.mark.usefixtures("takes_transactions", "policy")
def test_a_bad_amount_is_refused_over_the_url(deployment: Deployment) -> None:
    paths = {
        path
        for rule in deployment.rules()
        for condition in rule["Conditions"]
        for path in condition.get("PathPatternConfig", {}).get("Values", [])
    }
    if "/transactions" not in paths:
        pytest.skip("no rule of the load balancer speaks of /transactions")
    headers = {"Content-Type": "application/json"}
    body = json.dumps(BAD_TRANSACTION)
    answer = fetched(f"{deployment['url']}/transactions", "POST", body=body, headers=headers)
    assert answer.status == 400, answer.data
    assert json.loads(answer.data)["errors"].keys() == {"amount"}
