"""Templates with instances that cannot start from their image."""

from __future__ import annotations

from lib.evidence.structure import architectures as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks


@breaks(
    checks.images_run_on_their_instances, "instance_type t4g.micro is arm64, and its image /aws/service/", "fleet-dev"
)
def an_instance_on_arm_has_an_image_for_another_processor(template: Template) -> None:
    template.only("aws_launch_template")["instance_type"] = "t4g.micro"


@breaks(checks.images_run_on_their_instances, "is x86_64, and its image al2023-ami-*-arm64 is for arm64", "fleet-dev")
def an_image_is_looked_up_for_another_processor(template: Template) -> None:
    filters = [{"name": "name", "values": ["al2023-ami-*-arm64"]}, {"name": "state", "values": ["available"]}]
    template.document["data"]["aws_ami"]["found"] = {"owners": ["amazon"], "filter": filters}
    template.only("aws_launch_template")["image_id"] = "${data.aws_ami.found.id}"
