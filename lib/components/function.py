"""A function: code that Lambda runs when it is called by the load balancer, by another program or by AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction,
    LambdaFunctionEnvironment,
    LambdaFunctionLoggingConfig,
    LambdaFunctionTracingConfig,
    LambdaFunctionVpcConfig,
)
from cdktf_cdktf_provider_aws.lambda_function_event_invoke_config import (
    LambdaFunctionEventInvokeConfig,
    LambdaFunctionEventInvokeConfigDestinationConfig,
    LambdaFunctionEventInvokeConfigDestinationConfigOnFailure,
)
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup
from cdktf_cdktf_provider_aws.lb_target_group_attachment import LbTargetGroupAttachment
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from cdktf_cdktf_provider_aws.sqs_queue_policy import SqsQueuePolicy
from constructs import Construct

from lib.components.access import Access, joined
from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.function_code import FunctionCode
from lib.components.policy import Statement, distinct, document, trust
from lib.components.route import listener_rule
from lib.components.text import literal
from lib.naming import Kind, Names
from lib.settings.compute import HANDLER_FILE
from lib.settings.compute import Function as Settings

_FAILED_EVENT_SECONDS = 14 * 24 * 3600
"""As long as SQS keeps a message at the most: somebody has to look at it first.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""
_EVENT_AGE_SECONDS = 6 * 3600
_EVENT_RETRIES = 2
"""What Lambda does by itself with an event that nobody waits for the answer of, written out.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"""


def function_key_statements(account: Account) -> list[Statement]:
    """What the policy of the functions' key must hold: Lambda encrypts and reads packages in its own name.

    For variables it takes a grant, with the permissions of whoever deploys; for packages it takes none.
    https://docs.aws.amazon.com/lambda/latest/dg/encrypt-zip-package.html
    """
    return [
        Statement(
            sid="Packages",
            actions=["kms:GenerateDataKey", "kms:Decrypt"],
            resources=["*"],
            principal={"Service": "lambda.amazonaws.com"},
            condition={
                "StringLike": {"kms:EncryptionContext:aws:lambda:FunctionArn": account.arn("lambda", "function:*")}
            },
        )
    ]


_INTERFACE_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)


