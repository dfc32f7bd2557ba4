"""What goes wrong in the midst of a deployment, by real Terraform, and how it goes on from there."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.operations.aws import Aws
from lib.operations.deploy.rollout import Rolled, failures
from lib.operations.diagnosis import Failed
from lib.operations.ending import FOUND, INTERRUPTED, OK, UNREACHABLE, UNUSABLE
from lib.operations.terraform import Terraform
from tests.localaws.local import client
from tests.localaws.local import endpoint as endpoint_of_aws
from tests.operations.between import Between
from tests.operations.conftest import need_terraform
from tests.operations.small import REGION, STATES, begun, run, small_on
from tests.unit.operations.fake_terraform import Small

_LONGEST = 60
"""Seconds that a process may take."""


@pytest.fixture(autouse=True, scope="module")
def _terraform() -> None:
    need_terraform()


@pytest.fixture(scope="module", name="between")
def _between() -> Iterator[Between]:
    with Between(endpoint_of_aws()).serving() as between:
        yield between


@pytest.fixture(autouse=True)
def _account(between: Between, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """That of whoever types here."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_ENDPOINT_URL", between.endpoint)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield
    between.clear()


@pytest.fixture(scope="module", autouse=True)
def _states() -> None:
    client("s3").create_bucket(Bucket=STATES, CreateBucketConfiguration={"LocationConstraint": REGION})


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Of what a test makes: nobody else has it."""
    return re.sub(r"\W+", "-", request.node.name)[:60].strip("-")


def topics(name: str, count: int = 2) -> dict[str, Any]:
    """One after the other."""
    made: dict[str, Any] = {}
    for number in range(count):
        made[f"t{number}"] = {"name": f"{name}-{number}"}
        if number:
            made[f"t{number}"]["depends_on"] = [f"aws_sns_topic.t{number - 1}"]
    return {"aws_sns_topic": made}


def there(name: str) -> list[str]:
    """Of a test's topics."""
    arns = [each["TopicArn"] for each in client("sns").list_topics()["Topics"]]
    return sorted(arn.rpartition(":")[2].removeprefix(f"{name}-") for arn in arns if f":{name}-" in arn)


def said(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=_LONGEST)
    return output


# ---- failing calls


