"""Rotates the password that applications sign in to PostgreSQL with, without any of them noticing.

Two users take turns. A rotation gives a new password to the one that is not in use and makes it the current one; the
other keeps its own until the next rotation. Whoever read the secret before goes on, and ECS replaces its tasks by ones
that read it anew. Both users act as one role, which owns all that either makes.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html

Secrets Manager calls it four times for a rotation, each time with a `Step`, and all four again when one fails, so each
may be repeated. Two things go beyond that contract:

- `prepare`, which a deployment calls before anything signs in: makes the role, the users, and the secret's first value.
- As long as tasks run that started before the last rotation, there is no other: it would take away their password.
  They are replaced instead, and the rotation fails, which an alarm tells.

Runs by itself in Lambda, with the packages of requirements.txt beside it and boto3, which its runtime has.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import secrets
import ssl
import string
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from pg8000.exceptions import DatabaseError
from pg8000.native import Connection, identifier, literal
from scramp import ScramMechanism

OWNER = "app_owner"
"""Owns what applications make, whichever of the users they signed in as."""
USERS = ("app_a", "app_b")

AUTHORITIES = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html"""

_CURRENT, _PENDING, _PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"
_PASSWORD_LENGTH = 32
_LETTERS_AND_DIGITS = string.ascii_letters + string.digits
"""Nothing that a shell, a URL or a connection string would take for something else."""
_ITERATIONS = 4096
"""PostgreSQL's own default. https://www.postgresql.org/docs/current/runtime-config-connection.html"""
_REFUSED = ("28000", "28P01")
"""No such user, wrong password. https://www.postgresql.org/docs/current/errcodes-appendix.html"""
_NO_VALUE = "ResourceNotFoundException"
_NO_SERVICE = ("ServiceNotFoundException", "ServiceNotActiveException", "ClusterNotFoundException")
_MOST_SERVICES = 10
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""
_TIMEOUT_SECONDS = 10

_log = logging.getLogger(__name__)


class RefusedError(Exception):
    """What is not done, because it would leave somebody without a password that works."""


@dataclass(frozen=True)
class Credentials:
    user: str
    password: str
    created: datetime
    """When Secrets Manager was given them."""

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Credentials:
        value = json.loads(answer["SecretString"])
        return cls(value["username"], value["password"], answer["CreatedDate"])


def handle(event: Mapping[str, str], _context: object) -> None:
    """What Lambda calls. What it raises counts as an error, sets off an alarm and ends the rotation."""
    step = event["Step"]
    if step == "prepare":
        prepare()
    else:
        _rotate(step, event["SecretId"], event["ClientRequestToken"])
    _log.info("done", extra={"step": step})


def prepare() -> None:
    """Sees to it that the role and the users are there and that what is in the secret signs in.

    Changes nothing where it does, so it may be called at any time: it also mends a database that was restored.
    """
    current = _value(VersionStage=_CURRENT) or _first_value()
    with _master() as database:
        _make_roles(database)
    for credentials in (current, _value(VersionStage=_PREVIOUS)):
        if credentials is not None and not _signs_in(credentials):
            _set_password(credentials)


