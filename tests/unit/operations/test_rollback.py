"""`make rollback`: where it goes, what it shows, whom it asks, and what becomes of it."""

from __future__ import annotations

import copy
import io
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.operations import rollback as words
from lib.operations.deploy.rollout import Rolled
from lib.operations.deployment import Deployment
from lib.operations.ending import ended
from lib.operations.rollback import differences, rolled_back
from tests.unit.operations.living import DEPLOYED_AT, Living
from tests.unit.operations.recorded import GONE

ARN = "arn:aws:ecs:sa-east-1:123456789012:task-definition/catalog-dev-api"
DESCRIBE = "ecs describe_services"
UPDATE = "ecs update_service"


class Catalog(Living):
    """Its service `api` has revisions, and runs one of them."""

    def __init__(self) -> None:
        super().__init__("catalog")
        asked = self.of("ecs describe_task_definition")[0]
        self.definition = self.answers[asked]["taskDefinition"]
        self.revisions(1, 2, 3)
        self.runs(3)
        self.outputs["task_definition_arns"]["api"] = f"{ARN}:3"
        self.then(3)

    def revisions(self, *numbers: int) -> None:
        arns = [f"{ARN}:{number}" for number in sorted(numbers, reverse=True)]
        others = ["arn:aws:ecs:sa-east-1:123456789012:task-definition/catalog-dev-api-proxy:9"]
        answer = {"taskDefinitionArns": [*arns, *others]}
        self.answer("ecs list_task_definitions", answer, familyPrefix="catalog-dev-api", status="ACTIVE", sort="DESC")
        for number in numbers:
            self.describe(number)

    def describe(self, number: int, **members: Any) -> dict[str, Any]:
        """Each revision has an image of its own, unless members say otherwise."""
        definition: dict[str, Any] = copy.deepcopy(self.definition) | {"taskDefinitionArn": f"{ARN}:{number}"}
        definition["registeredAt"] = DEPLOYED_AT - timedelta(days=10 - number)
        definition["containerDefinitions"][0]["image"] = f"shop:{number}"
        definition |= members
        self.answer("ecs describe_task_definition", {"taskDefinition": definition}, taskDefinition=f"{ARN}:{number}")
        return definition

    def runs(self, number: int, state: str = "COMPLETED") -> None:
        self.change(DESCRIBE, "services.0.taskDefinition", f"{ARN}:{number}")
        self.change(DESCRIBE, "services.0.deployments.0.taskDefinition", f"{ARN}:{number}")
        self.change(DESCRIBE, "services.0.deployments.0.rolloutState", state)

    def then(self, number: int) -> None:
        """What the service runs when it is asked again, before anything is done."""
        self.aws.script[DESCRIBE + " again"] = [{"services": [{"taskDefinition": f"{ARN}:{number}"}]}]


@pytest.fixture
def catalog() -> Catalog:
    return Catalog()


Run = Callable[..., int]


@pytest.fixture
def watched() -> list[Rolled]:
    return []


