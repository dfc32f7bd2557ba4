"""The transactions function: what is taken, what is refused and why, and what happens when it is sent again."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from lib.functions.transactions import handler
from lib.functions.transactions.handler import handle

GOOD = {"amount": "12.34", "currency": "EUR", "reference": "INV-7"}
REFUSALS = {400, 404, 405, 409}
STATUSES = {200, 201, *REFUSALS}


class Body:
    """What urllib3 would hand to botocore."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


class FakeTable:
    """DynamoDB behind the real client, which checks every request against AWS's model and signs it.

    It answers as AWS does, for the two operations that the function uses; numbers lose the zeros at their end.
    """

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.failures: list[tuple[int, str]] = []

    def __call__(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        wanted = json.loads(request.body)
        self.requests.append((operation, wanted))
        status, answer = self._fail() if self.failures else getattr(self, operation)(wanted)
        return AWSResponse(request.url, status, {}, Body(json.dumps(answer).encode()))

    def _fail(self) -> tuple[int, dict[str, Any]]:
        status, code = self.failures.pop(0)
        return status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "not today"}

    def PutItem(self, wanted: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        assert wanted["ConditionExpression"] == "attribute_not_exists(id)"
        id = wanted["Item"]["id"]["S"]
        if id in self.items:
            code = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
            first = {"Item": self.items[id]} if wanted["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD" else {}
            return 400, {"__type": code, "message": "The conditional request failed", **first}
        self.items[id] = wanted["Item"] | {"amount": {"N": _as_kept(wanted["Item"]["amount"]["N"])}}
        return 200, {}

    def GetItem(self, wanted: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        item = self.items.get(wanted["Key"]["id"]["S"])
        return 200, {"Item": item} if item else {}


def _as_kept(number: str) -> str:
    return f"{Decimal(number).normalize():f}"


@pytest.fixture(scope="module")
def table() -> Iterator[FakeTable]:
    table = FakeTable()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRANSACTIONS_TABLE", "shop-dev-transactions")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        handler._client.cache_clear()
        handler._client().meta.events.register_first("before-send.dynamodb", table)
        yield table
        handler._client.cache_clear()


@pytest.fixture(autouse=True)
def _empty(table: FakeTable) -> None:
    table.items.clear()
    table.requests.clear()
    table.failures.clear()


def balancer(method: str, path: str, body: str | None = None, **fields: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html"""
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1"}},
        "httpMethod": method,
        "path": path,
        "queryStringParameters": {},
        "headers": {"content-type": "application/json"},
        "body": body or "",
        "isBase64Encoded": False,
        **fields,
    }


def gateway(method: str, path: str, body: str | None = None, *, stage: str = "$default") -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""
    raw = path if stage == "$default" else f"/{stage}{path}"
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": raw,
        "headers": {"content-type": "application/json"},
        "requestContext": {"stage": stage, "http": {"method": method, "path": raw, "protocol": "HTTP/1.1"}},
        "isBase64Encoded": False,
        **({"body": body} if body is not None else {}),
    }


def status_of(event: object) -> int:
    return cast(int, handle(event, None)["statusCode"])


def body_of(event: object) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(cast(str, handle(event, None)["body"])))


def errors_of(event: object) -> dict[str, str]:
    """The reasons of a 400."""
    answer = handle(event, None)
    assert answer["statusCode"] == 400
    return cast(dict[str, str], json.loads(cast(str, answer["body"]))["errors"])


def post(key: str | None = None, **fields: Any) -> dict[str, Any]:
    headers = {"headers": {"idempotency-key": key}} if key is not None else {}
    return balancer("POST", "/transactions", json.dumps({**GOOD, **fields}), **headers)


def amount(written: str) -> dict[str, Any]:
    """A good transaction but for its amount, which stands in the body as it is written here."""
    return balancer("POST", "/transactions", f'{{"amount": {written}, "currency": "EUR", "reference": "INV-7"}}')


EVENTS = {
    "balancer": balancer("POST", "/transactions", json.dumps(GOOD)),
    "gateway": gateway("POST", "/transactions", json.dumps(GOOD)),
    "gateway with a stage": gateway("POST", "/transactions", json.dumps(GOOD), stage="dev"),
    "direct": GOOD,
}


class TestGoodOnes:
    @pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
    def test_are_taken_from_whoever_calls(self, event: dict[str, Any], table: FakeTable) -> None:
        answer = handle(event, None)
        assert answer["statusCode"] == 201
        ((id, _),) = table.items.items()
        assert json.loads(cast(str, answer["body"])) == {"id": id, "status": "accepted"}

    def test_are_kept_with_all_that_they_say(self, table: FakeTable) -> None:
        handle(post(), None)
        ((operation, wanted),) = table.requests
        assert (operation, wanted["TableName"]) == ("PutItem", "shop-dev-transactions")
        item = wanted["Item"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", item.pop("created_at")["S"])
        assert item == {
            "id": item["id"],
            "amount": {"N": "12.34"},
            "currency": {"S": "EUR"},
            "reference": {"S": "INV-7"},
            "status": {"S": "accepted"},
        }

    def test_answer_holds_what_a_load_balancer_wants(self) -> None:
        answer = handle(post(), None)
        assert answer.keys() == {"isBase64Encoded", "statusCode", "headers", "body"}
        assert answer["isBase64Encoded"] is False
        assert answer["headers"] == {
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }

    def test_body_may_come_encoded(self) -> None:
        body = base64.b64encode(json.dumps(GOOD).encode()).decode()
        assert status_of(balancer("POST", "/transactions", body, isBase64Encoded=True)) == 201

    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("12.34", "12.34"),
            ("12", "12.00"),
            ("1e1", "10.00"),
            ("0.01", "0.01"),
            ("12.340", "12.34"),
            ("999999999.99", "999999999.99"),
            ('"12.34"', "12.34"),
            ('"12"', "12.00"),
            ('"0.10"', "0.10"),
        ],
    )
    def test_amounts_are_kept_to_the_cent(self, written: str, kept: str, table: FakeTable) -> None:
        assert status_of(amount(written)) == 201
        assert table.requests[0][1]["Item"]["amount"] == {"N": kept}

    @pytest.mark.parametrize(
        ("value", "kept"), [(0.1, "0.10"), (1.15, "1.15"), (12, "12.00"), (9999999.99, "9999999.99")]
    )
    def test_amounts_of_direct_invocations_are_as_they_were_written(
        self, value: float, kept: str, table: FakeTable
    ) -> None:
        assert status_of({**GOOD, "amount": value}) == 201
        assert table.requests[0][1]["Item"]["amount"] == {"N": kept}

    @pytest.mark.parametrize("reference", ["7", "a" * 64, "INV 7/2025.01_a:b#c-d"])
    def test_references_may_be_what_people_write(self, reference: str) -> None:
        assert status_of(post(reference=reference)) == 201


class TestSentAgain:
    def test_is_answered_as_the_first_time_and_kept_once(self, table: FakeTable) -> None:
        first = body_of(post())
        kept = json.dumps(table.items)
        again = handle(post(), None)
        assert (again["statusCode"], json.loads(cast(str, again["body"]))) == (200, first)
        assert json.dumps(table.items) == kept

    def test_amount_is_the_same_however_it_is_written(self) -> None:
        assert status_of(amount('"12.30"')) == 201
        assert status_of(amount("12.3")) == 200

    @pytest.mark.parametrize("other", [{"amount": "12.35"}, {"currency": "USD"}])
    def test_another_one_under_the_same_reference_is_refused(self, other: dict[str, str], table: FakeTable) -> None:
        assert status_of(post()) == 201
        answer = handle(post(**other), None)
        assert answer["statusCode"] == 409
        assert json.loads(cast(str, answer["body"])) == {
            "errors": {"id": "is that of another transaction: take another key or reference"}
        }
        assert len(table.items) == 1

    def test_another_one_under_the_same_key_is_refused(self) -> None:
        assert status_of(post("k")) == 201
        assert status_of(post("k", reference="INV-8")) == 409

    def test_key_counts_before_the_reference(self, table: FakeTable) -> None:
        ids = {body_of(post(key))["id"] for key in (None, "one", "two", "INV-7")}
        assert len(ids) == len(table.items) == 4

    def test_key_is_found_however_its_header_is_written(self) -> None:
        written = post() | {"headers": {"Idempotency-KEY": "k"}}
        assert body_of(post("k")) == body_of(written)

    def test_ids_do_not_tell_the_key_and_are_the_same_from_release_to_release(self) -> None:
        """With other ids a transaction that is sent again after a deployment would be taken twice."""
        assert body_of(post())["id"] == "72df4dbe52bf0f1988514304271dfca9"
        assert body_of(post("secret"))["id"] == "e5b6abefe4440ba022b2a6ca2dfa065c"


class TestWrongOnes:
    @pytest.mark.parametrize(
        "written",
        [
            "0",
            "-1",
            "-0",
            "0.001",
            "12.345",
            "1000000000",
            "1e400",
            "1e-400",
            "true",
            "null",
            "[]",
            "{}",
            '""',
            '"-1"',
            '"+1"',
            '"1e1"',
            '"NaN"',
            '"Infinity"',
            '"12,34"',
            '" 1"',
            '"1\\n"',
            '"01"',
            '".5"',
            '"1."',
            '"١٢"',
            '"1_000"',
            '"12.345"',
            '"0.00"',
            '"1000000000"',
            f'"{"9" * 100}"',
            "9" * 100,
        ],
    )
    def test_amounts_are_refused(self, written: str, table: FakeTable) -> None:
        assert errors_of(amount(written)) == {
            "amount": "must be a number, or one in decimals as text, above 0 and up to 999999999.99, with two decimals"
            " at most"
        }
        assert table.requests == []

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), True, False, 10**400, 12.345])
    def test_amounts_of_direct_invocations_are_refused(self, value: object) -> None:
        assert errors_of({**GOOD, "amount": value}).keys() == {"amount"}

    @pytest.mark.parametrize("currency", ["eur", "EU", "EURO", "", "E€R", "EUR\n", 978, None, ["EUR"]])
    def test_currencies_are_refused(self, currency: object) -> None:
        assert errors_of(post(currency=currency)) == {"currency": "must be three capital letters, as EUR"}

    @pytest.mark.parametrize("reference", ["", " a", "-a", "a" * 65, "a\n", "ä", "a\x00", "\ud800", 7, None, {}])
    def test_references_are_refused(self, reference: object) -> None:
        assert errors_of(post(reference=reference)) == {
            "reference": "must be 1 to 64 letters, digits, spaces and ._:/#-, and begin with a letter or a digit"
        }

    @pytest.mark.parametrize("key", ["", " ", "a b", "ä", "a" * 256, "a\n", 7])
    def test_keys_are_refused(self, key: Any) -> None:
        assert errors_of(post(key)) == {"Idempotency-Key": "must be 1 to 255 visible characters of ASCII"}

    def test_the_longest_key_is_taken(self) -> None:
        assert status_of(post("~" * 255)) == 201

    def test_all_that_is_wrong_is_said_at_once(self) -> None:
        event = balancer("POST", "/transactions", '{"amount": 0, "b": 1, "a": 2}', headers={"idempotency-key": ""})
        unknown = "is not known; there are amount, currency, reference"
        errors = errors_of(event)
        assert list(errors) == ["Idempotency-Key", "amount", "currency", "reference", "a", "b"]
        assert errors["a"] == errors["b"] == unknown

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "amount=1",
            "[]",
            "null",
            "1",
            '"text"',
            "{",
            '{"amount": NaN, "currency": "EUR", "reference": "a"}',
            '{"amount": Infinity, "currency": "EUR", "reference": "a"}',
            '{"amount": 1e9999999999999999999, "currency": "EUR", "reference": "a"}',
            '{"amount": 1, "amount": 2, "currency": "EUR", "reference": "a"}',
            "[" * 4000,
            '{"a":' * 800,
            "\ufeff{}",
            "\ud800",
        ],
    )
    def test_bodies_that_are_no_object_are_refused(self, body: str) -> None:
        assert errors_of(balancer("POST", "/transactions", body)) == {
            "body": "must be a JSON object of amount, currency, reference, in UTF-8, 4096 characters at most"
        }

    @pytest.mark.parametrize(
        "body",
        [
            "=",
            "ä",
            base64.b64encode(b"\xff").decode(),
            base64.b64encode(b"{").decode(),
            "*" + base64.b64encode(json.dumps(GOOD).encode()).decode(),
        ],
    )
    def test_bodies_that_are_encoded_otherwise_are_refused(self, body: str) -> None:
        assert errors_of(balancer("POST", "/transactions", body, isBase64Encoded=True)).keys() == {"body"}

    def test_a_body_may_be_so_long_and_no_longer(self) -> None:
        good = json.dumps(GOOD)
        assert status_of(balancer("POST", "/transactions", good.ljust(4096))) == 201
        assert errors_of(balancer("POST", "/transactions", good.ljust(4097))).keys() == {"body"}

    @pytest.mark.parametrize("body", [None, 1, {}, ["a"]])
    def test_bodies_that_are_no_text_are_refused(self, body: object) -> None:
        event = balancer("POST", "/transactions") | {"body": body, "headers": {"idempotency-key": ""}}
        assert list(errors_of(event)) == ["Idempotency-Key", "body"]

    def test_a_request_of_the_gateway_without_a_body_is_refused(self) -> None:
        assert errors_of(gateway("POST", "/transactions")).keys() == {"body"}

    @pytest.mark.parametrize("event", [None, [], "text", 1, [GOOD]])
    def test_direct_invocations_with_no_object_are_refused(self, event: object) -> None:
        assert errors_of(event).keys() == {"body"}

    def test_direct_invocations_without_anything_are_refused(self) -> None:
        assert errors_of({}).keys() == {"amount", "currency", "reference"}


class TestReading:
    @pytest.mark.parametrize("ask", [balancer, gateway])
    def test_shows_what_is_kept(self, ask: Any, table: FakeTable) -> None:
        id = body_of(amount('"12.30"'))["id"]
        answer = handle(ask("GET", f"/transactions/{id}"), None)
        assert answer["statusCode"] == 200
        assert json.loads(cast(str, answer["body"])) == {
            "id": id,
            "amount": "12.30",
            "currency": "EUR",
            "reference": "INV-7",
            "status": "accepted",
            "created_at": table.items[id]["created_at"]["S"],
        }

    def test_finds_what_has_just_been_taken(self, table: FakeTable) -> None:
        handle(balancer("GET", f"/transactions/{'0' * 32}"), None)
        ((operation, wanted),) = table.requests
        assert operation == "GetItem"
        assert wanted["ConsistentRead"] is True
        assert wanted["TableName"] == "shop-dev-transactions"

    def test_knows_what_is_not_there(self) -> None:
        answer = handle(balancer("GET", f"/transactions/{'0' * 32}"), None)
        assert answer["statusCode"] == 404
        assert json.loads(cast(str, answer["body"])) == {"errors": {"id": "is that of no transaction"}}

    @pytest.mark.parametrize("id", ["0" * 31, "0" * 33, "G" * 32, "A" * 32, "0" * 31 + "%0a", "INV-7"])
    def test_does_not_ask_the_table_for_what_is_no_id(self, id: str, table: FakeTable) -> None:
        assert status_of(balancer("GET", f"/transactions/{id}")) == 404
        assert table.requests == []


class TestOtherRequests:
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "post", ""])
    def test_to_the_list_may_only_add(self, method: str) -> None:
        answer = handle(balancer(method, "/transactions"), None)
        assert answer["statusCode"] == 405
        assert cast(dict[str, str], answer["headers"])["Allow"] == "POST"
        assert json.loads(cast(str, answer["body"])) == {"errors": {"method": "must be POST"}}

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
    def test_to_one_may_only_read(self, method: str) -> None:
        answer = handle(balancer(method, f"/transactions/{'0' * 32}"), None)
        assert answer["statusCode"] == 405
        assert cast(dict[str, str], answer["headers"])["Allow"] == "GET"
        assert json.loads(cast(str, answer["body"])) == {"errors": {"method": "must be GET"}}

    @pytest.mark.parametrize("path", ["/", "", "/transaction", "/transactions/a/b", "/v1/transactions", None])
    def test_elsewhere_find_nothing(self, path: Any) -> None:
        answer = handle(balancer("POST", path, json.dumps(GOOD)), None)
        assert answer["statusCode"] == 404
        assert json.loads(cast(str, answer["body"])) == {
            "errors": {"path": "must be /transactions or /transactions/{id}"}
        }

    def test_of_a_stage_that_begins_like_the_path_go_where_they_should(self) -> None:
        assert status_of(gateway("POST", "/transactions", json.dumps(GOOD), stage="t")) == 201
        assert status_of(gateway("POST", "/transactions", json.dumps(GOOD), stage="transactions")) == 200


class TestFailures:
    @pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
    def test_are_raised_so_that_lambda_counts_them(self, event: dict[str, Any], table: FakeTable) -> None:
        table.failures = [(400, "AccessDeniedException")]
        with pytest.raises(ClientError, match="AccessDenied"):
            handle(event, None)

    def test_of_a_read_are_raised(self, table: FakeTable) -> None:
        table.failures = [(400, "ResourceNotFoundException")]
        with pytest.raises(ClientError, match="ResourceNotFound"):
            handle(balancer("GET", f"/transactions/{'0' * 32}"), None)

    def test_that_pass_are_tried_again(self, table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> None:
        pauses: list[float] = []
        monkeypatch.setattr("time.sleep", pauses.append)
        table.failures = [(500, "InternalServerError"), (400, "ThrottlingException")]
        assert status_of(post()) == 201
        assert len(table.requests) == 3
        # With the time-outs of three attempts, less than the ten seconds that an invocation has.
        config = handler._client().meta.config
        assert sum(pauses) + 3 * (config.connect_timeout + config.read_timeout) < 10

    def test_that_do_not_pass_are_given_up(self, table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("time.sleep", lambda _: None)
        table.failures = [(500, "InternalServerError")] * 4
        with pytest.raises(ClientError, match="InternalServerError"):
            handle(post(), None)
        assert len(table.requests) == 3

    def test_an_answer_that_was_lost_comes_with_the_second_attempt(
        self, table: FakeTable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("time.sleep", lambda _: None)
        put = table.PutItem

        def put_and_fail(wanted: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            put(wanted)
            monkeypatch.setattr(table, "PutItem", put)
            return 500, {"__type": "InternalServerError"}

        monkeypatch.setattr(table, "PutItem", put_and_fail)
        assert status_of(post()) == 200
        assert len(table.items) == 1

    def test_without_a_table_are_raised(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TRANSACTIONS_TABLE")
        with pytest.raises(KeyError, match="TRANSACTIONS_TABLE"):
            handle(post(), None)


class TestLogs:
    def test_tell_the_outcome_and_nothing_of_whose_it_is(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caplog.set_level(logging.INFO)
        monkeypatch.setattr(handler, "time", SimpleNamespace(monotonic=iter((5.0, 5.25)).__next__))
        id = body_of(post("secret-key"))["id"]
        (record,) = [each for each in caplog.records if each.name == handler.__name__]
        assert (record.levelname, record.getMessage()) == ("INFO", "answered")
        said = vars(record)
        assert (said["status"], said["transaction_id"], said["milliseconds"]) == (201, id, 250)
        for private in ("secret-key", "INV-7", "12.34", "EUR"):
            assert private not in str(said)

    def test_tell_of_refusals(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        handle(post(currency="secret"), None)
        (record,) = [each for each in caplog.records if each.name == handler.__name__]
        said = vars(record)
        assert (said["status"], said["transaction_id"]) == (400, None)
        assert "secret" not in str(said)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=10,
)
FIELD = JSON | st.sampled_from(["12.34", "EUR", "INV-7", 12, 0.1])
NEARLY_GOOD = st.fixed_dictionaries(
    {}, optional={"amount": FIELD, "currency": FIELD, "reference": FIELD, "other": FIELD}
)


class TestWhateverComes:
    @given(st.text())
    def test_as_body_is_answered(self, body: str) -> None:
        assert status_of(balancer("POST", "/transactions", body)) in STATUSES

    @given(JSON | NEARLY_GOOD)
    def test_as_json_is_answered(self, value: object) -> None:
        assert status_of(balancer("POST", "/transactions", json.dumps(value))) in STATUSES

    @given(st.binary())
    def test_as_bytes_is_answered(self, body: bytes) -> None:
        event = balancer("POST", "/transactions", base64.b64encode(body).decode(), isBase64Encoded=True)
        assert status_of(event) in STATUSES

    @given(JSON | NEARLY_GOOD)
    def test_as_event_is_answered(self, event: object) -> None:
        assert status_of(event) in STATUSES

    @given(st.dictionaries(st.sampled_from(list(balancer("GET", "/"))), JSON), st.booleans())
    def test_in_place_of_what_a_load_balancer_sends_is_answered(self, fields: dict[str, Any], is_post: bool) -> None:
        method, path = ("POST", "/transactions") if is_post else ("GET", f"/transactions/{'0' * 32}")
        assert status_of(balancer(method, path, json.dumps(GOOD)) | fields) in STATUSES

    @given(st.dictionaries(st.sampled_from(list(gateway("GET", "/"))), JSON))
    def test_in_place_of_what_a_gateway_sends_is_answered(self, fields: dict[str, Any]) -> None:
        assert status_of(gateway("POST", "/transactions", json.dumps(GOOD)) | fields) in STATUSES

    @given(st.text(), st.text())
    def test_as_method_and_path_is_answered(self, method: str, path: str) -> None:
        assert status_of(balancer(method, path)) in STATUSES

    @given(st.decimals(min_value="0.01", max_value="999999999.99", places=2))
    def test_every_amount_that_is_allowed_is_kept_exactly(self, value: Decimal) -> None:
        id = body_of(post(str(value), amount=str(value)))["id"]
        assert body_of(balancer("GET", f"/transactions/{id}"))["amount"] == str(value)
