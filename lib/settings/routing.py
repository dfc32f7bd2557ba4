"""In which order the load balancer asks the services' rules.

A priority follows from a service's own patterns and name alone, so adding or removing one renumbers no other.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from lib.settings.services import Service

LAST_PRIORITY = 50_000
"""The default service: asked when nothing else matched.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""

_LENGTHS = 16
_SLOTS = 1_500


def rule_priority(name: str, service: Service) -> int:
    """The service's place, 1 to 50,000: the lowest is asked first.

    Rules with a host come before those without, longer paths before shorter ones: `/orders/admin/*` is asked before
    `/orders/*`. Among equals the name decides, by a checksum.
    """
    if service.priority is not None:
        return service.priority
    if service.is_default:
        return LAST_PRIORITY
    length = min((len(_literal(path)) for path in service.paths), default=0)
    band = (0 if service.hosts else _LENGTHS) + _LENGTHS - 1 - min(length, _LENGTHS - 1)
    return band * _SLOTS + zlib.crc32(name.encode()) % _SLOTS + 1


def rule_priorities(services: Mapping[str, Service]) -> dict[str, int]:
    """Service name -> priority. Two services may come to the same one: the settings refuse that."""
    return {name: rule_priority(name, service) for name, service in services.items()}


def _literal(pattern: str) -> str:
    """What a pattern demands before its first wildcard."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]
