"""What each instance of a fleet is launched as: image, disk, rights, network, first boot."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import Fn, TerraformLocal
from cdktf_cdktf_provider_aws.data_aws_ami import DataAwsAmi, DataAwsAmiFilter
from cdktf_cdktf_provider_aws.data_aws_ssm_parameter import DataAwsSsmParameter
from cdktf_cdktf_provider_aws.launch_template import (
    LaunchTemplate,
    LaunchTemplateBlockDeviceMappings,
    LaunchTemplateBlockDeviceMappingsEbs,
    LaunchTemplateIamInstanceProfile,
    LaunchTemplateMetadataOptions,
    LaunchTemplateMonitoring,
    LaunchTemplateNetworkInterfaces,
    LaunchTemplateTagSpecifications,
)
from constructs import Construct

from lib.settings.compute import Fleet as FleetSettings


class InstanceTemplate(Construct):
    """A launch template whose newest version is the one that counts.

    tags: of disks and network interfaces. Instances get theirs from the Auto Scaling group.
    user_data: text with references in it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        settings: FleetSettings,
        instance_profile_arn: str,
        security_group_id: str,
        disk_key_arn: str,
        tags: Mapping[str, str],
        user_data: str,
    ) -> None:
        super().__init__(scope, id)
        self._settings = settings
        self._image_id = self._find_image()
        self._template = LaunchTemplate(
            self,
            "launch_template",
            name=name,
            update_default_version=True,
            image_id=self._image_id,
            instance_type=settings.instance_type,
            iam_instance_profile=LaunchTemplateIamInstanceProfile(arn=instance_profile_arn),
            block_device_mappings=[self._root_disk(disk_key_arn)],
            network_interfaces=[_network_interface(security_group_id)],
            metadata_options=_metadata_options(),
            # A datapoint a minute instead of five: alarms and scaling look at the last minutes.
            monitoring=LaunchTemplateMonitoring(enabled=True),
            user_data=self._encoded(user_data),
            tag_specifications=[
                LaunchTemplateTagSpecifications(resource_type=kind, tags=tags)
                for kind in ("volume", "network-interface")
            ],
            tags={"Name": name},
        )

    @property
    def id(self) -> str:
        return self._template.id

    @property
    def version(self) -> str:
        """The number of the newest version: a new one replaces the instances."""
        return self._template.get_string_attribute("latest_version")

    def _find_image(self) -> str:
        parameter = DataAwsSsmParameter(self, "image_parameter", name=self._settings.image_parameter)
        # `value` counts as a secret, and the whole launch template with it.
        return parameter.insecure_value

    def _root_disk(self, disk_key_arn: str) -> LaunchTemplateBlockDeviceMappings:
        image = DataAwsAmi(self, "image", filter=[DataAwsAmiFilter(name="image-id", values=[self._image_id])])
        return LaunchTemplateBlockDeviceMappings(
            # By another name it would be a second disk, beside a root that is not encrypted.
            device_name=image.root_device_name,
            ebs=LaunchTemplateBlockDeviceMappingsEbs(
                volume_type="gp3",
                volume_size=self._settings.disk_gb,
                encrypted="true",
                kms_key_id=disk_key_arn,
                delete_on_termination="true",
            ),
        )

    def _encoded(self, user_data: str) -> str:
        """By way of a local value: as an argument of the function, CDKTF writes quotes and backslashes wrongly."""
        return Fn.base64encode(TerraformLocal(self, "user_data", user_data).as_string)


def _network_interface(security_group_id: str) -> LaunchTemplateNetworkInterfaces:
    return LaunchTemplateNetworkInterfaces(
        device_index=0,
        associate_public_ip_address="false",
        security_groups=[security_group_id],
        delete_on_termination="true",
    )


def _metadata_options() -> LaunchTemplateMetadataOptions:
    """Credentials for processes of the instance itself, and for those alone.

    Not for containers on it, nor for whom a page tricks into asking for it: they would be a hop away, or have no token.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
    """
    return LaunchTemplateMetadataOptions(
        http_endpoint="enabled",
        http_tokens="required",
        http_put_response_hop_limit=1,
        # With it EC2 refuses tags whose keys have a space or a slash in them; nothing on the instance asks for tags.
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
        instance_metadata_tags="disabled",
    )
