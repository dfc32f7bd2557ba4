"""Questions to AWS: each once, all pages of the answer, and a refusal that says what is missing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.parsers import ResponseParserError
from moto import mock_aws

from lib.operations import aws
from lib.operations.aws import Aws, Refused, is_emulated, refused

REGION = "eu-west-1"
DENIED = "User: arn:aws:iam::1:user/me is not authorized to perform: logs:DescribeLogGroups on resource: x"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Aws(REGION)


class Failing:
    """A session whose clients do nothing but fail."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.calls = 0

    def client(self, *_: object, **__: object) -> Any:
        return self

    @property
    def meta(self) -> Any:
        return boto3.client("logs", region_name=REGION).meta

    def can_paginate(self, _: str) -> bool:
        return False

    def describe_log_groups(self, **_: object) -> None:
        self.calls += 1
        raise self.error


def failure(code: str, text: str = "") -> Refused:
    return refused(ClientError({"Error": {"Code": code, "Message": text}}, "DescribeLogGroups"), "logs", "logs")


def asked(error: Exception) -> Refused:
    with pytest.raises(Refused) as refusal:
        Aws(REGION, Failing(error)).ask("logs", "describe_log_groups")
    return refusal.value


def test_answer_has_all_pages_and_nothing_of_the_transport(account: Aws) -> None:
    logs = boto3.client("logs", region_name=REGION)
    for number in range(60):
        logs.create_log_group(logGroupName=f"group-{number}")
    answer = account.ask("logs", "describe_log_groups")
    assert len(answer["logGroups"]) == 60
    assert "ResponseMetadata" not in account.ask("sts", "get_caller_identity")


def test_a_client_answers_more_than_one_question(account: Aws) -> None:
    account.ask("logs", "describe_log_groups")
    account.ask("logs", "describe_log_groups", logGroupNamePrefix="a")
    assert len(account._clients) == 1


def test_answer_is_of_the_region_that_is_asked(account: Aws) -> None:
    boto3.client("logs", region_name="us-east-1").create_log_group(logGroupName="edge")
    assert account.ask("logs", "describe_log_groups")["logGroups"] == []
    assert len(account.ask("logs", "describe_log_groups", region="us-east-1")["logGroups"]) == 1


def test_the_same_is_asked_once_also_of_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def answer(*question: object) -> dict[str, Any]:
        calls.append(question)
        started.wait(5)
        return {}

    started, asking = threading.Event(), Aws(REGION)
    monkeypatch.setattr(asking, "_answer", answer)
    threads = [threading.Thread(target=asking.ask, args=("logs", "describe_log_groups")) for _ in range(8)]
    for thread in threads:
        thread.start()
    started.set()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_a_refusal_is_not_asked_for_again() -> None:
    session = Failing(NoCredentialsError())
    asking = Aws(REGION, session)
    for _ in range(2):
        with pytest.raises(Refused):
            asking.ask("logs", "describe_log_groups")
    assert session.calls == 1


def test_what_is_not_there_is_refused_with_call_and_code(account: Aws) -> None:
    with pytest.raises(Refused, match=r"iam GetRole: NoSuchEntity: Role none not found") as error:
        account.ask("iam", "get_role", RoleName="none")
    assert (error.value.code, error.value.is_denial, error.value.is_deaf) == ("NoSuchEntity", False, False)


def test_a_denial_names_the_permission_that_aws_names() -> None:
    error = failure("AccessDeniedException", DENIED)
    assert error.permission == "logs:DescribeLogGroups"
    assert str(error).endswith("(needs logs:DescribeLogGroups)")
    assert (error.is_denial, error.is_deaf) == (True, False)


@pytest.mark.parametrize("code", sorted(aws.DENIED_CODES))
def test_a_denial_without_a_word_names_the_call(code: str) -> None:
    assert failure(code).permission == "logs:DescribeLogGroups"


@pytest.mark.parametrize("code", sorted(aws.STRANGER_CODES))
def test_a_stranger_is_told_nothing_at_all(code: str) -> None:
    assert failure(code).is_deaf


