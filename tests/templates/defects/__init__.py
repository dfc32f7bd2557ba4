"""Templates with one thing broken, and what the check that is there for it must name."""

from tests.templates.defects import alarms, connections, integrity, names, permissions, protection
from tests.templates.defects.seeding import DEFECTS, Defect

__all__ = ["DEFECTS", "Defect", "alarms", "connections", "integrity", "names", "permissions", "protection"]
