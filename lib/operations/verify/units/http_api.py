"""The HTTP API: deployed, throttled, logged, and leading to the load balancer."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import NO_TASKS, DoesNotApply, Unit, having
from lib.operations.verify.words import expect, expect_all, expect_among, expect_true, one

UNIT = Unit("http_api", "HTTP API", having("http_api_id", "HTTP API"))

CLIENT_HEADER = "x-client-address"
LOGGED = {"$context.requestId", "$context.identity.sourceIp", "$context.status"}


@UNIT.check("It is reached at the URL that the outputs tell")
def at_url(stack: Deployment) -> Iterator[str]:
    found = api(stack)
    yield from expect("its protocol", found["ProtocolType"], "HTTP")
    yield from expect("DisableExecuteApiEndpoint", found.get("DisableExecuteApiEndpoint", False), False)
    url = f"{found['ApiEndpoint']}/{stack['http_api_stage_name']}"
    yield from expect("its URL", url, stack["http_api_url"].rstrip("/"))


@UNIT.check("Its stage is named by the environment and deploys by itself, the last time with success")
def stage(stack: Deployment) -> Iterator[str]:
    found = described_stage(stack)
    yield from expect_all("its stage", {"StageName": stack["environment_suffix"], "AutoDeploy": True}, found)
    yield from expect("http_api_stage_name", stack["http_api_stage_name"], found["StageName"])
    message = found.get("LastDeploymentStatusMessage", "")
    yield from expect_true("fail" not in message.lower(), f"its last deployment: {message}")


@UNIT.check("It lets requests through, and not too many")
def throttled(stack: Deployment) -> Iterator[str]:
    found = described_stage(stack)
    for route, limits in {"its routes": found["DefaultRouteSettings"], **found.get("RouteSettings", {})}.items():
        for kind in ("Rate", "Burst"):
            # A route that names a limit has this one, the others have the account's.
            limit = limits.get(f"Throttling{kind}Limit", 0 if route == "its routes" else 1)
            yield from expect_true(limit > 0, f"the limit of {route} is {limit} ({kind.lower()})")


@UNIT.check("It writes down each request")
def logs(stack: Deployment) -> Iterator[str]:
    log = described_stage(stack).get("AccessLogSettings", {})
    group = log.get("DestinationArn", "").removesuffix(":*").rpartition(":log-group:")[2]
    yield from expect("its log group", group, stack["http_api_log_group_name"])
    yield from expect_among("what it writes", LOGGED, log.get("Format", ""))


@UNIT.check("Every request goes to the load balancer")
def route(stack: Deployment) -> Iterator[str]:
    answer = stack.ask("apigatewayv2", "get_routes", ApiId=stack["http_api_id"])
    found, way = one(answer["Items"], "route of the HTTP API"), integration(stack)
    expected = {"RouteKey": "$default", "Target": f"integrations/{way['IntegrationId']}"}
    yield from expect_all("the route", expected, found)
    expected = {
        "IntegrationUri": stack["listener_arn"],
        "IntegrationType": "HTTP_PROXY",
        "ConnectionType": "VPC_LINK",
    }
    yield from expect_all("the way there", expected, way)


@UNIT.check("The platform gets the path without the stage, and the client's address")
def request(stack: Deployment) -> Iterator[str]:
    expected = {
        "overwrite:path": "$request.path",
        f"overwrite:header.{CLIENT_HEADER}": "$context.identity.sourceIp",
    }
    yield from expect("what it makes of a request", integration(stack).get("RequestParameters"), expected)


@UNIT.check("It speaks TLS to a load balancer that does")
def tls(stack: Deployment) -> Iterator[str]:
    name = integration(stack).get("TlsConfig", {}).get("ServerNameToVerify")
    domain = stack["load_balancer_url"].removeprefix("https://")
    yield from expect("the name that it verifies", name, domain if stack.has_tls else None)


@UNIT.check("Its link is available in the private subnets, behind its own group")
def link(stack: Deployment) -> Iterator[str]:
    found = described_link(stack)
    yield from expect("the state of the link", found["VpcLinkStatus"], "AVAILABLE")
    yield from expect("the set of its subnets", set(found["SubnetIds"]), set(stack["private_subnet_ids"]))
    yield from expect("its groups", found["SecurityGroupIds"], [stack["http_api_security_group_id"]])


@UNIT.check("The health check is answered through it", needs_aws=NO_TASKS)
def answers(stack: Deployment) -> Iterator[str]:
    defaults = [target for target in stack.targets() if stack.is_default(target)]
    if not defaults:
        raise DoesNotApply("no service and no fleet takes what nobody else does")
    url = stack["http_api_url"].rstrip("/") + stack.target_group(defaults[0])["HealthCheckPath"]
    yield from expect(f"the status code of {url}", stack.aws.fetch(url)["status"], 200)


def api(stack: Deployment) -> Block:
    return stack.ask("apigatewayv2", "get_api", ApiId=stack["http_api_id"])


def described_stage(stack: Deployment) -> Block:
    return one(stack.ask("apigatewayv2", "get_stages", ApiId=stack["http_api_id"])["Items"], "stage of the HTTP API")


def integration(stack: Deployment) -> Block:
    answer = stack.ask("apigatewayv2", "get_integrations", ApiId=stack["http_api_id"])
    return one(answer["Items"], "way from the HTTP API to the load balancer")


def described_link(stack: Deployment) -> Block:
    """The one that the requests go through."""
    return stack.ask("apigatewayv2", "get_vpc_link", VpcLinkId=integration(stack)["ConnectionId"])
