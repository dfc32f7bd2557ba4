"""In which order the load balancer asks the rules of services, fleets and functions.

A priority follows from a target's own patterns and name alone, so adding or removing one renumbers no other.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from lib.settings.targets import Routed

LAST_PRIORITY = 50_000
"""The default target: asked when nothing else matched.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""

_LENGTHS = 16
_SLOTS = 1_500


def rule_priority(name: str, target: Routed) -> int:
    """The target's place, 1 to 50,000: the lowest is asked first.

    Rules with a host come before those without, longer paths before shorter ones: `/orders/admin/*` is asked before
    `/orders/*`. Among equals the name decides, by a checksum.
    """
    if target.priority is not None:
        return target.priority
    if not target.has_rule:
        return LAST_PRIORITY
    length = min((len(_literal(path)) for path in target.paths), default=0)
    band = (0 if target.hosts else _LENGTHS) + _LENGTHS - 1 - min(length, _LENGTHS - 1)
    return band * _SLOTS + zlib.crc32(name.encode()) % _SLOTS + 1


def rule_priorities(targets: Mapping[str, Routed]) -> dict[str, int]:
    """Name -> priority. Two targets may come to the same one: the settings refuse that."""
    return {name: rule_priority(name, target) for name, target in targets.items()}


def _literal(pattern: str) -> str:
    """What a pattern demands before its first wildcard."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]
