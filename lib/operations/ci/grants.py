"""What the roles of a pipeline are allowed: a table of actions, the resources that each is for, and conditions.

A row allows its actions on resources whose names begin like the environment's; what AWS gives a name of its own is told
by the environment's tags, which it has to be made with. Where AWS knows neither, the row says so.
Actions, resources and condition keys are those of AWS's service authorization reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from typing import Any, NamedTuple

from lib.operations.ci.place import Place

Block = dict[str, Any]

ANY = "*"


class Grant(NamedTuple):
    """A row."""

    actions: str
    """`ecs:CreateService DeleteService`: the service stands before the first."""
    on: str
    """Patterns of ARNs. One without `arn:` is the end of an ARN of the service, in the stack's region and account."""
    when: str = ""
    """Word of CONDITIONS. Empty: always."""
    why: str = ""
    """Why the row is as wide as it is."""


def conditions(place: Place) -> dict[str, Block]:
    """Word -> condition."""
    names = [name for zone in place.zones for name in (zone, f"*.{zone}")]
    made = {f"aws:RequestTag/{key}": value for key, value in place.tags.items()}
    return {
        # It is made with the environment's tags.
        "made": {"StringEquals": made},
        # It has them.
        "ours": {"StringEquals": {f"aws:ResourceTag/{key}": value for key, value in place.tags.items()}},
        # It has none of them yet and gets all: an object that is tagged in a second call, or that AWS made.
        "adopted": {"StringEquals": made, "Null": {f"aws:ResourceTag/{key}": "true" for key in place.tags}},
        # Another service of AWS asks for it, on behalf of who called that one.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
        "by_a_service": {"Bool": {"aws:ViaAWSService": "true"}},
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
        "as_it_is_made": {"Null": {"ec2:CreateAction": "false"}},
        "as_a_file_system_is_made": {"Null": {"elasticfilesystem:CreateAction": "false"}},
        # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonElastiCacheFullAccess.html
        "for_a_cache": {"StringLike": {"ec2:VpceServiceName": "com.amazonaws.elasticache.serverless.*"}},
        # https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
        "from_a_template": {
            "ArnLike": {"ec2:LaunchTemplate": place.arn("ec2", "launch-template/*", region=place.region)}
        },
        "of_ecs": {"StringEquals": {"application-autoscaling:service-namespace": "ecs"}},
        "of_the_zones": {
            "ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": names},
        },
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
        "bounded": {
            "StringEquals": {"iam:PermissionsBoundary": place.arn("iam", f"policy/{place.boundary}")},
        },
        "passed": {"StringEquals": {"iam:PassedToService": list(ROLE_TAKERS)}},
        "linked": {"StringEquals": {"iam:AWSServiceName": list(LINKED)}},
        # AWS keeps an object's name and its tags apart: whose key a secret is under says the service that asks.
        "for_secrets": {"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}},
    }


