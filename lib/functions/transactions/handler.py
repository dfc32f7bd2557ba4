"""Takes financial transactions: refuses wrong ones with every reason, keeps each good one once in a table.

    POST /transactions       {"amount": "12.34", "currency": "EUR", "reference": "INV-7"}
                             201 accepted, 200 accepted before, 409 another one has its key, 400 wrong
    GET  /transactions/{id}  200, 404

It takes the events of a load balancer and of an HTTP API, and direct invocations, whose event is the transaction.
A request may be sent again after any failure: its header Idempotency-Key, else its reference, says which one it is.

What goes wrong on this side (no answer of the table, no permission) is raised, not answered: only an invocation that
raises counts as an error, so only then does an alarm go off, is an asynchronous invocation tried again, and does an
event that failed every time end in the queue. The load balancer makes a 502 of it, an HTTP API a 500; neither shows
what was raised.
https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html

Runs by itself in Lambda: nothing but Python and boto3, which its runtime has. Its table, in TRANSACTIONS_TABLE, has the
partition key `id`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

MAX_AMOUNT = Decimal("999999999.99")
MAX_BODY_CHARACTERS = 4096
"""Twenty times what a transaction takes."""
KEY_HEADER = "Idempotency-Key"

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,19})(\.[0-9]{1,20})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/#-]{0,63}")
_KEY = re.compile(r"[!-~]{1,255}")
_ID_LENGTH = 32
_ID = re.compile(f"[0-9a-f]{{{_ID_LENGTH}}}")

_log = logging.getLogger(__name__)

Answer = tuple[int, dict[str, object]]
"""Status and body."""


class RefusedError(Exception):
    """A request that cannot be carried out. problems: what is wrong -> what is allowed."""

    def __init__(self, status: int, problems: Mapping[str, str], **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.problems = problems
        self.headers = headers


@dataclass(frozen=True)
class Request:
    """What is asked for, whichever way it came."""

    method: str
    path: str
    headers: Mapping[str, object]
    """By their names in lower case."""
    content: Callable[[], object]
    """Reads what was sent along; None for what cannot be read."""


@dataclass(frozen=True)
class Transaction:
    amount: Decimal
    currency: str
    reference: str


def handle(event: object, _context: object) -> dict[str, object]:
    """What Lambda calls. Its answer is one that a load balancer and an HTTP API take.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#respond-to-load-balancer
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    started = time.monotonic()
    headers: dict[str, str] = {}
    try:
        status, body = _answer(_request(event))
    except RefusedError as refused:
        status, body, headers = refused.status, {"errors": dict(refused.problems)}, refused.headers
    # Whose transaction it is and what it is about stays out of the logs: the table has it, under its id.
    report = {"status": status, "transaction_id": body.get("id"), "milliseconds": _milliseconds_since(started)}
    _log.info("answered", extra=report)
    return {
        "isBase64Encoded": False,
        "statusCode": status,
        "headers": {
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            **headers,
        },
        "body": json.dumps(body),
    }


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _request(event: object) -> Request:
    fields = _table(event)
    http = _table(_table(fields.get("requestContext")).get("http"))
    if http:
        # The path begins with the name of the stage, unless that is the default one.
        stage = _table(fields["requestContext"]).get("stage")
        path = str(fields.get("rawPath")).removeprefix(f"/{stage}/")
        return Request(str(http.get("method")), path, _headers(fields), lambda: _sent(fields))
    if "httpMethod" in fields:
        return Request(str(fields["httpMethod"]), str(fields.get("path")), _headers(fields), lambda: _sent(fields))
    return Request("POST", "/transactions", {}, lambda: event)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _headers(fields: Mapping[str, Any]) -> Mapping[str, object]:
    return {name.lower(): value for name, value in _table(fields.get("headers")).items()}


def _sent(fields: Mapping[str, Any]) -> object:
    """What the body of a request says; None for what is no JSON. No number is a float, which holds few amounts."""
    body = fields.get("body")
    if not isinstance(body, str) or len(body) > MAX_BODY_CHARACTERS:
        return None
    try:
        # A load balancer encodes what is not text by its Content-Type.
        text = base64.b64decode(body, validate=True).decode() if fields.get("isBase64Encoded") else body
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once_each)
    # Arithmetic: an exponent beyond what Decimal knows. Recursion: thousands of open brackets.
    except (ValueError, ArithmeticError, RecursionError):
        return None


def _no_number(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Who reads the first of two and who reads the last would see two different transactions."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a name is there twice")
    return fields


def _answer(request: Request) -> Answer:
    match request.method, request.path.strip("/").split("/"):
        case "POST", ["transactions"]:
            return _create(request)
        case "GET", ["transactions", id]:
            return _read(id)
        case _, ["transactions"]:
            raise RefusedError(405, {"method": "must be POST"}, Allow="POST")
        case _, ["transactions", _]:
            raise RefusedError(405, {"method": "must be GET"}, Allow="GET")
        case _:
            raise RefusedError(404, {"path": "must be /transactions or /transactions/{id}"})


