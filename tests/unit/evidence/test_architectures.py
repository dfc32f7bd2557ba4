"""Which processor a type of instance has."""

from __future__ import annotations

import pytest

from lib.evidence.structure.architectures import ARM, X86, images_run_on_their_instances, processor_of
from tests.template import Template


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


@pytest.mark.parametrize(
    ("instance_type", "name", "findings"),
    [
        ("t4g.micro", "al2023-ami-arm64", 0),
        ("t3.micro", "al2023-ami-arm64", 1),
        ("${var.type}", "al2023-ami-arm64", 0),
        ("t3.micro", "al2023-ami", 0),
        ("t3.micro", "arm64-or-x86_64", 0),
        ("t3.micro", "${var.image}-arm64", 0),
    ],
)
def test_an_image_is_for_the_processor_where_both_are_known(instance_type: str, name: str, findings: int) -> None:
    instance = {"instance_type": instance_type, "ami": "${data.aws_ssm_parameter.image.value}"}
    document = {
        "resource": {"aws_instance": {"one": instance}},
        "data": {"aws_ssm_parameter": {"image": {"name": name}}},
    }
    assert len(images_run_on_their_instances(Template(document))) == findings
