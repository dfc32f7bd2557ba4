"""What is in front: the HTTP API and the CDN."""

from __future__ import annotations

from datetime import datetime

from lib.operations.aws import Refused
from lib.operations.deployment import Deployment
from lib.operations.status.metrics import Metric, measured, number
from lib.operations.status.parts import MEASURED_ON_AWS, Line, Severity, Trouble
from lib.operations.verify.units import cdn as cdns
from lib.operations.verify.units import http_api as apis
from lib.settings.edge import EDGE_REGION


def http_api(stack: Deployment, now: datetime, _: str) -> Line:
    stage, link = apis.described_stage(stack), apis.described_link(stack)["VpcLinkStatus"]
    text = f"stage {stage['StageName']}, link {link}"
    troubles = [] if link == "AVAILABLE" else [Trouble(Severity.DOWN, f"its link to the load balancer is {link}")]
    if stack.emulated:
        return Line((text,), {"link": link, "measured": None}, tuple(troubles), MEASURED_ON_AWS)
    missed: list[Refused] = []
    of_stage = {"ApiId": stack["http_api_id"], "Stage": stage["StageName"]}
    values = measured(
        stack,
        now,
        {
            "requests": Metric("AWS/ApiGateway", "Count", of_stage, "Sum"),
            "answers_5xx": Metric("AWS/ApiGateway", "5xx", of_stage, "Sum"),
        },
        missed,
    )
    if values["answers_5xx"]:
        troubles.append(
            Trouble(Severity.DEGRADED, f"{number(values['answers_5xx'])} answers of the last hour were 5xx")
        )
    last_hour = f"last hour: {number(values['requests'])} requests, {number(values['answers_5xx'])} answered 5xx"
    return Line((text, last_hour), {"link": link, "measured": values}, tuple(troubles), missed=tuple(missed))


def cdn(stack: Deployment, now: datetime, _: str) -> Line:
    status, is_enabled = cdns.distribution(stack)["Status"], cdns.settings(stack)["Enabled"]
    facts = {"status": status, "enabled": is_enabled}
    text = f"{status}, {stack['cdn_domain_name']}"
    troubles = [] if is_enabled else [Trouble(Severity.DOWN, "it is switched off")]
    if status != "Deployed":
        troubles.append(Trouble(Severity.NOTE, "a change is on its way to its places"))
    if stack.emulated:
        return Line((text,), facts | {"measured": None}, tuple(troubles), MEASURED_ON_AWS)
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
    missed: list[Refused] = []
    of_cdn = {"DistributionId": stack["cdn_distribution_id"], "Region": "Global"}
    values = measured(
        stack,
        now,
        {
            "requests": Metric("AWS/CloudFront", "Requests", of_cdn, "Sum"),
            "percent_5xx": Metric("AWS/CloudFront", "5xxErrorRate", of_cdn),
        },
        missed,
        EDGE_REGION,
    )
    measurement = f"last hour: {number(values['requests'])} requests; {number(values['percent_5xx'], '%')} 5xx now"
    return Line((text, measurement), facts | {"measured": values}, tuple(troubles), missed=tuple(missed))
