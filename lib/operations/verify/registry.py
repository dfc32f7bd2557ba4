"""Every check there is, once, in the order in which a reader meets the parts of the platform."""

from __future__ import annotations

from lib.operations.verify.check import Check, Unit
from lib.operations.verify.units import (
    alarms,
    autoscaling,
    buckets,
    cache,
    cdn,
    connections,
    dashboard,
    database,
    deployed,
    files,
    firewall,
    fleets,
    functions,
    http_api,
    keys,
    load_balancer,
    logs,
    network,
    protection,
    roles,
    rotation,
    secrets,
    services,
    tables,
    tags,
)

UNITS: tuple[Unit, ...] = (
    deployed.UNIT,
    network.UNIT,
    connections.UNIT,
    load_balancer.UNIT,
    firewall.UNIT,
    http_api.UNIT,
    cdn.UNIT,
    services.UNIT,
    fleets.UNIT,
    autoscaling.UNIT,
    functions.UNIT,
    cache.UNIT,
    database.UNIT,
    rotation.UNIT,
    files.UNIT,
    secrets.UNIT,
    tables.UNIT,
    buckets.UNIT,
    keys.UNIT,
    logs.UNIT,
    roles.UNIT,
    alarms.UNIT,
    dashboard.UNIT,
    tags.UNIT,
    protection.UNIT,
)
CHECKS: tuple[Check, ...] = tuple(check for unit in UNITS for check in unit.checks)
FIRST: tuple[Check, ...] = tuple(deployed.UNIT.checks)
"""Where one of these does not hold, the others would only say the same in many ways."""
