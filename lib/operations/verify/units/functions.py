"""The functions: ready, set up as deployed, called by the load balancer, and keeping what they failed at."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lib.naming import Kind
from lib.operations.deployment import Deployment
from lib.operations.verify.check import NO_TASKS, DoesNotApply, Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.words import (
    expect,
    expect_all,
    expect_in,
    expect_true,
    one,
    statements,
)
from lib.settings.targets import table_variable

UNIT = Unit("functions", "Functions", having("function_names", "functions"))

FUNCTIONS = "function_names"
_BAD_TRANSACTION = {"amount": "-12.34", "currency": "EUR", "reference": "verification"}
_UNKNOWN_ID = "0" * 32
_TRANSACTIONS = "/transactions"


@UNIT.each(FUNCTIONS, what="It is active and its last change complete")
def active(stack: Deployment, function: str) -> Iterator[str]:
    expected = {"State": "Active", "LastUpdateStatus": "Successful", "FunctionArn": stack["function_arns"][function]}
    yield from expect_all("it", expected, stack.function(function))


@UNIT.each(FUNCTIONS, what="Its variables are under the stack's key")
def variables(stack: Deployment, function: str) -> Iterator[str]:
    yield from expect_key(stack, "functions", stack.function(function).get("KMSKeyArn"), "variables")


@UNIT.each(FUNCTIONS, what="Its role is the stack's")
def role(stack: Deployment, function: str) -> Iterator[str]:
    known = [role["Arn"] for role in stack.roles().values()]
    yield from expect_in("its role", stack.function(function).get("Role"), known)


@UNIT.each(FUNCTIONS, what="It logs to its group")
def logs(stack: Deployment, function: str) -> Iterator[str]:
    expected = {"LogGroup": stack["function_log_group_names"][function], "LogFormat": "JSON"}
    yield from expect_all("its log", expected, stack.function(function).get("LoggingConfig", {}))


@UNIT.each(FUNCTIONS, what="It is not switched off")
def not_switched_off(stack: Deployment, function: str) -> Iterator[str]:
    answer = stack.ask("lambda", "get_function_concurrency", FunctionName=stack["function_names"][function])
    yield from expect_true(answer.get("ReservedConcurrentExecutions") != 0, "no call of it is let through")


@UNIT.each(FUNCTIONS, what="The load balancer may call it, and nobody else")
def callers(stack: Deployment, function: str) -> Iterator[str]:
    _must_have_a_place(stack, function)
    answer = stack.ask("lambda", "get_policy", FunctionName=stack["function_names"][function])
    statement = one(statements(answer["Policy"]), "statement of its policy")
    yield from expect("who may call it", statement["Principal"], {"Service": "elasticloadbalancing.amazonaws.com"})
    group = f":{stack.region}:{stack.account}:targetgroup/"
    condition = json.dumps(statement.get("Condition", {}))
    yield from expect_true(group in condition, f"any load balancer may call it: {condition}")


@UNIT.each(FUNCTIONS, what="The load balancer hands requests to it")
def behind_load_balancer(stack: Deployment, function: str) -> Iterator[str]:
    _must_have_a_place(stack, function)
    arn = stack["function_arns"][function]
    yield from expect_true(_groups(stack, function), f"no rule of the load balancer leads to {arn}")


@UNIT.each(FUNCTIONS, what="The queue of failed events is under the stack's key and reached by TLS only")
def queue(stack: Deployment, function: str) -> Iterator[str]:
    attributes = _queue(stack, function)
    yield from expect_key(stack, "functions", attributes.get("KmsMasterKeyId"), "the queue")
    found = statements(attributes["Policy"]) if "Policy" in attributes else []
    rules = [(each["Effect"], each.get("Condition")) for each in found]
    yield from expect("its policy", rules, [("Deny", {"Bool": {"aws:SecureTransport": "false"}})])


@UNIT.each(FUNCTIONS, what="Events that it failed on go to the queue")
def failed_events(stack: Deployment, function: str) -> Iterator[str]:
    name = stack["function_names"][function]
    answer = stack.ask("lambda", "list_function_event_invoke_configs", FunctionName=name)
    handling = one(answer["FunctionEventInvokeConfigs"], "handling of failed events")
    destination = handling.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    yield from expect("where failed events go", destination, _queue(stack, function)["QueueArn"])


@UNIT.each(FUNCTIONS, what="A bad transaction is refused at the platform's URL", needs_aws=NO_TASKS)
def refuses(stack: Deployment, function: str) -> Iterator[str]:
    url = _url_of_transactions(stack, function)
    headers = {"Content-Type": "application/json"}
    answer = stack.aws.fetch(url, "POST", body=json.dumps(_BAD_TRANSACTION), headers=headers)
    yield from expect("the status code", answer["status"], 400)
    yield from expect("what is wrong with it", list(json.loads(answer["text"]).get("errors", {})), ["amount"])


@UNIT.each(FUNCTIONS, what="An unknown transaction is looked for in the table", needs_aws=NO_TASKS)
def looks_up(stack: Deployment, function: str) -> Iterator[str]:
    url = f"{_url_of_transactions(stack, function)}/{_UNKNOWN_ID}"
    yield from expect("the status code", stack.aws.fetch(url)["status"], 404)


def _must_have_a_place(stack: Deployment, function: str) -> None:
    if stack.names.of(Kind.ALARM, function, "5xx") not in stack["alarm_names"]:
        raise DoesNotApply(f"{function} has no place behind the load balancer")


def _groups(stack: Deployment, function: str) -> list[str]:
    """The target groups through which the load balancer calls it."""
    used = {action.get("TargetGroupArn") for rule in stack.rules() for action in rule["Actions"]}
    of_functions = [arn for arn, group in stack.target_groups().items() if group["TargetType"] == "lambda"]
    return [arn for arn in of_functions if arn in used and stack["function_arns"][function] in stack.target_states(arn)]


def _queue(stack: Deployment, function: str) -> dict[str, str]:
    url = stack["function_dead_letter_queue_urls"][function]
    return dict(stack.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"])


def _url_of_transactions(stack: Deployment, function: str) -> str:
    """For the function that is lib/functions/transactions."""
    is_it = stack.function(function)["Handler"] == "handler.handle"
    if not is_it or table_variable("transactions") not in stack.environment(function):
        raise DoesNotApply(f"{function} is another function than that of lib/functions/transactions")
    paths = [path for arn in _groups(stack, function) for path in stack.paths(arn)]
    if _TRANSACTIONS not in paths:
        raise DoesNotApply(f"no rule of the load balancer leads {_TRANSACTIONS} to {function}")
    return f"{stack['url'].rstrip('/')}{_TRANSACTIONS}"
