"""Whether the deployment is where its outputs say; nothing else is worth asking where it is not."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.aws import Refused
from lib.operations.deployment import Deployment
from lib.operations.verify.check import Unit
from lib.operations.verify.words import expect, one

UNIT = Unit("deployment", "Deployment")


@UNIT.check("The credentials are of the account that the outputs name")
def account(stack: Deployment) -> Iterator[str]:
    yield from expect("the account", stack.ask("sts", "get_caller_identity")["Account"], stack.account)


@UNIT.check("The VPC of the outputs is there")
def is_there(stack: Deployment) -> Iterator[str]:
    id = stack["vpc_id"]
    try:
        one(stack.ask("ec2", "describe_vpcs", VpcIds=[id])["Vpcs"], f"VPC {id} in {stack.region}")
    except Refused as error:
        if error.code != "InvalidVpcID.NotFound":
            raise
        yield f"there is no {id} in {stack.region}: the stack was destroyed, or the outputs are another's"
