"""The services: on what was deployed, running, healthy, told what is there, and answering."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lib import responder
from lib.naming import Kind
from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import NO_TASKS, DoesNotApply, Having, Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.words import (
    as_list,
    expect,
    expect_all,
    expect_among,
    expect_in,
    expect_true,
    one,
    statements,
)
from lib.settings.services import url_variable

UNIT = Unit("services", "Services", having("cluster_name", "services"))

SERVICES = "service_names"
_INSIGHTS = Having(
    "Container Insights",
    lambda stack: any(
        stack.names.of(Kind.ALARM, service, "tasks") in stack["alarm_names"] for service in stack.all(SERVICES)
    ),
)
_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
    r"/(?P<repository>[^:@]+)(:(?P<tag>[^@]+))?(@(?P<digest>.+))?"
)
_SECRET = re.compile(r"(arn:[^:]+:secretsmanager:[^:]+:\d+:secret:[^:]+)")
_ENOUGH = 3
"""Reasons and events that are shown; the rest says the same."""


@UNIT.check("The cluster is active, with the stack's namespace as its default")
def cluster(stack: Deployment) -> Iterator[str]:
    found = described_cluster(stack)
    yield from expect_all("the cluster", {"status": "ACTIVE", "clusterArn": stack["cluster_arn"]}, found)
    namespace = found.get("serviceConnectDefaults", {}).get("namespace")
    yield from expect("its default namespace", namespace, stack["namespace_arn"])


@UNIT.check("Sessions in containers are encrypted and recorded")
def sessions(stack: Deployment) -> Iterator[str]:
    session = described_cluster(stack)["configuration"]["executeCommandConfiguration"]
    yield from expect_key(stack, "logs", session.get("kmsKeyId"), "sessions")
    group = stack.names.of(Kind.LOG_GROUP, "cluster", "sessions")
    named = session.get("logConfiguration", {}).get("cloudWatchLogGroupName")
    yield from expect("the log group of sessions", named, group)


@UNIT.check("Containers are measured where alarms need it", _INSIGHTS)
def insights(stack: Deployment) -> Iterator[str]:
    settings = {each["name"]: each["value"] for each in described_cluster(stack)["settings"]}
    yield from expect_in("containerInsights", settings.get("containerInsights"), ("enabled", "enhanced"))


@UNIT.each(SERVICES, what="It runs the task definition that was deployed, not the one that ECS went back to")
def runs_what_was_deployed(stack: Deployment, service: str) -> Iterator[str]:
    found = stack.service(service)
    yield from expect("its status", found.get("status"), "ACTIVE")
    deployed, running = stack["task_definition_arns"][service], found.get("taskDefinition")
    if running == deployed:
        yield from expect_true(found["desiredCount"] >= 1, "no task is wanted of it")
        return
    yield f"the deployment failed: it runs {_revision(running)}, not {_revision(deployed)} that was deployed"
    yield from _why(stack, service)


@UNIT.each(SERVICES, what="Its last deployment is complete and as many tasks run as are wanted", needs_aws=NO_TASKS)
def is_steady(stack: Deployment, service: str) -> Iterator[str]:
    found = stack.service(service)
    wrong = [
        *expect("the number of tasks that run", found.get("runningCount"), found.get("desiredCount")),
        *expect(
            "the state of its deployments",
            [each.get("rolloutState") for each in found.get("deployments", [])],
            ["COMPLETED"],
        ),
    ]
    yield from wrong
    if wrong:
        yield from _why(stack, service)


@UNIT.each(SERVICES, what="Every task runs and is healthy", needs_aws=NO_TASKS)
def tasks_are_healthy(stack: Deployment, service: str) -> Iterator[str]:
    tasks = described_tasks(stack, service, "RUNNING")
    yield from expect_true(tasks, "it has no task")
    healthy = "HEALTHY" if "healthCheck" in stack.container(service) else "UNKNOWN"
    for task in tasks:
        id = task["taskArn"].rpartition("/")[2]
        yield from expect_all(f"task {id}", {"lastStatus": "RUNNING", "healthStatus": healthy}, task)
        yield from expect(
            f"the revision of task {id}", task["taskDefinitionArn"], stack.service(service)["taskDefinition"]
        )


@UNIT.each(SERVICES, what="The load balancer finds every task healthy", needs_aws=NO_TASKS)
def targets_are_healthy(stack: Deployment, service: str) -> Iterator[str]:
    states = stack.target_states(stack["target_group_arns"][service])
    yield from expect_true("healthy" in states.values(), "no target is healthy")
    for address, state in states.items():
        yield from expect_in(f"the state of {address}", state, ("healthy", "draining"))


@UNIT.each(SERVICES, what="It goes back by itself from a deployment that fails")
def circuit_breaker(stack: Deployment, service: str) -> Iterator[str]:
    breaker = stack.service(service).get("deploymentConfiguration", {}).get("deploymentCircuitBreaker", {})
    yield from expect_all("its circuit breaker", {"enable": True, "rollback": True}, breaker)


@UNIT.each(SERVICES, what="Other services find it by its name through Service Connect")
def service_connect(stack: Deployment, service: str) -> Iterator[str]:
    deployments = stack.service(service).get("deployments", [])
    primary = one((each for each in deployments if each["status"] == "PRIMARY"), "primary deployment")
    connect = primary.get("serviceConnectConfiguration", {})
    yield from expect_all("Service Connect", {"enabled": True, "namespace": stack["namespace_arn"]}, connect)
    offered = connect.get("services", [])
    aliases = [alias for each in offered for alias in each.get("clientAliases", [])]
    expected = [{"dnsName": service, "port": stack.target_group(service)["Port"]}]
    yield from expect("the names that it is found by", aliases, expected)
    ports = {mapping.get("name") for mapping in stack.container(service).get("portMappings", [])}
    yield from expect_among("named ports of the container", {each.get("portName") for each in offered}, ports)


@UNIT.each(SERVICES, what="Its tasks are in the private subnets, behind their own group, without a public address")
def placement(stack: Deployment, service: str) -> Iterator[str]:
    network = stack.service(service).get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    yield from expect("the set of its subnets", set(network.get("subnets", [])), set(stack["private_subnet_ids"]))
    yield from expect("assignPublicIp", network.get("assignPublicIp"), "DISABLED")
    yield from expect("its groups", network.get("securityGroups"), [stack["service_security_group_ids"][service]])


@UNIT.each(SERVICES, what="Application and ECS have different roles, which are there and taken on by tasks alone")
def roles(stack: Deployment, service: str) -> Iterator[str]:
    definition = stack.task_definition(service)
    task, execution = definition.get("taskRoleArn"), definition.get("executionRoleArn")
    yield from expect("the role of the application", task, stack["task_role_arns"][service])
    yield from expect_true(execution, "ECS has no role to start its tasks with")
    yield from expect_true(execution != task, "ECS and the application have the same role")
    known = {role["Arn"]: role for role in stack.roles().values()}
    for arn in {task, execution} - {None}:
        if arn not in known:
            yield f"there is no role {arn}"
            continue
        trusted = [each["Principal"] for each in statements(known[arn]["AssumeRolePolicyDocument"])]
        yield from expect(f"who takes on {arn}", trusted, [{"Service": "ecs-tasks.amazonaws.com"}])


@UNIT.each(SERVICES, what="The image of its container is in its registry, where that is ECR", needs_aws=NO_TASKS)
def image(stack: Deployment, service: str) -> Iterator[str]:
    name = stack.container(service)["image"]
    match = _ECR_IMAGE.fullmatch(name)
    if not match:
        raise DoesNotApply("images come from a registry that AWS does not keep")
    id = {"imageDigest": match["digest"]} if match["digest"] else {"imageTag": match["tag"] or "latest"}
    answer = stack.ask(
        "ecr",
        "batch_get_image",
        region=match["region"],
        registryId=match["account"],
        repositoryName=match["repository"],
        imageIds=[id],
    )
    yield from expect_true(answer["images"], f"there is no {name}")


@UNIT.each(SERVICES, what="Each secret that it is given exists, has a value, and may be read by ECS when a task starts")
def secrets(stack: Deployment, service: str) -> Iterator[str]:
    role = (stack.task_definition(service).get("executionRoleArn") or "").rpartition("/")[2]
    readable = granted(stack, role, "secretsmanager:GetSecretValue")
    for secret in stack.container(service).get("secrets", []):
        variable, match = secret["name"], _SECRET.match(secret["valueFrom"])
        if not match:
            yield f"{variable} comes from {secret['valueFrom']}, which names no secret by ARN"
            continue
        found = stack.ask("secretsmanager", "describe_secret", SecretId=match[1])
        yield from expect_true("DeletedDate" not in found, f"the secret of {variable} is being deleted")
        stages = found.get("VersionIdsToStages", {}).values()
        # That of the database is made by a function, which runs nowhere there.
        can_have_one = not (stack.emulated and match[1] == stack.outputs.get("database_secret_arn"))
        has_one = any("AWSCURRENT" in each for each in stages)
        yield from expect_true(has_one or not can_have_one, f"the secret of {variable} has no value")
        yield from expect_true(match[1] in readable, f"{role or 'ECS'} may not read the secret of {variable}")


@UNIT.each(SERVICES, what="What it is told of other services is where they are found")
def told_of_services(stack: Deployment, service: str) -> Iterator[str]:
    variables = stack.environment(service)
    for other in stack.all(SERVICES):
        variable = url_variable(other)
        if variable in variables:
            url = f"http://{other}:{stack.target_group(other)['Port']}"
            yield from expect(variable, variables[variable], url)


@UNIT.each(SERVICES, what="Its application logs to its group")
def logs(stack: Deployment, service: str) -> Iterator[str]:
    options = stack.container(service).get("logConfiguration", {}).get("options", {})
    yield from expect("its log group", options.get("awslogs-group"), stack["service_log_group_names"][service])
    yield from expect("the region of its log group", options.get("awslogs-region"), stack.region)


@UNIT.each(SERVICES, what="The load balancer hands requests to the port that its container listens on")
def behind_load_balancer(stack: Deployment, service: str) -> Iterator[str]:
    attached = one(stack.service(service).get("loadBalancers", []), "target group of the service")
    group, container = stack.target_group(service), stack.container(service)
    yield from expect("its target group", attached["targetGroupArn"], stack["target_group_arns"][service])
    yield from expect("the port of the target group", group["Port"], attached["containerPort"])
    yield from expect("the kind of its targets", group["TargetType"], "ip")
    yield from expect("the container that takes requests", attached["containerName"], container["name"])
    ports = [mapping["containerPort"] for mapping in container.get("portMappings", [])]
    yield from expect_in("the port of the target group", group["Port"], ports)


@UNIT.each(SERVICES, what="Its health check is answered at the platform's URL", needs_aws=NO_TASKS)
def answers(stack: Deployment, service: str) -> Iterator[str]:
    yield from answers_at_url(stack, service)


@UNIT.each(SERVICES, what="A task reaches cache, database and files, and has its secrets", needs_aws=NO_TASKS)
def reaches_stores(stack: Deployment, service: str) -> Iterator[str]:
    if stack.container(service)["image"] != responder.IMAGE:
        raise DoesNotApply(f"{service} runs an image of its own, which need not have /ready")
    stores = {"cache": "CACHE_HOST", "database": "DATABASE_HOST", "files": "FILES_PATH"}
    yield from ready(stack, service, stores, True)


def answers_at_url(stack: Deployment, target: str) -> Iterator[str]:
    """For a service or a fleet that any request comes to."""
    _must_be_default(stack, target)
    url = stack["url"].rstrip("/") + stack.target_group(target)["HealthCheckPath"]
    yield from expect(f"the status code of {url}", stack.aws.fetch(url)["status"], 200)


def ready(stack: Deployment, target: str, stores: dict[str, str], with_secret: Any) -> Iterator[str]:
    """What the built-in application says that it reaches. stores: what it calls a store -> variable."""
    _must_be_default(stack, target)
    answer = stack.aws.fetch(f"{stack['url'].rstrip('/')}/ready")
    yield from expect("the status code of /ready", answer["status"], 200)
    variables, report = stack.environment(target), json.loads(answer["text"])
    reached = {name: "reached" for name, variable in stores.items() if variable in variables}
    yield from expect("what it reaches", report["stores"], reached)
    names = variables.get("EXPECTED_SECRETS", "").split()
    yield from expect("the secrets that it has", report["secrets"], dict.fromkeys(names, with_secret))


def _must_be_default(stack: Deployment, target: str) -> None:
    if not stack.is_default(target):
        raise DoesNotApply(f"{target} has rules of its own; its targets' health tells")


def described_cluster(stack: Deployment) -> Block:
    answer = stack.ask(
        "ecs", "describe_clusters", clusters=[stack["cluster_name"]], include=["SETTINGS", "CONFIGURATIONS"]
    )
    return one(answer["clusters"], f"cluster {stack['cluster_name']}")


def described_tasks(stack: Deployment, service: str, status: str) -> list[Block]:
    cluster = stack["cluster_name"]
    name = stack["service_names"][service]
    arns = stack.ask("ecs", "list_tasks", cluster=cluster, serviceName=name, desiredStatus=status)["taskArns"]
    # As many as ECS describes at a time.
    return [
        task
        for first in range(0, len(arns), 100)
        for task in stack.ask("ecs", "describe_tasks", cluster=cluster, tasks=arns[first : first + 100])["tasks"]
    ]


def stopped_reasons(stack: Deployment, service: str) -> list[str]:
    """Why tasks stopped within the last hour, which is how long ECS remembers; each reason once."""
    reasons = []
    for task in described_tasks(stack, service, "STOPPED"):
        containers = [
            f"{each['name']}: {each.get('reason') or 'exit code'} {each.get('exitCode', '')}".rstrip()
            for each in task.get("containers", [])
            if each.get("reason") or each.get("exitCode")
        ]
        reasons.append("; ".join([task.get("stoppedReason", "ECS does not say why"), *containers]))
    return list(dict.fromkeys(reasons))


def granted(stack: Deployment, role: str, action: str) -> set[str]:
    """The resources that a role's own policies let it do something with, as they are written."""
    if role not in stack.roles():
        return set()
    names = stack.ask("iam", "list_role_policies", RoleName=role)["PolicyNames"]
    policies = [stack.ask("iam", "get_role_policy", RoleName=role, PolicyName=name) for name in names]
    return {
        resource
        for policy in policies
        for statement in statements(policy["PolicyDocument"])
        if statement["Effect"] == "Allow" and action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def _why(stack: Deployment, service: str) -> Iterator[str]:
    """What ECS says of the last deployments, and why tasks stopped."""
    found = stack.service(service)
    reasons = [each["rolloutStateReason"] for each in found.get("deployments", []) if each.get("rolloutStateReason")]
    events = [event["message"] for event in found.get("events", [])]
    yield from (f"ECS says: {text}" for text in [*reasons, *events[:_ENOUGH]])
    yield from (f"a task stopped: {reason}" for reason in stopped_reasons(stack, service)[:_ENOUGH])


def _revision(arn: str | None) -> str:
    return (arn or "nothing").rpartition("/")[2]
