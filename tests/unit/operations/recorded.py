"""An AWS made of answers that were recorded of a right deployment, each of which a test may change."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lib.operations.aws import DENIED_CODES, Aws, Refused
from lib.operations.deployment import Deployment

FOLDER = Path(__file__).parent / "answers"
BLUEPRINTS = sorted(path.stem for path in FOLDER.glob("*.json"))


class Gone:
    """Instead of a value: the member is left out."""


GONE = Gone()


def question(service: str, region: str, operation: str, parameters: Mapping[str, Any]) -> str:
    return f"{service} {operation} {region} {json.dumps(parameters, sort_keys=True)}"


@cache
def _text(blueprint: str) -> str:
    return (FOLDER / f"{blueprint}.json").read_text()


class RecordedAws(Aws):
    """Answers what was recorded. A question that was not is an error of the test."""

    def __init__(self, region: str, answers: dict[str, Any]) -> None:
        super().__init__(region)
        self.answers = answers
        self.pages: dict[str, dict[str, Any]] = {}
        """Method and URL -> what `fetch` gives."""
        self.asked: list[str] = []

    def ask(self, service: str, operation: str, *, region: str | None = None, **parameters: Any) -> dict[str, Any]:
        asked = question(service, region or self.region, operation, parameters)
        self.asked.append(asked)
        if asked not in self.answers:
            raise AssertionError(f"no answer is recorded to {asked}")
        answer = self.answers[asked]
        if isinstance(answer, str):
            permission = f"{service}:{operation}" if answer in DENIED_CODES else ""
            raise Refused(f"{service} {operation}: {answer}", answer, permission)
        return copy.deepcopy(answer)

    def fetch(self, url: str, method: str = "GET", **_: Any) -> dict[str, Any]:
        self.asked.append(f"{method} {url}")
        return self.pages[f"{method} {url}"]


class Recording:
    """A right deployment of a blueprint, whose outputs and answers a test may change before it looks at them."""

    def __init__(self, blueprint: str) -> None:
        document = json.loads(_text(blueprint))
        self.outputs: dict[str, Any] = document["outputs"]
        self.answers: dict[str, Any] = document["answers"]
        self.aws = RecordedAws(self.outputs["region"], self.answers)

    def deployment(self, *, emulated: bool = False) -> Deployment:
        return Deployment(self.outputs, self.aws, emulated=emulated)

    def of(self, call: str) -> list[str]:
        """The recorded questions of `service operation`."""
        return [asked for asked in self.answers if asked.startswith(f"{call} ")]

    def change(self, call: str, path: str, value: Any) -> None:
        """In each answer to `service operation` that has the path. `Vpcs.0.State`; `*` is each of a list or map; an
        empty path is the whole answer. value: what it is from then on, GONE, or a function of what it is."""
        changed = [self._change(asked, path, value) for asked in self.of(call)]
        assert any(changed), f"no answer to {call} has {path}"

    def answer(self, call: str, answer: Any, region: str = "", /, **parameters: Any) -> None:
        """Records another one."""
        service, operation = call.split()
        self.answers[question(service, region or self.outputs["region"], operation, parameters)] = answer

    def page(self, url: str, status: int, text: str = "", method: str = "GET", **headers: str) -> None:
        of = {name.replace("_", "-"): value for name, value in headers.items()}
        self.aws.pages[f"{method} {url}"] = {"status": status, "headers": of, "text": text}

    def _change(self, asked: str, path: str, value: Any) -> bool:
        if not path:
            self.answers[asked] = _new(self.answers[asked], value)
            return True
        return not isinstance(self.answers[asked], str) and _changed(self.answers[asked], path.split("."), value)


def _new(old: Any, value: Any) -> Any:
    return value(old) if callable(value) else copy.deepcopy(value)


def _changed(holder: Any, steps: list[str], value: Any) -> bool:
    """Whether it was there to be changed. A last member may be new."""
    step, *others = steps
    if step == "*":
        names: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        changed = [_changed(holder, [str(name), *others], value) for name in names]
        return any(changed)
    name: Any = int(step) if isinstance(holder, list) else step
    if isinstance(holder, list) and name >= len(holder):
        return False
    if others:
        return (isinstance(holder, list) or name in holder) and _changed(holder[name], others, value)
    if value is GONE:
        return holder.pop(name, GONE) is not GONE
    holder[name] = _new(holder[name] if isinstance(holder, list) else holder.get(name), value)
    return True
