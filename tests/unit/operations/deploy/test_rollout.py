"""Rollouts: what ECS runs is what was deployed, or it is told why not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lib.evidence.template import Template
from lib.operations.aws import Refused
from lib.operations.deploy.rollout import LONGEST, LONGEST_STANDSTILL, Rolled, explained, failures, of_outputs, of_state
from lib.operations.terraform import Object
from tests.unit.operations.fake_aws import FakeAws
from tests.unit.operations.on_aws import on_aws

_NEW = "arn:aws:ecs:eu-west-1:111122223333:task-definition/catalog-dev-api:8"
_OLD = "arn:aws:ecs:eu-west-1:111122223333:task-definition/catalog-dev-api:7"
GOLDEN = sorted((Path(__file__).parents[3] / "golden").glob("*.json"))
_SERVICE = Rolled("api", "catalog-dev-cluster", "catalog-dev-api", _NEW)
_TASK = "arn:aws:ecs:eu-west-1:111122223333:task/catalog-dev-cluster/0123abcd"


class Time:
    """Passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def deployment(state: str = "COMPLETED", definition: str = _NEW, **more: Any) -> dict[str, Any]:
    counts = {"runningCount": 2, "desiredCount": 2, "pendingCount": 0, "failedTasks": 0}
    return {"status": "PRIMARY", "rolloutState": state, "taskDefinition": definition} | counts | more


def service(*deployments: dict[str, Any], name: str = _SERVICE.name, **more: Any) -> dict[str, Any]:
    return {"serviceName": name, "status": "ACTIVE", "deployments": list(deployments), "taskDefinition": _NEW} | more


def described(*services: dict[str, Any]) -> dict[str, Any]:
    return {"services": list(services)}


def stopped(definition: str = _NEW, id: str = "0123abcd", **more: Any) -> dict[str, Any]:
    return {
        "taskArn": _TASK.replace("0123abcd", id),
        "taskDefinitionArn": definition,
        "stoppedReason": "Essential container in task exited",
        "stoppedAt": datetime(2026, 11, 24, tzinfo=UTC),
        "containers": [{"name": "api", "exitCode": 1}, {"name": "proxy", "exitCode": 0}],
    } | more


@pytest.fixture
def aws() -> FakeAws:
    aws = FakeAws()
    aws.says("ecs list_tasks", {"taskArns": []})
    options = {"awslogs-group": "/catalog/dev/api/application", "awslogs-stream-prefix": "application"}
    containers = [{"name": "api", "logConfiguration": {"options": options}}, {"name": "silent"}]
    aws.says("ecs describe_task_definition", {"taskDefinition": {"containerDefinitions": containers}})
    aws.says("logs get_log_events", {"events": [{"message": "listening\n"}, {"message": "no DATABASE_HOST"}]})
    return aws


def found(aws: FakeAws, *services: Rolled, emulated: bool = False, told: list[str] | None = None) -> list[str]:
    time = Time()
    watched = services or (_SERVICE,)
    said: list[str] = [] if told is None else told
    return failures(aws, watched, said.append, emulated=emulated, clock=time, sleep=time.sleep)


def test_a_service_that_runs_what_was_deployed_is_right(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described(service(deployment())))
    told: list[str] = []
    assert found(aws, told=told) == []
    assert told == ["api: runs what was deployed"]


def test_it_is_waited_for_as_long_as_it_moves(aws: FakeAws) -> None:
    moving = [described(service(deployment("IN_PROGRESS", runningCount=n, desiredCount=99))) for n in range(80)]
    aws.says("ecs describe_services", *moving, described(service(deployment())))
    told: list[str] = []
    assert found(aws, told=told) == []
    assert told[0] == "api: 0 of 99 tasks run"
    assert len(told) == 81


def test_what_is_about_to_run_and_what_failed_is_told_meanwhile(aws: FakeAws) -> None:
    moving = deployment("IN_PROGRESS", runningCount=0, pendingCount=2, failedTasks=1)
    aws.says("ecs describe_services", described(service(moving)), described(service(deployment())))
    told: list[str] = []
    found(aws, told=told)
    assert told[0] == "api: 0 of 2 tasks run, 2 about to run, 1 failed"


def test_a_service_that_went_back_to_another_definition_has_failed_although_it_is_steady(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described(service(deployment(definition=_OLD))))
    assert found(aws)[0] == (
        "api: the deployment failed: ECS runs catalog-dev-api:7, not catalog-dev-api:8 that was deployed"
    )


