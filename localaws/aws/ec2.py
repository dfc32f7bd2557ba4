"""EC2: rules of security groups, tags of launch templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError, InvalidSecurityGroupRuleIdNotFoundError
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

from localaws.aws.extending import Added, Extension, Mended


def _of_groups_too(original: Any) -> Any:
    read = original.fget

    def description(self: SecurityGroupRule) -> str | None:
        told: str | None = read(self) or self.source_group.get("Description")
        return told

    return property(description)


def _every_kind(_: Callable[..., Any]) -> Callable[..., Any]:
    """Moto changes the IPv4 range alone, and refuses a rule for all protocols, which has no ports."""

    def modify_security_group_rules(self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        group = self.get_security_group_by_name_or_id(group_id)
        if group is None:
            raise InvalidSecurityGroupNotFoundError(group_id)
        for rule_id, new in rules.items():
            rule = group.get_rule(rule_id)
            if rule is None:
                raise InvalidSecurityGroupRuleIdNotFoundError(rule_id)
            text = {"Description": new["Description"]} if new.get("Description") else {}
            rule.ip_protocol, rule.from_port, rule.to_port = new["IpProtocol"], new.get("FromPort"), new.get("ToPort")
            ranges = {"CidrIp": new.get("CidrIpv4"), "CidrIpv6": new.get("CidrIpv6")}
            rule.ip_range = {name: each for name, each in ranges.items() if each}
            rule.ip_range |= text if rule.ip_range else {}
            rule.prefix_list_id = new.get("PrefixListId")
            rule.source_group = {}
            if new.get("ReferencedGroupId"):
                rule.source_group = {"GroupId": new["ReferencedGroupId"], "OwnerId": self.account_id, **text}

    return modify_security_group_rules


def tags(self: LaunchTemplate) -> list[dict[str, str]]:
    return list(self.get_tags())


EXTENSIONS: Final[tuple[Extension, ...]] = (
    Mended(SecurityGroupBackend, "modify_security_group_rules", _every_kind, "rules are changed in part, or refused"),
    Added(LaunchTemplate, tags, "tags that a launch template gets later are not shown", live=True),
    Mended(SecurityGroupRule, "description", _of_groups_too, "the description of a rule for a group is forgotten"),
)
