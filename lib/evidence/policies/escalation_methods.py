"""The published ways in which who is allowed a few actions can come to be allowed any.

Collected by Rhino Security Labs (RHINO), kept up by Datadog (PATHS, one page a way) and by Prowler (PROWLER). Actions
that only help to find a target (`ec2:DescribeInstances`) are left out: targets are known otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

RHINO = "https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/"
PATHS = "https://pathfinding.cloud/paths"
PAGE = "https://pathfinding.cloud/paths/{}"
PROWLER = "https://github.com/prowler-cloud/prowler/blob/master/prowler/providers/aws/services/iam/lib/privilege_escalation.py"
HACKTRICKS = (
    "https://cloud.hacktricks.wiki/en/pentesting-cloud/aws-security/aws-privilege-escalation/aws-ecs-privesc/index.html"
)
_EC2 = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_{}.html"

WRITES_PERMISSIONS = {
    "iam:CreatePolicyVersion": "iam-001",
    "iam:SetDefaultPolicyVersion": "iam-002",
    "iam:AttachUserPolicy": "iam-007",
    "iam:AttachGroupPolicy": "iam-008",
    "iam:AttachRolePolicy": "iam-009",
    "iam:PutUserPolicy": "iam-010",
    "iam:PutGroupPolicy": "iam-011",
    "iam:PutRolePolicy": "iam-012",
    "iam:AddUserToGroup": "iam-013",
    "iam:UpdateAssumeRolePolicy": "iam-014",
    "iam:DeleteUserPermissionsBoundary": "iam-022",
    "iam:DeleteRolePermissionsBoundary": "iam-023",
    "sso:AttachManagedPolicyToPermissionSet": "sso-002",
    "sso:PutInlinePolicyToPermissionSet": "sso-003",
}
"""Actions of which each alone changes what its caller or somebody else may do -> page."""

MAKES_CREDENTIALS = {
    "iam:CreateAccessKey": "iam-004",
    "iam:CreateLoginProfile": "iam-005",
    "iam:UpdateLoginProfile": "iam-006",
}
"""Actions of which each alone makes credentials of another user -> page."""


class Takeover(NamedTuple):
    """Control over something that runs as a role of its own."""

    needs: tuple[str, ...]
    source: str


TAKEOVERS = (
    Takeover(("lambda:UpdateFunctionCode",), PAGE.format("lambda-003")),
    Takeover(("lambda:UpdateFunctionConfiguration",), PROWLER),
    Takeover(("ssm:StartSession",), PAGE.format("ssm-001")),
    Takeover(("ssm:SendCommand",), PAGE.format("ssm-002")),
    Takeover(("ec2-instance-connect:SendSSHPublicKey",), PATHS),
    Takeover(("ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"), PATHS),
    Takeover(("ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"), PAGE.format("ec2-005")),
    Takeover(("ecs:ExecuteCommand",), PAGE.format("ecs-006")),
    Takeover(("apprunner:UpdateService",), PAGE.format("apprunner-002")),
    Takeover(("batch:SubmitJob",), PAGE.format("batch-002")),
    Takeover(
        ("bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"),
        PAGE.format("bedrock-002"),
    ),
    Takeover(("bedrock-agentcore:InvokeAgentRuntimeCommand",), PAGE.format("bedrock-004")),
    Takeover(
        ("bedrock-agentcore:StartBrowserSession", "bedrock-agentcore:ConnectBrowserAutomationStream"),
        PAGE.format("bedrock-007"),
    ),
    Takeover(("cloudformation:UpdateStack",), PAGE.format("cloudformation-002")),
    Takeover(("cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"), PAGE.format("cloudformation-005")),
    Takeover(("codebuild:StartBuild",), PAGE.format("codebuild-002")),
    Takeover(("codebuild:StartBuildBatch",), PAGE.format("codebuild-003")),
    Takeover(("codedeploy:CreateDeployment", "codedeploy:RegisterApplicationRevision"), PAGE.format("codedeploy-001")),
    Takeover(("glue:UpdateDevEndpoint",), RHINO),
    Takeover(("sagemaker:CreatePresignedNotebookInstanceUrl",), PAGE.format("sagemaker-004")),
    Takeover(
        (
            "sagemaker:CreateNotebookInstanceLifecycleConfig",
            "sagemaker:StopNotebookInstance",
            "sagemaker:UpdateNotebookInstance",
            "sagemaker:StartNotebookInstance",
        ),
        PAGE.format("sagemaker-005"),
    ),
    Takeover(("states:UpdateStateMachine", "states:StartExecution"), PAGE.format("stepfunctions-002")),
)


class Handover(NamedTuple):
    """What, beside iam:PassRole, makes a service run its caller's work as a role that is passed to it."""

    needs: tuple[str, ...]
    to: str
    """The service, as iam:PassedToService has it."""
    source: str