def test_a_denied_call_says_what_is_there_and_the_next_run_goes_on_from_it(
    between: Between, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    stack = small_on(between.endpoint, tmp_path, topics(name))
    message = f"User: arn:aws:iam::1:user/ann is not authorized to perform: SNS:CreateTopic on resource: {name}"
    between.refuse("Action=CreateTopic", f"{name}-1", code="AuthorizationError", message=message, times=1)
    assert run(stack) == FOUND
    told = capfd.readouterr().err
    assert "  aws_sns_topic.t1: creating aws_sns_topic" in told
    assert "  Missing permission: SNS:CreateTopic.\n" in told
    assert "In the state: 1 object: 1 aws_sns_topic.\nThe state is not locked.\n" in told
    assert not stack.outputs_file.exists()
    assert run(stack) == OK
    assert (there(name), stack.outputs_file.exists()) == (["0", "1"], True)
    assert "1 to create" in capfd.readouterr().out


def test_a_half_made_object_is_named_and_made_anew(
    between: Between, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    failing = {"LOCALAWS_FAIL": "aws_sns_topic:created"}
    stack = small_on(between.endpoint, tmp_path, topics(name, 1), environ=failing)
    assert run(stack) == FOUND
    assert "Half made, and made anew by the next apply: aws_sns_topic.t0.\n" in capfd.readouterr().err
    assert run(small_on(between.endpoint, tmp_path, topics(name, 1))) == OK
    assert "-/+ replace aws_sns_topic.t0 (it was only half made)" in capfd.readouterr().out
    assert there(name) == ["0"]


def test_a_question_that_is_throttled_is_asked_again(between: Between) -> None:
    between.refuse("GetCallerIdentity", code="Throttling", times=2)
    assert Aws(REGION).ask("sts", "get_caller_identity")["Account"] == "123456789012"


# ---- who asks


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        ("ExpiredToken", "The security token included in the request is expired", "get new ones"),
        ("AccessDenied", "ann is not authorized to perform: s3:ListBucket on", "Missing permission: s3:ListBucket."),
    ],
)
def test_credentials_that_do_not_do_end_it_before_anything_is_made(  # noqa: PLR0917
    code: str, message: str, words: str, between: Between, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    between.refuse("GET /states-of-small-stacks", code=code, message=message)
    assert run(small_on(between.endpoint, tmp_path, topics(name), in_s3=True)) == UNREACHABLE
    assert words in capfd.readouterr().err
    assert there(name) == []


def test_without_credentials_it_is_said_before_anything_is_made(
    between: Between, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    assert run(small_on(between.endpoint, tmp_path, topics(name), in_s3=True, environ=nobody)) == UNREACHABLE
    assert "There are no credentials of AWS" in capfd.readouterr().err


def test_without_the_bucket_of_the_state_it_is_said_what_makes_it(
    between: Between, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    stack = small_on(between.endpoint, tmp_path, topics(name), in_s3=True)
    text = stack.template.read_text()
    stack.template.write_text(text.replace(STATES, "there-is-no-such-bucket"))
    assert run(stack) == UNUSABLE
    assert "There is no bucket there-is-no-such-bucket for the state: `make state-bootstrap`" in capfd.readouterr().err


# ---- interrupted


def test_an_interrupted_apply_ends_in_order_and_the_next_one_goes_on(
    between: Between, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    stack = small_on(between.endpoint, tmp_path, topics(name, 3), in_s3=True)
    held = between.hold("Action=CreateTopic", f"{name}-1")
    process = begun(stack)
    assert held.seen.wait(_LONGEST)
    process.send_signal(signal.SIGINT)
    assert _line(process, "Terraform finishes what it has begun")
    held.go.set()
    told = said(process)
    assert process.returncode == INTERRUPTED
    assert "the apply of `make deploy` was interrupted." in told
    assert "In the state: 2 objects: 2 aws_sns_topic.\nThe state is not locked.\n" in told
    assert run(stack) == OK
    assert there(name) == ["0", "1", "2"]
    assert "1 to create" in capfd.readouterr().out


def test_a_killed_apply_leaves_a_lock_and_the_command_that_undoes_it_is_told(
    between: Between, tmp_path: Path, name: str
) -> None:
    stack = small_on(between.endpoint, tmp_path, topics(name, 1), in_s3=True)
    held = between.hold("Action=CreateTopic", f"{name}-0")
    process = begun(stack)
    assert held.seen.wait(_LONGEST)
    for words in ("Terraform finishes", "Terraform ends at once"):
        process.send_signal(signal.SIGINT)
        assert _line(process, words)
    process.send_signal(signal.SIGINT)
    told = said(process)
    held.go.set()
    assert process.returncode == INTERRUPTED
    assert re.search(r"The state is locked by \S+@\S+ since .* \(OperationTypeApply\), lock ID ", told)
    unlock = next(line for line in told.splitlines() if "force-unlock" in line)
    # It asks whether that is meant, which nobody answers here.
    command = shlex.split(unlock.replace("force-unlock", "force-unlock -force"))
    subprocess.run(command, env=dict(stack.environ), check=True, capture_output=True)
    assert run(stack) == OK


# ---- two at once


def test_of_two_at_once_one_wins_and_the_other_is_told_who_it_is(
    between: Between, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    stack = small_on(between.endpoint, tmp_path, topics(name, 1), in_s3=True)
    held = between.hold("Action=CreateTopic", f"{name}-0")
    process = begun(stack)
    assert held.seen.wait(_LONGEST)
    assert run(stack) == FOUND
    told = capfd.readouterr().err
    assert re.search(
        r"terraform plan: not now\.\nThe state is locked by \S+@\S+ since .* lock ID [0-9a-f-]{36}\.\n", told
    )
    assert "wait for its end and run this again" in told
    held.go.set()
    said(process)
    assert process.returncode == OK
    assert there(name) == ["0"]


def test_a_plan_that_somebody_has_overtaken_is_not_applied(between: Between, tmp_path: Path, name: str) -> None:
    core = _core(small_on(between.endpoint, tmp_path, topics(name)))
    core.plan(tmp_path / "overtaken")
    core.plan(tmp_path / "plan")
    core.apply(tmp_path / "plan", lambda _: None)
    with pytest.raises(Failed, match="Somebody else has changed the stack since the plan was shown") as failure:
        core.apply(tmp_path / "overtaken", lambda _: None)
    assert failure.value.code == FOUND


# ---- rolled back


def test_a_service_on_another_definition_is_noticed_where_no_task_runs(name: str) -> None:
    ecs = client("ecs")
    container = {"name": "api", "image": "nginx", "memory": 128}
    definitions = [
        ecs.register_task_definition(family=name, containerDefinitions=[container])["taskDefinition"]
        for _ in ("old", "new")
    ]
    old, new = (each["taskDefinitionArn"] for each in definitions)
    ecs.create_cluster(clusterName=name)
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=new, desiredCount=1)
    deployed = [Rolled("api", name, name, new)]
    assert failures(Aws(REGION), deployed, print, emulated=True) == []
    ecs.update_service(cluster=name, service=name, taskDefinition=old)
    verdict = f"api: the deployment failed: ECS runs {name}:1, not {name}:2 that was deployed"
    assert failures(Aws(REGION), deployed, print, emulated=True)[0] == verdict


# ---- data


def test_a_production_keeps_its_data_until_they_are_named(
    between: Between, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def table(key: str) -> dict[str, Any]:
        attribute = {"name": key, "type": "S"}
        arguments = {"name": name, "billing_mode": "PAY_PER_REQUEST", "hash_key": key, "attribute": [attribute]}
        return {"aws_dynamodb_table": {"one": arguments}}

    def of(key: str) -> Small:
        return small_on(between.endpoint, tmp_path, table(key), suffix="prod")

    def key() -> str:
        return str(client("dynamodb").describe_table(TableName=name)["Table"]["KeySchema"][0]["AttributeName"])

    assert run(of("id")) == OK
    assert run(of("other")) == FOUND
    told = capfd.readouterr().err
    assert "  aws_dynamodb_table.one is replaced: its items go\n" in told
    assert '    because of hash_key: "id" → "other"\n' in told
    assert key() == "id"
    assert run(of("other"), allowed=("aws_dynamodb_table.one",)) == OK
    assert key() == "other"
    assert run(of("other"), "destroy") == UNUSABLE
    assert run(of("other"), "destroy", destroy_data="catalog-prod") == OK
    assert name not in client("dynamodb").list_tables()["TableNames"]


def test_a_development_leaves_nothing_but_what_aws_keeps(
    between: Between, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    containers = '[{"name": "api", "image": "nginx", "memory": 128}]'
    definition = {"family": name, "container_definitions": containers, "skip_destroy": True}
    resources = {
        "aws_cloudwatch_log_group": {"one": {"name": f"/{name}"}},
        "aws_ecs_task_definition": {"one": definition},
        "aws_secretsmanager_secret": {"one": {"name": name, "recovery_window_in_days": 7}},
        "aws_kms_key": {"one": {"deletion_window_in_days": 7}},
    }
    stack = small_on(between.endpoint, tmp_path, resources)
    assert run(stack) == OK
    capfd.readouterr()
    assert run(stack, "destroy") == OK
    told = capfd.readouterr().out.splitlines()
    assert [line.split(": ")[1] for line in told if line.startswith("removed: ")] == [f"{name}:1", name]
    assert [line.split(", ")[1][:16] for line in told if line.startswith("stays: ")] == ["to be taken back"]
    assert client("ecs").list_task_definitions(familyPrefix=name)["taskDefinitionArns"] == []
    assert not stack.outputs_file.exists()
    # AWS makes a group again for events that come late; the other one is another environment's.
    for group in (f"/{name}", f"/{name}-2"):
        client("logs").create_log_group(logGroupName=group)
    assert run(stack, "destroy") == OK
    assert capfd.readouterr().out.splitlines()[-1].startswith(f"removed: /{name}: log group")
    groups = client("logs").describe_log_groups(logGroupNamePrefix=f"/{name}")["logGroups"]
    assert [each["logGroupName"] for each in groups] == [f"/{name}-2"]


def _core(stack: Small) -> Terraform:
    core = Terraform(stack)
    core.init()
    return core


def _line(process: subprocess.Popen[str], words: str) -> bool:
    """Whether it says that; it is read up to there."""
    assert process.stdout
    return any(words in line for line in process.stdout)
