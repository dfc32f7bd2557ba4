"""The AWS API on a loopback address: moto's server with the extensions of this package, and what is seeded."""

from __future__ import annotations

import os

# Moto reads these when it is imported. IAM's managed policies are what roles attach by ARN; and a certificate's records
# are looked at when they are there, not a minute later.
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("MOTO_ACM_VALIDATION_WAIT", "0")

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from localaws.aws.extensions import extend
from localaws.aws.seeds import seed

LOOPBACK = "127.0.0.1"


class Server:
    """One AWS, in this process: empty but for the seeds, and gone with its memory at the end."""

    def __init__(self, port: int = 0, *, extended: bool = True) -> None:
        """`port` 0 takes a free one. Without `extended` it is moto as it comes, for tests of the extensions."""
        if extended:
            extend()
        self._extended = extended
        self._server = ThreadedMotoServer(LOOPBACK, port, verbose=False)

    def start(self) -> str:
        """The address, once it answers."""
        self._server.start()
        host, port = self._server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        if self._extended:
            seed(endpoint)
        return endpoint

    def stop(self) -> None:
        self._server.stop()
