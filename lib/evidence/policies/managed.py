"""What the policies of AWS's own that roles here have attached allow: nobody sees it in a template."""

from __future__ import annotations

from typing import NamedTuple

from lib.evidence.template import Block


class Managed(NamedTuple):
    """A policy of AWS's, as it was when somebody looked at it."""

    why: str
    """Why a role may have all of it."""
    page: str
    statements: tuple[Block, ...]


_PAGE = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/{}.html"


def _allow(resource: str, actions: str) -> Block:
    return {"Effect": "Allow", "Action": actions.split(), "Resource": resource}


POLICIES = {
    "AWSLambdaVPCAccessExecutionRole": Managed(
        "Lambda makes network interfaces for a function in the VPC; nobody can name them beforehand, and a statement "
        "beside it keeps the function's own code from making any",
        _PAGE.format("AWSLambdaVPCAccessExecutionRole"),
        (
            _allow(
                "*",
                "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents ec2:CreateNetworkInterface "
                "ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:DeleteNetworkInterface "
                "ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses",
            ),
        ),
    ),
    "AmazonRDSEnhancedMonitoringRole": Managed(
        "writes metrics of the database's operating system to one log group of AWS's naming",
        _PAGE.format("AmazonRDSEnhancedMonitoringRole"),
        (
            _allow("arn:aws:logs:*:*:log-group:RDS*", "logs:CreateLogGroup logs:PutRetentionPolicy"),
            _allow(
                "arn:aws:logs:*:*:log-group:RDS*:log-stream:*",
                "logs:CreateLogStream logs:PutLogEvents logs:DescribeLogStreams logs:GetLogEvents",
            ),
        ),
    ),
    "AmazonSSMManagedInstanceCore": Managed(
        "lets people in by Session Manager instead of SSH; with it an instance reads every parameter of the account: "
        "secrets belong into Secrets Manager",
        _PAGE.format("AmazonSSMManagedInstanceCore"),
        (
            _allow(
                "*",
                "ssm:DescribeAssociation ssm:GetDeployablePatchSnapshotForInstance ssm:GetDocument "
                "ssm:DescribeDocument ssm:GetManifest ssm:GetParameter ssm:GetParameters "
                "ssm:ListAssociations ssm:ListInstanceAssociations "
                "ssm:PutInventory ssm:PutComplianceItems ssm:PutConfigurePackageResult ssm:UpdateAssociationStatus "
                "ssm:UpdateInstanceAssociationStatus ssm:UpdateInstanceInformation",
            ),
            _allow(
                "*",
                "ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel "
                "ssmmessages:OpenDataChannel",
            ),
            _allow(
                "*",
                "ec2messages:AcknowledgeMessage ec2messages:DeleteMessage ec2messages:FailMessage "
                "ec2messages:GetEndpoint ec2messages:GetMessages ec2messages:SendReply",
            ),
        ),
    ),
    "CloudWatchAgentServerPolicy": Managed(
        "the agent writes logs and metrics, and reads its own configuration",
        _PAGE.format("CloudWatchAgentServerPolicy"),
        (
            _allow(
                "*",
                "cloudwatch:PutMetricData ec2:DescribeVolumes ec2:DescribeTags logs:PutLogEvents "
                "logs:PutRetentionPolicy logs:DescribeLogStreams logs:DescribeLogGroups logs:CreateLogStream "
                "logs:CreateLogGroup xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules "
                "xray:GetSamplingTargets xray:GetSamplingStatisticSummaries",
            ),
            _allow("arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*", "ssm:GetParameter"),
        ),
    ),
}
"""Name, without path -> what it is attached for, and what it allows."""
