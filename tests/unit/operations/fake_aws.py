"""An AWS that answers what a test has it answer. What it is asked has to be what botocore's models take."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.validate import validate_parameters

from lib.operations.aws import DENIED_CODES, Aws, Refused


class FakeAws(Aws):
    """Refusals are codes in the place of answers. Of several answers to one question the last one stays."""

    def __init__(self, region: str = "eu-west-1") -> None:
        super().__init__(region)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        """`service operation` and the parameters, of each call."""
        self._said: dict[str, list[Any]] = {}

    def says(self, question: str, *answers: Any) -> None:
        """question: `service operation`."""
        self._said[question] = list(answers)

    def of(self, question: str) -> list[dict[str, Any]]:
        """The parameters of each time that it was asked."""
        return [parameters for asked, parameters in self.asked if asked == question]

    def ask(self, service: str, operation: str, *, region: str | None = None, **parameters: Any) -> dict[str, Any]:
        return self.call(service, operation, region=region, **parameters)

    def call(self, service: str, operation: str, /, *, region: str | None = None, **parameters: Any) -> dict[str, Any]:
        question = f"{service} {operation}"
        self.asked.append((question, parameters | ({"region": region} if region not in (None, self.region) else {})))
        validate_parameters(parameters, _shapes(service)[operation])
        answers = self._said.get(question)
        assert answers, f"nobody said what {question} answers"
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, str):
            permission = f"{service}:{operation}" if answer in DENIED_CODES else ""
            raise Refused(f"{question}: {answer}", answer, permission)
        return dict(answer)


@cache
def _shapes(service: str) -> Mapping[str, Any]:
    """Operation -> the shape of its input."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): model.operation_model(name).input_shape for name in model.operation_names}
