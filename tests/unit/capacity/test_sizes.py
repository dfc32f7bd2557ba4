"""What the name of an instance's size says."""

from __future__ import annotations

import pytest

from lib.capacity.sizes import memory_gib, vcpus
from lib.settings import SettingsError


@pytest.mark.parametrize(
    ("instance_type", "expected"),
    [
        ("t3.micro", 2),
        ("t4g.nano", 2),
        ("t3.medium", 2),
        ("t2.micro", 1),
        ("t2.medium", 2),
        ("m6g.medium", 1),
        ("c7g.medium", 1),
        ("m7i.large", 2),
        ("m7i.xlarge", 4),
        ("m7i.2xlarge", 8),
        ("r8g.48xlarge", 192),
    ],
)
def test_vcpus_follow_from_the_size(instance_type: str, expected: int) -> None:
    assert vcpus(instance_type, "fleets.web.instance_type") == expected


@pytest.mark.parametrize("instance_type", ["m7i.metal", "m7i.huge", "m7i.xlarges"])
def test_a_size_that_says_nothing_ends_in_the_one_error(instance_type: str) -> None:
    with pytest.raises(SettingsError) as caught:
        vcpus(instance_type, "fleets.web.instance_type")
    problem = "the name does not tell how many vCPUs it has, as m7i.large does"
    expected = f"capacity: 1 setting is wrong\n  fleets.web.instance_type = {instance_type!r}: {problem}"
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("instance_type", "expected"),
    [
        ("t4g.nano", 0.5),
        ("t4g.micro", 1),
        ("t3.small", 2),
        ("t3.medium", 4),
        ("t4g.large", 8),
        ("t4g.2xlarge", 32),
        ("m7g.large", 8),
        ("r7g.xlarge", 32),
        ("x2g.large", 32),
    ],
)
def test_memory_follows_from_family_and_size(instance_type: str, expected: float) -> None:
    assert memory_gib(instance_type, "database.instance_class") == expected


@pytest.mark.parametrize("instance_type", ["c6gd.large", "z1d.large", "t4g.metal"])
def test_memory_of_other_families_is_not_known(instance_type: str) -> None:
    assert memory_gib(instance_type, "database.instance_class") is None
