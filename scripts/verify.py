"""`make verify`: what lib/operations/verify finds of a deployed stack."""

import os
import sys


def main() -> int:
    try:
        # What takes a while to import is imported here: whoever interrupts that has no use for a traceback.
        from lib.operations.verify.command import main as verify

        return verify()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    exit_code = main()
    sys.stdout.flush()
    # Threads may still wait for an answer of AWS that nobody needs any more.
    os._exit(exit_code)