def _rotate(step: str, secret: str, token: str) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html"""
    if secret != _secret():
        raise RefusedError(f"{secret} is not the secret that this function rotates")
    stages = _stages().get(token, [])
    if _CURRENT in stages:
        # This rotation has come to its end before, but for what came after its end.
        _STEPS_AGAIN.get(step, _nothing)(token)
    elif _PENDING in stages:
        _STEPS[step](token)
    else:
        raise RefusedError(f"{token} is no version of a rotation that has begun")


def _create(token: str) -> None:
    if _value(VersionId=token) is not None:
        return
    current = _required(VersionStage=_CURRENT)
    if outdated := list(_outdated_services(current.created)):
        _restart(outdated)
        raise RefusedError(
            f"tasks of {', '.join(outdated)} have run since before the last rotation and may know the password that"
            " this one would change; they are being replaced. Rotate again when the deployment is complete"
        )
    _put_value(_other(current.user), ClientRequestToken=token, VersionStages=[_PENDING])


def _set(token: str) -> None:
    pending, current = _required(VersionId=token), _required(VersionStage=_CURRENT)
    if pending.user != _other(current.user):
        raise RefusedError(f"{pending.user} is in use: its password is not changed")
    if not _signs_in(pending):
        _set_password(pending)


def _test(token: str) -> None:
    """Also asked when a rotation is set up, of a version that need not have a value: then the current one is tried."""
    _check(_value(VersionId=token) or _required(VersionStage=_CURRENT))


def _finish(token: str) -> None:
    _check(_required(VersionId=token))
    (current,) = (version for version, stages in _stages().items() if _CURRENT in stages)
    _secrets_manager().update_secret_version_stage(
        SecretId=_secret(), VersionStage=_CURRENT, MoveToVersionId=token, RemoveFromVersionId=current
    )
    _restart_all(token)


def _restart_all(_token: str) -> None:
    _restart(_services())


def _nothing(_token: str) -> None:
    """What there is to do again of a step of a rotation that is complete."""


_STEPS: Mapping[str, Callable[[str], None]] = {
    "createSecret": _create,
    "setSecret": _set,
    "testSecret": _test,
    "finishSecret": _finish,
}
_STEPS_AGAIN: Mapping[str, Callable[[str], None]] = {"finishSecret": _restart_all}


def _other(user: str) -> str:
    if user not in USERS:
        raise RefusedError(f"{user} is none of the users that take turns: {', '.join(USERS)}")
    return USERS[1 - USERS.index(user)]


# The secret.


def _secret() -> str:
    return os.environ["DATABASE_SECRET_ARN"]


def _stages() -> dict[str, list[str]]:
    """Version -> its labels."""
    return dict(_secrets_manager().describe_secret(SecretId=_secret()).get("VersionIdsToStages", {}))


def _required(**version: str) -> Credentials:
    """version: VersionId or VersionStage."""
    credentials = _value(**version)
    if credentials is None:
        raise RefusedError(f"the secret has no value of {', '.join(version.values())}")
    return credentials


def _value(**version: str) -> Credentials | None:
    """None where there is none, as of the version that a rotation begins with."""
    try:
        return Credentials.of(_secrets_manager().get_secret_value(SecretId=_secret(), **version))
    except ClientError as error:
        if error.response["Error"]["Code"] != _NO_VALUE:
            raise
        return None


def _first_value() -> Credentials:
    """Made here, not by Terraform: Terraform makes a version again that Secrets Manager has cleared away, which it does
    with old ones, and the first one's password would then become the current one.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
    """
    _put_value(USERS[0])
    return _required(VersionStage=_CURRENT)


def _put_value(user: str, **version: Any) -> None:
    password = "".join(secrets.choice(_LETTERS_AND_DIGITS) for _ in range(_PASSWORD_LENGTH))
    value = json.dumps({"username": user, "password": password})
    _secrets_manager().put_secret_value(SecretId=_secret(), SecretString=value, **version)


# The database.


def _make_roles(database: Connection) -> None:
    """In one transaction. The owner may make schemas, and use the one that is there; nobody is more than that."""
    database.run("START TRANSACTION")
    there = {name for (name,) in database.run("SELECT rolname FROM pg_roles")}
    owner = identifier(OWNER)
    if OWNER not in there:
        database.run(f"CREATE ROLE {owner} NOLOGIN")
    for name in USERS:
        user = identifier(name)
        if name not in there:
            database.run(f"CREATE ROLE {user} LOGIN")
        database.run(f"GRANT {owner} TO {user}")
        # From the first statement of each session on.
        database.run(f"ALTER ROLE {user} SET role = {owner}")
    database.run(f"GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {identifier(os.environ['DATABASE_NAME'])} TO {owner}")
    database.run(f"GRANT USAGE, CREATE ON SCHEMA public TO {owner}")
    database.run("COMMIT")


def _set_password(credentials: Credentials) -> None:
    with _master() as database:
        verifier = literal(_verifier(credentials.password))
        database.run(f"ALTER ROLE {identifier(credentials.user)} PASSWORD {verifier}")
    _log.info("password set", extra={"user": credentials.user})


def _verifier(password: str) -> str:
    """What PostgreSQL keeps of a password. It takes that in the password's place, which then is in no log of it.

    https://www.postgresql.org/docs/current/sql-createrole.html
    """
    salt, stored_key, server_key, iterations = ScramMechanism().make_auth_info(password, iteration_count=_ITERATIONS)
    salt, stored_key, server_key = (base64.b64encode(part).decode() for part in (salt, stored_key, server_key))
    return f"SCRAM-SHA-256${iterations}:{salt}${stored_key}:{server_key}"


def _signs_in(credentials: Credentials) -> bool:
    try:
        _connection(credentials.user, credentials.password).close()
    except DatabaseError as error:
        if error.args[0].get("C") not in _REFUSED:
            raise
        return False
    return True


def _check(credentials: Credentials) -> None:
    """That it signs in, as whom it should."""
    with _connection(credentials.user, credentials.password) as database:
        ((acts_as, may_create),) = database.run(
            "SELECT current_user, has_database_privilege(current_user, current_database(), 'CREATE')"
        )
    if acts_as != OWNER or not may_create:
        raise RefusedError(f"{credentials.user} signs in and acts as {acts_as}, not as {OWNER} with its rights")


def _master() -> Connection:
    """Read each time: RDS rotates this one by itself."""
    answer = _secrets_manager().get_secret_value(SecretId=os.environ["DATABASE_MASTER_SECRET_ARN"])
    master = Credentials.of(answer)
    return _connection(master.user, master.password)


def _connection(user: str, password: str) -> Connection:
    return Connection(
        user,
        host=os.environ["DATABASE_HOST"],
        port=int(os.environ["DATABASE_PORT"]),
        database=os.environ["DATABASE_NAME"],
        password=password,
        ssl_context=_tls(),
        timeout=_TIMEOUT_SECONDS,
    )


@cache
def _tls() -> ssl.SSLContext:
    """Trusts the authorities of RDS alone, fetched anew by each start: they change, and this package does not.

    Chain and name are checked. What Python 3.13 asks of the form of certificates beyond that, AWS does not promise.
    https://docs.python.org/3/library/ssl.html#ssl.create_default_context
    """
    with urllib.request.urlopen(AUTHORITIES, timeout=_TIMEOUT_SECONDS) as answer:
        context = ssl.create_default_context(cadata=answer.read().decode("ascii"))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


# The services that are given the secret when their tasks start.


def _services() -> list[str]:
    return os.environ.get("SERVICES", "").split()


def _outdated_services(since: datetime) -> Iterator[str]:
    """Those with a deployment from before a moment. One that ECS has gone back to is as old as it was."""
    services = _services()
    for start in range(0, len(services), _MOST_SERVICES):
        named = services[start : start + _MOST_SERVICES]
        for service in _ecs().describe_services(cluster=os.environ["CLUSTER"], services=named)["services"]:
            if any(deployment["createdAt"] <= since for deployment in service["deployments"]):
                yield service["serviceName"]


def _restart(services: Iterable[str]) -> None:
    """New tasks come up before the old ones go. All are tried before one that fails is told of."""
    failures = []
    for service in services:
        try:
            _ecs().update_service(cluster=os.environ["CLUSTER"], service=service, forceNewDeployment=True)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NO_SERVICE:
                failures.append(f"{service}: {error}")
            else:
                _log.info("not there", extra={"service": service})
        else:
            _log.info("tasks are being replaced", extra={"service": service})
    if failures:
        raise RefusedError(f"tasks keep the old password: {'; '.join(failures)}")


# Made once, by the first invocation that needs them.


@cache
def _secrets_manager() -> Any:
    return boto3.client("secretsmanager", config=_CONFIG)


@cache
def _ecs() -> Any:
    return boto3.client("ecs", config=_CONFIG)


_CONFIG = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
