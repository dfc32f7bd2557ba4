"""`python -m lib.operations WORD …`"""

import contextlib
import os
import sys


def run() -> int:
    try:
        # What takes a while to import is imported here: whoever interrupts that has no use for a traceback.
        from lib.operations.cli import main

        return main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    exit_code = run()
    # Who reads may have read enough.
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    # Threads may still wait for an answer of AWS that nobody needs any more.
    os._exit(exit_code)
