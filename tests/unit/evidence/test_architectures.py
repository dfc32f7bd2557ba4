"""Which processor a type of instance has."""

from __future__ import annotations

import pytest

from lib.evidence.structure.architectures import ARM, X86, processor_of


@pytest.mark.parametrize(
    "instance_type",
    ["t4g.micro", "m7gd.large", "c7gn.xlarge", "g5g.xlarge", "x2gd.metal", "im4gn.large", "is4gen.large", "a1.large"],
)
def test_graviton_is_told_by_a_g_among_the_options(instance_type: str) -> None:
    assert processor_of(instance_type) == ARM


@pytest.mark.parametrize("instance_type", ["t3.micro", "m7i-flex.large", "g4dn.xlarge", "c6a.metal", "mac1.metal"])
def test_all_others_are_x86(instance_type: str) -> None:
    assert processor_of(instance_type) == X86


def test_of_macs_the_second_generation_is_on_arm() -> None:
    assert processor_of("mac2.metal") == ARM


@pytest.mark.parametrize("instance_type", ["", "${var.type}", "large", "u-6tb1.metal"])
def test_what_reads_like_no_type_has_none(instance_type: str) -> None:
    assert processor_of(instance_type) is None