@pytest.fixture
def run(catalog: Catalog, watched: list[Rolled], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    catalog.aws.script[UPDATE] = [{}]
    call = catalog.aws.call

    def called(service: str, operation: str, /, **parameters: Any) -> dict[str, Any]:
        if operation == "describe_services" and not catalog.aws.script[DESCRIBE + " again"]:
            return {"services": [{"taskDefinition": updates(catalog)[-1]["taskDefinition"]}]}
        again = " again" if operation == "describe_services" else ""
        return call(service, operation + again, **parameters)

    monkeypatch.setattr(catalog.aws, "call", called)

    def rollback(to: int | None = None, *, yes: bool = True, emulated: bool = False, wrong: object = ()) -> int:
        def watch(_: Deployment, rolled: Rolled) -> list[str]:
            watched.append(rolled)
            if isinstance(wrong, BaseException):
                raise wrong
            return list(wrong) if isinstance(wrong, tuple) else []

        stack = catalog.deployment(emulated=emulated)
        return ended(lambda: rolled_back(stack, "api", to, yes=yes, watch=watch))()

    return rollback


def updates(catalog: Catalog) -> list[dict[str, Any]]:
    return [parameters for name, parameters in catalog.aws.called if name == UPDATE]


class TestWhere:
    def test_it_goes_to_the_revision_before(self, run: Run, catalog: Catalog, watched: list[Rolled]) -> None:
        assert run() == 0
        assert updates(catalog) == [
            {"cluster": "catalog-dev-cluster", "service": "catalog-dev-api", "taskDefinition": f"{ARN}:2"}
        ]
        assert watched == [Rolled("api", "catalog-dev-cluster", "catalog-dev-api", f"{ARN}:2")]

    def test_one_that_was_deregistered_is_passed_over(self, run: Run, catalog: Catalog) -> None:
        catalog.revisions(1, 3)
        assert run() == 0
        assert updates(catalog)[0]["taskDefinition"] == f"{ARN}:1"

    def test_it_goes_where_it_is_told(self, run: Run, catalog: Catalog) -> None:
        assert run(1) == 0
        assert updates(catalog)[0]["taskDefinition"] == f"{ARN}:1"

    def test_it_goes_forward_too(self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
        catalog.runs(2)
        catalog.then(2)
        assert run(3) == 0
        assert updates(catalog)[0]["taskDefinition"] == f"{ARN}:3"
        assert "which is what was deployed: Terraform has nothing to change" in capsys.readouterr().out

    def test_a_revision_that_is_not_there_is_refused_with_those_that_are(
        self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(9) == 2
        assert capsys.readouterr().err == "--to 9: catalog-dev-api has no such revision: 3, 2, 1\n"
        assert updates(catalog) == []

    def test_with_nothing_before_it_ends_with_1(
        self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.revisions(3)
        assert run() == 1
        said = "catalog-dev-api:3 runs, and no revision before it is there: nothing to go back to\n"
        assert capsys.readouterr().err == said
        assert updates(catalog) == []

    def test_with_no_revision_at_all_that_is_said(
        self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.revisions()
        assert run(1) == 2
        assert capsys.readouterr().err == "--to 1: catalog-dev-api has no such revision: none is there\n"

    @pytest.mark.parametrize("path", ["services", "services.0.status"])
    def test_a_service_that_is_gone_is_told(
        self, run: Run, catalog: Catalog, path: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.change(DESCRIBE, path, [] if path == "services" else "INACTIVE")
        assert run() == 1
        said = "ECS has no active service catalog-dev-api, which the outputs name\n"
        assert capsys.readouterr().err == said

    def test_where_ecs_went_back_by_itself_nothing_is_changed(
        self, run: Run, catalog: Catalog, watched: list[Rolled], capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.runs(2)
        assert run() == 0
        assert updates(catalog) == []
        assert "api is at catalog-dev-api:2 already" in capsys.readouterr().out
        assert watched[0].definition == f"{ARN}:2"

    def test_so_it_is_where_it_went_back_to_one_that_was_deregistered(self, run: Run, catalog: Catalog) -> None:
        catalog.revisions(1, 3)
        catalog.runs(2)
        assert run() == 0
        assert updates(catalog) == []

    def test_outputs_of_an_older_deployment_do_not_lead_astray(self, run: Run, catalog: Catalog) -> None:
        catalog.outputs["task_definition_arns"]["api"] = f"{ARN}:1"
        assert run() == 0
        assert updates(catalog)[0]["taskDefinition"] == f"{ARN}:2"

    def test_a_running_revision_that_was_deregistered_is_described(
        self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.revisions(1, 2)
        assert run() == 0
        assert "api: image shop:3 → shop:2" in capsys.readouterr().out

    def test_the_newest_ten_are_shown_and_where_it_is_and_goes(
        self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.revisions(*range(1, 15))
        assert run(1) == 0
        shown = [line.split()[0] for line in capsys.readouterr().out.splitlines() if " ago " in line]
        assert shown == [f"catalog-dev-api:{number}" for number in [*range(14, 4, -1), 3, 1]]


class TestShown:
    def test_revisions_with_image_and_what_they_are(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        run()
        lines = [line.split() for line in capsys.readouterr().out.splitlines()[:4]]
        assert [line[:1] + line[-1:] for line in lines[1:]] == [
            ["catalog-dev-api:3", "shop:3"],
            ["catalog-dev-api:2", "shop:2"],
            ["catalog-dev-api:1", "shop:1"],
        ]
        assert lines[1][1:3] == ["runs,", "deployed"]
        assert lines[2][1:3] == ["goes", "to"]

    def test_what_terraform_makes_of_it(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        run()
        text = " ".join(capsys.readouterr().out.split())
        assert "the next `make deploy` brings it forward again, to catalog-dev-api:3 or what the blueprint" in text
        assert 'put into [services.api] what this revision has (image = "shop:2") and deploy' in text

    def test_a_deployment_under_way_is_told(
        self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.runs(3, "IN_PROGRESS")
        assert run() == 0
        assert "a deployment to catalog-dev-api:3 is under way" in capsys.readouterr().out
        assert updates(catalog)[0]["taskDefinition"] == f"{ARN}:2"

    def test_one_without_a_time_has_none(self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
        catalog.change("ecs describe_task_definition", "taskDefinition.registeredAt", GONE)
        run()
        assert " ago" not in capsys.readouterr().out


class TestDifferences:
    def changed(self, catalog: Catalog, change: Callable[[dict[str, Any]], object]) -> list[str]:
        then = copy.deepcopy(catalog.definition)
        change(then)
        return differences(catalog.definition, then)

    def container(self, catalog: Catalog, **members: Any) -> list[str]:
        return self.changed(catalog, lambda then: then["containerDefinitions"][0].update(members))

    def test_the_same_has_none(self, catalog: Catalog) -> None:
        assert self.changed(catalog, lambda _: None) == []

    def test_what_aws_writes_does_not_count(self, catalog: Catalog) -> None:
        assert self.changed(catalog, lambda then: then.update(revision=9, registeredAt=1, status="INACTIVE")) == []

    def test_sizes_and_roles_are_shown(self, catalog: Catalog) -> None:
        assert self.changed(catalog, lambda then: then.update(cpu="1024")) == ["cpu: 256 → 1024"]

    def test_what_is_no_text_only_changes(self, catalog: Catalog) -> None:
        assert self.changed(catalog, lambda then: then.update(volumes=[])) == ["volumes: changes"]

    def test_images_are_shown(self, catalog: Catalog) -> None:
        image = catalog.definition["containerDefinitions"][0]["image"]
        assert self.container(catalog, image="shop:9") == [f"api: image {image} → shop:9"]

    def test_of_variables_only_the_names(self, catalog: Catalog) -> None:
        catalog.definition["containerDefinitions"][0]["environment"] = [
            {"name": "SAME", "value": "a"},
            {"name": "OLD", "value": "hidden1"},
            {"name": "MODE", "value": "hidden2"},
        ]
        after = [
            {"name": "MODE", "value": "hidden3"},
            {"name": "SAME", "value": "a"},
            {"name": "NEW", "value": "hidden4"},
        ]
        assert self.container(catalog, environment=after) == [
            "api: environment MODE has another value",
            "api: environment NEW comes",
            "api: environment OLD goes",
        ]

    def test_of_secrets_too(self, catalog: Catalog) -> None:
        names = sorted(each["name"] for each in catalog.definition["containerDefinitions"][0]["secrets"])
        assert names
        assert self.container(catalog, secrets=[]) == [f"api: secrets {name} goes" for name in names]

    def test_the_rest_by_name(self, catalog: Catalog) -> None:
        assert self.container(catalog, command=["other"], stopTimeout=99) == ["api: command, stopTimeout"]

    def test_a_container_that_comes(self, catalog: Catalog) -> None:
        more = {"name": "sidecar", "image": "proxy:1"}
        found = self.changed(catalog, lambda then: then["containerDefinitions"].append(more))
        assert found == ["sidecar: image changes"]


class TestAgreement:
    @pytest.fixture
    def terminal(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        def answer(text: str) -> None:
            stream = io.StringIO(text)
            monkeypatch.setattr(stream, "isatty", lambda: True)
            monkeypatch.setattr(sys, "stdin", stream)

        return answer

    @pytest.mark.parametrize("text", ["y\n", "Yes\n"])
    def test_people_are_asked(
        self, run: Run, catalog: Catalog, terminal: Callable[[str], None], text: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        terminal(text)
        assert run(yes=False) == 0
        assert capsys.readouterr().err.startswith("Bring api to catalog-dev-api:2? [y/N] ")
        assert len(updates(catalog)) == 1

    @pytest.mark.parametrize("text", ["\n", "n\n", "", "maybe\n"])
    def test_anything_else_than_yes_changes_nothing(
        self, run: Run, catalog: Catalog, terminal: Callable[[str], None], text: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        terminal(text)
        assert run(yes=False) == 1
        assert capsys.readouterr().err.endswith("nothing was changed\n")
        assert updates(catalog) == []

    def test_where_nobody_is_there_it_needs_yes(
        self, run: Run, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
        assert run(yes=False) == 2
        assert capsys.readouterr().err == "nobody is there to be asked: --yes does it without a question\n"
        assert updates(catalog) == []


class TestWhatBecomesOfIt:
    def test_one_that_does_not_get_there_ends_with_1_and_why(
        self, run: Run, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(wrong=("api: the deployment failed", "  a task stopped: no secret")) == 1
        assert capsys.readouterr().err.splitlines()[1:] == [
            "api did not get to catalog-dev-api:2:",
            "api: the deployment failed",
            "  a task stopped: no secret",
        ]

    def test_interrupted_it_says_that_ecs_goes_on(
        self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(wrong=KeyboardInterrupt()) == 130
        assert capsys.readouterr().err.splitlines()[-1] == (
            "interrupted; ECS goes on with it: `make status` tells how far it is"
        )
        assert len(updates(catalog)) == 1

    def test_of_two_at_once_the_second_changes_nothing(
        self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.then(2)
        assert run() == 1
        said = "meanwhile somebody else brought api to catalog-dev-api:2; nothing was changed\n"
        assert capsys.readouterr().err == said
        assert updates(catalog) == []

    @pytest.mark.parametrize(("late", "looks"), [(2, 2), (99, 15)])
    def test_it_is_not_watched_before_ecs_tells_of_it(
        self, run: Run, catalog: Catalog, late: int, looks: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        before = {"services": [{"taskDefinition": f"{ARN}:3"}]}
        catalog.aws.script[DESCRIBE + " again"] = [before] * (late + 1)
        assert run() == 0
        assert len(slept) == looks

    def test_a_second_one_waits_for_the_first(
        self, run: Run, catalog: Catalog, watched: list[Rolled], capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.runs(2, "IN_PROGRESS")
        assert run() == 0
        assert "a deployment to catalog-dev-api:2 is under way" in capsys.readouterr().out
        assert updates(catalog) == []
        assert len(watched) == 1

    def test_a_service_that_goes_meanwhile_is_told(
        self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.aws.script[DESCRIBE + " again"] = [{"services": []}]
        assert run() == 1
        assert capsys.readouterr().err.startswith("meanwhile somebody else brought api to nothing")

    @pytest.mark.parametrize(
        ("code", "exit_code"), [("AccessDeniedException", 3), ("ThrottlingException", 1), ("ExpiredTokenException", 3)]
    )
    def test_a_refusal_ends_it(
        self, run: Run, catalog: Catalog, code: str, exit_code: int, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.aws.script[UPDATE] = [code]
        assert run() == exit_code
        assert code in capsys.readouterr().err

    def test_an_emulator_cannot_tell_whether_tasks_get_healthy(
        self, run: Run, catalog: Catalog, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.runs(3, "IN_PROGRESS")
        assert run(emulated=True) == 0
        printed = capsys.readouterr()
        assert printed.err.endswith(
            "needs AWS: an emulator runs no tasks, instances or functions and serves no requests\n"
        )
        assert "under way" not in printed.out


def test_it_is_watched_as_a_deployment_is(catalog: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
    done = {"status": "PRIMARY", "taskDefinition": f"{ARN}:2", "rolloutState": "COMPLETED"}
    service = {"serviceName": "catalog-dev-api", "status": "ACTIVE", "deployments": [done]}
    service |= {"taskDefinition": f"{ARN}:2"}
    catalog.aws.script[DESCRIBE] = [
        {"services": [catalog.answers[catalog.of(DESCRIBE)[0]]["services"][0]]},
        {"services": [{"taskDefinition": f"{ARN}:3"}]},
        {"services": [service]},
        {"services": [service]},
    ]
    catalog.aws.script[UPDATE] = [{}]
    assert rolled_back(catalog.deployment(), "api", None, yes=True) == 0
    assert "api: runs what was deployed" in capsys.readouterr().err


def test_the_word_takes_the_only_service(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = catalog.deployment(emulated=True)
    monkeypatch.setattr(words, "opened", lambda path: stack if path == tmp_path else None)
    catalog.revisions(3)
    assert ended(words.rollback)(outputs=tmp_path, yes=True) == 1
    assert "nothing to go back to" in capsys.readouterr().err
