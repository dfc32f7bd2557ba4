"""Where the stack is: account, region, partition, for the ARNs and policies that name them."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.data_aws_partition import DataAwsPartition
from constructs import Construct


class Account(Construct):
    """The account that Terraform is signed in to, read at plan time; nothing of it is known at synthesis."""

    def __init__(self, scope: Construct, id: str, *, region: str) -> None:
        super().__init__(scope, id)
        self.region = region
        self.id = DataAwsCallerIdentity(self, "caller").account_id
        self.partition = DataAwsPartition(self, "partition").partition

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """The ARN of something in this account. region: None is the stack's, "" that of services without regions."""
        place = self.region if region is None else region
        return f"arn:{self.partition}:{service}:{place}:{self.id}:{resource}"

    @property
    def root_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.id}:root"