def test_a_deployment_that_ecs_gave_up_has_failed_with_its_reason(aws: FakeAws) -> None:
    reason = "ECS deployment circuit breaker: tasks failed to start."
    aws.says("ecs describe_services", described(service(deployment("FAILED", rolloutStateReason=reason))))
    assert found(aws) == ["api: the deployment failed", f"  ECS: {reason}"]


def test_the_reason_of_a_deployment_that_was_rolled_back_is_told(aws: FakeAws) -> None:
    back = deployment(definition=_OLD, rolloutStateReason="ECS deployment ecs-svc/2 completed.")
    failed = deployment("FAILED", status="INACTIVE", rolloutStateReason="circuit breaker")
    aws.says("ecs describe_services", described(service(back, failed)))
    assert found(aws)[1:] == ["  ECS: circuit breaker"]


def test_one_that_does_not_move_any_more_is_given_up(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described(service(deployment("IN_PROGRESS", runningCount=1))))
    assert found(aws) == [
        f"api: not deployed after {LONGEST_STANDSTILL // 60} min, and not given up by ECS: 1 of 2 tasks run"
    ]


def test_one_that_moves_for_ever_is_given_up(aws: FakeAws) -> None:
    moving = [described(service(deployment("IN_PROGRESS", failedTasks=n))) for n in range(LONGEST)]
    aws.says("ecs describe_services", *moving)
    assert found(aws)[0].startswith(f"api: not deployed after {LONGEST // 60} min")


def test_a_service_that_is_gone_has_failed(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described())
    assert found(aws) == ["api: there is no service catalog-dev-api; it is gone"]


def test_a_service_that_is_being_deleted_has_failed(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described(service(deployment(), status="DRAINING")))
    assert found(aws) == ["api: there is no service catalog-dev-api; it is DRAINING"]


def test_each_of_several_services_is_looked_at_ten_at_a_time(aws: FakeAws) -> None:
    services = [Rolled(f"s{n}", "catalog-dev-cluster", f"name{n}", _NEW) for n in range(12)]
    answers = [service(deployment(), name=each.name) for each in services]
    aws.says("ecs describe_services", described(*answers[:10]), described(*answers[10:]))
    assert found(aws, *services) == []
    assert [len(asked["services"]) for asked in aws.of("ecs describe_services")] == [10, 2]


def test_one_that_is_done_is_not_asked_for_again(aws: FakeAws) -> None:
    other = Rolled("web", "catalog-dev-cluster", "catalog-dev-web", _NEW)
    moving = service(deployment("IN_PROGRESS"), name=other.name)
    done = service(deployment(), name=other.name)
    aws.says("ecs describe_services", described(service(deployment()), moving), described(done))
    assert found(aws, _SERVICE, other) == []
    assert [asked["services"] for asked in aws.of("ecs describe_services")] == [
        ["catalog-dev-api", "catalog-dev-web"],
        ["catalog-dev-web"],
    ]


def test_tasks_that_stopped_are_told_with_exit_codes_and_their_last_words(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described(service(deployment("FAILED"))))
    aws.says("ecs list_tasks", {"taskArns": [_TASK]})
    aws.says("ecs describe_tasks", {"tasks": [stopped()]})
    assert found(aws)[1:] == [
        "  task 0123abcd stopped: Essential container in task exited",
        "    api: exit code 1",
        "    api | listening",
        "    api | no DATABASE_HOST",
    ]
    (asked,) = aws.of("logs get_log_events")
    assert (asked["logGroupName"], asked["logStreamName"]) == (
        "/catalog/dev/api/application",
        "application/api/0123abcd",
    )


def test_a_container_that_never_ran_is_told_with_its_reason_and_has_no_log(aws: FakeAws) -> None:
    never = [{"name": "api", "reason": "CannotPullContainerError: not found"}]
    aws.says("ecs describe_services", described(service(deployment("FAILED"))))
    aws.says("ecs list_tasks", {"taskArns": [_TASK]})
    aws.says("ecs describe_tasks", {"tasks": [stopped(containers=never)]})
    aws.says("logs get_log_events", "ResourceNotFoundException")
    assert found(aws)[2:] == ["    api: CannotPullContainerError: not found"]


