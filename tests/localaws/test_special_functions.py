"""Lambda: what an entry of the table cannot say."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from localaws.provider.backend import Refused
from localaws.resources.special import functions
from tests.localaws.local import client, make


def _function(folder: Path, name: str) -> Any:
    with zipfile.ZipFile(folder / "function.zip", "w") as package:
        package.writestr("handler.py", "")
    role = make("aws_iam_role", name=f"{name}-role", assume_role_policy='{"Version":"2012-10-17","Statement":[]}')
    told = {"handler": "handler.handle", "runtime": "python3.13", "filename": str(folder / "function.zip")}
    return make("aws_lambda_function", function_name=name, role=role["arn"], **told)


def test_a_call_has_the_answer_of_what_runs_nowhere(tmp_path: Path) -> None:
    _function(tmp_path, "called-once")
    call = make("aws_lambda_invocation", function_name="called-once", input='{"Step": "prepare"}')
    assert call["result"] == "null"


def test_a_call_goes_with_its_function(tmp_path: Path) -> None:
    _function(tmp_path, "called-and-gone")
    call = make("aws_lambda_invocation", function_name="called-and-gone", input="{}")
    client("lambda").delete_function(FunctionName="called-and-gone")
    assert call.read() is None


def test_a_function_that_is_not_there_is_not_called() -> None:
    with pytest.raises(Refused, match="ResourceNotFoundException"):
        make("aws_lambda_invocation", function_name="never-made", input="{}")


def test_a_function_that_fails_fails_the_call() -> None:
    class Failing:
        def get(self, name: str) -> str:
            return name

        def call(self, _operation: str, _params: dict[str, Any]) -> dict[str, Any]:
            return {"FunctionError": "Unhandled", "Payload": BytesIO(b'{"errorMessage": "no such user"}')}

    with pytest.raises(ValueError, match=r"Unhandled: .*no such user"):
        functions.invoke(Failing())  # type: ignore[arg-type]
