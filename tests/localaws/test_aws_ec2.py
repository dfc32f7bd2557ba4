"""EC2: rules of security groups, tags of launch templates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localaws.probing import Clients, Probe, asked, network


def _rule(clients: Clients, **ends: Any) -> tuple[str, str]:
    _, _, group = network(clients)
    target = ends or {"UserIdGroupPairs": [{"GroupId": group, "Description": "why"}]}
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, **target}
    answer = clients("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    return group, answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]


def _shown(clients: Clients, rule: str) -> Any:
    answer = clients("ec2").describe_security_group_rules(SecurityGroupRuleIds=[rule])
    return answer["SecurityGroupRules"][0]


def _description_of_a_rule_between_groups(clients: Clients) -> Any:
    return _shown(clients, _rule(clients)[1])["Description"]


def _rule_changed_to_all_protocols(clients: Clients) -> Any:
    group, rule = _rule(clients, Ipv6Ranges=[{"CidrIpv6": "::/0"}])
    told = {"IpProtocol": "-1", "CidrIpv6": "2001:db8::/32", "Description": "why"}
    rules = [{"SecurityGroupRuleId": rule, "SecurityGroupRule": told}]
    clients("ec2").modify_security_group_rules(GroupId=group, SecurityGroupRules=rules)
    return _shown(clients, rule)["CidrIpv6"]


def _later_tag_of_a_launch_template(clients: Clients) -> Any:
    data = {"InstanceType": "t3.micro"}
    answer = clients("ec2").create_launch_template(LaunchTemplateName="tagged", LaunchTemplateData=data)
    one = answer["LaunchTemplate"]["LaunchTemplateId"]
    clients("ec2").create_tags(Resources=[one], Tags=[{"Key": "a", "Value": "1"}])
    return clients("ec2").describe_launch_templates(LaunchTemplateIds=[one])["LaunchTemplates"][0]["Tags"]


PROBES = (
    Probe(
        "description of a rule between groups",
        ("SecurityGroupRule.description",),
        _description_of_a_rule_between_groups,
        "why",
    ),
    Probe(
        "a rule changed to all protocols",
        ("SecurityGroupBackend.modify_security_group_rules",),
        _rule_changed_to_all_protocols,
        "2001:db8::/32",
    ),
    Probe(
        "a later tag of a launch template",
        ("LaunchTemplate.tags",),
        _later_tag_of_a_launch_template,
        [{"Key": "a", "Value": "1"}],
    ),
)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer
