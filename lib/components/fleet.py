"""One fleet: EC2 instances that come and go with load, and their place behind the load balancer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.autoscaling_group import (
    AutoscalingGroup,
    AutoscalingGroupInstanceRefresh,
    AutoscalingGroupInstanceRefreshPreferences,
    AutoscalingGroupLaunchTemplate,
    AutoscalingGroupTag,
    AutoscalingGroupTimeouts,
)
from cdktf_cdktf_provider_aws.autoscaling_policy import (
    AutoscalingPolicy,
    AutoscalingPolicyTargetTrackingConfiguration,
    AutoscalingPolicyTargetTrackingConfigurationPredefinedMetricSpecification,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.iam_instance_profile import IamInstanceProfile
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from lib.components.access import Access, joined
from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.connections import Peer
from lib.components.fleet_alarms import fleet_alarms
from lib.components.launch_template import InstanceTemplate
from lib.components.ordering import start_after
from lib.components.policy import Statement, distinct, document
from lib.components.route import Route
from lib.components.user_data import user_data
from lib.naming import Kind, Names
from lib.settings.compute import Fleet as FleetSettings

_MANAGED_POLICIES = {"sessions": "AmazonSSMManagedInstanceCore", "agent": "CloudWatchAgentServerPolicy"}
"""Systems Manager, for sessions without a port or a key; the CloudWatch agent."""

_METRICS = (
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupMaxSize",
    "GroupMinSize",
    "GroupPendingInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
)
_LAUNCH_SECONDS = 600
"""What a launch takes at the most, up to the operating system's start."""


