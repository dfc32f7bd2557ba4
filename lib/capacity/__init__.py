"""How many users a platform carries, computed from its settings. Nothing in here imports cdktf or asks AWS."""

from lib.capacity.assumptions import Assumptions
from lib.capacity.report import Report, report, reports

__all__ = ["Assumptions", "Report", "report", "reports"]