def test_a_log_that_may_not_be_read_is_said_to_be_so(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described(service(deployment("FAILED"))))
    aws.says("ecs list_tasks", {"taskArns": [_TASK]})
    aws.says("ecs describe_tasks", {"tasks": [stopped()]})
    aws.says("logs get_log_events", "AccessDeniedException")
    assert found(aws)[-1] == "    the log of api cannot be told: logs get_log_events: AccessDeniedException"


def test_tasks_of_another_definition_say_nothing_of_this_one(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described(service(deployment("FAILED"))))
    aws.says("ecs list_tasks", {"taskArns": [_TASK]})
    aws.says("ecs describe_tasks", {"tasks": [stopped(_OLD)]})
    assert found(aws) == ["api: the deployment failed"]


def test_the_last_three_tasks_are_told(aws: FakeAws) -> None:
    tasks = [stopped(id=f"{day:08}", stoppedAt=datetime(2026, 11, day, tzinfo=UTC)) for day in range(1, 6)]
    aws.says("ecs describe_services", described(service(deployment("FAILED"))))
    aws.says("ecs list_tasks", {"taskArns": [each["taskArn"] for each in tasks]})
    aws.says("ecs describe_tasks", {"tasks": tasks})
    told = [line.split()[1] for line in found(aws) if line.startswith("  task ")]
    assert told == ["00000005", "00000004", "00000003"]


def test_tasks_that_may_not_be_looked_at_are_said_to_be_so(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described(service(deployment("FAILED"))))
    aws.says("ecs list_tasks", "AccessDeniedException")
    assert found(aws)[1] == "  why tasks stopped cannot be told: ecs list_tasks: AccessDeniedException"


def test_the_last_events_are_told(aws: FakeAws) -> None:
    events = [{"message": f"event {n}"} for n in range(9)]
    aws.says("ecs describe_services", described(service(deployment("FAILED"), events=events)))
    assert found(aws)[1:] == [f"  event: event {n}" for n in range(5)]


def test_a_refused_question_is_no_verdict(aws: FakeAws) -> None:
    aws.says("ecs describe_services", "ThrottlingException")
    with pytest.raises(Refused, match="ThrottlingException"):
        found(aws)


def test_where_no_task_ever_runs_nothing_is_waited_for(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described(service(deployment("IN_PROGRESS"))))
    assert found(aws, emulated=True) == []


def test_where_no_task_ever_runs_another_definition_is_noticed(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described(service(taskDefinition=_OLD)))
    assert found(aws, emulated=True)[0].startswith("api: the deployment failed: ECS runs catalog-dev-api:7")


def test_a_service_that_is_known_to_have_failed_is_explained(aws: FakeAws) -> None:
    aws.says("ecs describe_services", described(service(deployment(), events=[{"message": "unable to place"}])))
    assert explained(aws, [_SERVICE]) == ["api:", "  event: unable to place"]


def test_the_services_are_those_of_the_outputs() -> None:
    stack = on_aws("catalog").deployment()
    assert of_outputs(stack) == [
        Rolled("api", stack["cluster_name"], stack["service_names"]["api"], stack["task_definition_arns"]["api"])
    ]


def test_without_outputs_the_state_tells_what_was_to_be_deployed() -> None:
    running = {"name": "catalog-dev-api", "cluster": "arn:cluster", "task_definition": _OLD}
    objects = [
        Object(
            "aws_ecs_task_definition.a", "aws_ecs_task_definition", False, {"family": "catalog-dev-api", "arn": _NEW}
        ),
        Object("aws_ecs_service.a", "aws_ecs_service", False, running),
        Object("aws_ecs_service.other", "aws_ecs_service", False, running),
        Object("aws_ecs_service.lost", "aws_ecs_service", False, running | {"task_definition": "lost:1"}),
    ]
    addresses = ["aws_ecs_service.a", "aws_ecs_service.lost"]
    assert of_state(objects, addresses) == [Rolled("catalog-dev-api", "arn:cluster", "catalog-dev-api", _NEW)]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.stem)
def test_every_service_fails_the_apply_itself_when_ecs_went_back(golden: Path) -> None:
    for each in Template.of_text(golden.read_text()).all("aws_ecs_service"):
        (postcondition,) = each["lifecycle"]["postcondition"]
        definition = each["task_definition"].removeprefix("${").removesuffix("}")
        assert postcondition["condition"] == f"${{(self.task_definition == {definition})}}"


def test_there_are_services_to_look_at() -> None:
    having = [golden for golden in GOLDEN if Template.of_text(golden.read_text()).all("aws_ecs_service")]
    assert len(having) == 12
