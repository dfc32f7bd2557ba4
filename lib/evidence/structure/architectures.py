"""Architectures: an instance's image is for its processor."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.evidence.reading import Leaf, at, blocks, is_known, references, tables, text, texts
from lib.evidence.template import Block, Template

_TYPES = "https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html"

ARM, X86 = "arm64", "x86_64"
_IN_NAMES = {"arm64": ARM, "aarch64": ARM, "x86_64": X86, "amd64": X86}
_TYPE = re.compile(r"(?P<family>[a-z]+)(?P<generation>\d+)(?P<options>[a-z]*)(-[a-z0-9]+)?\.[a-z0-9-]+")
_ARM_WITHOUT_AN_OPTION = ("a1", "mac2")
"""Families on ARM that say so by no `g`."""

_KINDS = ("aws_launch_template", "aws_instance", "aws_launch_configuration")


def images_run_on_their_instances(template: Template) -> list[str]:
    """The image that an instance starts from, as far as its name or its filters tell, is for the instance's type."""
    found = []
    for kind in _KINDS:
        for name, block in template.named(kind).items():
            instance_type, image = text(block, "instance_type"), at(block, "image_id") or at(block, "ami")
            processor = processor_of(instance_type)
            for said, other in _said_of(template, image):
                if processor and other != processor:
                    found.append(
                        f"{kind}.{name}: instance_type {instance_type} is {processor}, and its image {said} is for "
                        f"{other}, see {_TYPES}"
                    )
    return found


def processor_of(instance_type: str) -> str | None:
    """`arm64` for t4g.micro, `x86_64` for t3.micro; None for what does not read like a type."""
    parts = _TYPE.fullmatch(instance_type)
    if parts is None:
        return None
    is_arm = "g" in parts["options"] or f"{parts['family']}{parts['generation']}" in _ARM_WITHOUT_AN_OPTION
    return ARM if is_arm else X86


def _said_of(template: Template, image: object) -> Iterator[tuple[str, str]]:
    """What names an architecture where an image is looked up -> that architecture."""
    for reference in references(Leaf("", image, False)):
        block = blocks(template).get(reference.address, {})
        said = [text(block, "name"), *_filtered(block)] if reference.address.startswith("data.") else []
        for each in said:
            words = re.findall(r"arm64|aarch64|x86_64|amd64", each)
            if is_known(each) and len(words) == 1:
                yield each, _IN_NAMES[words[0]]


def _filtered(block: Block) -> Iterator[str]:
    for each in tables(block, "filter"):
        if each.get("name") in ("architecture", "name"):
            yield from texts(each, "values")
