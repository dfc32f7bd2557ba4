"""TapStack: the whole platform as one stack. What it consists of, and who may talk to whom, reads here in one place."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from constructs import Construct

from lib import units
from lib.backend import use_state_backend
from lib.components.account import Account
from lib.components.alarms import Alarms
from lib.components.connections import Connections
from lib.components.dashboard import Dashboard
from lib.components.file_storage import NFS_PORT
from lib.components.notifications import DeploymentEvents
from lib.naming import Names
from lib.outputs import add_outputs
from lib.settings import Settings, completed

TERRAFORM_VERSION = ">= 1.11.0"
"""The first with ephemeral resources and write-only arguments, which keep secret values out of the state.
https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only"""


class TapStack(TerraformStack):
    """A platform as its settings describe it.

    environment_suffix: names the environment (`dev`, `prod-eu`, `pr-42`); every physical name carries it.
    state_bucket, state_bucket_region: S3 bucket of the Terraform state; a local file without it.
    aws_region: where to build; left out, AWS_REGION, lib/AWS_REGION or metadata.json decide.
    default_tags: `{"tags": {...}}`, laid over the common tags.
    settings: finished settings in place of those that TAP_BLUEPRINT names.
    Raises lib.settings.SettingsError, which lists every wrong value.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        environment_suffix: str,
        state_bucket: str | None = None,
        state_bucket_region: str | None = None,
        aws_region: str | None = None,
        default_tags: Mapping[str, Mapping[str, str]] | None = None,
        settings: Settings | None = None,
    ) -> None:
        super().__init__(scope, id)
        tags = (default_tags or {}).get("tags", {})
        self.settings = completed(settings, environment_suffix, aws_region=aws_region, tags=tags)
        self.names = Names(self.settings.name, self.settings.suffix)
        self._configure_terraform(state_bucket, state_bucket_region)
        self._build()
        self._open_to_the_internet()
        for name in self.services:
            self._connect(name)
        self._watch()
        add_outputs(self)

    def _configure_terraform(self, state_bucket: str | None, state_bucket_region: str | None) -> None:
        region = self.settings.region
        use_state_backend(self, self.names, bucket=state_bucket, region=state_bucket_region or region)
        self.add_override("terraform.required_version", TERRAFORM_VERSION)
        common = {
            "Environment": self.settings.tier,
            "EnvironmentSuffix": self.settings.suffix,
            "Project": self.settings.name,
            "ManagedBy": "cdktf",
        }
        tags = AwsProviderDefaultTags(tags=common | dict(self.settings.tags))
        AwsProvider(self, "aws", region=region, default_tags=[tags])

    def _build(self) -> None:
        settings = self.settings
        self.account = Account(self, "account", region=settings.region)
        self.log_key = units.log_key(self)
        self.network = units.network(self)
        self.load_balancer = units.load_balancer(self)
        self.firewall = units.firewall(self, settings.firewall) if settings.firewall else None
        self.secrets = units.secrets(self) if settings.secrets else None
        self.database = units.database(self, settings.database) if settings.database else None
        self.cache = units.cache(self, settings.cache) if settings.cache else None
        self.files = units.files(self, settings.files) if settings.files else None
        self.cluster = units.cluster(self)
        self.services = {name: units.service(self, name) for name in settings.services}
        self.notifications = units.notifications(self)

    def _open_to_the_internet(self) -> None:
        edges = Connections(self, "internet_connections")
        for port in self.load_balancer.ports:
            edges.allow_from_internet(self.load_balancer.peer, port=port, why="requests of users")

    def _connect(self, name: str) -> None:
        """The edges of one service: all that it may be reached by, and all that it may reach."""
        service, settings = self.services[name], self.settings.services[name]
        edges = Connections(self, f"{name}_connections")
        edges.allow(self.load_balancer.peer, service.peer, port=settings.port, why="requests and health checks")
        edges.allow_to_internet(service.peer, port=443, why="image registries and AWS APIs, through NAT")
        for store in units.stores(self, name):
            for port in store.ports:
                edges.allow(service.peer, store.peer, port=port, why=f"data in the {store.peer.name}")
        if self.files and settings.mounts:
            edges.allow(service.peer, self.files.peer, port=NFS_PORT, why="shared files over TLS")
        for callee in settings.calls:
            port = self.settings.services[callee].port
            edges.allow(service.peer, self.services[callee].peer, port=port, why="calls through Service Connect")
        service.start_after(edges, *([self.secrets] if self.secrets else []))
        for callee in settings.calls:
            service.start_after(self.services[callee])

    def _watch(self) -> None:
        """Alarms of every unit, failed deployments beside them, told to the topic and shown on the dashboard."""
        topic_arn = self.notifications.topic_arn
        events = DeploymentEvents(
            self,
            "deployment_events",
            names=self.names,
            cluster_name=self.cluster.name,
            account=self.account,
            topic_arn=topic_arn,
        )
        optional = (self.firewall, self.cache, self.database, self.files)
        watched = (*self.services.values(), self.load_balancer, *(unit for unit in optional if unit), self.network)
        alarms = [alarm for unit in (*watched, events, self.notifications) for alarm in unit.alarms()]
        self.alarms = Alarms(self, "alarms", names=self.names, topic_arn=topic_arn, alarms=alarms)
        self.dashboard = Dashboard(
            self,
            "dashboard",
            names=self.names,
            region=self.settings.region,
            alarms=alarms,
            alarm_arns=self.alarms.arns,
        )
