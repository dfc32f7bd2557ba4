"""The HTTP API: deployed, throttled, logged, and leading to the load balancer."""

from __future__ import annotations

from typing import cast

import pytest

from tests.integration.deployment import Block, Deployment, fetched

pytestmark = pytest.mark.unit("http_api_id")

CLIENT_HEADER = "x-client-address"


@pytest.fixture
def api(deployment: Deployment) -> Block:
    return cast(Block, deployment.client("apigatewayv2").get_api(ApiId=deployment["http_api_id"]))


@pytest.fixture
def stage(deployment: Deployment) -> Block:
    (found,) = deployment.client("apigatewayv2").get_stages(ApiId=deployment["http_api_id"])["Items"]
    return cast(Block, found)


@pytest.fixture
def integration(deployment: Deployment) -> Block:
    (found,) = deployment.client("apigatewayv2").get_integrations(ApiId=deployment["http_api_id"])["Items"]
    return cast(Block, found)


@pytest.fixture
def link(deployment: Deployment, integration: Block) -> Block:
    """The one that the requests go through."""
    return cast(Block, deployment.client("apigatewayv2").get_vpc_link(VpcLinkId=integration["ConnectionId"]))


def test_is_reached_at_its_url(deployment: Deployment, api: Block) -> None:
    assert (api["ProtocolType"], api.get("DisableExecuteApiEndpoint", False)) == ("HTTP", False)
    assert f"{api['ApiEndpoint']}/{deployment['http_api_stage_name']}" == deployment["http_api_url"].rstrip("/")


def test_stage_is_named_by_the_environment_and_deploys_by_itself(deployment: Deployment, stage: Block) -> None:
    assert stage["StageName"] == deployment["http_api_stage_name"] == deployment["environment_suffix"]
    assert stage["AutoDeploy"] is True
    assert "fail" not in stage.get("LastDeploymentStatusMessage", "").lower()


def test_lets_requests_through_and_not_too_many(stage: Block) -> None:
    limits = [stage["DefaultRouteSettings"], *stage.get("RouteSettings", {}).values()]
    # A route that names a limit has this one, the others have the account's.
    assert all(limit.get(f"Throttling{kind}Limit", 1) > 0 for limit in limits for kind in ("Rate", "Burst"))
    assert {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= limits[0].keys()


def test_writes_down_each_request(deployment: Deployment, stage: Block) -> None:
    log = stage["AccessLogSettings"]
    assert log["DestinationArn"].removesuffix(":*").endswith(f":log-group:{deployment['http_api_log_group_name']}")
    for what in ("$context.requestId", "$context.identity.sourceIp", "$context.status"):
        assert what in log["Format"]


def test_every_request_goes_to_the_load_balancer(deployment: Deployment, integration: Block) -> None:
    (route,) = deployment.client("apigatewayv2").get_routes(ApiId=deployment["http_api_id"])["Items"]
    assert (route["RouteKey"], route["Target"]) == ("$default", f"integrations/{integration['IntegrationId']}")
    assert integration["IntegrationUri"] == deployment["listener_arn"]
    assert (integration["IntegrationType"], integration["ConnectionType"]) == ("HTTP_PROXY", "VPC_LINK")


def test_platform_gets_the_path_without_the_stage_and_the_clients_address(integration: Block) -> None:
    assert integration["RequestParameters"] == {
        "overwrite:path": "$request.path",
        f"overwrite:header.{CLIENT_HEADER}": "$context.identity.sourceIp",
    }


def test_speaks_tls_to_a_load_balancer_that_does(deployment: Deployment, integration: Block) -> None:
    name = integration.get("TlsConfig", {}).get("ServerNameToVerify")
    domain = deployment["load_balancer_url"].removeprefix("https://")
    assert name == (domain if deployment.has_tls else None)


def test_link_is_available_in_the_private_subnets(deployment: Deployment, link: Block) -> None:
    assert link["VpcLinkStatus"] == "AVAILABLE"
    assert set(link["SubnetIds"]) == set(deployment["private_subnet_ids"])
    assert link["SecurityGroupIds"] == [deployment["http_api_security_group_id"]]


def test_api_stage_and_link_carry_the_environments_tags(
    deployment: Deployment, api: Block, stage: Block, link: Block
) -> None:
    for each in (api, stage, link):
        assert deployment.tags.items() <= each["Tags"].items()


@pytest.mark.real_account
def test_health_check_is_answered_through_it(deployment: Deployment) -> None:
    defaults = [target for target in deployment.targets() if deployment.is_default(target)]
    if not defaults:
        pytest.skip("no service and no fleet takes what nobody else does")
    path = deployment.target_group(defaults[0])["HealthCheckPath"]
    assert fetched(deployment["http_api_url"] + path).status == 200