def disk_key_statements(account: Account) -> list[Statement]:
    """For the policy of the disks' key: whoever launches instances in this account has their disks encrypted.

    With Auto Scaling that is its service-linked role, which AWS makes with the account's first group: a policy that
    names it is refused until then. So this is the policy of AWS's own key for disks, which Auto Scaling needs nothing
    besides for, with grants for EBS alone.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
    https://github.com/hashicorp/terraform-provider-aws/issues/28644
    """
    by_ec2 = {"kms:CallerAccount": account.id, "kms:ViaService": f"ec2.{account.region}.amazonaws.com"}
    return [
        Statement(
            sid="Disks",
            actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            resources=["*"],
            principal={"AWS": "*"},
            condition={"StringEquals": by_ec2},
        ),
        Statement(
            sid="DiskGrants",
            actions=["kms:CreateGrant"],
            resources=["*"],
            principal={"AWS": "*"},
            condition={"StringEquals": by_ec2, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]


class Fleet(Construct):
    """Instances in an Auto Scaling group that are replaced one after the other when anything about them changes.

    priority: place of its rule at the listener, 1 to 50,000.
    disk_key_arn: a key whose policy holds `disk_key_statements`.
    tags: of instances, disks and network interfaces; the provider's default tags reach none of them.
    access: the stores that it may use; instances read the credentials by themselves.
    Its instances need the way out of the network and their open ports at their first boot: see `start_after`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        names: Names,
        settings: FleetSettings,
        account: Account,
        vpc_id: str,
        subnet_ids: Sequence[str],
        listener_arn: str,
        priority: int,
        load_balancer_arn_suffix: str,
        log_key_arn: str,
        disk_key_arn: str,
        tags: Mapping[str, str],
        access: Sequence[Access] = (),
    ) -> None:
        super().__init__(scope, id)
        self._name = name
        self._names = names
        self._settings = settings
        self._account = account
        self._load_balancer_arn_suffix = load_balancer_arn_suffix
        self._full_name = names.of(Kind.SCALING_GROUP, name)
        self._tags = {**tags, "Name": self._full_name}
        self._log_group = self._build_log_group(log_key_arn)
        self._role = self._build_role()
        policies = [*self._build_managed_policies(), *self._build_policy(access)]
        self._security_group = self._build_security_group(vpc_id)
        self._template = self._build_template(self._build_profile(), disk_key_arn, access)
        self._route = Route(
            self,
            "route",
            name=name,
            names=names,
            settings=settings,
            target_type="instance",
            vpc_id=vpc_id,
            listener_arn=listener_arn,
            priority=priority,
        )
        self._group = self._build_group(subnet_ids, [self._route.listener_rule, self._log_group, *policies])
        self._build_scaling()

    @property
    def group_name(self) -> str:
        return self._group.name

    @property
    def launch_template_id(self) -> str:
        return self._template.id

    @property
    def role_arn(self) -> str:
        return self._role.arn

    @property
    def target_group_arn(self) -> str:
        return self._route.target_group_arn

    @property
    def target_group_arn_suffix(self) -> str:
        return self._route.target_group_arn_suffix

    @property
    def log_group_name(self) -> str:
        return self._log_group.name

    @property
    def peer(self) -> Peer:
        return Peer(self._name, self._security_group.id)

    def start_after(self, *constructs: Construct) -> None:
        """No instance starts before all that is in `constructs` is there, and all instances end before it goes.

        For what no argument speaks of: routes and open ports. The first boot installs packages and is not repeated.
        """
        start_after(self._group, constructs)

    def alarms(self) -> list[Alarm]:
        return fleet_alarms(
            self._name,
            self._settings,
            group_name=self.group_name,
            load_balancer=self._load_balancer_arn_suffix,
            target_group=self.target_group_arn_suffix,
        )

    def _build_log_group(self, log_key_arn: str) -> CloudwatchLogGroup:
        """The agent would make it by itself, to keep for ever and without the key."""
        return CloudwatchLogGroup(
            self,
            "log_group",
            name=self._log_group_name,
            retention_in_days=self._settings.log_retention_days,
            kms_key_id=log_key_arn,
        )

    @property
    def _log_group_name(self) -> str:
        return self._names.of(Kind.LOG_GROUP, self._name, "application")

    def _build_role(self) -> IamRole:
        # Without aws:SourceAccount, on purpose: EC2 does not say for whom it takes on the role, and no instance would
        # get credentials. Who launches instances can only pass on roles of the own account.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
        # https://github.com/prowler-cloud/prowler/issues/2810
        trust = Statement(sid="Instances", actions=["sts:AssumeRole"], principal={"Service": "ec2.amazonaws.com"})
        return IamRole(
            self,
            "role",
            name=self._names.of(Kind.IAM_ROLE, self._name, "instance"),
            description=f"Instances of the fleet {self._name}",
            assume_role_policy=document(trust),
        )

    def _build_managed_policies(self) -> list[IamRolePolicyAttachment]:
        return [
            IamRolePolicyAttachment(
                self,
                f"{part}_policy",
                role=self._role.name,
                policy_arn=f"arn:{self._account.partition}:iam::aws:policy/{policy}",
            )
            for part, policy in _MANAGED_POLICIES.items()
        ]

    def _build_policy(self, access: Sequence[Access]) -> list[IamRolePolicy]:
        statements = [statement for each in access for statement in (*each.task_statements, *each.execution_statements)]
        if not statements:
            return []  # IAM takes no policy without a statement.
        return [
            IamRolePolicy(
                self,
                "policy",
                name=self._names.of(Kind.IAM_ROLE, self._name, "instance"),
                role=self._role.id,
                policy=document(*distinct(statements)),
            )
        ]

    def _build_profile(self) -> IamInstanceProfile:
        name = self._names.of(Kind.INSTANCE_PROFILE, self._name)
        return IamInstanceProfile(self, "profile", name=name, role=self._role.name, tags={"Name": name})

    def _build_security_group(self, vpc_id: str) -> SecurityGroup:
        # No rules here: the stack opens the edges, so that the connection matrix reads in one place.
        group_name = self._names.of(Kind.SECURITY_GROUP, self._name)
        return SecurityGroup(
            self,
            "security_group",
            name=group_name,
            description=f"Instances of the fleet {self._name}",
            vpc_id=vpc_id,
            tags={"Name": group_name},
        )

    def _build_template(
        self, profile: IamInstanceProfile, disk_key_arn: str, access: Sequence[Access]
    ) -> InstanceTemplate:
        return InstanceTemplate(
            self,
            "template",
            name=self._names.of(Kind.LAUNCH_TEMPLATE, self._name),
            settings=self._settings,
            instance_profile_arn=profile.arn,
            security_group_id=self._security_group.id,
            disk_key_arn=disk_key_arn,
            tags=self._tags,
            user_data=user_data(
                self._settings,
                name=self._name,
                environment=self._environment(access),
                group_name=self._full_name,
                log_group_name=self._log_group_name,
            ),
        )

    def _environment(self, access: Sequence[Access]) -> dict[str, str]:
        references = joined(each.secret_references for each in access)
        expected = {"EXPECTED_SECRETS": " ".join(sorted(references))}
        return {
            **self._settings.environment,
            **joined(each.environment for each in access),
            **references,
            # For the built-in application to report on.
            **(expected if references and self._settings.user_data is None else {}),
            "SERVICE_NAME": self._name,
            "PORT": str(self._settings.port),
            "AWS_REGION": self._account.region,
        }

    def _build_group(
        self, subnet_ids: Sequence[str], prerequisites: Sequence[ITerraformDependable]
    ) -> AutoscalingGroup:
        settings, scaling = self._settings, self._settings.scaling
        return AutoscalingGroup(
            self,
            "group",
            name=self._full_name,
            vpc_zone_identifier=list(subnet_ids),
            launch_template=AutoscalingGroupLaunchTemplate(id=self._template.id, version=self._template.version),
            # What runs between the two is scaling's to say.
            min_size=scaling.min_instances,
            max_size=scaling.max_instances,
            target_group_arns=[self.target_group_arn],
            health_check_type="ELB",
            health_check_grace_period=settings.health_check_grace_seconds,
            default_instance_warmup=scaling.warmup_seconds,
            # The first deployment fails when its instances do not get healthy.
            min_elb_capacity=scaling.min_instances,
            wait_for_capacity_timeout=f"{settings.health_check_grace_seconds + _LAUNCH_SECONDS}s",
            instance_refresh=self._refresh(),
            enabled_metrics=list(_METRICS),
            metrics_granularity="1Minute",
            tag=[
                AutoscalingGroupTag(key=key, value=self._tags[key], propagate_at_launch=True)
                for key in sorted(self._tags)
            ],
            timeouts=AutoscalingGroupTimeouts(delete=f"{settings.deregistration_delay_seconds + _LAUNCH_SECONDS}s"),
            depends_on=prerequisites,
        )

    def _refresh(self) -> AutoscalingGroupInstanceRefresh:
        """New instances before old ones go, a batch after the other; back to the old ones when they do not get healthy.

        https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
        """
        return AutoscalingGroupInstanceRefresh(
            strategy="Rolling",
            preferences=AutoscalingGroupInstanceRefreshPreferences(
                auto_rollback=True,
                instance_warmup=str(self._settings.scaling.warmup_seconds),
                min_healthy_percentage=100,
                max_healthy_percentage=150,
            ),
        )

    def _build_scaling(self) -> None:
        """Target tracking on each measure that has a value. The measure that asks for most instances decides."""
        scaling = self._settings.scaling
        if scaling.cpu_percent is not None:
            self._build_scaling_policy("cpu", "ASGAverageCPUUtilization", scaling.cpu_percent)
        if scaling.requests_per_target is not None:
            label = f"{self._load_balancer_arn_suffix}/{self.target_group_arn_suffix}"
            self._build_scaling_policy("requests", "ALBRequestCountPerTarget", scaling.requests_per_target, label)

    def _build_scaling_policy(self, part: str, metric: str, value: float, resource_label: str | None = None) -> None:
        AutoscalingPolicy(
            self,
            f"{part}_scaling",
            name=self._names.of(Kind.SCALING_POLICY, self._name, part),
            autoscaling_group_name=self.group_name,
            policy_type="TargetTrackingScaling",
            target_tracking_configuration=AutoscalingPolicyTargetTrackingConfiguration(
                target_value=value,
                predefined_metric_specification=AutoscalingPolicyTargetTrackingConfigurationPredefinedMetricSpecification(
                    predefined_metric_type=metric, resource_label=resource_label
                ),
            ),
        )
