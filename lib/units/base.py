"""What everything else stands on: keys, the network, who hears of trouble."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lib.components.function import function_key_statements
from lib.components.keys import Key, for_alarms, for_logs, for_notifications
from lib.components.network import Network
from lib.components.notifications import DeploymentEvents, Notifications
from lib.components.policy import Statement
from lib.settings.edge import EDGE_REGION

if TYPE_CHECKING:
    from lib.tap_stack import TapStack


def key(
    stack: TapStack,
    part: str,
    purpose: str,
    service_statements: Sequence[Statement] = (),
    *,
    region: str | None = None,
) -> Key:
    """A key for one kind of data. region: another one than the stack's."""
    return Key(
        stack,
        f"{part}_key",
        names=stack.names,
        part=part,
        purpose=purpose,
        account=stack.account,
        deletion_window_days=stack.settings.removal.key_deletion_window_days,
        service_statements=service_statements,
        region=region,
    )


def function_key(stack: TapStack) -> Key | None:
    """None where there is no function."""
    if not (stack.settings.functions or stack.settings.users_of("database")):
        return None
    statements = function_key_statements(stack.account)
    return key(stack, "functions", "variables, packages and failed events of functions", statements)


def log_key(stack: TapStack) -> Key:
    return key(stack, "logs", "log groups and sessions", for_logs(stack.account))


def network(stack: TapStack) -> Network:
    return Network(
        stack,
        "network",
        names=stack.names,
        settings=stack.settings.network,
        account=stack.account,
        log_key_arn=stack.log_key.arn,
    )


def notifications(stack: TapStack) -> Notifications:
    statements = for_notifications(stack.account)
    return Notifications(
        stack,
        "notifications",
        names=stack.names,
        emails=stack.settings.notifications.emails,
        key_arn=key(stack, "notifications", "messages about alarms and deployments", statements).arn,
        account=stack.account,
    )


def edge_key(stack: TapStack) -> Key:
    """One for all that CloudFront needs in us-east-1."""
    statements = [*for_logs(stack.account, EDGE_REGION), *for_alarms(stack.account, EDGE_REGION)]
    return key(stack, "edge", "logs and messages about alarms of the CDN", statements, region=EDGE_REGION)


def edge_notifications(stack: TapStack, edge_key: Key) -> Notifications:
    """The CDN reports to us-east-1, and an alarm tells a topic of its own region only."""
    return Notifications(
        stack,
        "edge_notifications",
        names=stack.names,
        emails=stack.settings.notifications.emails,
        key_arn=edge_key.arn,
        account=stack.account,
        prefix="edge",
        region=EDGE_REGION,
        takes_events=False,
    )


def deployment_events(stack: TapStack) -> DeploymentEvents | None:
    """None where there is nothing that is deployed bit by bit: functions alone."""
    if not (stack.cluster or stack.fleets):
        return None
    return DeploymentEvents(
        stack,
        "deployment_events",
        names=stack.names,
        cluster_name=stack.cluster.name if stack.cluster else None,
        group_names=[fleet.group_name for fleet in stack.fleets.values()],
        account=stack.account,
        topic_arn=stack.notifications.topic_arn,
    )
