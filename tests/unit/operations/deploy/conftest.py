"""A deployment with a Terraform, an AWS, a preflight and a verification that say what a test has them say."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lib.operations.aws import Aws
from lib.operations.chosen import ChosenStack
from lib.operations.deploy.applying import Around
from lib.operations.ending import OK
from lib.settings.edge import EDGE_REGION
from tests.unit.operations.fake_aws import FakeAws
from tests.unit.operations.fake_terraform import FakeTerraform, Small, diagnostic, plan_of, resource_change, small


@dataclass
class Bench:
    """What a command works on."""

    stack: Small
    terraform: FakeTerraform
    aws: FakeAws
    preflight: int = OK
    verify: int = OK
    done: list[str] = field(default_factory=list)
    """What was called upon beside Terraform."""

    def plans(self, *changes: Any, **more: Any) -> None:
        self.terraform.says("show", plan_of(*changes, **more))

    def fails(self, *problems: tuple[str, str, str]) -> None:
        """The apply does."""
        self.terraform.reports("apply", *(diagnostic(*problem) for problem in problems), code=1)

    @property
    def around(self) -> Around:
        def preflight(_: ChosenStack, aws: Aws) -> int:
            assert aws is self.aws
            self.done.append("preflight")
            return self.preflight

        def verify(outputs: Path) -> int:
            self.done.append(f"verify {outputs.name}")
            return self.verify

        return Around(preflight, verify, lambda region: self.aws if region != EDGE_REGION else FakeAws(region))

    @property
    def words(self) -> list[str]:
        """What Terraform was asked."""
        return [call.split()[0] for call in self.terraform.calls if not call.startswith(("version", "show"))]


CREATED = resource_change("aws_vpc.one", ["create"])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return bench_of(tmp_path)


def bench_of(folder: Path, **options: Any) -> Bench:
    terraform = FakeTerraform(folder)
    terraform.says("state", "")
    bench = Bench(small(folder, {"PATH": terraform.path}, **options), terraform, FakeAws())
    bench.plans(CREATED)
    return bench


class Terminal(io.StringIO):
    """Somebody who answers."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Any:
    def answer(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", Terminal(f"{text}\n"))

    return answer
