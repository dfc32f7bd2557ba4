"""The calls of Terraform, answered with a backend that does as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localaws.provider.backend import Backend, Notice, Outcome, Refused, Surroundings
from localaws.provider.protocol import pb
from localaws.provider.provider import Provider
from localaws.provider.values import UNKNOWN, Object
from localaws.provider.wire import decoded, encoded
from tests.localaws.provider.samples import (
    PROVIDER_BLOCK,
    QUESTION,
    QUESTION_BLOCK,
    THING,
    THING_BLOCK,
    FakeBackend,
    made,
    refusal_half_made,
    schema,
    thing,
)

LOCAL = {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000", "AWS_REGION": "us-east-1"}


def configured(backend: Backend, environment: dict[str, str] | None = None, config: Object | None = None) -> Provider:
    provider = Provider(schema(), environment or LOCAL, lambda _: backend)
    given = {"region": None, "default_tags": [], "endpoints": [], **(config or {})}
    provider.configure_provider(pb.ConfigureProvider.Request(config=encoded(given)))
    return provider


def state_in(message: pb.DynamicValue) -> Object | None:
    return decoded(message, THING_BLOCK)


def apply_of(
    provider: Provider, prior: Object | None, planned: Object | None, config: Object | None = None, private: bytes = b""
) -> pb.ApplyResourceChange.Response:
    return provider.apply_resource_change(
        pb.ApplyResourceChange.Request(
            type_name=THING,
            prior_state=encoded(prior),
            planned_state=encoded(planned),
            config=encoded(config or planned),
            planned_private=private,
        )
    )


def plan_of(provider: Provider, prior: Object | None, proposed: Object | None) -> pb.PlanResourceChange.Response:
    return provider.plan_resource_change(
        pb.PlanResourceChange.Request(
            type_name=THING,
            prior_state=encoded(prior),
            proposed_new_state=encoded(proposed),
            config=encoded(proposed),
            prior_private=b'{"watched": []}',
        )
    )


def read_of(provider: Provider, state: Object, private: bytes = b"{}") -> pb.ReadResource.Response:
    return provider.read_resource(
        pb.ReadResource.Request(type_name=THING, current_state=encoded(state), private=private)
    )


# --- The provider block


def test_the_schema_is_the_one_it_was_made_with() -> None:
    answer = Provider(schema(), {}, _no_backend).get_provider_schema(pb.GetProviderSchema.Request())
    assert list(answer.resource_schemas) == [THING]


def _no_backend(surroundings: Surroundings) -> Backend:
    raise AssertionError(f"no backend was wanted at {surroundings.endpoint_url}")


def test_without_an_endpoint_no_backend_is_connected() -> None:
    provider = Provider(schema(), {"AWS_REGION": "us-east-1"}, _no_backend)
    provider.configure_provider(pb.ConfigureProvider.Request())
    assert state_in(apply_of(provider, None, thing(name="one", id=UNKNOWN)).new_state)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"])
def test_a_backend_is_connected_to_a_loopback_address(url: str) -> None:
    met: list[Surroundings] = []

    def connect(surroundings: Surroundings) -> Backend:
        met.append(surroundings)
        return FakeBackend()

    provider = Provider(schema(), {**LOCAL, "AWS_ENDPOINT_URL": url}, connect)
    provider.configure_provider(pb.ConfigureProvider.Request())
    assert [(each.endpoint_url, each.region) for each in met] == [(url, "us-east-1")]


@pytest.mark.parametrize("url", ["https://sts.amazonaws.com", "http://10.0.0.1", "http://127.0.0.1.example.com"])
def test_no_other_address_is_ever_connected_to(url: str) -> None:
    provider = Provider(schema(), {**LOCAL, "AWS_ENDPOINT_URL": url}, _no_backend)
    with pytest.raises(Refused, match="Not a local AWS"):
        provider.configure_provider(pb.ConfigureProvider.Request())


def test_endpoints_in_the_provider_block_are_refused_rather_than_passed_over() -> None:
    with pytest.raises(Refused, match="Two places"):
        configured(FakeBackend(), config={"endpoints": [{"ec2": "http://127.0.0.1:1"}]})


def test_without_a_region_nothing_is_configured() -> None:
    with pytest.raises(Refused, match="No region"):
        configured(FakeBackend(), {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})


@pytest.mark.parametrize(
    ("config", "environment", "expected"),
    [
        ({"region": "eu-west-1"}, {"AWS_REGION": "us-west-2"}, "eu-west-1"),
        ({}, {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-1"}, "us-west-2"),
        ({}, {"AWS_DEFAULT_REGION": "us-west-1"}, "us-west-1"),
        ({"region": UNKNOWN}, {"AWS_REGION": "us-west-2"}, "us-west-2"),
    ],
)
def test_the_region_is_the_blocks_or_the_environments(
    config: Object, environment: dict[str, str], expected: str
) -> None:
    provider = configured(FakeBackend(), environment, config)
    planned = state_in(plan_of(provider, None, thing(name="one")).planned_state)
    assert planned is not None
    assert planned["region"] == expected


def test_the_default_tags_of_the_block_are_in_every_plan() -> None:
    provider = configured(FakeBackend(), config={"default_tags": [{"tags": {"Project": "demo"}}]})
    planned = state_in(plan_of(provider, None, thing(name="one")).planned_state)
    assert planned is not None
    assert planned["tags_all"] == {"Project": "demo"}


def test_before_it_is_configured_nothing_is_read() -> None:
    with pytest.raises(Refused, match="not configured"):
        read_of(Provider(schema(), LOCAL, _no_backend), made())


# --- Validation


def test_a_value_for_a_computed_attribute_is_an_error_that_names_it() -> None:
    answer = Provider(schema(), {}, _no_backend).validate_resource_config(
        pb.ValidateResourceConfig.Request(type_name=THING, config=encoded(thing(name="one", arn="mine")))
    )
    assert [step.attribute_name for each in answer.diagnostics for step in each.attribute.steps] == ["arn"]


def test_a_good_configuration_has_no_errors() -> None:
    answer = Provider(schema(), {}, _no_backend).validate_resource_config(
        pb.ValidateResourceConfig.Request(type_name=THING, config=encoded(thing(name="one")))
    )
    assert list(answer.diagnostics) == []


# --- What is not behind the endpoint


def calls_of(provider: Provider) -> Iterator[Any]:
    yield lambda: plan_of(provider, None, thing(name="one"))
    yield lambda: apply_of(provider, None, thing(name="one"))
    yield lambda: read_of(provider, made())
    yield lambda: provider.import_resource_state(pb.ImportResourceState.Request(type_name=THING, id="t-1"))


@pytest.mark.parametrize("number", range(4))
def test_a_kind_that_the_backend_does_not_know_is_an_error_by_its_name(number: int) -> None:
    provider = configured(FakeBackend(absent=frozenset({THING})))
    with pytest.raises(Refused, match="aws_thing: not in the local AWS"):
        list(calls_of(provider))[number]()


def test_a_data_source_that_the_backend_does_not_know_is_an_error_by_its_name() -> None:
    provider = configured(FakeBackend(absent=frozenset({QUESTION})))
    with pytest.raises(Refused, match="aws_question: not in the local AWS"):
        provider.read_data_source(
            pb.ReadDataSource.Request(
                type_name=QUESTION, config=encoded({"about": "x", "answer": None, "region": None})
            )
        )


# --- Create, update, delete


def test_a_create_hands_over_the_configuration_and_the_plan() -> None:
    backend = FakeBackend()
    config, planned = thing(name="one"), thing(name="one", arn=UNKNOWN)
    apply_of(configured(backend), None, planned, config)
    assert backend.calls == [("create", THING, config, planned)]


def test_a_created_object_is_what_the_backend_says() -> None:
    answer = apply_of(configured(FakeBackend()), None, thing(name="one", arn=UNKNOWN))
    assert state_in(answer.new_state) == thing(name="one", arn="told")


def test_the_notes_of_a_backend_are_kept_beside_the_state() -> None:
    answer = apply_of(configured(FakeBackend()), None, thing(name="one"))
    assert json.loads(answer.private) == {"watched": ["name"]}


@pytest.mark.parametrize(("name", "expected"), [("arn", None), ("tags_all", {}), ("zones", [])])
def test_what_a_backend_leaves_unknown_is_nothing_and_not_made_up(name: str, expected: object) -> None:
    backend = FakeBackend(outcome=Outcome(made(**{name: UNKNOWN})))
    state = state_in(apply_of(configured(backend), None, thing(name="one")).new_state)
    assert state is not None
    assert state[name] == expected


def test_a_backends_warnings_are_terraforms() -> None:
    backend = FakeBackend(outcome=Outcome(made(), warnings=(Notice("slow", "today"),)))
    answer = apply_of(configured(backend), None, thing(name="one"))
    assert [(each.severity, each.summary, each.detail) for each in answer.diagnostics] == [
        (pb.Diagnostic.WARNING, "slow", "today")
    ]


def test_a_refused_create_of_nothing_leaves_nothing() -> None:
    answer = apply_of(configured(FakeBackend(refusal=Refused("no"))), None, thing(name="one"))
    assert state_in(answer.new_state) is None


def test_a_half_made_object_is_kept_with_its_error_and_so_tainted() -> None:
    answer = apply_of(configured(FakeBackend(refusal=refusal_half_made())), None, thing(name="one"))
    state = state_in(answer.new_state)
    assert (state and state["id"], answer.diagnostics[0].severity) == ("t-1", pb.Diagnostic.ERROR)


def test_a_half_made_object_has_nothing_unknown() -> None:
    answer = apply_of(configured(FakeBackend(refusal=refusal_half_made())), None, thing(name="one"))
    state = state_in(answer.new_state)
    assert state is not None
    assert state["arn"] is None


def test_the_notes_of_a_half_made_object_are_kept() -> None:
    answer = apply_of(configured(FakeBackend(refusal=refusal_half_made())), None, thing(name="one"))
    assert json.loads(answer.private) == {"k": 1}


def test_a_refusal_says_what_aws_said() -> None:
    answer = apply_of(configured(FakeBackend(refusal=refusal_half_made())), None, thing(name="one"))
    assert [(each.summary, each.detail) for each in answer.diagnostics] == [
        ("creating aws_thing (one)", "CreateThing: Limit")
    ]


def test_a_refused_update_keeps_the_prior_state() -> None:
    answer = apply_of(configured(FakeBackend(refusal=Refused("no"))), made(), made(size=2))
    assert state_in(answer.new_state) == made()


def test_a_refused_update_that_did_something_keeps_what_it_did() -> None:
    backend = FakeBackend(refusal=Refused("no", state=made(size=2)))
    answer = apply_of(configured(backend), made(), made(size=2, note="new"))
    assert state_in(answer.new_state) == made(size=2)


def test_a_refused_delete_keeps_the_object() -> None:
    answer = apply_of(configured(FakeBackend(refusal=Refused("no"))), made(), None, made())
    assert state_in(answer.new_state) == made()


def test_a_failed_operation_keeps_the_notes() -> None:
    answer = apply_of(configured(FakeBackend(refusal=Refused("no"))), made(), None, made(), private=b'{"k": 2}')
    assert answer.private == b'{"k": 2}'


def test_a_deleted_object_is_gone() -> None:
    backend = FakeBackend()
    answer = apply_of(configured(backend), made(), None, made(), private=b'{"k": 2}')
    assert (state_in(answer.new_state), backend.calls) == (None, [("delete", THING, made(), {"k": 2})])


def test_an_update_hands_over_both_states_and_the_notes() -> None:
    backend = FakeBackend()
    apply_of(configured(backend), made(), made(size=2), thing(name="one", size=2), private=b'{"k": 2}')
    assert backend.calls == [("update", THING, made(), thing(name="one", size=2), made(size=2), {"k": 2})]


def test_a_defect_of_a_backend_is_told_as_one_and_keeps_the_state() -> None:
    answer = apply_of(configured(FakeBackend(refusal=KeyError("oops"))), made(), made(size=2))
    assert (state_in(answer.new_state), answer.diagnostics[0].summary) == (
        made(),
        "aws_thing: a defect of localaws in update",
    )


# --- Plan


def test_a_plan_keeps_the_notes() -> None:
    assert plan_of(configured(FakeBackend()), made(), made(size=2)).planned_private == b'{"watched": []}'


def test_a_plan_asks_the_backend_what_an_update_renews() -> None:
    backend = FakeBackend(renews=frozenset({"note"}))
    planned = state_in(plan_of(configured(backend), made(), made(size=2)).planned_state)
    assert planned is not None
    assert planned["note"] is UNKNOWN


def test_a_plan_to_destroy_is_nothing() -> None:
    assert state_in(plan_of(configured(FakeBackend()), made(), None).planned_state) is None


def test_a_replacement_names_the_argument() -> None:
    prior = made(region="eu-west-1")
    config = thing(name="one")
    answer = configured(FakeBackend()).plan_resource_change(
        pb.PlanResourceChange.Request(
            type_name=THING, prior_state=encoded(prior), proposed_new_state=encoded(prior), config=encoded(config)
        )
    )
    assert [step.attribute_name for path in answer.requires_replace for step in path.steps] == ["region"]


# --- Read and import


def test_a_read_is_what_the_backend_sees() -> None:
    backend = FakeBackend(outcome=Outcome(made(note="drifted"), notes={"k": 3}))
    answer = read_of(configured(backend), made())
    assert (state_in(answer.new_state), answer.private) == (made(note="drifted"), b'{"k": 3}')


def test_an_object_that_is_gone_is_nothing() -> None:
    assert state_in(read_of(configured(FakeBackend()), made(name="gone")).new_state) is None


def test_an_import_has_the_id_and_the_region_and_nothing_else() -> None:
    answer = configured(FakeBackend()).import_resource_state(pb.ImportResourceState.Request(type_name=THING, id="t-1"))
    assert state_in(answer.imported_resources[0].state) == thing(id="t-1", region="us-east-1")


def test_an_imported_object_is_read_without_notes() -> None:
    backend = FakeBackend()
    read_of(configured(backend), thing(id="t-1"), private=b"")
    assert backend.calls == [("read", THING, thing(id="t-1"), None)]


def test_an_attribute_that_the_schema_lost_is_dropped_from_a_state() -> None:
    answer = Provider(schema(), {}, _no_backend).upgrade_resource_state(
        pb.UpgradeResourceState.Request(
            type_name=THING, raw_state=pb.RawState(json=json.dumps({"id": "t-1", "lost": 1}).encode())
        )
    )
    assert json.loads(answer.upgraded_state.json) == {"id": "t-1"}


# --- Data sources and ephemeral resources


def test_a_data_source_is_asked_with_the_region() -> None:
    backend = FakeBackend()
    asked: Object = {"about": "x", "answer": None, "region": None}
    answer = configured(backend).read_data_source(pb.ReadDataSource.Request(type_name=QUESTION, config=encoded(asked)))
    assert decoded(answer.state, QUESTION_BLOCK) == {"about": "x", "answer": "42", "region": "us-east-1"}


def test_an_ephemeral_resource_is_opened() -> None:
    asked: Object = {"about": "x", "answer": None, "region": None}
    answer = configured(FakeBackend()).open_ephemeral_resource(
        pb.OpenEphemeralResource.Request(type_name=QUESTION, config=encoded(asked))
    )
    assert decoded(answer.result, QUESTION_BLOCK) == {"about": "x", "answer": "secret", "region": "us-east-1"}


# --- Ctrl-C, faults, log


def test_after_ctrl_c_nothing_is_begun() -> None:
    backend = FakeBackend()
    provider = configured(backend)
    provider.stop_provider(pb.StopProvider.Request())
    answer = apply_of(provider, None, thing(name="one"))
    assert (backend.calls, answer.diagnostics[0].summary) == ([("stop",)], "aws_thing: not begun")


def test_an_operation_that_is_asked_to_fail_fails_before_it_begins() -> None:
    backend = FakeBackend()
    provider = configured(backend, {**LOCAL, "LOCALAWS_FAIL": "aws_other:create,aws_thing:create"})
    answer = apply_of(provider, None, thing(name="one"))
    assert (backend.calls, answer.diagnostics[0].summary) == ([], "aws_thing: create fails on request")


def test_another_operation_does_not_fail() -> None:
    provider = configured(FakeBackend(), {**LOCAL, "LOCALAWS_FAIL": "aws_thing:delete"})
    assert list(apply_of(provider, None, thing(name="one")).diagnostics) == []


def test_a_create_that_is_asked_to_fail_at_its_end_leaves_a_half_made_object() -> None:
    provider = configured(FakeBackend(), {**LOCAL, "LOCALAWS_FAIL": "aws_thing:created"})
    answer = apply_of(provider, None, thing(name="one", id=UNKNOWN))
    assert (state_in(answer.new_state), len(answer.diagnostics)) == (thing(name="one", id="told"), 1)


@pytest.mark.parametrize("asked", ["aws_thing", "aws_thing:boil", ":"])
def test_a_fault_that_cannot_be_read_is_refused(asked: str) -> None:
    with pytest.raises(Refused, match="LOCALAWS_FAIL cannot be read"):
        configured(FakeBackend(), {**LOCAL, "LOCALAWS_FAIL": asked})


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_log_says_what_was_asked_and_what_came_of_it(tmp_path: Path) -> None:
    provider = configured(FakeBackend(), {**LOCAL, "LOCALAWS_LOG": str(tmp_path / "log")})
    apply_of(provider, None, thing(name="one", arn=UNKNOWN), thing(name="one"))
    (entry,) = lines(tmp_path / "log")
    assert entry.pop("seconds") >= 0
    assert entry == {
        "operation": "create",
        "type": THING,
        "arguments": {"name": "one"},
        "state": thing(name="one", arn="told"),
        "error": None,
        "warnings": [],
        "facts": {},
    }


def test_the_log_says_what_failed_and_why(tmp_path: Path) -> None:
    provider = configured(FakeBackend(refusal=Refused("no", "never")), {**LOCAL, "LOCALAWS_LOG": str(tmp_path / "log")})
    apply_of(provider, made(), None, made())
    assert [(each["operation"], each["error"]) for each in lines(tmp_path / "log")] == [("delete", "no: never")]


def test_the_log_has_what_the_backend_tells_besides(tmp_path: Path) -> None:
    backend = FakeBackend(outcome=Outcome(made(), facts={"calls": ["create_thing"]}))
    apply_of(configured(backend, {**LOCAL, "LOCALAWS_LOG": str(tmp_path / "log")}), None, thing(name="one"))
    assert lines(tmp_path / "log")[0]["facts"] == {"calls": ["create_thing"]}


def test_the_log_is_for_the_user_alone(tmp_path: Path) -> None:
    apply_of(configured(FakeBackend(), {**LOCAL, "LOCALAWS_LOG": str(tmp_path / "log")}), None, thing(name="one"))
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_the_block_of_the_provider_is_in_the_schema() -> None:
    assert schema().provider == PROVIDER_BLOCK
