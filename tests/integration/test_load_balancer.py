"""The load balancer: open to whom it should be, by TLS, and handing requests to the stack's own targets."""

from __future__ import annotations

import re
from typing import cast

import pytest

from tests.integration.deployment import Block, Deployment, fetched


@pytest.fixture(scope="module")
def balancer(deployment: Deployment) -> Block:
    arns = [deployment["load_balancer_arn"]]
    answer = deployment.client("elbv2").describe_load_balancers(LoadBalancerArns=arns)
    return dict(answer["LoadBalancers"][0])


@pytest.fixture(scope="module")
def attributes(deployment: Deployment) -> dict[str, str]:
    answer = deployment.client("elbv2").describe_load_balancer_attributes(
        LoadBalancerArn=deployment["load_balancer_arn"]
    )
    return {each["Key"]: each["Value"] for each in answer["Attributes"]}


def test_is_active_at_its_name(deployment: Deployment, balancer: Block) -> None:
    assert balancer["State"]["Code"] == "active"
    assert balancer["DNSName"] == deployment["load_balancer_dns_name"]
    assert balancer["CanonicalHostedZoneId"] == deployment["load_balancer_zone_id"]


def test_faces_the_internet_unless_the_http_api_is_the_only_way_in(deployment: Deployment, balancer: Block) -> None:
    tier = "private" if deployment.is_internal else "public"
    assert balancer["Scheme"] == ("internal" if deployment.is_internal else "internet-facing")
    assert {zone["SubnetId"] for zone in balancer["AvailabilityZones"]} == set(deployment[f"{tier}_subnet_ids"])


def test_has_its_own_security_group_and_no_other(deployment: Deployment, balancer: Block) -> None:
    assert balancer["SecurityGroups"] == [deployment["load_balancer_security_group_id"]]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("routing.http2.enabled", "true"),
        ("routing.http.drop_invalid_header_fields.enabled", "true"),
        ("routing.http.desync_mitigation_mode", "defensive"),
        ("routing.http.xff_header_processing.mode", "append"),
        ("waf.fail_open.enabled", "false"),
        ("access_logs.s3.enabled", "true"),
    ],
)
def test_treats_requests_with_care(attributes: dict[str, str], attribute: str, value: str) -> None:
    assert attributes[attribute] == value


def test_has_the_listeners_that_it_should(deployment: Deployment) -> None:
    listeners = deployment.listeners()
    assert listeners.keys() == ({80, 443} if deployment.has_tls else {80})
    assert listeners[max(listeners)]["ListenerArn"] == deployment["listener_arn"]


@pytest.mark.unit("certificate")
def test_users_come_by_tls(deployment: Deployment) -> None:
    listeners = deployment.listeners()
    assert re.match("ELBSecurityPolicy-TLS13-1-[23]-", listeners[443]["SslPolicy"])
    (redirect,) = listeners[80]["DefaultActions"]
    assert redirect["RedirectConfig"]["Protocol"] == "HTTPS"
    assert redirect["RedirectConfig"]["StatusCode"] == "HTTP_301"


@pytest.fixture
def certificate(deployment: Deployment) -> Block:
    (used,) = deployment.listeners()[443]["Certificates"]
    answer = deployment.client("acm").describe_certificate(CertificateArn=used["CertificateArn"])
    return cast(Block, answer["Certificate"])


@pytest.mark.unit("certificate")
def test_certificate_is_for_the_domain(deployment: Deployment, certificate: Block) -> None:
    names = {certificate["DomainName"], *certificate["SubjectAlternativeNames"]}
    domain = deployment["load_balancer_url"].removeprefix("https://")
    assert names & {domain, f"*.{domain.partition('.')[2]}"}


@pytest.mark.real_account
@pytest.mark.unit("certificate")
def test_certificate_is_issued(certificate: Block) -> None:
    assert certificate["Status"] == "ISSUED"


def test_what_no_rule_takes_is_answered_with_404(deployment: Deployment) -> None:
    (listener,) = [
        each for each in deployment.listeners().values() if each["ListenerArn"] == deployment["listener_arn"]
    ]
    (action,) = listener["DefaultActions"]
    assert (action["Type"], action["FixedResponseConfig"]["StatusCode"]) == ("fixed-response", "404")


def test_requests_go_to_the_stacks_own_targets_and_nowhere_else(deployment: Deployment) -> None:
    actions = [action for rule in deployment.rules() for action in rule["Actions"]]
    assert {action["Type"] for action in actions} == {"forward"}
    used = {action["TargetGroupArn"] for action in actions}
    own = set(deployment.targets().values())
    assert own <= used
    functions = set(deployment.all("function_arns").values())
    for arn in used - own:
        answer = deployment.client("elbv2").describe_target_health(TargetGroupArn=arn)
        assert {each["Target"]["Id"] for each in answer["TargetHealthDescriptions"]} <= functions


@pytest.mark.real_account
@pytest.mark.unit("certificate")
def test_plain_http_is_redirected_where_there_is_tls(deployment: Deployment) -> None:
    if deployment.is_internal:
        pytest.skip("the load balancer is reached through the HTTP API alone")
    answer = fetched(deployment["load_balancer_url"].replace("https:", "http:", 1))
    assert answer.status == 301
    assert answer.headers["Location"].startswith("https://")
