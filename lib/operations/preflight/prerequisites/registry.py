"""All prerequisites, in the order in which they are told."""

from lib.operations.preflight.prerequisites.artifacts import ARTIFACTS
from lib.operations.preflight.prerequisites.edge import EDGE
from lib.operations.preflight.prerequisites.names import NAMES
from lib.operations.preflight.prerequisites.place import PLACE
from lib.operations.preflight.prerequisites.roles import ROLES

PREREQUISITES = (*PLACE.all, *EDGE.all, *ARTIFACTS.all, *ROLES.all, *NAMES.all)
