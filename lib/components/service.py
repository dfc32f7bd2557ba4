"""One service: its tasks on Fargate, their place behind the load balancer, their name for other services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import Op, Postcondition, TerraformResourceLifecycle, TerraformSelf
from cdktf_cdktf_provider_aws.ecs_service import (
    EcsService,
    EcsServiceCapacityProviderStrategy,
    EcsServiceDeploymentCircuitBreaker,
    EcsServiceLoadBalancer,
    EcsServiceNetworkConfiguration,
    EcsServiceServiceConnectConfiguration,
    EcsServiceServiceConnectConfigurationLogConfiguration,
    EcsServiceServiceConnectConfigurationService,
    EcsServiceServiceConnectConfigurationServiceClientAlias,
)
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from lib.components.access import Access, joined
from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.autoscaling import Autoscaling, service_tasks
from lib.components.cluster import Cluster
from lib.components.connections import Peer
from lib.components.container import PORT_NAME, log_options, platform_environment, responder_environment
from lib.components.file_storage import FileStorage
from lib.components.ordering import start_after
from lib.components.policy import Statement
from lib.components.route import Route
from lib.components.service_alarms import service_alarms
from lib.components.task_definition import TaskDefinition
from lib.components.text import literal
from lib.naming import Kind, Names
from lib.settings.services import Service as ServiceSettings


class Service(Construct):
    """A service that deploys without a gap, goes back by itself when a deployment fails, and says so.

    priority: place of its rule at the listener, 1 to 50,000.
    access: the stores that it may use.
    secrets: variable -> `valueFrom`, beside those of the stores; secret_statements: what reading them takes.
    files: the file system that `settings.mounts` speak of.
    calls: variable -> URL of another service.
    Its tasks need the way out of the network and their open ports before they start: see `start_after`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        names: Names,
        settings: ServiceSettings,
        account: Account,
        cluster: Cluster,
        vpc_id: str,
        subnet_ids: Sequence[str],
        listener_arn: str,
        priority: int,
        load_balancer_arn_suffix: str,
        log_key_arn: str,
        access: Sequence[Access] = (),
        secrets: Mapping[str, str] | None = None,
        secret_statements: Sequence[Statement] = (),
        files: FileStorage | None = None,
        calls: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id)
        self._name = name
        self._names = names
        self._settings = settings
        self._account = account
        self._cluster = cluster
        self._load_balancer_arn_suffix = load_balancer_arn_suffix
        self._security_group = self._build_security_group(vpc_id)
        self._task_definition = self._build_task_definition(
            access=access,
            secrets=secrets or {},
            secret_statements=secret_statements,
            files=files if settings.mounts else None,
            calls=calls or {},
            log_key_arn=log_key_arn,
        )
        self._route = Route(
            self,
            "route",
            name=name,
            names=names,
            settings=settings,
            target_type="ip",
            vpc_id=vpc_id,
            listener_arn=listener_arn,
            priority=priority,
        )
        self._service = self._build_service(subnet_ids)
        self._build_autoscaling()

    @property
    def name(self) -> str:
        return self._service.name

    @property
    def arn(self) -> str:
        return self._service.arn

    @property
    def task_role_arn(self) -> str:
        return self._task_definition.task_role_arn

    @property
    def task_definition_arn(self) -> str:
        return self._task_definition.arn

    @property
    def target_group_arn(self) -> str:
        return self._route.target_group_arn

    @property
    def target_group_arn_suffix(self) -> str:
        return self._route.target_group_arn_suffix

    @property
    def log_group_name(self) -> str:
        return self._task_definition.log_group_name

    @property
    def peer(self) -> Peer:
        return Peer(self._name, self._security_group.id)

    def start_after(self, *constructs: Construct) -> None:
        """No task starts before all that is in `constructs` is there, and all tasks end before it goes.

        For what no argument speaks of: routes, open ports, and the services that this one calls. Service Connect
        makes a service known only to tasks that start after it:
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
        """
        start_after(self._service, constructs)

    def alarms(self) -> list[Alarm]:
        return service_alarms(
            self._name,
            self._settings,
            cluster_name=self._cluster.name,
            service_name=self.name,
            has_insights=self._cluster.has_insights,
            load_balancer=self._load_balancer_arn_suffix,
            target_group=self.target_group_arn_suffix,
        )

    def _build_security_group(self, vpc_id: str) -> SecurityGroup:
        group_name = self._names.of(Kind.SECURITY_GROUP, self._name)
        return SecurityGroup(
            self,
            "security_group",
            name=group_name,
            description=f"Tasks of the service {self._name}",
            vpc_id=vpc_id,
            tags={"Name": group_name},
        )

    def _build_task_definition(
        self,
        *,
        access: Sequence[Access],
        secrets: Mapping[str, str],
        secret_statements: Sequence[Statement],
        files: FileStorage | None,
        calls: Mapping[str, str],
        log_key_arn: str,
    ) -> TaskDefinition:
        settings = self._settings
        all_secrets = {**secrets, **joined(each.secrets for each in access)}
        task_statements = [statement for each in access for statement in each.task_statements]
        if files is not None:
            task_statements += files.task_statements(read_only=all(mount.read_only for mount in settings.mounts))
        if settings.execute_command:
            task_statements += self._cluster.session_statements()
        return TaskDefinition(
            self,
            "tasks",
            name=self._name,
            names=self._names,
            settings=settings,
            account=self._account,
            log_key_arn=log_key_arn,
            environment={
                **{variable: literal(value) for variable, value in settings.environment.items()},
                **joined(each.environment for each in access),
                **calls,
                **platform_environment(settings, name=self._name, region=self._account.region),
                **responder_environment(settings, all_secrets),
            },
            secrets=all_secrets,
            execution_statements=[
                *secret_statements,
                *(statement for each in access for statement in each.execution_statements),
            ],
            task_statements=task_statements,
            files=files,
        )

    def _build_service(self, subnet_ids: Sequence[str]) -> EcsService:
        settings = self._settings
        service_name = self._names.of(Kind.SERVICE, self._name)
        return EcsService(
            self,
            "service",
            name=service_name,
            cluster=self._cluster.arn,
            task_definition=self.task_definition_arn,
            desired_count=settings.scaling.min_tasks,
            capacity_provider_strategy=self._capacity_strategy(),
            # The provider refuses another strategy without it.
            # https://github.com/hashicorp/terraform-provider-aws/issues/44776
            force_new_deployment=True,
            network_configuration=EcsServiceNetworkConfiguration(
                subnets=list(subnet_ids), security_groups=[self._security_group.id], assign_public_ip=False
            ),
            load_balancer=[
                EcsServiceLoadBalancer(
                    target_group_arn=self.target_group_arn, container_name=self._name, container_port=settings.port
                )
            ],
            service_connect_configuration=self._service_connect(),
            health_check_grace_period_seconds=settings.health_check_grace_seconds,
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker=EcsServiceDeploymentCircuitBreaker(enable=True, rollback=True),
            availability_zone_rebalancing="ENABLED",
            enable_execute_command=settings.execute_command,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=True,
            tags={"Name": service_name},
            lifecycle=self._lifecycle(),
            depends_on=[
                self._route.listener_rule,
                self._cluster.capacity_providers,
                *self._task_definition.prerequisites,
            ],
        )

    def _capacity_strategy(self) -> list[EcsServiceCapacityProviderStrategy]:
        """Written out also where it is the cluster's: left out, the provider sees the default as a change.

        https://github.com/hashicorp/terraform-provider-aws/issues/44776
        """
        return [
            EcsServiceCapacityProviderStrategy(
                capacity_provider=provider.name, base=provider.base, weight=provider.weight
            )
            for provider in self._settings.capacity or self._cluster.capacity
        ]

    def _service_connect(self) -> EcsServiceServiceConnectConfiguration:
        return EcsServiceServiceConnectConfiguration(
            enabled=True,
            namespace=self._cluster.namespace_arn,
            service=[
                EcsServiceServiceConnectConfigurationService(
                    port_name=PORT_NAME,
                    discovery_name=self._name,
                    client_alias=EcsServiceServiceConnectConfigurationServiceClientAlias(
                        dns_name=self._name, port=self._settings.port
                    ),
                )
            ],
            log_configuration=EcsServiceServiceConnectConfigurationLogConfiguration(
                log_driver="awslogs",
                options=log_options(self._task_definition.proxy_log_group_name, self._account.region, self._name),
            ),
        )

    def _lifecycle(self) -> TerraformResourceLifecycle:
        """Autoscaling owns the count. A service that went back to its last revision is steady, too, and no success.

        https://github.com/hashicorp/terraform-provider-aws/issues/20858
        """
        return TerraformResourceLifecycle(
            ignore_changes=["desired_count"],
            postcondition=[
                Postcondition(
                    condition=Op.eq(TerraformSelf.get_any("task_definition"), self.task_definition_arn),
                    error_message=(
                        f"The deployment of {self._name} failed and ECS went back to the last one."
                        " The service's events and logs say why."
                    ),
                )
            ],
        )

    def _build_autoscaling(self) -> None:
        Autoscaling(
            self,
            "autoscaling",
            name=self._name,
            names=self._names,
            scaled=service_tasks(
                self._settings.scaling,
                called=self._names.of(Kind.SERVICE, self._name),
                cluster_name=self._cluster.name,
                service_name=self.name,
                request_label=f"{self._load_balancer_arn_suffix}/{self.target_group_arn_suffix}",
                attached=self._route.listener_rule,
            ),
        )
