"""LoadBalancer: each test says what would break, or be open, in AWS if it failed."""

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.load_balancer import ACCESS_LOG_PREFIX, LoadBalancer, access_log_statements
from lib.naming import Names
from lib.settings.network import LoadBalancer as Settings
from tests.template import Block, Template

CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/c"
NOT_FOUND = {
    "type": "fixed-response",
    "fixed_response": {"status_code": "404", "content_type": "text/plain", "message_body": "Not found"},
}


def build(
    scope: Construct,
    certificate_arn: str | None = CERTIFICATE,
    settings: Settings | None = None,
    deletion_protection: bool = True,
) -> LoadBalancer:
    return LoadBalancer(
        scope,
        "load_balancer",
        names=Names("shop", "dev-001"),
        settings=settings or Settings(idle_timeout_seconds=75, alarm_5xx_count=12),
        vpc_id="vpc-1",
        subnet_ids=["subnet-a", "subnet-b"],
        log_bucket="logs",
        certificate_arn=certificate_arn,
        deletion_protection=deletion_protection,
    )


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.of_components(build)


@pytest.fixture(scope="module")
def plain() -> Template:
    return Template.of_components(lambda scope: build(scope, certificate_arn=None, deletion_protection=False))


def listener_reference(template: Template, name: str) -> str:
    (logical_id,) = [each for each in template.named("aws_lb_listener") if f"_{name}_" in each]
    return f"${{aws_lb_listener.{logical_id}.arn}}"


# The load balancer


def test_faces_the_internet_from_the_given_subnets(template: Template) -> None:
    alb = template.only("aws_lb")
    assert alb["load_balancer_type"] == "application"
    assert alb["internal"] is False
    assert alb["ip_address_type"] == "ipv4"
    assert alb["subnets"] == ["subnet-a", "subnet-b"]
    assert alb["security_groups"] == [template.reference("aws_security_group", "id")]


def test_is_named(template: Template) -> None:
    alb = template.only("aws_lb")
    assert alb["name"] == "shop-dev-001-alb"
    assert alb["tags"] == {"Name": "shop-dev-001-alb"}


def test_speaks_http_2(template: Template) -> None:
    assert template.only("aws_lb")["enable_http2"] is True


def test_quiet_connections_are_closed_after_the_given_time(template: Template) -> None:
    assert template.only("aws_lb")["idle_timeout"] == 75


def test_requests_that_could_be_smuggled_are_refused(template: Template) -> None:
    alb = template.only("aws_lb")
    assert alb["drop_invalid_header_fields"] is True
    assert alb["desync_mitigation_mode"] == "defensive"


def test_the_clients_address_is_appended(template: Template) -> None:
    assert template.only("aws_lb")["xff_header_processing_mode"] == "append"


def test_nothing_passes_while_the_firewall_does_not_answer(template: Template) -> None:
    assert template.only("aws_lb")["enable_waf_fail_open"] is False


def test_deletion_protection_is_as_asked_for(template: Template, plain: Template) -> None:
    assert template.only("aws_lb")["enable_deletion_protection"] is True
    assert plain.only("aws_lb")["enable_deletion_protection"] is False


def test_access_logs_go_to_the_bucket(template: Template) -> None:
    assert template.only("aws_lb")["access_logs"] == {"enabled": True, "bucket": "logs", "prefix": ACCESS_LOG_PREFIX}


def test_there_are_no_connection_logs(template: Template) -> None:
    assert "connection_logs" not in template.only("aws_lb")


# Access log permission


def test_log_bucket_takes_logs_of_this_accounts_load_balancers_only() -> None:
    made: list[Block] = []

    def take(scope: Construct) -> None:
        account = Account(scope, "account", region="eu-west-1")
        made.extend(each.as_dict() for each in access_log_statements(account, "arn:aws:s3:::logs"))
        made.append({"account": account.id})

    Template.of_components(take)
    statement, account = made
    assert statement == {
        "Sid": "LoadBalancerLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": [f"arn:aws:s3:::logs/{ACCESS_LOG_PREFIX}/AWSLogs/{account['account']}/*"],
    }


def test_log_prefix_is_one_that_aws_takes() -> None:
    assert "AWSLogs" not in ACCESS_LOG_PREFIX
    assert ACCESS_LOG_PREFIX == ACCESS_LOG_PREFIX.strip("/") != ""


# Security group


def test_security_group_is_described_and_opens_no_port_itself(template: Template) -> None:
    assert template.only("aws_security_group") == {
        "name": "shop-dev-001-alb",
        "description": "Load balancer",
        "vpc_id": "vpc-1",
        "tags": {"Name": "shop-dev-001-alb"},
    }
    assert template.all("aws_vpc_security_group_ingress_rule") == []
    assert template.all("aws_vpc_security_group_egress_rule") == []


# Listeners