def test_a_throttled_call_is_neither() -> None:
    error = failure("ThrottlingException")
    assert (error.is_denial, error.is_deaf) == (False, False)


@pytest.mark.parametrize("error", [NoCredentialsError(), EndpointConnectionError(endpoint_url="https://logs")])
def test_without_credentials_or_a_way_to_aws_nothing_is_answered(error: Exception) -> None:
    found = asked(error)
    assert found.is_deaf
    assert str(found) == f"logs describe_log_groups: {error}"


def test_a_denied_call_of_a_client_is_refused() -> None:
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": DENIED}}, "DescribeLogGroups")
    assert asked(error).permission == "logs:DescribeLogGroups"


def test_a_call_is_one_page_and_nothing_of_it_is_kept(account: Aws) -> None:
    logs = boto3.client("logs", region_name=REGION)
    for number in range(60):
        logs.create_log_group(logGroupName=f"group-{number}")
    page = account.call("logs", "describe_log_groups")
    assert (len(page["logGroups"]), "nextToken" in page) == (50, True)
    logs.create_log_group(logGroupName="a-first")
    assert account.call("logs", "describe_log_groups")["logGroups"][0]["logGroupName"] == "a-first"


def test_a_call_is_of_the_region_that_is_named(account: Aws) -> None:
    account.call("logs", "create_log_group", region="us-east-1", logGroupName="edge")
    assert account.call("logs", "describe_log_groups")["logGroups"] == []
    assert len(account.call("logs", "describe_log_groups", region="us-east-1")["logGroups"]) == 1


def test_a_call_takes_parameters_of_any_name() -> None:
    with pytest.raises(Refused, match="Unable to locate credentials"):
        Aws(REGION, Failing(NoCredentialsError())).call("logs", "describe_log_groups", service="api", operation="none")


def test_where_calls_go_is_known(account: Aws) -> None:
    assert account.endpoint("ssm") == f"https://ssm.{REGION}.amazonaws.com"


def test_a_region_that_is_none_has_no_endpoint() -> None:
    with pytest.raises(Refused, match=r"^ssm: .*'no region'"):
        Aws("no region").endpoint("ssm")


def test_an_answer_of_somebody_else_s_is_refused() -> None:
    found = asked(ResponseParserError("<html>"))
    assert str(found) == "logs describe_log_groups: the answer is none of AWS's"
    assert (found.is_deaf, found.is_denial) == (False, False)


def test_calls_are_tried_again_and_end(account: Aws) -> None:
    account.ask("sts", "get_caller_identity")
    (client,) = account._clients.values()
    assert client.meta.config.retries == {"mode": "standard", "total_max_attempts": 5}
    assert (client.meta.config.connect_timeout, client.meta.config.read_timeout) == (5, 15)


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(301)
        self.send_header("Location", "https://elsewhere")
        self.end_headers()
        self.wfile.write(b"moved \xff")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_page_is_the_first_answer_as_it_is(url: str) -> None:
    answer = Aws(REGION).fetch(url)
    assert (answer["status"], answer["headers"]["location"], answer["text"]) == (301, "https://elsewhere", "moved �")


def test_a_page_that_nobody_answers_is_refused() -> None:
    with pytest.raises(Refused, match=r"^GET http://127\.0\.0\.1:1/: "):
        Aws(REGION).fetch("http://127.0.0.1:1/")


@pytest.mark.parametrize(
    ("endpoint", "emulated"),
    [
        ("http://127.0.0.1:5000", True),
        ("http://localhost:4566", True),
        ("http://[::1]:5000", True),
        ("https://vpce-1.ec2.eu-west-1.vpce.amazonaws.com", False),
        ("", False),
    ],
)
def test_an_endpoint_on_this_machine_is_an_emulator(endpoint: str, emulated: bool) -> None:
    assert is_emulated({"AWS_ENDPOINT_URL": endpoint}) is emulated


def test_no_endpoint_is_aws_itself() -> None:
    assert is_emulated({}) is False
