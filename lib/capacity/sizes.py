"""What stands behind the name of an instance's size: `m7i.2xlarge` has 8 vCPUs."""

from __future__ import annotations

import re

from lib.settings import SettingsError

_SMALL = {"nano": 2, "micro": 2, "small": 2, "medium": 2, "large": 2, "xlarge": 4}
_ONE_VCPU = re.compile(r"(t2\.(nano|micro|small))|([^t].*\.medium)")
"""T2 up to small, and the medium size of all families but T.
https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html"""
_T_GIB = {"nano": 0.5, "micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32}
_GIB_PER_VCPU = {"m": 4, "r": 8, "x": 16}
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html"""


def vcpus(instance_type: str, setting: str) -> int:
    """Of an EC2 instance, or a database's without its `db.`. setting: where the type stands, for the error."""
    size = instance_type.partition(".")[2]
    if _ONE_VCPU.fullmatch(instance_type):
        return 1
    if size in _SMALL:
        return _SMALL[size]
    times = re.fullmatch(r"([0-9]+)xlarge", size)
    if times is None:
        problem = "the name does not tell how many vCPUs it has, as m7i.large does"
        raise SettingsError("capacity", [f"{setting} = {instance_type!r}: {problem}"])
    return 4 * int(times[1])


def memory_gib(instance_type: str, setting: str) -> float | None:
    """Of a database's class without its `db.`; None for families whose memory does not follow from their name."""
    family, _, size = instance_type.partition(".")
    if family.startswith("t"):
        return _T_GIB.get(size)
    share = _GIB_PER_VCPU.get(family[0])
    return None if share is None else share * vcpus(instance_type, setting)
