"""Templates with one thing broken, and what the check that is there for it must name."""

from tests.templates.defects import (
    alarms,
    connections,
    deployments,
    integrity,
    limits,
    names,
    permissions,
    programs,
    protection,
    regions,
    routing,
    starting,
    subnets,
    tags,
)
from tests.templates.defects.seeding import DEFECTS, Defect

__all__ = [
    "DEFECTS",
    "Defect",
    "alarms",
    "connections",
    "deployments",
    "integrity",
    "limits",
    "names",
    "permissions",
    "programs",
    "protection",
    "regions",
    "routing",
    "starting",
    "subnets",
    "tags",
]