HANDOVERS = (
    Handover(("apprunner:CreateService",), "tasks.apprunner.amazonaws.com", PAGE.format("apprunner-001")),
    Handover(
        ("autoscaling:CreateAutoScalingGroup", "autoscaling:CreateLaunchConfiguration"), "ec2.amazonaws.com", PROWLER
    ),
    Handover(
        ("autoscaling:UpdateAutoScalingGroup", "autoscaling:CreateLaunchConfiguration"), "ec2.amazonaws.com", PROWLER
    ),
    Handover(("batch:RegisterJobDefinition", "batch:SubmitJob"), "ecs-tasks.amazonaws.com", PAGE.format("batch-001")),
    Handover(
        (
            "bedrock-agentcore:CreateCodeInterpreter",
            "bedrock-agentcore:StartCodeInterpreterSession",
            "bedrock-agentcore:InvokeCodeInterpreter",
        ),
        "bedrock-agentcore.amazonaws.com",
        PAGE.format("bedrock-001"),
    ),
    Handover(
        (
            "bedrock-agentcore:CreateAgentRuntime",
            "bedrock-agentcore:CreateAgentRuntimeEndpoint",
            "bedrock-agentcore:CreateWorkloadIdentity",
            "bedrock-agentcore:InvokeAgentRuntimeCommand",
        ),
        "bedrock-agentcore.amazonaws.com",
        PAGE.format("bedrock-003"),
    ),
    Handover(
        (
            "bedrock-agentcore:CreateBrowser",
            "bedrock-agentcore:StartBrowserSession",
            "bedrock-agentcore:ConnectBrowserAutomationStream",
        ),
        "bedrock-agentcore.amazonaws.com",
        PAGE.format("bedrock-006"),
    ),
    Handover(("braket:CreateJob",), "braket.amazonaws.com", PAGE.format("braket-001")),
    Handover(("cloudformation:CreateStack",), "cloudformation.amazonaws.com", PAGE.format("cloudformation-001")),
    Handover(
        ("cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"),
        "cloudformation.amazonaws.com",
        PAGE.format("cloudformation-003"),
    ),
    Handover(("cloudformation:UpdateStackSet",), "cloudformation.amazonaws.com", PAGE.format("cloudformation-004")),
    Handover(
        ("codebuild:CreateProject", "codebuild:StartBuild"), "codebuild.amazonaws.com", PAGE.format("codebuild-001")
    ),
    Handover(
        ("codebuild:CreateProject", "codebuild:StartBuildBatch"),
        "codebuild.amazonaws.com",
        PAGE.format("codebuild-004"),
    ),
    Handover(
        ("cognito-identity:SetIdentityPoolRoles",),
        "cognito-identity.amazonaws.com",
        PAGE.format("cognitoidentity-001"),
    ),
    Handover(
        ("datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"),
        "datapipeline.amazonaws.com",
        PAGE.format("datapipeline-001"),
    ),
    Handover(("ec2:RunInstances",), "ec2.amazonaws.com", PAGE.format("ec2-001")),
    Handover(("ec2:RequestSpotInstances",), "ec2.amazonaws.com", PAGE.format("ec2-004")),
    Handover(("ec2:AssociateIamInstanceProfile",), "ec2.amazonaws.com", _EC2.format("AssociateIamInstanceProfile")),
    Handover(("ec2:ReplaceIamInstanceProfileAssociation",), "ec2.amazonaws.com", PATHS),
    Handover(("ecs:RegisterTaskDefinition", "ecs:CreateService"), "ecs-tasks.amazonaws.com", PAGE.format("ecs-003")),
    Handover(("ecs:RegisterTaskDefinition", "ecs:UpdateService"), "ecs-tasks.amazonaws.com", HACKTRICKS),
    Handover(("ecs:RunTask",), "ecs-tasks.amazonaws.com", PAGE.format("ecs-004")),
    Handover(("ecs:StartTask",), "ecs-tasks.amazonaws.com", PAGE.format("ecs-009")),
    Handover(("elasticmapreduce:RunJobFlow",), "elasticmapreduce.amazonaws.com", PAGE.format("emr-001")),
    Handover(
        ("emr-serverless:CreateApplication", "emr-serverless:StartJobRun"),
        "emr-serverless.amazonaws.com",
        PAGE.format("emrserverless-001"),
    ),
    Handover(("gamelift:CreateBuild", "gamelift:CreateFleet"), "gamelift.amazonaws.com", PAGE.format("gamelift-001")),
    Handover(("glue:CreateDevEndpoint",), "glue.amazonaws.com", PAGE.format("glue-001")),
    Handover(("glue:CreateJob", "glue:StartJobRun"), "glue.amazonaws.com", PAGE.format("glue-003")),
    Handover(("glue:CreateJob", "glue:CreateTrigger"), "glue.amazonaws.com", PAGE.format("glue-004")),
    Handover(("glue:UpdateJob", "glue:StartJobRun"), "glue.amazonaws.com", PAGE.format("glue-005")),
    Handover(("glue:UpdateJob", "glue:CreateTrigger"), "glue.amazonaws.com", PAGE.format("glue-006")),
    Handover(("glue:CreateSession", "glue:RunStatement"), "glue.amazonaws.com", PAGE.format("glue-007")),
    Handover(
        ("imagebuilder:CreateComponent", "imagebuilder:CreateImageRecipe", "imagebuilder:CreateImage"),
        "ec2.amazonaws.com",
        PAGE.format("imagebuilder-001"),
    ),
    Handover(
        ("kinesisanalytics:CreateApplication", "kinesisanalytics:StartApplication"),
        "kinesisanalytics.amazonaws.com",
        PAGE.format("kinesisanalytics-001"),
    ),
    Handover(("lambda:CreateFunction", "lambda:InvokeFunction"), "lambda.amazonaws.com", PAGE.format("lambda-001")),
    Handover(
        ("lambda:CreateFunction", "lambda:CreateEventSourceMapping"), "lambda.amazonaws.com", PAGE.format("lambda-002")
    ),
    Handover(("lambda:CreateFunction", "lambda:AddPermission"), "lambda.amazonaws.com", PAGE.format("lambda-006")),
    Handover(("omics:CreateWorkflow", "omics:StartRun"), "omics.amazonaws.com", PAGE.format("omics-001")),
    Handover(("sagemaker:CreateNotebookInstance",), "sagemaker.amazonaws.com", PAGE.format("sagemaker-001")),
    Handover(("sagemaker:CreateTrainingJob",), "sagemaker.amazonaws.com", PAGE.format("sagemaker-002")),
    Handover(("sagemaker:CreateProcessingJob",), "sagemaker.amazonaws.com", PAGE.format("sagemaker-003")),
    Handover(("scheduler:CreateSchedule",), "scheduler.amazonaws.com", PAGE.format("scheduler-001")),
    Handover(("ssm:CreateDocument", "ssm:StartAutomationExecution"), "ssm.amazonaws.com", PAGE.format("ssm-003")),
    Handover(
        ("states:CreateStateMachine", "states:StartExecution"), "states.amazonaws.com", PAGE.format("stepfunctions-001")
    ),
)