def _create(request: Request) -> Answer:
    key = request.headers.get(KEY_HEADER.lower())
    transaction = _checked(request.content(), key)
    # Not the key itself: it may be anything, and its owner's business.
    seed = f"reference {transaction.reference}" if key is None else f"key {key}"
    return _keep(hashlib.sha256(seed.encode()).hexdigest()[:_ID_LENGTH], transaction)


def _checked(content: object, key: object) -> Transaction:
    """The transaction that is meant. Raises RefusedError with all that is wrong, so that nobody has to ask twice."""
    problems = {}
    if key is not None and _matching(_KEY, key) is None:
        problems[KEY_HEADER] = "must be 1 to 255 visible characters of ASCII"
    if not isinstance(content, Mapping):
        raise RefusedError(400, {**problems, "body": _OBJECT})
    values = {name: field.read(content.get(name)) for name, field in _FIELDS.items()}
    problems |= {name: field.allowed for name, field in _FIELDS.items() if values[name] is None}
    problems |= dict.fromkeys(sorted(content.keys() - _FIELDS), f"is not known; there are {_NAMES}")
    if problems:
        raise RefusedError(400, problems)
    return Transaction(**values)


def _matching(pattern: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _amount(value: object) -> Decimal | None:
    """The amount, or None for what is none. True is no number here, whatever Python says."""
    amount: Decimal | None = None
    if isinstance(value, str):
        amount = Decimal(value) if _AMOUNT.fullmatch(value) else None
    elif isinstance(value, float):
        # Of a direct invocation, which Lambda has read already: as it was written, not as the processor has it.
        amount = Decimal(repr(value))
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        amount = Decimal(value)
    is_allowed = amount is not None and amount.is_finite() and 0 < amount <= MAX_AMOUNT and amount == round(amount, 2)
    return amount if is_allowed else None


@dataclass(frozen=True)
class Field:
    """A field of a transaction. read: its value, None for one that is not allowed."""

    read: Callable[[object], Any]
    allowed: str


_FIELDS = {
    "amount": Field(
        _amount,
        f"must be a number, or one in decimals as text, above 0 and up to {MAX_AMOUNT}, with two decimals at most",
    ),
    "currency": Field(partial(_matching, _CURRENCY), "must be three capital letters, as EUR"),
    "reference": Field(
        partial(_matching, _REFERENCE),
        "must be 1 to 64 letters, digits, spaces and ._:/#-, and begin with a letter or a digit",
    ),
}
_NAMES = ", ".join(_FIELDS)
_OBJECT = f"must be a JSON object of {_NAMES}, in UTF-8, {MAX_BODY_CHARACTERS} characters at most"


def _keep(id: str, transaction: Transaction) -> Answer:
    """Puts it into the table unless one of this id is there: then it is that one, or a mistake."""
    item = {
        "id": {"S": id},
        "amount": {"N": f"{transaction.amount:.2f}"},
        "currency": {"S": transaction.currency},
        "reference": {"S": transaction.reference},
        "status": {"S": "accepted"},
        "created_at": {"S": datetime.now(UTC).isoformat(timespec="seconds")},
    }
    try:
        _client().put_item(
            TableName=_table_name(),
            Item=item,
            ConditionExpression="attribute_not_exists(id)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        first = _shown(error.response["Item"])
        if any(first[name] != _shown(item)[name] for name in _FIELDS):
            problem = {"id": "is that of another transaction: take another key or reference"}
            raise RefusedError(409, problem) from None
        return 200, {"id": first["id"], "status": first["status"]}
    return 201, {"id": id, "status": "accepted"}


def _read(id: str) -> Answer:
    # Consistently: whoever was told of a transaction finds it.
    found = (
        _client().get_item(TableName=_table_name(), Key={"id": {"S": id}}, ConsistentRead=True).get("Item")
        if _ID.fullmatch(id)
        else None
    )
    if found is None:
        raise RefusedError(404, {"id": "is that of no transaction"})
    return 200, _shown(found)


def _shown(item: Mapping[str, Any]) -> dict[str, object]:
    """An item as callers see it. The table does not keep the zeros at an amount's end."""
    texts = ("id", "currency", "reference", "status", "created_at")
    return {**{name: item[name]["S"] for name in texts}, "amount": f"{Decimal(item['amount']['N']):.2f}"}


def _table_name() -> str:
    return os.environ["TRANSACTIONS_TABLE"]


@cache
def _client() -> Any:
    """Made once, by the first invocation that needs it.

    All attempts end within 9 seconds, before Lambda ends the invocation without a word of what it waited for.
    """
    return boto3.client(
        "dynamodb",
        config=Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 3}),
    )