class Function(Construct):
    """A function with a role, a log group and, where callers do not wait, a queue for the events that it failed at.

    key_arn: for its variables and its package; the key's policy holds `function_key_statements`.
    access: the tables and buckets that it may use.
    queue_key_arn: for the queue; None where whoever calls it waits for the answer, and there is none.
    environment, statements: variables, and what it may do, besides.
    subnet_ids, security_group_ids: where it is in the VPC; left out, it is outside of it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        names: Names,
        settings: Settings,
        account: Account,
        key_arn: str,
        log_key_arn: str,
        queue_key_arn: str | None,
        access: Sequence[Access] = (),
        environment: Mapping[str, str] | None = None,
        statements: Sequence[Statement] = (),
        subnet_ids: Sequence[str] = (),
        security_group_ids: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, id)
        self._part = name
        self._names = names
        self._settings = settings
        self._account = account
        self.name = names.of(Kind.FUNCTION, name)
        self._log_group = self._build_log_group(log_key_arn)
        self._failed_events = self._build_queue(queue_key_arn) if queue_key_arn else None
        self._vpc = (
            LambdaFunctionVpcConfig(subnet_ids=list(subnet_ids), security_group_ids=list(security_group_ids))
            if subnet_ids
            else None
        )
        self._role = self._build_role()
        policy = self._build_policy(
            [
                *self._running_statements(key_arn),
                *(self._failing_statements(queue_key_arn) if queue_key_arn else ()),
                *(statement for each in access for statement in each.task_statements),
                *statements,
                *(self._network_statements() if self._vpc else ()),
            ]
        )
        policies = [policy, *([self._build_network_policy()] if self._vpc else [])]
        variables = {**joined(each.environment for each in access), **(environment or {})}
        self._function = self._build_function(key_arn, variables, policies)
        if self._failed_events:
            self._build_event_handling(self._failed_events)
        self._route: FunctionRoute | None = None

    @property
    def arn(self) -> str:
        return self._function.arn

    @property
    def deployed_name(self) -> str:
        """Its name, for which whoever uses it waits for the function."""
        return self._function.function_name

    @property
    def role_arn(self) -> str:
        return self._role.arn

    @property
    def log_group_name(self) -> str:
        return self._log_group.name

    @property
    def dead_letter_queue_arn(self) -> str | None:
        """Where events go that nobody waited for and that failed every time. None where everybody waits."""
        return self._failed_events.arn if self._failed_events else None

    @property
    def dead_letter_queue_url(self) -> str | None:
        return self._failed_events.url if self._failed_events else None

    @property
    def target_group_arn(self) -> str | None:
        """None as long as it has no route."""
        return self._route.target_group_arn if self._route else None

    def add_route(self, *, listener_arn: str, priority: int, load_balancer_arn_suffix: str) -> None:
        """Sends the requests of its paths and hosts to it. priority: place at the listener, 1 to 50,000."""
        self._route = FunctionRoute(
            self,
            "route",
            name=self._part,
            names=self._names,
            settings=self._settings,
            account=self._account,
            function_name=self.deployed_name,
            function_arn=self.arn,
            listener_arn=listener_arn,
            priority=priority,
            load_balancer_arn_suffix=load_balancer_arn_suffix,
        )

    def alarms(self) -> list[Alarm]:
        return [
            *self._invocation_alarms(),
            *([self._failed_alarm()] if self._failed_events else []),
            *(self._route.alarms() if self._route else ()),
        ]

    def _build_log_group(self, log_key_arn: str) -> CloudwatchLogGroup:
        return CloudwatchLogGroup(
            self,
            "log_group",
            name=self._names.of(Kind.LOG_GROUP, self._part, "application"),
            retention_in_days=self._settings.log_retention_days,
            kms_key_id=log_key_arn,
        )

    def _build_queue(self, queue_key_arn: str) -> SqsQueue:
        queue = SqsQueue(
            self,
            "failed_events",
            name=self._names.of(Kind.QUEUE, self._part, "failed"),
            kms_master_key_id=queue_key_arn,
            message_retention_seconds=_FAILED_EVENT_SECONDS,
        )
        SqsQueuePolicy(self, "failed_events_policy", queue_url=queue.url, policy=document(_only_tls(queue.arn)))
        return queue

    def _build_role(self) -> IamRole:
        return IamRole(
            self,
            "role",
            name=self._names.of(Kind.IAM_ROLE, self._part, "function"),
            description=f"The function {self._part}",
            assume_role_policy=trust("lambda.amazonaws.com", account_id=self._account.id),
        )

    def _build_policy(self, statements: Sequence[Statement]) -> IamRolePolicy:
        return IamRolePolicy(
            self,
            "policy",
            name=self._names.of(Kind.IAM_ROLE, self._part, "function"),
            role=self._role.id,
            policy=document(*distinct(statements)),
        )

    def _build_network_policy(self) -> IamRolePolicyAttachment:
        """Lambda makes network interfaces with the function's role, and no policy can name them beforehand.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
        """
        return IamRolePolicyAttachment(
            self,
            "network_policy",
            role=self._role.name,
            policy_arn=f"arn:{self._account.partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
        )

    def _network_statements(self) -> list[Statement]:
        """The code itself has no use for that.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
        """
        return [
            Statement(
                sid="NoInterfacesByCode",
                effect="Deny",
                actions=_INTERFACE_ACTIONS,
                resources=["*"],
                condition={"ArnEquals": {"lambda:SourceFunctionArn": self._own_arn}},
            )
        ]

    @property
    def _own_arn(self) -> str:
        """Before it is there."""
        return self._account.arn("lambda", f"function:{self.name}")

    def _running_statements(self, key_arn: str) -> list[Statement]:
        return [
            # The group is there: one that Lambda made again after a destroy would have neither end nor key.
            Statement(
                sid="WriteLogs",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[f"{self._log_group.arn}:*"],
            ),
            # Lambda's grant on the key is for the role as it was when the function was made. A role that was replaced
            # since then, of the same name, would leave the function unable to start.
            # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
            Statement(
                sid="DecryptVariables",
                actions=["kms:Decrypt"],
                resources=[key_arn],
                condition={"StringEquals": {"kms:EncryptionContext:aws:lambda:FunctionArn": self._own_arn}},
            ),
        ]

    def _failing_statements(self, queue_key_arn: str) -> list[Statement]:
        """Lambda keeps failed events in the function's own name.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
        """
        return [
            Statement(sid="KeepFailedEvents", actions=["sqs:SendMessage"], resources=[str(self.dead_letter_queue_arn)]),
            Statement(
                sid="EncryptFailedEvents",
                actions=["kms:GenerateDataKey", "kms:Decrypt"],
                resources=[queue_key_arn],
                condition={"StringLike": {"kms:ViaService": "sqs.*.amazonaws.com"}},
            ),
        ]

    def _build_function(
        self, key_arn: str, variables: Mapping[str, str], policies: Sequence[ITerraformDependable]
    ) -> LambdaFunction:
        """Callers get what was deployed last: without versions, going back is deploying what was there before.

        A version stays until somebody deletes it and counts against the account's storage, and an alias would only
        ever name the newest.
        """
        settings = self._settings
        code = FunctionCode(self, "code", folder=settings.folder)
        return LambdaFunction(
            self,
            "function",
            function_name=self.name,
            description=f"The function {self._part}",
            role=self.role_arn,
            runtime=settings.runtime,
            architectures=[settings.architecture],
            handler=f"{HANDLER_FILE.removesuffix('.py')}.{settings.handler}",
            filename=code.path,
            source_code_hash=code.hash,
            source_kms_key_arn=key_arn,
            memory_size=settings.memory_mb,
            timeout=settings.timeout_seconds,
            reserved_concurrent_executions=settings.reserved_concurrency,
            environment=LambdaFunctionEnvironment(
                variables={
                    **{variable: literal(value) for variable, value in settings.environment.items()},
                    **variables,
                    "SERVICE_NAME": self._part,
                }
            ),
            kms_key_arn=key_arn,
            vpc_config=self._vpc,
            logging_config=LambdaFunctionLoggingConfig(
                log_format="JSON",
                log_group=self.log_group_name,
                application_log_level="INFO",
                system_log_level="INFO",
            ),
            # Nothing else here makes traces, so the function's would tell no more than its metrics and logs; and the
            # permission to send them has no narrower resource than all.
            tracing_config=LambdaFunctionTracingConfig(mode="PassThrough"),
            # What calls it waits for it, and it must not be called before it may do its work.
            depends_on=policies,
        )

    def _build_event_handling(self, queue: SqsQueue) -> None:
        """By a destination, not a dead-letter queue of the old kind, which is told the event but not the error.

        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        LambdaFunctionEventInvokeConfig(
            self,
            "event_handling",
            function_name=self.deployed_name,
            maximum_event_age_in_seconds=_EVENT_AGE_SECONDS,
            maximum_retry_attempts=_EVENT_RETRIES,
            destination_config=LambdaFunctionEventInvokeConfigDestinationConfig(
                on_failure=LambdaFunctionEventInvokeConfigDestinationConfigOnFailure(destination=queue.arn)
            ),
        )

    def _invocation_alarms(self) -> list[Alarm]:
        """https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html"""
        settings, dimensions = self._settings, {"FunctionName": self.name}
        milliseconds = settings.timeout_seconds * 1000 * settings.alarms.duration_percent / 100
        return [
            Alarm(
                unit=self._part,
                role="errors",
                namespace="AWS/Lambda",
                metric="Errors",
                statistic="Sum",
                threshold=settings.alarms.error_count,
                dimensions=dimensions,
                why=f"Invocations fail: the code raises, or does not end within {settings.timeout_seconds} s. The log"
                f" group {self._names.of(Kind.LOG_GROUP, self._part, 'application')} holds the errors, at level ERROR.",
            ),
            Alarm(
                unit=self._part,
                role="duration",
                namespace="AWS/Lambda",
                metric="Duration",
                statistic="Maximum",
                threshold=milliseconds,
                dimensions=dimensions,
                why=f"Invocations take more than {settings.alarms.duration_percent} % of the {settings.timeout_seconds}"
                " s after which Lambda ends them. Look at what the code waits for, then raise memory_mb, which brings"
                " processor with it, or timeout_seconds.",
            ),
            Alarm(
                unit=self._part,
                role="throttles",
                namespace="AWS/Lambda",
                metric="Throttles",
                statistic="Sum",
                threshold=0,
                dimensions=dimensions,
                why="Lambda turns invocations away: as many run as reserved_concurrency or the account's quota allows."
                " Raise the one that is reached, or look for a caller that calls too often.",
            ),
        ]

    def _failed_alarm(self) -> Alarm:
        """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"""
        queue = self._names.of(Kind.QUEUE, self._part, "failed")
        return Alarm(
            unit=self._part,
            role="failed",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            statistic="Maximum",
            threshold=0,
            dimensions={"QueueName": queue},
            why=f"Events failed every time and wait in the queue {queue}, with the error beside each, for 14 days. Mend"
            " the cause, invoke the function with them again, then delete them.",
        )