ROLE_TAKERS = (
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "lambda.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""Services that run something of the stack as a role of it."""

LINKED = (
    "autoscaling.amazonaws.com",
    "backup.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "ecs.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
    "elasticache.amazonaws.com",
    "elasticfilesystem.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "ops.apigateway.amazonaws.com",
    "rds.amazonaws.com",
    "wafv2.amazonaws.com",
)
"""Services that need a role of their own in the account, which the first who uses them makes.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html"""

_ASKS = "what it tells is no data, and most of it AWS allows on everything or not at all"
_RANDOM = "AWS gives it a name of its own, and takes no tags of it"
_OF_CLOUDFRONT = "AWS names no resource for what is about to be made"
_ACCOUNT_WIDE = "AWS allows it on everything or not at all"

READS: dict[str, tuple[Grant, ...]] = {
    "reads": (
        Grant("acm:DescribeCertificate ListCertificates ListTagsForCertificate", ANY, why=_ASKS),
        Grant("apigateway:GET", "arn:{partition}:apigateway:{region}::/*", why=_RANDOM),
        Grant("application-autoscaling:Describe* ListTagsForResource", ANY, why=_ASKS),
        Grant("autoscaling:Describe*", ANY, why=_ASKS),
        Grant("backup:ListProtectedResources ListRecoveryPointsByResource", ANY, why=_ASKS),
        Grant("cloudfront:Get* List*", ANY, why=_ASKS),
        Grant("cloudwatch:Describe* GetDashboard GetMetricData GetMetricStatistics List*", ANY, why=_ASKS),
        Grant("dynamodb:Describe* ListTables", ANY, why=_ASKS),
        Grant("dynamodb:GetResourcePolicy ListTagsOfResource", "table/{name}"),
        Grant("ec2:Describe* GetManagedPrefixListEntries", ANY, why=_ASKS),
        Grant("ecr:DescribeImages DescribeRepositories BatchGetImage", ANY, why="which repository settings name"),
        Grant("ecs:Describe* List*", ANY, why=_ASKS),
        Grant("elasticache:Describe* List*", ANY, why=_ASKS),
        Grant("elasticfilesystem:Describe* ListTagsForResource", ANY, why=_ASKS),
        Grant("elasticloadbalancing:Describe*", ANY, why=_ASKS),
        Grant("events:Describe* List*", ANY, why=_ASKS),
        Grant("iam:ListInstanceProfiles ListRoles", ANY, why=_ACCOUNT_WIDE),
        Grant(
            "iam:GetRole GetRolePolicy ListAttachedRolePolicies ListInstanceProfilesForRole ListRolePolicies"
            " ListRoleTags",
            "arn:{partition}:iam::{account}:role/{name} arn:{partition}:iam::{account}:role/aws-service-role/*",
        ),
        Grant(
            "iam:GetInstanceProfile ListInstanceProfileTags", "arn:{partition}:iam::{account}:instance-profile/{name}"
        ),
        Grant("kms:DescribeKey GetKeyPolicy GetKeyRotationStatus List*", ANY, why=_ASKS),
        Grant("lambda:GetAccountSettings ListFunctions", ANY, why=_ASKS),
        Grant("lambda:Get* List*", "function:{name}"),
        Grant("logs:Describe* GetDelivery* ListTagsForResource ListTagsLogGroup", ANY, why=_ASKS),
        Grant("rds:Describe* ListTagsForResource", ANY, why=_ASKS),
        Grant("route53:Get* List*", ANY, why=_ASKS),
        Grant("s3:ListAllMyBuckets", ANY, why=_ACCOUNT_WIDE),
        Grant(
            "s3:GetAccelerateConfiguration GetBucket* GetEncryptionConfiguration GetLifecycleConfiguration"
            " GetReplicationConfiguration ListBucket ListBucketVersions ListTagsForResource",
            "arn:{partition}:s3:::{name} arn:{partition}:s3:::{state}",
        ),
        Grant("secretsmanager:GetRandomPassword ListSecrets", ANY, why=_ACCOUNT_WIDE),
        Grant("secretsmanager:DescribeSecret GetResourcePolicy ListSecretVersionIds", "secret:{path} secret:rds!*"),
        Grant("servicediscovery:Get* List*", ANY, why=_ASKS),
        Grant("servicequotas:Get* List*", ANY, why=_ASKS),
        Grant("sns:GetSubscriptionAttributes GetTopicAttributes List*", ANY, why=_ASKS),
        Grant("sqs:ListQueues", ANY, why=_ACCOUNT_WIDE),
        Grant("sqs:GetQueueAttributes GetQueueUrl ListQueueTags", "{name}"),
        Grant("ssm:DescribeInstanceInformation", ANY, why=_ACCOUNT_WIDE),
        Grant("ssm:GetParameter GetParameters", "arn:{partition}:ssm:{region}:*:parameter/aws/service/*"),
        Grant("tag:GetResources", ANY, why=_ACCOUNT_WIDE),
        Grant("wafv2:Get* List*", ANY, why=_ASKS),
        # The state says where everything is. Whoever plans reads it.
        Grant("s3:GetObject", "arn:{partition}:s3:::{state}/{path}"),
        # Up to its release 6.25 the provider reads a secret's value to know whether it is there.
        # https://github.com/hashicorp/terraform-provider-aws/pull/44876
        Grant("secretsmanager:GetSecretValue", "secret:{path}"),
        Grant("kms:Decrypt", "key/*", "for_secrets", why="of secrets that may be read alone"),
    ),
}
"""What both roles may ask. None of it changes anything."""

WRITES: dict[str, tuple[Grant, ...]] = {
    "network": (
        Grant("ec2:CreateVpc", "vpc/*", "made"),
        Grant("ec2:CreateSubnet", "subnet/*", "made"),
        Grant("ec2:CreateInternetGateway", "internet-gateway/*", "made"),
        Grant("ec2:CreateRouteTable", "route-table/*", "made"),
        Grant("ec2:AllocateAddress", "elastic-ip/*", "made"),
        Grant("ec2:CreateNatGateway", "natgateway/*", "made"),
        Grant("ec2:CreateSecurityGroup", "security-group/*", "made"),
        Grant("ec2:AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress", "security-group-rule/*", "made"),
        Grant("ec2:CreateFlowLogs", "vpc-flow-log/*", "made"),
        Grant("ec2:CreateVpcEndpoint", "vpc-endpoint/*", "made"),
        Grant("ec2:CreateVpcEndpoint", "vpc-endpoint/*", "for_a_cache"),
        Grant("ec2:CreateLaunchTemplate", "launch-template/*", "made"),
        Grant(
            "ec2:AssociateRouteTable AttachInternetGateway AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress"
            " CreateFlowLogs CreateLaunchTemplateVersion CreateNatGateway CreateRoute CreateRouteTable"
            " CreateSecurityGroup CreateSubnet CreateTags CreateVpcEndpoint DeleteFlowLogs DeleteInternetGateway"
            " DeleteLaunchTemplate DeleteNatGateway DeleteRoute DeleteRouteTable"
            " DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVpc DeleteVpcEndpoints DetachInternetGateway"
            " DisassociateAddress DisassociateRouteTable ModifyLaunchTemplate ModifySecurityGroupRules"
            " ModifySubnetAttribute ModifyVpcAttribute ModifyVpcEndpoint ReleaseAddress ReplaceRoute"
            " ReplaceRouteTableAssociation RevokeSecurityGroupEgress RevokeSecurityGroupIngress RunInstances"
            "",
            "*/*",
            "ours",
        ),
        # AWS looks whether who makes a scaling group could start its instances.
        Grant("ec2:RunInstances", "instance/* network-interface/* volume/*", "from_a_template"),
        Grant(
            "ec2:RunInstances",
            "arn:{partition}:ec2:{region}::image/* arn:{partition}:ec2:{region}::snapshot/*",
            why="the launch template names the image",
        ),
        Grant("ec2:CreateTags", "*/*", "as_it_is_made"),
        Grant("ec2:CreateTags", "security-group/*", "adopted", why="the group that AWS makes with a network"),
        # A mount target is a network interface.
        # https://docs.aws.amazon.com/efs/latest/ug/efs-api-permissions-ref.html
        Grant(
            "ec2:CreateNetworkInterface DeleteNetworkInterface ModifyNetworkInterfaceAttribute",
            "network-interface/* security-group/* subnet/*",
            "by_a_service",
        ),
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
        Grant(
            "ec2:DeleteNetworkInterface", "network-interface/*", why="those that Lambda leaves; one in use cannot be"
        ),
    ),
    "compute": (
        Grant(
            "ecs:CreateCluster DeleteCluster PutClusterCapacityProviders TagResource UntagResource UpdateCluster",
            "cluster/{name}",
        ),
        Grant("ecs:CreateService DeleteService TagResource UntagResource UpdateService", "service/{name}"),
        Grant("ecs:RegisterTaskDefinition TagResource UntagResource", "task-definition/{name}"),
        Grant("ecs:DeregisterTaskDefinition", ANY, why=_ACCOUNT_WIDE),
        Grant(
            "application-autoscaling:DeleteScalingPolicy DeregisterScalableTarget PutScalingPolicy"
            " RegisterScalableTarget",
            "scalable-target/*",
            "of_ecs",
            why=_RANDOM,
        ),
        Grant("application-autoscaling:TagResource UntagResource", "scalable-target/*", why=_RANDOM),
        Grant(
            "autoscaling:CancelInstanceRefresh CreateAutoScalingGroup CreateOrUpdateTags DeleteAutoScalingGroup"
            " DeletePolicy DeleteTags DisableMetricsCollection EnableMetricsCollection PutScalingPolicy"
            " StartInstanceRefresh"
            " UpdateAutoScalingGroup",
            "autoScalingGroup:*:autoScalingGroupName/{name}",
        ),
        Grant(
            "lambda:AddPermission CreateFunction DeleteFunction DeleteFunctionConcurrency"
            " DeleteFunctionEventInvokeConfig InvokeFunction PutFunctionConcurrency PutFunctionEventInvokeConfig"
            " RemovePermission TagResource UntagResource UpdateFunctionCode UpdateFunctionConfiguration"
            "",
            "function:{name}",
        ),
        Grant("servicediscovery:CreateHttpNamespace TagResource", ANY, "made"),
        Grant("servicediscovery:UntagResource", ANY, why=_ACCOUNT_WIDE),
        Grant("servicediscovery:DeleteNamespace UpdateHttpNamespace", "namespace/*", "ours"),
        # How a failed deployment is explained.
        Grant("logs:FilterLogEvents GetLogEvents", "log-group:/{path}"),
    ),
    "entry": (
        Grant(
            "elasticloadbalancing:AddTags CreateListener CreateLoadBalancer CreateRule"
            " CreateTargetGroup DeleteListener DeleteLoadBalancer DeleteRule DeleteTargetGroup DeregisterTargets"
            " ModifyListener ModifyListenerAttributes ModifyLoadBalancerAttributes ModifyRule ModifyTargetGroup"
            " ModifyTargetGroupAttributes RegisterTargets RemoveTags SetIpAddressType"
            " SetRulePriorities SetSecurityGroups SetSubnets",
            "loadbalancer/app/{short_name} listener/app/{short_name} listener-rule/app/{short_name}"
            " targetgroup/{short_name}",
        ),
        Grant("elasticloadbalancing:SetWebAcl", ANY, why=_ACCOUNT_WIDE),
        Grant(
            "wafv2:AssociateWebACL CreateIPSet CreateWebACL DeleteIPSet DeleteLoggingConfiguration DeleteWebACL"
            " PutLoggingConfiguration TagResource UntagResource UpdateIPSet UpdateWebACL",
            "*/webacl/{name} */ipset/{name}",
        ),
        Grant("wafv2:CreateWebACL UpdateWebACL", "arn:{partition}:wafv2:{region}:*:*/managedruleset/*"),
        Grant(
            "wafv2:AssociateWebACL DisassociateWebACL",
            "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/{short_name}",
        ),
        Grant(
            "apigateway:DELETE PATCH POST",
            "arn:{partition}:apigateway:{region}::/apis arn:{partition}:apigateway:{region}::/apis/*"
            " arn:{partition}:apigateway:{region}::/tags/* arn:{partition}:apigateway:{region}::/vpclinks"
            " arn:{partition}:apigateway:{region}::/vpclinks/*",
            why=_RANDOM,
        ),
        Grant("acm:RequestCertificate", ANY, "made"),
        Grant("acm:AddTagsToCertificate", "certificate/*", "adopted"),
        Grant(
            "acm:AddTagsToCertificate DeleteCertificate RemoveTagsFromCertificate",
            "certificate/*",
            "ours",
        ),
        Grant("route53:ChangeResourceRecordSets", "arn:{partition}:route53:::hostedzone/*", "of_the_zones"),
        Grant(
            "cloudfront:CreateDistribution CreateOriginAccessControl CreateResponseHeadersPolicy",
            ANY,
            why=_OF_CLOUDFRONT,
        ),
        Grant("cloudfront:TagResource", "arn:{partition}:cloudfront::{account}:distribution/*", "adopted"),
        Grant(
            "cloudfront:AllowVendedLogDeliveryForResource DeleteDistribution TagResource UntagResource"
            " UpdateDistribution",
            "arn:{partition}:cloudfront::{account}:distribution/*",
            "ours",
        ),
        Grant(
            "cloudfront:DeleteOriginAccessControl UpdateOriginAccessControl",
            "arn:{partition}:cloudfront::{account}:origin-access-control/*",
            why=_RANDOM,
        ),
        Grant(
            "cloudfront:DeleteResponseHeadersPolicy UpdateResponseHeadersPolicy",
            "arn:{partition}:cloudfront::{account}:response-headers-policy/*",
            why=_RANDOM,
        ),
    ),
    "data": (
        Grant(
            "rds:AddTagsToResource CreateDBCluster CreateDBClusterParameterGroup CreateDBClusterSnapshot"
            " CreateDBInstance CreateDBParameterGroup CreateDBSnapshot CreateDBSubnetGroup DeleteDBCluster"
            " DeleteDBClusterParameterGroup DeleteDBInstance DeleteDBParameterGroup"
            " DeleteDBSubnetGroup ModifyDBCluster ModifyDBClusterParameterGroup ModifyDBInstance"
            " ModifyDBParameterGroup ModifyDBSubnetGroup RemoveTagsFromResource"
            " ResetDBClusterParameterGroup ResetDBParameterGroup",
            "cluster:{name} cluster-pg:{name} cluster-snapshot:{name} db:{name} pg:{name} snapshot:{name}"
            " subgrp:{name}",
        ),
        Grant("rds:CreateDBInstance ModifyDBInstance", "og:default:* pg:default.*"),
        Grant("rds:CreateDBCluster ModifyDBCluster", "cluster-pg:default.*"),
        Grant(
            "elasticache:AddTagsToResource CreateCacheSubnetGroup CreateReplicationGroup CreateServerlessCache"
            " CreateServerlessCacheSnapshot CreateSnapshot CreateUser CreateUserGroup DecreaseReplicaCount"
            " DeleteCacheSubnetGroup DeleteReplicationGroup DeleteServerlessCache"
            " DeleteUser DeleteUserGroup IncreaseReplicaCount ModifyCacheSubnetGroup"
            " ModifyReplicationGroup ModifyServerlessCache ModifyUser ModifyUserGroup RemoveTagsFromResource",
            "cluster:{cache_name} replicationgroup:{cache_name} serverlesscache:{cache_name}"
            " serverlesscachesnapshot:{cache_name} snapshot:{cache_name} subnetgroup:{cache_name} user:{cache_name}"
            " usergroup:{cache_name}",
        ),
        Grant("elasticache:CreateReplicationGroup ModifyReplicationGroup", "parametergroup:default*"),
        Grant("elasticfilesystem:CreateFileSystem", ANY, "made"),
        Grant("elasticfilesystem:TagResource", "file-system/* access-point/*", "as_a_file_system_is_made"),
        Grant(
            "elasticfilesystem:CreateAccessPoint CreateMountTarget DeleteAccessPoint DeleteFileSystem"
            " DeleteFileSystemPolicy DeleteMountTarget ModifyMountTargetSecurityGroups PutBackupPolicy"
            " PutFileSystemPolicy PutLifecycleConfiguration TagResource UntagResource UpdateFileSystem",
            "file-system/* access-point/*",
            "ours",
        ),
        Grant(
            "dynamodb:CreateTable DeleteTable TagResource UntagResource"
            " UpdateContinuousBackups UpdateTable UpdateTimeToLive",
            "table/{name}",
        ),
        Grant(
            "s3:CreateBucket DeleteBucket DeleteBucketPolicy PutBucketCORS PutBucketLogging PutBucketOwnershipControls"
            " PutBucketPolicy PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning"
            " PutEncryptionConfiguration PutLifecycleConfiguration TagResource UntagResource",
            "arn:{partition}:s3:::{name}",
        ),
        # A destroyed environment's buckets are emptied first.
        Grant("s3:DeleteObject DeleteObjectVersion", "arn:{partition}:s3:::{name}/*"),
        # The state, and the lock beside it.
        # https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required
        Grant("s3:DeleteObject PutObject", "arn:{partition}:s3:::{state}/{path}"),
    ),
    "base": (
        Grant("kms:CreateKey", ANY, "made"),
        Grant("kms:TagResource", "key/*", "adopted"),
        Grant(
            "kms:CreateAlias CreateGrant Decrypt DeleteAlias DisableKeyRotation EnableKeyRotation"
            " Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext PutKeyPolicy ReEncrypt* ScheduleKeyDeletion"
            " TagResource UntagResource UpdateAlias UpdateKeyDescription",
            "key/*",
            "ours",
        ),
        Grant("kms:CreateAlias DeleteAlias UpdateAlias", "alias/{path}"),
        Grant(
            "secretsmanager:CancelRotateSecret CreateSecret DeleteSecret"
            " PutSecretValue RotateSecret TagResource UntagResource UpdateSecret",
            "secret:{path}",
        ),
        # RDS keeps a database's password in a secret that it names.
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
        Grant("secretsmanager:CreateSecret RotateSecret TagResource", "secret:rds!*"),
        Grant(
            "logs:AssociateKmsKey CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DisassociateKmsKey"
            " PutRetentionPolicy TagResource UntagResource",
            "log-group:/{path} log-group:/aws/vendedlogs/{path} log-group:/aws/ecs/containerinsights/{name}"
            " log-group:/aws/rds/*/{name} log-group:aws-waf-logs-{name}",
        ),
        Grant(
            "logs:CreateDelivery DeleteDelivery DeleteDeliveryDestination DeleteDeliverySource PutDeliveryDestination"
            " PutDeliverySource TagResource UntagResource UpdateDeliveryConfiguration",
            "delivery:* delivery-destination:{name} delivery-source:{name}",
            why=_RANDOM,
        ),
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
        Grant(
            "logs:CreateLogDelivery DeleteLogDelivery GetLogDelivery ListLogDeliveries PutResourcePolicy"
            " UpdateLogDelivery",
            ANY,
            why=_ACCOUNT_WIDE,
        ),
        Grant("cloudwatch:DeleteAlarms PutMetricAlarm TagResource UntagResource", "alarm:{name}"),
        # https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
        Grant(
            "cloudwatch:DeleteAlarms PutMetricAlarm", "alarm:TargetTracking-service/{name} alarm:TargetTracking-{name}"
        ),
        Grant("cloudwatch:DeleteDashboards PutDashboard", "arn:{partition}:cloudwatch::{account}:dashboard/{name}"),
        Grant(
            "events:DeleteRule PutRule PutTargets RemoveTargets TagResource UntagResource",
            "rule/{name}",
        ),
        Grant(
            "sns:CreateTopic DeleteTopic SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource"
            " Unsubscribe UntagResource",
            "{name}",
        ),
        Grant("sqs:CreateQueue DeleteQueue SetQueueAttributes TagQueue UntagQueue", "{name}"),
    ),
    "identity": (
        Grant(
            "iam:AttachRolePolicy CreateRole DeleteRolePolicy DetachRolePolicy PutRolePermissionsBoundary"
            " PutRolePolicy",
            "arn:{partition}:iam::{account}:role/{name}",
            "bounded",
        ),
        Grant(
            "iam:DeleteRole TagRole UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription",
            "arn:{partition}:iam::{account}:role/{name}",
        ),
        Grant(
            "iam:AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile RemoveRoleFromInstanceProfile"
            " TagInstanceProfile UntagInstanceProfile",
            "arn:{partition}:iam::{account}:instance-profile/{name}",
        ),
        Grant("iam:PassRole", "arn:{partition}:iam::{account}:role/{name}", "passed"),
        Grant("iam:CreateServiceLinkedRole", "arn:{partition}:iam::{account}:role/aws-service-role/*", "linked"),
    ),
}
"""Policy -> what only the role that deploys may do."""

BOUNDARY: tuple[Grant, ...] = (
    Grant(
        "dynamodb:BatchGetItem BatchWriteItem ConditionCheckItem DeleteItem GetItem PutItem Query Scan UpdateItem",
        "table/{name}",
    ),
    Grant("elasticache:Connect", "replicationgroup:{cache_name} serverlesscache:{cache_name} user:{cache_name}"),
    Grant("elasticfilesystem:ClientMount ClientWrite", "file-system/*", "ours"),
    Grant("kms:Decrypt GenerateDataKey", "key/*", "ours"),
    Grant(
        "logs:CreateLogStream DescribeLogStreams PutLogEvents",
        "log-group:/{path} log-group:/aws/ecs/containerinsights/{name}",
    ),
    Grant("s3:AbortMultipartUpload DeleteObject GetObject PutObject", "arn:{partition}:s3:::{name}/*"),
    Grant("s3:ListBucket", "arn:{partition}:s3:::{name}"),
    Grant("secretsmanager:GetSecretValue", "secret:{path} secret:rds!*"),
    # The database's password is turned over by a function.
    Grant("secretsmanager:DescribeSecret PutSecretValue UpdateSecretVersionStage", "secret:{path}"),
    Grant("secretsmanager:GetRandomPassword", ANY, why=_ACCOUNT_WIDE),
    Grant("ecs:DescribeServices UpdateService", "service/{name}"),
    Grant("sqs:SendMessage", "{name}"),
    Grant(
        "ecr:BatchCheckLayerAvailability BatchGetImage GetDownloadUrlForLayer",
        "arn:{partition}:ecr:*:*:repository/*",
        why="images may be in any repository, of another account too",
    ),
    Grant("ecr:GetAuthorizationToken", ANY, why=_ACCOUNT_WIDE),
)
"""The most that any role of the stack may do, whatever its own policies say: what they say today, of all blueprints."""
