"""InstanceTemplate: what an instance is launched as, and what it is kept from."""

from __future__ import annotations

from typing import Any

import pytest
from cdktf import TerraformOutput
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from lib.components.launch_template import InstanceTemplate
from lib.settings.compute import Fleet
from tests.template import Block, Template

KIND = "aws_launch_template"
DISK_KEY = "arn:aws:kms:eu-west-1:111122223333:key/disks"
TAGS = {"Environment": "dev", "Name": "shop-dev-web"}


def build(**settings: Any) -> Template:
    def add(scope: Construct) -> None:
        host = SnsTopic(scope, "host").arn
        template = InstanceTemplate(
            scope,
            "template",
            name="shop-dev-web",
            settings=Fleet(**settings),
            instance_profile_arn="arn:profile",
            security_group_id="sg-web",
            disk_key_arn=DISK_KEY,
            tags=TAGS,
            user_data=f'#!/bin/bash\necho "\\n {host} $${{x}}"',
        )
        TerraformOutput(scope, "id", value=template.id)
        TerraformOutput(scope, "version", value=template.version)

    return Template.of_components(add)


@pytest.fixture(scope="module")
def template() -> Template:
    return build(instance_type="m7g.large", disk_gb=40, image_parameter="/images/web")


@pytest.fixture(scope="module")
def launch(template: Template) -> Block:
    return template.only(KIND)


def name_of(template: Template, kind: str) -> str:
    """Reference to the one data source of a kind, without its attribute."""
    (name,) = template.document["data"][kind]
    return f"data.{kind}.{name}"


def test_image_is_the_one_that_the_parameter_names_now(launch: Block, template: Template) -> None:
    assert template.data("aws_ssm_parameter") == [{"name": "/images/web"}]
    assert launch["image_id"] == f"${{{name_of(template, 'aws_ssm_parameter')}.insecure_value}}"


def test_instances_are_of_the_settings_size_and_have_the_role(launch: Block) -> None:
    assert launch["instance_type"] == "m7g.large"
    assert launch["iam_instance_profile"] == {"arn": "arn:profile"}


def test_root_disk_is_encrypted_under_the_given_key_and_goes_with_the_instance(launch: Block) -> None:
    (disk,) = launch["block_device_mappings"]
    assert disk["ebs"] == {
        "volume_type": "gp3",
        "volume_size": 40,
        "encrypted": "true",
        "kms_key_id": DISK_KEY,
        "delete_on_termination": "true",
    }


def test_root_disk_is_the_images_root_whatever_it_is_called(launch: Block, template: Template) -> None:
    (image,) = template.data("aws_ami")
    assert image == {"filter": [{"name": "image-id", "values": [launch["image_id"]]}]}
    (disk,) = launch["block_device_mappings"]
    assert disk["device_name"] == f"${{{name_of(template, 'aws_ami')}.root_device_name}}"


def test_credentials_are_for_the_instance_itself_and_only_with_a_token(launch: Block) -> None:
    assert launch["metadata_options"] == {
        "http_endpoint": "enabled",
        "http_tokens": "required",
        "http_put_response_hop_limit": 1,
        "instance_metadata_tags": "disabled",
    }


def test_instances_have_no_public_address(launch: Block) -> None:
    assert launch["network_interfaces"] == [
        {
            "device_index": 0,
            "associate_public_ip_address": "false",
            "security_groups": ["sg-web"],
            "delete_on_termination": "true",
        }
    ]
    assert "vpc_security_group_ids" not in launch


def test_nobody_signs_in_with_a_key(launch: Block) -> None:
    assert "key_name" not in launch


def test_metrics_come_every_minute(launch: Block) -> None:
    assert launch["monitoring"] == {"enabled": True}


def test_user_data_is_encoded_by_terraform_once_it_knows_the_references(launch: Block, template: Template) -> None:
    ((name, text),) = template.document["locals"].items()
    assert launch["user_data"] == f"${{base64encode(local.{name})}}"
    assert text == '#!/bin/bash\necho "\\n ${aws_sns_topic.host.arn} $${x}"'


def test_tags_reach_disks_and_interfaces(launch: Block) -> None:
    assert launch["tag_specifications"] == [
        {"resource_type": "volume", "tags": TAGS},
        {"resource_type": "network-interface", "tags": TAGS},
    ]


def test_newest_version_is_the_default_and_handed_out(launch: Block, template: Template) -> None:
    assert launch["update_default_version"] is True
    assert template.outputs["id"]["value"] == template.reference(KIND, "id")
    assert template.outputs["version"]["value"] == template.reference(KIND, "latest_version")


def test_goes_by_its_name(launch: Block) -> None:
    assert launch["name"] == "shop-dev-web"
    assert launch["tags"] == {"Name": "shop-dev-web"}
