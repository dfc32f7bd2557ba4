"""The load balancer: open to whom it should be, by TLS, and handing requests to the stack's own targets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import NO_TASKS, DoesNotApply, Having, Unit
from lib.operations.verify.words import expect, expect_all, expect_among, expect_true, expect_within, one

UNIT = Unit("load_balancer", "Load balancer")

CERTIFICATE = Having("certificate", lambda stack: stack.has_tls)
ATTRIBUTES = {
    "routing.http2.enabled": "true",
    "routing.http.drop_invalid_header_fields.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.xff_header_processing.mode": "append",
    "waf.fail_open.enabled": "false",
    "access_logs.s3.enabled": "true",
}
_TLS_1_2_OR_BETTER = re.compile("ELBSecurityPolicy-TLS13-1-[23]-")


@UNIT.check("It is active at the name that the outputs tell")
def active(stack: Deployment) -> Iterator[str]:
    found = balancer(stack)
    yield from expect("its state", found["State"]["Code"], "active")
    yield from expect("its DNS name", found["DNSName"], stack["load_balancer_dns_name"])
    yield from expect("its hosted zone", found["CanonicalHostedZoneId"], stack["load_balancer_zone_id"])


@UNIT.check("It faces the internet in the public subnets, unless the HTTP API is the only way in")
def scheme(stack: Deployment) -> Iterator[str]:
    found = balancer(stack)
    tier = "private" if stack.is_internal else "public"
    yield from expect("its scheme", found["Scheme"], "internal" if stack.is_internal else "internet-facing")
    subnets = {zone["SubnetId"] for zone in found["AvailabilityZones"]}
    yield from expect("the set of its subnets", subnets, set(stack[f"{tier}_subnet_ids"]))


@UNIT.check("It has its own security group and no other")
def security_group(stack: Deployment) -> Iterator[str]:
    yield from expect("its groups", balancer(stack)["SecurityGroups"], [stack["load_balancer_security_group_id"]])


@UNIT.check("It treats requests with care and writes them down: its attributes")
def attributes(stack: Deployment) -> Iterator[str]:
    yield from expect_all("the load balancer", ATTRIBUTES, stack.load_balancer_attributes())


@UNIT.check("It listens on 80, and on 443 where there is a certificate")
def listeners(stack: Deployment) -> Iterator[str]:
    found = stack.listeners()
    yield from expect("the set of its ports", set(found), {80, 443} if stack.has_tls else {80})
    yield from expect("the listener with the rules", found[max(found)]["ListenerArn"], stack["listener_arn"])


@UNIT.check("Users come by TLS 1.2 or better; plain HTTP is redirected", CERTIFICATE)
def tls(stack: Deployment) -> Iterator[str]:
    found = stack.listeners()
    policy = found[443]["SslPolicy"]
    yield from expect_true(_TLS_1_2_OR_BETTER.match(policy), f"the TLS policy is {policy}")
    redirect = one(found[80]["DefaultActions"], "action of the listener on 80")
    yield from expect_all(
        "the listener on 80", {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}, redirect.get("RedirectConfig", {})
    )


@UNIT.check("The certificate is for the domain that users see", CERTIFICATE)
def certificate_domain(stack: Deployment) -> Iterator[str]:
    found = certificate(stack)
    names = {found["DomainName"], *found.get("SubjectAlternativeNames", [])}
    domain = stack["load_balancer_url"].removeprefix("https://")
    yield from expect_true(
        names & {domain, f"*.{domain.partition('.')[2]}"},
        f"the certificate is for {', '.join(sorted(names))}, not for {domain}",
    )


@UNIT.check("The certificate is issued", CERTIFICATE, needs_aws="an emulator issues no certificates")
def certificate_is_issued(stack: Deployment) -> Iterator[str]:
    yield from expect("the certificate's status", certificate(stack)["Status"], "ISSUED")


@UNIT.check("What no rule takes is answered with 404")
def last_resort(stack: Deployment) -> Iterator[str]:
    own = [each for each in stack.listeners().values() if each["ListenerArn"] == stack["listener_arn"]]
    action = one(one(own, "listener with the rules")["DefaultActions"], "last resort")
    yield from expect("the last resort", action["Type"], "fixed-response")
    yield from expect("its status code", action.get("FixedResponseConfig", {}).get("StatusCode"), "404")


@UNIT.check("Requests go to each of the stack's own targets, and nowhere else")
def targets(stack: Deployment) -> Iterator[str]:
    actions = [action for rule in stack.rules() for action in rule["Actions"]]
    yield from expect_within("kinds of actions", {action["Type"] for action in actions}, {"forward"})
    used = {action["TargetGroupArn"] for action in actions if "TargetGroupArn" in action}
    own = set(stack.targets().values())
    yield from expect_among("target groups with a rule", own, used)
    functions = set(stack.all("function_arns").values())
    for arn in sorted(used - own):
        yield from expect_within(f"targets of {arn}", stack.target_states(arn), functions)


@UNIT.check("Target groups belong to the VPC, ask how their targets are, and let requests end before a target goes")
def target_groups(stack: Deployment) -> Iterator[str]:
    groups = stack.target_groups()
    for target, arn in stack.targets().items():
        if arn not in groups:
            yield f"the target group of {target} is not behind the load balancer"
            continue
        expected = {"VpcId": stack["vpc_id"], "HealthCheckEnabled": True, "HealthCheckPort": "traffic-port"}
        yield from expect_all(target, expected, groups[arn])
        found = stack.ask("elbv2", "describe_target_group_attributes", TargetGroupArn=arn)["Attributes"]
        delay = {each["Key"]: each["Value"] for each in found}.get("deregistration_delay.timeout_seconds", "0")
        yield from expect_true(int(delay) > 0, f"{target} cuts requests off: its deregistration delay is {delay}")


@UNIT.check("Plain HTTP is answered with a redirect", CERTIFICATE, needs_aws=NO_TASKS)
def redirects(stack: Deployment) -> Iterator[str]:
    if stack.is_internal:
        raise DoesNotApply("the load balancer is reached through the HTTP API alone")
    answer = stack.aws.fetch(stack["load_balancer_url"].replace("https:", "http:", 1))
    yield from expect("the status code", answer["status"], 301)
    location = answer["headers"].get("location", "")
    yield from expect_true(location.startswith("https://"), f"the redirect leads to {location or 'nowhere'}")


def balancer(stack: Deployment) -> Block:
    arns = [stack["load_balancer_arn"]]
    found = stack.ask("elbv2", "describe_load_balancers", LoadBalancerArns=arns)["LoadBalancers"]
    return one(found, "load balancer")


def certificate(stack: Deployment) -> Block:
    used = one(stack.listeners()[443]["Certificates"], "certificate of the listener on 443")
    answer = stack.ask("acm", "describe_certificate", CertificateArn=used["CertificateArn"])
    return dict(answer["Certificate"])
