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


BY_VALIDATE: dict[str, tuple[str, Block, str, str, str]] = {
    "argument_that_there_is_not": (
        "aws_sns_topic",
        {"name": "a", "colour": "red"},
        "aws_sns_topic.argument_that_there_is_not",
        "Extraneous JSON object property",
        '"colour"',
    ),
    "argument_that_is_missing": (
        "aws_subnet",
        {"cidr_block": "10.0.0.0/24"},
        "aws_subnet.argument_that_is_missing",
        "Missing required argument",
        '"vpc_id"',
    ),
    "block_that_is_missing": (
        "aws_lb_listener",
        {"load_balancer_arn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1"},
        "aws_lb_listener.block_that_is_missing",
        "Insufficient default_action blocks",
        '"default_action"',
    ),
    "block_that_is_there_twice": (
        "aws_ecs_service",
        {"name": "a", "deployment_circuit_breaker": [_BREAKER, _BREAKER]},
        "aws_ecs_service.block_that_is_there_twice.deployment_circuit_breaker[1]",
        "Too many deployment_circuit_breaker blocks",
        "No more than 1",
    ),
    "text_for_a_list": (
        "aws_lb",
        {"subnets": "subnet-1"},
        "aws_lb.text_for_a_list",
        "Incorrect attribute value type",
        '"subnets": set of string required',
    ),
    "text_for_a_number": (
        "aws_db_instance",
        {"instance_class": "db.t4g.micro", "allocated_storage": "much"},
        "aws_db_instance.text_for_a_number",
        "Incorrect attribute value type",
        '"allocated_storage": a number is required',
    ),
    "value_that_aws_decides": (
        "aws_vpc",
        {"arn": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"},
        "aws_vpc.value_that_aws_decides",
        "Value for unconfigurable attribute",
        "arn is computed",
    ),
    "resource_that_is_not_declared": (
        "aws_subnet",
        {"vpc_id": "${aws_vpc.lost.id}"},
        "aws_subnet.resource_that_is_not_declared",
        "Reference to undeclared resource",
        '"aws_vpc" "lost"',
    ),
    "attribute_that_there_is_not": (
        "aws_subnet",
        {"vpc_id": "${aws_vpc.main.vpc_id}"},
        "aws_subnet.attribute_that_there_is_not",
        "Unsupported attribute",
        '"vpc_id"',
    ),
    "kind_that_there_is_not": (
        "aws_virtual_network",
        {},
        "resource",
        "Invalid resource type",
        '"aws_virtual_network"',
    ),
    "function_that_there_is_not": (
        "aws_sns_topic",
        {"name": "${concatenate(1, 2)}"},
        "aws_sns_topic.function_that_there_is_not",
        "Call to unknown function",
        '"concatenate"',
    ),
}
"""Name of a resource -> its kind, its arguments, then what Terraform must say: where, in which words, about what."""


@pytest.fixture(scope="module")
def by_validate(workspace: Workspace) -> list[Problem]:
    """All of them in one template: what Terraform says of one resource keeps it from none of the others."""
    resource: Block = {"aws_vpc": dict(_VPC["aws_vpc"])}
    for name, (kind, arguments, *_) in BY_VALIDATE.items():
        resource.setdefault(kind, {})[name] = arguments
    workspace.write(document(resource))
    return workspace.validate()


@pytest.mark.parametrize("name", BY_VALIDATE)
def test_validate_finds(by_validate: list[Problem], name: str) -> None:
    _, _, address, summary, about = BY_VALIDATE[name]
    found = [problem for problem in by_validate if problem.address == address]
    assert [problem.summary for problem in found] == [summary]
    assert about in f"{found[0].summary} {found[0].detail}"


def test_validate_finds_nothing_else(by_validate: list[Problem]) -> None:
    assert len(by_validate) == len(BY_VALIDATE)


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
