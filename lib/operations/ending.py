"""How a command ends: with which exit code, and with which sentence where it cannot go on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps

from lib.operations.aws import Refused
from lib.operations.outputs import UnusableOutputsError
from lib.settings.errors import SettingsError

OK, FOUND, UNUSABLE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130
"""All is well; something is not as it should be; what was given cannot be used; AWS cannot be asked, or denies it;
interrupted."""


class Stop(Exception):  # noqa: N818 -- an end, which is not always an error of somebody's
    """Ends a command. Its text is all that there is to say to people; `code` is what the command ends with."""

    def __init__(self, text: str, code: int = FOUND) -> None:
        super().__init__(text)
        self.code = code


def ended(command: Callable[..., int]) -> Callable[..., int]:
    """The command with whatever stops it told on stderr, without a traceback, and turned into its exit code."""

    @wraps(command)
    def to_its_end(*arguments: object, **options: object) -> int:
        try:
            return command(*arguments, **options)
        except Stop as stop:
            return _told(str(stop), stop.code)
        except Refused as error:
            return _told(f"AWS cannot be asked: {error}" if error.is_deaf else str(error), code_of(error))
        except (SettingsError, UnusableOutputsError, OSError) as error:
            return _told(str(error), UNUSABLE)
        except KeyboardInterrupt:
            return _told("interrupted", INTERRUPTED)

    return to_its_end


def code_of(error: Refused) -> int:
    """Of a command that needed the answer to this question."""
    return UNREACHABLE if error.is_deaf or error.is_denial else FOUND


def _told(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code
