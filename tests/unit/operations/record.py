"""Records the answers of a right deployment: `python -m tests.unit.operations.record BLUEPRINT OUTPUTS`.

OUTPUTS is the outputs file of a deployment of the blueprint, in the AWS that the environment names (AWS_ENDPOINT_URL).
Every check asks its questions, those that need AWS too; tests/unit/operations/answers.py says what AWS says to these.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from lib.operations.aws import Aws, Refused
from lib.operations.deployment import Deployment
from lib.operations.outputs import load
from lib.operations.verify.registry import CHECKS
from lib.operations.verify.run import outcome
from tests.unit.operations.recorded import FOLDER, question

_TIMES = ("Time", "Date", "At", "Timestamp")
"""Members that end so change with every recording and mean nothing to a check."""


class Recorder(Aws):
    """Keeps what is asked and answered."""

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.answers: dict[str, Any] = {}

    def ask(self, service: str, operation: str, *, region: str | None = None, **parameters: Any) -> dict[str, Any]:
        asked = question(service, region or self.region, operation, parameters)
        try:
            answer = super().ask(service, operation, region=region, **parameters)
        except Refused as error:
            self.answers[asked] = error.code
            raise
        self.answers[asked] = answer
        return answer

    def fetch(self, url: str, method: str = "GET", **_: Any) -> dict[str, Any]:
        raise Refused(f"{method} {url}: nothing is fetched while recording", "Recording")


def trimmed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: trimmed(each) for name, each in value.items() if each is not None and not name.endswith(_TIMES)}
    return [trimmed(each) for each in value] if isinstance(value, list) else value


def main(blueprint: str, outputs_file: str) -> None:
    outputs = load(Path(outputs_file))
    recorder = Recorder(outputs["region"])
    stack = Deployment(outputs, recorder, emulated=False)
    # Raises where nobody would answer: a recording of refusals is worth nothing.
    stack.ask("sts", "get_caller_identity")
    for check in CHECKS:
        outcome(stack, check)
    lines = [
        f"{json.dumps(asked)}: {json.dumps(trimmed(answer), sort_keys=True, default=str)}"
        for asked, answer in sorted(recorder.answers.items())
    ]
    text = f'{{"outputs": {json.dumps(outputs, sort_keys=True)},\n"answers": {{\n' + ",\n".join(lines) + "\n}}\n"
    # The addresses of queues are the emulator's own.
    text = text.replace(os.environ["AWS_ENDPOINT_URL"], f"https://sqs.{outputs['region']}.amazonaws.com")
    (FOLDER / f"{blueprint}.json").write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
