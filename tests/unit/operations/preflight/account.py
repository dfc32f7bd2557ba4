"""An account made of answers: empty where a test says nothing, and a template that is deployed to it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lib.capacity.sizes import vcpus
from lib.evidence.template import Template, read
from lib.operations.aws import DENIED_CODES, Aws, Refused
from lib.operations.preflight.planned import Planned
from lib.operations.preflight.prerequisites.ownership import Ownership
from lib.operations.preflight.prerequisites.prerequisite import Outcome, Situation, outcome
from lib.operations.preflight.prerequisites.registry import PREREQUISITES
from lib.operations.preflight.site import Site

ACCOUNT = "123456789012"
REGION = "sa-east-1"
OWN = {"Project": "shop", "EnvironmentSuffix": "dev"}
OWN_TAGS = [{"Key": key, "Value": value} for key, value in OWN.items()]
GOLDEN = Path(__file__).parents[3] / "golden"
TEMPLATES = sorted(path.stem for path in GOLDEN.glob("*.json"))
Answer = Any
Answers = Mapping[str, Answer | Callable[..., Answer]]


class Empty(dict[str, Any]):
    """An answer with an empty list of whatever is looked for."""

    def __missing__(self, _: str) -> list[object]:
        return []


def zones(region: str, number: int = 3) -> dict[str, Any]:
    ids = {"sa-east-1": "sae1", "us-east-1": "use1"}
    return {
        "AvailabilityZones": [
            {"ZoneName": f"{region}{'abcdef'[each]}", "ZoneId": f"{ids.get(region, region)}-az{each + 1}"}
            for each in range(number)
        ]
    }


DEFAULTS: dict[str, Any] = {
    "sts get_caller_identity": {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/deployer"},
    "ec2 describe_regions": {
        "Regions": [
            {"RegionName": "eu-west-1", "OptInStatus": "opt-in-not-required"},
            {"RegionName": "sa-east-1", "OptInStatus": "opt-in-not-required"},
            {"RegionName": "us-east-1", "OptInStatus": "opt-in-not-required"},
        ]
    },
    "ec2 describe_instance_types": lambda **asked: {
        "InstanceTypes": [
            {"InstanceType": each, "VCpuInfo": {"DefaultVCpus": vcpus(each, "")}} for each in asked["InstanceTypes"]
        ]
    },
    "lambda get_account_settings": {
        "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
    },
    "s3 get_object": "NoSuchKey",
    "s3 head_bucket": "404",
    "iam simulate_principal_policy": {"EvaluationResults": [{"EvalDecision": "allowed"}]},
}


class Account(Aws):
    """Answers what a test says: `ec2 describe_vpcs`, or `ec2 describe_vpcs eu-west-1` of one region alone. A text is a
    code of AWS's that the call is refused with, a function gets the parameters."""

    def __init__(self, answers: Answers | None = None, region: str = REGION) -> None:
        super().__init__(region)
        self.answers = DEFAULTS | dict(answers or {})
        self.asked: list[str] = []

    def ask(self, service: str, operation: str, *, region: str | None = None, **parameters: Any) -> Any:
        of, call = region or self.region, f"{service} {operation}"
        self.asked.append(f"{call} {of}")
        answer = self.answers.get(f"{call} {of}", self.answers.get(call))
        if answer is None and operation == "describe_availability_zones":
            answer = zones(of)
        answer = answer(**parameters) if callable(answer) else copy.deepcopy(answer)
        if isinstance(answer, str):
            permission = f"{service}:{operation}" if answer in DENIED_CODES else ""
            raise Refused(f"{call}: {answer}", answer, permission)
        return Empty() if answer is None else Empty(answer)

    def call(self, service: str, operation: str, /, *, region: str | None = None, **parameters: Any) -> Any:
        return self.ask(service, operation, region=region, **parameters)


def template(resources: Mapping[str, Any], tags: Mapping[str, str] = OWN, **sections: Any) -> Template:
    """resources: type -> logical name -> arguments."""
    provider = {"aws": [{"region": REGION, "default_tags": [{"tags": dict(tags)}]}]}
    return Template({"provider": provider, "resource": dict(resources), **sections})


def golden(name: str) -> Template:
    return read(GOLDEN / f"{name}.json")


def site(
    resources: Mapping[str, Any] | Template, answers: Answers | None = None, *, emulated: bool = False, region: str = ""
) -> Site:
    of = resources if isinstance(resources, Template) else template(resources)
    planned = Planned(of, ACCOUNT, "aws", region)
    return Site(planned, Account(answers, planned.region), planned.region, emulated)


def situation(
    resources: Mapping[str, Any] | Template,
    answers: Answers | None = None,
    *,
    state: frozenset[str] | None = frozenset(),
    emulated: bool = False,
    **of: Any,
) -> Situation:
    """state: what the stack's own state holds; None where there is none to read."""
    place = site(resources, answers, emulated=emulated)
    return Situation(place, Ownership(place, state), **of)


def came(name: str, given: Situation) -> Outcome:
    """What comes of one prerequisite."""
    (one,) = (each for each in PREREQUISITES if each.name == name)
    return outcome(one, given)
