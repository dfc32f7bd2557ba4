"""What a command ends with, whatever stops it."""

from __future__ import annotations

import pytest

from lib.operations.aws import Refused
from lib.operations.ending import Stop, ended
from lib.operations.outputs import UnusableOutputsError
from lib.settings import SettingsError

DENIED = Refused("ec2 DescribeVpcs: UnauthorizedOperation: no (needs ec2:DescribeVpcs)", "UnauthorizedOperation")


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (Stop("nothing is there"), 1, "nothing is there"),
        (Stop("which one?", 2), 2, "which one?"),
        (Refused("sts: no credentials", ""), 3, "AWS cannot be asked: sts: no credentials"),
        (Refused("sts: ExpiredToken", "ExpiredToken"), 3, "AWS cannot be asked: sts: ExpiredToken"),
        (DENIED, 3, str(DENIED)),
        (Refused("rds: DBInstanceNotFound", "DBInstanceNotFound"), 1, "rds: DBInstanceNotFound"),
        (SettingsError("shop.toml", ["cpu is 7"]), 2, "shop.toml: 1 setting is wrong\n  cpu is 7"),
        (UnusableOutputsError("no url", "no region"), 2, "no url\nno region"),
        (FileNotFoundError("outputs.json is not there"), 2, "outputs.json is not there"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_it_is_told_in_its_own_words_and_turned_into_its_code(
    error: BaseException, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> int:
        raise error

    assert ended(command)() == code
    assert capsys.readouterr() == ("", f"{told}\n")


def test_a_command_that_comes_to_its_end_says_its_code_itself() -> None:
    assert ended(lambda word, *, many: word + many)(2, many=3) == 5


def test_a_mistake_of_ours_is_not_hidden() -> None:
    def command() -> int:
        raise KeyError("a defect")

    with pytest.raises(KeyError):
        ended(command)()
