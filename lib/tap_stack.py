"""TapStack: the whole platform as one stack. What it consists of reads here; who may talk to whom in lib/wiring.py."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from constructs import Construct

from lib.backend import use_state_backend
from lib.components.account import Account
from lib.components.alarms import Alarms
from lib.components.dashboard import Dashboard
from lib.naming import Names
from lib.outputs import add_outputs
from lib.settings import Settings, completed
from lib.settings.edge import EDGE_REGION
from lib.units import base, compute, entry, stores
from lib.units.boundary import bound_roles
from lib.wiring import connect

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
        self.tags = {
            "Environment": self.settings.tier,
            "EnvironmentSuffix": self.settings.suffix,
            "Project": self.settings.name,
            "ManagedBy": "cdktf",
            **self.settings.tags,
        }
        self._configure_terraform(state_bucket, state_bucket_region)
        self._build_entry()
        self._build_stores()
        self._build_cdn()
        self._build_compute()
        connect(self)
        self._watch()
        bound_roles(self)
        add_outputs(self)

    def _configure_terraform(self, state_bucket: str | None, state_bucket_region: str | None) -> None:
        region = self.settings.region
        use_state_backend(self, self.names, bucket=state_bucket, region=state_bucket_region or region)
        self.add_override("terraform.required_version", TERRAFORM_VERSION)
        AwsProvider(self, "aws", region=region, default_tags=[AwsProviderDefaultTags(tags=self.tags)])

    def _build_entry(self) -> None:
        settings = self.settings
        self.account = Account(self, "account", region=settings.region)
        self.log_key = base.log_key(self)
        self.network = base.network(self)
        self.log_bucket = entry.log_bucket(self)
        self.load_balancer = entry.load_balancer(self)
        self.firewall = entry.firewall(self, settings.firewall) if settings.firewall else None
        self.http_api = entry.http_api(self, settings.http_api) if settings.http_api else None

    def _build_stores(self) -> None:
        settings = self.settings
        self.secrets = stores.secrets(self) if settings.secrets else None
        self.database = stores.database(self, settings.database) if settings.database else None
        self.function_key = base.function_key(self)
        self.rotation = (
            stores.rotation(self, settings.database, self.database, self.function_key)
            if settings.database and self.database and self.function_key and settings.users_of("database")
            else None
        )
        self.cache = stores.cache(self, settings.cache) if settings.cache else None
        self.files = stores.files(self, settings.files) if settings.files else None
        self.tables = stores.tables(self)
        self.buckets = stores.buckets(self)

    def _build_cdn(self) -> None:
        """Files at the edge, and in us-east-1 what CloudFront looks for and reports to there."""
        settings, cdn = self.settings, self.settings.cdn
        has_firewall = cdn and cdn.firewall and settings.firewall
        is_elsewhere = settings.region != EDGE_REGION
        self.edge_key = base.edge_key(self) if cdn and is_elsewhere else None
        self.edge_notifications = base.edge_notifications(self, self.edge_key) if self.edge_key else None
        self.cdn_firewall = entry.cdn_firewall(self, settings.firewall) if has_firewall and settings.firewall else None
        self.cdn = entry.cdn(self, cdn) if cdn else None

    def _build_compute(self) -> None:
        self.cluster = compute.cluster(self) if self.settings.services else None
        self.services = compute.services(self, self.cluster) if self.cluster else {}
        self.fleets = compute.fleets(self)
        self.functions = compute.functions(self)

    def _watch(self) -> None:
        """Alarms of every unit, failed deployments beside them, told to the topics and shown on the dashboard."""
        self.notifications = base.notifications(self)
        watched = (
            *self.services.values(),
            *self.fleets.values(),
            *self.functions.values(),
            self.load_balancer,
            self.http_api,
            self.cdn,
            self.firewall,
            self.cdn_firewall,
            self.cache,
            self.database,
            self.rotation,
            *self.tables.values(),
            self.files,
            self.network,
            base.deployment_events(self),
            self.notifications,
            self.edge_notifications,
        )
        alarms = [alarm for unit in watched if unit for alarm in unit.alarms()]
        topic_arns = {self.settings.region: self.notifications.topic_arn}
        if self.edge_notifications:
            topic_arns[EDGE_REGION] = self.edge_notifications.topic_arn
        region = self.settings.region
        self.alarms = Alarms(self, "alarms", names=self.names, region=region, topic_arns=topic_arns, alarms=alarms)
        self.dashboard = Dashboard(
            self, "dashboard", names=self.names, region=region, alarms=alarms, alarm_arns=self.alarms.arns
        )
