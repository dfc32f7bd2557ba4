"""TaskDefinition: a container on Fargate, and two roles that may do no more than their part."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from lib import responder
from lib.components.account import Account
from lib.components.file_storage import FileStorage
from lib.components.policy import Statement
from lib.components.task_definition import TaskDefinition, pull_statements
from lib.naming import Names
from lib.settings.services import Mount
from lib.settings.services import Service as ServiceSettings
from tests.template import Block, Template, statements

LOG_KEY = "arn:aws:kms:eu-west-1:111122223333:key/logs"
KIND = "aws_ecs_task_definition"
READ_SECRET = Statement(sid="ReadSecret", actions=["secretsmanager:GetSecretValue"], resources=["arn:secret"])
USE_BUCKET = Statement(sid="UseBucket", actions=["s3:GetObject"], resources=["arn:bucket/*"])
MADE: dict[str, TaskDefinition] = {}


class FakeFiles:
    """What a task definition asks of a file system."""

    file_system_id = "fs-1"
    access_point_id = "fsap-1"

    def __init__(self, scope: Construct) -> None:
        self.mount_targets = [SnsTopic(scope, "mount_target_0"), SnsTopic(scope, "mount_target_1")]


def build(
    *,
    with_files: bool = False,
    execution_statements: tuple[Statement, ...] = (),
    task_statements: tuple[Statement, ...] = (),
    **settings: Any,
) -> Template:
    def add(scope: Construct) -> None:
        MADE["tasks"] = TaskDefinition(
            scope,
            "tasks",
            name="api",
            names=Names("shop", "dev"),
            settings=ServiceSettings(**settings),
            account=Account(scope, "account", region="eu-west-1"),
            log_key_arn=LOG_KEY,
            environment={"PORT": "8080"},
            secrets={"KEY": "arn:secret"},
            execution_statements=execution_statements,
            task_statements=task_statements,
            files=cast(FileStorage, FakeFiles(scope)) if with_files else None,
        )

    return Template.of_components(add)


@pytest.fixture(scope="module")
def template() -> Template:
    return build(
        with_files=True,
        execution_statements=(READ_SECRET,),
        task_statements=(USE_BUCKET,),
        image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api:1",
        cpu=512,
        memory_mib=2048,
        architecture="ARM64",
        log_retention_days=14,
        mounts=(Mount(path="/data"),),
    )


@pytest.fixture(scope="module")
def definition(template: Template) -> Block:
    return template.only(KIND)


def policy(template: Template, part: str) -> list[Block]:
    return statements(template.only("aws_iam_role_policy", name=f"shop-dev-api-{part}")["policy"])


def test_runs_on_fargate_with_the_settings_size_and_processor(definition: Block) -> None:
    assert definition["family"] == "shop-dev-api"
    assert definition["tags"] == {"Name": "shop-dev-api"}
    assert definition["requires_compatibilities"] == ["FARGATE"]
    assert definition["network_mode"] == "awsvpc"
    assert (definition["cpu"], definition["memory"]) == ("512", "2048")
    assert definition["runtime_platform"] == {"cpu_architecture": "ARM64", "operating_system_family": "LINUX"}


def test_has_one_container_with_all_that_it_was_given(definition: Block) -> None:
    (container,) = json.loads(definition["container_definitions"])
    assert container["name"] == "api"
    assert container["environment"] == [{"name": "PORT", "value": "8080"}]
    assert container["secrets"] == [{"name": "KEY", "valueFrom": "arn:secret"}]


def test_container_logs_to_its_own_group_in_the_stacks_region(definition: Block, template: Template) -> None:
    (container,) = json.loads(definition["container_definitions"])
    options = container["logConfiguration"]["options"]
    name = template.reference("aws_cloudwatch_log_group", "name", name="/shop/dev/api/application")
    assert options["awslogs-group"] == name
    assert options["awslogs-region"] == "eu-west-1"


@pytest.mark.parametrize("part", ["application", "proxy"])
def test_log_groups_are_encrypted_and_end(template: Template, part: str) -> None:
    name = f"/shop/dev/api/{part}"
    expected = {"name": name, "retention_in_days": 14, "kms_key_id": LOG_KEY}
    assert template.only("aws_cloudwatch_log_group", name=name) == expected


def test_old_revisions_stay_for_a_way_back(definition: Block) -> None:
    assert definition["skip_destroy"] is True


def test_ecs_and_the_application_have_a_role_each(definition: Block, template: Template) -> None:
    assert len(template.all("aws_iam_role")) == 2
    for part in ("execution", "task"):
        arn = template.reference("aws_iam_role", "arn", name=f"shop-dev-api-{part}")
        assert definition[f"{part}_role_arn"] == arn


@pytest.mark.parametrize(
    ("part", "description"), [("execution", "ECS starts the tasks of api"), ("task", "The application api")]
)
def test_roles_are_for_tasks_of_this_account_alone(template: Template, part: str, description: str) -> None:
    role = template.only("aws_iam_role", name=f"shop-dev-api-{part}")
    (trust,) = statements(role["assume_role_policy"])
    assert role["description"] == description
    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert list(trust["Condition"]) == ["StringEquals"]
    assert trust["Condition"]["StringEquals"]["aws:SourceAccount"].startswith("${data.aws_caller_identity.")


def test_policies_are_each_of_their_role(template: Template) -> None:
    for part in ("execution", "task"):
        role = template.only("aws_iam_role_policy", name=f"shop-dev-api-{part}")["role"]
        assert role == template.reference("aws_iam_role", "id", name=f"shop-dev-api-{part}")


def test_ecs_may_write_logs_pull_the_image_and_what_it_was_given(template: Template) -> None:
    logs, sign_in, pull, secret = policy(template, "execution")
    groups = [
        template.reference("aws_cloudwatch_log_group", "arn", name=f"/shop/dev/api/{part}")
        for part in ("application", "proxy")
    ]
    assert logs["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert logs["Resource"] == [f"{arn}:*" for arn in groups]
    assert (sign_in["Sid"], pull["Sid"]) == ("SignInToRegistry", "PullImage")
    assert secret == READ_SECRET.as_dict()


def test_application_may_do_what_it_was_given_and_nothing_else(template: Template) -> None:
    assert policy(template, "task") == [USE_BUCKET.as_dict()]


def test_application_that_may_do_nothing_has_no_policy() -> None:
    template = build()
    assert [each["name"] for each in template.all("aws_iam_role_policy")] == ["shop-dev-api-execution"]
    assert len(MADE["tasks"].prerequisites) == 1


def test_port_below_1024_is_the_built_in_applications_to_open() -> None:
    (container,) = json.loads(build(port=80).only(KIND)["container_definitions"])
    assert container["systemControls"] == [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]


def test_files_are_mounted_by_access_point_over_tls_with_the_tasks_role(definition: Block) -> None:
    assert definition["volume"] == [
        {
            "name": "files",
            "efs_volume_configuration": {
                "file_system_id": "fs-1",
                "transit_encryption": "ENABLED",
                "authorization_config": {"access_point_id": "fsap-1", "iam": "ENABLED"},
            },
        },
        {"name": "scratch"},
    ]


def test_writable_root_without_files_needs_no_volume() -> None:
    assert "volume" not in build(read_only_root=False).only(KIND)


def test_task_waits_for_its_permissions_and_its_files() -> None:
    build(with_files=True, task_statements=(USE_BUCKET,), mounts=(Mount(path="/data"),))
    assert len(MADE["tasks"].prerequisites) == 4


def test_mounting_files_that_are_not_there_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="service api mounts files, and there are none"):
        build(mounts=(Mount(path="/data"),))


def test_public_image_takes_no_permission() -> None:
    assert pull_statements(None, "aws") == []
    assert pull_statements(responder.IMAGE, "aws") == []
    assert pull_statements("example.com/123456789012.dkr.ecr.eu-west-1.amazonaws.com/x", "aws") == []


@pytest.mark.parametrize(
    ("image", "arn"),
    [
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/api", "arn:aws:ecr:eu-west-1:123456789012:repository/api"),
        (
            "123456789012.dkr.ecr.sa-east-1.amazonaws.com/shop/api:1.2",
            "arn:aws:ecr:sa-east-1:123456789012:repository/shop/api",
        ),
        (
            "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com/shop/api@sha256:0123",
            "arn:aws:ecr:us-east-1:123456789012:repository/shop/api",
        ),
    ],
)
def test_private_image_takes_its_own_repository(image: str, arn: str) -> None:
    sign_in, pull = pull_statements(image, "aws")
    assert sign_in.actions == ["ecr:GetAuthorizationToken"]
    assert sign_in.resources == ["*"]
    assert pull.actions == ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
    assert pull.resources == [arn]


def test_repository_in_china_is_in_its_own_partition() -> None:
    image = "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/api:1"
    assert pull_statements(image, "aws-cn")[1].resources == ["arn:aws-cn:ecr:cn-north-1:123456789012:repository/api"]
