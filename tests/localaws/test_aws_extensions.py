"""All that is added to moto: each with a reason, each asked for, and none that moto has learnt by itself."""

from __future__ import annotations

from importlib import import_module, metadata
from pathlib import Path

import pytest
from moto.core.responses import ActionResult

from localaws.aws.extending import Added, Extension, Learnt, Routed, keeping, put
from localaws.aws.extensions import EXTENSIONS
from tests.localaws.local import PROJECT_FOLDER, client
from tests.localaws.probing import Probe

_MODULES = sorted(path.stem for path in Path(__file__).parent.glob("test_aws_*.py") if path.stem != Path(__file__).stem)


def _probes() -> list[Probe]:
    return [probe for name in _MODULES for probe in import_module(f"tests.localaws.{name}").PROBES]


def _name(extension: Extension) -> str:
    return extension.name if isinstance(extension, Routed) else f"{extension.target.__name__}.{extension.name}"


def test_each_extension_is_asked_for_with_and_without_it() -> None:
    asked_for = {name for probe in _probes() for name in probe.proves}
    assert sorted({_name(each) for each in EXTENSIONS} - asked_for) == []


def test_nothing_is_asked_for_that_is_no_extension() -> None:
    asked_for = {name for probe in _probes() for name in probe.proves}
    assert sorted(asked_for - {_name(each) for each in EXTENSIONS}) == []


def test_each_extension_has_a_reason() -> None:
    assert [_name(each) for each in EXTENSIONS if not each.reason] == []


def test_an_operation_that_moto_has_learnt_is_told() -> None:
    class Moto:
        def operation(self) -> None: ...

    def operation() -> None: ...

    with pytest.raises(Learnt, match=r"Moto\.operation exists"):
        Added(Moto, operation, "no such operation").apply()


def test_an_address_that_moto_has_learnt_is_told() -> None:
    with pytest.raises(Learnt, match="/path"):
        Routed({"/path": 1}, "/path", print, "no such address").apply()


def test_an_added_member_is_read_anew_each_time() -> None:
    class Moto:
        value = 1

    def shown(self: Moto) -> int:
        return self.value

    Added(Moto, shown, "set once", live=True).apply()
    one = Moto()
    put(one, "Shown", 5)
    one.value = 2
    assert one.shown == 2  # type: ignore[attr-defined]


def test_an_operation_keeps_what_it_is_told_under_the_name_that_aws_shows() -> None:
    answer = ActionResult({"Thing": {}})

    class Operation:
        def _get_params(self) -> dict[str, int]:
            return {"A": 1, "Other": 2}

    keeping("Thing", "A=B", "C")(lambda _: answer)(Operation())
    assert answer.result == {"Thing": {"B": 1}}


def test_moto_is_pinned_to_one_release() -> None:
    assert f'version = "=={metadata.version("moto")}"' in Path(PROJECT_FOLDER, "Pipfile").read_text()


def test_the_domain_of_the_blueprints_is_there_from_the_start() -> None:
    assert "example.com." in {each["Name"] for each in client("route53").list_hosted_zones()["HostedZones"]}


def test_images_by_parameter_are_there_from_the_start() -> None:
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    assert client("ssm").get_parameter(Name=name)["Parameter"]["Value"].startswith("ami-")
