"""Whether there is a deployment to look at, and whether it is where its outputs say."""

from __future__ import annotations

from tests.integration.deployment import Deployment


def test_the_vpc_of_the_outputs_is_in_the_account_that_we_are_signed_in_to(deployment: Deployment) -> None:
    (vpc,) = deployment.client("ec2").describe_vpcs(VpcIds=[deployment["vpc_id"]])["Vpcs"]
    assert vpc["State"] == "available"
    assert deployment.client("sts").get_caller_identity()["Account"] in deployment["load_balancer_arn"]