def test_with_a_certificate_http_only_redirects(template: Template) -> None:
    http = template.only("aws_lb_listener", port=80)
    assert http["protocol"] == "HTTP"
    assert http["load_balancer_arn"] == template.reference("aws_lb", "arn")
    assert http["default_action"] == [
        {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}}
    ]


def test_https_listener_has_certificate_and_tls_policy(template: Template) -> None:
    https = template.only("aws_lb_listener", port=443)
    assert https["protocol"] == "HTTPS"
    assert https["load_balancer_arn"] == template.reference("aws_lb", "arn")
    assert https["certificate_arn"] == CERTIFICATE
    assert https["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert https["default_action"] == [NOT_FOUND]


def test_tls_policy_is_the_settings() -> None:
    strict = Settings(tls_policy="ELBSecurityPolicy-TLS13-1-3-2021-06")
    template = Template.of_components(lambda scope: build(scope, settings=strict))
    assert template.only("aws_lb_listener", port=443)["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-3-2021-06"


def test_without_a_certificate_http_serves(plain: Template) -> None:
    http = plain.only("aws_lb_listener")
    assert http["port"] == 80
    assert http["protocol"] == "HTTP"
    assert http["default_action"] == [NOT_FOUND]
    assert "certificate_arn" not in http
    assert "ssl_policy" not in http


def test_http_listener_keeps_its_address_when_a_certificate_comes(template: Template, plain: Template) -> None:
    assert plain.named("aws_lb_listener").keys() < template.named("aws_lb_listener").keys()


# What others wire to


def exposed(certificate_arn: str | None) -> Template:
    def expose(scope: Construct) -> None:
        balancer = build(scope, certificate_arn)
        for attribute in ("arn", "arn_suffix", "dns_name", "zone_id", "listener_arn", "url_scheme", "ports"):
            TerraformOutput(scope, attribute, value=getattr(balancer, attribute))
        TerraformOutput(scope, "peer", value=[balancer.peer.name, balancer.peer.security_group_id])
        for alarm in balancer.alarms():
            TerraformOutput(scope, f"alarm_{alarm.role}", value=dict(alarm.dimensions))

    return Template.of_components(expose)


@pytest.fixture(scope="module")
def tls_outputs() -> Template:
    return exposed(CERTIFICATE)


@pytest.fixture(scope="module")
def plain_outputs() -> Template:
    return exposed(None)


def test_services_attach_to_https_when_there_is_a_certificate(tls_outputs: Template) -> None:
    outputs = tls_outputs.outputs
    assert outputs["listener_arn"]["value"] == listener_reference(tls_outputs, "https_listener")
    assert outputs["url_scheme"]["value"] == "https"
    assert outputs["ports"]["value"] == [80, 443]


def test_services_attach_to_http_when_there_is_none(plain_outputs: Template) -> None:
    outputs = plain_outputs.outputs
    assert outputs["listener_arn"]["value"] == listener_reference(plain_outputs, "http_listener")
    assert outputs["url_scheme"]["value"] == "http"
    assert outputs["ports"]["value"] == [80]


@pytest.mark.parametrize("attribute", ["arn", "arn_suffix", "dns_name", "zone_id"])
def test_exposes_what_dns_firewall_and_metrics_need(plain_outputs: Template, attribute: str) -> None:
    assert plain_outputs.outputs[attribute]["value"] == plain_outputs.reference("aws_lb", attribute)


def test_is_a_peer(plain_outputs: Template) -> None:
    assert plain_outputs.outputs["peer"]["value"] == ["alb", plain_outputs.reference("aws_security_group", "id")]


# Alarms


@pytest.mark.parametrize("role", ["5xx", "rejected"])
def test_alarms_watch_this_load_balancer(plain_outputs: Template, role: str) -> None:
    assert plain_outputs.outputs[f"alarm_{role}"]["value"] == {
        "LoadBalancer": plain_outputs.reference("aws_lb", "arn_suffix")
    }


def test_has_two_alarms() -> None:
    alarms: list[Alarm] = []
    Template.of_components(lambda scope: alarms.extend(build(scope).alarms()))
    errors, rejected = alarms
    assert (errors.unit, errors.role, errors.namespace, errors.metric) == (
        "alb",
        "5xx",
        "AWS/ApplicationELB",
        "HTTPCode_ELB_5XX_Count",
    )
    assert (errors.statistic, errors.comparison, errors.threshold) == ("Sum", "GreaterThanThreshold", 12)
    assert (rejected.unit, rejected.role, rejected.namespace, rejected.metric) == (
        "alb",
        "rejected",
        "AWS/ApplicationELB",
        "RejectedConnectionCount",
    )
    assert (rejected.statistic, rejected.comparison, rejected.threshold) == ("Sum", "GreaterThanThreshold", 0)
    assert [alarm.period_seconds for alarm in alarms] == [60, 60]
