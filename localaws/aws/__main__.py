"""`python -m localaws.aws [--port N] [--plain]`: starts the server, prints its address, ends with its standard input
or on a signal. So it does not outlive the process that started it."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading

from localaws.aws.server import Server


def _end_with_input(finished: threading.Event) -> None:
    sys.stdin.read()
    finished.set()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m localaws.aws", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="a free one if not given")
    parser.add_argument("--plain", action="store_true", help="moto as it comes, without extensions and seeds")
    parser.add_argument("--verbose", action="store_true", help="log each request")
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.INFO if options.verbose else logging.ERROR)
    server = Server(options.port, extended=not options.plain)
    print(server.start(), flush=True)
    finished = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: finished.set())
    threading.Thread(target=_end_with_input, args=(finished,), daemon=True).start()
    finished.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
