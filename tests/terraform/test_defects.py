"""What Terraform core finds in a template, with the provider's schema and nothing else."""

from __future__ import annotations

import pytest

from lib.evidence.template import Block
from lib.evidence.terraform import OldTerraformError, Problem, Source, Terraform, Workspace
from tests.synthesis import synthesized

_VPC = {"aws_vpc": {"main": {"cidr_block": "10.0.0.0/16"}}}
_BREAKER = {"enable": True, "rollback": True}


def document(resource: Block, **sections: Block) -> Block:
    """A template of a few resources, with the provider that the stacks have."""
    required = synthesized("catalog", "dev").document["terraform"]["required_providers"]
    return {
        "terraform": {"required_providers": required},
        "provider": {"aws": [{"region": "eu-west-1"}]},
        "resource": resource,
        **sections,
    }


@pytest.fixture(scope="module")
def workspace(core: Terraform) -> Workspace:
    workspace = core.workspace(Source(document(_VPC)))
    assert workspace.init() == []
    return workspace


BY_VALIDATE: dict[str, tuple[Block, str, str, str]] = {
    "argument-that-there-is-not": (
        {"aws_sns_topic": {"main": {"name": "a", "colour": "red"}}},
        "aws_sns_topic.main",
        "Extraneous JSON object property",
        '"colour"',
    ),
    "argument-that-is-missing": (
        {"aws_subnet": {"main": {"cidr_block": "10.0.0.0/24"}}},
        "aws_subnet.main",
        "Missing required argument",
        '"vpc_id"',
    ),
    "block-that-is-missing": (
        {"aws_wafv2_web_acl": {"main": {"name": "a", "scope": "REGIONAL"}}},
        "aws_wafv2_web_acl.main",
        "Insufficient default_action blocks",
        '"default_action"',
    ),
    "block-that-is-there-twice": (
        {"aws_ecs_service": {"main": {"name": "a", "deployment_circuit_breaker": [_BREAKER, _BREAKER]}}},
        "aws_ecs_service.main.deployment_circuit_breaker[1]",
        "Too many deployment_circuit_breaker blocks",
        "No more than 1",
    ),
    "text-for-a-list": (
        {"aws_lb": {"main": {"subnets": "subnet-1"}}},
        "aws_lb.main",
        "Incorrect attribute value type",
        '"subnets": set of string required',
    ),
    "text-for-a-number": (
        {"aws_db_instance": {"main": {"instance_class": "db.t4g.micro", "allocated_storage": "much"}}},
        "aws_db_instance.main",
        "Incorrect attribute value type",
        '"allocated_storage": a number is required',
    ),
    "value-that-aws-decides": (
        {"aws_vpc": {"main": {"arn": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"}}},
        "aws_vpc.main",
        "Value for unconfigurable attribute",
        '"arn"',
    ),
    "resource-that-is-not-declared": (
        {"aws_subnet": {"main": {"vpc_id": "${aws_vpc.lost.id}"}}},
        "aws_subnet.main",
        "Reference to undeclared resource",
        '"aws_vpc" "lost"',
    ),
    "attribute-that-there-is-not": (
        {**_VPC, "aws_subnet": {"main": {"vpc_id": "${aws_vpc.main.vpc_id}"}}},
        "aws_subnet.main",
        "Unsupported attribute",
        '"vpc_id"',
    ),
    "kind-that-there-is-not": (
        {"aws_virtual_network": {"main": {}}},
        "resource",
        "Invalid resource type",
        '"aws_virtual_network"',
    ),
    "function-that-there-is-not": (
        {"aws_sns_topic": {"main": {"name": "${concatenate(1, 2)}"}}},
        "aws_sns_topic.main",
        "Call to unknown function",
        '"concatenate"',
    ),
}
"""Resources, then what Terraform must say: where, in which words, about what."""


@pytest.mark.parametrize("name", BY_VALIDATE)
def test_validate_finds(workspace: Workspace, name: str) -> None:
    resource, address, summary, about = BY_VALIDATE[name]
    workspace.write(document(resource))
    found = [problem for problem in workspace.validate() if about in f"{problem.summary} {problem.detail}"]
    assert [(problem.address, problem.summary) for problem in found] == [(address, summary)]


def test_validate_finds_resources_that_wait_for_each_other(workspace: Workspace) -> None:
    groups = {one: {"description": f"${{aws_security_group.{other}.id}}"} for one, other in ("ab", "ba")}
    workspace.write(document({"aws_security_group": groups}))
    (problem,) = workspace.validate()
    assert problem.summary.startswith("Cycle: ")
    assert {"aws_security_group.a", "aws_security_group.b"} == set(problem.summary.removeprefix("Cycle: ").split(", "))


def test_plan_finds_a_reference_to_text_where_a_list_is_wanted(workspace: Workspace) -> None:
    workspace.write(document({**_VPC, "aws_lb": {"main": {"subnets": "${aws_vpc.main.id}"}}}))
    assert workspace.validate() == []
    (problem,) = workspace.plan().problems
    assert (problem.address, problem.summary) == ("aws_lb.main", "Incorrect attribute value type")
    assert '"subnets": set of string required' in problem.detail


def test_plan_finds_a_secret_that_is_told_to_everybody(workspace: Workspace) -> None:
    database = {"aws_db_instance": {"main": {"instance_class": "db.t4g.micro", "password": "password"}}}
    workspace.write(document(database, output={"password": {"value": "${aws_db_instance.main.password}"}}))
    assert workspace.validate() == []
    (problem,) = workspace.plan().problems
    assert problem.summary == "Output refers to sensitive values"


def test_only_apply_finds_a_list_in_the_middle_of_a_text(core: Terraform) -> None:
    cache = {"aws_elasticache_serverless_cache": {"main": {"engine": "valkey", "name": "a"}}}
    topic = {"aws_sns_topic": {"main": {"name": "a-${aws_elasticache_serverless_cache.main.endpoint}"}}}
    lifecycle = core.lifecycle(Source(document({**cache, **topic})))
    ((step, problem),) = lifecycle.problems
    assert (step, problem.address) == ("apply", "aws_sns_topic.main")
    assert problem.summary == "Invalid template interpolation value"


def test_a_terraform_that_is_too_old_is_told_as_that(core: Terraform) -> None:
    wanted = document(_VPC)
    wanted["terraform"]["required_version"] = ">= 99.0.0"
    with pytest.raises(OldTerraformError, match=r"terraform [0-9.]+ is too old: the template asks for >= 99\.0\.0"):
        core.workspace(Source(wanted))


def test_nothing_is_wrong_with_a_template_without_a_defect(workspace: Workspace) -> None:
    workspace.write(document(_VPC))
    assert workspace.validate() == list[Problem]()
    assert [change.action for change in workspace.plan().changes] == ["create"]