class FunctionRoute(Construct):
    """A function's place behind the load balancer: a target group of its own, the permission, and the listener rule.

    The load balancer's health checks are off, as AWS has them for functions: each would be an invocation to pay for,
    and there is no other target that requests could go to instead.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        names: Names,
        settings: Settings,
        account: Account,
        function_name: str,
        function_arn: str,
        listener_arn: str,
        priority: int,
        load_balancer_arn_suffix: str,
    ) -> None:
        super().__init__(scope, id)
        self._part = name
        self._settings = settings
        self._load_balancer_arn_suffix = load_balancer_arn_suffix
        self._target_group = LbTargetGroup(
            self, "target_group", name=names.of(Kind.TARGET_GROUP, name, "function"), target_type="lambda"
        )
        attachment = self._build_attachment(function_name, function_arn, account)
        listener_rule(
            self,
            names.of(Kind.FUNCTION, name),
            settings,
            listener_arn=listener_arn,
            priority=priority,
            # From the attachment: no request comes before there is a function to answer it.
            target_group_arn=attachment.target_group_arn,
        )

    @property
    def target_group_arn(self) -> str:
        return self._target_group.arn

    def alarms(self) -> list[Alarm]:
        """What no failed invocation tells of. Answers that the load balancer cannot use are in its own 5xx.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
        """
        return [
            Alarm(
                unit=self._part,
                role="5xx",
                namespace="AWS/ApplicationELB",
                metric="HTTPCode_Target_5XX_Count",
                statistic="Sum",
                threshold=self._settings.alarms.error_count,
                dimensions={
                    "TargetGroup": self._target_group.arn_suffix,
                    "LoadBalancer": self._load_balancer_arn_suffix,
                },
                why="The function itself answers with 5xx, in invocations that Lambda counts as good. Its logs tell"
                " what it could not do.",
            )
        ]

    def _build_attachment(self, function_name: str, function_arn: str, account: Account) -> LbTargetGroupAttachment:
        permission = LambdaPermission(
            self,
            "permission",
            statement_id="LoadBalancer",
            action="lambda:InvokeFunction",
            function_name=function_name,
            principal="elasticloadbalancing.amazonaws.com",
            source_arn=self.target_group_arn,
            source_account=account.id,
        )
        return LbTargetGroupAttachment(
            self,
            "attachment",
            target_group_arn=self.target_group_arn,
            target_id=function_arn,
            # A load balancer takes no function that it may not call.
            depends_on=[permission],
        )


def _only_tls(queue_arn: str) -> Statement:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html"""
    return Statement(
        sid="OnlyTls",
        effect="Deny",
        actions=["sqs:*"],
        resources=[queue_arn],
        principal="*",
        condition={"Bool": {"aws:SecureTransport": "false"}},
    )
